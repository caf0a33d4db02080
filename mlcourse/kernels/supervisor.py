"""The supervisor: parent of one kernel, between it and whoever asked for it."""

import contextlib
import json
import os
import random
import select
import signal
import socket
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from mlcourse.kernels import isolation, linux, seccomp
from mlcourse.kernels.bubblewrap import WORK
from mlcourse.kernels.message import LOST, Launch
from mlcourse.kernels.wire import Wire

if TYPE_CHECKING:
    from mlcourse.kernels.application import WarmKernelApp

__all__ = ["supervise"]

START = 60.0


def supervise(
    lease: socket.socket, launch: Launch, files: list[int], app: "WarmKernelApp"
) -> None:
    """Start a kernel, pass signals on, and end it when the lease ends. Never returns.

    Args:
        lease: The connection of whoever asked. Its end is the kernel's end.
        launch: What is wanted.
        files: Behind walls, the working folder; then a wire to speak on, if any.
        app: The application that the template prepared.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    init = 0
    if launch.walls:
        isolation.enclose(launch.limits, sockets=launch.sockets)
        if files:
            folder = files.pop(0)
            isolation.copy_work(folder, most_bytes=launch.limits.scratch_mib << 20)
            os.close(folder)
        init = isolation.spawn_init()
    report, reporter = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(report)
        _be_kernel(lease, reporter, launch, app, files)
    for file in (reporter, *files):
        os.close(file)
    family = [pid for pid in (kernel, init) if pid]
    lease.setblocking(True)
    if said := _wait_for_start(kernel, report, lease, family):
        lease.send(json.dumps({"error": said}).encode())
    else:
        if launch.walls:
            isolation.seal(launch.sockets)
            linux.drop_capabilities()
        lease.send(json.dumps({"ready": kernel}).encode())
    reason = _watch(kernel, lease, family, launch.limits.wall_seconds)
    _, status, used = os.wait4(kernel, 0)
    if not reason and os.WIFSIGNALED(status) and init and _ends(init):
        reason = LOST
    _kill(family[1:])
    if reason != "abandoned":
        farewell = {
            "exit": os.waitstatus_to_exitcode(status),
            "reason": reason,
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "peak_mib": used.ru_maxrss >> 10,
        }
        with contextlib.suppress(OSError):
            lease.send(json.dumps(farewell).encode())
    os._exit(0)


def _wait_for_start(
    kernel: int, report: int, lease: socket.socket, family: list[int]
) -> str:
    """Return why the kernel did not start; empty if it did."""
    said = b""
    deadline = time.monotonic() + START
    while left := max(0.0, deadline - time.monotonic()):
        ready, _, _ = select.select([report, lease.fileno()], [], [], left)
        if report in ready:
            data = os.read(report, 1 << 16)
            if not data:
                break
            said += data
        elif lease.fileno() in ready and not lease.recv(1 << 16):
            _kill(family)
            os._exit(0)
    os.close(report)
    if said == b"ready":
        return ""
    _kill([kernel])
    return said.decode(errors="replace") or f"The kernel ended, or took {START:g} s."


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
        message = _heard(lease)
        if message is None:
            _kill(family)
            return "abandoned"
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


def _heard(lease: socket.socket) -> dict[str, Any] | None:
    try:
        data = lease.recv(1 << 16)
    except ConnectionError:
        return None
    message: dict[str, Any] | None = json.loads(data) if data else None
    return message


def _kill(processes: list[int]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _send_to_group(leader: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signum)


def _be_kernel(
    lease: socket.socket,
    reporter: int,
    launch: Launch,
    app: "WarmKernelApp",
    files: list[int],
) -> None:
    """Become the kernel. Never returns."""
    try:
        linux.die_with_parent(signal.SIGKILL)
        os.setsid()
        if launch.walls:
            # The receiver learns this process's number outside from the system.
            lease.send(b'{"born": true}')
        lease.close()
        _close_files(keep={reporter, *files})
        wire = Wire(socket.socket(fileno=files[0])) if files else None
        _forget_the_template(launch)
        if launch.walls:
            isolation.see_own()
            launch.limits.apply()
            linux.drop_capabilities()
            linux.forbid_new_privileges()
            linux.set_dumpable(True)
            seccomp.install()
        os.chdir(WORK if launch.walls else launch.folder)
        most = launch.limits.output_mib << 20 if launch.walls else 0
        app.finish(
            launch.connection, debugger=launch.debugger, most_output=most, wire=wire
        )
        if launch.walls:
            _look_here_last()
    except BaseException:
        os.write(reporter, traceback.format_exc()[-4000:].encode())
        os._exit(3)
    os.write(reporter, b"ready")
    os.close(reporter)
    try:
        app.start()  # type: ignore[no-untyped-call]
    finally:
        # What is printed last travels through two threads; else their ends race.
        if app.control_thread is not None:
            app.control_thread.join(1)
        import atexit

        atexit._run_exitfuncs()
        os._exit(0)


def _look_here_last() -> None:
    """Find a library before a file of the same name beside the notebook."""
    if "" in sys.path:
        sys.path.remove("")
        sys.path.append("")


def _close_files(keep: set[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    first = 3
    for file in sorted(keep):
        os.closerange(first, file)
        first = file + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _forget_the_template(launch: Launch) -> None:
    """Give the kernel an environment, a path and random states of its own."""
    import tempfile

    import numpy as np

    os.environ.clear()
    os.environ.update(launch.env)
    os.umask(0o022)
    tempfile.tempdir = None
    for place in reversed(launch.env.get("PYTHONPATH", "").split(os.pathsep)):
        if place and place not in sys.path:
            sys.path.insert(0, place)
    seed = launch.seed
    random.seed(seed)
    if seed is None:
        seed = int.from_bytes(os.urandom(4), "little")
    np.random.seed(seed)  # noqa: NPY002, TID251 - forks would share the global state
