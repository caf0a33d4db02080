"""The grades of an assignment, read from nbgrader's gradebook in a few queries."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader import api  # type: ignore[import-untyped]

__all__ = ["Gradesheet", "Grading", "Person", "read_grades"]


@dataclass(frozen=True, slots=True)
class Grading:
    """What one cell of one student was given.

    Args:
        student: nbgrader's student id.
        notebook: Its name.
        cell: The grade id.
        score: Points, extra credit with them.
        points: The most there are, without extra credit.
        by_hand: Whether a person has to look at it.
        graded: Whether there is a score at all, by machine or by a person.
        auto: The score that the machine gave, if it did.
    """

    student: str
    notebook: str
    cell: str
    score: float
    points: float
    by_hand: bool = False
    graded: bool = True
    auto: float | None = None

    @property
    def item(self) -> tuple[str, str]:
        """Notebook and cell: which question of the assignment this is."""
        return self.notebook, self.cell


@dataclass(frozen=True, slots=True)
class Person:
    """A student of the course, as the gradebook has them.

    Args:
        id: nbgrader's student id.
        first_name: Empty if unknown.
        last_name: Empty if unknown.
        email: Empty if unknown.
        lms_user_id: Of the learning management system; empty if unknown.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


@dataclass(frozen=True, slots=True)
class Gradesheet:
    """An assignment's grades.

    Args:
        assignment: nbgrader's name of it.
        people: Everyone in the course, by id.
        items: The most points of each graded cell, in the order of the notebooks.
        gradings: Of those who handed in.
        penalties: Points taken for lateness, by student and notebook.
    """

    assignment: str
    people: Mapping[str, Person]
    items: Mapping[tuple[str, str], float]
    gradings: tuple[Grading, ...]
    penalties: Mapping[tuple[str, str], float]

    @property
    def points(self) -> float:
        """The most points of the assignment."""
        return sum(self.items.values())

    def totals(self) -> dict[str, float]:
        """Return the score of each student who handed in, the penalty taken off.

        As nbgrader's own export has it, a score is never below 0.
        """
        sums: dict[str, float] = {}
        for one in self.gradings:
            sums[one.student] = sums.get(one.student, 0.0) + one.score
        for (student, _), penalty in self.penalties.items():
            sums[student] = sums.get(student, 0.0) - penalty
        # Not max(0, score): that makes 0 of NaN, which must be told.
        return {
            student: 0.0 if math.isfinite(score) and score < 0 else score
            for student, score in sorted(sums.items())
        }


def read_grades(gradebook: Any, assignment: str) -> Gradesheet:
    """Read all grades of an assignment.

    Args:
        gradebook: An open ``nbgrader.api.Gradebook``.
        assignment: nbgrader's name of it.
    """
    session = gradebook.db
    people = {
        row.id: Person(
            row.id,
            row.first_name or "",
            row.last_name or "",
            row.email or "",
            row.lms_user_id or "",
        )
        for row in session.query(api.Student).order_by(api.Student.id)
    }
    items = {
        (notebook.name, source.name): points[source.name]
        for notebook in gradebook.find_assignment(assignment).notebooks
        for points in [_points(notebook)]
        for source in notebook.source_cells
        if source.name in points
    }
    of_assignment = (
        session.query(api.SubmittedNotebook)
        .join(api.SubmittedAssignment)
        .join(api.Assignment)
        .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
        .filter(api.Assignment.name == assignment)
    )
    student = api.SubmittedAssignment.student_id
    rows = (
        of_assignment.join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
        .with_entities(
            student,
            api.Notebook.name,
            api.BaseCell.name,
            api.Grade.score,
            api.Grade.needs_manual_grade,
            api.Grade.auto_score,
            api.Grade.manual_score,
        )
    )
    gradings = [
        Grading(
            who,
            notebook,
            cell,
            float(score),
            items.get((notebook, cell), 0.0),
            bool(by_hand),
            auto is not None or manual is not None,
            auto,
        )
        for who, notebook, cell, score, by_hand, auto, manual in rows
    ]
    late = of_assignment.with_entities(
        student, api.Notebook.name, api.SubmittedNotebook.late_submission_penalty
    )
    penalties = {(who, notebook): penalty for who, notebook, penalty in late if penalty}
    order = {item: index for index, item in enumerate(items)}
    gradings.sort(key=lambda one: (one.student, order.get(one.item, -1)))
    return Gradesheet(assignment, people, items, tuple(gradings), penalties)


def _points(notebook: Any) -> dict[str, float]:
    cells = [*notebook.grade_cells, *notebook.task_cells]
    return {cell.name: float(cell.max_score or 0.0) for cell in cells}
