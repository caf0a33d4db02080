"""A notebook file from a stranger, read as valid nbformat 4 or refused."""

# nbformat has no types of its own.
# mypy: disable-error-code="no-untyped-call"

import hashlib
import json
import math
import re
import warnings
from typing import Any

import nbformat
from nbformat import NotebookNode

from mlcourse.grading.job import Flag

__all__ = ["give_ids", "parse_notebook"]

MOST_CELLS = 10_000
MOST_LEVELS = 64
CELL_TYPES = ("code", "markdown", "raw")
NEWEST_MINOR = 5
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
    return nb, [
        Flag("invalid-notebook", message.format(note)) for note in sorted(notes)
    ]


def give_ids(nb: NotebookNode) -> None:
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


def _of_version_4(raw: dict[str, Any]) -> set[str]:
    """Drop what is not needed, and set version numbers; return what was wrong."""
    version, minor = raw.get("nbformat"), raw.get("nbformat_minor")
    is_known = version == 4 and type(minor) is int and 0 <= minor <= NEWEST_MINOR
    notes = set()
    if not is_known:
        notes.add(f"nbformat {version!r}.{minor!r}"[:40])
    cells = [cell for cell in raw["cells"] if isinstance(cell, dict)]
    if len(cells) != len(raw["cells"]):
        notes.add("what is not a cell was left out")
    if len(cells) > MOST_CELLS:
        raise ValueError(f"it has {len(cells)} cells; the most is {MOST_CELLS}")
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    metadata.pop("widgets", None)
    if not isinstance(metadata.get("language", ""), str):
        del metadata["language"]  # nbconvert asks for its lower case
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
    elif "attachments" in raw:
        files = raw["attachments"]
        if isinstance(files, dict) and all(isinstance(o, dict) for o in files.values()):
            made["attachments"] = files
        else:
            notes.add("attachments of a wrong kind were dropped")
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
    give_ids(nb)
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
