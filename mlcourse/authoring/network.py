"""Programs without a network: a namespace of their own, else a guard on sockets.

``python -m mlcourse.authoring.network PROGRAM ...`` is the first process inside the
namespace: it switches the loopback on and becomes the program.
"""

import errno
import functools
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, NamedTuple

__all__ = ["Network", "guard", "offline"]

Network = Literal["namespace", "guard", "open"]

_UNSHARE = ("unshare", "--user", "--map-root-user", "--net", "--")
_SIOCSIFFLAGS = 0x8914
_UP_AND_RUNNING = 0x1 | 0x40


class Offline(NamedTuple):
    """How to start a program without a network.

    Args:
        network: What cuts it off.
        command: The command line.
        env: The environment.
    """

    network: Network
    command: list[str]
    env: dict[str, str]


def offline(
    command: Sequence[str], *, env: dict[str, str], folder: Path, isolate: bool = True
) -> Offline:
    """Return how to start a command that reaches its own machine and nothing else.

    Args:
        command: The command line, with an absolute path first.
        env: The environment.
        folder: An empty folder for the guard, should it be needed.
        isolate: False leaves the network open.
    """
    if not isolate:
        return Offline("open", list(command), env)
    if has_namespaces():
        inside = [sys.executable, "-m", "mlcourse.authoring.network"]
        return Offline("namespace", [*_UNSHARE, *inside, *command], env)
    folder.mkdir(parents=True, exist_ok=True)
    hook = "from mlcourse.authoring.network import guard\n\nguard()\n"
    (folder / "sitecustomize.py").write_text(hook, encoding="utf-8")
    paths = [str(folder), *filter(None, [env.get("PYTHONPATH")])]
    return Offline("guard", list(command), env | {"PYTHONPATH": os.pathsep.join(paths)})


@functools.cache
def has_namespaces() -> bool:
    """Return whether this machine lets a program have a network of its own."""
    if shutil.which(_UNSHARE[0]) is None:
        return False
    probe = [*_UNSHARE, sys.executable, "-m", "mlcourse.authoring.network", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def guard() -> None:
    """Refuse connections of this process to any other machine, from now on."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    lookup = socket.getaddrinfo

    def allow(address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if not _is_here(host):
            raise OSError(errno.ENETUNREACH, f"no network in a lab: {host}")

    class GuardedSocket(socket.socket):
        def connect(self, address: Any) -> None:
            allow(address)
            connect(self, address)

        def connect_ex(self, address: Any) -> int:
            allow(address)
            return connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        if host is not None:
            allow((host,))
        return lookup(host, *args, **options)

    socket.socket = GuardedSocket  # type: ignore[misc]
    socket.getaddrinfo = getaddrinfo


def _is_here(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        address = ip_address(name)
    except ValueError:
        return name in ("localhost", "", socket.gethostname())
    return address.is_loopback or address.is_unspecified


def _switch_loopback_on() -> None:
    import fcntl

    request = struct.pack("16sH14x", b"lo", _UP_AND_RUNNING)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, request)


if __name__ == "__main__":
    _switch_loopback_on()
    os.execvp(sys.argv[1], sys.argv[1:])
