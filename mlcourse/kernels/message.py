"""What a provisioner and a template say to each other: one JSON object a packet."""

import json
import os
import socket
from dataclasses import asdict, dataclass, field
from typing import Any

from mlcourse.kernels.limits import Limits

__all__ = ["LOST", "Launch", "receive"]

LOST = "supervisor lost"  # why a kernel ended, if nothing that it did ended it

_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Launch:
    """A kernel that is wanted.

    Args:
        connection: As in a Jupyter connection file.
        sockets: The folder where its sockets will stand.
        folder: Its working folder; behind walls a descriptor comes with the message.
        env: Its environment, all of it.
        limits: What it may use, behind walls.
        debugger: Whether JupyterLab's debugger is offered.
        seed: Of numpy's and Python's global generators; None for a new one each time.
    """

    connection: dict[str, Any]
    sockets: str
    folder: str
    env: dict[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    debugger: bool = False
    seed: int | None = None

    @classmethod
    def from_json(cls, message: dict[str, Any]) -> "Launch":
        """Read a message."""
        return cls(**message | {"limits": Limits(**message["limits"])})

    def send(self, lease: socket.socket, *files: int) -> None:
        """Send this to a template, with open files.

        Raises:
            OSError: If the template is gone, or the environment exceeds a packet.
        """
        socket.send_fds(lease, [json.dumps(asdict(self)).encode()], list(files))


def receive(lease: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Receive one message and its open files; None when the other side has gone.

    Raises:
        OSError: If nothing comes in time.
        ValueError: If it is no JSON object.
    """
    # Else each program that a kernel starts would have them too.
    closed = socket.MSG_CMSG_CLOEXEC
    data, files, _, _ = socket.recv_fds(lease, _MOST_BYTES, 4, closed)
    if not data:
        return None, files
    message = json.loads(data)
    if not isinstance(message, dict):
        for file in files:
            os.close(file)
        raise ValueError(f"message == {message!r:.80}, must be an object.")  # noqa: TRY004
    return message, files
