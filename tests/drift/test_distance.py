"""Distances agree with scipy, with Evidently and with their theory."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import distance
from scipy.stats import entropy

from mlcourse.drift import js_distance, psi, psi_noise
from mlcourse.drift.distance import bin_shares


@pytest.fixture
def samples():
    rng = np.random.default_rng(12)
    return rng.lognormal(3, 1, 5_000), rng.lognormal(3.3, 1, 800)


def test_psi_is_the_sum_of_both_divergences(samples):
    r, c = bin_shares(*samples, bins=10)
    assert psi(*samples) == pytest.approx(entropy(r, c) + entropy(c, r))


def test_js_distance_is_that_of_scipy(samples):
    r, c = bin_shares(*samples, bins=10)
    assert js_distance(*samples) == pytest.approx(distance.jensenshannon(r, c, base=2))


@pytest.mark.filterwarnings("ignore")  # of Evidently's imports
def test_psi_of_categories_is_that_of_evidently():
    from evidently.legacy.calculations.stattests import psi_stat_test
    from evidently.legacy.core import ColumnType

    rng = np.random.default_rng(1)
    old, new = (
        pd.Series(rng.choice(["a", "b", "c"], 900, p=p))
        for p in ([0.2, 0.3, 0.5], [0.3, 0.3, 0.4])
    )
    result = psi_stat_test(old, new, ColumnType.Categorical, None)
    assert psi(old, new) == pytest.approx(result.drift_score)


@pytest.mark.filterwarnings("ignore")  # of Evidently's imports
def test_js_distance_of_categories_is_that_of_evidently_but_for_the_base():
    from evidently.legacy.calculations.stattests import jensenshannon_stat_test
    from evidently.legacy.core import ColumnType

    old, new = pd.Series(list("aaabbc")), pd.Series(list("abbbcccd"))
    result = jensenshannon_stat_test(old, new, ColumnType.Categorical, None)
    # Evidently takes natural logarithms.
    assert js_distance(old, new) == pytest.approx(result.drift_score / np.log(2) ** 0.5)


def test_bins_come_from_the_reference_alone(samples):
    r, c = bin_shares(*samples, bins=4)
    assert r == pytest.approx(0.25)
    assert c[-1] > 0.3
    assert psi(*samples) != pytest.approx(psi(*samples[::-1]))


def test_a_value_that_most_rows_share_has_its_own_bin():
    mostly_zero = np.array([0] * 95 + [1] * 5)
    assert psi(mostly_zero, mostly_zero) == 0
    assert psi(mostly_zero, np.array([0] * 60 + [1] * 40)) > 0.5


def test_values_beyond_the_reference_count():
    r, c = bin_shares(np.arange(100), [-500, 900, 900, 900], bins=10)
    assert c[[0, -1]].tolist() == [0.25, 0.75]
    assert r.sum() == pytest.approx(1)


def test_empty_bins_count_as_a_small_share():
    assert psi(["a"], ["b"]) == pytest.approx(2 * 0.9999 * np.log(1e4))
    assert psi([False], [True]) == psi(["a"], ["b"])


def test_an_unused_level_of_a_category_changes_nothing():
    plain, typed = ["a", "b", "b"], pd.Categorical(list("abb"), ["a", "b", "z"])
    assert psi(typed, typed) == 0
    assert psi(typed, ["a", "a", "b"]) == psi(plain, ["a", "a", "b"])
    assert js_distance(typed, ["a", "a", "b"]) == js_distance(plain, ["a", "a", "b"])


def test_noise_is_exceeded_as_often_as_it_says():
    rng = np.random.default_rng(3)
    # 2,000 tries at 5 %: six standard errors are 0.029.
    scores = [psi(rng.normal(size=4_000), rng.normal(size=500)) for _ in range(2_000)]
    above = np.mean(np.array(scores) > psi_noise(4_000, 500))
    assert above == pytest.approx(0.05, abs=0.029)


def test_small_samples_make_large_noise():
    assert psi_noise(10_000, 50) > 0.25 > 0.02 > psi_noise(10_000, 2_000)
    assert psi_noise(100, 100, bins=20) > psi_noise(100, 100, bins=5)
    assert psi_noise(100, 100, alpha=0.01) > psi_noise(100, 100, alpha=0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5, 10, 0.1), "^n_reference == 0, must be >= 1"),
        ((5, 0, 10, 0.1), "^n_current == 0, must be >= 1"),
        ((5, 5, 1, 0.1), "^bins == 1, must be >= 2"),
        ((5, 5, 10, 0.0), "^alpha == 0.0, must be between"),
        ((5, 5, 10, 1), "^alpha == 1, must be between"),
    ],
)
def test_impossible_noise_is_refused(arguments, message):
    n, m, bins, alpha = arguments
    with pytest.raises(ValueError, match=message):
        psi_noise(n, m, bins=bins, alpha=alpha)


@pytest.mark.parametrize("function", [psi, js_distance])
def test_empty_samples_and_single_bins_are_refused(function):
    with pytest.raises(ValueError, match="^reference has 0 rows"):
        function([], [1.0])
    with pytest.raises(ValueError, match="^current has 0 rows"):
        function([1.0], [])
    with pytest.raises(ValueError, match="^bins == 1"):
        function([1.0], [1.0], bins=1)
