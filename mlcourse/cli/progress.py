"""What a learner has done, from the ledger and the released labs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcourse.checks.ledger import since_reset
from mlcourse.cli.terminal import columns
from mlcourse.paths import Course

__all__ = ["Graded", "Progress", "as_text", "graded_cells", "progress"]

Event = dict[str, Any]
CHECK = {"task", "outcome", "score", "points"}


@dataclass(frozen=True, slots=True)
class Graded:
    """A cell of a lab that gives points.

    Args:
        task: Name of the task.
        points: Points to be had.
        by_hand: Whether a person gives them.
    """

    task: str
    points: float
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a learner is in one lab.

    Args:
        lab: Name of the lab.
        state: not started, started or submitted.
        passed: Tasks whose last check was passed.
        tasks: Tasks that are checked by machine.
        points: Points of the last checks.
        most: Points to be had by machine.
        by_hand: Points that a person gives.
        hints: Hints asked for.
    """

    lab: str
    state: str
    passed: int
    tasks: int
    points: float
    most: float
    by_hand: float
    hints: int


def graded_cells(notebook: Path) -> list[Graded]:
    """Return the cells of a notebook that give points, in their order."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    marks = [cell["metadata"].get("nbgrader") or {} for cell in cells]
    return [
        Graded(
            mark["grade_id"].removeprefix("test_"),
            float(mark["points"]),
            by_hand=bool(mark.get("solution")),
        )
        for mark in marks
        if mark.get("grade")
    ]


def progress(course: Course, events: Sequence[Event]) -> list[Progress]:
    """Return how far a learner is, one entry a released lab.

    Args:
        course: The course.
        events: The learner's ledger, oldest first.
    """
    return [
        _of_lab(lab, graded_cells(path), since_reset(events, lab))
        for lab in course.lab_names()
        if (path := course.labs / lab / f"{lab}.ipynb").is_file()
    ]


def as_text(labs: Sequence[Progress]) -> str:
    """Return the table that ``mlcourse status`` shows."""
    if not labs:
        return "There are no labs yet."
    rows = [("lab", "state", "passed", "points", "by hand", "hints")]
    for lab in labs:
        rows.append(
            (
                lab.lab,
                lab.state,
                f"{lab.passed} of {lab.tasks}",
                f"{lab.points:g} of {lab.most:g}",
                f"{lab.by_hand:g}" if lab.by_hand else "-",
                f"{lab.hints}",
            )
        )
    if len(labs) > 1:
        submitted = sum(lab.state == "submitted" for lab in labs)
        passed, tasks = sum(lab.passed for lab in labs), sum(lab.tasks for lab in labs)
        points, most = sum(lab.points for lab in labs), sum(lab.most for lab in labs)
        rows.append(
            (
                "all",
                f"{submitted} of {len(labs)} submitted",
                f"{passed} of {tasks}",
                f"{points:g} of {most:g}",
                f"{sum(lab.by_hand for lab in labs):g}",
                f"{sum(lab.hints for lab in labs)}",
            )
        )
    return (
        f"{columns(rows)}\n\nPoints are those of the visible checks; hidden tests run "
        "when a lab is graded."
    )


def _of_lab(lab: str, graded: Sequence[Graded], events: Sequence[Event]) -> Progress:
    names = {event["event"] for event in events}
    # A line that somebody edited counts for nothing rather than ending the command.
    checks = [e for e in events if e["event"] == "check" and e.keys() >= CHECK]
    last = {event["task"]: event for event in checks if event["points"]}
    tests = [cell for cell in graded if not cell.by_hand]
    checked = [(cell, last[cell.task]) for cell in tests if cell.task in last]
    state = "started" if names else "not started"
    return Progress(
        lab,
        "submitted" if "submit" in names else state,
        passed=sum(event["outcome"] == "passed" for _, event in checked),
        tasks=len(tests),
        # The course may have changed what a task is worth since it was checked.
        points=sum(c.points * event["score"] / event["points"] for c, event in checked),
        most=sum(cell.points for cell in tests),
        by_hand=sum(cell.points for cell in graded if cell.by_hand),
        hints=sum(event["event"] == "hint" for event in events),
    )
