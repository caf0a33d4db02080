"""The log of reviews: one line an event, only ever appended, one file a device.

An event is on the disk before the next card is shown. What the learner knows is
computed from these lines alone; see :mod:`mlcourse.flashcards.state`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from mlcourse.errors import MlcourseError

__all__ = ["Event", "LogError", "Reading", "ReviewLog", "Torn", "merge", "new_device"]

VERSION = 1
DEVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
IMPORTED = "imported"
TAIL = 65536
TICK = timedelta(milliseconds=1)
LOCK_SECONDS = 10.0


class LogError(MlcourseError):
    """A review could not be saved, or the log not be read."""


class Event(NamedTuple):
    """One line of the log.

    Args:
        at: When, in UTC to the millisecond, as text that sorts.
        id: Unique over all devices.
        kind: ``review``, ``void``, ``flag``, ``suspend``, ``params``, or one that a
            later version wrote.
        data: The whole line.
    """

    at: str
    id: str
    kind: str
    data: Mapping[str, Any]


class Torn(NamedTuple):
    """A line that is no event: the machine stopped while it was written."""

    file: str
    line: int
    text: str


class Reading(NamedTuple):
    """What stands in the log.

    Args:
        events: Each once, sorted by time and id.
        torn: Lines that were set aside.
        key: Length and digest of all files; equal keys mean equal logs.
    """

    events: tuple[Event, ...]
    torn: tuple[Torn, ...]
    key: str


@dataclass(slots=True)
class ReviewLog:
    """The events of a learner, in a folder with one file for each device.

    Args:
        folder: Where the files are; made on the first write.
        device: Name of this device: small letters, digits and hyphens.

    Raises:
        ValueError: If ``device`` is no such name.
    """

    folder: Path
    device: str

    def __post_init__(self) -> None:
        if not DEVICE.fullmatch(self.device):
            raise ValueError(
                f"device == {self.device!r}, must be 1 to 40 small letters, digits "
                "or hyphens."
            )

    @property
    def path(self) -> Path:
        """The file of this device."""
        return self.folder / f"{self.device}.jsonl"

    def append(self, kind: str, *, now: datetime, **fields: Any) -> Event:
        """Write one event to the disk, and return it.

        Its time is never before that of the last event of this device, so that a clock
        that is set back does not change the order; ``clock`` then holds what it showed.

        Args:
            kind: What happened.
            now: The time, with a zone.
            fields: The rest of the event; None is left out.

        Raises:
            LogError: If it cannot be written; nothing of it is then in the log.
            ValueError: If ``now`` has no time zone.
        """
        if now.tzinfo is None:
            raise ValueError(f"now == {now!r}, must have a time zone.")
        with _Locked(self.path) as handle:
            size = os.fstat(handle).st_size
            tail = _end(handle, size, TAIL)
            last = _last_at(tail)
            clock = _to_millisecond(now)
            at = clock if last is None or clock > last else last + TICK
            event: dict[str, Any] = {
                "v": VERSION,
                "id": f"{_stamp(at)}-{self.device}-{size:x}",
                "at": _text(at),
                "tz": now.strftime("%z")[:3] + ":" + now.strftime("%z")[3:5],
                "kind": kind,
                **{name: value for name, value in fields.items() if value is not None},
            }
            if at != clock and last is not None and clock < last:
                event["clock"] = _text(clock)
            _write(handle, _line(event), size, torn=not tail.endswith(b"\n"))
        return Event(event["at"], event["id"], kind, event)

    def read(self) -> Reading:
        """Read the events of all devices.

        Raises:
            LogError: If a file cannot be read.
        """
        torn: list[Torn] = []
        found: list[tuple[bytes, Event]] = []
        contents = self._contents()
        for name, content in contents.items():
            lines, spoilt = _parse(content, name)
            found += lines
            torn += spoilt
        return Reading(_union(found), tuple(torn), _key(contents))

    def key(self) -> str:
        """Return length and digest of all files, without reading the events.

        Raises:
            LogError: If a file cannot be read.
        """
        return _key(self._contents())

    def add(self, lines: Iterable[bytes]) -> int:
        """Take in the events of another log, and return how many were new.

        Args:
            lines: Lines of the other log; those that are no events are left out.

        Raises:
            LogError: If they cannot be written; then none of them is in the log.
        """
        path = self.folder / f"{IMPORTED}.jsonl"
        with _Locked(path) as handle:
            known = {event.id for event in self.read().events}
            fresh, _ = _parse(b"\n".join(line.rstrip(b"\r\n") for line in lines), "")
            new = {event.id: raw for raw, event in fresh}
            wanted = [raw for id_, raw in sorted(new.items()) if id_ not in known]
            if wanted:
                size = os.fstat(handle).st_size
                last = _end(handle, size, 1)
                text = b"".join(raw + b"\n" for raw in wanted)
                _write(handle, text, size, torn=last not in (b"", b"\n"))
        return len(wanted)

    def _contents(self) -> dict[str, bytes]:
        contents = {}
        for path in sorted(self.folder.glob("*.jsonl")):
            try:
                contents[path.name] = path.read_bytes()
            except OSError as error:
                raise LogError(f"{path.name} cannot be read: {error}.") from error
        return contents


class _Locked:
    """An open file of the log that no other process writes to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=LOCK_SECONDS)

    def __enter__(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._handle = os.open(self._path, flags, 0o600)
        except OSError as error:  # FileLock's Timeout is one of them
            self._lock.release()
            raise LogError(
                f"the log {self._path.name} cannot be opened: {error}. "
                "Is another program holding it, or the disk read-only?"
            ) from error
        return self._handle

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)
        self._lock.release()


def merge(*logs: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events of several logs, each once, sorted by time and id.

    Args:
        logs: Events in any order.

    Example:
        >>> merge([Event("2026", "a", "flag", {})], [Event("2026", "a", "flag", {})])
        (Event(at='2026', id='a', kind='flag', data={}),)
    """
    return _union((_line(event.data), event) for log in logs for event in log)


def new_device(folder: Path, *, name: str, token: str) -> str:
    """Return the name of this device, as it was settled the first time.

    Args:
        folder: Where the name is kept; not one that is copied to other devices.
        name: A name for people, such as that of the host.
        token: A few random letters, as two devices may have one name.
    """
    path = folder / "device"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24] or "device"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(f"{plain}-{token}")
        except FileExistsError:  # another process was first
            pass
    return path.read_text("utf-8").strip()


def _end(handle: int, size: int, length: int) -> bytes:
    os.lseek(handle, max(0, size - length), os.SEEK_SET)
    return os.read(handle, length)


def _write(handle: int, text: bytes, size: int, *, torn: bool) -> None:
    """Append in one call and wait for the disk; take a part of it back."""
    if torn and size:
        text = b"\n" + text
    try:
        written = os.write(handle, text)
        if written != len(text):
            # Truncated here: the caller must never take a part for the whole.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301
        os.fsync(handle)
    except OSError as error:
        # Where that fails too, the next reading sets the part aside.
        with contextlib.suppress(OSError):
            os.ftruncate(handle, size)
        raise LogError(
            f"the review was not saved: {error.strerror}. Free some space on the disk "
            "and answer again."
        ) from error


def _key(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, content in contents.items():
        digest.update(f"{name}:{len(content)}\n".encode())
        digest.update(content)
    return f"{sum(map(len, contents.values()))}:{digest.hexdigest()}"


def _parse(content: bytes, file: str) -> tuple[list[tuple[bytes, Event]], list[Torn]]:
    events, torn = [], []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            event = Event(data["at"], data["id"], data.get("kind", "review"), data)
            # Sorted as text, so it must be the form that sorts.
            datetime.fromisoformat(event.at)
            if not (isinstance(event.id, str) and isinstance(event.kind, str)):
                raise TypeError(event)  # noqa: TRY301
        except (ValueError, KeyError, TypeError, AttributeError):
            torn.append(Torn(file, number, line.decode("utf-8", "replace")))
            continue
        events.append((line, event))
    return events, torn


def _union(found: Iterable[tuple[bytes, Event]]) -> tuple[Event, ...]:
    chosen: dict[str, tuple[bytes, Event]] = {}
    for raw, event in found:
        known = chosen.get(event.id)
        # Two lines of one id do not happen; if they do, every order takes the same.
        if known is None or raw < known[0]:
            chosen[event.id] = (raw, event)
    return tuple(sorted((event for _, event in chosen.values()), key=_order))


def _order(event: Event) -> tuple[str, str]:
    return event.at, event.id


def _line(data: Mapping[str, Any]) -> bytes:
    text = json.dumps(dict(data), ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def _last_at(tail: bytes) -> datetime | None:
    for line in reversed(tail.split(b"\n")):
        try:
            return datetime.fromisoformat(json.loads(line)["at"]).astimezone(UTC)
        except (ValueError, KeyError, TypeError):
            continue
    return None


def _to_millisecond(now: datetime) -> datetime:
    now = now.astimezone(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S") + f"{at.microsecond // 1000:03d}"
