"""What learners get: nbgrader's steps, with two of our own in front."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import (  # type: ignore[import-untyped]
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)
from traitlets import Dict, Unicode

from mlcourse.authoring.notebook import BUILT

__all__ = ["CODE_STUB", "STEPS", "TEXT_STUB", "ClearAnswers", "KeepForAuthors"]

CODE_STUB = "...  # YOUR CODE HERE"
CELL_STUB = "# YOUR CODE HERE"  # a cell that ends in `...` would print "Ellipsis"
TEXT_STUB = "Write here."
MEMO = "memo"
CELL = "cell"
TOP_LEVEL = "### BEGIN SOLUTION"


class KeepForAuthors(NbGraderPreprocessor):  # type: ignore[misc]
    """Leave out what only authors need: rubrics, marks of the builder."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Drop rubrics, and make the text and the code of the lab read-only."""
        nb.cells = [
            cell
            for cell in nb.cells
            if "rubric" not in cell.metadata.get("mlcourse", {})
        ]
        for cell in nb.cells:
            if "guess" in cell.metadata.pop("mlcourse", {}):
                cell.metadata.update(deletable=False)
            elif "nbgrader" not in cell.metadata:
                cell.metadata.update(deletable=False, editable=False)
        nb.metadata.get("mlcourse", {}).pop(BUILT, None)
        return nb, resources


class ClearAnswers(ClearSolutions):  # type: ignore[misc]
    """Replace answers by stubs that run: a body by an ellipsis, text by two words.

    A stub that raises would stop papermill at the first blank of an untouched lab.
    """

    code_stub = Dict({"python": CODE_STUB, CELL: CELL_STUB, MEMO: TEXT_STUB}).tag(
        config=True
    )
    text_stub = Unicode(TEXT_STUB).tag(config=True)

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        # nbgrader has one stub for each language, and calls them by its name.
        if cell.cell_type == "code" and cell.source.startswith("%%memo "):
            language = MEMO
        elif cell.cell_type == "code" and TOP_LEVEL in cell.source.split("\n"):
            language = CELL
        replaced: bool = super()._replace_solution_region(cell, language)
        if cell.source.count(CELL_STUB) > 1:
            # Blanks with a docstring stand above; the region needs no blank of its own.
            cell.source = cell.source.removesuffix(f"\n{CELL_STUB}").rstrip()
        return replaced


# NB: KeepForAuthors comes first, so that no later step sees a rubric. ClearHiddenTests
# comes after SaveCells, which keeps the tests for grading, and checksums are computed
# again after it.
STEPS = [
    KeepForAuthors,
    LockCells,
    ClearAnswers,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]
