"""Rubrics beside the written answers that an instructor grades in formgrader.

formgrader turns a graded notebook into a page with nbconvert's HTMLExporter, as it
opens it. A step of that exporter puts the rubric and the model answer above the written
answer, on that page only: the graded notebook, its checksums and the gradebook stay as
they are. Feedback for learners is made by the same exporter and gets no rubric: a
rubric holds sample answers, and the next class writes the same lab.
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.coursedir import CourseDirectory  # type: ignore[import-untyped]
from traitlets import Bool

from mlcourse.authoring.files import read_notebook
from mlcourse.authoring.regions import SOLUTION, find_regions
from mlcourse.errors import BuildError

__all__ = ["Rubric", "ShowRubrics", "read_rubrics"]

STYLE = """<style>
.mlcourse-rubric th, .mlcourse-rubric td { border: 1px solid #ddd; padding: 4px 8px;
  text-align: left !important; vertical-align: top !important; }
.mlcourse-rubric table { margin-bottom: 12px; }
.mlcourse-rubric summary { cursor: pointer; display: list-item; margin-bottom: 10px; }
.mlcourse-rubric details > div { border-left: 4px solid #bce8f1; padding-left: 16px;
  margin-bottom: 16px; }
.mlcourse-rubric details h1, .mlcourse-rubric details h2 { font-size: 1.2em; }
.mlcourse-rubric .anchor-link { display: none; }
</style>"""
PANEL = """<div class="panel panel-info mlcourse-rubric" data-rubric="{name}">
{style}
<div class="panel-heading"><strong>Rubric of {name}</strong>, for instructors
only</div>
<div class="panel-body">
{answer}
{text}

</div>
</div>"""
ANSWER = """<details>
<summary>Model answer</summary>
<div>

{text}

</div>
</details>
"""


@dataclass(frozen=True, slots=True)
class Rubric:
    """How a written answer is graded by hand.

    Args:
        name: nbgrader's name of the answer.
        text: Criteria, levels, points and sample answers, as Markdown.
        answer: The model answer, as Markdown; empty where the lab has none.

    Example:
        >>> Rubric("memo", "One point for a number.").as_markdown().count("<details>")
        0
    """

    name: str
    text: str
    answer: str = ""

    def as_markdown(self) -> str:
        """Return the rubric as the text of a cell, framed as formgrader frames."""
        answer = ANSWER.format(text=self.answer) if self.answer else ""
        name = escape(self.name)
        return PANEL.format(name=name, style=STYLE, answer=answer, text=self.text)


def read_rubrics(notebook: Path) -> dict[str, Rubric]:
    """Return the rubrics of a solutions notebook, by the name of the written answer.

    Args:
        notebook: ``solutions/NN_slug/NN_slug.ipynb``.

    Raises:
        BuildError: If it is not a notebook.
        ValueError: If a solution region has no end.
    """
    cells = read_notebook(notebook).cells
    answers = {
        cell.metadata.nbgrader.grade_id: _model_answer(cell.source)
        for cell in cells
        if _is_written(cell)
    }
    texts: dict[str, list[str]] = {}
    for cell in cells:
        if name := cell.metadata.get("mlcourse", {}).get("rubric"):
            texts.setdefault(name, []).append(cell.source)
    return {
        name: Rubric(name, "\n\n".join(parts), answers.get(name, ""))
        for name, parts in texts.items()
    }


class ShowRubrics(Preprocessor):
    """Put each rubric above its written answer on the pages of formgrader."""

    enabled = Bool(default_value=True).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with rubrics on formgrader's page, and else as it is.

        Args:
            nb: A graded notebook, in the exporter's own copy.
            resources: What the exporter knows; formgrader names the submission.
        """
        if "submission_id" not in resources:
            return nb, resources
        lab, name = resources["assignment_id"], resources["notebook_id"]
        course = CourseDirectory(parent=self)
        folder = course.format_path(course.source_directory, "", lab)
        path = Path(folder, f"{name}.ipynb")
        try:
            rubrics = read_rubrics(path)
        except (BuildError, OSError, ValueError) as error:
            self.log.warning("No rubrics for %s: %s", lab, error)
            return nb, resources
        cells = []
        for cell in nb.cells:
            mark = cell.metadata.get("nbgrader") or {}
            if _is_written(cell) and mark.get("grade_id") in rubrics:
                text = rubrics.pop(mark["grade_id"]).as_markdown()
                cells.append(new_markdown_cell(text))  # type: ignore[no-untyped-call]
            cells.append(cell)
        nb.cells = cells
        return nb, resources


def _is_written(cell: NotebookNode) -> bool:
    mark = cell.metadata.get("nbgrader") or {}
    return bool(mark.get("grade") and mark.get("solution"))


def _model_answer(source: str) -> str:
    codes = [region.code for region in find_regions(source) if region.kind == SOLUTION]
    return codes[0].strip() if codes else ""
