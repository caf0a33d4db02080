"""What owners that were killed leave: folders of sockets and control groups.

Their names tell whose they are, so the next kernel's owner can sweep them away.
"""

import contextlib
import os
import re
import shutil
from pathlib import Path

from mlcourse.kernels.cgroup import ControlGroup

__all__ = ["is_abandoned", "prefix", "sweep"]


def prefix() -> str:
    """Return how names of this process begin: its process namespace and its number."""
    namespace = os.stat("/proc/self/ns/pid").st_ino
    return f"k{namespace:x}-{os.getpid()}-"


def is_abandoned(name: str) -> bool:
    """Return whether the process that gave this name has ended.

    Example:
        >>> is_abandoned("passwd"), is_abandoned("k1-2-abc")  # of another namespace
        (False, False)
    """
    parts = re.fullmatch(r"k([0-9a-f]+)-(\d+)-\w+", name)
    return (
        parts is not None
        and prefix().startswith(f"k{parts[1]}-")
        and not Path(f"/proc/{parts[2]}").exists()
    )


def sweep(folder: Path) -> None:
    """Remove what abandoned kernels left.

    Args:
        folder: Where folders of sockets stand.
    """
    for place in folder.iterdir():
        if is_abandoned(place.name):
            shutil.rmtree(place, ignore_errors=True)
    for group in ControlGroup.every():
        if is_abandoned(group.name):
            with contextlib.suppress(OSError):
                group.rmdir()
