"""The inner wall: namespaces of its own for each kernel, made after the fork."""

import os
import stat

from mlcourse.kernels import linux
from mlcourse.kernels.bubblewrap import HOME, USER_ID, WORK
from mlcourse.kernels.limits import Limits

__all__ = ["copy_work", "enclose", "furnish", "see_own", "seal", "spawn_init"]

_MOST_FILES = 5_000


def enclose() -> None:
    """Give this process new namespaces; it is still to be furnished.

    Processes get theirs with the next fork; the first child is its number 1.

    Raises:
        OSError: If the system refuses.
    """
    linux.unshare("user", "mount", "pid", "net", "ipc", "uts")
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{USER_ID} {USER_ID} 1"),
        ("gid_map", f"{USER_ID} {USER_ID} 1"),
    ):
        with open(f"/proc/self/{file}", "w") as control:  # noqa: PTH123 - written at once
            control.write(text)
    linux.mount_private()
    linux.switch_loopback_on()


def furnish(limits: Limits | None = None, *, sockets: str = "") -> None:
    """Put an empty scratch into an enclosure, and cover the other kernels.

    Args:
        limits: Sizes of the writable folders.
        sockets: The folder of this kernel's sockets; its neighbours are covered.

    Raises:
        OSError: If the system refuses.
    """
    limits = limits or Limits()
    own = os.open(sockets, os.O_PATH | os.O_DIRECTORY) if sockets else -1
    size = f"size={limits.scratch_mib}m,nr_inodes=65536"
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108
        linux.mount("tmpfs", folder, data=f"mode=1777,{size}")
    linux.make_read_only("/dev")
    linux.mount("tmpfs", HOME, data=f"mode=0755,{size}")
    os.mkdir(WORK)
    if sockets:
        around = os.path.dirname(sockets)
        os.makedirs(around, exist_ok=True)  # it may have stood in /tmp
        linux.mount("tmpfs", around, data="mode=0755,size=64k")
        os.mkdir(sockets, 0o700)
        linux.bind(f"/proc/self/fd/{own}", sockets)
        os.close(own)
        linux.make_read_only(around)


def see_own() -> None:
    """Show this process namespace, and no other, in /proc.

    Raises:
        OSError: If the system refuses.
    """
    linux.mount("proc", "/proc", flags=linux.NOSUID | linux.NODEV | linux.NOEXEC)


def seal(sockets: str) -> None:
    """Forbid changes in the folder of the sockets; they can still be connected to."""
    linux.make_read_only(sockets)


def spawn_init() -> int:
    """Start the first process of the new namespace: it sleeps, and reaps orphans.

    A process that ignores SIGCHLD has its children reaped by the system. It is spawned
    and not forked, because a fork of the template costs as much as the kernel's own.

    Returns:
        Its process id, seen from outside.
    """
    import signal

    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        return os.posix_spawn(
            "/usr/bin/setpriv",
            ["setpriv", "--pdeathsig", "KILL", "sleep", "infinity"],
            {"PATH": "/usr/bin:/bin"},
            file_actions=[(os.POSIX_SPAWN_CLOSE, fd) for fd in _open_files()],
        )
    finally:
        signal.signal(signal.SIGCHLD, before)


def copy_work(folder: int, *, most_bytes: int) -> None:
    """Copy plain files of a folder, given as a descriptor, into the work folder.

    Notebooks stay outside: nbgrader puts the hidden tests into the one that it runs.
    So do links, pipes and devices, which could lead anywhere.

    Args:
        folder: An open folder outside the walls.
        most_bytes: More than this is refused.

    Raises:
        OSError: If the folder is too large to copy.
    """
    total = count = 0
    for path, folders, files, here in os.fwalk(
        ".", dir_fd=folder, follow_symlinks=False
    ):
        target = os.path.normpath(f"{WORK}/{path}")
        os.makedirs(target, exist_ok=True)
        folders[:] = [name for name in folders if not name.startswith(".ipynb_")]
        for name in files:
            found = os.stat(name, dir_fd=here, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode) or name.endswith(".ipynb"):
                continue
            total, count = total + found.st_size, count + 1
            if total > most_bytes or count > _MOST_FILES:
                raise OSError(
                    f"The folder of the notebook holds more than {_MOST_FILES:,} files "
                    f"or {most_bytes >> 20} MiB; a sandbox copies it for each run."
                )
            _copy(name, here, f"{target}/{name}", found.st_mode)


def _copy(name: str, folder: int, target: str, mode: int) -> None:
    source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    copy = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 | mode & 0o100)
    try:
        while os.sendfile(copy, source, None, 1 << 24):
            pass
    finally:
        os.close(source)
        os.close(copy)


def _open_files() -> list[int]:
    return [fd for fd in map(int, os.listdir("/proc/self/fd")) if fd > 2]
