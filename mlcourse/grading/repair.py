"""A submitted notebook made fit for nbgrader: what a master copy knows is put back."""
# nbformat has no types of its own.
# mypy: disable-error-code="no-untyped-call"

import hashlib
import json
import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils  # type: ignore[import-untyped]
from nbgrader.nbgraderformat import (  # type: ignore[import-untyped]
    SCHEMA_VERSION,
    MetadataValidator,
)

from mlcourse.grading.job import Flag
from mlcourse.grading.master import MasterCell, MasterNotebook

__all__ = ["grade_ids", "parse_notebook", "repair_notebook"]

MOST_CELLS = 10_000
MOST_LEVELS = 64
CELL_TYPES = ("code", "markdown", "raw")
NEWEST_MINOR = 5
NOTICE = (
    "This cell (id:{name}) was missing from the submission. It was added back by "
    "nbgrader.\n\n"
)
_VALIDATOR = MetadataValidator()
_KNOWN_KEYS = frozenset(_VALIDATOR.schema["properties"])
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def parse_notebook(data: bytes) -> tuple[NotebookNode, list[Flag]]:
    """Read a notebook that may hold anything.

    Outputs, widget states and tags are dropped. What nbformat would refuse is repaired:
    numbers that are not finite, halves of characters, wrong kinds of values, cell ids.

    Args:
        data: The file's content.

    Returns:
        A valid notebook of nbformat 4, and what was repaired.

    Raises:
        ValueError: If it is not JSON, or holds no cells.
    """
    notes: set[str] = set()
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise ValueError("its JSON is not an object")  # noqa: TRY004 - one kind of error
    if isinstance(raw.get("cells"), list):
        notes |= _of_version_4(raw)
        nb = _read(_clean(raw, notes))
    else:
        notes.add(f"nbformat {raw.get('nbformat')!r} was converted")
        nb = _converted(_clean(raw, notes))
    _make_valid(nb, notes)
    message = "The notebook was not valid and was repaired: {}."
    flags = [Flag("invalid-notebook", message.format(note)) for note in sorted(notes)]
    return nb, flags


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
            message = f"A cell has the unknown grade id {name!r}; it counts as plain."
            flags.append(Flag("unknown-cell", message, master.name))
    for wanted in master.cells.values():
        copies = held.get(wanted.name, [])
        if copies:
            flags += _keep_one(copies, wanted, master.name)
    flags += _restore(nb, master, held.keys(), restore=restore)
    _make_ids_unique(nb)
    return flags


def grade_ids(nb: NotebookNode) -> set[str]:
    """Return the grade ids that a notebook claims."""
    return {_name(cell) for cell in nb.cells} - {""}


def _of_version_4(raw: dict[str, Any]) -> set[str]:
    """Drop what is not needed, and set version numbers; return what was wrong."""
    minor = raw.get("nbformat_minor")
    is_known = type(minor) is int and 0 <= minor <= NEWEST_MINOR
    notes = set()
    if type(raw.get("nbformat")) is not int or raw["nbformat"] != 4 or not is_known:
        notes.add(f"nbformat {raw.get('nbformat')!r}.{minor!r}"[:40])
    cells = [cell for cell in raw["cells"] if isinstance(cell, dict)]
    if len(cells) != len(raw["cells"]):
        notes.add("what is not a cell was left out")
    if len(cells) > MOST_CELLS:
        raise ValueError(f"it has {len(cells)} cells; the most is {MOST_CELLS}")
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    metadata.pop("widgets", None)
    minor = minor if is_known else NEWEST_MINOR
    kept = {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata}
    raw.clear()
    raw |= kept | {"cells": [_cell(cell, notes) for cell in cells]}
    return notes


def _cell(raw: dict[str, Any], notes: set[str]) -> dict[str, Any]:
    """Return a cell's parts that grading needs, each of the right kind."""
    kind, source, metadata = (
        raw.get(key) for key in ("cell_type", "source", "metadata")
    )
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    is_right = isinstance(source, str) and isinstance(metadata, dict)
    if kind not in CELL_TYPES or not is_right:
        notes.add("a cell was not a notebook's cell")
    kind = kind if kind in CELL_TYPES else "raw"
    made = {
        "cell_type": kind,
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": source if isinstance(source, str) else "",
    }
    if "id" in raw:
        made["id"] = raw["id"]
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    elif isinstance(raw.get("attachments"), dict):
        made["attachments"] = raw["attachments"]
    return made


def _clean(value: Any, notes: set[str], level: int = 0) -> Any:
    """Return JSON that any reader takes."""
    if level > MOST_LEVELS:
        notes.add("values nested too deeply were dropped")
        return None
    if isinstance(value, dict):
        return {
            _clean(key, notes): _clean(inner, notes, level + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_clean(inner, notes, level + 1) for inner in value]
    if isinstance(value, str) and not value.isascii():
        whole = value.encode("utf-8", "replace").decode()
        if whole != value:
            notes.add("halves of characters became question marks")
        return whole
    if isinstance(value, float) and not math.isfinite(value):
        notes.add("numbers that are not finite were dropped")
        return None
    return value


def _read(raw: dict[str, Any]) -> NotebookNode:
    nb: NotebookNode = nbformat.v4.reads(json.dumps(raw))
    return nb


def _converted(raw: dict[str, Any]) -> NotebookNode:
    """Return a notebook of nbformat 1 to 3 in nbformat 4."""
    if raw.get("nbformat") not in (1, 2, 3):
        raise ValueError("it holds no list of cells")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nb = nbformat.reads(json.dumps(raw), as_version=4)
        plain = json.loads(json.dumps(nb))
        _of_version_4(plain)
    except Exception as error:  # nbformat trusts an old notebook's structure
        raise ValueError(f"it cannot be converted to nbformat 4: {error!r}") from error
    for cell in plain["cells"]:
        cell.pop("id", None)  # nbformat's are drawn by chance
    return _read(plain)


def _make_valid(nb: NotebookNode, notes: set[str]) -> None:
    """Drop metadata and attachments that nbformat's schema refuses."""
    _make_ids_unique(nb)
    if _is_valid(nb):
        return
    notes.add("metadata of wrong kinds was dropped")
    bare = NotebookNode(nb | {"cells": []})
    if not _is_valid(bare):
        nb.metadata = NotebookNode()
    for cell in nb.cells:
        if not _is_valid(NotebookNode(bare | {"cells": [cell], "metadata": {}})):
            cell.pop("attachments", None)
            marks = cell.metadata.get("nbgrader")
            cell.metadata = NotebookNode({"nbgrader": marks} if marks else {})


def _is_valid(nb: NotebookNode) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(nbformat.validator.isvalid(nb))


def _make_ids_unique(nb: NotebookNode) -> None:
    """Give each cell an id of its own; the same in every run, unlike nbformat's."""
    seen: set[str] = set()
    for place, cell in enumerate(nb.cells):
        if nb.nbformat_minor < NEWEST_MINOR:
            cell.pop("id", None)
            continue
        name = cell.get("id")
        if not isinstance(name, str) or not _CELL_ID.fullmatch(name) or name in seen:
            text = f"{place} {cell.source}".encode()
            name = hashlib.blake2b(text, digest_size=8).hexdigest()
            while name in seen:  # only where somebody tried to
                name = hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
            cell["id"] = name
        seen.add(name)


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
        changed.append(f"type {keeper.cell_type}")
        _change_type(keeper, wanted.cell_type)
    if wanted.tags:
        keeper.metadata["tags"] = list(wanted.tags)
    if changed == ["schema_version"]:
        yield Flag(
            "old-metadata", "nbgrader's metadata is of another version.", notebook
        )
    elif changed:
        message = f"nbgrader's marks were changed and put back: {', '.join(changed)}."
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
        id=wanted.name,
        cell_type=wanted.cell_type,
        metadata=NotebookNode(metadata),
        source=source,
    )
    if wanted.cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell
