"""What a sitting reports, and where it writes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from mlcourse.flashcards.answer import Verdict
    from mlcourse.flashcards.cards import Card
    from mlcourse.flashcards.log import Event
    from mlcourse.flashcards.schedule import Memory

__all__ = ["Answer", "Journal", "Progress", "Summary"]


class Journal(Protocol):
    """Where events go: a :class:`ReviewLog`, or a list in a test."""

    def append(self, kind: str, *, now: datetime, **fields: Any) -> Event:
        """Write one event, and return it."""


class Progress(NamedTuple):
    """Where a sitting stands.

    Args:
        done: Answers given.
        right: How many of them were right.
        left: Cards to come, those that come back included.
        new: How many of those were never seen.
    """

    done: int
    right: int
    left: int
    new: int


class Summary(NamedTuple):
    """What a sitting came to.

    Args:
        done: Answers given.
        right: How many of them were right.
        new: Cards seen for the first time.
        missed: Slugs of the terms that were not remembered, each once.
        tomorrow: Cards that are due by the next study day.
        seconds: Time spent on answers, each from the card's showing.
    """

    done: int
    right: int
    new: int
    missed: tuple[str, ...]
    tomorrow: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, with what is needed to take it back."""

    card: Card
    right: bool
    events: tuple[str, ...]
    before: Memory | None
    said: int | None
    fields: dict[str, Any]
    verdict: Verdict | None = None
