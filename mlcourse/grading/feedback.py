"""Feedback for learners: the tree of ``nbgrader generate_feedback``, without secrets.

Stock feedback prints hidden tests and tracebacks through them, and runs whatever HTML a
submission put into its outputs. These pages do neither. ``nbgrader release_feedback``
finds them where it looks.
"""

import fnmatch
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import (  # type: ignore[import-untyped]
    ClearHiddenTests,
    ClearMarkScheme,
)

import mlcourse.checks
from mlcourse.errors import MlcourseError
from mlcourse.grading.course import Course
from mlcourse.grading.feedback_page import Mark, Outputs, Sheet, as_page, parts_of
from mlcourse.grading.marks import Gradesheet, read_grades
from mlcourse.grading.redaction import Delimiters

__all__ = ["FeedbackError", "Written", "delimiters_of", "graded", "write_feedback"]

KEPT = ("timestamp.txt", "submission_secret.txt")  # release_feedback reads them
WRITING = 60.0  # seconds that a commit takes at most, from its time in the journal
SUBMISSION_LIMIT = 50_000_000  # bytes of a notebook as it was handed in


class FeedbackError(MlcourseError):
    """There is no feedback to be written."""


@dataclass(frozen=True, slots=True)
class Written:
    """The feedback of one student.

    Args:
        student: nbgrader's student id.
        pages: Written.
        failure: Why there are none, for a human; empty if there are.
    """

    student: str
    pages: tuple[Path, ...] = ()
    failure: str = ""


def graded(course: Course, assignment: str, *, student: str = "") -> list[str]:
    """Return the students who were graded, in order.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
        student: Only this one; empty for all.

    Raises:
        FeedbackError: If there is none.
    """
    course.check(assignment)
    with course.gradebook() as gradebook:
        known = {one.student.id for one in gradebook.assignment_submissions(assignment)}
    wanted = known & {student} if student else known
    found = [a for a in sorted(wanted) if course.autograded(a, assignment).is_dir()]
    if not found:
        raise FeedbackError(
            f"{assignment} of {student or 'anyone'} is not graded yet: "
            f"mlcourse grade {assignment}."
        )
    return found


def write_feedback(
    course: Course, assignment: str, students: Iterable[str]
) -> Iterator[Written]:
    """Write feedback, one student after another.

    A folder is replaced as a whole or stays as it was. One that cannot be written is
    told, and the others go on.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
        students: As :func:`graded` returns them.
    """
    with course.gradebook() as gradebook:
        sheet = read_grades(gradebook, assignment)
        comments = _comments(gradebook, assignment)
    sources = tuple(_sources(course, assignment))
    contained = _contained(course.state / assignment / "journal.jsonl")
    for one in students:
        try:
            pages = _pages(
                course,
                sheet,
                one,
                comments.get(one, {}),
                sources=sources,
                contained=contained.get(one, {}),
            )
            yield Written(one, tuple(_replace(course, assignment, one, pages)))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            yield Written(one, failure=f"{type(error).__name__}: {error}")


def delimiters_of(course: Course) -> Delimiters:
    """Return the marks of hidden regions that a course is configured with."""
    tests = ClearHiddenTests(config=course.config)
    scheme = ClearMarkScheme(config=course.config)
    return Delimiters(
        tests.begin_test_delimeter,
        tests.end_test_delimeter,
        scheme.begin_mark_scheme_delimeter,
        scheme.end_mark_scheme_delimeter,
    )


def _pages(
    course: Course,
    grades: Gradesheet,
    student: str,
    comments: Mapping[tuple[str, str], str],
    *,
    sources: tuple[str, ...],
    contained: Mapping[str, float],
) -> dict[str, str]:
    """Return the pages of a student by file name."""
    pages = {}
    marks = {
        one.item: Mark(one.score, one.points, waiting=one.by_hand and not one.graded)
        for one in grades.gradings
        if one.student == student
    }
    for path in sorted(course.autograded(student, grades.assignment).glob("*.ipynb")):
        name = path.stem
        sheet = Sheet(
            nbformat.read(path, as_version=4),  # type: ignore[no-untyped-call]
            {cell: mark for (book, cell), mark in marks.items() if book == name},
            {cell: text for (book, cell), text in comments.items() if book == name},
            _handed_in(course.submitted(student, grades.assignment), path.name),
            sources,
            delimiters_of(course),
            # Whoever graded again without a sandbox wrote the file later.
            path.stat().st_mtime <= contained.get(name, 0.0) + WRITING,
        )
        pages[f"{name}.html"] = as_page(
            parts_of(sheet),
            notebook=name,
            assignment=grades.assignment,
            student=student,
            penalty=grades.penalties.get((student, name), 0.0),
        )
    if not pages:
        raise ValueError("no graded notebook is there.")
    return pages


def _replace(
    course: Course, assignment: str, student: str, pages: Mapping[str, str]
) -> Iterable[Path]:
    """Put the pages in place of the old ones, all at once."""
    shared = course.coursedir.groupshared
    place = course.feedback(student, assignment)
    new, old = (place.with_name(f".{place.name}.{end}") for end in ("new", "old"))
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    new.mkdir(parents=True)
    source = course.autograded(student, assignment)
    for name in KEPT:
        if (source / name).is_file() and not (source / name).is_symlink():
            shutil.copyfile(source / name, new / name)
    for name, page in pages.items():
        (new / name).write_text(page, encoding="utf-8")
    for path in new.iterdir():
        path.chmod(0o664 if shared else 0o644)
    if shared:
        new.chmod(0o2770 | new.stat().st_mode & 0o777)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    return [place / name for name in pages]


def _comments(gradebook: Any, assignment: str) -> dict[str, dict[tuple[str, str], str]]:
    found: dict[str, dict[tuple[str, str], str]] = {}
    for submission in gradebook.assignment_submissions(assignment):
        said = found.setdefault(submission.student.id, {})
        for notebook in submission.notebooks:
            for comment in notebook.comments:
                said[notebook.name, comment.name] = comment.comment or ""
    return found


def _sources(course: Course, assignment: str) -> Iterator[str]:
    """Yield the programs that the tests of an assignment use: theirs and ours."""
    ignored = course.coursedir.ignore
    ours = Path(mlcourse.checks.__file__).parent
    for path in [*course.source(assignment).rglob("*.py"), *ours.glob("*.py")]:
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
            yield path.read_text(encoding="utf-8", errors="replace")


def _contained(journal: Path) -> dict[str, dict[str, float]]:
    """Return when each notebook was graded in a sandbox, by student and notebook.

    Args:
        journal: Lines of events; it need not be there.
    """
    found: dict[str, dict[str, float]] = {}
    lines = journal.read_bytes().splitlines() if journal.is_file() else []
    for line in lines:
        try:
            event = json.loads(line)
            if event["event"] == "committed":
                when = datetime.fromisoformat(event["time"]).timestamp()
                found[event["student"]] = {
                    one["name"]: when
                    for one in event["outcome"]["executions"]
                    if one["tier"].startswith("namespaces")
                }
        except (ValueError, KeyError, TypeError):
            continue  # a torn line
    return found


def _handed_in(folder: Path, name: str) -> Callable[[NotebookNode], Outputs]:
    """Return a function that finds the outputs of a cell as they were handed in.

    What was handed in is hostile: whatever cannot be read has no outputs.
    """
    names: dict[str, Outputs] = {}
    sources: dict[str, Outputs] = {}
    for cell in _cells(folder / name):
        outputs = cell.get("outputs")
        if cell.get("cell_type") != "code" or not isinstance(outputs, list):
            continue
        kept = [one for one in outputs if isinstance(one, dict)]
        sources.setdefault(_text(cell.get("source")), kept)
        marks = cell.get("metadata", {})
        marks = marks.get("nbgrader", {}) if isinstance(marks, dict) else {}
        ident = marks.get("grade_id") if isinstance(marks, dict) else None
        if isinstance(ident, str):
            names.setdefault(ident, kept)

    def find(cell: NotebookNode) -> Outputs:
        ident = cell.metadata.get("nbgrader", {}).get("grade_id")
        if ident in names:
            return names[ident]
        return sources.get(cell.source, [])

    return find


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        flags = (
            os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        with os.fdopen(os.open(path, flags), "rb") as file:
            text = file.read(SUBMISSION_LIMIT + 1)
        cells = json.loads(text)["cells"] if len(text) <= SUBMISSION_LIMIT else []
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []
    listed = cells if isinstance(cells, list) else []
    return [cell for cell in listed if isinstance(cell, dict)]


def _text(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
