"""A control group for one kernel: limits that hold for all its processes together."""

import os
from dataclasses import dataclass
from pathlib import Path

from mlcourse.kernels.limits import Limits

__all__ = ["ControlGroup", "Usage"]

_MOUNT = Path("/sys/fs/cgroup")
_OWN = "mlcourse"
_CONTROLLERS = ("memory", "pids", "cpuacct")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a kernel and its processes used.

    Args:
        cpu_seconds: CPU time.
        peak_mib: The most memory at one moment, in MiB.
        out_of_memory: Whether the system ended a process for it.
    """

    cpu_seconds: float
    peak_mib: int
    out_of_memory: bool


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """A group in each hierarchy that is needed, of version 1 or 2.

    Args:
        folders: The folder of each controller; one folder for all in version 2.
    """

    folders: dict[str, Path]

    @classmethod
    def create(cls, name: str, limits: Limits) -> "ControlGroup | None":
        """Make a group, or return None where this user may not.

        Args:
            name: A name that no other group has.
            limits: Memory and processes.
        """
        unified = (_MOUNT / "cgroup.controllers").is_file()
        memory = str(limits.memory_mib << 20)
        folders: dict[str, Path] = {}
        group = cls(folders)
        try:
            if unified:
                top = _MOUNT / _OWN
                for parent in (_MOUNT, top):
                    parent.mkdir(exist_ok=True)
                    (parent / "cgroup.subtree_control").write_text("+memory +pids +cpu")
                folders["unified"] = top / name
                folders["unified"].mkdir()
                group._set("unified", "memory.max", memory)
                group._set("unified", "memory.swap.max", "0", required=False)
                group._set("unified", "pids.max", str(limits.processes))
                return group
            for controller in _CONTROLLERS:
                folder = _MOUNT / controller / _OWN / name
                folder.mkdir(parents=True)
                folders[controller] = folder
            group._set("memory", "memory.limit_in_bytes", memory)
            group._set("memory", "memory.memsw.limit_in_bytes", memory, required=False)
            group._set("pids", "pids.max", str(limits.processes))
        except OSError:
            group.remove()
            return None
        return group

    @classmethod
    def available(cls) -> bool:
        """Return whether this user may make groups here, by making one."""
        group = cls.create(f"trial-{os.getpid()}", Limits())
        return group is not None and group.remove()

    @staticmethod
    def every() -> list[Path]:
        """Return the folders of all groups that were made here."""
        tops = (_MOUNT, *(_MOUNT / name for name in _CONTROLLERS))
        return [group for top in tops for group in (top / _OWN).glob("k*/")]

    def attach(self, process: int) -> None:
        """Put a process into the group; what it starts later follows it.

        Raises:
            OSError: If the process is gone.
        """
        for folder in self.folders.values():
            (folder / "cgroup.procs").write_text(str(process))

    def cpu_seconds(self) -> float:
        """Return the CPU time so far, in seconds."""
        if folder := self.folders.get("unified"):
            return _field(folder / "cpu.stat", "usage_usec") / 1e6
        return int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9

    def usage(self) -> Usage:
        """Return what was used."""
        if folder := self.folders.get("unified"):
            killed = _field(folder / "memory.events", "oom_kill")
            peak = _number(folder / "memory.peak")
        else:
            folder = self.folders["memory"]
            killed = _field(folder / "memory.oom_control", "oom_kill")
            peak = _number(folder / "memory.max_usage_in_bytes")
        return Usage(self.cpu_seconds(), peak >> 20, killed > 0)

    def remove(self) -> bool:
        """Remove the group; False while a process is still ending in it."""
        done = True
        for folder in self.folders.values():
            try:
                os.rmdir(folder)
            except FileNotFoundError:
                pass
            except OSError:
                done = False
        return done

    def _set(self, where: str, file: str, value: str, *, required: bool = True) -> None:
        try:
            (self.folders[where] / file).write_text(value)
        except OSError:
            if required:
                raise


def _number(file: Path) -> int:
    try:
        return int(file.read_text())
    except OSError:  # memory.peak is younger than version 2 itself
        return 0


def _field(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
