"""What goes wrong with an extract on its way to a model, planted and written down."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets.columns import Column

__all__ = ["LEAKS", "Fault", "plant_faults"]

REASONS = ("none", "price", "delivery", "not_used", "moved", "payment")
LEAKS = (
    Column(
        "winback_emails_30d",
        "mails",
        "Win-back mails sent in the 30 days after the decision date.",
        30,
        0,
        50,
    ),
    Column(
        "refund_prorata_eur",
        "EUR",
        "Part of the fee paid back in the 60 days after the decision date.",
        60,
        0,
        20,
    ),
    Column(
        "cancellation_reason_code",
        "",
        "Reason given at cancellation, up to 60 days after the decision date.",
        60,
        categories=REASONS,
    ),
)
DUPLICATE_SHARE = 0.015
BASKET, SESSIONS, DISCOUNT = (
    "basket_value_mean_eur",
    "app_sessions_30d",
    "discount_share",
)
HARMS: tuple[tuple[Literal["unit", "missing"], str, str], ...] = (
    ("unit", BASKET, "EUR written as cents: times 100."),
    ("missing", SESSIONS, "Members without a session are absent from the app's log."),
    ("missing", DISCOUNT, "Vouchers of partners are booked elsewhere."),
)


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """One thing that was planted in a frame.

    Args:
        kind: ``leak``, ``unit``, ``missing`` or ``duplicate``.
        column: The column concerned, None where whole rows are.
        rows: Positions of the damaged rows in the frame, ascending, read-only; all
            rows for a leak, the later copies for duplicates.
        clean: Values of ``column`` at ``rows`` before the damage; None for leaks and
            duplicates, where nothing was lost.
        how: What was done, in one sentence.
    """

    kind: Literal["leak", "unit", "missing", "duplicate"]
    column: str | None
    rows: NDArray[np.int64]
    clean: NDArray[np.float64] | None
    how: str


def plant_faults(
    frame: pd.DataFrame, *, rng: np.random.Generator
) -> tuple[pd.DataFrame, NDArray[np.int64], tuple[Fault, ...]]:
    """Return a damaged copy of a frame of members, and what was damaged.

    Three columns leak the label: they are filled in after the decision date. The mean
    basket value of one decision date is in cents, never the newest date where there are
    several, and the whole column where there is one. App sessions are missing for 60 %
    of the members without a session, who are absent from the app's log, and for 1 % of
    the others; the column becomes float64. Discount shares are missing with probability
    0.02 + 0.3 times the share, because vouchers of partners are booked elsewhere. Both
    are missing not at random. At last 1.5 % of the members are loaded twice: an exact
    copy follows somewhere below the original, under the same decision date.

    Args:
        frame: Clean members, in the order of their decision dates; left as it is.
        rng: Source of all randomness.

    Returns:
        The damaged frame; for each of its rows the position in the clean frame, of
        shape (rows,), int64; the faults.

    Source:
        Leaks: Kaufman et al. 2012, ACM Transactions on Knowledge Discovery from Data
        6(4). Missing not at random: Rubin 1976, Biometrika 63(3).

    Example:
        >>> from mlcourse.datasets import make_members
        >>> clean = make_members(400, rng=np.random.default_rng(0)).frame
        >>> damaged, source, faults = plant_faults(clean, rng=np.random.default_rng(1))
        >>> len(damaged) - len(clean), faults[-1].kind
        (6, 'duplicate')
    """
    n = len(frame)
    source = _with_copies(frame["decision_date"], rng)
    no_session = (frame["app_sessions_30d"] == 0).to_numpy()
    share = frame["discount_share"].to_numpy()
    masks = {
        BASKET: _one_date(frame["decision_date"], rng),
        SESSIONS: rng.random(n) < np.where(no_session, 0.6, 0.01),
        DISCOUNT: rng.random(n) < 0.02 + 0.3 * share,
    }
    damaged = frame.copy()
    damaged.loc[masks[BASKET], BASKET] *= 100
    for name in (SESSIONS, DISCOUNT):
        damaged[name] = damaged[name].mask(masks[name])
    leaked = _leaks(frame, rng)
    for place, leak in enumerate(LEAKS, list(frame).index("region")):
        damaged.insert(place, leak.name, leaked[leak.name])
    damaged = damaged.take(source).reset_index(drop=True)

    everywhere = np.arange(len(source))
    copies = np.flatnonzero(pd.Series(source).duplicated())
    planted = [
        Fault("leak", leak.name, everywhere, None, leak.meaning) for leak in LEAKS
    ]
    for kind, name, how in HARMS:
        rows = np.flatnonzero(masks[name][source])
        clean = frame[name].to_numpy(dtype=np.float64)[source[rows]]
        planted.append(Fault(kind, name, rows, clean, how))
    planted.append(Fault("duplicate", None, copies, None, "Whole rows loaded twice."))
    for fault in planted:
        fault.rows.setflags(write=False)
        if fault.clean is not None:
            fault.clean.setflags(write=False)
    return damaged, source, tuple(planted)


def _with_copies(dates: pd.Series, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the row of the clean frame for each row of the damaged one.

    A copy gets a place between its original and the end of the same date.
    """
    n = len(dates)
    twice = np.sort(rng.choice(n, round(DUPLICATE_SHARE * n), replace=False))
    end = np.searchsorted(dates.to_numpy(), dates.to_numpy()[twice], side="right")
    place = np.append(np.arange(n), twice + rng.random(len(twice)) * (end - twice))
    return np.append(np.arange(n), twice)[np.argsort(place, kind="stable")]


def _one_date(dates: pd.Series, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return where one date is, not the newest unless it is the only one."""
    known = dates.unique()
    chosen = known[rng.integers(max(len(known) - 1, 1))]
    return np.asarray(dates == chosen)


def _leaks(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the leaking columns: what the members who left caused afterwards."""
    n, left = len(frame), frame["churned"].to_numpy()
    mails = rng.poisson(np.where(left, 1.2, 0.05))
    refunded = rng.random(n) < np.where(left, 0.55, 0.01)
    refund = refunded * rng.uniform(0.1, 0.9, n) * frame["monthly_fee_eur"].to_numpy()
    # Who cancels gives a reason; who lets the membership lapse does not.
    told = left & (rng.random(n) < 0.75)
    reason = np.where(told, rng.integers(1, len(REASONS), n), 0)
    return pd.DataFrame(
        {
            "winback_emails_30d": mails,
            "refund_prorata_eur": refund.round(2),
            "cancellation_reason_code": pd.Categorical.from_codes(
                reason, pd.Index(REASONS)
            ),
        }
    )
