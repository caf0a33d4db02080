import json
import os
import signal
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial

import pytest
from grading.conftest import ASSIGNMENT
from grading.pretend import Inline, pretend
from grading.test_commit import rows, tree

from mlcourse.grading import gradebook, graded_folder
from mlcourse.grading.commit import Committer
from mlcourse.grading.course import Course
from mlcourse.grading.graded_folder import GradedFolder
from mlcourse.grading.journal import Journal
from mlcourse.grading.run import grade, pending
from mlcourse.grading.workers import Workers
from mlcourse.kernels.provisioner import SandboxUnavailableError

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER = "2026-03-01 18:00:00.000000 UTC"
STUDENTS = ["ada", "bob", "cat", "dan"]


@pytest.fixture
def klass(course_folder, submit):
    for student in STUDENTS:
        submit(course_folder, student)
    return course_folder


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def run(log):
    """Grade without kernels, and return the students whose submissions ran."""

    def run(folder, *, executor=None, endings=None, **settings):
        log.write_text("")
        runner = partial(pretend, log=str(log), endings=endings)
        course = Course.open(folder)
        run.graded = grade(
            course,
            ASSIGNMENT,
            executor=executor or Inline(),
            runner=runner,
            clock=lambda: NOW,
            **settings,
        )
        return sorted(log.read_text().split())

    return run


def count_grades(folder):
    with closing(sqlite3.connect(folder / "gradebook.db")) as base:
        return base.execute("SELECT count(*) FROM grade").fetchone()[0]


def test_a_class_is_graded_once(klass, run):
    assert run(klass) == STUDENTS
    assert [one.score for one in run.graded] == [8.0] * 4
    assert run(klass) == []
    assert run.graded == []


def test_only_the_named_students(klass, run):
    assert run(klass, students=["bob", "dan"]) == ["bob", "dan"]
    assert pending(Course.open(klass), ASSIGNMENT) == ["ada", "cat"]


def test_force_runs_again_and_gives_the_same_rows(klass, run):
    run(klass)
    before = rows(klass), tree(klass / "autograded")

    assert run(klass, force=True) == STUDENTS
    assert (rows(klass), tree(klass / "autograded")) == before


def test_a_newer_submission_runs_again_and_replaces_the_folder(klass, run, submit):
    run(klass)
    submit(klass, "bob", timestamp=LATER, files={"new.txt": "x"})

    assert run(klass) == ["bob"]
    assert (klass / "autograded" / "bob" / ASSIGNMENT / "new.txt").exists()
    assert count_grades(klass) == 4 * 7


def test_what_cannot_be_planned_is_told_and_harms_nobody(klass, run, submit):
    submit(klass, "bob", files={"problem1.ipynb": "{"})

    assert run(klass) == ["ada", "cat", "dan"]
    failed = [one.outcome for one in run.graded if one.outcome.failure]
    assert [one.student for one in failed] == ["bob"]
    assert "JSON" in failed[0].failure
    journal = Journal(Course.open(klass).state / ASSIGNMENT)
    assert journal.outcomes()["bob"].failure == failed[0].failure


@pytest.mark.parametrize("ending", ["an error", "die"])
def test_a_run_that_ends_badly_is_tried_once_more(klass, run, ending):
    with Workers(2) as workers:
        run(klass, executor=workers, endings={"bob": (1, ending)})

    assert [one.score for one in run.graded] == [8.0] * 4


@pytest.mark.parametrize(
    ("ending", "why"), [("an error", "RuntimeError: an error"), ("die", "died twice")]
)
def test_who_ends_every_worker_is_named_and_harms_nobody(klass, run, ending, why):
    with Workers(2) as workers:
        run(klass, executor=workers, endings={"cat": (9, ending)})

    failed = [one.outcome for one in run.graded if one.outcome.failure]
    assert [one.student for one in failed] == ["cat"]
    assert why in failed[0].failure
    assert sum(one.score == 8.0 for one in run.graded) == 3
    assert not (klass / "autograded" / "cat").exists()


def test_no_sandbox_is_the_graders_own_failure(klass, log):
    def no_sandbox(job):
        raise SandboxUnavailableError("Install bubblewrap.")

    with pytest.raises(SandboxUnavailableError):
        grade(Course.open(klass), ASSIGNMENT, executor=Inline(), runner=no_sandbox)


def test_ctrl_c_commits_what_has_run_and_the_next_run_does_the_rest(klass, run, log):
    told = []
    handler = signal.getsignal(signal.SIGINT)

    def interrupt(one):
        told.append(one.outcome.student)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(klass, tell=interrupt)
    before = log.read_text().split()

    assert before and told == before
    assert sorted(before + run(klass)) == STUDENTS
    assert signal.getsignal(signal.SIGINT) is handler


class Killed(BaseException):
    """What stands for a kill -9: no handler of ours stops it."""


def die_before(monkeypatch, owner, name, number):
    real, calls = getattr(owner, name), []

    def dying(*args, **kwargs):
        calls.append(1)
        if len(calls) == number:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, dying)


STEPS = [
    (GradedFolder, "unpack"),
    (Committer, "_enter"),
    (GradedFolder, "save"),
    (GradedFolder, "set_aside"),
    (gradebook._Session, "finish"),
    (Journal, "planned"),
    (Journal, "executed"),
    (Journal, "committed"),
    (Journal, "forget"),
    (GradedFolder, "settle"),
    (graded_folder.Path, "rename"),
]


@pytest.mark.parametrize(
    ("owner", "name"), STEPS, ids=lambda step: getattr(step, "__name__", step)
)
def test_killed_before_any_step_it_goes_on(
    course_folder, run, submit, log, owner, name
):
    students = ["ada", "bob"]
    for student in students:
        submit(course_folder, student)
    run(course_folder)
    for student in students:  # there are graded folders to replace
        submit(course_folder, student, timestamp=LATER, files={"new.txt": "x"})
    course = Course.open(course_folder)
    events = course.state / ASSIGNMENT / "journal.jsonl"
    events.unlink()
    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        die_before(patch, owner, name, 2)
        run(course_folder)
    first = log.read_text().split()
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    kept = {line["student"] for line in lines if line["event"] == "executed"}

    second = run(course_folder)

    assert sorted(set(first) | set(second)) == students
    assert not kept & set(second)
    found = rows(course_folder)
    assert [row[0] for row in found["grade"]] == ["ada"] * 7 + ["bob"] * 7
    assert {row[1] for row in found["submission"]} == {"2026-03-01 18:00:00.000000"}
    for student in students:
        folder = course_folder / "autograded" / student
        assert [path.name for path in folder.iterdir()] == [ASSIGNMENT]
        place = folder / ASSIGNMENT
        assert {path.name for path in place.iterdir()} >= {
            "problem1.ipynb",
            "problem2.ipynb",
            "new.txt",
        }
    assert not list((events.parent / "outcomes").iterdir())
