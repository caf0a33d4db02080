"""Where a learner's reviews are kept, and how a sitting begins."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlcourse.flashcards.collection import Deck, load_deck
from mlcourse.flashcards.log import ReviewLog, new_device
from mlcourse.flashcards.plan import Plan
from mlcourse.flashcards.session import Session
from mlcourse.flashcards.state import State, load_state

if TYPE_CHECKING:
    from datetime import datetime

    from mlcourse.flashcards.log import Torn
    from mlcourse.paths import Course

__all__ = ["Home", "default_home", "start"]

VARIABLE = "MLCOURSE_DATA"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of a learner's own data, outside of any course.

    Args:
        root: The folder.
        device: Name of this device; settled on first use if omitted.

    Example:
        >>> Home(Path("data"), "laptop").reviews.as_posix()
        'data/reviews'
    """

    root: Path
    device: str | None = None

    @property
    def reviews(self) -> Path:
        """Where the logs are; this folder may be shared between devices."""
        return self.root / "reviews"

    @property
    def cache(self) -> Path:
        """What can be made again at any time."""
        return self.root / "cache"

    def log(self) -> ReviewLog:
        """Return the log of this device."""
        name = self.device or new_device(
            self.root, name=socket.gethostname(), token=secrets.token_hex(3)
        )
        return ReviewLog(self.reviews, name)

    def deck(self, course: Course) -> Deck:
        """Return all cards of a course.

        Args:
            course: The course whose glossary is meant.

        Raises:
            GlossaryError: If the glossary is missing, or cannot be read.
        """
        return load_deck(course.glossary / "terms", cache=self.cache)

    def state(self) -> tuple[State, tuple[Torn, ...]]:
        """Return what the learner knows, and lines of the log that were set aside.

        Raises:
            LogError: If the log cannot be read.
        """
        return load_state(self.log())


def default_home() -> Home:
    """Return ``MLCOURSE_DATA`` where it is set, else the system's folder for data."""
    named = os.environ.get(VARIABLE)
    if named:
        return Home(Path(named))
    from platformdirs import user_data_path

    return Home(user_data_path("mlcourse", appauthor=False))


def start(
    course: Course,
    plan: Plan | None = None,
    *,
    now: datetime,
    home: Home | None = None,
    retention: float | None = None,
) -> Session:
    """Begin a sitting.

    Args:
        course: The course whose glossary is studied.
        plan: What the learner wants; what is due and ten new cards if omitted.
        now: The time, in the learner's zone.
        home: Where the reviews are kept.
        retention: Wanted share of right answers, 0.80 to 0.95; kept from then on.

    Raises:
        GlossaryError: If the glossary is missing, or cannot be read.
        LogError: If the log cannot be read.
        ValueError: If ``now`` has no zone, ``retention`` is out of its range, or the
            plan names an unknown term.
    """
    home = home or default_home()
    log = home.log()
    state, torn = load_state(log)
    if retention is not None and retention != state.schedule.retention:
        replace(state.schedule, retention=retention)  # refused before it is written
        log.append("params", now=now, retention=retention)
        state, torn = load_state(log)
    return Session(home.deck(course), log, state, plan or Plan(), now=now, torn=torn)
