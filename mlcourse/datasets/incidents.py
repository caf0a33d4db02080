"""What happens to a stream of payments on given days, scripted and written down."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Incident", "Kind", "active_share", "move_column", "shuffle_columns"]

Kind = Literal["sudden", "gradual", "seasonal", "joint", "harmless", "concept"]

# For each kind: the columns it may move (default first) and the default size.
HARMLESS = ("session_minutes", "basket_items")
MOVABLE = (
    "amount_eur",
    "merchant_category",
    "channel",
    "device",
    "card_country",
    "account_age_days",
    "payments_1h",
    "payments_24h",
    "declines_24h",
    "delivery_distance_km",
    "new_device",
    *HARMLESS,
)
SIGNALS = tuple(name for name in MOVABLE if name not in (*HARMLESS, "channel"))
SALE = ("amount_eur", "merchant_category")
SCRIPTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], float]] = {
    "sudden": (MOVABLE, ("amount_eur",), 100.0),
    "gradual": (MOVABLE, ("account_age_days",), 0.4),
    "seasonal": (SALE, SALE, 1.6),
    "joint": (MOVABLE, ("account_age_days", "delivery_distance_km"), 1.0),
    "harmless": (HARMLESS, ("session_minutes",), 1.6),
    "concept": (SIGNALS, ("account_age_days", "new_device"), 1.0),
}


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that happens to the payments from one day to another.

    ==========  =============================================================
    kind        what happens from ``first_day`` to ``last_day``
    ==========  =============================================================
    sudden      The pipeline records the columns wrongly; the payments are as before.
    gradual     The payments themselves change, a little more every day.
    seasonal    A sale: volume times ``size``, more fashion and electronics at lower
                prices; fraud follows the same rule as before.
    joint       The pipeline joins the columns to other payments of the same day. Each
                column keeps its distribution, exactly; what it goes with is lost.
    harmless    Columns change that fraud does not depend on.
    concept     The inputs stay; what the columns say about fraud is lost.
    ==========  =============================================================

    ``size`` multiplies a number. For a category it is the share of the rows that get
    the last one of the list, for a flag the share that gets True, for a joint incident
    the share of the rows that are shuffled. For a concept incident it is the part of
    the signal that is lost: 1 for all, 2 for a signal that is turned round.

    Args:
        kind: One of the six above.
        first_day: The first day on which it can be seen.
        last_day: The last such day; None for the end of the data. A gradual incident
            grows until then and stays there.
        columns: What is moved; empty for the default of the kind.
        size: See above; None for the default of the kind.

    Raises:
        TypeError: If a day is not a plain date or ``columns`` is not a tuple.
        ValueError: If the kind is unknown, the kind cannot move a column, the days are
            in the wrong order or the size is not positive.

    Example:
        >>> Incident("harmless", date(2026, 3, 2)).columns
        ('session_minutes',)
    """

    kind: Kind
    first_day: date
    last_day: date | None = None
    columns: tuple[str, ...] = ()
    size: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in SCRIPTS:
            kinds = ", ".join(get_args(Kind))
            raise ValueError(f"kind == {self.kind!r}, must be one of {kinds}.")
        for name, day in (("first_day", self.first_day), ("last_day", self.last_day)):
            plain = isinstance(day, date) and not isinstance(day, datetime)
            if not plain and not (name == "last_day" and day is None):
                raise TypeError(f"{name} == {day!r}, must be a datetime.date.")
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(f"last_day == {self.last_day}, must be >= first_day.")
        if not isinstance(self.columns, tuple):
            raise TypeError(f"columns == {self.columns!r}, must be a tuple of names.")
        movable, columns, size = SCRIPTS[self.kind]
        odd = set(self.columns).difference(movable)
        if odd or (self.kind == "seasonal" and self.columns not in ((), SALE)):
            raise ValueError(
                f"columns == {self.columns}, {self.kind} can move {', '.join(movable)}."
            )
        # a frozen class fills in its own defaults this way
        object.__setattr__(self, "columns", self.columns or columns)
        object.__setattr__(
            self, "size", float(size if self.size is None else self.size)
        )
        if not 0 < self.strength < np.inf:
            raise ValueError(f"size == {self.size!r}, must be > 0.")

    @property
    def strength(self) -> float:
        """``size`` as a number, whether it was given or not."""
        assert self.size is not None  # __post_init__ has filled it in
        return self.size


def active_share(
    incident: Incident, days: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    """Return how far an incident has come on each day, from 0 to 1.

    Args:
        incident: The script.
        days: Of shape (n,), datetime64[D].

    Returns:
        Of shape (n,): 0 on days without it and 1 on days with all of it. A gradual
        incident climbs by equal steps from its first to its last day, 28 days where
        there is no last day, and stays at 1.

    Example:
        >>> week = np.arange("2026-03-02", "2026-03-06", dtype="datetime64[D]")
        >>> active_share(Incident("gradual", date(2026, 3, 3), date(2026, 3, 4)), week)
        array([0. , 0.5, 1. , 1. ])
    """
    since = (days - np.datetime64(incident.first_day, "D")).astype(np.int64)
    if incident.kind == "gradual":
        last = incident.last_day
        steps = 28 if last is None else (last - incident.first_day).days + 1
        return np.clip((since + 1) / steps, 0.0, 1.0)
    active = since >= 0
    if incident.last_day is not None:
        active &= days <= np.datetime64(incident.last_day, "D")
    return active.astype(np.float64)


def move_column(
    values: pd.Series,
    *,
    share: NDArray[np.float64],
    size: float,
    rng: np.random.Generator,
) -> pd.Series:
    """Return a column that is moved by ``size`` as far as ``share`` says.

    Args:
        values: Numbers, flags or a category.
        share: How far the incident has come for each row, from 0 to 1.
        size: Factor of a number; share of the rows of a flag or category.
        rng: Source of the choice of rows.

    Example:
        >>> both = np.array([0.0, 1.0])
        >>> move_column(pd.Series([2.0, 2.0]), share=both, size=100, rng=None).tolist()
        [2.0, 200.0]
    """
    if values.dtype.kind in "if":
        moved = values * size**share
        return moved.round().astype("int64") if values.dtype.kind == "i" else moved
    chosen = rng.random(len(values)) < size * share
    if values.dtype.kind == "b":
        return values | chosen
    return values.mask(chosen, values.cat.categories[-1])


def shuffle_columns(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    *,
    share: NDArray[np.float64],
    day: NDArray[np.int64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return a copy in which columns, together, belong to other rows of the same day.

    Args:
        frame: The payments.
        columns: What is shuffled; the values of one row stay together.
        share: Share of the rows that take part, for each row.
        day: Number of the day of each row, ascending.
        rng: Source of the order.

    Example:
        >>> frame = pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]})
        >>> day, all_rows = np.array([0, 0, 1]), np.ones(3)
        >>> rng = np.random.default_rng(1)
        >>> shuffle_columns(frame, ("a",), share=all_rows, day=day, rng=rng).to_numpy()
        array([[2, 1],
               [1, 2],
               [3, 3]])
    """
    rows = np.flatnonzero(rng.random(len(frame)) < share)
    source = np.arange(len(frame))
    source[rows] = rows[np.lexsort((rng.random(len(rows)), day[rows]))]
    shuffled = frame.copy()
    for name in columns:
        shuffled[name] = frame[name].array[source]
    return shuffled
