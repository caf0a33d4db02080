"""Scores against nbgrader's own, over every mixture of outputs that can be made."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.utils import compute_checksum, determine_grade

from mlcourse.grading.score import score_cell


def graded(outputs=(), *, points=3, solution=False, source="f(1)", count=1):
    mark = {"grade": True, "solution": solution, "grade_id": "t", "points": points}
    cell = new_code_cell(source, execution_count=count, metadata={"nbgrader": mark})
    cell.outputs = list(outputs)
    return cell


def result(text):
    return new_output("execute_result", {"text/plain": text})


def stream(name):
    return new_output("stream", name=name, text="x")


ERROR = new_output("error", ename="E", evalue="", traceback=[])
FIGURE = new_output("display_data", {"text/plain": "<Figure>"})
STDOUT, STDERR = stream("stdout"), stream("stderr")


@pytest.mark.parametrize(
    ("outputs", "score"),
    [
        ([], 3),
        ([STDOUT, FIGURE], 3),
        ([result("2")], 2),
        ([STDOUT, result("0.5"), FIGURE, STDOUT], 0.5),
        ([result("'well done'")], 3),
        ([result("True")], 3),
        ([result(["1.5"])], 1.5),
        ([ERROR], 0),
        ([STDERR], 0),
        ([STDERR, result("2")], 0),
        ([result("2"), STDERR], 2),
        ([result("0")], 0),
        ([result("2"), result("2.0")], 2),
    ],
)
def test_what_an_honest_notebook_shows_is_scored_as_nbgrader_does(outputs, score):
    cell = graded(outputs)
    assert score_cell(cell) == (score, None)
    assert determine_grade(cell)[0] == score


def test_an_error_after_a_result_is_no_points():
    assert score_cell(graded([result("3"), ERROR])) == (0, None)
    assert determine_grade(graded([result("3"), ERROR]))[0] == 3


@pytest.mark.parametrize("text", ["nan", "-1", "-0.01", "inf", "-inf", "3.01", "1e400"])
def test_a_score_that_cannot_be_is_for_a_human(text):
    score, flag = score_cell(graded([result(text)]))
    assert score is None
    assert (flag.kind, flag.cell) == ("impossible-score", "t")
    assert "between 0 and 3" in flag.message


def test_a_result_without_text_is_for_a_human():
    for data in ({}, {"text/html": "<b>3</b>"}, {"text/plain": ""}):
        score, flag = score_cell(graded([new_output("execute_result", data)]))
        assert (score, flag.kind) == (None, "impossible-score")


def test_two_different_scores_are_for_a_human():
    score, flag = score_cell(graded([result("3"), result("1")]))
    assert (score, flag.kind) == (None, "several-results")


def test_a_test_that_was_not_run_gets_nothing_and_is_told():
    score, flag = score_cell(graded(count=None))
    assert (score, flag.kind) == (0, "not-run")
    assert score_cell(graded(count=None, source=" \n")) == (3, None)


def test_what_a_human_grades_is_left_to_nbgrader():
    cell = graded([result("nan")], solution=True, source="answer")
    assert score_cell(cell) == (None, None)
    cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    assert score_cell(cell) == (0, None)
    mark = {"grade": True, "solution": True, "grade_id": "m", "points": 1}
    assert score_cell(new_markdown_cell("x", metadata={"nbgrader": mark})) == (
        None,
        None,
    )


def test_a_cell_that_is_not_graded_is_refused():
    with pytest.raises(ValueError, match="not a grade cell"):
        score_cell(new_code_cell("x"))


numbers = st.floats(allow_nan=True, allow_infinity=True).map(repr)
texts = st.one_of(numbers, st.text(max_size=5), st.integers(-2, 5).map(str))
outputs = st.one_of(
    st.just(ERROR), st.just(STDERR), st.just(STDOUT), st.just(FIGURE), texts.map(result)
)


@given(st.lists(outputs, max_size=5), st.integers(0, 5))
def test_a_score_is_nbgrader_s_or_less_or_a_human_s(shown, points):
    cell = graded(shown, points=points)
    score, flag = score_cell(cell)
    if score is None:
        assert flag is not None
        return
    assert math.isfinite(score)
    assert 0 <= score <= points
    kinds = [one.output_type for one in shown]
    try:
        stock = determine_grade(cell)[0]
    except (ValueError, KeyError):
        stock = None  # nbgrader gives up: more than the most points, or no text
    if score != stock:
        assert score == 0
        assert "error" in kinds
        assert "execute_result" in kinds[: kinds.index("error")]


@given(st.lists(st.sampled_from([ERROR, STDERR, STDOUT, FIGURE]), max_size=4), texts)
def test_one_result_at_the_end_is_scored_as_nbgrader_does(before, text):
    cell = graded([*before, result(text)])
    score, flag = score_cell(cell)
    if flag is None:
        assert score == determine_grade(cell)[0]
