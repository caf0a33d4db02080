"""A submission of the toy course of conftest.py, and what must come of it.

A score of :data:`HUMAN` means that a human is asked: no points by machine, or a flag.
"""

import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

HUMAN = "human"
FULL = {
    "test_squares": 2.0,
    "test_partial": 3.0,
    "test_total": 2.0,
    "test_double": 1.0,
}
WRONG = {"squares": "def squares(n):\n    return []"}
# What a wrong `squares` earns, and the rest of the course.
WITHOUT_SQUARES = FULL | {"test_squares": 0.0, "test_partial": 0.0}


@dataclass(frozen=True)
class Case:
    """A submission.

    Args:
        name: Also the student's id.
        scores: Points by machine, by grade id; HUMAN where a human must be asked.
        flag: Whether the submission must be flagged (None: it may be).
        answers, edit, files, remove: As for ``hand_in``.
        arrange: Called with the submission's folder and the course's after it is there.
        failure: Whether it may be reported as impossible to grade instead.
    """

    name: str
    scores: Mapping[str, float | str] = field(default_factory=lambda: FULL)
    flag: bool | None = None
    answers: Mapping[str, str] | None = None
    edit: Callable[[str, NotebookNode], None] | None = None
    files: Mapping[str, bytes | str] | None = None
    remove: tuple[str, ...] = ()
    arrange: Callable[[Path, Path], None] | None = None
    failure: bool = False


def find(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def first(notebook: str = "problem1", *, at: int = 0, code: str) -> Callable[..., None]:
    """Put a code cell into a notebook."""

    def edit(name: str, content: NotebookNode) -> None:
        if name == notebook:
            content.cells.insert(at, new_code_cell(code))

    return edit


def marks(cell: str, **values: Any) -> Callable[[str, NotebookNode], None]:
    """Change nbgrader's metadata of a cell."""

    def edit(name: str, content: NotebookNode) -> None:
        if name == "problem1":
            find(content, cell).metadata["nbgrader"].update(values)

    return edit


def tags(*names: str) -> Callable[[str, NotebookNode], None]:
    def edit(name: str, content: NotebookNode) -> None:
        for cell in content.cells:
            cell.metadata["tags"] = list(names)

    return edit


def drop(cell: str) -> Callable[[str, NotebookNode], None]:
    def edit(name: str, content: NotebookNode) -> None:
        if name == "problem1":
            content.cells.remove(find(content, cell))

    return edit


def twice(cell: str) -> Callable[[str, NotebookNode], None]:
    def edit(name: str, content: NotebookNode) -> None:
        if name == "problem1":
            here = content.cells.index(find(content, cell))
            copy = NotebookNode(json.loads(json.dumps(content.cells[here])))
            copy["id"] = "copy"  # JupyterLab gives a copy an id of its own
            content.cells.insert(here + 1, copy)

    return edit


def raw(change: Callable[[str], str | bytes]) -> Callable[[Path, Path], None]:
    """Change the text of the first notebook."""

    def arrange(folder: Path, _: Path) -> None:
        path = folder / "problem1.ipynb"
        text = change(path.read_text("utf-8"))
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    return arrange


def link(name: str, target: str) -> Callable[[Path, Path], None]:
    def arrange(folder: Path, course: Path) -> None:
        (folder / name).symlink_to(target.format(course=course))

    return arrange


def pipe(name: str) -> Callable[[Path, Path], None]:
    def arrange(folder: Path, _: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return arrange


def listen(folder: Path, _: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path has 108 bytes
        try:
            server.bind("s")
        finally:
            os.chdir(here)


def rename(folder: Path, _: Path) -> None:
    (folder / "problem1.ipynb").rename(folder / "problem1 (copy).ipynb")


def old_format(text: str) -> str:
    """Write a notebook as a tool of 2015 would: format 4.0, no cell ids."""
    content = json.loads(text)
    content["nbformat_minor"] = 0
    for cell in content["cells"]:
        cell.pop("id", None)
    return json.dumps(content)


def without_cells(text: str) -> str:
    return json.dumps(json.loads(text) | {"cells": None})


def nan(text: str) -> str:
    content = json.loads(text)
    content["metadata"]["weight"] = float("nan")
    return json.dumps(content)


def cheat(code: str) -> dict[str, str]:
    """Return answers that are wrong, with something in the function under test."""
    body = "\n".join(f"    {line}" for line in code.splitlines())
    return {"squares": f"def squares(n):\n{body}\n    return []"}
