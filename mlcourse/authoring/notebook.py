"""A lab as a notebook with nbgrader's metadata, and back."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode, from_dict

from mlcourse.authoring.card import card_from
from mlcourse.authoring.lab import Cell, Kind, Lab
from mlcourse.authoring.regions import drop_markers, replace_region
from mlcourse.authoring.terms import collapse, drop_definitions, expand
from mlcourse.errors import SourceError

if TYPE_CHECKING:
    from mlcourse.glossary.load import Glossary

__all__ = [
    "BUILT",
    "KERNEL",
    "cell_ids",
    "fingerprint",
    "from_notebook",
    "meant_cells",
    "submission",
    "to_notebook",
]

BUILT = "built"
KERNEL = {"display_name": "mlcourse", "language": "python", "name": "mlcourse"}
SCHEMA = 3

_CALL = re.compile(r"checks\.(\w+)\(points=(\d+(?:\.\d+)?)\)")


def to_notebook(lab: Lab, glossary: "Glossary | None" = None) -> NotebookNode:
    """Return a lab as a notebook: with answers, hidden tests and rubrics.

    The notebook depends on these alone: no outputs, no times, and cell ids that come
    from names or from content. Its metadata holds the card and its own fingerprint.

    Args:
        lab: The lab.
        glossary: Where the terms in its texts are; without one they stay roles.

    Raises:
        SourceError: If a text names a term that is not in the glossary.
    """
    cells = [
        _write_cell(_with_links(cell, lab, glossary), identity)
        for cell, identity in zip(lab.cells, cell_ids(lab), strict=True)
    ]
    metadata = {"kernelspec": dict(KERNEL), "mlcourse": lab.card.as_dict()}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    notebook: NotebookNode = from_dict(content)  # type: ignore[no-untyped-call]
    notebook.metadata.mlcourse[BUILT] = fingerprint(notebook)
    return notebook


def submission(lab: Lab, answers: Mapping[str, str] | None = None) -> NotebookNode:
    """Return the notebook that a learner would hand in with these answers.

    The tests hold their hidden part, as they do at grading; markers and rubrics are
    gone.

    Args:
        lab: The lab.
        answers: Other content of solution regions, by name of the answer; the model
            answer where a name is missing.
    """
    other = answers or {}
    cells = [
        dataclasses.replace(cell, source=replace_region(cell.source, other[cell.name]))
        if cell.kind in ("answer", "written", "memo") and cell.name in other
        else cell
        for cell in lab.cells
        if cell.kind != "rubric"
    ]
    notebook = to_notebook(dataclasses.replace(lab, cells=tuple(cells)))
    for cell in notebook.cells:
        cell.source = drop_markers(cell.source)
    return notebook


def from_notebook(
    notebook: NotebookNode, *, base: Lab, glossary: "Glossary | None" = None
) -> Lab:
    """Return the lab that a notebook holds: the inverse of `to_notebook`.

    Args:
        notebook: A solutions notebook, perhaps edited; outputs are left aside.
        base: The lab that it was built from. It decides whether new points were typed
            in the metadata or in the last line of a test.
        glossary: What the links to terms were made of, if it was given there.

    Raises:
        SourceError: If a cell has no place in a source.
    """
    cells = [
        _read_cell(cell, f"{base.name}.ipynb cell {number}", base)
        for number, cell in enumerate(meant_cells(notebook), start=1)
    ]
    if glossary is not None:
        known = {
            drop_definitions(_with_links(cell, base, glossary).source): cell.source
            for cell in base.cells
            if cell.is_markdown
        }
        cells = [_with_roles(cell, known, glossary) for cell in cells]
    fields = dict(notebook.metadata.get("mlcourse", {}))
    fields.pop(BUILT, None)
    return Lab(base.name, card_from(fields), tuple(cells))


def cell_ids(lab: Lab) -> list[str]:
    """Return the id of each cell: its name, else a hash of its content.

    A cell keeps its id when other cells change; two equal cells are numbered.
    """
    seen: dict[str, int] = {}
    found = []
    for cell in lab.cells:
        content = f"{cell.name}\n{cell.source}".encode()
        identity = (
            cell.identity or f"{cell.kind}-{hashlib.sha256(content).hexdigest()[:12]}"
        )
        seen[identity] = seen.get(identity, 0) + 1
        found.append(
            identity if seen[identity] == 1 else f"{identity}-{seen[identity]}"
        )
    return found


def fingerprint(notebook: NotebookNode) -> str:
    """Return a hash of what an author means by a notebook.

    Saving it again in JupyterLab changes nothing here: outputs, counts, ids and the
    metadata of the kernel are left out. So are definitions, which the glossary says.
    """
    card = dict(notebook.metadata.get("mlcourse", {}))
    card.pop(BUILT, None)
    meaning: list[Any] = [card]
    for cell in meant_cells(notebook):
        grading = cell.metadata.get("nbgrader", {})
        marks = [grading.get(key) for key in ("grade", "solution", "grade_id")]
        points = float(grading.get("points", 0))
        ours = cell.metadata.get("mlcourse", {})
        role = ours.get("rubric") or ours.get("guess")
        source = cell.source
        if cell.cell_type == "markdown":
            source = drop_definitions(source)
        meaning.append([cell.cell_type, source, *marks, points, role])
    text = json.dumps(meaning, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def meant_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that an author means: JupyterLab leaves empty ones behind."""
    return [
        cell
        for cell in notebook.cells
        if cell.source.strip() or "nbgrader" in cell.metadata
    ]


def _with_links(cell: Cell, lab: Lab, glossary: "Glossary | None") -> Cell:
    if glossary is None or not cell.is_markdown:
        return cell
    try:
        return dataclasses.replace(cell, source=expand(cell.source, glossary))
    except ValueError as error:
        message, number = error.args
        line = cell.line + 1 + number
        raise SourceError(f"{lab.name}.py:{line}: {message}.") from None


def _with_roles(cell: Cell, known: Mapping[str, str], glossary: "Glossary") -> Cell:
    if not cell.is_markdown:
        return cell
    # A cell that was not edited keeps its roles as they were written.
    source = known.get(drop_definitions(cell.source))
    return dataclasses.replace(cell, source=source or collapse(cell.source, glossary))


def _write_cell(cell: Cell, identity: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    node: dict[str, Any] = {
        "id": identity,
        "metadata": metadata,
        "source": _notebook_text(cell),
    }
    if cell.is_markdown:
        node |= {"cell_type": "markdown"}
    else:
        node |= {"cell_type": "code", "execution_count": None, "outputs": []}
    if cell.kind in ("rubric", "guess"):
        metadata["mlcourse"] = {cell.kind: cell.name}
    elif cell.kind not in ("text", "needs", "code"):
        # Text and given code have no place in the gradebook. nbgrader fails a whole
        # submission whose locked cell it does not know, will not release a lab again
        # with other cells once there are submissions, and fails to put back a test that
        # was deleted below a locked cell. Authors must be free to mend what is given;
        # in return a learner's edit of it stays at grading, where tests bring their
        # own inputs, and `mlcourse check` names it.
        written = cell.kind in ("written", "memo")
        metadata["nbgrader"] = {
            "grade": written or cell.kind == "test",
            "grade_id": identity,
            "locked": cell.kind == "test",
            "schema_version": SCHEMA,
            "solution": written or cell.kind == "answer",
            "task": False,
        }
        if cell.points is not None:
            metadata["nbgrader"]["points"] = cell.points
    return node


def _notebook_text(cell: Cell) -> str:
    if cell.kind == "test":
        call = f"checks.{cell.name}(points={cell.points:g})"
        return f"{cell.source}\n{call}" if cell.source else call
    if cell.kind == "needs":
        return f"%%needs {cell.name.replace(',', ' ')}\n{cell.source}"
    if cell.kind == "memo":
        return f"%%memo {cell.name}\n{cell.source}"
    return cell.source


def _read_cell(node: NotebookNode, where: str, base: Lab) -> Cell:
    grading = node.metadata.get("nbgrader", {})
    grade, solution = grading.get("grade", False), grading.get("solution", False)
    name, points = grading.get("grade_id", ""), grading.get("points", 0)
    source = node.source.rstrip()
    first, _, rest = source.partition("\n")
    words = first.split()
    kind: Kind
    if node.cell_type == "raw" or grading.get("task"):
        raise SourceError(
            f"{where}: a lab has only code and Markdown cells, change it."
        )
    ours = node.metadata.get("mlcourse", {})
    if node.cell_type == "markdown":
        if "rubric" in ours:
            return Cell("rubric", ours["rubric"], source)
        kind = "written" if grade else "text"
        return Cell(kind, name if grade else "", source, points if grade else None)
    if grade and solution:
        if words != ["%%memo", name]:
            raise SourceError(
                f"{where}: a written answer in a code cell must begin with "
                f"'%%memo {name}', got {first!r}."
            )
        return Cell("memo", name, rest, points)
    if grade:
        return _read_test(name, points, source, where, base)
    if solution:
        return Cell("answer", name, source)
    if "guess" in ours:
        return Cell("guess", ours["guess"], source)
    if words[:1] == ["%%needs"]:
        return Cell("needs", ",".join(words[1:]), rest)
    return Cell("code", "", source)


def _read_test(
    identity: str, points: float, source: str, where: str, base: Lab
) -> Cell:
    name = identity.removeprefix("test_")
    body, _, last = source.rpartition("\n")
    call = _CALL.fullmatch(last.strip())
    if not identity.startswith("test_") or call is None or call[1] != name:
        raise SourceError(
            f"{where}: the test {identity!r} must be named test_NAME and end with "
            "checks.NAME(points=...)."
        )
    typed = float(call[2]) if "." in call[2] else int(call[2])
    known = [cell.points for cell in base.of("test") if cell.name == name]
    if typed != points and typed not in known and points not in known:
        raise SourceError(
            f"{where}: {identity!r} has {points:g} points in its metadata and "
            f"{typed:g} in its last line, make them equal."
        )
    return Cell("test", name, body, typed if points in known else points)
