import pytest

from mlcourse.authoring.build import build, check
from mlcourse.authoring.lint import lint
from mlcourse.authoring.new import new_lab
from mlcourse.authoring.source import parse_source, to_source
from mlcourse.authoring.variants import judge_wrong_answers
from mlcourse.errors import BuildError


def test_a_new_lab_builds_and_names_what_is_left_to_do(course):
    folder = new_lab(course, "17_llm_ops")
    build(course)

    assert {path.name for path in folder.iterdir()} == {
        "17_llm_ops.py", "17_llm_ops.ipynb", "checks.py", "wrong_answers.py",
    }  # fmt: skip
    assert check(course) == []
    assert {fault.what for fault in lint(course, "17")} == {
        "1 flashcards",
        "0 pictures",
        "7 points",
    }


def test_the_template_is_canonical(course):
    path = new_lab(course, "17_llm_ops") / "17_llm_ops.py"
    text = path.read_text(encoding="utf-8")

    assert to_source(parse_source(text)) == text


@pytest.mark.slow
def test_the_wrong_answers_of_the_template_are_noticed(course):
    folder = new_lab(course, "17_llm_ops")

    assert [str(v) for v in judge_wrong_answers(folder) if not v.is_right] == []


@pytest.mark.parametrize("name", ["llm_ops", "17", "17_LLM", "17-llm", "../17_x"])
def test_a_name_of_another_form_is_refused(course, name):
    with pytest.raises(BuildError, match="must be NN_slug"):
        new_lab(course, name)


def test_a_number_that_is_taken_is_refused(course):
    with pytest.raises(BuildError, match="00_hello has that number"):
        new_lab(course, "00_other")
