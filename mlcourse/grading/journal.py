"""What a run of grading has done so far, on disk: a run that was killed goes on."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mlcourse.files import sweep, write_whole
from mlcourse.grading.job import Job, Outcome

__all__ = ["Journal"]


class Journal:
    """The events of one assignment, and the outcomes that wait to be committed.

    An outcome is a file named by its job's key from the end of its run until it is
    committed: so the work of a killed run is not lost, and no run is taken twice. The
    events are lines of JSON, appended; they say what was done when, and keep what a
    report needs of an outcome once its file is gone.

    Args:
        folder: Of this assignment; made if missing. One process writes at a time.

    Example:
        >>> from tempfile import mkdtemp
        >>> journal = Journal(Path(mkdtemp()) / "ps1")
        >>> journal.executed(Outcome("0f", "ada"), now=datetime(2026, 3, 1))
        >>> journal.outcome("0f").student
        'ada'
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._events = folder / "journal.jsonl"
        self._outcomes = folder / "outcomes"
        self._outcomes.mkdir(parents=True, exist_ok=True)
        self._waiting: dict[str, str] | None = None  # student of each key

    def planned(self, job: Job, *, now: datetime) -> None:
        """Note that a job was handed out."""
        self._append("planned", job.key, job.student, now)

    def executed(self, outcome: Outcome, *, now: datetime) -> None:
        """Keep an outcome until it is committed."""
        write_whole(self._file(outcome.key), json.dumps(outcome.as_json()))
        self._students()[outcome.key] = outcome.student
        self._append("executed", outcome.key, outcome.student, now)

    def committed(self, outcome: Outcome, *, now: datetime) -> None:
        """Note that the gradebook has it; its file goes with :meth:`forget`."""
        self._end("committed", outcome, now)

    def failed(self, outcome: Outcome, *, now: datetime) -> None:
        """Note a submission that could not be graded, and why."""
        self._end("failed", outcome, now)

    def outcome(self, key: str) -> Outcome | None:
        """Return what ran and is not committed yet; None if the job has yet to run."""
        try:
            return Outcome.from_json(json.loads(self._file(key).read_bytes()))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def forget(self, student: str) -> None:
        """Drop every outcome of a student that waits: a newer one was committed."""
        students = self._students()
        for key in [key for key, name in students.items() if name == student]:
            self._file(key).unlink(missing_ok=True)
            del students[key]

    def settle(self, is_done: Callable[[str], bool]) -> None:
        """Drop outcomes that a killed run had committed, and had no time to drop.

        Args:
            is_done: Whether a student's submission needs no grading.
        """
        sweep(self._outcomes)
        students = self._students()
        if not students:
            return
        committed = {
            event["key"] for event in self._read() if event["event"] == "committed"
        }
        for key, student in list(students.items()):
            if key in committed and is_done(student):
                self._file(key).unlink(missing_ok=True)
                del students[key]

    def outcomes(self) -> dict[str, Outcome]:
        """Return the last outcome of each student, without the notebooks' text.

        Its executions tell tier, reason, times and memory; its flags are all that were
        raised, those of scoring too; its failure is why there is no grade.
        """
        return {
            event["student"]: Outcome.from_json(event["outcome"])
            for event in self._read()
            if "outcome" in event
        }

    def _end(self, event: str, outcome: Outcome, now: datetime) -> None:
        bare = tuple(replace(one, text="") for one in outcome.executions)
        kept = replace(outcome, executions=bare).as_json()
        self._append(event, outcome.key, outcome.student, now, outcome=kept)

    def _append(
        self, event: str, key: str, student: str, now: datetime, **more: Any
    ) -> None:
        known = {"event": event, "key": key, "student": student}
        line = json.dumps(known | {"time": now.isoformat()} | more) + "\n"
        with self._events.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a run was killed while it wrote
                    line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> Iterator[dict[str, Any]]:
        if not self._events.exists():
            return
        with self._events.open("rb") as lines:
            for line in lines:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # torn: whoever wrote it was killed
                yield event

    def _students(self) -> dict[str, str]:
        if self._waiting is None:
            found = {path.stem: path for path in self._outcomes.glob("*.json")}
            outcomes = {key: self.outcome(key) for key in found}
            self._waiting = {
                key: outcome.student
                for key, outcome in outcomes.items()
                if outcome is not None
            }
        return self._waiting

    def _file(self, key: str) -> Path:
        return self._outcomes / f"{key}.json"
