"""The few system calls of Linux that Python does not offer."""

import ctypes
import fcntl
import os
import socket
import struct
from ctypes import c_ulong, c_void_p

__all__ = [
    "bind",
    "die_with_parent",
    "drop_capabilities",
    "forbid_new_privileges",
    "make_read_only",
    "mount",
    "mount_private",
    "set_dumpable",
    "switch_loopback_on",
    "unshare",
    "use_huge_pages",
]

CLONE = {
    "mount": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
NOSUID, NODEV, NOEXEC = 2, 4, 8
_BIND, _REC, _PRIVATE = 4096, 16384, 1 << 18
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_SETATTR = 442  # the same number on every architecture
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_HUGE, _MADV_HUGEPAGE, _MADV_COLLAPSE = 1 << 21, 14, 25
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP_RUNNING = 0x8913, 0x8914, 0x41


class _MountAttributes(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in ("set", "clear", "propagation", "userns")]


def unshare(*namespaces: str) -> None:
    """Move this process, or for ``pid`` its children, into new namespaces.

    Args:
        namespaces: Keys of ``CLONE``.

    Raises:
        OSError: If the system refuses.
    """
    _call("unshare", sum(CLONE[name] for name in namespaces))


def mount(
    kind: str, target: str, *, flags: int = NOSUID | NODEV, data: str = ""
) -> None:
    """Mount a file system of a kind, such as ``tmpfs``.

    Args:
        kind: Name of the file system.
        target: An existing folder.
        flags: Bits of mount(2).
        data: Options, such as ``size=64m``.

    Raises:
        OSError: If the system refuses.
    """
    name = kind.encode()
    _call("mount", name, os.fsencode(target), name, c_ulong(flags), data.encode())


def bind(source: str, target: str) -> None:
    """Make a folder appear in a second place.

    Raises:
        OSError: If the system refuses.
    """
    _call("mount", os.fsencode(source), os.fsencode(target), None, c_ulong(_BIND), None)


def mount_private() -> None:
    """Keep what is mounted here from the namespace that this one was copied from."""
    _call("mount", b"none", b"/", None, c_ulong(_REC | _PRIVATE), None)


def make_read_only(target: str, *, recursive: bool = False) -> None:
    """Forbid writing below a mount point, for every process of the namespace.

    Raises:
        OSError: If the system refuses.
    """
    attributes = _MountAttributes(_ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, 0, 0, 0)
    _call(
        "syscall",
        _MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        _AT_RECURSIVE if recursive else 0,
        ctypes.byref(attributes),
        ctypes.sizeof(attributes),
    )


def drop_capabilities() -> None:
    """Give up every capability, also for programs that are started later.

    Raises:
        OSError: If the system refuses.
    """
    libc = _libc()
    for capability in range(64):
        if libc.prctl(_PR_CAPBSET_DROP, c_ulong(capability), 0, 0, 0) < 0:
            break  # past the last one, or none may be dropped any more
    libc.prctl(_PR_CAP_AMBIENT, c_ulong(_PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", ctypes.create_string_buffer(header, 8), bytes(24))


def forbid_new_privileges() -> None:
    """Make set-user-id programs run without their owner's rights."""
    _call("prctl", _PR_SET_NO_NEW_PRIVS, c_ulong(1), 0, 0, 0)


def die_with_parent(signum: int) -> None:
    """Ask for a signal when the parent ends; a change of user id forgets it."""
    _call("prctl", _PR_SET_PDEATHSIG, c_ulong(signum), 0, 0, 0)


def set_dumpable(yes: bool) -> None:
    """Say whether /proc/self belongs to this user; a dropped privilege clears it."""
    _call("prctl", _PR_SET_DUMPABLE, c_ulong(int(yes)), 0, 0, 0)


def use_huge_pages() -> None:
    """Gather this process's own memory into pages of 2 MiB, where the system can.

    A fork copies an entry for each page, and its end gives each back: with 400 MiB of
    small pages both cost more than all else that a kernel needs.

    Source: madvise(2), MADV_COLLAPSE, Linux 6.1. An older one refuses, and nothing
    else changes.
    """
    libc = _libc()
    with open("/proc/self/maps") as maps:  # noqa: PTH123 - what is read changes it
        lines = [line.split() for line in maps]
    for span, mode, _, _, _, *name in lines:
        if mode != "rw-p" or name not in ([], ["[heap]"]):
            continue
        start, end = (int(part, 16) for part in span.split("-"))
        start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        for advice in (_MADV_HUGEPAGE, _MADV_COLLAPSE) if start < end else ():
            libc.madvise(c_void_p(start), c_ulong(end - start), advice)


def switch_loopback_on() -> None:
    """Bring 127.0.0.1 up in a new network namespace.

    Raises:
        OSError: If the system refuses.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(probe, _SIOCGIFFLAGS, request))[1]
        request = struct.pack("16sH14x", b"lo", flags | _IFF_UP_RUNNING)
        fcntl.ioctl(probe, _SIOCSIFFLAGS, request)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result = int(getattr(_libc(), name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments[:3]}: {os.strerror(number)}")
    return result
