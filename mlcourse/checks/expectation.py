"""How a property says that it does not hold, without giving the answer away."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

__all__ = ["Unmet", "expect", "expect_error", "run_coroutine"]

_NOTHING = object()
T = TypeVar("T")


class Unmet(Exception):  # noqa: N818 - an outcome of a check, not an error of a program
    """A property of the answer does not hold.

    Args:
        got: The learner's own value, shown on the card.
        message: What about it breaks the property, without the expected value.
    """

    def __init__(self, got: object = _NOTHING, message: str = "") -> None:
        super().__init__(message)
        self.has_value = got is not _NOTHING
        self.got = got if self.has_value else None
        self.message = message


def expect(condition: object, *, got: object = _NOTHING, message: str = "") -> None:
    """Require a condition of the learner's value.

    Args:
        condition: Anything with a truth value.
        got: The learner's own value, shown on the card when the condition is false.
        message: What is wrong with it; never the expected value.

    Raises:
        Unmet: If the condition is false.

    Example:
        >>> expect(abs(0.1 + 0.2 - 0.3) < 1e-9, got=0.1 + 0.2)
    """
    if not condition:
        raise Unmet(got, message)


def expect_error(
    kind: type[BaseException] | tuple[type[BaseException], ...],
    function: Callable[..., object],
    *args: object,
    message: str = "",
    **kwargs: object,
) -> BaseException:
    """Require that a call is refused with a certain kind of error.

    Args:
        kind: The exception class, or a tuple of them.
        function: What to call.
        *args: Its positional arguments.
        message: What the call should have refused.
        **kwargs: Its keyword arguments.

    Returns:
        The error, so that its message can be checked too.

    Raises:
        Unmet: If the call returns, or raises an error of another kind.

    Example:
        >>> expect_error(ValueError, int, "twelve").args[0][:15]
        'invalid literal'
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    wanted = " or ".join(k.__name__ for k in kinds)
    try:
        value = function(*args, **kwargs)
    except kinds as error:
        return error
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise Unmet(text, message or f"This call must raise {wanted}.") from error
    raise Unmet(value, message or f"This call must raise {wanted}.")


def run_coroutine(coroutine: Coroutine[Any, Any, T], *, timeout: float = 30.0) -> T:
    """Run a coroutine to its end, also where an event loop is running already.

    A notebook's loop is busy with the cell that calls the check, so the coroutine gets
    a loop of its own in another thread.

    Args:
        coroutine: What to run.
        timeout: The most it may take, in seconds.

    Raises:
        TimeoutError: If it takes longer.

    Example:
        >>> async def answer():
        ...     return 42
        >>> run_coroutine(answer())
        42
    """
    values: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            values.append(asyncio.run(asyncio.wait_for(coroutine, timeout)))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True, name="mlcourse-coroutine")
    thread.start()
    thread.join(timeout + 5)
    if errors:
        raise errors[0]
    if not values:
        _too_long(timeout)
    return values[0]


def _too_long(timeout: float) -> NoReturn:
    raise TimeoutError(f"the coroutine blocked its event loop for over {timeout:g} s.")
