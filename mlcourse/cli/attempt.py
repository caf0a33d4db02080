"""A learner's notebook, run from the top in a copy: what the grader would see of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcourse.checks.card import WORDS
from mlcourse.checks.ledger import Ledger
from mlcourse.cli.progress import graded_cells
from mlcourse.cli.tamper import Change, find_changes, restore
from mlcourse.cli.terminal import columns
from mlcourse.errors import LabNotFoundError
from mlcourse.paths import Course

__all__ = [
    "Attempt",
    "TaskResult",
    "as_text",
    "attempt",
    "read_own",
    "read_released",
    "record_attempt",
]

Notebook = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What came of one task.

    Args:
        task: Its name.
        outcome: One of the four outcomes.
        score: Points of the visible check.
        points: Points to be had.
    """

    task: str
    outcome: str
    score: float
    points: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a notebook.

    Args:
        lab: Name of the lab.
        tasks: One entry a task that is checked by machine.
        by_hand: Points that a person will give.
        changes: Cells of the lab that are not as released.
        errors: Exceptions that cells ended with, and what stopped the run.
    """

    lab: str
    tasks: tuple[TaskResult, ...]
    by_hand: float
    changes: tuple[Change, ...]
    errors: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether it runs to its end with the lab's own cells untouched."""
        return not self.errors and not self.changes

    @property
    def points(self) -> float:
        """Points of the visible checks."""
        return sum(task.score for task in self.tasks)

    @property
    def most(self) -> float:
        """Points to be had by machine."""
        return sum(task.points for task in self.tasks)


def read_released(course: Course, lab: str) -> Notebook:
    """Return the released notebook of a lab, as JSON.

    Raises:
        LabNotFoundError: If it is not there.
    """
    path = course.labs / lab / f"{lab}.ipynb"
    if not path.is_file():
        raise LabNotFoundError(
            f"labs/{lab} is not built: mlcourse dev build {lab[:2]}."
        )
    notebook: Notebook = json.loads(path.read_text("utf-8"))
    return notebook


def read_own(course: Course, lab: str) -> Notebook:
    """Return the learner's notebook, as JSON.

    Raises:
        LabNotFoundError: If the learner has none.
        ValueError: If it is not a notebook.
    """
    import nbformat

    path = course.workbook / lab / f"{lab}.ipynb"
    if not path.is_file():
        raise LabNotFoundError(f"workbook/{lab}/{lab}.ipynb is missing: mlcourse lab.")
    try:
        notebook: Notebook = json.loads(path.read_text("utf-8"))
        nbformat.validate(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]
    except (nbformat.ValidationError, ValueError, AttributeError, TypeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ValueError(
            f"workbook/{lab}/{lab}.ipynb is not a notebook ({reason}): save it again "
            f"in JupyterLab, or take a fresh one: `mlcourse reset {lab[:2]}`."
        ) from error
    return notebook


def attempt(course: Course, lab: str, *, timeout: float = 600.0) -> Attempt:
    """Run a learner's notebook in a copy, with the lab's own cells as released.

    Args:
        course: The course.
        lab: Full name of the lab.
        timeout: Seconds for the whole notebook.

    Raises:
        LabNotFoundError: If the lab or the learner's notebook is not there.
        ValueError: If the learner's file is not a notebook.
    """
    import nbformat

    from mlcourse.authoring.run import run_notebook

    released, own = read_released(course, lab), read_own(course, lab)
    checks = course.labs / lab / "checks.py"
    run = run_notebook(
        nbformat.from_dict(restore(released, own)),  # type: ignore[no-untyped-call]
        files=course.workbook / lab,
        checks=checks if checks.is_file() else None,
        timeout=timeout,
    )
    errors = [f"Cell {error.cell}: {error.text}" for error in run.errors]
    if run.failure:
        errors.append(f"The notebook did not reach its end: {run.failure}")
    outcomes = {
        cell.metadata.nbgrader.grade_id.removeprefix("test_"): _outcome(cell)
        for cell in run.notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    graded = graded_cells(course.labs / lab / f"{lab}.ipynb")
    return Attempt(
        lab,
        tuple(
            TaskResult(task, outcomes[task], score, run.points[task])
            for task, score in run.scores.items()
        ),
        by_hand=sum(cell.points for cell in graded if cell.by_hand),
        changes=tuple(find_changes(released, own)),
        errors=tuple(errors),
    )


def record_attempt(ledger: Ledger, result: Attempt) -> None:
    """Write the outcomes down, as the checks in a notebook do for themselves.

    Args:
        ledger: The learner's ledger.
        result: What came of the notebook.
    """
    for task in result.tasks:
        ledger.append(
            "check",
            lab=result.lab,
            task=task.task,
            outcome=task.outcome,
            score=task.score,
            points=task.points,
            hint=None,
        )


def as_text(result: Attempt) -> str:
    """Return what ``mlcourse check`` shows."""
    lines = []
    if result.tasks:
        rows = [("task", "outcome", "points")]
        for task in result.tasks:
            score = f"{task.score:g} of {task.points:g}"
            rows.append((task.task, task.outcome, score))
        total = f"{result.points:g} of {result.most:g}"
        lines.append(columns([*rows, ("all", "", total)]))
        lines.append("Points are those of the visible checks; hidden tests run later.")
    if result.by_hand:
        lines.append(f"{result.by_hand:g} more points are given by a person.")
    if result.errors:
        lines += ["", "Cells that raise an error:", *_list(result.errors)]
    if result.changes:
        number = result.lab[:2]
        lines += [
            "",
            "Not as released:",
            *_list([str(change) for change in result.changes]),
            "Grading uses the released cells, and so did this run. To have them back: "
            f"mlcourse reset {number} (it keeps a backup), then paste your answers.",
        ]
    return "\n".join(lines)


def _list(texts: Sequence[str]) -> list[str]:
    return [f"  {' '.join(text.split())[:200]}" for text in texts]


def _outcome(cell: Mapping[str, Any]) -> str:
    """Return the outcome that a check's card tells, or ``raised`` without a card."""
    pages = [
        "".join(output["data"].get("text/html", ""))
        for output in cell.get("outputs", ())
        if output["output_type"] == "execute_result"
    ]
    for outcome, words in WORDS.items():
        if any(f">{words}: " in page for page in pages):
            return outcome
    return "raised"
