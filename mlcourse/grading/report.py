"""What came out of grading an assignment: scores, items, costs, what needs a person."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from mlcourse.errors import MlcourseError
from mlcourse.grading.course import Course
from mlcourse.grading.feedback_page import RAISED, message_of
from mlcourse.grading.items import difficulty, item_total, upper_lower
from mlcourse.grading.job import Flag, Outcome
from mlcourse.grading.journal import Journal
from mlcourse.grading.marks import Gradesheet, read_grades
from mlcourse.grading.outputs import ESCAPES
from mlcourse.grading.similarity import Cell, Pair, similar

__all__ = [
    "Cost",
    "Item",
    "Report",
    "ReportError",
    "assemble",
    "complaint",
    "make_report",
]

ARROW = re.compile(r"-+> \d+ (.+)")
MESSAGE = 200
FULL = 1e-9


class ReportError(MlcourseError):
    """There is nothing to report."""


@dataclass(frozen=True, slots=True)
class Item:
    """A graded cell over the whole class; NaN stands for what cannot be known.

    Args:
        notebook: Its name.
        cell: The grade id.
        points: The most there are.
        difficulty: Mean share of the points, 1 if everyone has all.
        item_total: Corrected item-total correlation.
        upper_lower: Difference between the strongest and the weakest 27 %.
        lost: How many students lost points.
        waiting: How many wait for a person.
        failing: What their checks said, the commonest first, and how often.
    """

    notebook: str
    cell: str
    points: float
    difficulty: float
    item_total: float
    upper_lower: float
    lost: int
    waiting: int
    failing: tuple[tuple[str, int], ...] = ()

    @property
    def name(self) -> str:
        """Notebook and grade id."""
        return f"{self.notebook}/{self.cell}"


@dataclass(frozen=True, slots=True)
class Cost:
    """A measure over submissions.

    Args:
        name: What was measured.
        unit: Of the three numbers.
        median: Half of the submissions needed less.
        p95: 95 of 100 needed less.
        most: The largest.
    """

    name: str
    unit: str
    median: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say of a graded assignment.

    Args:
        assignment: nbgrader's name of it.
        students: In the course.
        points: The most there are.
        scores: Totals of those who handed in, by student.
        items: In the order of the notebooks.
        costs: Of the last run of each submission; empty if stock nbgrader graded.
        tiers: What held the kernels, and how many notebooks.
        ended: Submissions a limit ended: student, notebook, which limit.
        flags: What a person should look at, by student.
        failures: What could not be graded, by student.
        waiting: Students by the cells of theirs that wait for a person.
        pairs: Submissions that resemble each other.
    """

    assignment: str
    students: int
    points: float
    scores: Mapping[str, float]
    items: tuple[Item, ...]
    costs: tuple[Cost, ...] = ()
    tiers: tuple[tuple[str, int], ...] = ()
    ended: tuple[tuple[str, str, str], ...] = ()
    flags: tuple[tuple[str, Flag], ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    waiting: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()


def make_report(course: Course, assignment: str) -> Report:
    """Read the gradebook, the graded notebooks and our own records.

    Args:
        course: The course.
        assignment: nbgrader's name of it.

    Raises:
        ReportError: If nobody was graded yet.
    """
    course.check(assignment)
    with course.gradebook() as gradebook:
        sheet = read_grades(gradebook, assignment)
        submitted = gradebook.find_assignment(assignment).notebooks
        released = [
            cell.source
            for notebook in submitted
            for cell in notebook.source_cells
            if cell.cell_type == "code"
        ]
    outcomes = _outcomes(course, assignment)
    if not sheet.gradings and not outcomes:
        raise ReportError(
            f"Nobody's {assignment} is graded yet: mlcourse grade {assignment}."
        )
    failing: dict[tuple[str, str], Counter[str]] = {}
    answers: dict[str, dict[Cell, str]] = {}
    earned = {(one.student, *one.item): one.score for one in sheet.gradings}
    for student in sorted({one.student for one in sheet.gradings}):
        for name, notebook in _notebooks(course, student, assignment):
            for cell in notebook.cells:
                marks = cell.metadata.get("nbgrader", {})
                item = name, str(marks.get("grade_id", ""))
                if cell.cell_type != "code":
                    continue
                if marks.get("solution"):
                    answers.setdefault(student, {})[item] = cell.source
                elif item in sheet.items:
                    lost = earned.get((student, *item), 0.0) < sheet.items[item] - FULL
                    if lost and (said := complaint(cell)):
                        failing.setdefault(item, Counter())[said] += 1
    pairs = similar(answers, released=released)
    return assemble(sheet, outcomes, failing=failing, pairs=pairs)


def assemble(
    sheet: Gradesheet,
    outcomes: Mapping[str, Outcome],
    *,
    failing: Mapping[tuple[str, str], Counter[str]] | None = None,
    pairs: Iterable[Pair] = (),
) -> Report:
    """Return the report of what is known.

    Args:
        sheet: From the gradebook.
        outcomes: The last of each student.
        failing: What failing checks said, by item.
        pairs: Submissions that resemble each other.
    """
    waiting: dict[str, list[str]] = {}
    for one in sheet.gradings:
        if one.by_hand:
            waiting.setdefault(one.student, []).append("/".join(one.item))
    groups: dict[tuple[str, ...], list[str]] = {}
    for student, cells in sorted(waiting.items()):
        groups.setdefault(tuple(cells), []).append(student)
    done = [outcome for outcome in outcomes.values() if outcome.executions]
    runs = [run for outcome in done for run in outcome.executions]
    return Report(
        assignment=sheet.assignment,
        students=len(sheet.people),
        points=sheet.points,
        scores=sheet.totals(),
        items=_items(sheet, failing or {}),
        costs=_costs(done),
        tiers=tuple(Counter(run.tier for run in runs).most_common()),
        ended=tuple(
            (student, run.name, run.reason)
            for student, outcome in sorted(outcomes.items())
            for run in outcome.executions
            if run.reason
        ),
        flags=tuple(
            (student, flag)
            for student, outcome in sorted(outcomes.items())
            for flag in outcome.flags
        ),
        failures=tuple(
            (student, outcome.failure)
            for student, outcome in sorted(outcomes.items())
            if outcome.failure
        ),
        waiting={cells: tuple(students) for cells, students in groups.items()},
        pairs=tuple(pairs),
    )


def complaint(cell: NotebookNode) -> str:
    """Return in one line what a failing check said: its first failure and the hint.

    Args:
        cell: A test cell, executed.
    """
    lines = message_of(cell).removeprefix(f"{RAISED}: ").splitlines()
    bad = [line for line in lines if re.match(r"\[?(not yet|error)\b", line)]
    hints = [line for line in lines if line.startswith("Hint: ")]
    if bad:
        return " ".join([*bad[:1], *hints[:1]])[:MESSAGE]
    for output in cell.get("outputs", []):
        if output.get("output_type") == "error" and not output.get("evalue"):
            # An assertion without words: the line that does not hold.
            text = ESCAPES.sub("", "\n".join(output.get("traceback", [])))
            found = ARROW.search(text)
            if found:
                return f"{output.get('ename')}: {found[1].strip()}"[:MESSAGE]
    return " ".join(" ".join(lines).split())[:MESSAGE]


def _items(
    sheet: Gradesheet, failing: Mapping[tuple[str, str], Counter[str]]
) -> tuple[Item, ...]:
    import numpy as np

    students = sorted({one.student for one in sheet.gradings})
    row = {student: at for at, student in enumerate(students)}
    column = {item: at for at, item in enumerate(sheet.items)}
    scores = np.full((len(students), len(column)), np.nan)
    waiting: Counter[tuple[str, str]] = Counter()
    for one in sheet.gradings:
        waiting[one.item] += one.by_hand
        if one.item in column and one.graded:
            scores[row[one.student], column[one.item]] = one.score
    points = np.array(list(sheet.items.values()))
    # An item that waits for a person would count as failed: left out of totals.
    whole = np.isfinite(scores).all(axis=0) & (points > 0)
    total, groups = np.full((2, len(points)), np.nan)
    if whole.any() and students:
        total[whole] = item_total(scores[:, whole])
        groups[whole] = upper_lower(scores[:, whole], points[whole])
    found = []
    for item, at in column.items():
        known = scores[np.isfinite(scores[:, at]), at]
        share = difficulty(known[:, None], points[at : at + 1])[0]
        found.append(
            Item(
                *item,
                points=float(points[at]),
                difficulty=float(share),
                item_total=float(total[at]),
                upper_lower=float(groups[at]),
                lost=int((known < points[at] - FULL).sum()),
                waiting=waiting[item],
                failing=tuple(failing.get(item, Counter()).most_common(3)),
            )
        )
    return tuple(found)


def _costs(outcomes: Sequence[Outcome]) -> tuple[Cost, ...]:
    import numpy as np

    if not outcomes:
        return ()
    kinds: tuple[tuple[str, str, Any], ...] = (
        ("time", "s", [[r.wall_seconds for r in o.executions] for o in outcomes]),
        ("CPU time", "s", [[r.cpu_seconds for r in o.executions] for o in outcomes]),
    )
    costs = []
    for name, unit, runs in kinds:
        sums = np.array([math.fsum(run) for run in runs])
        costs.append((name, unit, sums))
    peaks = np.array([max(r.peak_mib for r in o.executions) for o in outcomes])
    costs.append(("memory", "MiB", peaks))
    return tuple(
        Cost(
            name,
            unit,
            float(np.median(sums)),
            float(np.percentile(sums, 95)),
            float(sums.max()),
        )
        for name, unit, sums in costs
    )


def _notebooks(
    course: Course, student: str, assignment: str
) -> Iterable[tuple[str, NotebookNode]]:
    for path in sorted(course.autograded(student, assignment).glob("*.ipynb")):
        try:
            yield path.stem, nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, AttributeError):
            continue  # the gradebook still has its grades


def _outcomes(course: Course, assignment: str) -> dict[str, Outcome]:
    """Return the last outcome of each student; none if stock nbgrader graded."""
    folder = course.state / assignment
    # A journal that is opened is made.
    return Journal(folder).outcomes() if folder.is_dir() else {}
