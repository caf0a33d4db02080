"""The source of a lab: one py:percent file, read and written by jupytext, strictly."""

import re
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcourse.authoring.card import FENCE, read_card, write_card
from mlcourse.authoring.lab import Cell, Kind, Lab
from mlcourse.authoring.rules import (
    ROLES,
    Slip,
    check_cell,
    check_marker,
    check_names,
    read_points,
)
from mlcourse.errors import SourceError

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["find_oddity", "parse_source", "read_lab", "to_source"]

FORMAT = {"extension": ".py", "format_name": "percent"}
# What jupytext takes for a cell, and `# %%answer=`, which it takes for a magic.
_START = re.compile(r"\s*#\s*%%(%*\s|$|\w+=)")
_EDGES = ("### BEGIN ", "### END ")


def read_lab(folder: Path) -> Lab:
    """Read the source of the lab in a folder.

    Args:
        folder: ``solutions/NN_slug``; its source is ``NN_slug.py``.

    Raises:
        SourceError: If the source is missing or breaks a rule.
    """
    path = folder / f"{folder.name}.py"
    if not path.is_file():
        raise SourceError(
            f"{path.name} is missing: make it with `mlcourse dev new {folder.name}`."
        )
    return parse_source(path.read_text(encoding="utf-8"), name=folder.name)


def parse_source(text: str, *, name: str = "lab") -> Lab:
    r"""Read the text of a source.

    Args:
        text: A py:percent file with the lab card in its header.
        name: The name of the lab, for the result and for errors.

    Raises:
        SourceError: If it breaks a rule; the error names the line and the fix.

    Example:
        >>> lab = parse_source("# ---\n# ---\n\n# %% [markdown]\n# Hello\n")
        >>> lab.cells[0].kind, lab.cells[0].source
        ('text', 'Hello')
    """
    try:
        return _parse(text.replace("\r\n", "\n").split("\n"), name)
    except Slip as slip:
        raise SourceError(f"{name}.py:{slip.line}: {slip}.") from None


def to_source(lab: Lab) -> str:
    """Write a lab as the text of its source, in the form that jupytext gives it.

    Args:
        lab: The lab.

    Returns:
        Text that `parse_source` reads as the same lab.
    """
    import jupytext  # type: ignore[import-untyped]
    from nbformat.v4 import new_notebook

    bare = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "all"}
    notebook = new_notebook(  # type: ignore[no-untyped-call]
        cells=[_write_cell(cell) for cell in lab.cells], metadata={"jupytext": bare}
    )
    return f"{write_card(lab.card)}\n\n{jupytext.writes(notebook, fmt=FORMAT)}"


def find_oddity(text: str, lab: Lab) -> tuple[int, str] | None:
    """Return the first line that `to_source` writes otherwise, and how it writes it.

    Args:
        text: A source.
        lab: The lab that was read from it.
    """
    pairs = zip_longest(text.split("\n"), to_source(lab).split("\n"))
    for number, (line, own) in enumerate(pairs, start=1):
        if line != own:
            return number, own or ""
    return None


def _parse(lines: list[str], name: str) -> Lab:
    if lines[0] != FENCE or FENCE not in lines[1:]:
        raise Slip(1, f"the file must start with a header between two {FENCE!r}")
    first = lines.index(FENCE, 1) + 1
    try:
        card = read_card("\n".join(lines[:first]))
    except (TypeError, ValueError) as error:
        raise Slip(1, error) from None
    starts = [n for n in range(first, len(lines)) if _START.match(lines[n])]
    ends = [*starts[1:], len(lines)]
    for number in range(first, starts[0] if starts else len(lines)):
        if lines[number].strip():
            raise Slip(number + 1, "text before the first cell, put '# %%' above it")
    for start in starts:
        check_marker(lines[start], start + 1)
    nodes = _read_nodes(lines[starts[0] :]) if starts else []
    if len(nodes) != len(starts):
        # The first part that jupytext cuts otherwise holds the culprit.
        for number, end in enumerate(ends):
            if len(_read_nodes(lines[starts[0] : end])) != number + 1:
                raise Slip(
                    starts[number] + 1,
                    "the line begins no cell in a string or a block of code, "
                    "write it otherwise",
                )
    cells = [
        _read_cell(node, lines[start + 1 : end], start + 1)
        for node, start, end in zip(nodes, starts, ends if starts else [], strict=True)
    ]
    check_names(cells)
    return Lab(name, card, tuple(cells))


def _read_nodes(lines: list[str]) -> "list[NotebookNode]":
    import jupytext

    nodes: list[NotebookNode] = jupytext.reads("\n".join(lines), fmt=FORMAT).cells
    return nodes


def _read_cell(node: "NotebookNode", lines: list[str], line: int) -> Cell:
    options: dict[str, Any] = dict(node.metadata)
    if slip := options.get("incorrectly_encoded_metadata"):
        raise Slip(line, f'{slip}, put it in quotes: "..."')
    roles = [role for role in ROLES if role in options]
    if len(roles) > 1:
        raise Slip(line, f"{' and '.join(roles)} in one cell, make two cells")
    markdown = node.cell_type == "markdown"
    kind: Kind = roles[0] if roles else "text" if markdown else "code"
    if kind == "written" and not markdown:
        kind = "memo"
    for number, text in enumerate(lines, start=line + 1):
        signed = text.startswith("# ") or text.strip() in ("", "#")
        if not signed and (
            markdown or (kind == "memo" and not text.startswith(_EDGES))
        ):
            raise Slip(number, f"{text!r} is text, must start with '# '")
    source = node.source.rstrip("\n")
    cell = Cell(
        kind,
        name=str(options[roles[0]]) if roles else "",
        source=_without_signs(source) if kind == "memo" else source,
        points=read_points(options, kind, line),
        line=line,
        spacing=options.get("lines_to_next_cell"),
    )
    check_cell(cell, markdown=markdown)
    return cell


def _write_cell(cell: Cell) -> "NotebookNode":
    from nbformat.v4 import new_code_cell, new_markdown_cell

    role = {"memo": "written", "text": None, "code": None}.get(cell.kind, cell.kind)
    options = {
        role: cell.name,
        "points": cell.points,
        "lines_to_next_cell": cell.spacing,
    }
    metadata = {
        key: value for key, value in options.items() if key and value is not None
    }
    source = _with_signs(cell) if cell.kind == "memo" else cell.source
    make = new_markdown_cell if cell.is_markdown else new_code_cell
    node: NotebookNode = make(source, metadata=metadata)  # type: ignore[no-untyped-call]
    return node


def _without_signs(source: str) -> str:
    # To jupytext a memo is code: it has uncommented the lines that look like magics.
    from jupytext.magics import comment_magic  # type: ignore[import-untyped]

    lines = comment_magic(source.split("\n"))
    return "\n".join(ln if ln.startswith(_EDGES) else ln[2:] for ln in lines)


def _with_signs(memo: Cell) -> str:
    from jupytext.magics import uncomment_magic

    edges = {edge for found in memo.regions for edge in (found.begin, found.end)}
    lines = [
        text if number in edges else f"# {text}" if text else "#"
        for number, text in enumerate(memo.source.split("\n"))
    ]
    return "\n".join(uncomment_magic(lines))
