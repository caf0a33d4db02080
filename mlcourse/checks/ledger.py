"""The learner's ledger: one line an event, in workbook/ledger.jsonl.

Later labs and the portfolio read it. Lines are only ever added. Outside a workbook, as
in CI and at grading, there is no ledger and nothing is written.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlcourse.paths import LEDGER, find_workbook

__all__ = ["Ledger", "record", "since_reset"]


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock enters


@dataclass(frozen=True, slots=True)
class Ledger:
    """A file of events, appended to and never rewritten.

    Args:
        path: The file, or None to keep nothing.
        now: The clock, a function that returns an aware datetime.

    Example:
        >>> Ledger(None).events()
        []
    """

    path: Path | None
    now: Callable[[], datetime] = _clock

    @classmethod
    def here(cls) -> "Ledger":
        """Return the ledger of the workbook that the working directory is in."""
        workbook = find_workbook()
        return cls(workbook / LEDGER if workbook else None)

    def append(self, event: str, **fields: Any) -> None:
        """Add one event; a learner's notebook never fails because of its ledger.

        Args:
            event: What happened: check, hint, prediction, number, submit.
            fields: JSON values that belong to it.
        """
        if self.path is None:
            return
        line = {"at": self.now().isoformat(timespec="seconds"), "event": event}
        data = json.dumps(line | fields, ensure_ascii=False, default=str) + "\n"
        try:
            # One write of one line in append mode: two kernels do not mix their lines.
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, self._separator() + data.encode())
            finally:
                os.close(handle)
        except OSError as error:
            print(f"The ledger could not be written: {error}")  # noqa: T201 - said, not raised

    def _separator(self) -> bytes:
        # A line cut off by a crash must not swallow the next one.
        assert self.path is not None
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return b""
            file.seek(-1, os.SEEK_END)
            return b"" if file.read(1) == b"\n" else b"\n"

    def events(self) -> list[dict[str, Any]]:
        """Return all readable events, oldest first; a damaged line is passed over."""
        return list(self._read())

    def _read(self) -> Iterator[dict[str, Any]]:
        if self.path is None or not self.path.is_file():
            return
        for line in self.path.read_text("utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "event" in event:
                yield event


def since_reset(events: Iterable[dict[str, Any]], lab: str) -> list[dict[str, Any]]:
    """Return the events of one lab since its copy was last taken afresh.

    Args:
        events: The events of a ledger, oldest first.
        lab: Full name of the lab.
    """
    kept: list[dict[str, Any]] = []
    for event in events:
        if event.get("lab") == lab:
            kept = [] if event["event"] == "reset" else [*kept, event]
    return kept


def record(name: str, value: float, *, unit: str = "", lab: str = "") -> None:
    """Keep a key number of the learner's own work in the ledger.

    Args:
        name: What the number is, such as ``"p95_ms"``.
        value: The number.
        unit: Its unit, empty for a pure number.
        lab: The lab it comes from; the working directory's name if omitted.

    Example:
        >>> record("p95_ms", 12.5, unit="ms")
    """
    lab = lab or Path.cwd().name
    Ledger.here().append("number", lab=lab, name=name, value=float(value), unit=unit)
