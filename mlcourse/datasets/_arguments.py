"""Checks of the arguments that every generator of data takes."""

from datetime import date, datetime
from numbers import Integral

import numpy as np

__all__ = ["check_count", "check_date", "check_flag", "check_rng"]


def check_count(value: object, name: str, *, most: int | None = None) -> int:
    """Return a count of at least one, and of at most ``most``, as an ``int``.

    Raises:
        TypeError: If it is not an integer; True, False and 1e4 are not.
        ValueError: If it is out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} == {value!r}, must be an integer such as 10_000.")
    count = int(value)
    if count < 1:
        raise ValueError(f"{name} == {value!r}, must be >= 1.")
    if most is not None and count > most:
        raise ValueError(f"{name} == {value!r}, must be <= {most}.")
    return count


def check_rng(value: object) -> np.random.Generator:
    """Return a generator of random numbers.

    Raises:
        TypeError: If it is anything else, such as a seed.
    """
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"rng == {value!r}, must be a numpy Generator: "
            "pass numpy.random.default_rng(seed)."
        )
    return value


def check_date(value: object, name: str) -> date:
    """Return a plain date that exists in every month.

    Raises:
        TypeError: If it is text, or carries a time of day.
        ValueError: If its day is after the 28th, or its year not in 2000 to 2100.
    """
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"{name} == {value!r}, must be a datetime.date without a time.")
    if value.day > 28 or not 2000 <= value.year <= 2100:
        raise ValueError(
            f"{name} == {value!r}, must be in 2000 to 2100 and on day 1 to 28, "
            "which every month has."
        )
    return value


def check_flag(value: object, name: str) -> bool:
    """Return a switch.

    Raises:
        TypeError: If it is anything but True or False.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} == {value!r}, must be True or False.")
    return value
