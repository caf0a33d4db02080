"""Where things are: the course folder, its labs, and a learner's workbook."""

import os
from dataclasses import dataclass
from pathlib import Path

from mlcourse.errors import CourseNotFoundError, LabNotFoundError

__all__ = ["Course", "find_course", "find_workbook"]

VARIABLE = "MLCOURSE_HOME"
LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Course:
    """The folders of a course.

    Args:
        root: The folder that holds ``solutions`` and ``labs``.

    Example:
        >>> Course(Path("course")).labs.name
        'labs'
    """

    root: Path

    @property
    def solutions(self) -> Path:
        """Where the sources of the labs are."""
        return self.root / "solutions"

    @property
    def labs(self) -> Path:
        """Where the released labs are: no answers, no hidden tests."""
        return self.root / "labs"

    @property
    def workbook(self) -> Path:
        """Where a learner works; created by ``mlcourse lab``."""
        return self.root / "workbook"

    @property
    def glossary(self) -> Path:
        """Where the terms are."""
        return self.root / "glossary"

    @property
    def grading(self) -> Path:
        """Everything that grading writes."""
        return self.root / ".grading"

    def lab_names(self) -> list[str]:
        """Return the names of all labs in the order of the course.

        A lab is a folder ``NN_slug`` of the sources, or of the released labs where a
        course is handed out without sources.
        """
        names = {
            folder.name
            for parent in (self.solutions, self.labs)
            if parent.is_dir()
            for folder in parent.iterdir()
            if folder.is_dir() and folder.name[:2].isdecimal()
        }
        return sorted(names)

    def lab_name(self, lab: str) -> str:
        """Return the full name of a lab, given its number, slug or full name.

        Raises:
            LabNotFoundError: If no lab, or more than one, is meant.
        """
        wanted = lab.strip().strip("/")
        number = wanted.zfill(2) if wanted.isdecimal() else wanted
        names = self.lab_names()
        found = [
            name
            for name in names
            if wanted == name or number == name[:2] or wanted == name[3:]
        ]
        if len(found) != 1:
            known = ", ".join(names) or "none yet"
            raise LabNotFoundError(f"lab == {lab!r}, must be one of: {known}.")
        return found[0]


def find_course(start: Path | None = None) -> Course:
    """Return the course at or above a folder.

    ``MLCOURSE_HOME`` wins where it is set; then the folders from ``start`` upwards;
    then the checkout that this package is installed from.

    Args:
        start: Where to begin, the working directory if omitted.

    Raises:
        CourseNotFoundError: If none of these holds ``labs`` or ``solutions``.
    """
    named = os.environ.get(VARIABLE)
    if named:
        places = [Path(named)]
    else:
        here = (start or Path.cwd()).resolve()
        places = [here, *here.parents, Path(__file__).resolve().parents[1]]
    for place in places:
        if (place / "solutions").is_dir() or (place / "labs").is_dir():
            return Course(place.resolve())
    raise CourseNotFoundError(
        f"no course at or above {places[0]}: go to the folder that holds labs/, "
        f"or set {VARIABLE} to it."
    )


def find_workbook(start: Path | None = None) -> Path | None:
    """Return the workbook that a folder is in, or None outside of one.

    A workbook is known by its ledger, so a notebook finds it from any front end.

    Args:
        start: Where to begin, the working directory if omitted.
    """
    here = (start or Path.cwd()).resolve()
    for place in (here, *here.parents):
        if (place / LEDGER).is_file():
            return place
    return None
