"""What members of Tidemark did, when it happened and when the shop came to know."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcourse.datasets._arguments import check_count, check_date, check_rng
from mlcourse.datasets.columns import Column, column_table

__all__ = ["Events", "EventsTruth", "make_events"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS = 180  # of history before the export
DECISIONS = (150, 120, 90, 60)  # days before the export
HORIZON = 30  # days from a decision until its label is final
HOUR = 6  # of the decisions, UTC
MINUTES_A_DAY = 1440

ROWS_A_MEMBER = 40
KINDS = ("order", "session", "case")
RATES = np.array((2.0, 9.0, 0.5))  # in 30 days, of a mean member
FADED = np.array((0.35, 0.25, 3.0))  # what fading does to each rate
SHAPE = 4.0  # of the gamma over members; smaller means less alike
SILENT = 0.04  # share of members who never do anything
FADE_DAYS = 300.0  # mean time until interest fades
LEAVE_SHAPE = 4.0
LEAVE_DAYS = 40.0  # mean time from there to the cancellation

ZONES = ("Europe/Lisbon", "Europe/Berlin", "Europe/Athens")
ZONE_SHARES = (0.2, 0.5, 0.3)
LAG_DAYS = np.array((0.02, 0.002, 2.5))  # mean time until the shop knows
OFFLINE = 0.06  # share of sessions that the app sends days later
HELD_OPEN = 0.85  # share of a leaver's cases that are closed when they leave
REDELIVERED = 0.02
TIED = 0.03
ERASED = 0.1  # share of leavers who want their data erased

COLUMNS = (
    Column("event_id", "", "Key of the event; the same when it is delivered again."),
    Column("member_id", "", "Key of the member."),
    Column("kind", "", "An order, an app session or a support case.", categories=KINDS),
    Column("local_time", "", "When it happened, by the clock of the sender."),
    Column(
        "utc_offset_minutes",
        "minutes",
        "What the clock of the sender was ahead of UTC at that moment.",
        low=0,
        high=180,
    ),
    Column("created_time", "", "When the row reached the shop's data, in UTC."),
    Column(
        "severity",
        "grade from 0 to 5",
        "How bad a case is, from 1 to 5; 0 for what is no case.",
        low=0,
        high=5,
    ),
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EventsTruth:
    """What is true of the members and cannot be seen in the events.

    Args:
        members: One row a member: ``fading_from`` and ``cancelled_at``, days since the
            start of the history (NaN for never).
        event_time: When each row of the frame happened, in UTC.
        redelivered: Whether each row repeats an event that has another row.
    """

    members: pd.DataFrame
    event_time: NDArray[np.datetime64]
    redelivered: NDArray[np.bool_]

    def __repr__(self) -> str:
        left = self.members["cancelled_at"].notna().mean()
        return f"EventsTruth({len(self.members):,} members, {left:.1%} left)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Events:
    """Events of members, one row each, as :func:`make_events` draws them.

    Args:
        frame: The events in the order in which the shop came to know them.
        columns: Type, unit, meaning and valid values of each column of the frame.
        members: One row a member, those without events too: ``member_id``,
            ``time_zone``, ``cancelled_time`` and ``erasure_time`` (UTC, NaT for none).
        decisions: One row a member and decision: ``member_id``, ``decision_time``
            (UTC) and the label ``churned``, cancelled within 30 days.
        truth: What a hidden test grades against.
    """

    frame: pd.DataFrame
    columns: pd.DataFrame
    members: pd.DataFrame
    decisions: pd.DataFrame
    truth: EventsTruth

    def __repr__(self) -> str:
        rate = self.decisions["churned"].mean()
        return (
            f"Events({len(self.frame):,} rows, {len(self.members):,} members, "
            f"{len(self.decisions):,} decisions, {rate:.1%} churned)"
        )


def make_events(
    n: int, *, rng: np.random.Generator, until: date = date(2026, 3, 1)
) -> Events:
    """Draw what members did in 180 days, as the shop knew it on the day of export.

    There is a member for each forty rows. Each orders, opens the app and writes to
    support at random times and at personal rates. At some time interest fades: orders
    and sessions become rarer, cases more frequent. A fading member cancels, about a
    month later, and is silent from then on. Four per cent never do anything.

    Every event has two times. It happens, and later the shop knows: an order after
    half an hour, a session after minutes (one in seventeen after up to five days,
    when the app was offline), a case when it is *closed*. Most cases of a member who
    leaves are closed on leaving. Rows that had not arrived on the day of export are
    not there. Two per cent are events delivered a second time, and three per cent
    happened in the same minute as another event of the same member. Senders write
    the time of their own zone.

    Args:
        n: Rows of the frame, at least 1.
        rng: Source of all randomness; the same state gives the same events.
        until: Day of the export, on day 1 to 28 of its month; decisions were taken
            150, 120, 90 and 60 days before, at 06:00 UTC.

    Returns:
        A frozen :class:`Events`. Units are in the names of the columns and in
        ``.columns``: times to the minute, offsets in minutes.

    Raises:
        TypeError: If an argument has the wrong type, such as a seed for ``rng``.
        ValueError: If a number or a date is out of range.

    Source:
        Events: Poisson processes with gamma-distributed rates, Ehrenberg 1959,
        Applied Statistics 8(1); given their number, independent draws from the
        intensity. Two times of one fact: Snodgrass and Ahn 1985, A taxonomy of time
        in databases, ACM SIGMOD. Late events: Akidau et al. 2015, The dataflow
        model, VLDB 8(12). The parameters are ours.

    Example:
        >>> events = make_events(2_000, rng=np.random.default_rng(0))
        >>> events.frame.shape, len(events.members)
        ((2000, 7), 50)
    """
    n = check_count(n, "n")
    end = np.datetime64(check_date(until, "until"), "m")
    check_rng(rng)
    start = end - np.timedelta64(DAYS, "D")

    members, truth = _draw_members(max(1, n // ROWS_A_MEMBER), rng)
    drawn = _draw_rows(n, truth, members["keenness"].to_numpy(), rng)
    event_time = start + _minutes(drawn["day"])
    zone = members["zone"].to_numpy()[drawn["member"]]
    local = _local(event_time, zone)
    frame = pd.DataFrame(
        {
            "event_id": _keys("E", drawn["event"] + 1),
            "member_id": _keys("M", drawn["member"] + 1),
            "kind": pd.Categorical.from_codes(drawn["kind"], pd.Index(KINDS)),
            "local_time": local.astype("datetime64[ns]"),
            "utc_offset_minutes": (local - event_time).astype(np.int64),
            "created_time": (start + _minutes(drawn["known"])).astype("datetime64[ns]"),
            "severity": drawn["severity"],
        }
    )
    for array in (event_time, drawn["again"]):
        array.setflags(write=False)
    about = _about_members(members, truth, start)
    return Events(
        frame=frame,
        columns=column_table(frame, COLUMNS),
        members=about,
        decisions=_decisions(about, end),
        truth=EventsTruth(truth, event_time, drawn["again"]),
    )


def _draw_members(
    count: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what a member is like and what becomes of one, in days of the history."""
    keenness = rng.gamma(SHAPE, 1 / SHAPE, count)
    keenness[rng.random(count) < SILENT] = 0.0
    if not keenness.any():
        keenness[0] = 1.0  # somebody must have done what was done
    fading = rng.exponential(FADE_DAYS, count)
    cancelled = fading + rng.gamma(LEAVE_SHAPE, LEAVE_DAYS / LEAVE_SHAPE, count)
    erasure = cancelled + rng.exponential(5.0, count)
    erasure[rng.random(count) >= ERASED] = np.nan
    zone = rng.choice(len(ZONES), count, p=ZONE_SHARES)
    members = pd.DataFrame({"keenness": keenness, "zone": zone, "erasure": erasure})
    truth = pd.DataFrame({"fading_from": fading, "cancelled_at": cancelled})
    return members, truth.where(truth < DAYS)


def _draw_rows(
    n: int, truth: pd.DataFrame, keenness: Floats, rng: np.random.Generator
) -> dict[str, NDArray]:  # type: ignore[type-arg]
    """Return n rows in the order of arrival; what arrives after the export is left out.

    Given its number, a Poisson process is a sample of independent draws: first of the
    member, the kind and the phase of life, then of a time that is uniform in it.
    """
    fading = truth["fading_from"].fillna(DAYS).to_numpy()
    cancelled = truth["cancelled_at"].fillna(DAYS).to_numpy()
    begins = np.stack([np.zeros_like(fading), fading], axis=1)  # member, phase
    spans = np.stack([fading, cancelled - fading], axis=1)
    factors = np.stack([np.ones(len(KINDS)), FADED])  # phase, kind
    weights = np.einsum("m,mp,pk,k->mpk", keenness, spans, factors, RATES)
    shares = weights.ravel() / weights.sum()
    leaves = truth["cancelled_at"].notna().to_numpy()

    parts: list[dict[str, NDArray]] = []  # type: ignore[type-arg]
    missing = n
    while missing:
        size = missing + missing // 4 + 8
        member, phase, kind = np.unravel_index(
            rng.choice(weights.size, size, p=shares), weights.shape
        )
        day = begins[member, phase] + spans[member, phase] * rng.random(size)
        lag = rng.exponential(LAG_DAYS[kind])
        offline = (kind == KINDS.index("session")) & (rng.random(size) < OFFLINE)
        lag[offline] = 5 * rng.random(offline.sum())
        known = day + lag
        held = (kind == KINDS.index("case")) & (phase == 1) & leaves[member]
        held &= rng.random(size) < HELD_OPEN
        known[held] = np.maximum(known, cancelled[member] + rng.exponential(1.0, size))[
            held
        ]
        severity = 1 + rng.binomial(4, np.where(phase == 1, 0.6, 0.35))
        part = {"member": member, "kind": kind, "day": day, "known": known}
        part["severity"] = np.where(kind == KINDS.index("case"), severity, 0)
        kept = known < DAYS
        parts.append({name: values[kept][:missing] for name, values in part.items()})
        missing -= int(min(missing, kept.sum()))
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return _spoil(rows, rng)


def _spoil(rows: dict[str, NDArray], rng: np.random.Generator) -> dict[str, NDArray]:  # type: ignore[type-arg]
    """Let some rows happen at the time of another, and some be delivered again."""
    n = len(rows["day"])
    rows["event"] = np.argsort(np.argsort(rows["day"], kind="stable"), kind="stable")
    chance = rng.random(n)
    other = rng.integers(0, n, n)
    simple = rows["kind"] != KINDS.index("case")
    tied = (chance < TIED) & simple & simple[other] & (chance[other] > TIED)
    for name in ("member", "day", "known"):
        rows[name][tied] = rows[name][other[tied]]
    again = (chance > 1 - REDELIVERED) & (chance[other] > TIED)
    again &= chance[other] <= 1 - REDELIVERED
    later = rows["known"][other] + rng.exponential(0.2, n)
    again &= later < DAYS
    for name in ("member", "kind", "day", "severity", "event"):
        rows[name][again] = rows[name][other[again]]
    rows["known"][again] = later[again]
    rows["again"] = again
    order = np.argsort(rows["known"], kind="stable")
    return {name: values[order] for name, values in rows.items()}


def _about_members(
    members: pd.DataFrame,
    truth: pd.DataFrame,
    start: np.datetime64,
) -> pd.DataFrame:
    """Return the table of members as the shop has it."""

    def moments(days: pd.Series) -> pd.Series:
        known = days.fillna(DAYS) < DAYS
        times = start + _minutes(days.fillna(DAYS).clip(upper=DAYS).to_numpy())
        return pd.Series(times.astype("datetime64[ns]")).where(known)

    return pd.DataFrame(
        {
            "member_id": _keys("M", np.arange(1, len(members) + 1)),
            "time_zone": pd.Categorical.from_codes(members["zone"], pd.Index(ZONES)),
            "cancelled_time": moments(truth["cancelled_at"]),
            "erasure_time": moments(members["erasure"]),
        }
    )


def _decisions(members: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """Return a row for each member who is there when a decision is taken."""
    parts = []
    for days in DECISIONS:
        moment = pd.Timestamp(end - np.timedelta64(days, "D")) + pd.Timedelta(
            hours=HOUR
        )
        gone = members["cancelled_time"]
        there = members.loc[~(gone <= moment), ["member_id"]]
        final = moment + pd.Timedelta(days=HORIZON)
        rows = there.assign(decision_time=moment, churned=(gone <= final)[there.index])
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def _minutes(days: Floats) -> NDArray[np.timedelta64]:
    minutes = np.floor(days * MINUTES_A_DAY).astype(np.int64)
    return np.asarray(minutes.astype("timedelta64[m]"))


def _local(event_time: NDArray[np.datetime64], zone: Ints) -> NDArray[np.datetime64]:
    """Return what the clocks of the senders said, summer time included."""
    local = event_time.copy()
    for code, name in enumerate(ZONES):
        there = zone == code
        times = pd.DatetimeIndex(event_time[there].astype("datetime64[ns]"))
        shown = times.tz_localize("UTC").tz_convert(name).tz_localize(None)
        local[there] = shown.to_numpy().astype("datetime64[m]")
    return local


def _keys(letter: str, numbers: Ints) -> "pd.api.extensions.ExtensionArray":
    """Return keys such as M0000001, of pandas' string type."""
    return pd.array(
        np.char.mod(f"{letter}%07d", numbers).astype(object), dtype="string"
    )
