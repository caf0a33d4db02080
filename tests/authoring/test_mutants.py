import pytest

from mlcourse.authoring.lab import Cell
from mlcourse.authoring.mutants import make_mutants, mutate
from mlcourse.errors import SourceError

CELL = Cell(
    "answer",
    "first",
    "def first(x):\n    ### BEGIN SOLUTION\n    return x > 1\n    ### END SOLUTION",
)


def test_mutants_are_valid_and_differ():
    mutants = list(make_mutants(CELL))

    codes = {mutant.code for mutant in mutants}
    assert {"return x > 2", "return x >= 1", "return x == 1"} <= {
        " ".join(code.split()) for code in codes
    }
    assert len(codes) == len(mutants)
    assert all(mutant.before == "return x > 1" for mutant in mutants)
    assert CELL.solution not in codes


def test_mutants_that_are_no_code_are_left_out():
    code = "with open('x') as f:\n    b = f"
    cell = Cell("answer", "a", f"### BEGIN SOLUTION\n{code}\n### END SOLUTION")

    assert [mutant.code for mutant in make_mutants(cell)] == []


@pytest.mark.slow
def test_mutants_run_through_the_tests(course):
    mutants = mutate(course, "01", answers=["reach"])

    assert mutants.by_answer == {"reach": (10, 11)}
    assert [str(mutant) for mutant in mutants.survived] == [
        "reach: reach = max(true_readings) - min(true_readings)  ->  "
        "reach = max(true_readings) ^ min(true_readings)"
    ]
    assert mutants.share == pytest.approx(10 / 11)
    assert "91% of 11 mutants caught" in str(mutants)


@pytest.mark.slow
def test_mutants_may_be_declared_equivalent_and_be_sampled(course):
    path = course.solutions / "01_double" / "wrong_answers.py"
    text = path.read_text(encoding="utf-8").replace("import W", "import Equivalent, W")
    line = "reach = max(true_readings) ^ min(true_readings)"
    text += f'\nEQUIVALENT = [Equivalent("reach", "{line}", "the same for 10 and 2")]\n'
    path.write_text(text, encoding="utf-8")

    mutants = mutate(course, "01", answers=["reach"], most=4)

    assert len(mutants.tried) == 4
    assert [mutant.line for mutant in mutants.equivalent] == [line]
    assert mutants.share == 1.0


@pytest.mark.slow
def test_a_model_answer_that_loses_points_is_no_yardstick(course, edit):
    edit(
        course.solutions / "01_double" / "01_double.py", "return 2 * x", "return 3 * x"
    )

    with pytest.raises(SourceError, match="the model answers lose points"):
        mutate(course, "01", most=1)
