"""The gradebook of a large class: nbgrader's `db_url` may name a PostgreSQL database.

A server is started where one is installed: on a Unix socket, with no port.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import pytest
from grading.conftest import ASSIGNMENT, generate, hand_in
from grading.pretend import Inline, pretend

from mlcourse.grading.course import Course
from mlcourse.grading.run import grade

STUDENTS = ["ada", "bob", "cat"]


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
]


@pytest.fixture(scope="module")
def database():
    """The URL of an empty database."""
    where = programs()
    # PostgreSQL refuses to run as root, and a socket's path has 108 bytes.
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="mlpg", dir="/tmp"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(*words: str) -> None:
        done = subprocess.run(
            words,
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    data, options = folder / "data", f"-c listen_addresses='' -k {folder}"
    run(f"{where}/initdb", "-D", f"{data}", "-U", "grader", "-A", "trust", "--no-sync")
    control = (f"{where}/pg_ctl", "-D", f"{data}", "-w", "-l", f"{folder}/log")
    run(*control, "-o", options, "start")
    yield f"postgresql+psycopg://grader@/postgres?host={folder}"
    run(*control, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def test_a_class_is_graded_into_postgresql(database, course_folder, tmp_path):
    config = course_folder / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text()}\nc.CourseDirectory.db_url = {database!r}\n"
    )
    (course_folder / "gradebook.db").unlink()
    shutil.rmtree(course_folder / "release")
    generate(course_folder, db_url=database)
    for student in STUDENTS:
        hand_in(course_folder, student)
    course = Course.open(course_folder)
    runner = partial(pretend, log=str(tmp_path / "log"))
    done = grade(course, ASSIGNMENT, executor=Inline(), runner=runner)

    assert [one.outcome.failure for one in done] == ["", "", ""]
    assert not (course_folder / "gradebook.db").exists()
    with course.gradebook() as gradebook:
        assert str(gradebook.engine.url).startswith("postgresql")
        scores = {
            student: gradebook.find_submission(ASSIGNMENT, student).score
            for student in STUDENTS
        }
    assert scores == {one.outcome.student: one.score for one in done}
    assert set(scores.values()) == {8.0}
    # Started again, it grades nobody twice.
    assert grade(course, ASSIGNMENT, executor=Inline(), runner=runner) == []
    assert len((tmp_path / "log").read_text().split()) == len(STUDENTS)
