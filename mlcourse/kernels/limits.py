"""What one kernel may use."""

import resource
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Limits"]

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sandboxed kernel and all that it starts may use together.

    Args:
        memory_mib: Memory in MiB beyond what the template loaded; of each process,
            where there are no control groups.
        processes: Processes and threads.
        cpu_seconds: CPU time, 0 for no limit.
        wall_seconds: Time from start to end, 0 for no limit.
        scratch_mib: Size of /tmp, of /dev/shm and of the work folder, each, in MiB.
        file_mib: Size of one file, in MiB.
        open_files: Open files of one process.
        output_mib: What the reader of outputs takes, in MiB, before it ends the kernel.

    Example:
        >>> Limits(processes=64).as_json()["processes"]
        64
    """

    memory_mib: int = 2048
    processes: int = 256
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    scratch_mib: int = 256
    file_mib: int = 256
    open_files: int = 1024
    output_mib: int = 10

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            least = 0 if name.endswith("seconds") else 1
            if value < least:
                raise ValueError(f"{name} == {value!r}, must be >= {least}.")

    def as_json(self) -> dict[str, Any]:
        """Return the limits for a message to the template."""
        return asdict(self)

    def apply(self) -> None:
        """Set the limits that hold for each process by itself, from now on.

        RLIMIT_DATA stands a little below the control group's limit, so that too large
        an array is an ordinary MemoryError and the notebook goes on. What the template
        loaded is not the kernel's.
        """
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        loaded = pages * resource.getpagesize()
        for name, value in (
            ("CORE", 0),
            ("FSIZE", self.file_mib * _MIB),
            ("NOFILE", self.open_files),
            ("NPROC", self.processes),
            ("DATA", loaded + self.memory_mib * _MIB * 15 // 16),
        ):
            kind = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))
