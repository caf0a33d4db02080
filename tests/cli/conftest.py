"""A course of one lab in a folder of its own, as a learner has it."""

import json

import nbformat
import pytest
from nbformat import v4
from typer.testing import CliRunner

from mlcourse.cli import app
from mlcourse.cli.workbook import copy_labs
from mlcourse.paths import Course

LAB = "01_toy"
CHECKS = """
from mlcourse.checks import Checks, expect

checks = Checks("01_toy")
hints = {"start": "Add it.", "zero": "Try 0.", "last": "x + x"}
double = checks.task("double", hints=hints)


@double.expects("It doubles a number.", hint="zero")
def _(double):
    expect(double(3) == 6, got=double(3))
"""


def _mark(name, **fields):
    mark = {"grade_id": name, "schema_version": 3, "cell_type": "code", "task": False}
    kinds = {"grade": False, "solution": False, "locked": False}
    return {"nbgrader": mark | kinds | fields}


def make_notebook():
    cells = [
        v4.new_markdown_cell("# Toy", id="title"),
        v4.new_code_cell(
            "from checks import checks",
            id="setup",
            metadata={"deletable": False, "editable": False},
        ),
        v4.new_code_cell(
            "def double(x):\n    ...  # YOUR CODE HERE",
            id="double",
            metadata=_mark("double", solution=True),
        ),
        v4.new_code_cell(
            "checks.double(points=2)",
            id="test_double",
            metadata=_mark("test_double", grade=True, locked=True, points=2),
        ),
        v4.new_markdown_cell(
            "Write here.",
            id="why",
            metadata=_mark(
                "why", grade=True, solution=True, points=4, cell_type="markdown"
            ),
        ),
    ]
    kernel = {"name": "mlcourse", "display_name": "mlcourse", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def course(tmp_path, monkeypatch):
    folder = tmp_path / "course" / "labs" / LAB
    folder.mkdir(parents=True)
    nbformat.write(make_notebook(), folder / f"{LAB}.ipynb")
    (folder / "checks.py").write_text(CHECKS)
    monkeypatch.setenv("MLCOURSE_HOME", str(tmp_path / "course"))
    monkeypatch.chdir(tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture
def started(course):
    """The course after `mlcourse lab` has copied its labs."""
    copy_labs(course)
    return course


@pytest.fixture
def notebook(started):
    """Reads and writes the learner's notebook."""
    path = started.workbook / LAB / f"{LAB}.ipynb"

    class Own:
        def read(self):
            return json.loads(path.read_text())

        def write(self, notebook):
            path.write_text(json.dumps(notebook))

        def answer(self, code):
            notebook = self.read()
            notebook["cells"][2]["source"] = code
            self.write(notebook)

    return Own()


@pytest.fixture
def run():
    """Runs a command line and returns its exit code and its two streams."""

    def call(*words):
        done = CliRunner().invoke(app, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call
