"""Files that a notebook made behind walls, brought out as what a stranger sends."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mlcourse.grading.job import Flag

__all__ = ["read_products"]

MOST_FILES = 1_000
MOST_BYTES = 64 << 20
MOST_LEVELS = 16
# nbgrader reads the first; the others are Python's and Jupyter's.
_NOT = ("timestamp.txt", "__pycache__")
_NOT_ENDS = (".ipynb", ".pyc")
# A folder may have become a link, a file a pipe that nobody writes to.
_CAREFUL = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_products(folder: int, files: dict[str, bytes], *, known: Path) -> list[Flag]:
    """Read new plain files of a folder, but no notebooks, links and hidden files.

    Nothing is opened by a path of more than one name, so it is safe while somebody
    still changes the folder.

    Args:
        folder: An open folder.
        files: Gets the contents by relative path.
        known: What stands in this folder is not new.

    Returns:
        A flag if files were left out because there were too many, or too large.
    """
    left = MOST_BYTES
    for name, file in _walk(folder):
        if os.path.lexists(known / name):
            continue
        data = _read(file, left + 1)
        left -= len(data)
        if left < 0 or len(files) >= MOST_FILES:
            text = (
                f"The notebook made more than {MOST_FILES:,} files or "
                f"{MOST_BYTES >> 20} MiB; not all were kept."
            )
            return [Flag("too-large", text)]
        files[name] = data
    return []


def _walk(folder: int, prefix: str = "", level: int = 0) -> Iterator[tuple[str, int]]:
    """Yield relative paths and open files, which are closed afterwards."""
    if level > MOST_LEVELS:
        return
    for name in sorted(os.listdir(folder)):
        if name.startswith(".") or name in _NOT or name.endswith(_NOT_ENDS):
            continue
        try:
            name.encode()
            file = os.open(name, _CAREFUL, dir_fd=folder)
        except (OSError, UnicodeEncodeError):
            continue
        try:
            mode = os.fstat(file).st_mode
            if stat.S_ISDIR(mode):
                yield from _walk(file, f"{prefix}{name}/", level + 1)
            elif stat.S_ISREG(mode):
                yield prefix + name, file
        finally:
            os.close(file)


def _read(file: int, most: int) -> bytes:
    parts = []
    while most > 0 and (part := os.read(file, min(most, 1 << 20))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)
