"""A course's own functions around the grading of each submission."""

import contextlib
from collections.abc import Iterator

from nbgrader.converters import Autograde  # type: ignore[import-untyped]
from nbgrader.coursedir import CourseDirectory  # type: ignore[import-untyped]

from mlcourse.grading.course import Course

__all__ = ["Hooks"]


class Hooks:
    """``c.Autograde.pre_convert_hook`` and ``post_convert_hook`` of nbgrader.

    They run in the grader's process and in the course folder, one at a time; what they
    raise is logged, and grading goes on, as in nbgrader. ``student`` is the id, where
    nbgrader passes what its command line was given, often ``*``. A grader that is
    killed calls the first again when it goes on, and may leave out the second.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self._course = course
        self._coursedir = CourseDirectory(
            config=course.config, db_url=course.db_url, assignment_id=assignment
        )
        self._converter = Autograde(coursedir=self._coursedir, config=course.config)

    def before(self, student: str) -> None:
        """Call the first, which may change the submission's files."""
        if self._converter.pre_convert_hook:
            with self._at_work_on(student):
                self._converter.run_pre_convert_hook()

    def after(self, student: str) -> None:
        """Call the second, once the grades are in the gradebook."""
        if self._converter.post_convert_hook:
            with self._at_work_on(student):
                self._converter.run_post_convert_hook()

    @contextlib.contextmanager
    def _at_work_on(self, student: str) -> Iterator[None]:
        assignment = self._coursedir.assignment_id
        submitted = self._course.submitted(student, assignment)
        self._coursedir.student_id = student
        self._converter.notebooks = sorted(map(str, submitted.glob("*.ipynb")))
        with contextlib.chdir(self._course.root):
            yield
