"""The master copy of an assignment, read once: cells, points and files."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry  # type: ignore[import-untyped]
from nbgrader.converters import Autograde  # type: ignore[import-untyped]
from nbgrader.utils import find_all_files  # type: ignore[import-untyped]

from mlcourse.grading.course import Course

__all__ = ["Master", "MasterCell", "MasterNotebook", "read_master"]


@dataclass(frozen=True, slots=True)
class MasterCell:
    """A cell that nbgrader knows, as the gradebook holds it.

    Args:
        name: nbgrader's grade id.
        cell_type: ``code``, ``markdown`` or ``raw``.
        source: With the hidden tests, without the answers.
        checksum: nbgrader's, of all this.
        locked: Whether the text is the instructor's alone.
        grade: Whether it has points by itself.
        solution: Whether the student writes in it.
        task: Whether it is one of nbgrader's task cells.
        max_score: Its points; 0 if it has none.
        tags: That the instructor gave it.
    """

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool = False
    solution: bool = False
    task: bool = False
    max_score: float = 0.0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MasterNotebook:
    """A notebook of the assignment.

    It answers the questions that nbgrader's OverwriteCells asks a gradebook, so that
    planning a class reads the gradebook once.

    Args:
        name: Without ``.ipynb``.
        kernelspec: Of the master copy; empty if it has none.
        cells: By grade id, in the order of the notebook.
    """

    name: str
    kernelspec: Mapping[str, Any]
    cells: Mapping[str, MasterCell]

    @property
    def points(self) -> dict[str, float]:
        """The most points of each cell that is graded by machine."""
        return {
            cell.name: cell.max_score
            for cell in self.cells.values()
            if cell.grade and not cell.solution and cell.cell_type == "code"
        }

    def find_source_cell(self, name: str, *_: str) -> MasterCell:
        """Return a cell, as ``Gradebook.find_source_cell`` does."""
        if name not in self.cells:
            raise MissingEntry(f"No cell {name!r} in {self.name}.")
        return self.cells[name]

    find_graded_cell = find_source_cell


@dataclass(frozen=True, slots=True)
class Master:
    """The master copy of an assignment.

    Args:
        notebooks: By name, in order.
        files: That overwrite a submission's files of the same name.
    """

    notebooks: Mapping[str, MasterNotebook]
    files: Mapping[str, bytes] = field(default_factory=dict)


def read_master(course: Course, assignment: str) -> Master:
    """Read the master copy of an assignment.

    Args:
        course: The course.
        assignment: nbgrader's name of it.

    Raises:
        AssignmentNotFoundError: If the assignment is not in the gradebook.
        GradebookError: If the gradebook cannot be read.
    """
    course.check(assignment)
    folder = course.source(assignment)
    with course.gradebook() as gradebook:
        rows = gradebook.find_assignment(assignment).notebooks
        notebooks = {row.name: _notebook(row, folder) for row in rows}
    return Master(dict(sorted(notebooks.items())), _files(course, assignment, folder))


def _notebook(row: Any, folder: Path) -> MasterNotebook:
    points = {cell.name: cell.max_score for cell in (*row.grade_cells, *row.task_cells)}
    grades, solutions, tasks = (
        {cell.name for cell in cells}
        for cells in (row.grade_cells, row.solution_cells, row.task_cells)
    )
    # The gradebook knows neither the order of the cells nor their tags.
    tags = _tags(folder / f"{row.name}.ipynb")
    order = {name: place for place, name in enumerate(tags)}
    cells = [
        MasterCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=bool(cell.locked),
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            max_score=float(points.get(cell.name) or 0),
            tags=tags.get(cell.name, ()),
        )
        for cell in row.source_cells
    ]
    cells.sort(key=lambda cell: order.get(cell.name, len(order)))
    return MasterNotebook(
        row.name, json.loads(row.kernelspec or "{}"), {one.name: one for one in cells}
    )


def _tags(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the tags of the master's cells by grade id, in the notebook's order."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {
            cell["metadata"]["nbgrader"]["grade_id"]: tuple(
                cell["metadata"].get("tags", ())
            )
            for cell in cells
            if "grade_id" in cell["metadata"].get("nbgrader", {})
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _files(course: Course, assignment: str, folder: Path) -> dict[str, bytes]:
    """Return what nbgrader copies over a submission."""
    settings = Autograde(coursedir=course.coursedir, config=course.config)
    kept: Iterable[str] = settings.exclude_overwriting.get(assignment, ())
    spared = {os.path.normpath(folder / name) for name in kept}
    ignore = [*course.coursedir.ignore, "*.ipynb"]
    found = sorted(os.path.normpath(path) for path in find_all_files(folder, ignore))
    return {
        os.path.relpath(path, folder): Path(path).read_bytes()
        for path in found
        if path not in spared
    }
