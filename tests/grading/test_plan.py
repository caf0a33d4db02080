"""Plans: the notebooks that stock nbgrader would execute, and nobody else's trouble."""

import shutil
import warnings

import nbformat
import pytest

from mlcourse.grading.course import Course
from mlcourse.grading.job import Job
from mlcourse.grading.plan import plan


def stock(course, student):
    """Return what stock nbgrader's sanitize step writes, by notebook."""
    from nbgrader.converters import Autograde
    from traitlets.config import Config

    class Sanitize(Autograde):
        def convert_single_notebook(self, path):
            self._sanitizing = True
            self._init_preprocessors()
            super(Autograde, self).convert_single_notebook(path)

    course.coursedir.assignment_id = "ps1"
    course.coursedir.student_id = student
    config = Config(course.config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Sanitize(coursedir=course.coursedir, config=config).start()
    folder = course.autograded(student, "ps1")
    found = {
        path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")
    }
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".ipynb"
    }
    shutil.rmtree(folder)
    course.coursedir.student_id = "*"
    return found, files


def planned(course, **options):
    return {one.student: one for one in plan(course, "ps1", **options)}


def notebooks(job):
    assert isinstance(job, Job), job
    return {one.name: nbformat.reads(one.text, as_version=4) for one in job.notebooks}


@pytest.mark.parametrize("solved", [True, False])
def test_an_honest_submission_is_what_stock_nbgrader_would_execute(
    course_folder, submit, solved
):
    submit(course_folder, "ann", solved=solved, files={"notes.txt": "mine"})
    course = Course.open(course_folder)
    job = planned(course)["ann"]
    expected, files = stock(course, "ann")
    assert notebooks(job) == expected
    assert dict(job.files) == files
    assert job.flags == ()
    assert [one.points for one in job.notebooks] == [
        {"test_squares": 2, "test_partial": 3, "test_total": 2},
        {"test_double": 1},
    ]
