"""Stock programs use both kernels by name: nothing of theirs is changed or patched."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from kernels.started import FORKS
from nbformat.v4 import new_code_cell, new_notebook

FORKED = "import sys; assert 'sklearn' in sys.modules"
DRAWN = "import matplotlib.pyplot as plt; _ = plt.plot([1, 2])"
BOTH = pytest.mark.parametrize(
    "name",
    [
        "mlcourse",
        pytest.param("mlcourse-sandbox", marks=pytest.mark.sandbox),
    ],
)

pytestmark = [
    pytest.mark.slow,
    FORKS,
]


def notebook(name: str, *sources: str):
    spec = {"name": name, "display_name": name, "language": "python"}
    cells = [new_code_cell(source) for source in (FORKED, *sources)]
    return new_notebook(cells=cells, metadata={"kernelspec": spec})


def run(*command: str, folder) -> None:
    scripts = str(Path(sys.executable).parent)  # nbgrader looks for alembic
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"PATH": f"{scripts}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "cold kernel" not in done.stderr


def shown(cell) -> list[str]:
    return [output.get("data", {}).get("text/plain", "") for output in cell.outputs]


def test_both_are_installed_with_the_package():
    found = KernelSpecManager().find_kernel_specs()
    assert {"mlcourse", "mlcourse-sandbox"} <= set(found)
    assert found["mlcourse"].startswith(sys.prefix)


@BOTH
def test_nbclient_runs_it_and_a_figure_is_drawn_without_show(name, tmp_path):
    path = tmp_path / "a.ipynb"
    nbformat.write(notebook(name, DRAWN, "6 * 7"), path)
    run("nbconvert", "--to", "notebook", "--execute", "--inplace", path, folder="/")
    cells = nbformat.read(path, as_version=4).cells
    assert "image/png" in cells[1].outputs[0].data
    assert shown(cells[2]) == ["42"]


@BOTH
def test_papermill_runs_it_with_parameters(name, tmp_path):
    nbformat.write(notebook(name, "x"), tmp_path / "a.ipynb")
    run("papermill", "a.ipynb", "b.ipynb", "-p", "x", "3", folder=tmp_path)
    cells = nbformat.read(tmp_path / "b.ipynb", as_version=4).cells
    assert shown(cells[-1]) == ["3"]


@BOTH
def test_nbgrader_grades_with_it(name, tmp_path):
    made = notebook(name, "x = 42", "assert x == 42")
    rules = {"schema_version": 3, "locked": True, "points": 2, "grade_id": "test"}
    made.cells[-1].metadata.nbgrader = rules | {"grade": True, "solution": False}
    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    nbformat.write(made, source / "p.ipynb")
    (tmp_path / "nbgrader_config.py").write_text("")
    run("nbgrader", "generate_assignment", "ps1", folder=tmp_path)
    submitted = tmp_path / "submitted" / "hacker"
    submitted.mkdir(parents=True)
    (tmp_path / "release" / "ps1").rename(submitted / "ps1")
    run("nbgrader", "autograde", "ps1", folder=tmp_path)
    with sqlite3.connect(tmp_path / "gradebook.db") as book:
        rows = book.execute("select auto_score from grade").fetchall()
    book.close()
    assert rows == [(2.0,)]
