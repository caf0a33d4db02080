"""The template: it imports once, then forks a supervisor for each kernel.

:func:`main` listens at descriptor 3. It holds no secret and no thread, and ends when
nobody holds it and no kernel runs. In a quiet moment it forks a spare: the supervisor
of a kernel that nobody has asked for yet.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from typing import Any

from mlcourse.kernels import linux
from mlcourse.kernels.message import receive
from mlcourse.kernels.preload import FIRST, LATER
from mlcourse.kernels.supervisor import supervise

__all__ = ["Template", "main"]

LISTENER = 3
_TICK = 1.0
_QUIET = 0.1
_GRACE = 10.0


class Template:
    """A process with everything imported.

    Args:
        listener: Where provisioners connect.
        linger: Seconds to wait for another kernel when nobody holds the template.
        eager: Whether to import everything before the first kernel; a class is graded
            faster, a learner waits longer for the first one.
        walls: Whether its kernels are sandboxed.
    """

    def __init__(
        self,
        listener: socket.socket,
        *,
        linger: float = 60.0,
        eager: bool = False,
        walls: bool = False,
    ) -> None:
        self._listener = listener
        self._linger = linger
        self._walls = walls
        self._children: set[int] = set()
        self._holders: set[socket.socket] = set()
        self._spare: tuple[int, socket.socket] | None = None
        self._grown = eager
        for name in (*FIRST, *(LATER if eager else ())):
            _load(name)
        from mlcourse.kernels.application import WarmKernelApp

        self._app = WarmKernelApp.instance()
        self._app.prepare()
        self._settle()

    def serve(self) -> None:
        """Fork kernels until nobody needs one."""
        successor = None if self._grown else self._grow()
        self._listener.setblocking(False)
        waker, wake = socket.socketpair()
        for end in (waker, wake):
            end.setblocking(False)
        heard = {self._listener, waker} | self._holders
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._busy_until = time.monotonic() + max(self._linger, _GRACE)
        with selectors.DefaultSelector() as ready:
            for end in heard | ({successor} if successor else set()):
                ready.register(end, selectors.EVENT_READ)
            while self._is_needed():
                wants_spare = successor is None and self._spare is None
                events = ready.select(_QUIET if wants_spare else _TICK)
                if wants_spare and not events:
                    with contextlib.suppress(OSError):  # too many processes
                        self._spare = self._fork()
                for key, _ in events:
                    source: Any = key.fileobj
                    if source is self._listener:
                        self._accept(ready)
                    elif source is waker:
                        waker.recv(4096)
                    elif successor is not None and source is successor:
                        if source.recv(16):
                            ready.unregister(self._listener)
                        ready.unregister(source)
                    else:
                        self._release(ready, source)
                self._reap()

    def _grow(self) -> socket.socket | None:
        """Fork a template that imports the rest meanwhile and then serves instead.

        This one goes on as long as it is held, and its end is heard by the other.

        Returns:
            What says that the successor serves; None in the successor itself.
        """
        elder, successor = socket.socketpair()
        if os.fork():
            elder.close()
            return successor
        successor.close()
        for name in LATER:
            _load(name)
        self._settle()
        with contextlib.suppress(OSError):  # the elder may have ended
            elder.send(b"serving")
        self._holders.add(elder)
        return None

    def _accept(self, ready: selectors.BaseSelector) -> None:
        try:
            lease, _ = self._listener.accept()
            lease.settimeout(5)
            message, files = receive(lease)
        except BlockingIOError:
            return  # the other template was quicker
        except (OSError, ValueError) as error:
            print(f"template: no request: {error}", file=sys.stderr)  # noqa: T201
            return
        if message is None:
            lease.close()
        elif message.get("hold"):
            self._holders.add(lease)
            ready.register(lease, selectors.EVENT_READ)
        else:
            try:
                self._hand_over(message, [lease.fileno(), *files])
            except OSError as error:
                with contextlib.suppress(OSError):
                    lease.send(json.dumps({"error": f"No fork: {error}"}).encode())
            lease.close()
            for file in files:
                os.close(file)

    def _hand_over(self, message: dict[str, Any], files: list[int]) -> None:
        """Have a supervisor do what is asked: the spare one, else a new one."""
        text = [json.dumps(message).encode()]
        child, orders = self._spare or self._fork()
        self._spare = None
        try:
            socket.send_fds(orders, text, files)
        except OSError:  # the spare was killed
            orders.close()
            child, orders = self._fork()
            socket.send_fds(orders, text, files)
        orders.close()
        self._children.add(child)

    def _fork(self) -> tuple[int, socket.socket]:
        """Return a new supervisor, and the line where it waits for its orders."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if child := os.fork():
            theirs.close()
            return child, ours
        try:
            signal.set_wakeup_fd(-1)
            supervise(theirs, self._app, walls=self._walls)
        finally:
            os._exit(1)

    def _release(self, ready: selectors.BaseSelector, holder: Any) -> None:
        try:
            if holder.recv(16):
                return
        except OSError:
            pass
        ready.unregister(holder)
        self._holders.discard(holder)
        holder.close()

    def _reap(self) -> None:
        while self._children:
            child, _ = os.waitpid(-1, os.WNOHANG)
            if not child:
                break
            self._children.discard(child)

    def _is_needed(self) -> bool:
        now = time.monotonic()
        if self._children or self._holders:
            self._busy_until = now + self._linger
        return now < self._busy_until

    def _settle(self) -> None:
        """Take what is loaded out of the collector's sight: its marks copy pages."""
        self._app.settle()
        gc.collect()
        gc.freeze()
        linux.use_huge_pages()
        threads = len(os.listdir("/proc/self/task"))
        if threads > 1:
            print(f"template: {threads} threads, wanted 1", file=sys.stderr)  # noqa: T201


def _load(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception as error:  # a kernel that needs it will say so, and others can run
        text = f"template: {name} is not loaded: {type(error).__name__}: {error}"
        print(text, file=sys.stderr)  # noqa: T201


def main() -> None:
    """Serve on descriptor 3 with the settings of the command line."""
    os.chdir("/")  # the folder that it was started in may be removed
    config = json.loads(sys.argv[1])
    sys.argv = ["ipykernel_launcher.py"]
    listener = socket.socket(fileno=LISTENER)
    os.set_inheritable(LISTENER, False)
    Template(listener, **config).serve()
