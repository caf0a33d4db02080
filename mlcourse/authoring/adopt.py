"""Bring an edit of a built solutions notebook back into its source."""

import dataclasses
from pathlib import Path

from nbformat import NotebookNode

from mlcourse.authoring.build import build
from mlcourse.authoring.files import read_notebook
from mlcourse.authoring.lab import Lab
from mlcourse.authoring.notebook import (
    BUILT,
    cell_ids,
    fingerprint,
    from_notebook,
    meant_cells,
    to_notebook,
)
from mlcourse.authoring.source import find_oddity, parse_source, read_lab, to_source
from mlcourse.authoring.terms import read_glossary
from mlcourse.errors import BuildError, SourceError
from mlcourse.files import write_whole
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
            the card was edited in the notebook, or if the source has a form that would
            not be kept. The source stays as it is.
        SourceError: If the edit breaks a rule. The source stays as it is.
    """
    name = course.lab_name(lab)
    folder = course.solutions / name
    path = folder / f"{name}.py"
    base = read_lab(folder)
    notebook = read_notebook(folder / f"{name}.ipynb")
    glossary = read_glossary(course)
    source_is = fingerprint(to_notebook(base, glossary))
    if fingerprint(notebook) == source_is:
        return None
    if notebook.metadata.get("mlcourse", {}).get(BUILT) != source_is:
        raise BuildError(
            f"{name}: the notebook was edited, and {path.name} is not what it was "
            "built from. Undo the change of the source and adopt again, or lose the "
            f"edit with `mlcourse dev build {name[:2]} --discard`."
        )
    oddity = find_oddity(path.read_text(encoding="utf-8"), base)
    if oddity is not None:
        raise BuildError(
            f"{path.name}:{oddity[0]}: must be {oddity[1]!r}, as jupytext writes it. "
            "Correct it, then adopt again."
        )
    edited = from_notebook(notebook, base=base, glossary=glossary)
    if edited.card != base.card:
        raise BuildError(
            f"{name}: the lab card was edited in the notebook. Edit the header of "
            f"{path.name}, then `mlcourse dev build {name[:2]} --discard`."
        )
    text = to_source(_with_spacing(edited, base, notebook))
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
    write_whole(path, text)
    build(course, [name], discard=True)
    return path


def _with_spacing(edited: Lab, base: Lab, notebook: NotebookNode) -> Lab:
    # JupyterLab keeps the id of a cell that is edited or moved.
    spacing = {
        identity: cell.spacing
        for identity, cell in zip(cell_ids(base), base.cells, strict=True)
    }
    cells = [
        dataclasses.replace(cell, spacing=spacing.get(node.get("id", "")))
        for cell, node in zip(edited.cells, meant_cells(notebook), strict=True)
    ]
    return dataclasses.replace(edited, cells=tuple(cells))
