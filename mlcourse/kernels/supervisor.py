"""The supervisor: parent of one kernel, between it and whoever asked for it."""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from mlcourse.kernels import isolation, linux
from mlcourse.kernels.child import be_kernel, close_files
from mlcourse.kernels.message import LOST, Launch, receive

if TYPE_CHECKING:
    from mlcourse.kernels.application import WarmKernelApp

__all__ = ["supervise"]

START = 60.0


def supervise(orders: socket.socket, app: "WarmKernelApp", *, walls: bool) -> None:
    """Start a kernel, pass signals on, and end it when the lease ends. Never returns.

    All that does not depend on what is wanted is done before the orders come.

    Args:
        orders: Brings a launch with the lease, which is the connection of whoever
            asked; behind walls, the working folder; then a wire to speak on, if any.
            The end of the lease is the kernel's end.
        app: The application that the template prepared.
        walls: Whether the kernel is sandboxed.
    """
    lease = None
    try:
        close_files(keep={orders.fileno()})
        line, family = _prepare(app, walls=walls)
        lease, launch, files = _receive(orders, line)
        if walls:
            isolation.furnish(launch.limits, sockets=launch.sockets)
            folder = files.pop(0)
            isolation.copy_work(folder, most_bytes=launch.limits.scratch_mib << 20)
            os.close(folder)
        launch.send(line, lease.fileno(), *files)
        for file in files:
            os.close(file)
        if said := _wait_for_start(line, lease, family):
            lease.send(json.dumps({"error": said}).encode())
        else:
            if walls:
                isolation.seal(launch.sockets)
                linux.drop_capabilities()
            lease.send(json.dumps({"ready": family[0]}).encode())
        _accompany(lease, family, launch.limits.wall_seconds)
    except BaseException:
        text = traceback.format_exc()
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - the template's log
        if lease is None:
            lease, _, _ = _receive(orders)
        lease.send(json.dumps({"error": text[-3000:]}).encode())
    os._exit(0)


def _prepare(app: "WarmKernelApp", *, walls: bool) -> tuple[socket.socket, list[int]]:
    """Fork a kernel, which waits.

    Returns:
        The line to it; its process, and behind walls the first one of its namespace.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    family = []
    if walls:
        isolation.enclose()
        family.append(isolation.spawn_init())
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kernel = os.fork()
    if kernel == 0:
        be_kernel(theirs, app, walls=walls)
    theirs.close()
    return ours, [kernel, *family]


def _receive(
    orders: socket.socket, line: socket.socket | None = None
) -> tuple[socket.socket, Launch, list[int]]:
    """Wait for orders; end this process if none can come, or its kernel has ended."""
    ready, _, _ = select.select([orders, line] if line else [orders], [], [])
    message, files = receive(orders) if orders in ready else (None, [])
    if message is None:
        os._exit(0)
    lease = socket.socket(fileno=files.pop(0))
    lease.setblocking(True)
    return lease, Launch.from_json(message), files


def _wait_for_start(
    line: socket.socket, lease: socket.socket, family: list[int]
) -> str:
    """Return why the kernel did not start; empty if it did."""
    said = b""
    deadline = time.monotonic() + START
    while left := max(0.0, deadline - time.monotonic()):
        ready, _, _ = select.select([line, lease], [], [], left)
        if line in ready:
            said = _heard(line)
            break
        if lease in ready and not _heard(lease):
            _kill(family)
            os._exit(0)
    line.close()
    if said == b"ready":
        return ""
    _kill(family[:1])
    return said.decode(errors="replace") or f"The kernel ended, or took {START:g} s."


def _accompany(lease: socket.socket, family: list[int], wall_seconds: float) -> None:
    """Stay until the kernel ends, and tell how it ended."""
    kernel, *init = family
    reason = _watch(kernel, lease, family, wall_seconds)
    _, status, used = os.wait4(kernel, 0)
    if not reason and os.WIFSIGNALED(status) and init and _ends(init[0]):
        reason = LOST
    _kill(init)
    if reason == "abandoned":
        return
    farewell = {
        "exit": os.waitstatus_to_exitcode(status),
        "reason": reason,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss >> 10,
    }
    with contextlib.suppress(OSError):
        lease.send(json.dumps(farewell).encode())


def _watch(
    kernel: int, lease: socket.socket, family: list[int], wall_seconds: float
) -> str:
    """Wait for the end and return its reason: killed, time, abandoned or none."""
    reason = ""
    ended = os.pidfd_open(kernel)
    deadline = time.monotonic() + wall_seconds if wall_seconds else None
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([ended, lease.fileno()], [], [], left)
        if ended in ready:
            return reason
        if not ready:
            reason, deadline = "time", None
            _kill(family)
            continue
        said = _heard(lease)
        if not said:
            _kill(family)
            return "abandoned"
        message: dict[str, Any] = json.loads(said)
        signum = int(message.get("signal", 0))
        if signum == signal.SIGKILL:
            reason = str(message.get("reason", "killed"))
            _kill(family)
        elif signum:
            _send_to_group(kernel, signum)


def _ends(init: int) -> bool:
    """Return whether the first process of the namespace ended, and all with it.

    No process inside can end it. It is seen to end only after those that it took along.
    """
    ended, _, _ = select.select([os.pidfd_open(init)], [], [], 0.02)
    return bool(ended)


def _heard(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 16)
    except ConnectionError:
        return b""


def _kill(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _send_to_group(leader: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signum)
