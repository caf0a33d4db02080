# nbformat is not typed.
# mypy: disable-error-code="no-untyped-call"
"""A client that runs a notebook's cells for a grader, whatever the kernel does.

Outputs are nbclient's. What differs is who waits for whom: the kernel is the student's,
so every message may be forged, endless or missing. A kernel that dies, hangs or talks
too much becomes an error output in this cell and in those after it, and the cells that
ran keep theirs.
"""

import contextlib
import math
import secrets
import signal
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol, cast

from jupyter_client.session import Session
from nbclient.client import NotebookClient, timestamp
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from nbformat.v4 import new_output

from mlcourse.grading.channel import Channel, TooMuchError
from mlcourse.grading.job import Flag
from mlcourse.grading.message import check

__all__ = ["REASONS", "GradingClient", "Kernel", "KernelEndedError", "KernelLostError"]

REASONS = {
    "memory": ("MemoryLimitExceeded", "The kernel used more memory than allowed."),
    "cpu": ("CpuTimeLimitExceeded", "The notebook used more CPU time than allowed."),
    "time": ("TimeLimitExceeded", "The time was over, and the kernel did not stop."),
    "output": ("OutputLimitExceeded", "The notebook wrote more output than is read."),
    "exit": ("KernelDied", "The kernel ended by itself."),
}
_TIMEOUT = {
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": [
        "\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"
    ],
}
_TICK = 0.1
_GRACE = 2.0
_IOPUB_SECONDS = 4.0
_START_SECONDS = 60.0


class Kernel(Protocol):
    """What the client asks of a kernel's process."""

    session: Session

    def channel(self, most_bytes: int) -> Channel:
        """Return a connection that takes so many bytes from the kernel."""

    def ended(self, patience: float = 0.0) -> str | None:
        """Return why it ended, a key of REASONS; None if it runs after that time.

        Raises:
            KernelLostError: If the notebook did not end it.
        """

    def signal(self, number: int) -> None:
        """Send a signal to the kernel and to what it started; SIGKILL waits."""

    def cpu_seconds(self) -> float | None:
        """Return the CPU time so far in seconds, or None where nobody counts it."""

    def waited_seconds(self) -> float | None:
        """Return how long it waited for a core, in seconds, or None if unknown."""


class KernelEndedError(Exception):
    """The kernel is gone.

    Args:
        reason: A key of REASONS.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KernelLostError(RuntimeError):
    """Something ended the kernel that is not the notebook's doing: run it again."""


@dataclass(slots=True)
class _Request:
    cell: NotebookNode | None
    index: int
    reply: dict[str, Any] | None = None
    replied: float = math.inf
    is_idle: bool = False
    is_past: bool = False


class GradingClient(NotebookClient):
    """Runs cells one after another and never fails because of them.

    Args:
        notebook: Its cells get the outputs.
        kernel: It runs already.
        cell_seconds: Wall time for one cell; 0 for no limit. Then the cell is
            interrupted, and two seconds later the kernel is ended.
        cpu_seconds: CPU time for all cells; 0 for no limit.
        wall_seconds: Wall time for all cells; 0 for no limit.
        most_bytes: Of messages from the kernel.
        traits: Of nbclient's NotebookClient: ``timeout_func``, ``error_on_timeout``,
            ``record_timing`` and ``store_widget_state`` do what they do there.

    Attributes:
        reason: Why the kernel is gone, a key of REASONS; empty while it runs.
        flags: What a human should look at.
        starved: Whether a time was over while the kernel waited for a core for more
            than a quarter of it: the machine was busy.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        kernel: Kernel,
        *,
        cell_seconds: float = 30.0,
        cpu_seconds: float = 0.0,
        wall_seconds: float = 0.0,
        most_bytes: int = 10 << 20,
        **traits: Any,
    ) -> None:
        super().__init__(notebook, **traits)
        self.reason = ""
        self.flags: list[Flag] = []
        self.starved = False
        self._kernel = kernel
        self._cell_seconds = cell_seconds or math.inf
        self._cpu_seconds = cpu_seconds or math.inf
        self._wall_seconds = wall_seconds or math.inf
        self._end = time.monotonic() + self._wall_seconds
        self._waited = 0.0
        self._requests: dict[str, _Request] = {}
        self._next_look = 0.0
        self._channel = kernel.channel(most_bytes)
        # What nbclient's mimic of the output widget asks of a client.
        shell = SimpleNamespace(send=self._channel.send)
        self.kc = cast(
            "Any", SimpleNamespace(session=kernel.session, shell_channel=shell)
        )

    def close(self) -> None:
        """Close the connection; the kernel is not touched."""
        self._channel.close()

    def connect(self) -> None:
        """Wait until the kernel answers and its outputs are heard.

        Raises:
            KernelEndedError: If it does not come to that.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            asked = self._ask("kernel_info_request", {}, _Request(None, -1))
            patience = time.monotonic() + 1.0
            while time.monotonic() < patience:
                self._hear(patience)
                if asked.reply is not None and asked.is_idle:
                    info = asked.reply["content"].get("language_info", {})
                    self.nb.metadata["language_info"] = NotebookNode(info)
                    return
            if time.monotonic() > deadline:
                self._kernel.signal(signal.SIGKILL)
                raise KernelEndedError("time")

    def run(self, cell: NotebookNode, index: int) -> bool:
        """Run one cell, as nbgrader does; its outputs are replaced.

        Args:
            cell: A cell of the notebook.
            index: Its place.

        Returns:
            Whether the cell ran to its end without an error.
        """
        if cell.cell_type != "code" or not cell.source.strip():
            return True
        cell.outputs = []
        cell.execution_count = None
        if self.reason:
            self._bury(cell, "This cell did not run.")
            return False
        if self.record_timing:
            cell.metadata["execution"] = {}
        self.clear_before_next_output = False
        seconds = self._cell_seconds
        if self.timeout_func is not None:
            seconds = self._get_timeout(cell) or math.inf
        try:
            reply = self._execute(cell.source, _Request(cell, index), seconds)
        except KernelEndedError as ended:
            self.reason = ended.reason
            self._bury(cell)
            return False
        _record(cell, reply)
        return bool(reply["status"] == "ok")

    def control(self, code: str, seconds: float) -> dict[str, Any] | None:
        """Run code that is not the student's; no trace of it stays in the notebook.

        Args:
            code: It is not stored in the history.
            seconds: Wall time; then it is interrupted as a cell is.

        Returns:
            The content of the reply, or None if there was none.
        """
        if self.reason:
            return None
        try:
            return self._execute(code, _Request(None, -1), seconds, is_cell=False)
        except KernelEndedError as ended:
            self.reason = ended.reason
            return None

    def _execute(
        self, code: str, request: _Request, seconds: float, *, is_cell: bool = True
    ) -> dict[str, Any]:
        content = {
            "code": code,
            "silent": False,
            "store_history": is_cell,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        waited = self._waited
        self._ask("execute_request", content, request)
        deadline = time.monotonic() + seconds
        interrupted = False
        while not (request.is_idle and (request.reply or interrupted)):
            now = time.monotonic()
            if request.reply is not None and not interrupted:
                if now > request.replied + _IOPUB_SECONDS:
                    self._stop("output")
            elif now > deadline:
                if interrupted:
                    self._stop("time")
                self._look(now)
                self.starved |= self._waited - waited > seconds / 4
                self._kernel.signal(signal.SIGINT)
                interrupted, deadline = True, now + _GRACE
            self._hear(now + _TICK)
        request.is_past = True
        if interrupted or request.reply is None:
            return {**(self.error_on_timeout or _TIMEOUT), "status": "error"}
        reply: dict[str, Any] = request.reply["content"]
        if request.cell is not None and self.record_timing:
            timing = request.cell.metadata["execution"]
            timing["shell.execute_reply"] = timestamp(request.reply)
        return reply

    def _ask(self, kind: str, content: dict[str, Any], request: _Request) -> _Request:
        message = self._kernel.session.msg(kind, content)
        # jupyter_client numbers its messages; who knows the next number can answer it.
        ident = secrets.token_hex(16)
        message["header"]["msg_id"] = message["msg_id"] = ident
        self._requests[ident] = request
        self._channel.send(message)
        return request

    def _hear(self, until: float) -> None:
        """Take what has come, or wait for it until a moment."""
        now = time.monotonic()
        try:
            for is_reply, frames in self._channel.receive(max(0.0, until - now)):
                self._take(frames, is_reply=is_reply)
        except (TooMuchError, ValueError):
            self._stop("output")
        except EOFError:
            reason = self._kernel.ended(_GRACE)
            if reason is None:
                self._stop("exit")
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _TICK
            self._look(now)

    def _look(self, now: float) -> None:
        self._waited = self._kernel.waited_seconds() or self._waited
        used = self._kernel.cpu_seconds()
        if used is not None and used > self._cpu_seconds:
            self._stop("cpu")
        reason = self._kernel.ended()
        is_late = reason == "time" or now > self._end
        self.starved |= is_late and self._waited > self._wall_seconds / 4
        if reason is not None:
            self._drain()
            raise KernelEndedError(reason)
        if is_late:
            self._stop("time")

    def _drain(self) -> None:
        """Take what a kernel said before its end."""
        with contextlib.suppress(EOFError, TooMuchError, ValueError):
            while heard := list(self._channel.receive(0.02)):
                for is_reply, frames in heard:
                    self._take(frames, is_reply=is_reply)

    def _stop(self, reason: str) -> None:
        self._kernel.signal(signal.SIGKILL)
        raise KernelEndedError(reason)

    def _take(self, frames: list[bytes], *, is_reply: bool) -> None:
        try:
            message = self._channel.read(frames)
            kind, content = message["msg_type"], message["content"]
            request = self._requests.get(message["parent_header"].get("msg_id"))
            if request is None:
                return
            check(kind, content)
            if is_reply:
                self._take_reply(request, message)
            elif kind == "status" and content["execution_state"] == "idle":
                self._take_idle(request, message)
            elif request.cell is not None and not request.is_past:
                self.process_message(message, request.cell, request.index)
        except Exception as error:  # any message may be forged
            self._suspect("forged-message", f"A message was malformed: {error!r:.200}")

    def _take_reply(self, request: _Request, message: dict[str, Any]) -> None:
        if request.reply is None:
            request.reply, request.replied = message, time.monotonic()
            return
        self._suspect_twice(request, "replies")
        if message["content"]["status"] == "error":
            request.reply = message
            if request.is_past and request.cell is not None:
                _record(request.cell, message["content"])

    def _take_idle(self, request: _Request, message: dict[str, Any]) -> None:
        if request.is_idle:
            self._suspect_twice(request, "ends")
            return
        request.is_idle = True
        if request.cell is not None:
            with contextlib.suppress(CellExecutionComplete):
                self.process_message(message, request.cell, request.index)

    def _suspect_twice(self, request: _Request, what: str) -> None:
        self._suspect(
            "forged-reply",
            f"The kernel sent two {what} for one request: code of the notebook has "
            "spoken in the kernel's name.",
            request.cell,
        )

    def _suspect(
        self, kind: str, message: str, cell: NotebookNode | None = None
    ) -> None:
        name = ""
        if cell is not None:
            mark = cell.metadata.get("nbgrader", {})
            name = str(mark.get("grade_id") or cell.get("id", ""))
        if not any(flag.kind == kind and flag.cell == name for flag in self.flags):
            self.flags.append(Flag(kind, message, cell=name))

    def _bury(self, cell: NotebookNode, more: str = "") -> None:
        name, text = REASONS[self.reason]
        text = f"{text} {more}".strip()
        traceback = [f"\x1b[0;31m{name}\x1b[0m: {text}"]
        cell.outputs.append(
            new_output("error", ename=name, evalue=text, traceback=traceback)
        )


def _record(cell: NotebookNode, reply: dict[str, Any]) -> None:
    """Add the error of a reply that no output tells of, as nbgrader's Execute does."""
    if reply["status"] != "error" or any(
        output.output_type == "error" and output.ename == reply["ename"]
        for output in cell.outputs
    ):
        return
    nothing = ["ERROR: An error occurred while showtraceback was disabled"]
    cell.outputs.append(
        new_output(
            "error",
            ename=reply["ename"],
            evalue=reply["evalue"],
            traceback=reply["traceback"] or nothing,
        )
    )
