"""nbgrader's gradebook, open for one writer, with a transaction a submission."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from mlcourse.grading.course import STATE, Course, GradebookError

__all__ = ["explain", "open_to_write"]

BUSY = 60  # seconds to wait for another program that writes, such as formgrader


@contextlib.contextmanager
def open_to_write(course: Course) -> Iterator[Any]:
    """Open the gradebook as the only grader of this course.

    Yields:
        nbgrader's Gradebook. Its session's ``commit`` only shows a change to later
        queries; ``finish`` commits.

    Raises:
        GradebookError: If another grader is at work, or the gradebook does not open.
    """
    lock = FileLock(course.root / STATE / "writer.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise GradebookError(
            f"Another grader is at work in {course.root}. Wait for its end."
        ) from None
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite":
        url = url.update_query_dict({"timeout": str(BUSY)})
    patient = replace(course, db_url=url.render_as_string(hide_password=False))
    try:
        with patient.gradebook() as gradebook:
            gradebook.db = scoped_session(
                sessionmaker(class_=_Session, bind=gradebook.engine, autoflush=True)
            )
            yield gradebook
    finally:
        lock.release()


def explain(error: DatabaseError, course: Course) -> GradebookError:
    """Return an error that says what a failure of the database means."""
    advice = (
        "If nbgrader was upgraded: back it up, then run `nbgrader db upgrade`."
        if isinstance(error, OperationalError) and "no such column" in str(error)
        else "Nothing of this submission was written; start again once it is mended."
    )
    return GradebookError(
        f"The gradebook of {course.root} fails: {error.orig}. {advice}"
    )


class _Session(Session):
    """nbgrader commits after every row: here that only shows it to later queries."""

    def commit(self) -> None:
        self.flush()
        self.expire_all()

    def finish(self) -> None:
        """Commit."""
        super().commit()
