"""The process behind a fraudulent payment: known signals, and unequal groups."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets.checkout import AGE_BANDS, TYPICAL_DISTANCE_KM

__all__ = ["PLANTED", "WINDOW_DAYS", "days_until_known", "fraud_signals", "log_odds"]

Floats = NDArray[np.float64]

WINDOW_DAYS = 120  # then a payment that nobody disputed counts as good
MEDIAN_DAYS, SPREAD = 24.0, 0.7  # of the log-normal delay of a chargeback
SHARPNESS = 1.3  # of all signals: the true probability has an AUC of about 0.91
# Constants that give these fraud rates; measured on a million payments.
FRAUD_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2)
INTERCEPTS = (-9.119, -7.903, -6.499, -5.119, -3.403, -2.219)
YOUNG, OLD = AGE_BANDS.index("18-24"), AGE_BANDS.index("65+")
# What is unequal between the groups, for the truth.
PLANTED = {
    ("age_band", "18-24"): "New accounts are normal here, and no sign of fraud: "
    "a model that cannot see the age suspects too many of the honest.",
    ("age_band", "65+"): "Fraud here is often a scam on a known account and device: "
    "the signals are half as strong, and a model finds less of it.",
    ("region", "islands"): "Parcels go to lockers on the mainland, far from home, and "
    "that is no sign of fraud: a model suspects too many of the honest.",
}


def fraud_signals(frame: pd.DataFrame) -> dict[str, Floats]:
    """Return what each column adds to the log-odds of fraud, near 0 on average.

    Args:
        frame: Payments as they were, before any fault of a pipeline.

    Returns:
        One array of shape (n,) a column that fraud depends on. The account age counts
        only from 25 years on; the distance counts against what is usual in the region.

    Example:
        >>> from mlcourse.datasets import make_payments
        >>> frame = make_payments(9, rng=np.random.default_rng(0)).frame
        >>> sorted(set(frame).difference(fraud_signals(frame)))[:3]
        ['age_band', 'basket_items', 'channel']
    """
    number = {
        name: frame[name].to_numpy(dtype=np.float64)
        for name in frame.select_dtypes(["int64", "float64", "bool"])
    }
    young = frame["age_band"].cat.codes.to_numpy() == YOUNG
    usual = TYPICAL_DISTANCE_KM[frame["region"].cat.codes.to_numpy()]
    merchant = np.array((-0.6, -0.2, -0.2, 0.5, 0.3, 1.7))
    device = np.array((0.05, -0.05, 0.05, -0.15, 0.5))
    country = np.array((-0.15, 0.5, 1.6))
    account = 2.8 - 0.45 * np.log1p(number["account_age_days"])
    return {
        "amount_eur": 0.6 * np.log(number["amount_eur"] / 45),
        "merchant_category": merchant[frame["merchant_category"].cat.codes.to_numpy()],
        "device": device[frame["device"].cat.codes.to_numpy()],
        "card_country": country[frame["card_country"].cat.codes.to_numpy()],
        "account_age_days": np.where(young, 0.0, account),
        "payments_1h": 0.9 * np.minimum(number["payments_1h"], 3) - 0.1,
        "payments_24h": 0.35 * np.minimum(number["payments_24h"], 5) - 0.12,
        "declines_24h": 1.1 * np.minimum(number["declines_24h"], 3) - 0.06,
        "delivery_distance_km": 0.4 * np.log(number["delivery_distance_km"] / usual),
        "new_device": 1.5 * number["new_device"] - 0.15,
        "hour": 0.7 * (number["hour"] < 6) - 0.05,
    }


def log_odds(
    frame: pd.DataFrame, signals: dict[str, Floats], *, fraud_rate: float
) -> Floats:
    """Return the log-odds of fraud of each payment.

    A logistic model of the sum of the signals. For payers from 65 on the sum counts
    half, and the constant is higher, so that their fraud rate is not lower.

    Args:
        frame: Payments as they were.
        signals: Of :func:`fraud_signals`, weakened where a concept has changed.
        fraud_rate: About the share of fraud that is wanted.

    Example:
        >>> from mlcourse.datasets import make_payments
        >>> frame = make_payments(9, rng=np.random.default_rng(0)).frame
        >>> log_odds(frame, fraud_signals(frame), fraud_rate=0.015).shape
        (9,)
    """
    old = frame["age_band"].cat.codes.to_numpy() == OLD
    signal = SHARPNESS * np.sum(list(signals.values()), axis=0)
    constant = np.interp(_logit(fraud_rate), _logit(np.array(FRAUD_RATES)), INTERCEPTS)
    return np.asarray(np.where(old, constant + 1.7 + 0.5 * signal, constant + signal))


def _logit(rate: Floats | float) -> Floats:
    """Return the log-odds of a rate."""
    return np.asarray(np.log(rate) - np.log1p(-np.asarray(rate)))


def days_until_known(fraud: NDArray[np.bool_], *, rng: np.random.Generator) -> Floats:
    """Return the days until the label of each payment is known.

    Args:
        fraud: The label, shape (n,).
        rng: Source of the delays.

    Returns:
        For fraud the delay of the chargeback: log-normal, median 24 days, at most 120.
        For all others 120 days, when the time to dispute a payment is over.

    Example:
        >>> days_until_known(np.array([False]), rng=np.random.default_rng(0))
        array([120.])
    """
    delay = MEDIAN_DAYS * np.exp(rng.normal(0, SPREAD, len(fraud)))
    return np.where(fraud, delay.clip(1, WINDOW_DAYS), float(WINDOW_DAYS))
