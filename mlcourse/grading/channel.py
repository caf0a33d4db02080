"""How a grader speaks with a kernel: over ZeroMQ, or on a wire of its own."""

import contextlib
import select
import socket
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

import zmq
from jupyter_client.session import DELIM, Session

from mlcourse.kernels.wire import SHELL, Wire

__all__ = ["Channel", "TooMuchError", "WireChannel", "ZeroChannel"]

_SESSION = Session(key=b"")
_AT_ONCE = 64
_OVERHEAD = 128  # of a packet, in memory


class TooMuchError(Exception):
    """The kernel said more than is read."""


class Channel(Protocol):
    """A connection to a kernel."""

    def send(self, message: dict[str, Any]) -> None:
        """Send a request."""

    def receive(self, seconds: float) -> Iterator[tuple[bool, list[bytes]]]:
        """Yield what has come; wait for it, if nothing has.

        Yields:
            Whether it is a reply, and the frames of the message.

        Raises:
            EOFError: If the kernel has ended.
            TooMuchError: If more came than is read.
            ValueError: If it is not even frames.
        """

    def read(self, frames: list[bytes]) -> dict[str, Any]:
        """Return a message. Whatever is wrong with it is raised."""

    def close(self) -> None:
        """Close the connection; the kernel is not touched."""


class ZeroChannel:
    """A connection over ZeroMQ, for every kernel that speaks Jupyter's protocol.

    Args:
        session: It signs.
        shell: Where the kernel takes requests.
        iopub: Where it publishes.
        most_bytes: Of messages from the kernel.
        lease: A descriptor that can be read when the kernel has ended, if any.
    """

    def __init__(
        self,
        session: Session,
        shell: str,
        iopub: str,
        *,
        most_bytes: int,
        lease: int | None = None,
    ) -> None:
        self._session = session
        self._left = most_bytes
        self._lease = lease
        self._context = zmq.Context()
        # More than this in one frame is not even received: the connection is cut.
        self._context.setsockopt(zmq.MAXMSGSIZE, most_bytes)
        self._context.setsockopt(zmq.LINGER, 0)
        self._shell = self._context.socket(zmq.DEALER)
        self._iopub = self._context.socket(zmq.SUB)
        self._iopub.subscribe(b"")
        self._poller = zmq.Poller()
        for channel, address in ((self._shell, shell), (self._iopub, iopub)):
            channel.connect(address)
            self._poller.register(channel, zmq.POLLIN)
        if lease is not None:
            self._poller.register(lease, zmq.POLLIN)

    def send(self, message: dict[str, Any]) -> None:
        """Send a request."""
        self._session.send(self._shell, message)

    def receive(self, seconds: float) -> Iterator[tuple[bool, list[bytes]]]:
        """Yield what has come; wait for it, if nothing has."""
        ready = dict(self._poller.poll(int(seconds * 1000)))
        for channel in (self._iopub, self._shell):
            if channel in ready:
                frames = channel.recv_multipart()
                self._left -= sum(map(len, frames))
                if self._left < 0:
                    raise TooMuchError
                yield channel is self._shell, frames
        if self._lease in ready and len(ready) == 1:
            raise EOFError

    def read(self, frames: list[bytes]) -> dict[str, Any]:
        """Return a message. Whatever is wrong with it is raised."""
        _, parts = self._session.feed_identities(frames)
        return self._session.deserialize(parts)

    def close(self) -> None:
        """Close the connection; the kernel is not touched."""
        self._context.destroy(linger=0)


class WireChannel:
    """A connection on a wire, for the kernels of our template.

    Args:
        wire: Our end.
        most_bytes: Of messages from the kernel.
    """

    def __init__(self, wire: Wire, *, most_bytes: int) -> None:
        self._wire = wire
        self._left = most_bytes
        self._outgoing: deque[bytes] = deque()
        self._poll = select.poll()

    def send(self, message: dict[str, Any]) -> None:
        """Send a request, as soon as the kernel takes it."""
        frames = _SESSION.serialize(message)
        self._outgoing += self._wire.packets(SHELL, frames)
        self._push()

    def receive(self, seconds: float) -> Iterator[tuple[bool, list[bytes]]]:
        """Yield what has come; wait for it, if nothing has."""
        want = select.POLLIN | (select.POLLOUT if self._outgoing else 0)
        self._poll.register(self._wire.socket, want)
        if not self._poll.poll(seconds * 1000):
            return
        self._push()
        with contextlib.suppress(BlockingIOError):
            for _ in range(_AT_ONCE):
                size, message = self._wire.receive()
                self._left -= size + _OVERHEAD
                if self._left < 0:
                    raise TooMuchError
                if message is not None:
                    yield message[0] == SHELL, message[1]

    def read(self, frames: list[bytes]) -> dict[str, Any]:
        """Return a message. Whatever is wrong with it is raised."""
        start = frames.index(DELIM) + 2
        header, parent, metadata, content = map(
            _SESSION.unpack, frames[start : start + 4]
        )
        header["date"] = datetime.fromisoformat(header["date"])
        return {
            "header": header,
            "msg_id": header["msg_id"],
            "msg_type": header["msg_type"],
            "parent_header": parent,
            "metadata": metadata,
            "content": content,
            "buffers": [memoryview(frame) for frame in frames[start + 4 :]],
        }

    def close(self) -> None:
        """Close the connection; the kernel is not touched."""
        self._wire.close()

    def _push(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._outgoing:
                self._wire.socket.send(self._outgoing[0], socket.MSG_DONTWAIT)
                self._outgoing.popleft()
