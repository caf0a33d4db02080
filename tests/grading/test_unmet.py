"""What the control for labs of this course finds; kernels stand in contracts/."""

import pytest

import mlcourse.checks
from mlcourse.checks import Checks, expect
from mlcourse.checks.task import Task
from mlcourse.grading.unmet import task_of, unmet


def lab():
    checks = Checks("00_lab")
    task = checks.task("double", hints={"start": "Two times."})

    @task.expects("It doubles.", hint="start")
    def _(double):
        expect(double(2) == 4)

    return checks


def asked(checks):
    """Return the numbers of the tasks that give points for nothing."""
    control = unmet(["checks.double"])
    with pytest.raises(Exception, match=control.token) as told:
        exec(control.code, {"checks": checks})
    return str(told.value).removeprefix(control.token)


def test_the_courses_own_check_gives_no_points_and_is_as_it_was():
    checks = lab()
    before = checks.double.properties

    assert asked(checks) == ""
    assert checks.double.properties == before


class Forged:
    def __getattr__(self, name):
        return Forged()

    def __call__(self, *, points):
        return points


def test_other_checks_in_their_place_are_found():
    assert asked(Forged()) == "0"


def test_a_patched_expect_is_found(monkeypatch):
    monkeypatch.setattr(mlcourse.checks, "expect", lambda *_, **__: None)
    assert asked(lab()) == "0"


@pytest.mark.parametrize("name", ["__call__", "_try"])
def test_a_patched_task_is_found(monkeypatch, name):
    monkeypatch.setattr(Task, name, lambda *_, **__: 1.0)
    assert asked(lab()) == "0"


@pytest.mark.parametrize(
    ("source", "task"),
    [
        ("checks.psi(points=3)", "checks.psi"),
        ("assert psi(1)\nchecks.psi(points=0.5)", "checks.psi"),
        ("checks.psi(points=3)\nx = 1", ""),
        ("len(x)", ""),
        ("checks.psi(3)", ""),
        ("other.psi(points=3)", ""),
        ("def (", ""),
        ("", ""),
    ],
)
def test_a_task_is_known_by_how_a_test_ends(source, task):
    assert task_of(source) == task
