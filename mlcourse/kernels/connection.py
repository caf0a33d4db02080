"""The way to a template: find the one that fits, or start it."""

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import mlcourse
from mlcourse.kernels import bubblewrap, remains
from mlcourse.kernels.preload import THREADS

__all__ = ["TemplateProgram", "run_folder", "why_cold"]

_LISTENER = 3
# The folder that it is started in may hold a numpy.py of its own.
_PROGRAM = (
    "import sys; del sys.path[0]; from mlcourse.kernels import template as t; t.main()"
)
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV")
_NAMESPACES = ("net", "mnt", "pid", "user", "ipc")
# Templates that this process holds, by the path of their socket.
_held: dict[Path, socket.socket] = {}


def run_folder(*, walls: bool) -> Path:
    """Return a private folder for sockets, with a short path.

    Args:
        walls: Whether it is for kernels behind walls; those share another folder.

    Raises:
        PermissionError: If somebody else made a folder of that name.
    """
    base = os.environ.get("MLCOURSE_RUN_DIR") or f"/tmp/mlcourse-{os.getuid()}"  # noqa: S108
    for folder in (Path(base), Path(base) / ("w" if walls else "k")):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(
                f"{folder} belongs to user {found.st_uid} with mode "
                f"{found.st_mode & 0o777:o}; remove it, or set MLCOURSE_RUN_DIR to a "
                "folder of your own with mode 700."
            )
    return folder


def why_cold() -> str:
    """Return why there are no warm kernels here; empty if there are."""
    if sys.platform != "linux":
        return f"warm kernels need Linux, this is {sys.platform}"
    return "MLCOURSE_COLD is set" if os.environ.get("MLCOURSE_COLD") else ""


@dataclass(frozen=True, slots=True)
class TemplateProgram:
    """A template with its settings; the same settings find the same process.

    Args:
        walls: Whether it runs inside bubblewrap.
        eager: Whether it imports everything before its first kernel.
        linger: Seconds that it waits for another kernel when nobody holds it; every
            process that had a kernel of it holds it, until that process ends.
    """

    walls: bool = False
    eager: bool = False
    linger: float = 60.0

    def connect(self) -> socket.socket:
        """Return a connection to the template; one is started if none runs.

        Raises:
            OSError: If it cannot be started.
        """
        folder = run_folder(walls=self.walls)
        path = folder / f"t-{self._key()}"
        if _held.get(path) is None or (lease := _dial(path)) is None:
            with (folder / f"{path.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if (lease := _dial(path)) is None:
                    self._start(path)
                    lease = _dial(path)
            if lease is None:
                raise OSError(f"The template at {path} does not answer.")
            if (holder := _dial(path)) is not None:
                holder.send(b'{"hold": true}')
                _held[path] = holder
            remains.sweep(folder)
        return lease

    def _key(self) -> str:
        """Return what tells this template from others: program, code, namespaces."""
        here = Path(mlcourse.__file__).parent
        sites = [Path(place) for place in sys.path if place.endswith("site-packages")]
        parts = [
            sys.executable,
            sys.prefix,
            mlcourse.__version__,
            [self.walls, self.eager, self.linger],
            [place.stat().st_mtime_ns for place in (here / "kernels", *sites)],
            [os.environ.get(name, "") for name in ("PYTHONPATH", "TZ", "LANG")],
            [_namespace(name) for name in _NAMESPACES],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def _start(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        settings = json.dumps(asdict(self))
        # The debugger warns of modules that are frozen.
        program = [sys.executable, "-Xfrozen_modules=off", "-c", _PROGRAM, settings]
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env |= THREADS | {
            "DO_NOT_TRACK": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        if self.walls:
            program = bubblewrap.command(program, shared=path.parent)
            env |= {
                "HOME": "/tmp",
                "MPLCONFIGDIR": "/tmp",
                "IPYTHONDIR": "/tmp/ipython",
            }  # noqa: S108
        else:
            env["HOME"] = os.environ.get("HOME", "/")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(path))
            listener.listen(128)
            log = str(path.with_suffix(".log"))
            os.posix_spawnp(
                program[0],
                program,
                env,
                file_actions=[
                    *((os.POSIX_SPAWN_CLOSE, file) for file in _inheritable()),
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (
                        os.POSIX_SPAWN_OPEN,
                        1,
                        log,
                        os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                        0o600,
                    ),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                    (os.POSIX_SPAWN_DUP2, listener.fileno(), _LISTENER),
                ],
                setsid=True,
            )


def _dial(path: Path) -> socket.socket | None:
    lease = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        lease.connect(str(path))
    except OSError:
        lease.close()
        return None
    return lease


def _inheritable() -> list[int]:
    """Return what a new program would get: a worker's pipes, which would not end."""
    found = []
    for file in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):  # the folder itself is closed again
            if file > _LISTENER and os.get_inheritable(file):
                found.append(file)
    return found


def _namespace(name: str) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/self/ns/{name}")
    return ""
