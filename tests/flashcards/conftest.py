from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mlcourse.flashcards import Deck, Plan, ReviewLog, Session, load_deck, replay

TERMS = Path(__file__).parents[2] / "glossary" / "terms"
NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")


@pytest.fixture(scope="session")
def deck() -> Deck:
    return load_deck(TERMS)


@pytest.fixture
def log(tmp_path) -> ReviewLog:
    return ReviewLog(tmp_path / "reviews", "laptop")


@pytest.fixture
def sit(deck, log):
    """Begin a sitting on a day, from what stands in the log."""

    def begin(day: int = 0, **plan) -> Session:
        now = NOON + timedelta(days=day)
        state = replay(log.read().events)
        return Session(deck, log, state, Plan(**plan), now=now)

    return begin


@pytest.fixture
def finish():
    """Answer every card of a sitting; return the ids in the order they came."""

    def run(session: Session, day: int = 0, *, wrong=()) -> list[str]:
        now, seen = NOON + timedelta(days=day), []
        while card := session.next(now=now):
            now += timedelta(seconds=10)
            right = card.id not in wrong or card.id in seen
            seen.append(card.id)
            session.grade(3 if right else 1, now=now)
        return seen

    return run
