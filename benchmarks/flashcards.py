"""Limits of the flashcards against what is measured, all from one run.

Run it with ``python benchmarks/flashcards.py``. The start of a process is measured in a
process of its own; everything else is the median, or the worst, of the calls in this.
Time on the clock grows with what else the machine does; processor time hardly does.
Where only the second is within the limit, the table says so.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mlcourse.flashcards import (
    Home,
    Plan,
    ReviewLog,
    Session,
    State,
    forecast,
    load_deck,
    load_state,
    start,
)  # fmt: skip
from mlcourse.flashcards.log import Event, _line
from mlcourse.flashcards.state import SNAPSHOT
from mlcourse.paths import find_course

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CARDS, REVIEWS = 10_000, 100_000
IMPORT = """
import time
wall, cpu = time.perf_counter(), time.process_time()
import mlcourse.flashcards
print(time.perf_counter() - wall, time.process_time() - cpu)
"""
FIRST_CARD = """
import sys, time
wall, cpu = time.perf_counter(), time.process_time()
from datetime import datetime
from pathlib import Path
from mlcourse.flashcards import Home, start
from mlcourse.paths import find_course
now = datetime.fromisoformat("2026-11-21T09:00+00:00")
start(find_course(), now=now, home=Home(Path(sys.argv[1]), "bench")).next(now=now)
print(time.perf_counter() - wall, time.process_time() - cpu)
"""


Spent = tuple[float, float]


def seconds(call, *arguments, **options) -> Spent:
    """Return time on the clock and processor time of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call(*arguments, **options)
    return time.perf_counter() - wall, time.process_time() - cpu


def median(runs: list[Spent]) -> Spent:
    return tuple(statistics.median(column) for column in zip(*runs, strict=True))


def in_process(script: str, *arguments: str, rounds: int = 5) -> Spent:
    """Return the medians of what a script prints, each time in a new process."""
    command = [sys.executable, "-c", script, *arguments]
    runs = [subprocess.run(command, capture_output=True) for _ in range(rounds)]
    return median([tuple(map(float, run.stdout.split())) for run in runs])


def fill(log: ReviewLog, ids: list[str], reviews: int) -> None:
    """Write a history in one go; it ends on the day before now."""
    rng, begin = random.Random(0), NOW - timedelta(days=400)
    step = timedelta(days=399) / reviews
    lines = []
    for number in range(reviews):
        at = (begin + number * step).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        data = {
            "v": 1, "id": f"{number:08x}", "at": at, "tz": "+00:00", "kind": "review",
            "card": ids[number % len(ids)], "rating": rng.choice((1, 3, 3, 3, 3)),
            "mode": "today", "content": "9f3c1a", "sched": "fsrs-6@6.3.2/d0",
            "ms": 4211, "by": "self",
        }  # fmt: skip
        lines.append(_line(Event(at, data["id"], "review", data).data))
    log.folder.mkdir(parents=True, exist_ok=True)
    log.path.write_bytes(b"".join(lines))


def sitting(deck, home: Home, rows: list) -> None:
    """Answer a hundred typed cards, and time judging and saving."""
    state, _ = load_state(home.log())
    session = Session(deck, home.log(), state, Plan("cram", limit=100), now=NOW)
    judged, saved = [], []

    def go_on() -> None:
        session.grade(3, now=NOW)
        session.next(now=NOW)

    while card := session.next(now=NOW):
        if card.asks == "type":
            typed = card.back.answer[:-1] + "zz"
            judged.append(seconds(deck.matcher.judge, typed, card))
        saved.append(seconds(go_on))
    rows.append(("typed answer, worst", max(judged), 0.005))
    rows.append(("typed answer, median", median(judged), 0.005))
    rows.append(("grade to next card, worst of 100", max(saved), 0.050))
    rows.append(("grade to next card, median", median(saved), 0.050))


def main() -> None:
    course, rows = find_course(), []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        deck = load_deck(course.glossary / "terms", cache=root / "cache")
        ids = list(deck.cards)[:600]
        rows.append(("import mlcourse.flashcards", in_process(IMPORT), 0.100))

        large = ReviewLog(root / "large", "bench")
        fill(large, [f"card-{n}:rec" for n in range(CARDS)], REVIEWS)
        what = f"{CARDS:,} cards, {REVIEWS:,} reviews"
        rows.append((f"{what}: replay", seconds(load_state, large), 4.0))
        rows.append((f"{what}: snapshot", seconds(load_state, large), 0.500))

        home = Home(root / "home", "bench")
        fill(home.log(), ids, 4_800)
        start(course, now=NOW, home=home)  # makes the copy of the glossary
        (home.reviews / SNAPSHOT).unlink()
        without = []
        for _ in range(5):
            without.append(in_process(FIRST_CARD, str(home.root), rounds=1))
            (home.reviews / SNAPSHOT).unlink()
        what = f"{len(deck.terms)} terms, 4,800 events: first card"
        rows.append((what, median(without), 0.500))
        first = in_process(FIRST_CARD, str(home.root))
        rows.append((f"{what}, with snapshot", first, 0.500))
        sitting(deck, home, rows)
        spent = seconds(forecast, deck, State(), now=NOW, days=30)
        rows.append(("forecast of 30 days", spent, 1.0))

    load = f"{os.getloadavg()[0]:.1f} busy processes on {os.cpu_count()} cores"
    table = Table(title=f"Flashcards: measured against the limit, one run, {load}")
    for column in ("what", "clock", "processor", "limit", ""):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, (wall, cpu), limit in rows:
        verdict = "met" if wall <= limit else "met alone" if cpu <= limit else "NOT MET"
        figures = (f"{figure * 1000:,.1f} ms" for figure in (wall, cpu))
        table.add_row(what, *figures, f"{limit * 1000:,.0f} ms", verdict)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
