import pytest

from mlcourse.checks import Ledger
from mlcourse.cli.attempt import attempt, read_own
from mlcourse.errors import LabNotFoundError
from mlcourse.paths import LEDGER


def test_an_untouched_notebook_is_fine_and_has_no_points(started, run):
    done = run("check", "01")
    assert done.exit_code == 0
    assert "double  not attempted  0 of 2" in done.stdout
    assert "4 more points are given by a person" in done.stdout
    assert "Traceback" not in done.output


def test_an_answer_is_run_and_written_down(started, notebook, run):
    notebook.answer("def double(x):\n    return 2 * x")
    assert run("check", "01").exit_code == 0
    (event,) = Ledger(started.workbook / LEDGER).events()
    assert (event["outcome"], event["score"]) == ("passed", 2.0)


def test_an_error_in_a_cell_fails_the_check(started, notebook):
    notebook.answer("def double(x):\n    return x\n\n1 / 0")
    result = attempt(started, "01_toy")
    assert not result.ok
    assert result.errors == ("Cell 3: ZeroDivisionError: division by zero",)
    assert result.tasks[0].outcome == "failed"


def test_an_edited_check_gives_no_points_and_is_told(started, notebook, run):
    own = notebook.read()
    own["cells"][3]["source"] = "2.0"
    notebook.write(own)
    done = run("check", "01")
    assert done.exit_code == 1
    assert "A locked cell was edited: test_double" in done.stdout
    assert "0 of 2" in done.stdout
    assert "mlcourse reset 01" in done.stdout


def test_the_learners_own_checks_file_is_not_believed(started, notebook):
    notebook.answer("def double(x):\n    return 7")
    checks = started.workbook / "01_toy/checks.py"
    checks.write_text("class checks:\n    double = staticmethod(lambda points: 2.0)\n")
    assert attempt(started, "01_toy").points == 0


def test_a_lab_that_was_not_begun_names_the_command(course):
    with pytest.raises(LabNotFoundError, match="mlcourse lab"):
        read_own(course, "01_toy")


@pytest.mark.parametrize("text", ["{", "{}", '{"cells": 3}', "[]"])
def test_a_file_that_is_no_notebook_is_refused(started, text):
    (started.workbook / "01_toy/01_toy.ipynb").write_text(text)
    with pytest.raises(ValueError, match="is not a notebook"):
        read_own(started, "01_toy")
