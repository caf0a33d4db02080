"""Limits against published tables and against simulation."""

import numpy as np
import pytest
from scipy import stats

from mlcourse.experiments import always_valid_limit, obrien_fleming_limits


def paths(repeats, looks, *, seed=0):
    steps = np.random.default_rng(seed).normal(size=(repeats, looks))
    return steps.cumsum(axis=1) / np.sqrt(np.arange(1, looks + 1))


def test_the_limits_are_those_of_the_published_table():
    # Lan-DeMets with the O'Brien-Fleming function, two-sided 5 %, five equal looks:
    # table of the R package gsDesign and of Jennison and Turnbull.
    assert obrien_fleming_limits(5) == pytest.approx(
        [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4
    )
    assert obrien_fleming_limits(2) == pytest.approx([2.9626, 1.9686], abs=2e-4)


def test_one_look_is_the_ordinary_test():
    for alpha in (0.01, 0.05, 0.2):
        wanted = stats.norm.isf(alpha / 2)
        assert obrien_fleming_limits(1, alpha=alpha)[0] == pytest.approx(wanted)


@pytest.mark.parametrize("looks", [5, 28])
def test_the_planned_limits_spend_the_level_and_no_more(looks):
    crossed = (abs(paths(40_000, looks)) > obrien_fleming_limits(looks)).any(axis=1)
    # One standard error of the simulation is 0.0011.
    assert crossed.mean() == pytest.approx(0.05, abs=0.005)


def test_the_always_valid_limit_is_kept_long_after_the_planned_end():
    shares = np.arange(1, 201) / 100
    limits = [always_valid_limit(share) for share in shares]
    crossed = (abs(paths(20_000, 200)) > limits).any(axis=1)
    assert 0.01 < crossed.mean() < 0.05


def test_the_always_valid_limit_solves_the_equation_of_the_mixture():
    # At the limit the likelihood ratio of a normal mixture against zero is 1 / alpha.
    for share in (0.01, 0.5, 3.0):
        for alpha in (0.01, 0.05):
            wide = -2 * np.log(alpha)
            spread = np.sqrt(1 + share * (wide + np.log(wide) + 1))
            z = always_valid_limit(share, alpha=alpha)
            ratio = stats.norm.pdf(z, scale=spread) / stats.norm.pdf(z)
            assert ratio == pytest.approx(1 / alpha)


def test_the_always_valid_limit_is_about_the_narrowest_at_the_planned_size():
    # In units of the metric the width goes with the limit over the root of the share.
    best = min(
        np.sqrt((1 + 1 / r) * np.log((1 + r) / 0.05**2))
        for r in np.linspace(1, 30, 2_000)
    )
    assert always_valid_limit(1.0) < 1.001 * best


@pytest.mark.parametrize("share", [0, -1, np.inf, np.nan])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="^share == "):
        always_valid_limit(share)


def test_looks_and_alpha_out_of_range_are_refused():
    with pytest.raises(ValueError, match="^looks == 0, must be 1 to 100"):
        obrien_fleming_limits(0)
    for function in (obrien_fleming_limits, always_valid_limit):
        with pytest.raises(ValueError, match="^alpha == 1, must be between"):
            function(1, alpha=1)
