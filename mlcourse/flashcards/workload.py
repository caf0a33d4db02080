"""How much work lies ahead: the schedule, played forward for some weeks."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mlcourse.flashcards.plan import Plan, queue
from mlcourse.flashcards.schedule import STEP, Rating, utc
from mlcourse.flashcards.state import State, study_day

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card
    from mlcourse.flashcards.collection import Deck

__all__ = ["Day", "Forecast", "forecast"]

DAYS = 30
FIRST_RIGHT = 0.7  # of new cards; a guess, as no learner of ours was measured
AFTER_STEP = 0.9
SECONDS_NEW = 20.0
SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Day:
    """The work of one day.

    Args:
        date: Which day.
        new: Cards seen for the first time.
        due: Cards that come back.
        answers: All answers, with those to cards that were forgotten.
        minutes: Time for them.
    """

    date: date
    new: int
    due: int
    answers: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The work of the days to come.

    Args:
        days: Day by day, today first.
    """

    days: tuple[Day, ...]

    @property
    def mean(self) -> float:
        """Answers a day, on average."""
        return sum(day.answers for day in self.days) / max(1, len(self.days))

    @property
    def peak(self) -> int:
        """Answers on the busiest day."""
        return max((day.answers for day in self.days), default=0)

    @property
    def minutes(self) -> float:
        """Minutes a day, on average."""
        return sum(day.minutes for day in self.days) / max(1, len(self.days))


def forecast(
    deck: Deck,
    state: State,
    plan: Plan | None = None,
    *,
    now: datetime,
    days: int = DAYS,
    retention: float | None = None,
    seed: int = 0,
) -> Forecast:
    """Play a schedule forward with a learner who recalls as FSRS predicts.

    Args:
        deck: All cards.
        state: What the learner knows; it is not changed.
        plan: What is studied every day.
        now: The time, in the learner's zone.
        days: How far, today included.
        retention: As if this were wanted, instead of what is in force.
        seed: Equal seeds give equal forecasts.

    Raises:
        ValueError: If a value is out of its range.
    """
    if days < 1:
        raise ValueError(f"days == {days!r}, must be >= 1.")
    plan = replace(plan or Plan(), mode="today")
    schedule = state.schedule
    if retention is not None:
        schedule = replace(schedule, retention=retention)
    future = State(schedule, dict(state.memories), set(state.suspended))
    rng = random.Random(seed)  # noqa: S311
    begin = study_day(now)
    found = []
    for offset in range(days):
        day, at = begin + offset, now + timedelta(days=offset)
        cards = queue(deck, future, plan, day=day)
        new = sum(card.id not in future.memories for card in cards)
        answers = sum(_study(card, future, at, day, rng) for card in cards)
        seconds = new * SECONDS_NEW + (answers - new) * SECONDS
        due = len(cards) - new
        found.append(Day(date.fromordinal(day), new, due, answers, seconds / 60))
    return Forecast(tuple(found))


def _study(card: Card, state: State, at: datetime, day: int, rng: random.Random) -> int:
    """Answer a card until it is known, and return how many answers that took."""
    memory, answers, at = state.memories.get(card.id), 0, utc(at)
    chance = FIRST_RIGHT if memory is None else state.schedule.recall(memory, day=day)
    while True:
        rating = Rating.GOOD if rng.random() < chance else Rating.AGAIN
        memory = state.schedule.review(card.id, memory, rating, at=at, day=day)
        answers += 1
        if rating is Rating.GOOD:
            state.memories[card.id] = memory
            return answers
        chance, at = AFTER_STEP, at + STEP
