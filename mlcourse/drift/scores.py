"""One distance for each day and each feature."""

from collections.abc import Callable, Sequence

import pandas as pd

__all__ = ["daily_scores"]


def daily_scores(
    frame: pd.DataFrame,
    reference: Callable[[pd.Timestamp], pd.DataFrame],
    *,
    features: Sequence[str],
    distance: Callable[[pd.Series, pd.Series], float],
    time: str = "paid_at",
) -> pd.DataFrame:
    """Return the distance of each day of a frame from its reference.

    Args:
        frame: One row a case, with a column of time.
        reference: Given a day, the rows to compare it with.
        features: Columns to compare, one at a time.
        distance: Takes the reference's and the day's values of one feature.
        time: Name of the column of time.

    Returns:
        One row a day that occurs, ascending, one column a feature, float64.

    Example:
        >>> days = pd.to_datetime(["2026-03-02", "2026-03-02", "2026-03-03"])
        >>> frame = pd.DataFrame({"paid_at": days, "x": [1.0, 3.0, 9.0]})
        >>> gap = lambda old, new: new.mean() - old.mean()
        >>> daily_scores(
        ...     frame, lambda day: frame[:2], features=["x"], distance=gap
        ... )["x"].tolist()
        [0.0, 7.0]
    """
    rows = {}
    for day, today in frame.groupby(frame[time].dt.normalize()):
        usual = reference(pd.Timestamp(day))
        rows[day] = {name: distance(usual[name], today[name]) for name in features}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(features))
    return table.astype("float64").rename_axis(index="day", columns="feature")
