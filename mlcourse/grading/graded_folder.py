"""The folder of a graded submission, put in place as a whole."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from mlcourse.grading.course import Course

__all__ = ["GradedFolder"]


class GradedFolder:
    """One folder of nbgrader's ``autograded`` tree, made beside the one that is there.

    Args:
        course: The course.
        student: nbgrader's student id.
        assignment: nbgrader's name of it.
        permissions: Of files.
    """

    def __init__(
        self, course: Course, student: str, assignment: str, *, permissions: int
    ) -> None:
        self._course = course
        self._permissions = permissions
        self.place = course.autograded(student, assignment)
        # No pattern of nbgrader finds these names.
        self.new = self.place.with_name(f".{self.place.name}.new")
        self._old = self.place.with_name(f".{self.place.name}.old")

    def unpack(self, files: Mapping[str, bytes]) -> None:
        """Begin the new folder with the files beside the notebooks.

        Raises:
            ValueError: If a file would stand elsewhere.
            OSError: If it cannot be written.
        """
        shutil.rmtree(self.new, ignore_errors=True)
        self.new.mkdir(parents=True)
        for name, data in files.items():
            path = self.new / name
            if not path.resolve().is_relative_to(self.new.resolve()):
                raise ValueError(f"{name!r} leads out of the submission.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def save(self, notebooks: Mapping[str, NotebookNode]) -> None:
        """Add the notebooks, set nbgrader's permissions, and have the disk keep it all.

        Raises:
            OSError: If it cannot be written.
        """
        for name, content in notebooks.items():
            text: str = nbformat.writes(content, version=4)  # type: ignore[no-untyped-call]
            path = self.new / f"{name}.ipynb"
            path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
        is_shared = self._course.coursedir.groupshared
        for inner, _, files in os.walk(self.new):
            for file in files:
                Path(inner, file).chmod(self._permissions)
                _keep(Path(inner, file))
            if is_shared:
                _share(Path(inner))
            _keep(Path(inner))
        if is_shared:
            with contextlib.suppress(PermissionError):
                _share(self._course.autograded(".", "."))

    def set_aside(self) -> None:
        """Take the folder that is there away."""
        shutil.rmtree(self._old, ignore_errors=True)
        if self.place.exists():
            self.place.rename(self._old)

    def put_back(self) -> None:
        """Take back what :meth:`set_aside` did."""
        if self._old.exists() and not self.place.exists():
            self._old.rename(self.place)

    def settle(self) -> None:
        """Put the new folder into its place."""
        self.new.rename(self.place)
        _keep(self.place.parent)
        shutil.rmtree(self._old, ignore_errors=True)

    def discard(self) -> None:
        """Remove the new folder."""
        shutil.rmtree(self.new, ignore_errors=True)


def _keep(path: Path) -> None:
    """Have a file or a folder's names outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _share(folder: Path) -> None:
    mode = folder.stat().st_mode
    folder.chmod((mode | 0o2770) & 0o2777)
