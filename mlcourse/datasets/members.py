"""Members of Tidemark at a decision date, and whether they left within 60 days."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets._arguments import check_count, check_date, check_flag, check_rng
from mlcourse.datasets.behaviour import (
    CHANNELS,
    PLANS,
    REGIONS,
    decision_dates,
    draw_features,
)
from mlcourse.datasets.churn import ChurnCoefficients, churn_probability
from mlcourse.datasets.columns import Column, column_table
from mlcourse.datasets.faults import LEAKS, Fault, plant_faults

__all__ = ["Members", "MembersTruth", "make_members"]

FEATURES = (
    Column(
        "tenure_months", "months", "Completed months of membership.", low=0, high=120
    ),
    Column("plan", "", "Plan of the membership.", categories=PLANS),
    Column(
        "monthly_fee_eur", "EUR a month", "Fee that is charged now.", low=1, high=20
    ),
    Column("orders_90d", "orders", "Orders in the last 90 days.", low=0, high=200),
    Column(
        "basket_value_mean_eur",
        "EUR an order",
        "Mean value of all orders since sign-up.",
        low=1,
        high=1000,
    ),
    Column(
        "days_since_last_order",
        "days",
        "Days since the last order; the sign-up was itself an order.",
        low=1,
        high=3660,
    ),
    Column(
        "support_contacts_90d",
        "contacts",
        "Calls, chats and mails to support in the last 90 days.",
        low=0,
        high=200,
    ),
    Column(
        "late_deliveries_90d",
        "deliveries",
        "Orders of the last 90 days that came late.",
        low=0,
        high=200,
    ),
    Column(
        "app_sessions_30d",
        "sessions",
        "App sessions in the last 30 days.",
        low=0,
        high=1000,
    ),
    Column(
        "discount_share",
        "share from 0 to 1",
        "Share of the value ordered since sign-up that was bought at a discount.",
        low=0,
        high=1,
    ),
    Column(
        "payment_failures_90d",
        "payments",
        "Monthly fees of the last 90 days that could not be charged at first.",
        low=0,
        high=3,
    ),
    Column("region", "", "Region of delivery.", categories=REGIONS),
    Column(
        "acquisition_channel",
        "",
        "What brought the member to sign up.",
        categories=CHANNELS,
    ),
    Column("auto_renew", "", "Whether the membership renews by itself."),
)
COLUMNS: tuple[Column, ...] = (
    Column("member_id", "", "Key of the member."),
    Column("decision_date", "", "Day on which it is decided whom to call."),
    Column("signup_date", "", "Day on which the membership began."),
    *FEATURES,
    Column(
        "churned",
        "",
        "Label: cancelled or lapsed within 60 days after the decision date.",
        known_after_days=60,
    ),
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MembersTruth:
    """What is true of the members and cannot be seen in the frame.

    Args:
        churn_probability: For each row of the frame, float64, read-only.
        coefficients: Of the process that gave these probabilities.
        faults: What was planted, in the order of planting; empty without faults.
    """

    churn_probability: NDArray[np.float64]
    coefficients: ChurnCoefficients
    faults: tuple[Fault, ...]

    def __repr__(self) -> str:
        rate = self.churn_probability.mean()
        return f"MembersTruth(mean probability {rate:.1%}, {len(self.faults)} faults)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Members:
    """Members of Tidemark, one row each, as :func:`make_members` draws them.

    Args:
        frame: The data: key, dates, features and label; with faults also leaks.
        columns: Type, unit, meaning, valid values and time of knowledge of each
            column; see :func:`mlcourse.datasets.columns.column_table`.
        features: Columns that a model may use, in a fixed order.
        truth: What a hidden test grades against.
    """

    frame: pd.DataFrame
    columns: pd.DataFrame
    features: tuple[str, ...]
    truth: MembersTruth

    def __repr__(self) -> str:
        rows, columns = self.frame.shape
        rate = self.frame["churned"].mean()
        return f"Members({rows:,} rows, {columns} columns, {rate:.1%} churned)"


def make_members(
    n: int,
    *,
    rng: np.random.Generator,
    decision_date: date = date(2026, 3, 1),
    months: int = 1,
    faults: bool = False,
) -> Members:
    """Draw members at a decision date, and whether they left within 60 days.

    Each member is seen once, at one of ``months`` monthly decision dates that end
    with ``decision_date``. The rows are in the order of these dates, in equal parts.
    A label is final 60 days after its own decision date, so the rows of the month
    before a test date have no label yet on that date. From January 2025 to January
    2027 the log-odds of churn rise by 0.02 a month.

    The process: a member orders at a personal rate and at random times; the sign-up
    is the first order. Late deliveries come from the orders and the region, support
    contacts from the late deliveries, and who orders often opens the app often. From
    these features :func:`churn_probability` gives the probability that the label is
    drawn with. With ``faults=True`` the same members, for the same ``rng``, are
    damaged as :func:`mlcourse.datasets.faults.plant_faults` says; copied rows then
    make the frame longer than ``n``.

    Args:
        n: Members, at least 1.
        rng: Source of all randomness; the same state gives the same members.
        decision_date: The newest decision date, on day 1 to 28 of its month.
        months: Number of monthly decision dates, 1 to 120.
        faults: Whether to plant leaks, duplicates, a wrong unit and missing values.

    Returns:
        A frozen :class:`Members`. Units are in the names of the columns and in
        ``.columns``: money in EUR, time in days or months, shares from 0 to 1.

    Raises:
        TypeError: If an argument has the wrong type, such as a seed for ``rng``.
        ValueError: If a number or a date is out of range.

    Source:
        Tenure: ages in a steady inflow of shifted-beta-geometric lifetimes, Fader and
        Hardie 2007, Journal of Interactive Marketing 21(1). Orders, sessions and
        contacts: Poisson with gamma-distributed rates, Ehrenberg 1959, Applied
        Statistics 8(1). Time since the last order: as in Schmittlein, Morrison and
        Colombo 1987, Management Science 33(1), without their silent drop-outs.
        Basket: gamma-gamma, Fader, Hardie and Lee 2005, Journal of Marketing Research
        42(4). Late deliveries and failed payments: beta-binomial, Skellam 1948,
        Journal of the Royal Statistical Society B 10(2). The parameters are ours.

    Example:
        >>> members = make_members(1_000, rng=np.random.default_rng(0))
        >>> members.frame.shape, len(members.features)
        ((1000, 18), 14)
        >>> int(members.columns.loc["churned", "known_after_days"])
        60
    """
    n = check_count(n, "n")
    months = check_count(months, "months", most=120)
    newest = check_date(decision_date, "decision_date")
    check_flag(faults, "faults")
    check_rng(rng)

    days = decision_dates(n, newest=np.datetime64(newest, "D"), months=months)
    frame = draw_features(days, rng=rng)
    coefficients = ChurnCoefficients()
    probability = churn_probability(frame, coefficients=coefficients)
    frame["churned"] = rng.random(n) < probability
    planted: tuple[Fault, ...] = ()
    columns = COLUMNS
    if faults:
        frame, source, planted = plant_faults(frame, rng=rng)
        columns, probability = (*COLUMNS, *LEAKS), probability[source]
    probability.setflags(write=False)
    return Members(
        frame=frame,
        columns=column_table(frame, columns),
        features=tuple(column.name for column in FEATURES),
        truth=MembersTruth(probability, coefficients, planted),
    )
