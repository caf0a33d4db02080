"""Card payments at Tidemark on a simulated calendar, and which were fraud."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets._arguments import check_count, check_date, check_rng
from mlcourse.datasets.checkout import (
    AGE_BANDS,
    CHANNELS,
    COUNTRIES,
    DEVICES,
    MERCHANTS,
    REGIONS,
    day_weights,
    draw_payments,
)
from mlcourse.datasets.columns import Column, column_table
from mlcourse.datasets.fraud import (
    PLANTED,
    WINDOW_DAYS,
    days_until_known,
    fraud_signals,
    log_odds,
)
from mlcourse.datasets.incidents import (
    Incident,
    active_share,
    move_column,
    shuffle_columns,
)

__all__ = ["Payments", "PaymentsTruth", "PayerGroup", "make_payments"]

FEATURES = (
    Column("amount_eur", "EUR", "Amount of the payment.", low=1, high=5000),
    Column("merchant_category", "", "What is paid for.", categories=MERCHANTS),
    Column("channel", "", "Where the order was placed.", categories=CHANNELS),
    Column("device", "", "System of the device.", categories=DEVICES),
    Column("card_country", "", "Where the card was issued.", categories=COUNTRIES),
    Column(
        "account_age_days", "days", "Completed days since sign-up.", low=0, high=3650
    ),
    Column("payments_1h", "payments", "Payments in the hour before.", low=0, high=1000),
    Column(
        "payments_24h", "payments", "Payments in the 24 hours before.", low=0, high=1000
    ),
    Column(
        "declines_24h", "payments", "Payments declined in 24 hours.", low=0, high=1000
    ),
    Column(
        "delivery_distance_km",
        "km",
        "From the billing address to the place of delivery.",
        low=0.1,
        high=5000,
    ),
    Column("new_device", "", "Whether the account never paid from this device."),
    Column("hour", "hour of the day", "Hour of the payment.", low=0, high=23),
    Column(
        "session_minutes",
        "minutes",
        "Time in the shop before the payment.",
        low=0.2,
        high=240,
    ),
    Column("basket_items", "items", "Items in the basket.", low=1, high=1000),
)
COLUMNS = (
    Column("payment_id", "", "Key of the payment."),
    Column("paid_at", "", "Time of the payment."),
    *FEATURES,
    Column(
        "age_band", "", "Age of the payer in years, for audits.", categories=AGE_BANDS
    ),
    Column("region", "", "Region of the payer, for audits.", categories=REGIONS),
    Column(
        "fraud",
        "",
        "Label: disputed as fraud within 120 days.",
        known_after_days=WINDOW_DAYS,
    ),
    Column(
        "label_known_at",
        "",
        "Time at which the label is known.",
        known_after_days=WINDOW_DAYS,
    ),
)


@dataclass(frozen=True, slots=True)
class PayerGroup:
    """What is true of the payments of one group.

    Args:
        column: ``age_band`` or ``region``.
        value: Name of the group.
        payments: Rows in the frame.
        fraud_rate: Mean true probability of fraud, NaN without rows.
        planted: What is unequal here, ``""`` where nothing is.
    """

    column: str
    value: str
    payments: int
    fraud_rate: float
    planted: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PaymentsTruth:
    """What is true of the payments and cannot be seen in the frame.

    Args:
        fraud_probability: For each row of the frame, float64, read-only.
        incidents: What was scripted, with its columns and days.
        groups: Size, base rate and planted inequality of each group.
    """

    fraud_probability: NDArray[np.float64]
    incidents: tuple[Incident, ...]
    groups: tuple[PayerGroup, ...]

    def __repr__(self) -> str:
        rate = self.fraud_probability.mean()
        return (
            f"PaymentsTruth(mean probability {rate:.2%}, "
            f"{len(self.incidents)} incidents, {len(self.groups)} groups)"
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Payments:
    """Payments at Tidemark, one row each, as :func:`make_payments` draws them.

    Args:
        frame: The data in order of time: key, time, features, groups and label.
        columns: Type, unit, meaning, valid values and time of knowledge of each
            column; see :func:`mlcourse.datasets.columns.column_table`.
        features: Columns that a model may use, in a fixed order; the groups
            ``age_band`` and ``region`` are for audits and not among them.
        truth: What a hidden test grades against.
    """

    frame: pd.DataFrame
    columns: pd.DataFrame
    features: tuple[str, ...]
    truth: PaymentsTruth

    def __repr__(self) -> str:
        rows, rate = len(self.frame), self.frame["fraud"].mean()
        first, last = self.frame["paid_at"].iloc[[0, -1]].dt.date
        return f"Payments({rows:,} rows, {first} to {last}, {rate:.2%} fraud)"


def make_payments(
    n: int,
    *,
    rng: np.random.Generator,
    start: date = date(2026, 1, 5),
    days: int = 56,
    incidents: tuple[Incident, ...] = (),
    fraud_rate: float = 0.015,
) -> Payments:
    """Draw card payments on a calendar, with fraud and what happens on given days.

    The volume follows the week, grows by 20 % a year and rises before Christmas. At
    weekends people use the app more, take their time and buy more fashion. Each day
    has also a mood of its own: means move by 3 %, log-odds of choices by 0.08
    (standard deviations), so two good days differ more than two samples of one day.

    Fraud follows a logistic model of known signals, see
    :func:`mlcourse.datasets.fraud.fraud_signals`; ``session_minutes``,
    ``basket_items`` and ``channel`` do not matter for it. Three groups are unequal, as
    ``.truth.groups`` says: account age says nothing below 25 years, all signals count
    half from 65 on, and distance is normal on the islands. Payers from 65 on the
    islands are 0.5 % of all: too few to measure. A chargeback comes with a log-normal
    delay (median 24 days); what nobody disputed in 120 days counts as good.

    Incidents are told apart by when they act. A gradual, seasonal or harmless one
    changes the payments, and fraud follows the changed payments. A sudden or joint one
    changes only the record, and fraud follows what really happened. A concept incident
    changes the rule. For the same ``rng``, all but a seasonal one leave all other
    columns and rows as they are without it, apart from the label.

    Args:
        n: Payments, at least 1.
        rng: Source of all randomness; the same state gives the same payments.
        start: The first day.
        days: Number of days, 1 to 3660.
        incidents: What happens, and when; they act in the given order.
        fraud_rate: About the share of fraud before any incident, 0.001 to 0.2.

    Returns:
        A frozen :class:`Payments`. Units are in the names of the columns and in
        ``.columns``: money in EUR, time in days, hours or minutes, distance in km.

    Raises:
        TypeError: If an argument has the wrong type, such as a seed for ``rng``.
        ValueError: If a number or a date is out of range, or an incident is not within
            the days.

    Source:
        Features and delayed feedback: Dal Pozzolo et al. 2018, IEEE Transactions on
        Neural Networks and Learning Systems 29(8). Kinds of change: Gama et al. 2014,
        ACM Computing Surveys 46(4). The 120 days are the usual limit of card schemes
        for a dispute. The parameters are ours.

    Example:
        >>> slow = Incident("gradual", date(2026, 2, 2), date(2026, 2, 15))
        >>> payments = make_payments(
        ...     5_000, rng=np.random.default_rng(0), incidents=(slow,)
        ... )
        >>> payments.frame.shape, len(payments.features)
        ((5000, 20), 14)
        >>> payments.truth.incidents[0].columns
        ('account_age_days',)
    """
    n = check_count(n, "n")
    length = check_count(days, "days", most=3660)
    first = np.datetime64(check_date(start, "start"), "D")
    check_rng(rng)
    calendar = first + np.arange(length)
    incidents = _check_incidents(incidents, calendar)
    if not 0.001 <= fraud_rate <= 0.2:
        raise ValueError(f"fraud_rate == {fraud_rate!r}, must be in 0.001 to 0.2.")

    draw, disturb, label, wait = rng.spawn(4)
    sale, weights = np.zeros(length), day_weights(calendar)
    for incident in _of(incidents, "seasonal"):
        sale = np.maximum(sale, active_share(incident, calendar))
        weights = weights * incident.strength ** active_share(incident, calendar)
    share = np.cumsum(weights) / weights.sum()
    day = np.searchsorted(share[:-1], np.sort(draw.random(n)), side="right")

    happened = draw_payments(day, calendar, sale=sale, rng=draw)
    for incident in _of(incidents, "gradual", "harmless"):
        happened = _moved(happened, incident, calendar[day], disturb)
    signals = fraud_signals(happened)
    for incident in _of(incidents, "concept"):
        left = 1 - incident.strength * active_share(incident, calendar[day])
        for name in incident.columns:
            signals[name] = signals[name] * left
    odds = log_odds(happened, signals, fraud_rate=fraud_rate)
    probability = np.asarray(1 / (1 + np.exp(-odds)))
    fraud = label.random(n) < probability

    frame = happened
    for incident in _of(incidents, "sudden", "joint"):
        frame = _moved(frame, incident, calendar[day], disturb)
    frame.insert(0, "payment_id", pd.Series(_keys(n)))
    frame["fraud"] = fraud
    delay = pd.to_timedelta(days_until_known(fraud, rng=wait) * 86_400, unit="s")
    frame["label_known_at"] = (frame["paid_at"] + delay).dt.floor("s")
    probability.setflags(write=False)
    return Payments(
        frame=frame,
        columns=column_table(frame, COLUMNS),
        features=tuple(column.name for column in FEATURES),
        truth=PaymentsTruth(probability, incidents, _groups(frame, probability)),
    )


def _of(incidents: tuple[Incident, ...], *kinds: str) -> Iterable[Incident]:
    return (incident for incident in incidents if incident.kind in kinds)


def _check_incidents(
    incidents: object, calendar: NDArray[np.datetime64]
) -> tuple[Incident, ...]:
    if not isinstance(incidents, tuple) or not all(
        isinstance(incident, Incident) for incident in incidents
    ):
        raise TypeError(f"incidents == {incidents!r}, must be a tuple of Incident.")
    for incident in incidents:
        if not calendar[0] <= np.datetime64(incident.first_day, "D") <= calendar[-1]:
            raise ValueError(
                f"first_day == {incident.first_day}, must be in {calendar[0]} to "
                f"{calendar[-1]}."
            )
    return incidents


def _moved(
    frame: pd.DataFrame,
    incident: Incident,
    dates: NDArray[np.datetime64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return a copy of the frame with the incident in it."""
    share = active_share(incident, dates)
    if incident.kind == "joint":
        return shuffle_columns(
            frame,
            incident.columns,
            share=incident.strength * share,
            day=(dates - dates[0]).astype(np.int64),
            rng=rng,
        )
    moved = frame.copy()
    for name in incident.columns:
        moved[name] = move_column(
            frame[name], share=share, size=incident.strength, rng=rng
        )
    return moved


def _groups(
    frame: pd.DataFrame, probability: NDArray[np.float64]
) -> tuple[PayerGroup, ...]:
    groups = []
    for column in ("age_band", "region"):
        for value in frame[column].cat.categories:
            rows = (frame[column] == value).to_numpy()
            rate = float(probability[rows].mean()) if rows.any() else nan
            planted = PLANTED.get((column, value), "")
            groups.append(PayerGroup(column, value, int(rows.sum()), rate, planted))
    return tuple(groups)


def _keys(n: int) -> "pd.api.extensions.ExtensionArray":
    """Return keys P0000001 and on, of pandas' string type."""
    keys = np.char.mod("P%07d", np.arange(1, n + 1)).astype(object)
    return pd.array(keys, dtype="string")
