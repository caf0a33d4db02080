"""What a learner knows: the replay of a log, and nothing that the log does not say."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlcourse.flashcards.schedule import Memory, Schedule

if TYPE_CHECKING:
    from pathlib import Path

    from mlcourse.flashcards.log import Event, ReviewLog, Torn

__all__ = [
    "PRACTICE",
    "State",
    "counted",
    "event_day",
    "load_state",
    "replay",
    "study_day",
]

# Logged, but the schedule does not hear of it.
PRACTICE = frozenset({"test", "match", "confusables", "say-it", "cram", "browse"})
NIGHT = timedelta(hours=4)  # who studies after midnight studies still on that day
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SNAPSHOT = "snapshot.json"
FORMAT = 1


@dataclass(slots=True)
class State:
    """The state of all cards after some events.

    Args:
        schedule: The rules in force.
        memories: By card id, what is known of it.
        suspended: Ids of the cards that are not shown.
        flags: By card id, what a learner noted against a card.
        said: By card id, the study day on which a task was last spoken.
        last: The time of the last event, in UTC.
    """

    schedule: Schedule = field(default_factory=Schedule)
    memories: dict[str, Memory] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    flags: dict[str, str] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None

    def apply(self, event: Event) -> None:
        """Take in one event; ``void`` and a change of weights need a replay.

        Args:
            event: The next event in the order of the log.
        """
        data = event.data
        at = datetime.fromisoformat(event.at)
        self.last = at if self.last is None else max(at, self.last)
        card = data.get("card")
        if not isinstance(card, str):
            return
        if event.kind == "review":
            self._review(card, data, at)
        elif event.kind == "suspend":
            (self.suspended.add if data.get("on", True) else self.suspended.discard)(
                card
            )
        elif event.kind == "flag":
            if data.get("on", True):
                self.flags[card] = str(data.get("note", ""))
            else:
                self.flags.pop(card, None)

    def _review(self, card: str, data: Any, at: datetime) -> None:
        day, mode, rating = (
            _day(at, data.get("tz")),
            data.get("mode"),
            data.get("rating"),
        )
        if mode == "say-it":
            self.said[card] = max(day, self.said.get(card, day))
        elif mode not in PRACTICE and rating in (1, 2, 3, 4):
            memory = self.memories.get(card)
            self.memories[card] = self.schedule.review(
                card, memory, rating, at=at, day=day
            )


def replay(events: Iterable[Event], *, schedule: Schedule | None = None) -> State:
    """Return the state after some events, in whatever order they come.

    The last ``params`` event sets retention and weights for the whole history.

    Args:
        events: All events of a learner.
        schedule: The rules where the events set none.

    Example:
        >>> replay([]).memories
        {}
    """
    ordered = sorted(events, key=lambda event: (event.at, event.id))
    state = State(_rules(ordered, schedule or Schedule()))
    for event in counted(ordered):
        state.apply(event)
    return state


def counted(events: Iterable[Event]) -> list[Event]:
    """Return the events that count: none that was undone, or replaced by another.

    Args:
        events: All events of a learner.
    """
    events = list(events)
    void: set[str] = set()
    for event in events:
        if event.kind == "void":
            void.update(event.data.get("of", ()))
    void.update(
        event.data["replaces"]
        for event in events
        if "replaces" in event.data and event.id not in void
    )
    return [event for event in events if event.id not in void]


def study_day(now: datetime) -> int:
    """Return the study day of a local time: it ends at four in the morning.

    Args:
        now: The time, in the learner's zone.

    Returns:
        The ordinal of the day.

    Example:
        >>> late = datetime.fromisoformat("2026-11-22T01:30+01:00")
        >>> study_day(late) == datetime(2026, 11, 21).toordinal()
        True
    """
    return (now - NIGHT).toordinal()


def event_day(event: Event) -> int:
    """Return the study day of an event, by the zone in which it was written.

    Args:
        event: The event.
    """
    return _day(datetime.fromisoformat(event.at), event.data.get("tz"))


def load_state(
    log: ReviewLog, *, schedule: Schedule | None = None
) -> tuple[State, tuple[Torn, ...]]:
    """Return the state of a log, and the lines of it that were set aside.

    Args:
        log: The log.
        schedule: The rules where the log sets none.

    Raises:
        LogError: If the log cannot be read.
    """
    schedule = schedule or Schedule()
    kept = _read_snapshot(log.folder / SNAPSHOT, log.key(), schedule)
    if kept:
        return kept
    reading = log.read()
    state = replay(reading.events, schedule=schedule)
    write_snapshot(log.folder, state, reading.torn, reading.key, schedule)
    return state, reading.torn


def write_snapshot(
    folder: Path, state: State, torn: Iterable[Torn], key: str, schedule: Schedule
) -> None:
    """Keep a state beside the log, for the next start; a failure does no harm.

    Args:
        folder: The folder of the log.
        state: What to keep.
        torn: Lines of the log that were set aside.
        key: Key of the log that the state belongs to.
        schedule: The rules where the log sets none.
    """
    content = {
        "format": [FORMAT, schedule.name, _numbers(schedule), key],
        "rules": _numbers(state.schedule),
        "memories": [
            (card, *memory[:3], _ms(memory.due), _ms(memory.last), *memory[5:])
            for card, memory in state.memories.items()
        ],
        "suspended": sorted(state.suspended),
        "flags": state.flags,
        "said": state.said,
        "last": None if state.last is None else _ms(state.last),
        "torn": list(torn),
    }
    part = folder / f"{SNAPSHOT}.{os.getpid()}"
    try:
        part.write_text(json.dumps(content), "utf-8")
        part.replace(folder / SNAPSHOT)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _read_snapshot(
    path: Path, key: str, schedule: Schedule
) -> tuple[State, tuple[Torn, ...]] | None:
    from mlcourse.flashcards.log import Torn

    try:
        content = json.loads(path.read_bytes())
        if content["format"] != [FORMAT, schedule.name, _numbers(schedule), key]:
            return None
        retention, weights, longest, fuzz = content["rules"]
        state = State(
            Schedule(retention, tuple(weights), longest, fuzz),
            {
                card: Memory(stage, s, d, _at(due), _at(last), *rest)
                for card, stage, s, d, due, last, *rest in content["memories"]
            },
            set(content["suspended"]),
            content["flags"],
            content["said"],
            None if content["last"] is None else _at(content["last"]),
        )
        return state, tuple(Torn(*line) for line in content["torn"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _numbers(schedule: Schedule) -> list[Any]:
    return [
        schedule.retention,
        list(schedule.weights),
        schedule.longest,
        schedule.fuzz,
    ]


def _rules(events: Iterable[Event], schedule: Schedule) -> Schedule:
    for event in events:
        if event.kind == "params":
            with contextlib.suppress(ValueError, TypeError):
                schedule = Schedule(
                    event.data.get("retention", schedule.retention),
                    tuple(event.data.get("weights", schedule.weights)),
                    schedule.longest,
                    schedule.fuzz,
                )
    return schedule


def _day(at: datetime, tz: object) -> int:
    return study_day(at + (_shift(tz) if isinstance(tz, str) else timedelta()))


@lru_cache(maxsize=256)
def _shift(tz: str) -> timedelta:
    try:
        minutes = int(tz[1:3]) * 60 + int(tz[4:6])
    except ValueError:
        return timedelta()
    return timedelta(minutes=-minutes if tz[:1] == "-" else minutes)


def _ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def _at(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)
