"""How soon the first card shows: plain lines, and the Textual program.

Run it with ``python benchmarks/cards_start.py``. Each start is a process of its own,
with all terms and 4,800 events. Every sitting leaves a snapshot of what the events come
to; without one, as after a merge of two devices, they are replayed. Time on the clock
grows with what else the machine does; processor time hardly does.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flashcards import fill, median
from rich.console import Console
from rich.table import Table

from mlcourse.flashcards import Home, load_deck
from mlcourse.flashcards.state import SNAPSHOT
from mlcourse.paths import find_course

ROUNDS = 7
SIMPLE = """
import sys, time
from mlcourse.cli import main
import mlcourse.flashcards.simple as simple
show = simple._Sitting._show
def shown(self, card):
    self._ask = end
    show(self, card)
def end():
    print("SPENT", time.time(), time.process_time(), file=sys.stderr)
    raise EOFError
simple._Sitting._show = shown
sys.argv[1:] = ["cards", "--simple"]
main()
"""
TEXTUAL = """
import importlib, sys, time
from mlcourse.cli import main
commands = importlib.import_module("mlcourse.cli.cards")
def watch():
    # Textual is loaded where the command would load it.
    from mlcourse.flashcards.terminal import CardsApp, study
    show, run = study.StudyScreen._show, CardsApp.run
    def shown(self, card):
        show(self, card)
        self.call_after_refresh(tell, self.app)
    study.StudyScreen._show = shown
    CardsApp.run = lambda app: run(app, headless=True)
    return True
commands._is_rich = watch
def tell(app):
    print("SPENT", time.time(), time.process_time(), file=sys.__stderr__)
    app.exit()
sys.argv[1:] = ["cards"]
main()
"""


def spent(script: str, home: Home, *, replay: bool) -> tuple[float, float]:
    """Return time on the clock and processor time from the start of a process."""
    if replay:
        (home.reviews / SNAPSHOT).unlink(missing_ok=True)
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"MLCOURSE_DATA": str(home.root)},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stderr.splitlines() if line.startswith("SPENT"))
    _, wall, cpu = line.split()
    return float(wall) - began, float(cpu)


def main() -> None:
    course = find_course()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), "bench")
        deck = load_deck(course.glossary / "terms", cache=home.cache)
        fill(home.log(), list(deck.cards)[:600], 4_800)
        load = f"{os.getloadavg()[0]:.1f} busy processes on {os.cpu_count()} cores"
        table = Table(title=f"{len(deck.terms)} terms, 4,800 events, {load}")
        for column in ("to the first card", "clock", "least", "processor", "limit", ""):
            left = column.startswith("to")
            table.add_column(column, justify="left" if left else "right")
        for what, script, replay, limit in (
            ("mlcourse cards --simple, replay", SIMPLE, True, 0.5),
            ("mlcourse cards (Textual)", TEXTUAL, False, 0.8),
            ("mlcourse cards (Textual), replay", TEXTUAL, True, None),
        ):
            spent(script, home, replay=replay)
            runs = [spent(script, home, replay=replay) for _ in range(ROUNDS)]
            wall, cpu = median(runs)
            least = min(run[0] for run in runs)
            verdict = (
                ""
                if limit is None
                else "met"
                if wall <= limit
                else "met alone"
                if cpu <= limit
                else "NOT MET"
            )
            figures = (f"{figure * 1000:,.0f} ms" for figure in (wall, least, cpu))
            allowed = f"{limit * 1000:,.0f} ms" if limit else ""
            table.add_row(what, *figures, allowed, verdict)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
