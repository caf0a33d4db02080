"""Grades as files for other programs: CSV, the gradebooks of Canvas and Moodle."""

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from mlcourse.files import write_output
from mlcourse.grading.marks import Gradesheet, Person

__all__ = ["FORMATS", "as_canvas", "as_csv", "as_moodle", "write_export"]

# A spreadsheet runs a cell that begins so; a sign before a number is harmless.
FORMULA = re.compile(r"^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def as_csv(sheet: Gradesheet) -> str:
    """Return a row a student and a column an item, then penalty, score and maximum.

    An item that waits for a person is empty. Who handed in nothing has the score 0, as
    in nbgrader's own export.

    Args:
        sheet: The grades.

    Raises:
        ValueError: If a score is not finite.
    """
    totals = sheet.totals()
    given = {(one.student, *one.item): one for one in sheet.gradings}
    waiting = {one.student for one in sheet.gradings if one.by_hand}
    names = ["student_id", "last_name", "first_name", "email"]
    items = [f"{notebook}/{cell}" for notebook, cell in sheet.items]
    rows = [[*names, *items, "late_penalty", "score", "max_score", "by_hand"]]
    for person in sheet.people.values():
        found = [given.get((person.id, *item)) for item in sheet.items]
        late = sum(
            value for (who, _), value in sheet.penalties.items() if who == person.id
        )
        rows.append(
            [
                *map(_text, _identity(person)),
                *(
                    _number(one.score, person) if one and one.graded else ""
                    for one in found
                ),
                _number(late, person),
                _number(totals.get(person.id, 0.0), person),
                _number(sheet.points, person),
                "yes" if person.id in waiting else "no",
            ]
        )
    return _written(rows)


def as_canvas(sheet: Gradesheet) -> str:
    """Return what Canvas's gradebook imports.

    The columns are those of a gradebook that Canvas exported, whose second row holds
    the points possible. Canvas finds people by its own ``ID``, else by ``SIS User ID``
    or ``SIS Login ID``: nbgrader's LMS user id stands as ``ID``, the student id as both
    others. Who handed in nothing has an empty grade.

    Source: Canvas Instructor Guide, How do I import grades in the Gradebook?

    Args:
        sheet: The grades.

    Raises:
        ValueError: If a score is not finite.
    """
    totals = sheet.totals()
    names = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [[*names, _text(sheet.assignment)]]
    rows.append(["    Points Possible", "", "", "", "", _number(sheet.points)])
    for person in sheet.people.values():
        full = ", ".join(filter(None, (person.last_name, person.first_name)))
        known = [full or person.id, person.lms_user_id, person.id, person.id, ""]
        grade = totals.get(person.id)
        rows.append(
            [*map(_text, known), "" if grade is None else _number(grade, person)]
        )
    return _written(rows)


def as_moodle(sheet: Gradesheet) -> str:
    """Return what Moodle's grade import (CSV file) takes.

    Map ``Email address``, ``Username`` or ``ID number`` to the user, and the last
    column to the grade item. Who handed in nothing is left out, so that no grade of
    another attempt is overwritten.

    Source: Moodle documentation, Grade import.

    Args:
        sheet: The grades.

    Raises:
        ValueError: If a score is not finite.
    """
    names = ["Username", "ID number", "First name", "Surname", "Email address"]
    rows = [[*names, _text(sheet.assignment)]]
    for student, grade in sheet.totals().items():
        person = sheet.people.get(student) or Person(student)
        known = [
            person.id,
            person.lms_user_id or person.id,
            person.first_name,
            person.last_name,
            person.email,
        ]
        rows.append([*map(_text, known), _number(grade, person)])
    return _written(rows)


FORMATS: dict[str, Callable[[Gradesheet], str]] = {
    "csv": as_csv,
    "canvas": as_canvas,
    "moodle": as_moodle,
}


def write_export(sheet: Gradesheet, path: Path, *, to: str) -> Path:
    """Write the grades in a format, whole or not at all.

    Args:
        sheet: The grades.
        path: The file; an older one is replaced.
        to: A key of ``FORMATS``.

    Raises:
        ValueError: If there is no such format, a score is not finite, or the file
            cannot be written.
    """
    if to not in FORMATS:
        raise ValueError(f"to == {to!r}, must be one of: {', '.join(FORMATS)}.")
    # Excel takes a file for UTF-8 only with a byte order mark; Canvas and Moodle do
    # without one.
    text = ("\ufeff" if to == "csv" else "") + FORMATS[to](sheet)
    return write_output(path, text)


def _identity(person: Person) -> tuple[str, ...]:
    return person.id, person.last_name, person.first_name, person.email


def _text(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Source: OWASP, CSV Injection: an apostrophe before the first character.
    """
    plain = NUMBER.fullmatch(value)
    return f"'{value}" if FORMULA.match(value) and not plain else value


def _number(value: float, person: Person | None = None) -> str:
    if not math.isfinite(value):
        whom = f" of {person.id}" if person else ""
        raise ValueError(f"score{whom} == {value}, must be finite: grade it again.")
    return f"{round(value, 6):g}" if abs(value) < 1e5 else repr(value)


def _written(rows: Sequence[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()
