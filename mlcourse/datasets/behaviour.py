"""How members join, order, use the app and complain: the features before the label."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["CHANNELS", "PLANS", "REGIONS", "decision_dates", "draw_features"]

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PLANS = ("basic", "plus", "family")
PLAN_SHARES = (0.55, 0.30, 0.15)
PLAN_FEES_EUR = np.array((4.99, 8.99, 12.99))
PLAN_ORDERS_90D = np.array((2.2, 3.4, 4.6))  # mean over the members of a plan
PLAN_BASKETS_EUR = np.array((33.0, 37.0, 45.0))
PRICE_RISE = np.datetime64("2025-01-01")  # who joined before pays 1 EUR less

REGIONS = ("north", "south", "east", "west", "islands")
REGION_SHARES = (0.28, 0.24, 0.20, 0.20, 0.08)
REGION_LATE_SHARES = np.array((0.06, 0.08, 0.09, 0.06, 0.18))

CHANNELS = ("organic", "search_ad", "social_ad", "referral", "voucher")
CHANNEL_SHARES = (0.35, 0.20, 0.17, 0.13, 0.15)
CHANNEL_DISCOUNTS = np.array((0.18, 0.22, 0.30, 0.15, 0.45))

OLDEST_MONTHS = 120  # Tidemark has sold memberships for ten years
DAYS_A_MONTH = 365.25 / 12
LIFETIME_ALPHA, LIFETIME_BETA = 1.5, 8.0  # monthly: about 16 % leave in two months
ORDER_SHAPE = 1.6  # of the gamma over members; smaller means less alike
BASKET_SHAPE = 6.0  # of both gammas


def decision_dates(n: int, *, newest: np.datetime64, months: int) -> Days:
    """Return the decision date of each row: monthly, ascending, in equal parts.

    Args:
        n: Rows.
        newest: The last date, on day 1 to 28.
        months: Number of dates.

    Returns:
        Dates of shape (n,), datetime64[D].

    Example:
        >>> decision_dates(2, newest=np.datetime64("2026-01-15"), months=2).astype(str)
        array(['2025-12-15', '2026-01-15'], dtype='<U28')
    """
    month = newest.astype("datetime64[M]")
    day = newest - month.astype("datetime64[D]")
    dates = (month - np.arange(months)[::-1]).astype("datetime64[D]") + day
    return np.asarray(dates[np.arange(n) * months // n])


def draw_features(decision: Days, *, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the members that are seen at given decision dates, without the label.

    Args:
        decision: Decision date of each row, datetime64[D].
        rng: Source of all randomness.

    Returns:
        One row a decision date, with key, dates and features. The process and its
        sources stand in :func:`mlcourse.datasets.make_members`.

    Example:
        >>> day = np.array(["2026-03-01"], dtype="datetime64[D]")
        >>> draw_features(day, rng=np.random.default_rng(0)).shape
        (1, 17)
    """
    n = len(decision)
    plan = rng.choice(3, n, p=PLAN_SHARES)
    region = rng.choice(5, n, p=REGION_SHARES)
    channel = rng.choice(5, n, p=CHANNEL_SHARES)
    by_voucher = channel == CHANNELS.index("voucher")

    age_months = rng.choice(OLDEST_MONTHS, n, p=_age_shares()) + rng.random(n)
    age_days = 1 + (age_months * DAYS_A_MONTH).astype(np.int64)
    signup = decision - age_days
    tenure = _completed_months(signup, decision)
    fee = PLAN_FEES_EUR[plan] - (signup < PRICE_RISE)
    fee = np.where(by_voucher & (tenure < 3), fee / 2, fee)
    auto_renew = rng.random(n) < np.where(by_voucher, 0.65, 0.85)

    keenness = rng.gamma(ORDER_SHAPE, 1 / ORDER_SHAPE, n)
    orders, since_last, orders_ever = _draw_orders(
        PLAN_ORDERS_90D[plan] * keenness, age_days, rng
    )
    basket = _draw_basket(PLAN_BASKETS_EUR[plan], orders_ever, rng)
    curiosity = rng.gamma(1.0, 1.0, n) * keenness**0.6
    sessions = rng.poisson(6 * curiosity * np.minimum(age_days, 30) / 30)

    late = rng.binomial(orders, _draw_shares(REGION_LATE_SHARES[region], 6, rng))
    troubles = 0.2 * np.minimum(age_days, 90) / 90 + 0.03 * orders + 0.5 * late
    contacts = rng.poisson(troubles * rng.gamma(1.5, 1 / 1.5, n))
    discount = _draw_shares(CHANNEL_DISCOUNTS[channel], 4, rng)
    charges = np.minimum(tenure + 1, 3)
    failures = rng.binomial(charges, _draw_shares(np.full(n, 0.04), 7, rng))

    return pd.DataFrame(
        {
            "member_id": _keys(n),
            "decision_date": decision.astype("datetime64[ns]"),
            "signup_date": signup.astype("datetime64[ns]"),
            "tenure_months": tenure,
            "plan": pd.Categorical.from_codes(plan, pd.Index(PLANS)),
            "monthly_fee_eur": fee.round(2),
            "orders_90d": orders,
            "basket_value_mean_eur": basket.clip(1, 1000).round(2),
            "days_since_last_order": since_last,
            "support_contacts_90d": contacts,
            "late_deliveries_90d": late,
            "app_sessions_30d": sessions,
            "discount_share": discount.round(4),
            "payment_failures_90d": failures,
            "region": pd.Categorical.from_codes(region, pd.Index(REGIONS)),
            "acquisition_channel": pd.Categorical.from_codes(
                channel, pd.Index(CHANNELS)
            ),
            "auto_renew": auto_renew,
        }
    )


def _age_shares() -> Floats:
    """Return the share of members in each month of age, shape (OLDEST_MONTHS,).

    With a steady inflow it is proportional to the survival curve; that of the
    shifted-beta-geometric is (7) of Fader and Hardie 2007 as a product.
    """
    month = np.arange(1, OLDEST_MONTHS)
    stay = (LIFETIME_BETA + month - 1) / (LIFETIME_ALPHA + LIFETIME_BETA + month - 1)
    survival = np.cumprod(np.append(1.0, stay))
    return np.asarray(survival / survival.sum())


def _completed_months(start: Days, end: Days) -> Ints:
    """Return whole months of the calendar from start to end."""
    first, last = start.astype("datetime64[M]"), end.astype("datetime64[M]")
    incomplete = start - first > end - last
    return np.asarray((last - first).astype(np.int64) - incomplete)


def _draw_orders(
    orders_90d: Floats, age_days: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Return orders in 90 days, days since the last order, and orders ever.

    Orders are a Poisson process since the sign-up, which is an order too. Given k
    orders in a window, the time since the last is a share 1 - U ** (1 / k) of it.
    """
    window = np.minimum(age_days, 90)
    before = age_days - window
    recent = rng.poisson(orders_90d * window / 90)
    older = rng.poisson(orders_90d * before / 90)
    uniform = 1 - rng.random(len(age_days))  # above 0
    in_window = window * (1 - uniform ** (1 / np.maximum(recent, 1)))
    in_before = window + before * (1 - uniform ** (1 / np.maximum(older, 1)))
    since = np.select([recent > 0, older > 0], [in_window, in_before], age_days)
    since_days = np.maximum(np.ceil(since), 1).astype(np.int64)
    return recent + (before == 0), since_days, recent + older + 1


def _draw_basket(mean_eur: Floats, orders: Ints, rng: np.random.Generator) -> Floats:
    """Return the mean value of each member's orders by the gamma-gamma model."""
    spread = mean_eur * (BASKET_SHAPE - 1) / BASKET_SHAPE
    personal = spread / rng.gamma(BASKET_SHAPE, size=len(orders))
    return np.asarray(personal * rng.gamma(BASKET_SHAPE * orders) / orders)


def _draw_shares(mean: Floats, strength: float, rng: np.random.Generator) -> Floats:
    """Return beta-distributed shares; a greater strength means members are alike."""
    return rng.beta(strength * mean, strength * (1 - mean))


def _keys(n: int) -> "pd.api.extensions.ExtensionArray":
    """Return keys M0000001 and on, of pandas' string type."""
    keys = np.char.mod("M%07d", np.arange(1, n + 1)).astype(object)
    return pd.array(keys, dtype="string")
