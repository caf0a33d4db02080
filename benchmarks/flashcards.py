"""Limits of the flashcards against what is measured, all from one run.

Run it with ``python benchmarks/flashcards.py``. The start of a process is measured in a
process of its own; everything else is the median, or the worst, of the calls in this.
"""

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
start = time.perf_counter()
import mlcourse.flashcards
print(time.perf_counter() - start)
"""
FIRST_CARD = """
import sys, time
begin = time.perf_counter()
from datetime import datetime
from pathlib import Path
from mlcourse.flashcards import Home, start
from mlcourse.paths import find_course
now = datetime.fromisoformat("2026-11-21T09:00+00:00")
start(find_course(), now=now, home=Home(Path(sys.argv[1]), "bench")).next(now=now)
print(time.perf_counter() - begin)
"""


def seconds(call, *arguments, **options) -> float:
    begin = time.perf_counter()
    call(*arguments, **options)
    return time.perf_counter() - begin


def in_process(script: str, *arguments: str, rounds: int = 5) -> float:
    """Return the median of what a script prints, each time in a new process."""
    command = [sys.executable, "-c", script, *arguments]
    runs = [subprocess.run(command, capture_output=True) for _ in range(rounds)]
    return statistics.median(float(run.stdout) for run in runs)


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
    while card := session.next(now=NOW):
        begin = time.perf_counter()
        if card.asks == "type":
            deck.matcher.judge(card.back.answer[:-1] + "zz", card)
            judged.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        session.grade(3, now=NOW)
        session.next(now=NOW)
        saved.append(time.perf_counter() - begin)
    rows.append(("typed answer, worst of those below", max(judged), 0.005))
    rows.append(("typed answer, median", statistics.median(judged), 0.005))
    rows.append(("grade to next card, worst of 100", max(saved), 0.050))
    rows.append(("grade to next card, median", statistics.median(saved), 0.050))


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
        rows.append((what, statistics.median(without), 0.500))
        first = in_process(FIRST_CARD, str(home.root))
        rows.append((f"{what}, with snapshot", first, 0.500))
        sitting(deck, home, rows)
        spent = seconds(forecast, deck, State(), now=NOW, days=30)
        rows.append(("forecast of 30 days", spent, 1.0))

    table = Table(title="Flashcards: measured against the limit, one run")
    for column in ("what", "measured", "limit", ""):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, spent, limit in rows:
        verdict = "met" if spent <= limit else "NOT MET"
        table.add_row(
            what, f"{spent * 1000:,.1f} ms", f"{limit * 1000:,.0f} ms", verdict
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
