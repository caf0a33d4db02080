"""Bring an edit of a built solutions notebook back into its source."""

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from mlcourse.authoring.build import build
from mlcourse.authoring.files import read_notebook, write_file
from mlcourse.authoring.lab import Cell, Lab
from mlcourse.authoring.notebook import (
    BUILT,
    cell_ids,
    fingerprint,
    from_notebook,
    meant_cells,
    to_notebook,
)
from mlcourse.authoring.source import blank_lines, parse_source, read_lab, write_cell
from mlcourse.errors import BuildError, SourceError
from mlcourse.paths import Course

__all__ = ["adopt"]


def adopt(course: Course, lab: str) -> Path | None:
    """Bring the edit of a solutions notebook back into the source of its lab.

    Cells that were not edited keep their lines to the byte; outputs are dropped. The
    lab is built again at the end.

    Args:
        course: Where the lab is.
        lab: Its name or number.

    Returns:
        The source that was written, or None where the notebook holds no edit.

    Raises:
        BuildError: If the source has changed too since the notebook was built, or if
            the card was edited in the notebook. The source stays as it is.
        SourceError: If the edit breaks a rule. The source stays as it is.
    """
    name = course.lab_name(lab)
    folder = course.solutions / name
    path = folder / f"{name}.py"
    base = read_lab(folder)
    notebook = read_notebook(folder / f"{name}.ipynb")
    source_is = fingerprint(to_notebook(base))
    if fingerprint(notebook) == source_is:
        return None
    if notebook.metadata.get("mlcourse", {}).get(BUILT) != source_is:
        raise BuildError(
            f"{name}: the notebook was edited, and {path.name} is not what it was "
            "built from. Undo the change of the source and adopt again, or lose the "
            f"edit with `mlcourse dev build {name[:2]} --discard`."
        )
    edited = from_notebook(notebook, base=base)
    if edited.card != base.card:
        raise BuildError(
            f"{name}: the lab card was edited in the notebook. Edit the header of "
            f"{path.name}, then `mlcourse dev build {name[:2]} --discard`."
        )
    text = _merge(base, edited, notebook)
    try:
        adopted = parse_source(text, name=name)
    except SourceError as error:
        raise SourceError(
            f"the edit cannot be adopted, {path.name} is as it was: {error}"
        ) from None
    if adopted != edited:
        raise SourceError(
            f"{name}: a cell of the notebook holds a line that begins a cell of a "
            f"source ('# %%'), change it. {path.name} is as it was."
        )
    write_file(path, text.encode())
    build(course, [name], discard=True)
    return path


def _merge(base: Lab, edited: Lab, notebook: NotebookNode) -> str:
    text = base.header.rstrip("\n") + "\n"
    above: tuple[Cell | None, Cell | None] = (None, None)
    for cell, old in _matched(base, edited, notebook):
        gap = blank_lines(above[0], cell)
        if old is not None and _above(base, old) is above[1]:
            gap = _gap(base, old) if (cell, above[0]) == (old, above[1]) else gap
        lines = (
            old.raw.rstrip() if old is not None and cell == old else write_cell(cell)
        )
        text += "\n" * gap + lines + "\n"
        above = (cell, old)
    return text


def _matched(
    base: Lab, edited: Lab, notebook: NotebookNode
) -> Iterator[tuple[Cell, Cell | None]]:
    # JupyterLab keeps the id of a cell that is edited or moved, and gives a new cell
    # a new one; a copied cell of an older front end repeats it.
    known = dict(zip(cell_ids(base), base.cells, strict=True))
    for cell, node in zip(edited.cells, meant_cells(notebook), strict=True):
        yield cell, known.pop(node.get("id", ""), None)


def _above(base: Lab, cell: Cell) -> Cell | None:
    position = next(n for n, known in enumerate(base.cells) if known is cell)
    return base.cells[position - 1] if position else None


def _gap(base: Lab, cell: Cell) -> int:
    above = _above(base, cell)
    lines = above.raw if above else base.header
    return len(lines) - len(lines.rstrip("\n"))
