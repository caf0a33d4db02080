"""How hard the items of an assignment are, and whether they tell learners apart.

Every function takes scores as an array: a row a student, a column an item.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["difficulty", "item_total", "upper_lower"]

GROUP = 0.27


def difficulty(scores: "ArrayLike", points: "ArrayLike") -> "Floats":
    """Return the mean share of an item's points, 1 if everyone has all of them.

    Source: Lord and Novick (1968), Statistical Theories of Mental Test Scores, section
    15.2; for partial credit the mean over the maximum (Crocker and Algina, 1986).

    Args:
        scores: Points, one row a student.
        points: The most points of each item, above 0.

    Returns:
        One number an item; NaN for an item without points or without students.

    Example:
        >>> difficulty([[2, 0], [1, 0], [2, 3], [1, 0]], [2, 3]).round(2).tolist()
        [0.75, 0.25]
    """
    import numpy as np

    table, most = _checked(scores), np.asarray(points, dtype=float)
    if most.shape != table.shape[1:]:
        raise ValueError(
            f"len(points) == {most.size}, must be {table.shape[1]}: one an item."
        )
    if not len(table):
        return np.full(most.shape, np.nan)
    share: Floats = np.full(most.shape, np.nan)
    np.divide(table.mean(axis=0), most, out=share, where=most > 0)
    return share


def item_total(scores: "ArrayLike") -> "Floats":
    """Return the correlation of each item with the sum of the others.

    The item itself is left out of the sum, or it would correlate with itself. Below 0.2
    an item hardly tells learners apart; below 0 the better ones fail it, so look at it.

    Source: Henrysson (1963), Correction of item-total correlations in item analysis,
    Psychometrika 28; the bounds are those of Ebel and Frisbie (1991).

    Args:
        scores: Points, one row a student.

    Returns:
        Pearson's r, one an item; NaN where an item or the rest does not vary.

    Example:
        >>> item_total([[0, 0, 1], [1, 0, 1], [1, 1, 1], [2, 1, 1]]).round(2).tolist()
        [0.71, 0.71, nan]
    """
    import numpy as np

    table = _checked(scores)
    if len(table) < 2:
        return np.full(table.shape[1], np.nan)
    rest = table.sum(axis=1, keepdims=True) - table
    left, right = table - table.mean(axis=0), rest - rest.mean(axis=0)
    size = np.sqrt((left**2).sum(axis=0) * (right**2).sum(axis=0))
    # Sums of fractions leave a residue where nothing varies.
    varies = (np.ptp(table, axis=0) > 1e-9) & (np.ptp(rest, axis=0) > 1e-9)
    r: Floats = np.full(size.shape, np.nan)
    np.divide((left * right).sum(axis=0), size, out=r, where=varies)
    return r


def upper_lower(
    scores: "ArrayLike", points: "ArrayLike", *, group: float = GROUP
) -> "Floats":
    """Return the difference of an item's difficulty between strong and weak learners.

    The groups are the 27 % with the highest and the lowest total. Who stands equal at
    the border of a group counts in it by share, so the order of rows does not matter.

    Source: Kelley (1939), The selection of upper and lower groups for the validation of
    test items, Journal of Educational Psychology 30.

    Args:
        scores: Points, one row a student.
        points: The most points of each item, above 0.
        group: The share of the students in each group, above 0 and at most 0.5.

    Returns:
        From -1 to 1, one an item; NaN with fewer than two students.

    Example:
        >>> upper_lower([[0, 1], [1, 1], [1, 0], [1, 1]], [1, 1]).tolist()
        [0.5, 0.5]
    """
    import numpy as np

    if not 0 < group <= 0.5:
        raise ValueError(f"group == {group}, must be above 0 and at most 0.5.")
    table, most = _checked(scores), np.asarray(points, dtype=float)
    if len(table) < 2:
        return np.full(table.shape[1], np.nan)
    totals = table.sum(axis=1).round(9)
    size = max(1.0, group * len(table))
    high, low = _weights(totals, size), _weights(-totals, size)
    return difficulty([high @ table], most) - difficulty([low @ table], most)


def _weights(totals: "Floats", size: float) -> "Floats":
    """Return how much each student counts in the group with the highest totals."""
    import numpy as np

    weights: Floats = np.zeros(len(totals))
    free = size
    for total in np.unique(totals)[::-1]:
        same = totals == total
        weights[same] = min(1.0, free / same.sum())
        free = max(0.0, free - same.sum())
    weights /= weights.sum()
    return weights


def _checked(scores: "ArrayLike") -> "Floats":
    import numpy as np

    table = np.asarray(scores, dtype=float)
    if table.ndim != 2:
        raise ValueError(f"scores.ndim == {table.ndim}, must be 2: students by items.")
    if not np.isfinite(table).all():
        raise ValueError("scores hold NaN or infinity: leave such rows out.")
    return table
