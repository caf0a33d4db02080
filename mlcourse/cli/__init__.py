"""The command line: ``mlcourse`` for learners, ``mlcourse dev`` for authors.

Commands load what they need when they run, so that ``mlcourse --help`` is instant.
"""

import gc
import sys

from mlcourse.cli import grade_report
from mlcourse.cli.cards import cards
from mlcourse.cli.learner import app

__all__ = ["app", "main"]

# A start makes many objects and no garbage: looking for it took 100 ms of the 800 to
# the first flashcard. A long sitting still gets its collections.
OBJECTS = 100_000

app.command()(cards)
app.add_typer(grade_report.app, name="grade", help="For instructors: grade a class.")


def main() -> None:
    """Run the command line; the entry point of ``mlcourse``."""
    gc.set_threshold(OBJECTS)
    # A terminal without UTF-8 must not end a command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="mlcourse")
