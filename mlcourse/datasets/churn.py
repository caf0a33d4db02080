"""The process behind a cancelled membership: a logistic model with known terms."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["ChurnCoefficients", "churn_probability"]

TREND_ORIGIN = 2026 * 12  # January 2026, in months of the calendar
TREND_REACH = 12  # months before and after it in which the market moves


@dataclass(frozen=True, slots=True)
class ChurnCoefficients:
    """What each term adds to the log-odds of churn within 60 days.

    Args:
        intercept: Basic plan, organic channel, no automatic renewal, all terms zero.
        tenure: For each unit of log(1 + months of tenure): old members stay.
        plan_plus: For the plan ``plus`` against ``basic``.
        plan_family: For the plan ``family`` against ``basic``.
        fee: For each euro of the monthly fee.
        recency: For 1 - exp(-days since the last order / 30): it saturates.
        orders: For each unit of log(1 + orders in 90 days).
        sessions: For each unit of log(1 + app sessions in 30 days).
        basket: For each unit of log(mean basket value / 40 EUR).
        late: For each unit of log(1 + late deliveries in 90 days).
        contacts: For each unit of log(1 + support contacts in 90 days).
        discount: For each unit of discount share above 0.4: a hinge, flat below.
        payment_failure: For at least one failed payment in 90 days.
        auto_renew: For automatic renewal.
        auto_renew_payment_failure: For both at once, the interaction: a failed
            payment takes away what automatic renewal protects.
        channel_referral: For members who came by ``referral``.
        channel_social_ad: For members who came by ``social_ad``.
        channel_voucher: For members who came by ``voucher``.
        trend: For each month of the decision date after January 2026 (before it,
            less), at most twelve months either way.
    """

    intercept: float = -0.75
    tenure: float = -0.60
    plan_plus: float = -0.35
    plan_family: float = -0.60
    fee: float = 0.08
    recency: float = 1.60
    orders: float = -0.30
    sessions: float = -0.35
    basket: float = -0.20
    late: float = 1.00
    contacts: float = 0.60
    discount: float = 2.50
    payment_failure: float = 0.20
    auto_renew: float = -1.50
    auto_renew_payment_failure: float = 1.90
    channel_referral: float = -0.30
    channel_social_ad: float = 0.20
    channel_voucher: float = 0.40
    trend: float = 0.02


def churn_probability(
    frame: pd.DataFrame, *, coefficients: ChurnCoefficients | None = None
) -> NDArray[np.float64]:
    """Return the true probability that each member churns within 60 days.

    It reads undamaged features only, so it also answers what would happen if a member
    had one more late delivery. Region has no term of its own: it acts through late
    deliveries. The signs are those that the literature on subscriptions reports; the
    sizes are ours.

    Args:
        frame: Rows as :func:`make_members` draws them with ``faults=False``.
        coefficients: Of the process, the course's own if omitted.

    Returns:
        Probabilities of shape (rows,), float64, between 0 and 1: 1 / (1 + exp(-x))
        with x the sum of the terms of :class:`ChurnCoefficients`.

    Raises:
        KeyError: If a column is missing.

    Source:
        Logistic form: Neslin et al. 2006, Journal of Marketing Research 43(2).
        Falling hazard over tenure: Fader and Hardie 2007, Journal of Interactive
        Marketing 21(1). Renewal by itself and failed cards: Einav, Klopack and
        Mahoney, Selling Subscriptions, American Economic Review 2025. Channel:
        Verhoef and Donkers 2005, Journal of Interactive Marketing 19(2).

    Example:
        >>> from mlcourse.datasets import make_members
        >>> members = make_members(3, rng=np.random.default_rng(0))
        >>> more = members.frame.assign(late_deliveries_90d=5)
        >>> bool((churn_probability(more) > members.truth.churn_probability).all())
        True
    """
    c = ChurnCoefficients() if coefficients is None else coefficients
    date = frame["decision_date"].dt
    months = (date.year * 12 + date.month - 1 - TREND_ORIGIN).to_numpy()
    plan, channel = frame["plan"], frame["acquisition_channel"]
    number = {
        name: frame[name].to_numpy(dtype=np.float64)
        for name in frame.columns
        if pd.api.types.is_numeric_dtype(frame[name])
    }
    renews = number["auto_renew"]
    failed = np.minimum(number["payment_failures_90d"], 1)
    log_odds = (
        c.intercept
        + c.tenure * np.log1p(number["tenure_months"])
        + c.plan_plus * (plan == "plus").to_numpy()
        + c.plan_family * (plan == "family").to_numpy()
        + c.fee * number["monthly_fee_eur"]
        + c.recency * -np.expm1(-number["days_since_last_order"] / 30)
        + c.orders * np.log1p(number["orders_90d"])
        + c.sessions * np.log1p(number["app_sessions_30d"])
        + c.basket * np.log(number["basket_value_mean_eur"] / 40)
        + c.late * np.log1p(number["late_deliveries_90d"])
        + c.contacts * np.log1p(number["support_contacts_90d"])
        + c.discount * np.maximum(number["discount_share"] - 0.4, 0)
        + c.payment_failure * failed
        + c.auto_renew * renews
        + c.auto_renew_payment_failure * renews * failed
        + c.channel_referral * (channel == "referral").to_numpy()
        + c.channel_social_ad * (channel == "social_ad").to_numpy()
        + c.channel_voucher * (channel == "voucher").to_numpy()
        + c.trend * np.clip(months, -TREND_REACH, TREND_REACH)
    )
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)
