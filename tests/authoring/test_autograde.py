"""Stock nbgrader grades what we build, as our own run scores it."""

import csv
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from mlcourse.authoring.build import build
from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab

NBGRADER = Path(sys.executable).parent / "nbgrader"


def nbgrader(course, *arguments):
    done = subprocess.run(
        [NBGRADER, *arguments],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def hand_in(course, student, notebook):
    folder = course.grading / "submitted" / student / "01_double"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "01_double.ipynb")


def without(notebook, identity):
    notebook.cells = [cell for cell in notebook.cells if cell.id != identity]
    return notebook


def with_source(notebook, identity, source):
    for cell in notebook.cells:
        if cell.id == identity:
            cell.source = source
    return notebook


@pytest.mark.slow
def test_stock_nbgrader_grades_honest_and_tampered_notebooks(built):
    lab = read_lab(built.solutions / "01_double")
    released = built.labs / "01_double" / "01_double.ipynb"
    untouched = nbformat.read(released, as_version=4)
    wrong = {"double": "return 2 * abs(x)"}
    hand_in(built, "full", submission(lab))
    hand_in(built, "untouched", untouched)
    hand_in(built, "partial", submission(lab, wrong))
    hand_in(built, "deleted", without(submission(lab, wrong), "test_double"))
    hand_in(built, "edited", with_source(submission(lab, wrong), "test_double", "8.0"))

    nbgrader(built, "generate_assignment", "01_double", "--force")
    log = nbgrader(built, "autograde", "01_double")
    nbgrader(built, "export", "--to", str(built.grading / "grades.csv"))

    with (built.grading / "grades.csv").open(newline="") as file:
        rows = {
            row["student_id"]: float(row["score"])
            for row in csv.DictReader(file)
            if row["assignment"] == "01_double"
        }
    assert rows == {
        "full": 17.0,
        "untouched": 0.0,
        "partial": 9.0,
        "deleted": 9.0,
        "edited": 9.0,
    }
    assert "Missing grade cell test_double" in log
    assert "Attribute 'checksum' for cell test_double has changed" in log
    assert not (built.root / "gradebook.db").exists()
    assert {path.name for path in built.root.iterdir()} >= {".grading", "labs"}
    assert not (built.root / "submitted").exists()


@pytest.mark.slow
def test_what_is_given_can_be_mended_after_notebooks_were_handed_out(built, edit):
    folder = built.solutions / "01_double"
    nbgrader(built, "generate_assignment", "01_double", "--force")
    hand_in(built, "early", without(submission(read_lab(folder)), "test_reach"))
    nbgrader(built, "autograde", "01_double")
    source = folder / "01_double.py"
    edit(source, "The bars show", "Bars show")
    edit(source, "readings = [3, 1, 4, 1, 5]", "readings = [3, 1, 4, 5]")
    edit(source, 'height="60">{bars}', 'height="70">{bars}')
    edit(
        source,
        "\n# %% [markdown]\n# ## 3.",
        "\n# %%\nnew = 1\n\n# %% [markdown]\n# ## 3.",
    )
    build(built)

    nbgrader(built, "generate_assignment", "01_double", "--force")
    nbgrader(built, "autograde", "01_double", "--force")
    nbgrader(built, "export", "--to", str(built.grading / "grades.csv"))

    with (built.grading / "grades.csv").open(newline="") as file:
        rows = {row["assignment"]: row["score"] for row in csv.DictReader(file)}
    assert float(rows["01_double"]) == 17.0
