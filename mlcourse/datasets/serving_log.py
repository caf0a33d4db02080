"""What a service was given when it predicted, and what it should have been given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets._arguments import check_count, check_date, check_rng
from mlcourse.datasets.columns import Column, column_table

__all__ = ["TRANSFORMATIONS", "ServingLog", "ServingLogTruth", "make_serving_log"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TRANSFORMATIONS: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {
        "in cents": lambda values: np.round(values * 100.0),
        "truncated": np.floor,
        "rounded": np.round,
        "capped at 5": lambda values: np.minimum(values, 5.0),
        "log(1 + x)": np.log1p,
    }
)
FEATURES = ("sessions_28d", "orders_28d", "basket_mean_eur", "days_since_order")
WHOLE = FEATURES[:2] + FEATURES[3:]  # rounding does nothing to them
SERVERS = ("a", "b", "c", "d")
STALE = 0.04  # share of requests that were served values of an earlier refresh
MINUTES_A_DAY = 1440

COLUMNS = (
    Column("request_id", "", "Key of the request."),
    Column("member_id", "", "Key of the member who was scored."),
    Column("request_time", "", "When the features were read, in UTC."),
    Column("server", "", "Which of the servers answered.", categories=SERVERS),
    Column("sessions_28d", "sessions", "Sessions in 28 days.", low=0, high=100_000),
    Column("orders_28d", "orders", "Orders in 28 days.", low=0, high=100_000),
    Column("basket_mean_eur", "EUR", "Mean value of an order.", low=0, high=100_000),
    Column("days_since_order", "days", "Since the last order.", low=0, high=100_000),
)


@dataclass(frozen=True, slots=True)
class ServingLogTruth:
    """What was planted.

    Args:
        feature: The feature that is served otherwise than it was trained.
        transformation: How; a key of ``TRANSFORMATIONS``.
        since: The first moment at which a server does so, in UTC without a zone.
        servers: The servers that do.
    """

    feature: str
    transformation: str
    since: pd.Timestamp
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ServingLog:
    """Requests, one row each, as :func:`make_serving_log` draws them.

    Args:
        frame: What was served, in the order of time.
        columns: Type, unit, meaning and valid values of each column.
        features: The columns that the model reads.
        offline: The same requests with the values that a point-in-time join gives.
        truth: What a hidden test grades against.
    """

    frame: pd.DataFrame
    columns: pd.DataFrame
    features: tuple[str, ...]
    offline: pd.DataFrame
    truth: ServingLogTruth

    def __repr__(self) -> str:
        return f"ServingLog({len(self.frame):,} rows, {len(self.features)} features)"


def make_serving_log(
    n: int,
    *,
    rng: np.random.Generator,
    days: int = 14,
    feature: str | None = None,
    transformation: str | None = None,
    servers: int = 4,
    until: date = date(2026, 3, 1),
) -> ServingLog:
    """Draw a log of served features in which one is wrong from some moment on.

    Requests come at random times and are answered by one of four servers at random.
    Four in a hundred are served values that are one refresh old, which is no fault:
    counts are then off by one or two, amounts by some per cent, at any time. From a
    moment in the middle of the log some servers run a release that transforms one
    feature in another way than training did.

    Args:
        n: Requests, at least 1.
        rng: Source of all randomness; the same state gives the same log.
        days: Length of the log, at least 1.
        feature: Which one is wrong, drawn if None.
        transformation: A key of ``TRANSFORMATIONS``, drawn if None.
        servers: How many of the four run the new release, 1 to 4.
        until: Day after the last of the log, on day 1 to 28.

    Returns:
        A frozen :class:`ServingLog`. Units are in the names of the columns and in
        ``.columns``; all features are float64.

    Raises:
        TypeError: If an argument has the wrong type, such as a seed for ``rng``.
        ValueError: If an argument is out of range, or the transformation does nothing
            to the feature.

    Source:
        Training/serving skew and how to find it in logged features: Zinkevich, Rules
        of machine learning, rules 29 and 37. Counts: Poisson with gamma-distributed
        rates, Ehrenberg 1959, Applied Statistics 8(1). The parameters are ours.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> log = make_serving_log(100, rng=rng, feature="orders_28d")
        >>> log.truth.feature, log.frame.shape
        ('orders_28d', (100, 8))
    """
    n = check_count(n, "n")
    days = check_count(days, "days", most=365)
    servers = check_count(servers, "servers", most=len(SERVERS))
    end = np.datetime64(check_date(until, "until"), "m")
    check_rng(rng)
    feature, transformation = _choose(feature, transformation, rng)

    start = end - np.timedelta64(days, "D")
    minutes = np.sort(rng.integers(0, days * MINUTES_A_DAY, n))
    request_time = start + minutes.astype("timedelta64[m]")
    offline = _draw_features(n, rng)
    server = rng.integers(0, len(SERVERS), n)
    served = _age(offline, rng)
    since = start + np.timedelta64(
        int(days * MINUTES_A_DAY * rng.uniform(0.3, 0.7)), "m"
    )
    wrong = np.sort(rng.choice(len(SERVERS), servers, replace=False))
    hit = (request_time >= since) & np.isin(server, wrong)
    transform = TRANSFORMATIONS[transformation]
    served[feature] = np.where(hit, transform(served[feature]), served[feature])

    about = pd.DataFrame(
        {
            "request_id": _keys("R", np.arange(1, n + 1)),
            "member_id": _keys("M", rng.integers(1, max(2, n // 2) + 1, n)),
            "request_time": request_time.astype("datetime64[ns]"),
            "server": pd.Categorical.from_codes(server, pd.Index(SERVERS)),
        }
    )
    frame = pd.concat([about, pd.DataFrame(served)], axis=1)
    return ServingLog(
        frame=frame,
        columns=column_table(frame, COLUMNS),
        features=FEATURES,
        offline=pd.concat([about, pd.DataFrame(offline)], axis=1),
        truth=ServingLogTruth(
            feature,
            transformation,
            pd.Timestamp(since),
            tuple(SERVERS[number] for number in wrong),
        ),
    )


def _choose(
    feature: str | None, transformation: str | None, rng: np.random.Generator
) -> tuple[str, str]:
    """Return a feature and a transformation that changes it."""
    for name, value, known in (
        ("feature", feature, FEATURES),
        ("transformation", transformation, tuple(TRANSFORMATIONS)),
    ):
        if value is not None and value not in known:
            raise ValueError(
                f"{name} == {value!r}, must be one of: {', '.join(known)}."
            )
    choices = [
        (one, how)
        for one in FEATURES
        for how in TRANSFORMATIONS
        if feature in (None, one)
        and transformation in (None, how)
        and not (one in WHOLE and how in ("truncated", "rounded"))
        and not (one == "orders_28d" and how == "capped at 5")
    ]
    if not choices:
        raise ValueError(
            f"transformation == {transformation!r}, must be one that changes {feature}."
        )
    return choices[int(rng.integers(len(choices)))]


def _draw_features(n: int, rng: np.random.Generator) -> dict[str, Floats]:
    keen = rng.gamma(3.0, 1 / 3.0, n)
    return {
        "sessions_28d": rng.poisson(9 * keen).astype(float),
        "orders_28d": rng.poisson(2 * keen).astype(float),
        "basket_mean_eur": np.round(5 + rng.gamma(5.0, 7.0, n), 2),
        "days_since_order": np.floor(rng.exponential(15 / keen.clip(0.2), n)),
    }


def _age(values: dict[str, Floats], rng: np.random.Generator) -> dict[str, Floats]:
    """Return what was served: now and then the value of one refresh before."""
    n = len(values["sessions_28d"])
    stale = rng.random(n) < STALE
    aged = {}
    for name, value in values.items():
        step = rng.integers(1, 3, n) * rng.choice((-1, 1), n)
        whole = np.maximum(value + step, 0)
        share = np.round(value * rng.uniform(0.9, 1.1, n), 2)
        aged[name] = np.where(stale, whole if name in WHOLE else share, value)
    return aged


def _keys(
    letter: str, numbers: NDArray[np.int64]
) -> "pd.api.extensions.ExtensionArray":
    """Return keys such as R0000001, of pandas' string type."""
    return pd.array(
        np.char.mod(f"{letter}%07d", numbers).astype(object), dtype="string"
    )
