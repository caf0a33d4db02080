"""Whether the predictions come true: recall against prediction, and days in a row."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mlcourse.flashcards.schedule import Schedule
from mlcourse.flashcards.state import (
    PRACTICE,
    State,
    counted,
    event_day,
    replay,
    study_day,
)

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.figure import Figure

    from mlcourse.flashcards.log import Event
    from mlcourse.flashcards.workload import Forecast

__all__ = ["Bin", "Statistics", "measure", "picture"]

BINS = 10
FLOOR = 1e-6


class Bin(NamedTuple):
    """Reviews of which a like recall was predicted.

    Args:
        low: The least prediction in the bin.
        high: Where the next bin begins.
        reviews: How many there are.
        predicted: Mean prediction; NaN in an empty bin.
        recalled: Share that was remembered; NaN in an empty bin.
    """

    low: float
    high: float
    reviews: int
    predicted: float
    recalled: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """How a learner did.

    Args:
        answers: All answers that count, practice included.
        judged: Those of which a recall was predicted: reviews on a later day.
        recall: Share of them that was remembered; NaN without any.
        predicted: Their mean prediction; NaN without any.
        log_loss: Mean negative log likelihood of the predictions, in nats.
        constant_log_loss: The same if ``recall`` were predicted every time.
        bins: Ten bins of predictions, from 0 to 1.
        streak: Study days in a row with an answer, up to today or yesterday.
        days: Study days with an answer.
        learning: Cards that are being learnt.
        young: Cards in review with a stability under 21 days.
        mature: Cards in review with a greater one.
    """

    answers: int
    judged: int
    recall: float
    predicted: float
    log_loss: float
    constant_log_loss: float
    bins: tuple[Bin, ...]
    streak: int
    days: int
    learning: int
    young: int
    mature: int


MATURE_DAYS = 21.0


def measure(
    events: Iterable[Event], *, now: datetime, schedule: Schedule | None = None
) -> Statistics:
    """Compare what was remembered with what was predicted just before.

    Args:
        events: All events of a learner.
        now: The time, in the learner's zone.
        schedule: The rules where the events set none.

    Example:
        >>> from datetime import UTC, datetime
        >>> measure([], now=datetime(2026, 11, 21, tzinfo=UTC)).streak
        0
    """
    events = list(events)
    rules = replay(
        (e for e in events if e.kind == "params"), schedule=schedule
    ).schedule
    state, pairs = State(rules), []
    reviews = [e for e in counted(sorted(events, key=_order)) if e.kind == "review"]
    for event in reviews:
        memory = state.memories.get(event.data.get("card", ""))
        day = event_day(event)
        scheduled = event.data.get("mode") not in PRACTICE
        if memory and scheduled and memory.stage == "review" and day > memory.day:
            right = event.data["rating"] > 1
            pairs.append((rules.recall(memory, day=day), right))
        state.apply(event)
    recall = _mean(right for _, right in pairs)
    stages = [(m.stage, m.stability >= MATURE_DAYS) for m in state.memories.values()]
    days = {event_day(event) for event in reviews}
    return Statistics(
        answers=len(reviews),
        judged=len(pairs),
        recall=recall,
        predicted=_mean(p for p, _ in pairs),
        log_loss=_log_loss(pairs),
        constant_log_loss=_log_loss([(recall, right) for _, right in pairs]),
        bins=_bins(pairs),
        streak=_streak(days, study_day(now)),
        days=len(days),
        learning=sum(stage != "review" for stage, _ in stages),
        young=stages.count(("review", False)),
        mature=stages.count(("review", True)),
    )


def picture(statistics: Statistics, forecast: Forecast | None = None) -> Figure:
    """Draw recall against prediction and, beside it, the work of the days to come.

    Args:
        statistics: From :func:`measure`.
        forecast: From :func:`mlcourse.flashcards.workload.forecast`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4) if forecast else (4.6, 4), layout="constrained")
    left, *right = figure.subplots(1, 2 if forecast else 1, squeeze=False)[0]
    full = [found for found in statistics.bins if found.reviews]
    left.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    left.scatter(
        [found.predicted for found in full],
        [found.recalled for found in full],
        s=[20 + 180 * found.reviews / statistics.judged for found in full],
        color="tab:blue",
        alpha=0.8,
    )
    for found in full:
        at = (found.predicted, found.recalled)
        left.annotate(
            f"{found.reviews}", at, xytext=(-6, 8), textcoords="offset points",
            ha="right", fontsize=8,
        )  # fmt: skip
    left.set(
        xlim=(0, 1.05),
        ylim=(0, 1.12),
        xlabel="predicted recall",
        ylabel="share remembered",
        title=f"{statistics.judged} reviews; on the line is as predicted",
    )
    if not full:
        left.text(0.5, 0.5, "No card has come back yet.", ha="center")
    if forecast:
        days = range(len(forecast.days))
        due = [day.answers - day.new for day in forecast.days]
        new = [day.new for day in forecast.days]
        right[0].bar(days, due, color="tab:blue", label="due")
        right[0].bar(days, new, bottom=due, color="tab:orange", label="new", hatch="//")
        right[0].set(
            xlabel="days from today",
            ylabel="answers",
            title=f"{forecast.mean:.0f} answers a day, {forecast.peak} at most",
        )
        right[0].legend(frameon=False)
    return figure


def _order(event: Event) -> tuple[str, str]:
    return event.at, event.id


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else math.nan


def _log_loss(pairs: Iterable[tuple[float, bool]]) -> float:
    return _mean(-math.log(max(FLOOR, p if right else 1 - p)) for p, right in pairs)


def _bins(pairs: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    found: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, right in pairs:
        found[min(BINS - 1, int(p * BINS))].append((p, right))
    return tuple(
        Bin(
            place / BINS,
            (place + 1) / BINS,
            len(inside),
            _mean(p for p, _ in inside),
            _mean(right for _, right in inside),
        )
        for place, inside in enumerate(found)
    )


def _streak(days: set[int], today: int) -> int:
    day = today if today in days else today - 1
    count = 0
    while day - count in days:
        count += 1
    return count
