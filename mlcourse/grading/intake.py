"""A submission's folder, read as what a stranger sent: no link is followed."""

import fnmatch
import functools
import os
import stat
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from mlcourse.grading.job import Flag

__all__ = ["Submission", "read_folder", "shadowed"]

NOTEBOOK = ".ipynb"
MOST_FILES = 10_000
MOST_LEVELS = 32
NOTEBOOK_BYTES = 64 << 20
CODE = (".py", ".pyc", ".pyd", ".so")
# What some wheels install by mistake, and students call their own files.
COMMON = {"docs", "examples", "helpers", "public", "requirements", "test", "tests"}


@dataclass(slots=True)
class Submission:
    """What a folder holds.

    Args:
        notebooks: Content of the notebooks at the top by name, without ``.ipynb``.
        broken: Why a notebook at the top was not read, by name.
        files: Content of the other files by relative path.
        flags: What was left out, and why.
    """

    notebooks: dict[str, bytes] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)


def read_folder(
    folder: Path, *, ignore: Sequence[str], file_bytes: int, total_bytes: int
) -> Submission:
    """Read a submission.

    Only regular files are opened. What is left out is flagged, or named in ``broken``
    if it is a notebook at the top.

    Args:
        folder: The submission's.
        ignore: Patterns of names of files and folders to pass over, as in
            ``c.CourseDirectory.ignore``.
        file_bytes: The most of one file.
        total_bytes: The most of all files but the notebooks.

    Raises:
        ValueError: If the folder is a link, cannot be listed, or holds too many files.
    """
    if folder.is_symlink():
        raise ValueError(f"{folder} is a symbolic link; put the files in its place.")
    found = Submission()
    for name, path in _walk(folder, ignore, found):
        is_notebook = name.endswith(NOTEBOOK)
        if is_notebook and "/" in name:
            continue  # nbgrader grades only those at the top, and copies no other
        try:
            name.encode()
            most = NOTEBOOK_BYTES if is_notebook else min(file_bytes, total_bytes)
            data = _read(path, most)
        except UnicodeEncodeError:
            _leave_out(found, os.fsencode(name).decode(errors="replace"), "odd-name")
        except _LeftOutError as error:
            _leave_out(found, name, *error.args)
        except OSError as error:
            _leave_out(found, name, "unreadable", error.strerror or "")
        else:
            if is_notebook:
                found.notebooks[name.removesuffix(NOTEBOOK)] = data
            else:
                found.files[name] = data
                total_bytes -= len(data)
    return found


def shadowed(names: Collection[str]) -> Iterator[Flag]:
    """Yield a flag for each module of Python or of a package that a file hides.

    Args:
        names: Relative paths of the files that the student brought.

    Example:
        >>> [flag.message for flag in shadowed(["numpy.py", "data/json/a.csv"])]
        ["'numpy.py' has the name of a module that the tests may import."]
    """
    seen: set[str] = set()
    for name in names:
        top = name.partition("/")[0].partition(".")[0]
        if name.endswith(CODE) and top in _modules() - seen:
            seen.add(top)
            message = f"{name!r} has the name of a module that the tests may import."
            yield Flag("shadows-module", message)


@functools.cache
def _modules() -> frozenset[str]:
    installed = set(metadata.packages_distributions()) - COMMON
    customs = {"mlcourse", "sitecustomize", "usercustomize"}
    return frozenset(installed | customs | sys.stdlib_module_names)


class _LeftOutError(Exception):
    """A file is not read: a kind of flag, and why."""


def _leave_out(found: Submission, name: str, kind: str, reason: str = "") -> None:
    reason = reason or "its name is not UTF-8"
    if name.endswith(NOTEBOOK) and "/" not in name:
        found.broken[name.removesuffix(NOTEBOOK)] = reason
    else:
        found.flags.append(Flag(kind, f"{name!r} was left out: {reason}."))


def _walk(
    folder: Path, ignore: Sequence[str], found: Submission
) -> Iterator[tuple[str, Path]]:
    """Yield relative name and path of what is not a folder, in order."""
    waiting = [("", folder)]
    seen = 0
    while waiting:
        prefix, place = waiting.pop()
        try:
            with os.scandir(place) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                raise ValueError(f"{place}: {error.strerror}.") from error
            _leave_out(found, prefix, "unreadable", error.strerror or "")
            continue
        seen += len(listed)
        if seen > MOST_FILES:
            raise ValueError(f"It holds more than {MOST_FILES} files.")
        for entry in listed:
            name = prefix + entry.name
            if _is_ignored(entry.name, ignore):
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield name, Path(entry.path)
            elif name.endswith(NOTEBOOK) and not prefix:
                _leave_out(found, name, "unreadable", "it is a folder")
            elif name.count("/") >= MOST_LEVELS:
                _leave_out(found, name, "too-deep", "it lies too many folders deep")
            else:
                waiting.append((f"{name}/", Path(entry.path)))


def _is_ignored(name: str, ignore: Sequence[str]) -> bool:
    """Tell what nbgrader's ``is_ignored`` tells: a `*` does not match a first dot."""
    return any(
        fnmatch.fnmatchcase(name, pattern)
        for pattern in ignore
        if pattern.startswith(".") or not name.startswith(".")
    )


def _read(path: Path, most: int) -> bytes:
    """Return a regular file's content, or raise _LeftOutError."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise _LeftOutError("link", "it is a symbolic link, which is not followed")
    if not stat.S_ISREG(mode):
        raise _LeftOutError("special-file", "it is not a regular file")
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        limit = f"{most / 1e6:.3g} MB"
        raise _LeftOutError("too-large", f"with it the limit of {limit} is passed")
    return data
