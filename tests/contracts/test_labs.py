"""What holds for every lab: the six invariants of the course.

The third invariant is tried in forks of one run (`judge_wrong_answers`); the fourth,
that stock nbgrader gives the same scores, stands in test_nbgrader.py. How long a lab
takes is shown by benchmarks/labs.py: a busy machine must not fail an honest lab.
"""

import functools

import pytest

from mlcourse.authoring.build import check
from mlcourse.authoring.lint import lint
from mlcourse.authoring.run import Run, run_lab
from mlcourse.authoring.source import read_lab
from mlcourse.authoring.variants import judge_wrong_answers
from mlcourse.paths import find_course

COURSE = find_course()
LABS = COURSE.lab_names()
OTHER_SEEDS = (1,)  # `mlcourse dev seeds` tries hundreds


each_lab = pytest.mark.parametrize("lab", LABS)
pytestmark = pytest.mark.slow


@functools.cache
def run(lab: str, variant: str, seed: int = 0) -> Run:
    return run_lab(COURSE, lab, variant=variant, seed=seed)


def test_there_are_labs():
    assert "06_rest_service" in LABS


@each_lab
def test_1_the_reference_gets_all_points_quietly_without_a_network(lab):
    reference = run(lab, "reference")
    assert reference.failure == ""
    assert reference.errors == ()
    assert reference.stderr == ()
    assert reference.scores == reference.points
    assert reference.points
    assert reference.network != "open"


@each_lab
def test_2_the_untouched_lab_runs_to_the_end_and_scores_exactly_nothing(lab):
    released = run(lab, "released")
    assert released.failure == ""
    assert released.errors == ()
    assert released.stderr == ()
    assert set(released.scores.values()) == {0.0}
    assert released.points == run(lab, "reference").points


@each_lab
def test_3_every_planted_wrong_answer_loses_points_and_gets_its_hint(lab):
    verdicts = judge_wrong_answers(COURSE.solutions / lab, seed=0)
    assert [str(verdict) for verdict in verdicts if not verdict.is_right] == []
    planted = [verdict.wrong.answer for verdict in verdicts]
    answers = {cell.name for cell in read_lab(COURSE.solutions / lab).of("answer")}
    assert {
        name: planted.count(name) for name in answers if planted.count(name) < 2
    } == {}


@each_lab
def test_5_nothing_of_the_answers_is_released_and_built_files_are_current(lab):
    assert [str(stale) for stale in check(COURSE, [lab])] == []
    assert [str(fault) for fault in lint(COURSE, lab)] == []


@each_lab
@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_6_on_another_seed_the_reference_still_gets_all_points(lab, seed):
    reference = run(lab, "reference", seed)
    assert (reference.failure, reference.errors, reference.stderr) == ("", (), ())
    assert reference.scores == reference.points
