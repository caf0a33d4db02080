"""The kernel's own side of the fork: it waits for orders, and becomes what they say."""

import os
import random
import signal
import socket
import sys
import traceback
from typing import TYPE_CHECKING

from mlcourse.kernels import isolation, linux, seccomp
from mlcourse.kernels.bubblewrap import WORK
from mlcourse.kernels.message import Launch, receive
from mlcourse.kernels.wire import Wire

if TYPE_CHECKING:
    from mlcourse.kernels.application import WarmKernelApp

__all__ = ["be_kernel", "close_files"]


def be_kernel(orders: socket.socket, app: "WarmKernelApp", *, walls: bool) -> None:
    """Wait for a launch and become its kernel. Never returns.

    Args:
        orders: Where the supervisor sends a launch with the lease, and a wire if there
            is one; it hears ``ready``, or what went wrong.
        app: The application that the template prepared.
        walls: Whether this process is in namespaces of its own.
    """
    try:
        linux.die_with_parent(signal.SIGKILL)
        os.setsid()
        close_files(keep={orders.fileno()}, standard=True)
        message, files = receive(orders)
        if message is None:
            os._exit(0)
        launch = Launch.from_json(message)
        lease = socket.socket(fileno=files.pop(0))
        if walls:
            # The receiver learns this process's number outside from the system.
            lease.send(b'{"born": true}')
        lease.close()
        wire = Wire(socket.socket(fileno=files[0])) if files else None
        _forget_the_template(launch)
        if walls:
            isolation.see_own()
            launch.limits.apply()
            linux.drop_capabilities()
            linux.forbid_new_privileges()
            linux.set_dumpable(True)
            seccomp.install()
        os.chdir(WORK if walls else launch.folder)
        most = launch.limits.output_mib << 20 if walls else 0
        app.finish(
            launch.connection, debugger=launch.debugger, most_output=most, wire=wire
        )
        if walls:
            _look_here_last()
    except BaseException:
        try:
            orders.send(traceback.format_exc()[-4000:].encode())
        finally:
            os._exit(3)
    orders.send(b"ready")
    orders.close()
    try:
        app.start()  # type: ignore[no-untyped-call]
    finally:
        # What is printed last travels through two threads; else their ends race.
        if app.control_thread is not None:
            app.control_thread.join(1)
        import atexit

        atexit._run_exitfuncs()
        os._exit(0)


def close_files(keep: set[int], *, standard: bool = False) -> None:
    """Close every open file.

    Args:
        keep: Descriptors that stay, besides 0, 1 and 2.
        standard: Whether those three lead nowhere from now on.
    """
    if standard:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
    first = 3
    for file in sorted(keep):
        os.closerange(first, file)
        first = file + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _look_here_last() -> None:
    """Find a library before a file of the same name beside the notebook."""
    if "" in sys.path:
        sys.path.remove("")
        sys.path.append("")


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
