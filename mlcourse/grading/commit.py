"""The one writer: a submission's rows in nbgrader's gradebook, and its folder."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbgrader import utils  # type: ignore[import-untyped]
from nbgrader.converters import Autograde  # type: ignore[import-untyped]
from nbgrader.preprocessors import (  # type: ignore[import-untyped]
    AssignLatePenalties,
    CheckCellMetadata,
    SaveAutoGrades,
)
from sqlalchemy.exc import DatabaseError
from traitlets.utils.importstring import import_item

from mlcourse.grading.course import Course
from mlcourse.grading.gradebook import explain, open_to_write
from mlcourse.grading.graded_folder import GradedFolder
from mlcourse.grading.job import Flag, Job, Outcome
from mlcourse.grading.journal import Journal
from mlcourse.grading.score import score_cell

__all__ = ["Committer", "Graded", "committer"]


@dataclass(frozen=True, slots=True)
class Graded:
    """A submission after grading.

    Args:
        outcome: Without the notebooks' text; its flags are all that were raised.
        score: In the gradebook now, the late penalty taken off; None if it failed.
        max_score: Of the assignment.
        by_hand: Cells that wait for a human, as ``notebook/grade_id``.
    """

    outcome: Outcome
    score: float | None = None
    max_score: float = 0.0
    by_hand: tuple[str, ...] = ()


@contextlib.contextmanager
def committer(
    course: Course, assignment: str, journal: Journal
) -> Iterator["Committer"]:
    """Open the gradebook as the only grader of this course.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
        journal: Of this assignment.

    Raises:
        GradebookError: If another grader is at work, or the gradebook does not open.
    """
    with open_to_write(course) as gradebook:
        yield Committer(course, assignment, journal, gradebook)


class Committer:
    """Writes what nbgrader's Autograde would have written, in one piece."""

    def __init__(
        self, course: Course, assignment: str, journal: Journal, gradebook: Any
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._journal = journal
        self._gradebook = gradebook
        autograde = Autograde(coursedir=course.coursedir, config=course.config)
        self._permissions = int(str(autograde.permissions), 8)
        self._create_student = autograde.create_student
        self._steps = list(_steps(autograde.autograde_preprocessors, course))

    def commit(self, job: Job, outcome: Outcome, *, now: datetime) -> Graded:
        """Write one submission; to do it again after a crash changes nothing.

        The order is: the new folder beside the old one, the old one away, the rows in
        one transaction, the journal, the new folder into its place. A submission is
        graded when its folder is there, so what a crash interrupts is done again.

        Args:
            job: What ran.
            outcome: What became of it.
            now: For the journal.

        Returns:
            What the gradebook holds now. If the submission does not fit the gradebook,
            nothing was written, and the outcome's ``failure`` says why.

        Raises:
            GradebookError: If the database fails.
            OSError: If the folder cannot be written.
        """
        folder = GradedFolder(
            self._course, job.student, self._assignment, permissions=self._permissions
        )
        session = self._gradebook.db
        try:
            folder.unpack(job.files)
            timestamp = self._course.timestamp(folder.new)
            notebooks, graded = self._enter(job, outcome, timestamp)
            folder.save(notebooks)
            folder.set_aside()
            session().finish()
        except DatabaseError as error:
            session.rollback()
            folder.put_back()
            raise explain(error, self._course) from error
        except OSError:
            session.rollback()
            raise
        except Exception as error:
            session.rollback()
            folder.discard()
            failure = f"It does not fit the gradebook: {type(error).__name__}: {error}"
            return self.fail(replace(outcome, failure=failure), now=now)
        finally:
            session.expunge_all()
        self._journal.committed(graded.outcome, now=now)
        folder.settle()
        self._journal.forget(job.student)
        return graded

    def fail(self, outcome: Outcome, *, now: datetime) -> Graded:
        """Note a submission that has no grade; the gradebook stays as it is."""
        outcome = replace(outcome, executions=())
        self._journal.failed(outcome, now=now)
        self._journal.forget(outcome.student)
        return Graded(outcome)

    def _enter(
        self, job: Job, outcome: Outcome, timestamp: datetime | None
    ) -> tuple[dict[str, NotebookNode], Graded]:
        """Put everything into the session, and return notebooks and summary."""
        submission = self._submission(job.student, timestamp)
        rows = {row.name: row for row in submission.notebooks}
        flags = [*outcome.flags]
        notebooks: dict[str, NotebookNode] = {}
        for execution in outcome.executions:
            name = execution.name
            notebooks[name], more = self._treat(
                nbformat.reads(  # type: ignore[no-untyped-call]
                    execution.text, as_version=4
                ),
                submission,
                rows[name],
                {flag.cell for flag in flags if flag.notebook == name},
            )
            flags += more
        for name in rows.keys() - notebooks.keys():
            _save_missing(rows[name], is_flagged=any(f.notebook == name for f in flags))
        self._gradebook.db.commit()  # the sums are queries
        by_hand = sorted(
            f"{name}/{grade.name}"
            for name, row in rows.items()
            for grade in row.grades
            if grade.needs_manual_grade
        )
        bare = tuple(replace(one, text="") for one in outcome.executions)
        return notebooks, Graded(
            replace(outcome, executions=bare, flags=tuple(flags)),
            float(submission.score - submission.late_submission_penalty),
            float(submission.max_score),
            tuple(by_hand),
        )

    def _submission(self, student: str, timestamp: datetime | None) -> Any:
        gradebook = self._gradebook
        if self._create_student:
            gradebook.update_or_create_student(student)
        else:
            gradebook.find_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        with gradebook.db.no_autoflush:  # it would warn of rows that are half made
            return gradebook.update_or_create_submission(
                self._assignment, student, **known
            )

    def _treat(
        self, content: NotebookNode, submission: Any, row: Any, touched: set[str]
    ) -> tuple[NotebookNode, list[Flag]]:
        """Take an executed notebook through the course's own steps."""
        about = {
            "student": submission.student.id,
            "assignment": self._assignment,
            "notebook": row.name,
            "db_url": self._course.db_url,
        }
        resources: Any = {"unique_key": row.name, "nbgrader": about}
        flags: list[Flag] = []
        for step in self._steps:
            if step is SaveAutoGrades:
                flags += _save_grades(content, row, touched)
            elif isinstance(step, AssignLatePenalties):
                self._penalise(step, submission, row)
            elif step.enabled:
                content, resources = step.preprocess(content, resources)
        return content, flags

    def _penalise(self, step: AssignLatePenalties, submission: Any, row: Any) -> None:
        """Take off what the course's plugin says, as AssignLatePenalties does."""
        row.late_submission_penalty = None
        self._gradebook.db.commit()
        if submission.total_seconds_late > 0:
            step.init_plugin()
            penalty = step.plugin_inst.late_submission_penalty(
                submission.student.id, row.score, submission.total_seconds_late
            )
            if penalty is not None:
                row.late_submission_penalty = step._check_late_penalty(row, penalty)


def _save_grades(content: NotebookNode, row: Any, touched: set[str]) -> Iterator[Flag]:
    """Enter scores and comments as SaveAutoGrades does; yield what scoring saw."""
    grades = {grade.name: grade for grade in row.grades}
    comments = {comment.name: comment for comment in row.comments}
    for cell in content.cells:
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id", "")
        if utils.is_grade(cell):
            grade = grades[name]
            grade.auto_score, flag = score_cell(cell)
            grade.needs_manual_grade = (
                grade.manual_score is not None
                or grade.auto_score is None
                or flag is not None
                or name in touched
            )
            if flag is not None:
                yield replace(flag, notebook=row.name, cell=name)
        if utils.is_solution(cell) or utils.is_task(cell):
            is_unchanged = marks.get("checksum") == utils.compute_checksum(cell)
            is_silent = is_unchanged and not utils.is_task(cell)
            comments[name].auto_comment = "No response." if is_silent else None


def _save_missing(row: Any, *, is_flagged: bool) -> None:
    """Give no points for a notebook that was not handed in, as Autograde does."""
    for grade in row.grades:
        grade.auto_score = 0
        grade.needs_manual_grade = is_flagged


def _steps(names: list[Any], course: Course) -> Iterator[Any]:
    """Yield what stands for nbgrader's steps once the notebook has run."""
    for name in names:
        kind = import_item(name) if isinstance(name, str) else name
        if issubclass(kind, SaveAutoGrades):
            yield SaveAutoGrades
        # Planning checked the metadata, and a run changes only outputs.
        elif not issubclass(kind, (ExecutePreprocessor, CheckCellMetadata)):
            yield kind(config=course.config)
