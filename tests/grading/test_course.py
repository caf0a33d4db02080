"""The course as nbgrader sees it."""

import os
import sys
from pathlib import Path

import pytest

from mlcourse.errors import CourseNotFoundError
from mlcourse.grading.course import AssignmentNotFoundError, Course, GradebookError

OTHER_NAMES = """\
c = get_config()
c.CourseDirectory.course_id = "toy"
c.CourseDirectory.root = "."
c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"
c.CourseDirectory.source_directory = "masters"
c.CourseDirectory.submitted_directory = "in/boxes"
c.CourseDirectory.autograded_directory = "out"
c.CourseDirectory.db_url = "sqlite:///records/grades.db"
"""


@pytest.fixture(autouse=True)
def jupyter_config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    return folder


def test_a_course_opens_with_the_names_that_nbgrader_uses_by_default(course_folder):
    course = Course.open(course_folder)
    assert course.root == course_folder
    assert course.db_url == f"sqlite:///{course_folder}/gradebook.db"
    assert course.coursedir.course_id == "toy"
    assert course.source("ps1") == course_folder / "source/./ps1"
    assert course.submitted("ann", "ps1") == course_folder / "submitted/ann/ps1"
    assert course.autograded("ann", "ps1") == course_folder / "autograded/ann/ps1"
    assert course.feedback("ann", "ps1") == course_folder / "feedback/ann/ps1"
    assert course.state == course_folder / ".mlcourse-grading"


def test_own_names_of_folders_are_followed_and_paths_count_from_the_course(
    course_folder,
):
    (course_folder / "nbgrader_config.py").write_text(OTHER_NAMES)
    course = Course.open(course_folder)
    assert course.root == course_folder
    assert course.db_url == f"sqlite:///{course_folder}/records/grades.db"
    assert course.submitted("ann", "ps1") == course_folder / "in/boxes/ps1/ann"
    for student in ("ann", "bob.smith@example.org"):
        course.submitted(student, "ps1").mkdir(parents=True)
    assert course.submissions("ps1") == ["ann", "bob.smith@example.org"]


def test_the_users_configuration_counts_but_not_the_root_of_another_course(
    course_folder, jupyter_config
):
    (jupyter_config / "nbgrader_config.py").write_text(
        "c.CourseDirectory.root = '/elsewhere'\n"
        "c.CourseDirectory.feedback_directory = 'letters'\n"
        "c.AutogradeApp.exclude_overwriting = {'ps1': ['picture.png']}\n"
    )
    course = Course.open(course_folder)
    assert course.root == course_folder
    assert course.coursedir.feedback_directory == "letters"
    # nbgrader's outdated names of options are read as nbgrader reads them.
    assert course.config.Autograde.exclude_overwriting == {"ps1": ["picture.png"]}


def test_opening_a_course_leaves_the_process_as_it_was(course_folder):
    before = Path.cwd(), dict(os.environ), list(sys.path)
    Course.open(course_folder)
    assert (Path.cwd(), dict(os.environ), list(sys.path)) == before


def test_a_folder_without_a_course_is_told_with_the_fix(tmp_path):
    with pytest.raises(CourseNotFoundError, match=r"no nbgrader course.*--course DIR"):
        Course.open(tmp_path)
    with pytest.raises(CourseNotFoundError, match="is not a folder"):
        Course.open(tmp_path / "nothing")


def test_a_configuration_with_an_error_is_told_and_not_passed_over(course_folder):
    (course_folder / "nbgrader_config.py").write_text("c.CourseDirectory.root = (")
    with pytest.raises(CourseNotFoundError, match=r"SyntaxError.*nbgrader_config\.py"):
        Course.open(course_folder)


def test_a_course_that_was_never_generated_is_told_with_the_command(course_folder):
    (course_folder / "source" / "ps2").mkdir()
    course = Course.open(course_folder)
    course.check("ps1")
    with pytest.raises(AssignmentNotFoundError, match="nbgrader generate_assignment"):
        course.check("ps2")
    with pytest.raises(AssignmentNotFoundError, match="Did you mean 'ps1'"):
        course.check("ps")
    (course_folder / "gradebook.db").unlink()
    with pytest.raises(GradebookError, match="nbgrader generate_assignment"):
        course.check("ps1")
    assert not (course_folder / "gradebook.db").exists()


def test_a_broken_gradebook_is_told(course_folder):
    (course_folder / "gradebook.db").write_text("this is not a database " * 100)
    with pytest.raises(GradebookError, match="cannot be read"):
        Course.open(course_folder).check("ps1")


def test_the_gradebook_is_nbgraders(course_folder):
    with Course.open(course_folder).gradebook() as gradebook:
        assert [one.name for one in gradebook.assignments] == ["ps1"]


def test_only_folders_are_submissions_and_exclusions_count(course_folder, submit):
    for student in ("ann", "bob", "c[1] d", "éva"):
        submit(course_folder, student)
    (course_folder / "submitted" / "README").write_text("not a student")
    (course_folder / "submitted" / "dora" / "ps2").mkdir(parents=True)
    course = Course.open(course_folder)
    assert course.submissions("ps1") == ["ann", "bob", "c[1] d", "éva"]
    course.coursedir.student_id_exclude = "bob,éva"
    assert course.submissions("ps1") == ["ann", "c[1] d"]
    course.coursedir.student_id = "a*"
    assert course.submissions("ps1") == ["ann"]
    assert course.submissions("nothing") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01 12:00:00.000000 UTC", "2026-03-01T12:00:00"),
        ("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00"),
        ("", None),
        (" \n", None),
        ("yesterday, I swear", None),
        ("9" * 900, None),
        ("9" * 9000, None),
        (b"\xff\xfe", None),
    ],
)
def test_a_timestamp_is_a_time_or_nothing(course_folder, text, expected):
    data = text if isinstance(text, bytes) else text.encode()
    (course_folder / "timestamp.txt").write_bytes(data)
    found = Course.open(course_folder).timestamp(course_folder)
    assert (found and found.isoformat()) == expected


def test_a_timestamp_that_is_a_link_or_a_pipe_is_nothing(course_folder):
    course = Course.open(course_folder)
    (course_folder / "real.txt").write_text("2026-03-01")
    (course_folder / "timestamp.txt").symlink_to(course_folder / "real.txt")
    assert course.timestamp(course_folder) is None
    (course_folder / "timestamp.txt").unlink()
    os.mkfifo(course_folder / "timestamp.txt")
    assert course.timestamp(course_folder) is None


def test_what_is_graded_is_done_until_a_newer_one_comes(course_folder, submit):
    course = Course.open(course_folder)
    submit(course_folder, "ann")
    assert not course.is_done("ann", "ps1")
    done = course.autograded("ann", "ps1")
    done.mkdir(parents=True)
    assert course.is_done("ann", "ps1")
    (done / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC")
    assert course.is_done("ann", "ps1")
    submit(course_folder, "ann", timestamp="2026-03-01 12:00:01 UTC")
    assert not course.is_done("ann", "ps1")
    submit(course_folder, "ann", timestamp="")
    assert course.is_done("ann", "ps1")
