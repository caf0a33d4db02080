"""A filter on system calls, for code that nobody has read.

What a data science notebook never needs and attacks on a kernel do: other namespaces
and mounts, keys, BPF, io_uring, looking into other processes, unusual sockets.
"""

import ctypes
import errno
import platform
import struct
from typing import NamedTuple

__all__ = ["Instruction", "install", "program"]

_X86_64, _AARCH64 = "x86_64", "aarch64"
_AUDIT_ARCH = {_X86_64: 0xC000003E, _AARCH64: 0xC00000B7}
# Number of each refused call: on x86-64, on arm64 (None where it does not exist).
_REFUSED: dict[str, tuple[int, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}
_CLONE = {_X86_64: 56, _AARCH64: 220}
_CLONE3 = 435
_SOCKET = {_X86_64: 41, _AARCH64: 198}
_NEW_NAMESPACES = 0x7E020000
# Unix, IPv4, IPv6, and netlink for the list of addresses: not vsock, packet, alg, ...
_FAMILIES = (1, 2, 10, 16)
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000


class Instruction(NamedTuple):
    """One instruction of classic BPF: code, two jumps, and a constant."""

    code: int
    yes: int
    no: int
    value: int


def program(machine: str) -> list[Instruction]:
    """Return the filter for a machine, as instructions.

    Args:
        machine: ``x86_64`` or ``aarch64``.

    Raises:
        ValueError: If there is no filter for that machine.

    Source:
        Linux, Documentation/userspace-api/seccomp_filter.rst.

    Example:
        >>> program("aarch64")[0]
        Instruction(code=32, yes=0, no=0, value=4)
    """
    if machine not in _AUDIT_ARCH:
        known = ", ".join(_AUDIT_ARCH)
        raise ValueError(f"machine == {machine!r}, must be one of {known}.")
    place = list(_AUDIT_ARCH).index(machine)
    refused = sorted(n for v in _REFUSED.values() if (n := v[place]) is not None)
    no_permission = _ERROR | errno.EPERM
    lines = [
        Instruction(_LOAD, 0, 0, _ARCH),
        Instruction(_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        Instruction(_RETURN, 0, 0, _KILL),
        Instruction(_LOAD, 0, 0, _NUMBER),
    ]

    def when(value: int, answer: int, code: int = _EQUAL) -> None:
        lines.append(Instruction(code, 0, 1, value))
        lines.append(Instruction(_RETURN, 0, 0, answer))

    if machine == _X86_64:
        when(_X32, no_permission, _AT_LEAST)
    for number in refused:
        when(number, no_permission)
    # glibc falls back from clone3, whose flags a filter cannot see, to clone.
    when(_CLONE3, _ERROR | errno.ENOSYS)
    lines += [
        Instruction(_EQUAL, 0, 4, _CLONE[machine]),
        Instruction(_LOAD, 0, 0, _FIRST_ARGUMENT),
        Instruction(_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        Instruction(_RETURN, 0, 0, no_permission),
        Instruction(_RETURN, 0, 0, _ALLOW),
        Instruction(_EQUAL, 0, 2 + len(_FAMILIES), _SOCKET[machine]),
        Instruction(_LOAD, 0, 0, _FIRST_ARGUMENT),
    ]
    for left, family in zip(range(len(_FAMILIES), 0, -1), _FAMILIES, strict=True):
        lines.append(Instruction(_EQUAL, left, 0, family))
    lines += [
        Instruction(_RETURN, 0, 0, _ERROR | errno.EAFNOSUPPORT),
        Instruction(_RETURN, 0, 0, _ALLOW),
    ]
    return lines


def install() -> bool:
    """Put this process and its children under the filter, for good.

    Returns:
        False on a machine without a filter; the caller records it.

    Raises:
        OSError: If the system refuses.
    """
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        return False
    lines = program(machine)
    code = b"".join(struct.pack("HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    wanted = Filter(len(lines), ctypes.addressof(buffer))
    if libc.prctl(22, ctypes.c_ulong(2), ctypes.byref(wanted), 0, 0) < 0:
        number = ctypes.get_errno()
        raise OSError(number, "the filter on system calls was refused")
    return True
