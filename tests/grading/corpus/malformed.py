"""Hand in files that a program chokes on."""

import os

from grading.corpus.case import (
    Case,
    find,
    link,
    listen,
    marks,
    nan,
    old_format,
    pipe,
    raw,
    without_cells,
)
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

MALFORMED = [
    Case(
        "broken-json",
        {"test_double": 1.0},
        failure=True,
        arrange=raw(lambda text: text[:-20]),
    ),
    Case("empty-file", {"test_double": 1.0}, failure=True, arrange=raw(lambda _: "")),
    Case(
        "not-a-notebook",
        {"test_double": 1.0},
        failure=True,
        arrange=raw(lambda _: "[1, 2]"),
    ),
    Case("no-cells", {"test_double": 1.0}, failure=True, arrange=raw(without_cells)),
    Case(
        "deep-json",
        {"test_double": 1.0},
        failure=True,
        arrange=raw(lambda _: "[" * 100_000),
    ),
    Case(
        "binary",
        {"test_double": 1.0},
        failure=True,
        arrange=raw(lambda _: bytes(range(256))),
    ),
    Case("nan-in-json", arrange=raw(nan)),
    Case("byte-order-mark", arrange=raw(lambda text: b"\xef\xbb\xbf" + text.encode())),
    Case("windows-lines", arrange=raw(lambda text: text.replace("\n", "\r\n"))),
    Case("old-format", arrange=raw(old_format)),
    Case("future-schema", edit=marks("test_squares", schema_version=99)),
    Case(
        "no-schema",
        edit=lambda name, content: (
            name == "problem1"
            and find(content, "squares").metadata["nbgrader"].pop("schema_version")
        ),
    ),
    Case(
        "unknown-id",
        edit=lambda name, content: content.cells.append(
            NotebookNode(
                new_code_cell(
                    "1",
                    metadata={
                        "nbgrader": {
                            "grade_id": "mine",
                            "grade": True,
                            "locked": False,
                            "solution": False,
                            "task": False,
                            "points": 50,
                            "schema_version": 3,
                        }
                    },
                )
            )
        ),
    ),
    Case(
        "path-as-id",
        edit=lambda name, content: content.cells.append(
            NotebookNode(
                new_code_cell(
                    "1",
                    metadata={
                        "nbgrader": {
                            "grade_id": "../../x",
                            "grade": True,
                            "locked": False,
                            "solution": False,
                            "task": False,
                            "points": 50,
                            "schema_version": 3,
                        }
                    },
                )
            )
        ),
    ),
    Case(
        "poisoned-metadata",
        edit=lambda name, content: content.metadata.update(
            kernelspec={"name": "bash", "display_name": "x", "language": "bash"},
            nbgrader=7,
            widgets={"x": "y"},
        ),
    ),
    Case("pipe", flag=None, arrange=pipe("notes.txt")),
    Case(
        "pipe-as-notebook",
        {"test_double": 1.0},
        failure=True,
        arrange=pipe("problem1.ipynb"),
    ),
    Case("socket", arrange=listen),
    Case(
        "folder-as-notebook",
        {"test_double": 1.0},
        failure=True,
        arrange=lambda folder, _: (
            (folder / "problem1.ipynb").unlink(),
            (folder / "problem1.ipynb").mkdir(),
        )[1],
    ),
    Case("link-loop", arrange=link("loop", ".")),
    Case("odd-names", files={"ünï cödé.txt": "x", "with\nline": "x", "-rf": "x"}),
    Case(
        "sparse-giant",
        None,
        failure=True,
        arrange=lambda folder, _: os.truncate(
            os.open(folder / "big.bin", os.O_CREAT | os.O_RDWR), 1 << 36
        ),
    ),
    Case("no-notebook", {"test_double": 1.0}, remove=("problem1.ipynb",)),
]
