"""Experiments of Tidemark: visitors in two groups, with a known effect."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets._arguments import check_count, check_rng
from mlcourse.datasets.columns import Column, column_table

__all__ = ["Experiment", "ExperimentTruth", "make_experiment"]

GROUPS = ("control", "treatment")
BROWSERS = ("chrome", "safari", "in_app", "firefox")
BROWSER_SHARES = (0.46, 0.26, 0.18, 0.10)
WEEKS = 4
FADE = 0.4  # what is left of a novelty effect a week later
RATE = 0.15  # orders a week, mean over visitors
BASKET_EUR = 40.0
BASKET_SIGMA = 0.4  # of the log, between visitors
ORDER_SIGMA = 0.8  # of the log, between orders of one visitor
LOST = (0.75, 0.25)  # share lost without and with an order in the month before

COLUMNS: tuple[Column, ...] = (
    Column("user_id", "", "Key of the visitor."),
    Column("group", "", "What the visitor was shown.", categories=GROUPS),
    Column(
        "day", "day", "Day of the experiment of the first visit.", low=1, high=3_660
    ),
    Column("browser", "", "Browser of the first visit.", categories=BROWSERS),
    Column(
        "orders_before", "orders", "Orders in the 28 days before it.", low=0, high=1e4
    ),
    Column(
        "revenue_before_eur",
        "EUR",
        "Value of the orders in the 28 days before the first visit.",
        low=0,
        high=1e6,
    ),
    Column(
        "page_ms",
        "ms",
        "Mean time until a page of this visitor is shown.",
        known_after_days=28,
        low=0,
        high=1e5,
    ),
    Column(
        "sessions",
        "sessions",
        "Visits in the 28 days from the first visit on.",
        known_after_days=28,
        low=1,
        high=1e5,
    ),
    *(
        Column(
            f"orders_week_{week}",
            "orders",
            f"Orders in week {week} after the first visit.",
            known_after_days=7 * week,
            low=0,
            high=1e4,
        )
        for week in range(1, WEEKS + 1)
    ),
    Column(
        "orders",
        "orders",
        "Orders in the 28 days from the first visit on.",
        known_after_days=28,
        low=0,
        high=1e4,
    ),
    Column(
        "revenue_eur",
        "EUR",
        "Value of these orders.",
        known_after_days=28,
        low=0,
        high=1e6,
    ),
    Column(
        "converted",
        "",
        "Whether there was an order in these 28 days.",
        known_after_days=28,
    ),
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExperimentTruth:
    """What is true of an experiment and cannot be seen in the frame.

    Means are those of the whole population, before anybody is lost: a pair for
    control and treatment.

    Args:
        conversion: Share of visitors with an order within 28 days.
        revenue_per_user_eur: EUR a visitor in 28 days.
        revenue_per_session_eur: EUR a session, all revenue over all sessions.
        lift_by_week: Relative change of the rate of orders, for each week.
        correlation: Of revenue before and during, in control.
        lost: Column and value at which treated visitors get lost; ``("", "")`` if none.
        weekly_rate: Each visitor's own rate of orders a week without treatment,
            float64, read-only.
    """

    conversion: tuple[float, float]
    revenue_per_user_eur: tuple[float, float]
    revenue_per_session_eur: tuple[float, float]
    lift_by_week: tuple[float, ...]
    correlation: float
    lost: tuple[str, str | int]
    weekly_rate: NDArray[np.float64]

    def __repr__(self) -> str:
        control, treatment = self.conversion
        return f"ExperimentTruth(conversion {control:.2%} to {treatment:.2%})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Experiment:
    """An experiment, one visitor a row, as :func:`make_experiment` draws it.

    Args:
        frame: The data.
        columns: Type, unit, meaning, valid values and time of knowledge of each
            column; see :func:`mlcourse.datasets.columns.column_table`.
        truth: What a hidden test grades against.
    """

    frame: pd.DataFrame
    columns: pd.DataFrame
    truth: ExperimentTruth

    def __repr__(self) -> str:
        treated = (self.frame["group"] == "treatment").mean()
        return f"Experiment({len(self.frame):,} visitors, {treated:.1%} treated)"


def make_experiment(
    n: int,
    *,
    rng: np.random.Generator,
    lift: float = 0.0,
    novelty: float = 0.0,
    slowdown_ms: float = 0.0,
    split: float = 0.5,
    mismatch: Literal["none", "browser", "day"] = "none",
    correlation: float = 0.6,
    days: int = 14,
) -> Experiment:
    """Draw the visitors of an experiment, followed for 28 days from their first visit.

    The process: a visitor has a personal rate of orders and a personal basket, the
    same before and during the experiment. Treatment multiplies the rate in week ``w``
    by ``1 + lift + novelty * 0.4**(w - 1)`` and adds ``slowdown_ms`` to the time of a
    page. Sessions are the visitor's orders, the first visit and some browsing, more of
    it by those who order more. ``correlation`` fixes how much the personal rates
    differ, so that revenue before and during correlate as asked, in the population.

    With ``mismatch``, treated visitors of one browser (never ``chrome``) or of one day
    get lost: of those without an order in the month before three in four, of the
    others one in four. So those who remain are the better customers. Which browser or
    day it is, ``rng`` decides and ``.truth.lost`` tells.

    Args:
        n: Visitors that are seen, at least 1.
        rng: Source of all randomness; the same state gives the same experiment.
        lift: Lasting relative effect on the rate of orders, -0.9 to 5.
        novelty: Relative effect in the first week that fades, 0 to 5.
        slowdown_ms: What treatment adds to the time of a page, 0 to 10,000 ms.
        split: Share of visitors assigned to treatment, 0.01 to 0.99.
        mismatch: Where treated visitors get lost.
        correlation: Of revenue before and during, 0.1 to 0.9.
        days: Days in which visitors enter, at most 3,660.

    Returns:
        A frozen :class:`Experiment`. Units are in the names of the columns and in
        ``.columns``: money in EUR, time in ms or days.

    Raises:
        TypeError: If an argument has the wrong type, such as a seed for ``rng``.
        ValueError: If a number is out of range, or ``mismatch`` unknown.

    Source:
        Orders: Poisson with gamma-distributed rates, Ehrenberg 1959, Applied
        Statistics 8(1). Revenue: a compound Poisson sum of log-normal baskets, after
        the separation of rate and value in Fader, Hardie and Lee 2005, Journal of
        Marketing Research 42(4). Loss of users by a redirect: Fabijan et al. 2019,
        KDD. The parameters are ours.

    Example:
        >>> experiment = make_experiment(1_000, rng=np.random.default_rng(0), lift=0.1)
        >>> experiment.frame.shape
        (1000, 15)
        >>> control, treatment = experiment.truth.revenue_per_user_eur
        >>> round(control, 2), round(treatment, 2)
        (24.0, 26.4)
    """
    n = check_count(n, "n")
    days = check_count(days, "days", most=3_660)
    lift = _check_number(lift, "lift", least=-0.9, most=5.0)
    novelty = _check_number(novelty, "novelty", least=0.0, most=5.0)
    slowdown_ms = _check_number(slowdown_ms, "slowdown_ms", least=0.0, most=1e4)
    split = _check_number(split, "split", least=0.01, most=0.99)
    correlation = _check_number(correlation, "correlation", least=0.1, most=0.9)
    if mismatch not in ("none", "browser", "day"):
        raise ValueError(f"mismatch == {mismatch!r}, must be none, browser or day.")
    check_rng(rng)

    lifts = (lift + novelty * FADE ** np.arange(WEEKS)).astype(np.float64)
    shape = _gamma_shape(correlation)
    lost: tuple[str, str | int] = ("", "")
    if mismatch == "browser":
        lost = ("browser", str(rng.choice(BROWSERS[1:])))
    elif mismatch == "day":
        lost = ("day", int(rng.integers(1, days + 1)))
    # At most a fifth can get lost, but few draws may be unlucky: draw until enough.
    parts: list[tuple[pd.DataFrame, NDArray[np.float64]]] = []
    while sum(len(frame) for frame, _ in parts) < n:
        size = n if mismatch == "none" else n + n // 4 + 50
        frame, rate = _draw(size, rng, lifts, shape, slowdown_ms, split, days)
        kept = _kept(frame, lost, rng)
        parts.append((frame[kept], rate[kept]))
    frame = pd.concat([frame for frame, _ in parts], ignore_index=True).head(n)
    rate = np.concatenate([rate for _, rate in parts])[:n]
    rate.setflags(write=False)
    frame.insert(0, "user_id", _user_ids(n, rng))
    return Experiment(
        frame=frame,
        columns=column_table(frame, COLUMNS),
        truth=_truth(lifts, shape, correlation, lost, rate),
    )


def _check_number(value: object, name: str, *, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} == {value!r}, must be a number.")
    if not least <= float(value) <= most:
        raise ValueError(f"{name} == {value!r}, must be {least:g} to {most:g}.")
    return float(value)


def _gamma_shape(correlation: float) -> float:
    """Return the shape of the rates that gives revenue this correlation.

    Revenue of 28 days is, given rate r and basket b, a compound Poisson sum with mean
    4rb and variance 4r b² E[e²]; the means of both months are the same, so the
    correlation is Var(4rb) / (Var(4rb) + 4 E[r] E[b²] E[e²]).
    """
    squared_basket = np.exp(BASKET_SIGMA**2)
    within = WEEKS * RATE * squared_basket * np.exp(ORDER_SIGMA**2)
    between = within * correlation / (1 - correlation)
    squared_rate = (between / WEEKS**2 + RATE**2) / squared_basket
    return float(1 / (squared_rate / RATE**2 - 1))


def _draw(
    size: int,
    rng: np.random.Generator,
    lifts: NDArray[np.float64],
    shape: float,
    slowdown_ms: float,
    split: float,
    days: int,
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    rate = rng.gamma(shape, RATE / shape, size)
    basket = BASKET_EUR * np.exp(rng.normal(-(BASKET_SIGMA**2) / 2, BASKET_SIGMA, size))
    treated = rng.random(size) < split
    before = rng.poisson(WEEKS * rate)
    weeks = rng.poisson(rate[:, None] * (1 + np.outer(treated, lifts)))
    orders = weeks.sum(axis=1)
    browsing = rng.poisson(rng.gamma(2.0, 1.0, size) + WEEKS * rate)
    page = np.exp(rng.normal(np.log(700), 0.4, size)) + slowdown_ms * treated
    names = {f"orders_week_{w + 1}": weeks[:, w] for w in range(WEEKS)}
    frame = pd.DataFrame(
        {
            "group": pd.Categorical.from_codes(treated.astype(int), pd.Index(GROUPS)),
            "day": rng.integers(1, days + 1, size),
            "browser": pd.Categorical.from_codes(
                rng.choice(len(BROWSERS), size, p=BROWSER_SHARES), pd.Index(BROWSERS)
            ),
            "orders_before": before,
            "revenue_before_eur": _revenue(before, basket, rng),
            "page_ms": page.round(1),
            "sessions": 1 + orders + browsing,
            **names,
            "orders": orders,
            "revenue_eur": _revenue(orders, basket, rng),
            "converted": orders > 0,
        }
    )
    return frame, rate


def _revenue(
    orders: NDArray[np.int64], basket: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    buyer = np.repeat(np.arange(len(orders)), orders)
    factor = np.exp(rng.normal(-(ORDER_SIGMA**2) / 2, ORDER_SIGMA, len(buyer)))
    total = np.bincount(buyer, basket[buyer] * factor, minlength=len(orders))
    return total.astype(np.float64).round(2)


def _kept(
    frame: pd.DataFrame, lost: tuple[str, str | int], rng: np.random.Generator
) -> NDArray[np.bool_]:
    column, value = lost
    if not column:
        return np.ones(len(frame), dtype=bool)
    hit = ((frame["group"] == "treatment") & (frame[column] == value)).to_numpy()
    chance = np.where(frame["orders_before"] > 0, LOST[1], LOST[0])
    return ~(hit & (rng.random(len(frame)) < chance))


def _user_ids(n: int, rng: np.random.Generator) -> "pd.Series[str]":
    numbers = 10_000_000 + np.cumsum(rng.integers(1, 30, n))
    return pd.Series([f"u{number}" for number in numbers], dtype="string")


def _truth(
    lifts: NDArray[np.float64],
    shape: float,
    correlation: float,
    lost: tuple[str, str | int],
    rate: NDArray[np.float64],
) -> ExperimentTruth:
    factors = (float(WEEKS), float((1 + lifts).sum()))
    orders = [RATE * factor for factor in factors]
    sessions = [1 + 2.0 + WEEKS * RATE + each for each in orders]
    no_order = [(1 + each / shape) ** -shape for each in orders]
    return ExperimentTruth(
        conversion=(1 - no_order[0], 1 - no_order[1]),
        revenue_per_user_eur=(BASKET_EUR * orders[0], BASKET_EUR * orders[1]),
        revenue_per_session_eur=(
            BASKET_EUR * orders[0] / sessions[0],
            BASKET_EUR * orders[1] / sessions[1],
        ),
        lift_by_week=tuple(float(each) for each in lifts),
        correlation=correlation,
        lost=lost,
        weekly_rate=rate,
    )
