import sys
import warnings

import numpy as np
import pytest

from mlcourse.checks import TODO, Checks, expect


@pytest.fixture
def checks():
    checks = Checks("99_toy")
    double = checks.task(
        "double", hints={"start": "Add the number to itself.", "sign": "Try -1."}
    )

    @double.expects("It doubles.", hint="start")
    def _(double):
        expect(double(2) == 4, got=double(2), message="2 went in")

    return checks


def hide(checks, *conditions):
    for i, condition in enumerate(conditions):

        @checks.double.hidden(f"hidden {i}", hint="sign")
        def _(double, condition=condition):
            expect(condition)


def test_a_right_answer_gets_all_points(checks):
    double = lambda x: 2 * x  # noqa: E731, F841
    result = checks.double(points=3)
    assert (float(result), result.outcome, result.hint_key) == (3.0, "passed", None)


def test_a_wrong_answer_shows_its_own_value_and_leads_to_its_hint(checks):
    double = lambda x: x**2 + 1  # noqa: E731, F841
    result = checks.double(points=3)
    assert (float(result), result.outcome, result.hint_key) == (0.0, "failed", "start")
    assert result.evidence[0].got == "5"
    assert "2 went in" in str(result)


@pytest.mark.parametrize("found", [np.float64(0.5), [np.float64(0.5)]])
def test_numbers_of_numpy_are_shown_as_plain_ones(checks, found):
    double = lambda _: found  # noqa: E731, F841
    assert checks.double(points=3).evidence[0].got == repr(found).replace(
        "np.float64(0.5)", "0.5"
    )


def test_an_error_is_told_from_a_wrong_value(checks):
    def double(x):
        raise KeyError("plan")

    result = checks.double(points=3)
    assert (float(result), result.outcome) == (0.0, "raised")
    assert "KeyError: 'plan'" in result.evidence[0].message


def test_an_exit_in_the_answer_does_not_end_the_notebook(checks):
    def double(x):
        sys.exit(0)

    assert checks.double(points=1).outcome == "raised"


@pytest.mark.parametrize("double", [TODO, ...])
def test_an_unwritten_answer_is_not_attempted(checks, double):
    result = checks.double(points=3)
    assert (float(result), result.outcome) == (0.0, "not attempted")
    assert result.missing == ("double",)


def test_a_missing_answer_is_not_attempted(checks):
    assert checks.double(points=3).outcome == "not attempted"


def test_hidden_properties_decide_the_share(checks):
    double = lambda x: 2 * x  # noqa: E731, F841
    hide(checks, True, True, False, True)
    result = checks.double(points=4)
    assert (float(result), result.outcome, result.hint_key) == (3.0, "failed", "sign")
    assert result.hint == "Try -1."


def test_all_hidden_properties_broken_leave_nothing(checks):
    double = lambda x: 2 * x  # noqa: E731, F841
    hide(checks, False, False)
    assert checks.double(points=4) == 0.0


def test_a_broken_visible_property_leaves_nothing_whatever_is_hidden(checks):
    double = lambda x: 5  # noqa: E731, F841
    hide(checks, True, True)
    result = checks.double(points=4)
    assert result == 0.0
    assert [e.hidden for e in result.evidence] == [False]


def test_a_cell_run_twice_declares_its_property_once(checks):
    hide(checks, True)
    hide(checks, True)
    assert [p.sentence for p in checks.double.properties] == ["It doubles.", "hidden 0"]


def test_warnings_and_prints_of_an_answer_do_not_reach_the_notebook(checks, capsys):
    def double(x):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        print("debug")
        print("trouble", file=sys.stderr)
        return 2 * x

    result = checks.double(points=1)
    printed = capsys.readouterr()
    assert result == 1.0
    assert printed.err == ""
    assert "debug" not in printed.out
    assert set(result.noise.split()) == {"trouble"}


def test_the_same_data_come_twice(checks):
    seen = []

    @checks.double.expects("Random.", hint="start")
    def _(double, rng):
        seen.append(rng.random())

    double = lambda x: 2 * x  # noqa: E731, F841
    checks.double()
    checks.double()
    assert seen[0] == seen[1]


def test_another_course_seed_gives_other_data(checks, monkeypatch):
    seen = []

    @checks.double.expects("Random.", hint="start")
    def _(double, rng):
        seen.append(rng.random())

    double = lambda x: 2 * x  # noqa: E731, F841
    checks.double()
    monkeypatch.setenv("MLCOURSE_SEED", "7")
    checks.double()
    assert seen[0] != seen[1]


def test_hints_start_with_the_one_of_the_failed_check():
    checks = Checks("99_toy")
    half = checks.task("half", hints={"a": "first", "b": "second", "c": "third"})

    @half.expects("It halves.", hint="b")
    def _(half):
        expect(half(2) == 1)

    half = lambda x: x  # noqa: E731, F841
    checks.half()
    given = [checks.half.hint() for _ in range(4)]
    assert [note.text for note in given[:3]] == ["second", "first", "third"]
    assert given[3].heading == "You have seen all hints for half"


def test_bad_declarations_are_refused(checks):
    with pytest.raises(ValueError, match="'nope', must be one of: start, sign"):
        checks.double.expects("x", hint="nope")
    with pytest.raises(ValueError, match="'double', must be a new Python identifier"):
        checks.task("double", hints={})
    with pytest.raises(ValueError, match="'two words'"):
        checks.task("two words", hints={})
    with pytest.raises(ValueError, match="points == 0, must be > 0"):
        checks.double(points=0)
    with pytest.raises(AttributeError, match="no check is called 'dobule'"):
        checks.dobule  # noqa: B018


def test_a_visible_part_costs_its_share_and_is_seen():
    checks = Checks("99_toy")
    memo = checks.task("memo", hints={"start": "Begin.", "end": "End."})

    @memo.expects("It is there.", hint="start")
    def _(memo):
        expect(memo)

    for word in ("one", "two", "three", "four"):

        @memo.expects(f"It says {word}.", hint="end", part=True)
        def _(memo, word=word):
            expect(word in memo)

    memo = "one two three"  # noqa: F841
    result = checks.memo(points=4)
    assert (float(result), result.outcome, result.hint_key) == (3.0, "failed", "end")
    assert "Not yet: memo (3 of 4 points)" in str(result)
    memo = ""  # noqa: F841
    assert checks.memo(points=4) == 0.0
