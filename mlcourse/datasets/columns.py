"""What each column of a data set means, and when it becomes known."""

from collections.abc import Iterable
from math import nan
from typing import NamedTuple

import pandas as pd

__all__ = ["Column", "column_table"]


class Column(NamedTuple):
    """What the owner of the data says about one column.

    Args:
        name: Its name in the frame.
        unit: Of its values, ``""`` for keys, flags and categories.
        meaning: One plain sentence.
        known_after_days: Days after the decision date until its value is final; 0
            for what is known when the decision is taken.
        low: Smallest valid value, NaN where there is no order.
        high: Largest valid value, NaN where there is no order.
        categories: All valid values of a category.
    """

    name: str
    unit: str
    meaning: str
    known_after_days: int = 0
    low: float = nan
    high: float = nan
    categories: tuple[str, ...] = ()


def column_table(frame: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Return the description of a frame, one row a column, in the frame's order.

    Args:
        frame: The data.
        columns: One description for each column of it, in any order.

    Returns:
        A frame indexed by ``column`` with ``dtype``, ``unit``, ``meaning``,
        ``known_after_days`` (int64), ``low``, ``high`` (float64) and ``categories``
        (tuples of str).

    Raises:
        ValueError: If a column is described twice, not at all, or not in the frame.

    Example:
        >>> frame = pd.DataFrame({"age_days": [3]})
        >>> table = column_table(frame, [Column("age_days", "days", "Age.", low=0)])
        >>> table.loc["age_days", "unit"]
        'days'
    """
    described = list(columns)
    names = [column.name for column in described]
    if sorted(names) != sorted(frame.columns):
        odd = set(names).symmetric_difference(frame.columns) or "one twice"
        raise ValueError(f"columns == {odd}, must describe each column exactly once.")
    table = pd.DataFrame(described).set_index("name").loc[list(frame.columns)]
    table.insert(0, "dtype", [str(dtype) for dtype in frame.dtypes])
    return table.rename_axis("column")
