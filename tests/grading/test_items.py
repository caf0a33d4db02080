"""Item statistics against other ways to compute them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from mlcourse.grading.items import difficulty, item_total, upper_lower

RNG = np.random.default_rng(7)
SKILL = RNG.normal(size=(400, 1))
POINTS = np.array([1.0, 2.0, 3.0, 4.0])
SCORES = np.clip(np.round(SKILL + RNG.normal(size=(400, 4)) + POINTS / 2), 0, POINTS)


def test_difficulty_is_the_mean_share_of_points():
    expected = [stats.tmean(SCORES[:, i]) / POINTS[i] for i in range(4)]
    assert difficulty(SCORES, POINTS) == pytest.approx(expected)


def test_item_total_is_pearsons_r_with_the_other_items():
    expected = [
        stats.pearsonr(SCORES[:, i], np.delete(SCORES, i, axis=1).sum(axis=1))[0]
        for i in range(4)
    ]
    assert item_total(SCORES) == pytest.approx(expected)


def test_upper_lower_is_the_difference_of_groups_when_no_totals_are_equal():
    scores = SCORES + RNG.uniform(0, 1e-3, SCORES.shape)
    order = np.argsort(scores.sum(axis=1))
    size = round(0.27 * 400)
    low, high = scores[order[:size]], scores[order[-size:]]
    expected = (high.mean(axis=0) - low.mean(axis=0)) / POINTS
    assert upper_lower(scores, POINTS) == pytest.approx(expected)


def test_upper_lower_does_not_depend_on_the_order_of_equal_students():
    mixed = RNG.permutation(SCORES)
    assert upper_lower(mixed, POINTS) == pytest.approx(upper_lower(SCORES, POINTS))


def test_a_good_item_is_above_one_that_is_chance():
    good = np.repeat([[0.0], [1.0]], 50, axis=0)
    chance = np.tile([[0.0], [1.0]], (50, 1))
    scores = np.hstack([good, good, chance])
    assert item_total(scores)[0] > 0.6
    assert item_total(scores)[2] == pytest.approx(0)
    assert upper_lower(scores, [1, 1, 1])[0] == pytest.approx(1)


def test_an_item_that_everyone_has_tells_nothing():
    scores = np.column_stack([np.full(4, 0.1) * 3, [0, 1, 1, 0]])
    assert np.isnan(item_total(scores)[0])
    assert upper_lower(scores, [0.3, 1])[0] == pytest.approx(0)


def test_nobody_and_nothing_are_no_numbers():
    assert np.isnan(difficulty(np.empty((0, 2)), [1, 1])).all()
    assert np.isnan(difficulty([[1.0, 0.0]], [1, 0])).tolist() == [False, True]
    assert np.isnan(item_total([[1.0, 2.0]])).all()
    assert np.isnan(upper_lower([[1.0, 2.0]], [1, 2])).all()


@given(
    arrays(
        float,
        st.tuples(st.integers(2, 12), st.integers(1, 4)),
        elements=st.integers(0, 3),
    )
)
def test_every_number_is_in_its_range_or_missing(scores):
    points = np.full(scores.shape[1], 3.0)
    for values, low in (
        (difficulty(scores, points), 0),
        (item_total(scores), -1),
        (upper_lower(scores, points), -1),
    ):
        known = values[~np.isnan(values)]
        assert ((known >= low - 1e-9) & (known <= 1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: difficulty([1.0], [1]), "ndim"),
        (lambda: difficulty([[1.0, 2.0]], [1]), "one an item"),
        (lambda: item_total([[1.0], [np.nan]]), "NaN"),
        (lambda: upper_lower([[1.0], [0.0]], [1], group=0.6), "group == 0.6"),
    ],
)
def test_wrong_arguments_are_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
