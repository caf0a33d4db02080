import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mlcourse.authoring.run import run_lab, run_notebook, score
from mlcourse.authoring.wrong_answers import WrongAnswer
from mlcourse.errors import LabNotFoundError

FULL = {"double": 8.0, "reach": 8.0, "memo": 1.0}

pytestmark = pytest.mark.slow


def notebook_of(*sources):
    kernel = {
        "kernelspec": {"name": "mlcourse", "display_name": "m", "language": "python"}
    }
    return new_notebook(cells=[new_code_cell(s) for s in sources], metadata=kernel)


def graded(*outputs, points=4, executed=1):
    grading = {
        "grade": True, "solution": False, "locked": True, "grade_id": "test_psi",
        "points": points, "schema_version": 3,
    }  # fmt: skip
    cell = new_code_cell(
        "checks.psi()", outputs=list(outputs), execution_count=executed,
        metadata={"nbgrader": grading},
    )  # fmt: skip
    return new_notebook(cells=[cell])


def result(text):
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def test_the_reference_earns_everything_in_silence(built):
    run = run_lab(built, "01")

    assert run.is_full
    assert (run.scores, run.points) == (FULL, FULL)
    assert (run.errors, run.stderr, run.failure) == ((), (), "")
    assert run.network in ("namespace", "guard")
    assert 0 < run.seconds < 60


def test_the_untouched_lab_earns_nothing_and_shows_no_red(built):
    run = run_lab(built, "01", variant="released")

    assert run.scores == dict.fromkeys(FULL, 0.0)
    assert (run.errors, run.stderr, run.failure) == ((), (), "")


def test_a_wrong_answer_loses_the_points_of_its_test(built):
    wrong = WrongAnswer("double", "forgets the sign", "return 2 * abs(x)", "any")

    run = run_lab(built, "01", variant=wrong)

    assert run.scores == FULL | {"double": 0.0}


def test_an_error_does_not_stop_the_run_and_the_seed_is_passed_on(tmp_path):
    run = run_notebook(
        notebook_of(
            "1 / 0",
            "import os, sys; os.environ['MLCOURSE_SEED'], os.environ['COLOUR']",
            "print('careful', file=sys.stderr)",
        ),
        files=tmp_path,
        seed=7,
        env={"COLOUR": "red"},
    )

    assert [(found.cell, found.text) for found in run.errors] == [
        (1, "ZeroDivisionError: division by zero")
    ]
    assert run.notebook.cells[1].outputs[0].data["text/plain"] == "('7', 'red')"
    assert [found.text for found in run.stderr] == ["careful\n"]


def test_a_run_sees_copies_and_no_sources(built, tmp_path):
    (tmp_path / "checks.py").write_text("mine = 1")

    run = run_notebook(
        notebook_of(
            "import pathlib; sorted(p.name for p in pathlib.Path().glob('*.[!i]*'))",
            "open('checks.py').read(), open('new.txt', 'w').write('x')",
        ),
        files=built.solutions / "01_double",
        checks=tmp_path / "checks.py",
    )

    names, read = (cell.outputs[0].data["text/plain"] for cell in run.notebook.cells)
    assert names == "['checks.py']"
    assert "mine = 1" in read
    assert not (built.solutions / "01_double" / "new.txt").exists()


def test_a_run_has_no_network_but_its_own(tmp_path):
    run = run_notebook(
        notebook_of("import socket; socket.create_connection(('192.0.2.1', 9), 5)"),
        files=tmp_path,
    )

    assert (
        "unreachable" in run.errors[0].text.lower() or "network" in run.errors[0].text
    )


@pytest.mark.parametrize(
    ("source", "failure"),
    [("while True: pass", "TimeoutError"), ("import os; os._exit(1)", "DeadKernel")],
)
def test_a_run_that_does_not_end_well_says_why(built, source, failure):
    notebook = nbformat.read(
        built.solutions / "01_double" / "01_double.ipynb", as_version=4
    )
    notebook.cells.insert(1, new_code_cell(source))

    run = run_notebook(notebook, files=built.solutions / "01_double", timeout=10)

    assert failure in run.failure
    assert run.scores == dict.fromkeys(FULL, 0.0)
    assert not run.is_full


def test_a_lab_that_is_not_built_says_so(course):
    with pytest.raises(LabNotFoundError, match="mlcourse dev build 01"):
        run_lab(course, "01", variant="released")


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ((result("2.5"),), 2.5),
        ((), 4.0),
        ((new_output("stream", name="stderr", text="x"), result("4")), 0.0),
        ((result("3"), new_output("error", ename="E", evalue="")), 3.0),
        ((new_output("error", ename="E", evalue=""),), 0.0),
    ],
)
def test_scores_are_those_of_nbgrader(outputs, points):
    assert score(graded(*outputs)) == {"psi": points}


def test_a_test_that_did_not_run_has_no_points():
    assert score(graded(executed=None)) == {"psi": 0.0}
