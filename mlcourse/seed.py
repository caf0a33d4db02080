"""One seed for a whole course: an instructor can give each learner other data."""

import os
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["course_rng", "course_seed"]

VARIABLE = "MLCOURSE_SEED"


def course_seed() -> int:
    """Return the seed of this course run: ``MLCOURSE_SEED``, or 0 where it is not set.

    Returns:
        A non-negative integer.

    Raises:
        ValueError: If the variable is set to anything but a non-negative integer.

    Example:
        >>> isinstance(course_seed(), int)
        True
    """
    text = os.environ.get(VARIABLE, "0")
    if not text.isdecimal():
        raise ValueError(f"{VARIABLE} == {text!r}, must be a non-negative integer.")
    return int(text)


def course_rng(name: str) -> "Generator":
    """Return a generator of random numbers for one named use within the course.

    Two names give independent streams; the same name and the same ``MLCOURSE_SEED``
    give the same stream on every machine.

    Args:
        name: What the numbers are for, such as ``"06 members"``.

    Example:
        >>> float(course_rng("a").random()) == float(course_rng("a").random())
        True
    """
    import numpy as np

    return np.random.default_rng([course_seed(), zlib.crc32(name.encode())])
