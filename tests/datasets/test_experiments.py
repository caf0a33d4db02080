"""Experiments of Tidemark: what the truth says is what the visitors do.

Each test of a mean rejects a right generator with probability ALARM, and its rng is
fixed, so it fails only where the generator changed.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from mlcourse.datasets import make_experiment

ALARM = 1e-4
PICTURES = Path(__file__).parents[2] / ".artefacts" / "datasets"


@pytest.fixture(scope="module")
def experiment():
    return make_experiment(
        400_000, rng=np.random.default_rng(11), lift=0.2, novelty=0.3, slowdown_ms=25
    )


def arms(result):
    frame = result.frame
    treated = frame["group"] == "treatment"
    return frame[~treated], frame[treated]


def assert_mean(values, truth):
    score = (values.mean() - truth) / (values.std() / np.sqrt(len(values)))
    assert abs(score) < stats.norm.isf(ALARM / 2)


def test_conversion_revenue_and_sessions_of_both_groups_have_the_means_of_the_truth(
    experiment,
):
    truth = experiment.truth
    for position, arm in enumerate(arms(experiment)):
        assert_mean(arm["converted"], truth.conversion[position])
        assert_mean(arm["revenue_eur"], truth.revenue_per_user_eur[position])
        ratio = truth.revenue_per_session_eur[position]
        assert_mean(arm["revenue_eur"] - ratio * arm["sessions"], 0)


def test_the_effect_of_each_week_is_the_planted_one(experiment):
    assert experiment.truth.lift_by_week == pytest.approx((0.5, 0.32, 0.248, 0.2192))
    for position, arm in enumerate(arms(experiment)):
        for week, lift in enumerate(experiment.truth.lift_by_week, start=1):
            assert_mean(arm[f"orders_week_{week}"], 0.15 * (1 + position * lift))


def test_before_the_experiment_the_groups_are_alike(experiment):
    control, treatment = arms(experiment)
    for name in ("orders_before", "revenue_before_eur"):
        assert stats.ttest_ind(control[name], treatment[name]).pvalue > ALARM


def test_treatment_slows_the_page_by_what_was_asked(experiment):
    control, treatment = arms(experiment)
    assert_mean(control["page_ms"], 700 * np.exp(0.08))
    assert_mean(treatment["page_ms"] - 25, 700 * np.exp(0.08))


@pytest.mark.parametrize("correlation", [0.3, 0.6, 0.8])
def test_revenue_before_and_during_correlates_as_asked_in_control(correlation):
    found = []
    for seed in range(20):
        control, _ = arms(
            make_experiment(
                20_000, rng=np.random.default_rng(seed), correlation=correlation
            )
        )
        found.append(control["revenue_eur"].corr(control["revenue_before_eur"]))
    assert abs(np.mean(found) - correlation) < 5 * np.std(found) / np.sqrt(20)


def test_revenue_has_a_heavy_tail(experiment):
    control, _ = arms(experiment)
    assert stats.skew(control["revenue_eur"]) > 4
    highest = control["revenue_eur"].nlargest(len(control) // 100)
    assert highest.sum() > 0.15 * control["revenue_eur"].sum()


def test_totals_agree_with_their_parts(experiment):
    frame = experiment.frame
    weeks = frame[[f"orders_week_{week}" for week in (1, 2, 3, 4)]]
    assert (weeks.sum(axis=1) == frame["orders"]).all()
    assert (frame["converted"] == (frame["orders"] > 0)).all()
    assert (frame["revenue_eur"].gt(0) == frame["converted"]).all()
    assert (frame["sessions"] > frame["orders"]).all()
    assert frame["user_id"].is_unique


@pytest.mark.parametrize("split", [0.5, 0.1])
def test_without_mismatch_the_split_is_the_planned_one(split):
    result = make_experiment(100_000, rng=np.random.default_rng(3), split=split)
    treated = int((result.frame["group"] == "treatment").sum())
    assert stats.binomtest(treated, 100_000, split).pvalue > ALARM
    assert result.truth.lost == ("", "")


@pytest.mark.parametrize("mismatch", ["browser", "day"])
@pytest.mark.parametrize("seed", range(5))
def test_a_mismatch_has_one_cause_and_it_is_the_one_in_the_truth(mismatch, seed):
    result = make_experiment(
        100_000, rng=np.random.default_rng(seed), mismatch=mismatch
    )
    column, value = result.truth.lost
    frame = result.frame
    here = frame[column] == value
    treated = frame["group"] == "treatment"
    assert column == mismatch
    assert value != "chrome"
    assert stats.binomtest(int(treated[here].sum()), int(here.sum())).pvalue < 1e-9
    rest = ~here
    assert stats.binomtest(int(treated[rest].sum()), int(rest.sum())).pvalue > ALARM


def test_those_who_get_lost_are_the_worse_customers():
    result = make_experiment(200_000, rng=np.random.default_rng(5), mismatch="browser")
    column, value = result.truth.lost
    control, treatment = (arm[arm[column] == value] for arm in arms(result))
    test = stats.ttest_ind(treatment["orders_before"], control["orders_before"])
    assert test.statistic > 5


def test_visitors_enter_on_every_day():
    days = make_experiment(5_000, rng=np.random.default_rng(0), days=21).frame["day"]
    assert sorted(days.unique()) == list(range(1, 22))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("lift", "0.1", TypeError),
        ("lift", -1.0, ValueError),
        ("novelty", -0.1, ValueError),
        ("slowdown_ms", np.nan, ValueError),
        ("split", 0, ValueError),
        ("split", True, TypeError),
        ("correlation", 0.95, ValueError),
        ("mismatch", "weather", ValueError),
        ("days", 0, ValueError),
    ],
)
def test_a_wrong_argument_is_refused_with_its_value(name, value, error):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(error, match=f"^{name} == "):
        make_experiment(10, rng=rng, **{name: value})
    assert rng.bit_generator.state == before


def test_experiment_and_truth_print_in_one_line(experiment):
    assert repr(experiment).startswith("Experiment(400,000 visitors, 50.")
    assert repr(experiment.truth).startswith("ExperimentTruth(conversion 2")


def test_a_picture_shows_revenue_and_the_weekly_effect(experiment):
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    control, treatment = arms(experiment)
    paid = control.loc[control["converted"], "revenue_eur"]
    left.hist(np.log10(paid), bins=60, color="0.6")
    left.set(title="Revenue of buyers", xlabel="log10 EUR", ylabel="visitors")
    names = [f"orders_week_{week}" for week in (1, 2, 3, 4)]
    found = pd.DataFrame({"seen": treatment[names].mean() / control[names].mean() - 1})
    right.plot(range(1, 5), found["seen"], "o", label="seen")
    right.plot(range(1, 5), experiment.truth.lift_by_week, "_", ms=20, label="truth")
    right.set(title="Effect on orders", xlabel="week", ylabel="relative")
    right.legend()
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / "make_experiment_effect.png"
    figure.savefig(path, dpi=110)
    assert path.stat().st_size > 10_000
