import asyncio

import pytest

from mlcourse.checks import Unmet, expect, expect_error, run_coroutine


def test_a_false_condition_carries_the_learners_value():
    with pytest.raises(Unmet) as caught:
        expect(False, got=None, message="too small")
    assert (caught.value.has_value, caught.value.got) == (True, None)
    assert caught.value.message == "too small"


def test_without_a_value_none_is_shown():
    with pytest.raises(Unmet) as caught:
        expect(0)
    assert not caught.value.has_value


def test_a_call_that_must_fail_and_returns_shows_what_it_returned():
    with pytest.raises(Unmet) as caught:
        expect_error(ValueError, lambda: 5)
    assert caught.value.got == 5
    assert caught.value.message == "This call must raise ValueError."


def test_a_call_that_fails_in_another_way_shows_its_error():
    with pytest.raises(Unmet) as caught:
        expect_error((ValueError, TypeError), {}.__getitem__, "a")
    assert caught.value.got == "KeyError: 'a'"
    assert "ValueError or TypeError" in caught.value.message


def test_a_coroutine_runs_inside_a_running_loop():
    async def answer():
        await asyncio.sleep(0)
        return 42

    async def cell():
        return run_coroutine(answer())

    assert asyncio.run(cell()) == 42


def test_an_error_of_a_coroutine_reaches_the_caller():
    async def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_coroutine(fail())


def test_a_coroutine_that_never_ends_is_given_up():
    with pytest.raises(TimeoutError):
        run_coroutine(asyncio.Event().wait(), timeout=0.05)
