"""A submitted notebook made fit for nbgrader: what a master copy knows is put back."""

# nbformat has no types of its own.
# mypy: disable-error-code="no-untyped-call"

from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils  # type: ignore[import-untyped]
from nbgrader.nbgraderformat import (  # type: ignore[import-untyped]
    SCHEMA_VERSION,
    MetadataValidator,
)

from mlcourse.grading.job import Flag
from mlcourse.grading.master import MasterCell, MasterNotebook
from mlcourse.grading.notebook import give_ids

__all__ = ["grade_ids", "repair_notebook"]

NOTICE = (
    "This cell (id:{name}) was missing from the submission. It was added back by "
    "nbgrader.\n\n"
)
_VALIDATOR = MetadataValidator()
_KNOWN_KEYS = frozenset(_VALIDATOR.schema["properties"])
_NAMED = _KNOWN_KEYS | {"type of cell"}  # a stranger's keys are not shown


def repair_notebook(
    nb: NotebookNode, master: MasterNotebook, *, restore: bool = True
) -> list[Flag]:
    """Put back what nbgrader's metadata must be, and cells that are missing.

    Each grade id stands once afterwards, with the gradebook's type, marks and points.
    Of several cells with an id the first that fits keeps it: for a cell to answer in,
    that is the first with an answer. The others become plain cells, as do cells whose
    id nobody knows. The text of locked cells is left to OverwriteCells.

    Args:
        nb: Is changed.
        master: The notebook it should be.
        restore: Whether missing cells are added: locked ones, and those with points.

    Returns:
        What was repaired, each with the cell that it concerns.
    """
    flags: list[Flag] = []
    held: dict[str, list[NotebookNode]] = {}
    for cell in nb.cells:
        cell.metadata.pop("tags", None)
        name = _name(cell)
        if name in master.cells:
            held.setdefault(name, []).append(cell)
        elif "nbgrader" in cell.metadata and not _is_plain(cell):
            del cell.metadata["nbgrader"]
            message = f"Grade id {name[:60]!r} is unknown; the cell counts as plain."
            flags.append(Flag("unknown-cell", message, master.name))
    for wanted in master.cells.values():
        copies = held.get(wanted.name, [])
        if copies:
            flags += _keep_one(copies, wanted, master.name)
    flags += _restore(nb, master, held.keys(), restore=restore)
    give_ids(nb)
    return flags


def grade_ids(nb: NotebookNode) -> set[str]:
    """Return the grade ids that a notebook claims."""
    return {_name(cell) for cell in nb.cells} - {""}


def _name(cell: NotebookNode) -> str:
    marks = cell.metadata.get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def _is_plain(cell: NotebookNode) -> bool:
    """Tell whether nbgrader's metadata says that the cell is an ordinary one."""
    marks = cell.metadata["nbgrader"]
    if not isinstance(marks, dict):
        return False
    marks.pop("grade_id", None)  # as OverwriteCells does
    if any(marks.get(key) for key in ("grade", "solution", "locked", "task")):
        return False
    try:
        _VALIDATOR.validate_cell(cell)
    except Exception:  # of the many kinds of jsonschema's and nbgrader's errors
        return False
    return True


def _keep_one(
    copies: list[NotebookNode], wanted: MasterCell, notebook: str
) -> Iterator[Flag]:
    """Let one cell keep the grade id, and make its metadata the gradebook's."""

    def rank(cell: NotebookNode) -> tuple[bool, bool]:
        probe = NotebookNode(cell_type=wanted.cell_type, source=cell.source)
        probe.metadata = NotebookNode(nbgrader=_marks(wanted))
        released = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(
            probe
        )
        return cell.cell_type != wanted.cell_type, released == wanted.solution

    keeper = min(copies, key=rank)
    for cell in copies:
        if cell is not keeper:
            del cell.metadata["nbgrader"]
    if len(copies) > 1:
        message = f"The cell stands {len(copies)} times; one copy counts."
        yield Flag("duplicate-cell", message, notebook, wanted.name)
    changed = _put_back(keeper.metadata.nbgrader, wanted)
    if keeper.cell_type != wanted.cell_type:
        changed.append("type of cell")
        _change_type(keeper, wanted.cell_type)
    if wanted.tags:
        keeper.metadata["tags"] = list(wanted.tags)
    if changed == ["schema_version"]:
        yield Flag(
            "old-metadata", "nbgrader's metadata is of another version.", notebook
        )
    elif changed:
        named = ", ".join(key if key in _NAMED else "others" for key in changed)
        message = f"nbgrader's marks were changed and put back: {named}."
        yield Flag("metadata", message, notebook, wanted.name)


def _put_back(marks: NotebookNode, wanted: MasterCell) -> list[str]:
    """Change only what differs, as OverwriteCells does; return what that was."""
    right = _marks(wanted)
    changed = [key for key in marks if key not in _KNOWN_KEYS]
    for key in ("schema_version", "grade", "solution", "task", "locked", "points"):
        given = marks.get(key)
        if key == "locked" and given in (True, False) and wanted.grade:
            is_right = type(given) is bool  # the grade cell's own lock is what counts
        elif key == "points" and key not in right:
            is_right = given is None or _is_points(given)
        elif key == "points":
            is_right = _is_points(given) and given == right[key]
        elif key == "task" and key not in marks:
            is_right = not wanted.task
        else:
            is_right = type(given) is type(right[key]) and given == right[key]
        if not is_right:
            changed.append(key)
    for key in ("cell_type", "checksum"):
        if key in marks and not isinstance(marks[key], str):
            changed.append(key)
    if marks.get("cell_type", wanted.cell_type) != wanted.cell_type:
        changed.append("cell_type")
    for key in changed:
        marks.pop(key, None)
        if key in right:
            marks[key] = right[key]
    return sorted(set(changed))


def _is_points(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 2**53


def _marks(wanted: MasterCell) -> NotebookNode:
    """Return nbgrader's metadata of a cell."""
    marks = {
        "cell_type": wanted.cell_type,
        "checksum": wanted.checksum,
        "grade": wanted.grade,
        "grade_id": wanted.name,
        "locked": wanted.locked,
        "schema_version": SCHEMA_VERSION,
        "solution": wanted.solution,
        "task": wanted.task,
    }
    if wanted.grade or wanted.task:
        marks["points"] = wanted.max_score
    return NotebookNode(marks)


def _change_type(cell: NotebookNode, kind: str) -> None:
    cell.cell_type = kind
    if kind == "code":
        cell.pop("attachments", None)
        cell.outputs, cell.execution_count = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _restore(
    nb: NotebookNode, master: MasterNotebook, held: Any, *, restore: bool
) -> Iterator[Flag]:
    """Add missing cells, each after the one that stands before it in the master."""
    place = 0
    for wanted in master.cells.values():
        if wanted.name in held:
            names = [_name(cell) for cell in nb.cells]
            place = names.index(wanted.name) + 1
            continue
        is_needed = wanted.locked or wanted.grade or wanted.task
        if restore and is_needed:
            nb.cells.insert(place, _restored(wanted))
            place += 1
        done = "added back" if restore and is_needed else "not added back"
        message = f"The cell was missing, and was {done}."
        yield Flag("missing-cell", message, master.name, wanted.name)


def _restored(wanted: MasterCell) -> NotebookNode:
    """Return a cell as OverwriteCells would add it.

    Without its notice where the text is locked: the text is the master's there.
    """
    source = wanted.source
    if not wanted.locked:
        comment = "# " if wanted.cell_type == "code" else ""
        source = comment + NOTICE.format(name=wanted.name) + source
    metadata = {"deletable": False, "nbgrader": _marks(wanted)}
    if not wanted.solution:
        metadata["editable"] = False
    if wanted.tags:
        metadata["tags"] = list(wanted.tags)
    cell = NotebookNode(
        cell_type=wanted.cell_type,
        metadata=NotebookNode(metadata),
        source=source,
    )
    if wanted.cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell
