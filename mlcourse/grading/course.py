"""A course folder as nbgrader sees it: its configuration, folders and gradebook."""

import difflib
import glob
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from nbgrader.api import Gradebook  # type: ignore[import-untyped]
from nbgrader.apps import AutogradeApp  # type: ignore[import-untyped]
from nbgrader.coursedir import CourseDirectory  # type: ignore[import-untyped]
from nbgrader.utils import parse_utc  # type: ignore[import-untyped]
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Application, Config

from mlcourse.errors import CourseNotFoundError, MlcourseError

__all__ = ["AssignmentNotFoundError", "Course", "GradebookError"]

CONFIG_FILE = "nbgrader_config.py"
STATE = ".mlcourse-grading"
_TIMESTAMP_BYTES = 1024


class AssignmentNotFoundError(MlcourseError):
    """The course has no such assignment, or it was never generated."""


class GradebookError(MlcourseError):
    """The gradebook cannot be read."""


@dataclass(frozen=True, slots=True)
class Course:
    """An nbgrader course: what `nbgrader autograde` would find in the same folder.

    Nothing here changes the working folder or the environment.

    Args:
        config: From Jupyter's configuration path, then the course's own
            ``nbgrader_config.py``, as nbgrader merges them.
        coursedir: nbgrader's own view of the folders.
        db_url: Of the gradebook; a relative SQLite path counts from the course folder.
    """

    config: Config
    coursedir: CourseDirectory
    db_url: str

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the course in a folder.

        Args:
            folder: Where ``nbgrader autograde`` would be run.

        Raises:
            CourseNotFoundError: If there is no course, or its configuration has an
                error; nbgrader would go on without the configuration.
        """
        folder = Path(folder).absolute()
        if not folder.is_dir():
            raise CourseNotFoundError(f"{folder} is not a folder. Pass --course DIR.")
        config = _configuration(folder)
        # Other paths of a configuration are relative to the root; the root itself
        # is relative to the file that names it.
        config.CourseDirectory.root = os.path.normpath(
            folder / config.CourseDirectory.get("root", folder)
        )
        coursedir = CourseDirectory(config=config)
        url = make_url(coursedir.db_url)
        if url.drivername.startswith("sqlite") and url.database:
            url = url.set(database=os.path.join(coursedir.root, url.database))  # noqa: PTH118
        course = cls(config, coursedir, url.render_as_string(hide_password=False))
        source = Path(coursedir.root, coursedir.source_directory)
        if not ((folder / CONFIG_FILE).is_file() or source.is_dir() or course._exists):
            raise CourseNotFoundError(
                f"{folder} holds no nbgrader course: no {CONFIG_FILE}, no "
                f"{coursedir.source_directory} folder, no gradebook. Pass --course DIR."
            )
        coursedir.db_url = course.db_url
        return course

    @property
    def root(self) -> Path:
        """The course folder."""
        return Path(self.coursedir.root)

    def source(self, assignment: str) -> Path:
        """Return the folder of the master copy."""
        return self._folder(self.coursedir.source_directory, ".", assignment)

    def submitted(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission."""
        return self._folder(self.coursedir.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """Return the folder of a graded submission."""
        return self._folder(self.coursedir.autograded_directory, student, assignment)

    def feedback(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission's feedback."""
        return self._folder(self.coursedir.feedback_directory, student, assignment)

    @property
    def state(self) -> Path:
        """The folder of our own records, one folder an assignment in it."""
        return self.root / STATE

    def submissions(self, assignment: str) -> list[str]:
        """Return the ids of the students who handed in, in order.

        nbgrader's ``CourseDirectory.student_id`` and ``student_id_exclude`` count.
        """
        # A name cannot hold a null character, so it marks where the student stands.
        structure = self.coursedir.directory_structure
        before, _, after = structure.format(
            nbgrader_step=self.coursedir.submitted_directory,
            student_id="\0",
            assignment_id=assignment,
        ).partition("\0")
        pattern = glob.escape(before) + self.coursedir.student_id + glob.escape(after)
        excluded = self.coursedir.student_id_exclude.split(",")
        found = {
            path[len(before) : len(path) - len(after)]
            for path in glob.glob(pattern, root_dir=self.root)  # noqa: PTH207
            if (self.root / path).is_dir()
        }
        return sorted(found.difference(excluded))

    def is_done(self, student: str, assignment: str) -> bool:
        """Tell whether nbgrader would skip the submission: graded, and not newer."""
        done = self.autograded(student, assignment)
        if not done.exists():
            return False
        new = self.timestamp(self.submitted(student, assignment))
        old = self.timestamp(done)
        return new is None or old is None or new <= old

    def timestamp(self, folder: Path) -> datetime | None:
        """Return the time in a folder's ``timestamp.txt``: UTC, without a zone.

        None if there is no such file, or no time in it. No link is followed.
        """
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            number = os.open(folder / "timestamp.txt", flags)
            with os.fdopen(number, "rb") as file:
                text = file.read(_TIMESTAMP_BYTES).decode()
            # dateutil reads "" as today.
            parsed: datetime | None = parse_utc(text.strip()) if text.strip() else None
        except Exception:  # dateutil, given a stranger's text
            return None
        return parsed

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open the gradebook, and close it after the block.

        Raises:
            GradebookError: If it is not there; nbgrader would make an empty one.
        """
        if not self._exists:
            raise GradebookError(
                f"No gradebook at {self._shown}. "
                "Run `nbgrader generate_assignment` in the course folder."
            )
        try:
            gradebook = Gradebook(self.db_url, self.coursedir.course_id)
        except SQLAlchemyError as error:
            raise GradebookError(
                f"The gradebook at {self._shown} cannot be read: {error} "
                "Back it up, then run `nbgrader db upgrade` in the course folder."
            ) from error
        with gradebook:
            yield gradebook

    def check(self, assignment: str) -> None:
        """Raise AssignmentNotFoundError unless the assignment can be graded."""
        with self.gradebook() as gradebook:
            known = {one.name: len(one.notebooks) for one in gradebook.assignments}
        if known.get(assignment):
            return
        if assignment in known or self.source(assignment).is_dir():
            raise AssignmentNotFoundError(
                f"Assignment {assignment!r} is not in the gradebook. "
                f"Run `nbgrader generate_assignment {assignment}` in {self.root}."
            )
        close = difflib.get_close_matches(assignment, known, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"It has: {sorted(known)}."
        raise AssignmentNotFoundError(
            f"The course has no assignment {assignment!r}. {hint}"
        )

    def _folder(self, step: str, student: str, assignment: str) -> Path:
        return Path(self.coursedir.format_path(step, student, assignment))

    @property
    def _shown(self) -> str:
        return make_url(self.db_url).render_as_string()

    @property
    def _exists(self) -> bool:
        url = make_url(self.db_url)
        if (
            url.drivername.startswith("sqlite")
            and not Path(url.database or "").exists()
        ):
            return False  # a look would make the file
        engine = create_engine(url)
        try:
            return inspect(engine).has_table("assignment")
        except SQLAlchemyError as error:
            raise GradebookError(
                f"The gradebook at {self._shown} cannot be read: {error}"
            ) from error
        finally:
            engine.dispose()


def _configuration(folder: Path) -> Config:
    """Return the configuration that `nbgrader autograde` has in a folder."""
    # The application itself sets sys.path and logging; its loading of files does not.
    app: Any = AutogradeApp(log=logging.getLogger("nbgrader"))
    app.raise_config_file_errors = True
    try:
        super(AutogradeApp.__mro__[1], app).load_config_file(suppress_errors=False)
        app.config.CourseDirectory.pop("root", None)  # that of another course
        Application.load_config_file(app, CONFIG_FILE, path=str(folder))
    except Exception as error:
        raise CourseNotFoundError(
            f"The configuration of {folder} has an error: {error!r}. "
            f"Correct {CONFIG_FILE} there or in Jupyter's configuration folders."
        ) from error
    config: Config = app.config
    return config
