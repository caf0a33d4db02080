"""Cells of the lab that a learner changed: said plainly, and put back.

Works on notebooks as JSON. A cell is known by nbgrader's name for it, given code by its
id. Text and guesses may be changed.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Change", "find_changes", "restore"]

Notebook = dict[str, Any]
Cell = dict[str, Any]
# What grading reads; the checksum belongs to the source.
MARKS = ("grade", "solution", "locked", "points", "cell_type", "task")


@dataclass(frozen=True, slots=True)
class Change:
    """Something about a cell that is not as released.

    Args:
        cell: nbgrader's name of the cell, or its id.
        what: edited, deleted, doubled or marked.
        line: The first line of the cell, to find it by.
    """

    cell: str
    what: str
    line: str

    def __str__(self) -> str:
        return f"{SENTENCES[self.what]}: {self.cell}  {self.line}"


SENTENCES = {
    "edited": "A locked cell was edited",
    "deleted": "A cell of the lab was deleted",
    "doubled": "A cell of the lab stands there twice",
    "marked": "The grading marks of a cell were changed",
}


def find_changes(released: Notebook, own: Notebook) -> list[Change]:
    """Compare a learner's notebook with the released one.

    Args:
        released: The notebook in labs/.
        own: The learner's.
    """
    return list(_changes(released, own))


def restore(released: Notebook, own: Notebook) -> Notebook:
    """Return the learner's notebook with the lab's own cells as released.

    Answers stay. A deleted cell returns to its place, without output. Of a doubled cell
    the last one counts, as it does for nbgrader, and the others become plain cells.

    Args:
        released: The notebook in labs/.
        own: The learner's; it is not changed.
    """
    fixed = copy.deepcopy(own)
    cells: list[Cell] = fixed["cells"]
    last = {_name(cell): cell for cell in cells if _name(cell)}
    known = {_name(cell) for cell in released["cells"]}
    for cell in cells:
        name = _name(cell)
        if _mark(cell) and (cell is not last[name] or name not in known):
            cell["metadata"].pop("nbgrader")
    place = 0
    for model in released["cells"]:
        name = _name(model)
        if not _is_kept(model):
            same = (n for n, cell in enumerate(cells) if cell.get("id") == model["id"])
            place = next(same, place - 1) + 1
        elif name in last:
            cell = last[name]
            if _mark(model):
                cell["metadata"]["nbgrader"] = copy.deepcopy(_mark(model))
            if _is_locked(model):
                cell["source"] = model["source"]
            if cell["cell_type"] != model["cell_type"]:
                _retype(cell, model)
            place = next(n for n, other in enumerate(cells) if other is cell) + 1
        else:
            cells.insert(place, copy.deepcopy(model))
            place += 1
    fixed["metadata"]["kernelspec"] = copy.deepcopy(released["metadata"]["kernelspec"])
    return fixed


def _changes(released: Notebook, own: Notebook) -> Iterator[Change]:
    found: dict[str, list[Cell]] = {}
    for cell in own["cells"]:
        found.setdefault(_name(cell), []).append(cell)
    for model in released["cells"]:
        name = _name(model)
        if not _is_kept(model):
            continue
        cells = found.get(name, [])
        line = _source(model).partition("\n")[0][:60]
        if not cells:
            yield Change(name, "deleted", line)
            continue
        if len(cells) > 1:
            yield Change(name, "doubled", line)
        cell = cells[-1]
        if _is_locked(model) and _source(cell) != _source(model):
            yield Change(name, "edited", line)
        marks = (_mark(cell), _mark(model))
        same = [[mark.get(key) for key in MARKS] for mark in marks]
        if same[0] != same[1] or cell["cell_type"] != model["cell_type"]:
            yield Change(name, "marked", line)


def _mark(cell: Cell) -> dict[str, Any]:
    mark: dict[str, Any] = cell["metadata"].get("nbgrader") or {}
    return mark


def _name(cell: Cell) -> str:
    return str(_mark(cell).get("grade_id") or cell.get("id", ""))


def _is_kept(model: Cell) -> bool:
    return bool(_mark(model)) or (_is_locked(model) and model["cell_type"] == "code")


def _is_locked(model: Cell) -> bool:
    return bool(
        _mark(model).get("locked") or model["metadata"].get("editable") is False
    )


def _source(cell: Cell) -> str:
    return "".join(cell["source"])


def _retype(cell: Cell, model: Cell) -> None:
    cell["cell_type"] = model["cell_type"]
    if model["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
