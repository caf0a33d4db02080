import copy
import functools
import pickle

import pytest

from mlcourse.checks import TODO, Memo, is_attempted


def stub(reference, current):
    """Compare two samples."""
    ...  # YOUR CODE HERE


def stub_without_docstring(x): ...


async def async_stub(x):
    """Wait."""
    ...


def closure_stub():
    value = 1

    def inner(x, default=value):
        """Close over nothing."""
        ...

    return inner


def keyword_stub(x, *, limit: int = 3, **more) -> dict[str, int]:
    """Take all kinds of arguments."""


@pytest.mark.parametrize(
    "value",
    [
        TODO,
        ...,
        stub,
        stub_without_docstring,
        async_stub,
        closure_stub(),
        keyword_stub,
        functools.wraps(stub)(lambda *a: stub(*a)),
        Memo("Write here."),
        Memo("\n Write here.\n"),
        Memo(""),
    ],
)
def test_what_nobody_has_written_is_not_attempted(value):
    assert not is_attempted(value)


def constant(x):
    return 0


def falls_through(x):
    x = x + 1


def raises(x):
    raise NotImplementedError


async def waits(x):
    await x


def generator(x):
    yield None


@pytest.mark.parametrize(
    "value",
    [
        None,
        0,
        "",
        [],
        constant,
        falls_through,
        raises,
        waits,
        generator,
        int,
        print,
        functools.partial(constant, 1),
        Memo("The API takes JSON."),
    ],
)
def test_whatever_somebody_wrote_is_attempted(value):
    assert is_attempted(value)


def test_todo_stays_itself_when_copied_or_pickled():
    assert pickle.loads(pickle.dumps(TODO)) is TODO  # noqa: S301
    assert copy.deepcopy({"answer": TODO})["answer"] is TODO
