"""When a card comes back: FSRS-6 as py-fsrs computes it, with our own fuzz.

py-fsrs counts days of 24 hours and draws its fuzz from the global generator. Here the
caller may count study days instead, and the fuzz hangs on the card and the number of
the review, so that a replay gives the same dates on every machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from importlib.metadata import version
from typing import Literal, NamedTuple

import fsrs
from fsrs.scheduler import DEFAULT_PARAMETERS, FUZZ_RANGES

__all__ = ["Memory", "Rating", "Schedule", "Stage"]

Stage = Literal["learning", "review", "relearning"]

STEP = timedelta(minutes=10)
RETENTIONS = (0.80, 0.95)
LONGEST = 365
FUZZ_FROM = 2.5
STAGES: dict[fsrs.State, Stage] = {
    fsrs.State.Learning: "learning",
    fsrs.State.Review: "review",
    fsrs.State.Relearning: "relearning",
}
STATES = {stage: state for state, stage in STAGES.items()}
RATINGS = {int(rating): rating for rating in fsrs.Rating}
NO_CARD = 0  # py-fsrs sleeps to make up an id where none is given


class Rating(IntEnum):
    """How well it was remembered; two buttons need only the first and the third."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class Memory(NamedTuple):
    """What is known of how well one card is remembered.

    Args:
        stage: ``learning``, ``review`` or ``relearning``.
        stability: Days until recall falls to 0.9.
        difficulty: From 1 to 10.
        due: When it comes back, in UTC.
        last: When it was last reviewed, in UTC.
        day: The study day of the last review, an ordinal of the calendar.
        first: The study day of the first review.
        reviews: How many there were.
        lapses: How often it was forgotten after learning.
    """

    stage: Stage
    stability: float
    difficulty: float
    due: datetime
    last: datetime
    day: int
    first: int
    reviews: int
    lapses: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rules by which cards come back.

    Args:
        retention: Wanted share of right answers, 0.80 to 0.95.
        weights: The 21 weights of FSRS-6.
        longest: The longest interval, in days.
        fuzz: Whether intervals from three days on are spread a little.

    Raises:
        ValueError: If one of them is out of its range.

    Example:
        >>> at = datetime(2026, 11, 21, 9, tzinfo=UTC)
        >>> memory = Schedule().review("drift:rec", None, Rating.GOOD, at=at, day=1)
        >>> memory.stage, memory.due - at
        ('review', datetime.timedelta(days=2))
    """

    retention: float = 0.90
    weights: tuple[float, ...] = DEFAULT_PARAMETERS
    longest: int = LONGEST
    fuzz: bool = True
    _scheduler: fsrs.Scheduler = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        low, high = RETENTIONS
        if not low <= self.retention <= high:
            raise ValueError(
                f"retention == {self.retention!r}, must be from {low} to {high}."
            )
        if self.longest < 1:
            raise ValueError(f"longest == {self.longest!r}, must be >= 1.")
        scheduler = _scheduler(self.retention, self.weights, self.longest)
        object.__setattr__(self, "_scheduler", scheduler)

    @property
    def name(self) -> str:
        """Algorithm, release of py-fsrs and weights, as it stands in the log."""
        return _name(self.weights)

    def review(
        self, card: str, memory: Memory | None, rating: int, *, at: datetime, day: int
    ) -> Memory:
        """Return the memory of a card after a review.

        Args:
            card: Id of the card, for the fuzz.
            memory: What was known before, or None for a new card.
            rating: 1 to 4.
            at: When, in UTC; a time before the last review counts as that one.
            day: The study day, as an ordinal; also never before the last one.

        Raises:
            ValueError: If ``rating`` is none of the four, or ``at`` is not in UTC.
        """
        if rating not in RATINGS:
            raise ValueError(f"rating == {rating!r}, must be 1, 2, 3 or 4.")
        if memory is not None:
            at, day = max(at, memory.last), max(day, memory.day)
        before = _card(memory, at, day)
        # UTC is timezone.utc, the only zone that py-fsrs takes.
        after, _ = self._scheduler.review_card(before, RATINGS[rating], at)
        stage, reviews = STAGES[after.state], memory.reviews if memory else 0
        due = after.due
        if self.fuzz and stage == "review":
            due = at + timedelta(
                days=_fuzzed((due - at).days, f"{card}#{reviews}", self.longest)
            )
        lapsed = memory is not None and memory.stage == "review" and rating == 1
        return Memory(
            stage,
            after.stability or 0.0,
            after.difficulty or 0.0,
            due,
            at,
            day,
            memory.first if memory else day,
            reviews + 1,
            (memory.lapses if memory else 0) + lapsed,
        )

    def recall(self, memory: Memory, *, day: int) -> float:
        """Return the predicted probability that a card is remembered on a study day.

        Args:
            memory: What is known of it.
            day: The study day, as an ordinal.
        """
        scheduler, days = self._scheduler, max(0, day - memory.day)
        share: float = (1 + scheduler._FACTOR * days / memory.stability) ** (
            scheduler._DECAY
        )
        return share

    def intervals(
        self, card: str, memory: Memory | None, *, at: datetime, day: int
    ) -> dict[Rating, timedelta]:
        """Return how long each rating would put the card away.

        Args:
            card: Id of the card.
            memory: What is known of it, or None.
            at: When, in UTC.
            day: The study day, as an ordinal.
        """
        return {
            rating: max(
                timedelta(),
                self.review(card, memory, rating, at=at, day=day).due - at,
            )
            for rating in Rating
        }


@lru_cache(maxsize=8)
def _scheduler(
    retention: float, weights: tuple[float, ...], longest: int
) -> fsrs.Scheduler:
    return fsrs.Scheduler(
        parameters=weights,
        desired_retention=retention,
        learning_steps=(STEP,),
        relearning_steps=(STEP,),
        maximum_interval=longest,
        enable_fuzzing=False,
    )


@lru_cache(maxsize=8)
def _name(weights: tuple[float, ...]) -> str:
    mark = "d0"
    if weights != DEFAULT_PARAMETERS:
        mark = hashlib.blake2b(repr(weights).encode(), digest_size=4).hexdigest()
    return f"fsrs-6@{version('fsrs')}/{mark}"


def _card(memory: Memory | None, at: datetime, day: int) -> fsrs.Card:
    if memory is None:
        return fsrs.Card(card_id=NO_CARD, due=at)
    return fsrs.Card(
        card_id=NO_CARD,
        state=STATES[memory.stage],
        step=None if memory.stage == "review" else 0,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        # As many whole days ago as there were nights: Monday 18:00 to Tuesday 9:00 is
        # one, where py-fsrs would count none.
        last_review=at - timedelta(days=day - memory.day),
    )


def _fuzzed(days: int, seed: str, longest: int) -> int:
    """Spread an interval as FSRS does, by a number drawn from the seed."""
    if days < FUZZ_FROM:
        return days
    low, high = _band(days, longest)
    digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    return low + int.from_bytes(digest, "big") % (high - low + 1)


@lru_cache(maxsize=1024)
def _band(days: int, longest: int) -> tuple[int, int]:
    delta = 1.0 + sum(
        band["factor"] * max(0.0, min(days, band["end"]) - band["start"])
        for band in FUZZ_RANGES
    )
    high = min(round(days + delta), longest)
    return min(max(2, round(days - delta)), high), high


def utc(at: datetime) -> datetime:
    """Return an aware time in UTC.

    Raises:
        ValueError: If it has no time zone.

    Example:
        >>> utc(datetime.fromisoformat("2026-11-21T09:30+01:00")).hour
        8
    """
    if at.tzinfo is None:
        raise ValueError(f"now == {at!r}, must have a time zone: use .astimezone().")
    return at.astimezone(UTC)
