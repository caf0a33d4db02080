"""The course's own functions, against those that stock nbgrader calls."""

import json
from functools import partial

import pytest
from grading.conftest import ASSIGNMENT
from grading.pretend import Inline, pretend

from mlcourse.grading.course import Course
from mlcourse.grading.run import grade

HOOKS = """
import json, os
from pathlib import Path

def _note(when, assignment, student, notebooks):
    names = [os.path.relpath(path) for path in notebooks]
    with open("hooks.jsonl", "a") as file:
        file.write(json.dumps([when, assignment, student, names]) + "\\n")

def before(assignment, student, notebooks):
    _note("before", assignment, student, notebooks)
    if student == "bob":
        raise RuntimeError("no archive")
    for path in notebooks:
        Path(path).with_name("brought.txt").write_text("by the hook")

def after(assignment, student, notebooks):
    _note("after", assignment, student, notebooks)

c.Autograde.pre_convert_hook = before
c.Autograde.post_convert_hook = after
"""


@pytest.fixture
def graded(course_folder, submit, tmp_path):
    """Grade two students with hooks; return the course and what the hooks noted."""
    submit(course_folder, "ada")
    submit(course_folder, "bob")
    broken = course_folder / "submitted" / "cat" / ASSIGNMENT
    broken.mkdir(parents=True)
    with (course_folder / "nbgrader_config.py").open("a") as config:
        config.write(HOOKS)
    runner = partial(pretend, log=str(tmp_path / "log"))
    course = Course.open(course_folder)
    grade(course, ASSIGNMENT, executor=Inline(), runner=runner)
    lines = (course_folder / "hooks.jsonl").read_text().splitlines()
    return course, [json.loads(line) for line in lines]


def test_they_are_called_around_each_submission_in_the_course_folder(graded):
    _, noted = graded
    names = [f"problem{number}.ipynb" for number in (1, 2)]
    wanted = {
        student: [f"submitted/{student}/{ASSIGNMENT}/{name}" for name in names]
        for student in ("ada", "bob")
    }
    for student, notebooks in wanted.items():
        mine = [line for line in noted if line[2] == student]
        assert mine == [
            ["before", ASSIGNMENT, student, notebooks],
            ["after", ASSIGNMENT, student, notebooks],
        ]


def test_what_the_first_makes_is_graded(graded):
    course, _ = graded
    made = course.autograded("ada", ASSIGNMENT) / "brought.txt"
    assert made.read_text() == "by the hook"


def test_an_error_of_a_hook_stops_nobody(graded):
    course, _ = graded
    assert course.is_done("bob", ASSIGNMENT)
    assert not (course.autograded("bob", ASSIGNMENT) / "brought.txt").exists()


def test_after_a_failure_the_second_is_not_called(graded):
    course, noted = graded
    assert not course.is_done("cat", ASSIGNMENT)
    assert [line[0] for line in noted if line[2] == "cat"] == ["before"]
