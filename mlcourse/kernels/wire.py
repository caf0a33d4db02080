"""Jupyter messages over one socket: no ports, no threads, and in the order of sending.

Each packet of a ``SOCK_SEQPACKET`` socket arrives whole, so threads and processes that
share the socket need no lock. A long message is many packets with one number.
"""

import itertools
import os
import socket
import struct
from collections.abc import Iterator, Sequence

__all__ = ["IOPUB", "SHELL", "Wire"]

SHELL, IOPUB = 0, 1
_PACKET = 1 << 16
_HEAD = struct.Struct("<QB")  # number of the message, whether this is its last packet
_START = struct.Struct("<BI")  # channel, number of frames


class Wire:
    """One end of a connection.

    Args:
        end: A connected ``SOCK_SEQPACKET`` socket.
    """

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self._numbers = itertools.count()
        self._parts: dict[int, list[bytes]] = {}

    @classmethod
    def pair(cls) -> tuple["Wire", "Wire"]:
        """Return two connected ends."""
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(one), cls(other)

    def packets(self, channel: int, frames: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the packets of a message."""
        views = [memoryview(frame) for frame in frames]
        lengths = struct.pack(f"<{len(views)}Q", *(view.nbytes for view in views))
        text = b"".join((_START.pack(channel, len(views)), lengths, *views))
        number = os.getpid() << 40 | next(self._numbers)
        size = _PACKET - _HEAD.size
        for start in range(0, len(text), size):
            is_last = start + size >= len(text)
            yield _HEAD.pack(number, is_last) + text[start : start + size]

    def send(self, channel: int, frames: Sequence[bytes]) -> None:
        """Send a message; wait while the other end does not read.

        Raises:
            OSError: If the other end is gone.
        """
        for packet in self.packets(channel, frames):
            self.socket.sendall(packet)

    def receive(self) -> tuple[int, tuple[int, list[bytes]] | None]:
        """Receive a packet, if one has come.

        Returns:
            Its size in bytes, and the channel and frames of the message that it ends,
            if it does.

        Raises:
            BlockingIOError: If nothing has come.
            EOFError: If the other end is gone.
            ValueError: If it is no packet of a message.
        """
        try:
            packet = self.socket.recv(_PACKET, socket.MSG_DONTWAIT)
        except ConnectionError:
            packet = b""
        if not packet:
            raise EOFError
        if len(packet) < _HEAD.size:
            raise ValueError(f"A packet has {len(packet)} bytes.")
        number, is_last = _HEAD.unpack_from(packet)
        parts = self._parts.setdefault(number, [])
        parts.append(packet[_HEAD.size :])
        if not is_last:
            return len(packet), None
        del self._parts[number]
        return len(packet), _message(b"".join(parts))

    def close(self) -> None:
        """Close this end."""
        self.socket.close()


def _message(text: bytes) -> tuple[int, list[bytes]]:
    try:
        channel, count = _START.unpack_from(text)
        lengths = struct.unpack_from(f"<{count}Q", text, _START.size)
    except struct.error as error:
        raise ValueError(f"A message is cut off: {error}.") from None
    place = _START.size + 8 * count
    if place + sum(lengths) != len(text):
        raise ValueError("The frames of a message are not as long as they say.")
    frames = []
    for length in lengths:
        frames.append(text[place : place + length])
        place += length
    return channel, frames
