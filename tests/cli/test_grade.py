"""``mlcourse grade``, with pretended runs; real ones are in tests/grading."""

from functools import partial

import pytest
from grading.conftest import ASSIGNMENT, _released, course_folder, submit  # noqa: F401
from grading.pretend import Inline, pretend

from mlcourse.cli import grade as command
from mlcourse.cli.grade import reasons, summary
from mlcourse.grading import run as grading
from mlcourse.grading.commit import Graded
from mlcourse.grading.job import Execution, Flag, Outcome


@pytest.fixture
def klass(course_folder, submit, monkeypatch, tmp_path):  # noqa: F811
    submit(course_folder, "ada")
    submit(course_folder, "bob", files={"problem1.ipynb": "{"})
    runner = partial(pretend, log=str(tmp_path / "log"))
    monkeypatch.setattr(command, "_executor", lambda *_, **__: Inline())
    monkeypatch.setattr(grading, "grade", partial(grading.grade, runner=runner))
    return course_folder


def test_a_class_is_graded_and_who_needs_a_human_is_named(klass, run):
    done = run("grade", ASSIGNMENT, "--course", str(klass))

    assert done.exit_code == 0
    assert "Graded: 1 of 2." in done.stdout
    assert "bob" in done.stdout
    assert "not graded: problem1.ipynb cannot be read" in done.stdout
    assert "problem2/explain" in done.stdout


def test_options_may_stand_before_the_assignment(klass, run):
    done = run("grade", "--course", str(klass), "--student", "ada", ASSIGNMENT)

    assert done.exit_code == 0
    assert "Graded: 1 of 1." in done.stdout


def test_a_run_with_nothing_to_do_says_so(klass, run):
    run("grade", ASSIGNMENT, "--course", str(klass), "--student", "ada")
    done = run("grade", ASSIGNMENT, "--course", str(klass), "--student", "ada")

    assert done.exit_code == 0
    assert done.stdout == "Graded: 0 of 0.\n"


def test_an_error_of_the_grader_is_told_and_exits_1(klass, run, monkeypatch):
    def broken(job, **_):
        raise NameError("nobody")

    monkeypatch.setattr(grading, "grade", partial(grading.grade.func, runner=broken))
    done = run("grade", ASSIGNMENT, "--course", str(klass), "--student", "ada")

    assert done.exit_code == 1
    assert "NameError: nobody" in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["ps2"], "no assignment 'ps2'"),
        ([ASSIGNMENT, "--student", "eve"], "eve"),
        ([ASSIGNMENT, "--scheduler", "a", "--local-cluster", "2"], "only one"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line(klass, run, words, why):
    done = run("grade", *words, "--course", str(klass))

    assert done.exit_code == 1
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_no_course_is_told(run, tmp_path):
    done = run("grade", ASSIGNMENT, "--course", str(tmp_path))

    assert done.exit_code == 1
    assert "no nbgrader course" in done.stderr


def test_each_reason_for_a_human_is_told():
    outcome = Outcome(
        "k",
        "ada",
        (
            Execution("p1", "", "namespaces+cgroup", "memory"),
            Execution("p2", "", "none"),
        ),
        (Flag("canary-survived", "It passed\nwhat must fail.", "p1", "test"),),
    )

    assert reasons(Graded(outcome, 1.0, 2.0)) == [
        "p1: the memory limit ended it",
        "p2: ran without a sandbox",
        "canary-survived in p1/test: It passed what must fail.",
    ]


def test_students_with_the_same_cells_to_grade_stand_together():
    graded = [
        Graded(Outcome("k", f"s{number:02}"), 1.0, 2.0, ("p/essay",))
        for number in range(14)
    ]

    lines = summary(graded).splitlines()

    assert lines[0] == "Graded: 14 of 14."
    assert lines[-2].startswith("p/essay")
    assert lines[-2].endswith("s11")
    assert lines[-1].split() == ["s12", "s13"]
