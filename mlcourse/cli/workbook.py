"""A learner's copy of the labs: filled in, never overwritten."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlcourse.checks.ledger import Ledger
from mlcourse.files import write_whole
from mlcourse.paths import LEDGER, Course

__all__ = ["Copied", "copy_labs", "reset_lab", "stamp"]

RECORD = ".released.json"
GLOSSARY = "glossary"


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of copying one lab.

    Args:
        lab: Name of the lab.
        new: Files that were added to the workbook.
        changed: Files of which the course has another version than was copied.
    """

    lab: str
    new: tuple[str, ...]
    changed: tuple[str, ...]


def stamp(now: datetime | None = None) -> str:
    """Return a moment as it stands in a file name, in UTC.

    nbgrader reads the time of a submission from it; of dashes between the parts of a
    time it would make a time zone.

    Example:
        >>> stamp(datetime(2026, 11, 21, 9, 5, tzinfo=UTC))
        '20261121090500'
    """
    now = now or datetime.now(UTC)  # noqa: TID251 - the command line is where it enters
    return now.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def copy_labs(course: Course) -> list[Copied]:
    """Add to the workbook what it lacks; a file that is there always wins.

    Args:
        course: The course; its workbook is created if it has none.

    Returns:
        One entry a released lab.
    """
    course.workbook.mkdir(exist_ok=True)
    (course.workbook / LEDGER).touch()
    releases = {
        lab: dict(_digests(course.labs / lab))
        for lab in course.lab_names()
        if (course.labs / lab).is_dir()
    }
    record = _read_record(course.workbook)
    missing = {
        lab: [f for f in files if not os.path.lexists(course.workbook / lab / f)]
        for lab, files in releases.items()
    }
    for lab, files in releases.items():
        known = record.setdefault(lab, dict(files))
        known.update({file: files[file] for file in missing[lab]})
    # Before the files: a copy that is cut off must not look like a changed course.
    _write_record(course.workbook, record)
    for lab, names in missing.items():
        for file in names:
            _place(course.labs / lab / file, course.workbook / lab / file)
    _copy_glossary(course)
    return [
        Copied(lab, tuple(missing[lab]), tuple(_changed(course, lab, files, record)))
        for lab, files in releases.items()
    ]


def reset_lab(course: Course, lab: str, *, now: datetime | None = None) -> Path | None:
    """Copy a lab afresh and keep the learner's folder.

    Args:
        course: The course.
        lab: Full name of the lab.
        now: The moment that names the backup, in UTC if omitted.

    Returns:
        The folder that holds the backup, or None if there was nothing to keep.
    """
    folder = course.workbook / lab
    backup = None
    if folder.exists():
        backup = _free(course.workbook / ".backup" / f"{lab}-{stamp(now)}")
        backup.parent.mkdir(exist_ok=True)
        folder.rename(backup)
        record = _read_record(course.workbook)
        record.pop(lab, None)
        _write_record(course.workbook, record)
        Ledger(course.workbook / LEDGER).append("reset", lab=lab)
    copy_labs(course)
    return backup


def _copy_glossary(course: Course) -> None:
    """Bring the pages that labs link to; nobody writes in them, so the newest win."""
    for page in sorted((course.labs / GLOSSARY).glob("*.md")):
        target = course.workbook / GLOSSARY / page.name
        if not target.is_file() or target.read_bytes() != page.read_bytes():
            target.parent.mkdir(exist_ok=True)
            write_whole(target, page.read_text("utf-8"))


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        hidden = any(p[0] in "._" for p in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path.relative_to(folder).as_posix(), _digest(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _changed(
    course: Course, lab: str, files: dict[str, str], record: dict[str, dict[str, str]]
) -> Iterator[str]:
    for file, digest in files.items():
        own = course.workbook / lab / file
        same = own.is_file() and _digest(own) == digest
        if record[lab].get(file) != digest and not same:
            yield file


def _place(source: Path, target: Path) -> None:
    """Copy a file whole or not at all, and only where the name is free."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.write_bytes(source.read_bytes())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(part, target)
    except OSError:
        # A file system without hard links: an exclusive create is the next best.
        with contextlib.suppress(FileExistsError), target.open("xb") as file:
            file.write(source.read_bytes())
    finally:
        part.unlink()


def _read_record(workbook: Path) -> dict[str, dict[str, str]]:
    try:
        record = json.loads((workbook / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_record(workbook: Path, record: dict[str, dict[str, str]]) -> None:
    write_whole(workbook / RECORD, json.dumps(record, indent=1, sort_keys=True))


def _free(path: Path) -> Path:
    number = 2
    free = path
    while free.exists():
        free = path.with_name(f"{path.name}-{number}")
        number += 1
    return free
