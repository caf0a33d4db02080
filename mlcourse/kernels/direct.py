# ipykernel is not typed.
# mypy: disable-error-code="no-untyped-call,assignment,arg-type,type-var"
"""ipykernel on a wire: its code runs the cells, with neither ZeroMQ nor its threads.

For each cell, ipykernel hands messages through three threads and five sockets, which
costs more than most cells. A grader is one reader that wants the messages in order.
"""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel.iostream import BackgroundSocket, IOPubThread
from ipykernel.ipkernel import IPythonKernel
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait

from mlcourse.kernels.capped import CappedStream, OutputLimitError
from mlcourse.kernels.wire import IOPUB, SHELL, Wire

__all__ = ["DirectKernel", "DirectPublisher", "DirectStream", "WireStream"]

_CHUNK = 1 << 14


class WireStream:
    """A channel of a wire, as ipykernel uses a ZMQStream.

    Args:
        wire: The connection.
        channel: Which messages are its own.
    """

    def __init__(self, wire: Wire, channel: int) -> None:
        self._wire = wire
        self._channel = channel

    @property
    def io_loop(self) -> IOLoop:
        """The loop that receives."""
        return IOLoop.current()

    def send_multipart(self, frames: Sequence[bytes], **_: Any) -> None:
        """Send a message."""
        self._wire.send(self._channel, frames)

    def on_recv(self, callback: Callable[..., Any], **_: Any) -> None:
        """Have a function called with the frames of each message."""

        def take(*_: Any) -> None:
            try:
                _, message = self._wire.receive()
            except EOFError:
                IOLoop.current().stop()
            except BlockingIOError:
                pass
            else:
                if message is not None:
                    frames = [zmq.Frame(frame) for frame in message[1]]
                    IOLoop.current().add_callback(callback, frames)

        IOLoop.current().add_handler(self._wire.socket, take, IOLoop.READ)

    def flush(self, *_: Any) -> None:
        """Do nothing: what is sent is sent."""


class DirectPublisher(IOPubThread):
    """Publishes at once, in the thread that asks.

    Args:
        wire: The connection.
    """

    def __init__(self, wire: Wire) -> None:
        self.socket = WireStream(wire, IOPUB)
        self.background_socket = BackgroundSocket(self)
        self.thread = SimpleNamespace(is_alive=lambda: False, ident=None)
        self.io_loop = None
        self._pipe_flag = False

    def stop(self) -> None:
        """Do nothing: there is no thread."""


class DirectStream(CappedStream):
    """Standard output without a thread that flushes it.

    What is printed within a fifth of a second is one message, as in ipykernel.
    """

    _first = 0.0

    def flush(self) -> None:
        """Send what was printed, and what programs wrote to the descriptor."""
        if self._should_watch:
            self._take()
        self._flush()

    def write(self, text: str) -> int:
        """Write, until the limit; half a character cannot be sent."""
        if not text.isascii():
            text = text.encode(errors="replace").decode()
        if self._flush_pending and time.monotonic() > self._first + self.flush_interval:
            self._flush()
        return super().write(text)

    def _schedule_flush(self) -> None:
        if not self._flush_pending:
            self._flush_pending, self._first = True, time.monotonic()

    def _setup_stream_redirects(self, name: str) -> None:
        self._taking = threading.Lock()
        super()._setup_stream_redirects(name)

    def _watch_pipe_fd(self) -> None:
        while self._should_watch and self._fid is not None:
            select.select([self._fid], [], [])
            self._take()

    def _take(self) -> None:
        with self._taking:
            while select.select([self._fid], [], [], 0)[0]:
                text = os.read(self._fid, _CHUNK).decode(errors="replace")
                with contextlib.suppress(OutputLimitError):
                    self.write(text)


class DirectKernel(IPythonKernel):
    """IPython's kernel without channels for a debugger and for control."""

    shell_stream = AnyTrait()
    _execute_sleep = 0.0
    _supports_kernel_subshells = False

    def start(self) -> None:
        """Begin to listen."""
        super().start()
        # It asks whether a cell runs in the main thread.
        self.shell_channel_thread = SimpleNamespace(
            parent_thread=threading.main_thread()
        )


def connect(app: Any, wire: Wire) -> None:
    """Give an application streams and a publisher on a wire, instead of sockets."""
    app.iopub_thread = DirectPublisher(wire)
    app.iopub_socket = app.iopub_thread.background_socket
    app.outstream_class = f"{__name__}.DirectStream"
    app.session.key = b""  # who could sign could also write here


def make_kernel(app: Any, wire: Wire) -> DirectKernel:
    """Return a kernel for an application, in place of its own."""
    kernel: DirectKernel = DirectKernel.instance(
        parent=app,
        session=app.session,
        shell_stream=WireStream(wire, SHELL),
        iopub_thread=app.iopub_thread,
        iopub_socket=app.iopub_socket,
        log=app.log,
        profile_dir=app.profile_dir,
        user_ns=app.user_ns,
    )
    app.displayhook.get_execution_count = lambda: kernel.execution_count
    return kernel
