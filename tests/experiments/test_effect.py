"""Effects against scipy, statsmodels and tea-tasting, and against simulation."""

import numpy as np
import pandas as pd
import pytest
import tea_tasting as tt
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from mlcourse.experiments import Effect, cuped_effect, mean_effect, ratio_effect


@pytest.fixture(scope="module")
def frame():
    """A metric with a heavy tail, its past and a count that goes with it."""
    rng = np.random.default_rng(1)
    n = 4_000
    rate = rng.gamma(0.5, 2.0, n)
    return pd.DataFrame(
        {
            "variant": rng.integers(0, 2, n),
            "before": rng.poisson(rate) * rng.lognormal(3, 1, n),
            "value": rng.poisson(rate) * rng.lognormal(3, 1, n),
            "visits": 1 + rng.poisson(rate),
        }
    )


def arms(frame, *names):
    treated = frame["variant"] == 1
    pick = [(frame.loc[treated, n], frame.loc[~treated, n]) for n in names]
    return pick[0] if len(names) == 1 else tuple(zip(*pick, strict=True))


def assert_same(effect, theirs):
    ours = (effect.estimate, effect.low, effect.high, effect.p_value)
    assert ours == pytest.approx(
        (
            theirs.effect_size,
            theirs.effect_size_ci_lower,
            theirs.effect_size_ci_upper,
            theirs.pvalue,
        ),
        rel=1e-9,
    )


def test_a_mean_is_compared_as_statsmodels_does_without_equal_variances(frame):
    treatment, control = arms(frame, "value")
    effect = mean_effect(treatment, control=control, alpha=0.1)
    means = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    low, high = means.zconfint_diff(alpha=0.1, usevar="unequal")
    _, p_value = means.ztest_ind(usevar="unequal")
    assert (effect.low, effect.high) == pytest.approx((low, high))
    assert effect.p_value == pytest.approx(p_value)


def test_a_mean_is_compared_as_tea_tasting_does(frame):
    metric = tt.Mean("value", use_t=False, equal_var=False)
    theirs = tt.Experiment(m=metric).analyze(frame)["m"]
    treatment, control = arms(frame, "value")
    assert_same(mean_effect(treatment, control=control), theirs)


def test_a_share_is_a_mean_with_the_interval_of_wald():
    treatment, control = np.repeat([1, 0], [320, 680]), np.repeat([1, 0], [280, 720])
    effect = mean_effect(treatment, control=control)
    wald = confint_proportions_2indep(320, 1000, 280, 1000, method="wald")
    assert (effect.low, effect.high) == pytest.approx(wald, abs=5e-5)


def test_a_ratio_is_compared_as_tea_tasting_does(frame):
    metric = tt.RatioOfMeans("value", "visits", use_t=False, equal_var=False)
    theirs = tt.Experiment(m=metric).analyze(frame)["m"]
    treatment, control = arms(frame, "value", "visits")
    assert_same(ratio_effect(treatment, control=control), theirs)


def test_cuped_agrees_with_tea_tasting_to_the_order_of_one_over_n(frame):
    metric = tt.Mean("value", "before", use_t=False, equal_var=False)
    theirs = tt.Experiment(m=metric).analyze(frame)["m"]
    treatment, control = arms(frame, "value", "before")
    ours = cuped_effect(treatment, control=control)
    # Theirs takes theta from both arms as one sample, ours from within the arms.
    assert ours.estimate == pytest.approx(theirs.effect_size, abs=ours.se / 100)
    assert ours.se == pytest.approx(
        (theirs.effect_size_ci_upper - theirs.effect_size_ci_lower) / 2 / 1.959964,
        rel=1e-4,
    )


def test_cuped_removes_the_square_of_the_correlation_and_keeps_the_effect():
    rng = np.random.default_rng(2)
    found, plain = [], []
    for _ in range(400):
        x = rng.normal(size=(2, 500))
        y = 0.7 * x + np.sqrt(1 - 0.49) * rng.normal(size=(2, 500))
        y[0] += 0.1
        found.append(cuped_effect((y[0], x[0]), control=(y[1], x[1])))
        plain.append(mean_effect(y[0], control=y[1]))
    estimates = np.array([effect.estimate for effect in found])
    # The error of the mean is 0.0023; a standard deviation of 400 is right to 3.5 %.
    assert estimates.mean() == pytest.approx(0.1, abs=0.01)
    assert estimates.std() == pytest.approx(found[0].se, rel=0.15)
    share = estimates.var() / np.var([effect.estimate for effect in plain])
    assert share == pytest.approx(1 - 0.49, abs=0.08)


def test_the_delta_method_covers_the_true_ratio_at_its_level():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(1_000):
        visits = 1 + rng.poisson(rng.gamma(1, 2, (2, 300)))
        value = rng.poisson(0.5 * visits * rng.gamma(2, 0.5, (2, 300)))
        effect = ratio_effect((value[0], visits[0]), control=(value[1], visits[1]))
        hits += effect.low <= 0 <= effect.high
    assert 920 <= hits <= 975  # 950 expected, standard deviation 7


def test_interval_and_p_value_tell_the_same_story():
    effect = Effect.normal(1.0, se=1 / stats.norm.isf(0.005), alpha=0.01)
    assert effect.low == pytest.approx(0, abs=1e-12)
    assert effect.high == pytest.approx(2)
    assert effect.p_value == pytest.approx(0.01)
    assert Effect.normal(-1.0, se=0.5).p_value == Effect.normal(1.0, se=0.5).p_value


@pytest.mark.parametrize("arm", [[1.0], [[1.0, 2.0]], [1.0, np.nan], [1.0, np.inf]])
def test_an_arm_that_cannot_be_used_is_refused_by_name(arm):
    with pytest.raises(ValueError, match="^treatment ha|^treatment holds"):
        mean_effect(arm, control=[1.0, 2.0])
    with pytest.raises(ValueError, match="^control ha|^control holds"):
        mean_effect([1.0, 2.0], control=arm)


def test_what_has_no_spread_or_no_denominator_is_refused():
    with pytest.raises(ValueError, match=r"^se == 0\.0, must be > 0"):
        mean_effect([1.0, 1.0], control=[1.0, 1.0])
    with pytest.raises(ValueError, match="^alpha == 1, must be"):
        Effect.normal(1.0, se=1.0, alpha=1)
    with pytest.raises(ValueError, match=r"^var\(covariate\) == 0"):
        cuped_effect(([1, 2], [3, 3]), control=([1, 2], [3, 3]))
    with pytest.raises(ValueError, match="denominators of control == 0"):
        ratio_effect(([1, 2], [3, 3]), control=([1, 2], [0, 0]))
    with pytest.raises(ValueError, match="^control has 2 and 3 values"):
        ratio_effect(([1, 2], [3, 3]), control=([1, 2], [1, 2, 3]))
