"""Who pays at Tidemark, when, for what and from where: payments before the label."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "AGE_BANDS",
    "CHANNELS",
    "COUNTRIES",
    "DEVICES",
    "MERCHANTS",
    "REGIONS",
    "TYPICAL_DISTANCE_KM",
    "day_weights",
    "draw_payments",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MERCHANTS = ("grocery", "fashion", "home", "electronics", "digital", "gift_card")
MERCHANT_SHARES = np.array((0.24, 0.26, 0.18, 0.14, 0.13, 0.05))
AMOUNT_MEDIANS_EUR = np.array((32.0, 46.0, 58.0, 150.0, 14.0, 50.0))
ITEMS_MEANS = np.array((9.0, 1.6, 1.4, 0.5, 0.2, 0.3))  # above the first
CHANNELS = ("desktop_web", "mobile_web", "app")
CHANNEL_SHARES = np.array((0.34, 0.22, 0.44))
DEVICES = ("android", "ios", "windows", "mac", "other")
DEVICE_SHARES = np.array(  # by channel
    ((0.0, 0.0, 0.70, 0.26, 0.04), (0.58, 0.40, 0.0, 0.0, 0.02), (0.52, 0.48, 0, 0, 0))
)
COUNTRIES = ("home", "eu", "other")
COUNTRY_SHARES = np.array((0.90, 0.07, 0.03))
AGE_BANDS = ("18-24", "25-39", "40-64", "65+")
AGE_SHARES = np.array((0.16, 0.38, 0.36, 0.10))
ACCOUNT_MEAN_DAYS = np.array((170.0, 900.0, 1300.0, 1500.0))
REGIONS = ("north", "south", "east", "west", "islands")
REGION_SHARES = np.array((0.30, 0.26, 0.20, 0.19, 0.05))
TYPICAL_DISTANCE_KM = np.array((6.0, 7.0, 8.0, 6.0, 90.0))

WEEK = np.array((0.95, 0.92, 0.94, 0.98, 1.10, 1.16, 0.95))  # Monday first
GROWTH_A_YEAR = 0.20
# Each day has a mood of its own: standard deviation of log means and of log-odds.
DAY_LOG_SD, DAY_LOGIT_SD = 0.03, 0.08
HOURS = np.arange(24)
# Share of the payments in each hour, by channel: desks by day, the app in the evening.
HOUR_SHARES = np.array(
    [
        0.15 + np.exp(-(((HOURS - 13) / 4.5) ** 2)),
        0.20 + np.exp(-(((HOURS - 17) / 5.0) ** 2)),
        0.20 + np.exp(-(((HOURS - 20) / 3.5) ** 2)),
    ]
)


def day_weights(days: NDArray[np.datetime64]) -> Floats:
    """Return the expected volume of each day, relative to an average day.

    Args:
        days: Of shape (n,), datetime64[D].

    Returns:
        Of shape (n,): the week's rhythm, growth of 20 % a year from 2026 on, and a
        rise before Christmas.

    Example:
        >>> week = np.arange("2026-03-02", "2026-03-09", dtype="datetime64[D]")
        >>> int(day_weights(week).argmax())
        5
    """
    years = (days - np.datetime64("2026-01-01")).astype(np.int64) / 365.25
    growth = np.exp(np.log1p(GROWTH_A_YEAR) * years)
    return np.asarray(WEEK[_weekday(days)] * growth * (1 + 0.5 * _christmas(days)))


def draw_payments(
    day: Ints,
    days: NDArray[np.datetime64],
    *,
    sale: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the payments of given days, without key and label, in order of time.

    Args:
        day: Number of the day of each payment, ascending, shape (n,).
        days: All days, datetime64[D].
        sale: For each day 1 while a sale runs and 0 otherwise.
        rng: Source of all randomness.

    Returns:
        One row a payment with its time, features and groups. The process and its
        sources stand in :func:`mlcourse.datasets.make_payments`.

    Example:
        >>> days = np.array(["2026-03-02"], dtype="datetime64[D]")
        >>> one, none = np.zeros(1, int), np.zeros(1)
        >>> draw_payments(one, days, sale=none, rng=np.random.default_rng(0)).shape
        (1, 17)
    """
    n, weekend = len(day), (_weekday(days) >= 5) * 1.0
    mood = rng.normal(0, DAY_LOG_SD, (4, len(days)))
    taste = rng.normal(0, DAY_LOGIT_SD, (len(days), 6))
    habit = rng.normal(0, DAY_LOGIT_SD, (len(days), 3))
    christmas = _christmas(days)

    taste[:, 0] -= 0.20 * weekend
    taste[:, 1] += 0.20 * weekend + 0.7 * sale
    taste[:, 3] += 0.25 * christmas + 0.5 * sale
    taste[:, 5] += 0.80 * christmas
    habit[:, 2] += 0.35 * weekend
    merchant = _choose(_tilted(MERCHANT_SHARES, taste)[day], rng)
    channel = _choose(_tilted(CHANNEL_SHARES, habit)[day], rng)
    device = _choose(DEVICE_SHARES[channel], rng)
    country = _choose(np.broadcast_to(COUNTRY_SHARES, (n, 3)), rng)
    age = _choose(np.broadcast_to(AGE_SHARES, (n, 4)), rng)
    region = _choose(np.broadcast_to(REGION_SHARES, (n, 5)), rng)

    hour = _choose((HOUR_SHARES / HOUR_SHARES.sum(1, keepdims=True))[channel], rng)
    second = 3600 * hour + rng.integers(0, 3600, n)

    level = mood[0] + 0.08 * weekend + 0.12 * christmas - 0.25 * sale
    amount = AMOUNT_MEDIANS_EUR[merchant] * np.exp(level[day] + rng.normal(0, 0.65, n))
    account = rng.exponential(ACCOUNT_MEAN_DAYS[age] * np.exp(mood[1][day]))
    account = np.where(rng.random(n) < 0.06, rng.uniform(0, 30, n), account)
    busy = 0.35 * rng.gamma(0.8, 1 / 0.8, n)
    lately = rng.poisson(busy)
    declines = rng.poisson(0.06 * rng.gamma(0.5, 1 / 0.5, n))
    distance = TYPICAL_DISTANCE_KM[region] * np.exp(
        mood[2][day] + rng.normal(0, 1.1, n)
    )
    session = 8 * np.exp((mood[3] + 0.15 * weekend)[day] + rng.normal(0, 0.7, n))

    frame = pd.DataFrame(
        {
            "paid_at": (days[day].astype("datetime64[s]") + second).astype(
                "datetime64[ns]"
            ),
            "amount_eur": amount.clip(1, 5000).round(2),
            "merchant_category": _category(merchant, MERCHANTS),
            "channel": _category(channel, CHANNELS),
            "device": _category(device, DEVICES),
            "card_country": _category(country, COUNTRIES),
            "account_age_days": account.clip(0, 3650).astype(np.int64),
            "payments_1h": rng.binomial(lately, 0.25),
            "payments_24h": lately,
            "declines_24h": declines,
            "delivery_distance_km": distance.clip(0.1, 5000).round(1),
            "new_device": rng.random(n) < 0.10,
            "hour": hour,
            "session_minutes": session.clip(0.2, 240).round(1),
            "basket_items": 1 + rng.poisson(ITEMS_MEANS[merchant]),
            "age_band": _category(age, AGE_BANDS),
            "region": _category(region, REGIONS),
        }
    )
    return frame.sort_values("paid_at", kind="stable", ignore_index=True)


def _weekday(days: NDArray[np.datetime64]) -> Ints:
    """Return 0 for Monday to 6 for Sunday."""
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % 7)


def _christmas(days: NDArray[np.datetime64]) -> Floats:
    """Return the pull of Christmas: 1 on 12 December, almost 0 from January on."""
    year = days.astype("datetime64[Y]").astype("datetime64[D]")
    away = (days - year).astype(np.int64) - 345
    return np.asarray(np.exp(-((away / 12) ** 2)))


def _tilted(shares: Floats, logits: Floats) -> Floats:
    """Return shares of shape (days, k) that are tilted by log-odds."""
    tilted = shares * np.exp(logits)
    return np.asarray(tilted / tilted.sum(axis=1, keepdims=True))


def _choose(shares: Floats, rng: np.random.Generator) -> Ints:
    """Return one of k for each row of shares of shape (n, k)."""
    above = rng.random(len(shares))[:, None] > np.cumsum(shares, axis=1)[:, :-1]
    return np.asarray(above.sum(axis=1, dtype=np.int64))


def _category(codes: Ints, names: tuple[str, ...]) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(codes, pd.Index(names))
