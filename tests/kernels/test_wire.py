"""Both ends of a wire, in one process."""

import os
import struct
import threading

import pytest

from mlcourse.kernels.wire import IOPUB, SHELL, Wire

HEAD = struct.Struct("<QB")


@pytest.fixture
def ends():
    one, other = Wire.pair()
    yield one, other
    one.close()
    other.close()


def take(wire):
    """Receive until a message is whole."""
    while True:
        try:
            _, message = wire.receive()
        except BlockingIOError:
            continue
        if message is not None:
            return message


@pytest.mark.parametrize(
    "frames", [[], [b""], [b"a", b"", b"bc"], [os.urandom(1_000_000), b"x"]]
)
def test_a_message_arrives_as_it_was_sent(ends, frames):
    one, other = ends
    sender = threading.Thread(target=one.send, args=(IOPUB, frames))
    sender.start()
    assert take(other) == (IOPUB, frames)
    sender.join()


def test_messages_of_threads_do_not_mix(ends):
    one, other = ends
    texts = [bytes([number]) * 300_000 for number in range(4)]
    senders = [
        threading.Thread(target=one.send, args=(SHELL, [text])) for text in texts
    ]
    for sender in senders:
        sender.start()
    received = sorted(take(other)[1][0] for _ in texts)
    assert received == texts
    for sender in senders:
        sender.join()


def test_nothing_and_the_end_are_told_apart(ends):
    one, other = ends
    with pytest.raises(BlockingIOError):
        other.receive()
    one.close()
    with pytest.raises(EOFError):
        other.receive()


@pytest.mark.parametrize(
    "packet",
    [
        b"short",
        HEAD.pack(1, 1),
        HEAD.pack(1, 1) + struct.pack("<BI", 0, 1 << 31),
        HEAD.pack(1, 1) + struct.pack("<BIQ", 0, 1, 5) + b"four",
        HEAD.pack(1, 1) + struct.pack("<BIQ", 0, 1, 2**64 - 1) + b"x",
    ],
)
def test_what_is_no_message_is_refused(ends, packet):
    one, other = ends
    one.socket.send(packet)
    with pytest.raises(ValueError, match="packet|message"):
        other.receive()
