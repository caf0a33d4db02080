import os

import pytest

from mlcourse.authoring.variants import Trial, Verdict, judge_wrong_answers, try_answers
from mlcourse.authoring.wrong_answers import (
    WrongAnswer,
    read_equivalents,
    read_wrong_answers,
)
from mlcourse.errors import SourceError


@pytest.fixture
def folder(course):
    return course.solutions / "01_double"


@pytest.mark.slow
@pytest.mark.parametrize("fork", [True, False])
def test_planted_answers_lose_points_and_lead_to_their_hints(folder, monkeypatch, fork):
    if not fork:
        monkeypatch.delattr(os, "fork")

    verdicts = judge_wrong_answers(folder)

    assert [str(verdict) for verdict in verdicts if not verdict.is_right] == []
    assert len(verdicts) == 6
    assert [verdict.hint for verdict in verdicts[:2]] == ["two", "any"]


@pytest.mark.slow
def test_answers_are_tried_apart_from_one_another(folder):
    trials = try_answers(
        folder,
        [
            ("double", "return 2 * x", ()),
            ("double", "while True:\n    pass", ("double",)),
            ("double", "import os\nos._exit(3)", ("double",)),
            ("double", "open('x', 'x').write('x')\nreturn 3 * x", ("double",)),
            ("double", "open('x', 'x').write('x')\nreturn 4 * x", ("double",)),
            ("reach", "1 / 0", ("reach",)),
            ("memo", "# In short\n\nOver 8 units.", ("memo",)),
        ],
        timeout=10,
    )

    assert [trial.is_caught for trial in trials] == [
        False, True, True, True, True, True, False,
    ]  # fmt: skip
    assert trials[0].scores == {"double": 8.0, "reach": 8.0, "memo": 1.0}
    assert trials[1].failure == "timed out after 10 s"
    assert trials[2].failure == "its process died"
    assert trials[4].scores == {"double": 0.0}


@pytest.mark.slow
def test_an_answer_below_a_living_thread_gets_a_process_of_its_own(folder, edit):
    edit(
        folder / "01_double.py",
        "readings = [3, 1, 4, 1, 5]",
        "import threading\n\nreadings = [3, 1, 4, 1, 5]\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    )

    right, wrong = try_answers(
        folder,
        [("double", "return x + x", ("double",)), ("double", "return x", ("double",))],
    )

    assert (right.scores, wrong.scores) == ({"double": 8.0}, {"double": 0.0})


@pytest.mark.slow
def test_cells_may_await(folder, edit):
    edit(
        folder / "01_double.py",
        "readings = [3, 1, 4, 1, 5]",
        "import asyncio\n\nreadings = [3, 1, 4, 1, 5]\nawait asyncio.sleep(0)",
    )
    edit(
        folder / "01_double.py", "reach = TODO", "await asyncio.sleep(0)\nreach = TODO"
    )

    (trial,) = try_answers(folder, [("reach", "reach = await asyncio.sleep(0, 8)", ())])

    assert trial.scores == {"reach": 8.0, "memo": 1.0}


def test_a_verdict_says_what_is_wrong():
    wrong = WrongAnswer("psi", "takes both", "x", "bins")
    unseen = Trial({"psi": 3.0}, {"psi": 3.0}, {"psi": None})
    misled = Trial({"psi": 0.0}, {"psi": 3.0}, {"psi": "start"})
    failed = Trial({}, {}, {}, "timed out after 3 s")

    assert str(Verdict(wrong, unseen)).endswith("the test 'psi' does not notice")
    assert str(Verdict(wrong, misled)).endswith("hint == 'start', must be 'bins'")
    assert str(Verdict(wrong, failed)).endswith("timed out after 3 s")
    assert not any(Verdict(wrong, t).is_right for t in (unseen, misled, failed))


def test_an_unknown_answer_is_refused(folder, edit):
    old = 'mistake="takes the greatest only"'
    edit(folder / "wrong_answers.py", old, 'mistake="x", test="rich"')

    with pytest.raises(SourceError, match="no test is named 'rich', must be one of"):
        judge_wrong_answers(folder)


def test_a_folder_without_planted_answers_has_none(tmp_path):
    assert read_wrong_answers(tmp_path) == []
    assert read_equivalents(tmp_path) == []


def test_a_list_of_something_else_is_refused(tmp_path):
    (tmp_path / "wrong_answers.py").write_text("WRONG_ANSWERS = ['x']")

    with pytest.raises(SourceError, match=r"holds 'x', must be WrongAnswer\(...\)"):
        read_wrong_answers(tmp_path)
