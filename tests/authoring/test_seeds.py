import os

import pytest

from mlcourse.authoring.seeds import Loss, Seeds, try_seeds

ODD = "\n    from mlcourse.seed import course_seed\n    if course_seed() % 2:\n"


@pytest.mark.slow
@pytest.mark.parametrize("fork", [True, False])
def test_each_seed_is_run_and_each_loss_has_its_message(
    course, edit, monkeypatch, fork
):
    if not fork:
        monkeypatch.delattr(os, "fork")
    edit(
        course.solutions / "01_double" / "01_double.py",
        "### BEGIN SOLUTION\n    return 2 * x",
        f"### BEGIN SOLUTION{ODD}        return 3 * x\n    return 2 * x",
    )
    told = []

    found = try_seeds(course, "01", [4, 5, 6], tell=told.append)

    assert found.failed == [5]
    assert [(loss.seed, loss.check, loss.points) for loss in found.losses] == [
        (5, "double", 8.0),
        (5, "reach", 8.0),
    ]
    assert "Got " in found.losses[0].message
    assert sorted(found.seconds) == [4, 5, 6]
    assert max(told, default=0) <= 3


@pytest.mark.slow
def test_a_given_cell_that_raises_is_a_loss(course, edit):
    edit(
        course.solutions / "01_double" / "01_double.py",
        "readings = [3, 1, 4, 1, 5]",
        "import os\n\nreadings = [3, 1, 4, 1, 5]\n"
        'assert os.environ["MLCOURSE_SEED"] != "1", "not this one"',
    )

    found = try_seeds(course, "01", range(2))

    (loss,) = found.losses
    assert (loss.seed, loss.check) == (1, "")
    assert loss.message.endswith("raises AssertionError: not this one")


@pytest.mark.slow
def test_a_seed_that_never_ends_and_one_that_dies_are_losses(course, edit):
    edit(
        course.solutions / "01_double" / "01_double.py",
        "readings = [3, 1, 4, 1, 5]",
        "import os\n\nreadings = [3, 1, 4, 1, 5]\n"
        'while os.environ["MLCOURSE_SEED"] == "1":\n    pass\n'
        'if os.environ["MLCOURSE_SEED"] == "2":\n    os._exit(3)',
    )

    found = try_seeds(course, "01", range(3), timeout=10)

    assert [str(loss) for loss in found.losses] == [
        "seed 1  timed out after 10 s",
        "seed 2  its process died",
    ]
    assert list(found.seconds) == [0]


def test_the_summary_names_rate_bound_time_and_losses():
    loss = Loss(7, "psi", 2.0, "It is zero for equal samples. Got 0.1")
    found = Seeds("12_data_drift", tuple(range(20)), (loss,), {0: 3.0, 1: 5.0, 2: 4.0})

    assert str(found) == (
        "12_data_drift: 1 of 20 seeds fail, at most 19.6 % with 95 % confidence; "
        "4.0 s a seed\n"
        "  seed 7  psi loses 2: It is zero for equal samples. Got 0.1"
    )


def test_the_upper_bound_is_wilsons():
    none = Seeds("x", tuple(range(200)), (), {})
    z = 1.6448536269514722

    assert none.upper == pytest.approx(z**2 / (200 + z**2))


@pytest.mark.parametrize(("seeds", "workers"), [([], 2), ([-1], 2), ([0], 0)])
def test_bad_seeds_and_workers_are_refused(course, seeds, workers):
    with pytest.raises(ValueError, match="must be"):
        try_seeds(course, "01", seeds, workers=workers)
