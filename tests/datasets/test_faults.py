"""Planted faults: they are where the truth says, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.metrics import roc_auc_score

from mlcourse.datasets import make_members
from mlcourse.datasets.faults import LEAKS, plant_faults

N = 20_000
LEAK_NAMES = [leak.name for leak in LEAKS]


@pytest.fixture(scope="module")
def clean():
    return make_members(N, rng=np.random.default_rng(1), months=6)


@pytest.fixture(scope="module")
def damaged():
    return make_members(N, rng=np.random.default_rng(1), months=6, faults=True)


def of_kind(members, kind):
    return [fault for fault in members.truth.faults if fault.kind == kind]


def test_undoing_what_the_truth_lists_gives_the_clean_frame_back(clean, damaged):
    repaired = damaged.frame.drop(columns=[f.column for f in of_kind(damaged, "leak")])
    for fault in of_kind(damaged, "unit") + of_kind(damaged, "missing"):
        at = repaired.columns.get_loc(fault.column)
        repaired.iloc[fault.rows, at] = fault.clean
    (copies,) = of_kind(damaged, "duplicate")
    repaired = repaired.drop(index=copies.rows).reset_index(drop=True)
    repaired = repaired.astype(clean.frame.dtypes.to_dict())
    assert_frame_equal(repaired, clean.frame, check_exact=True)


def test_the_probability_stays_with_its_member(clean, damaged):
    truth = pd.Series(clean.truth.churn_probability, clean.frame["member_id"])
    there = truth[damaged.frame["member_id"]].to_numpy()
    assert np.array_equal(damaged.truth.churn_probability, there)


def test_duplicates_are_the_later_exact_copies(damaged):
    (fault,) = of_kind(damaged, "duplicate")
    assert len(fault.rows) == 300  # 1.5 % of N
    assert np.array_equal(np.flatnonzero(damaged.frame.duplicated()), fault.rows)
    assert len(damaged.frame) == N + 300
    assert damaged.frame["decision_date"].is_monotonic_increasing


def test_missing_values_are_exactly_those_listed(damaged):
    missing = {
        name: set(np.flatnonzero(values))
        for name, values in damaged.frame.isna().items()
        if values.any()
    }
    listed = {fault.column: set(fault.rows) for fault in of_kind(damaged, "missing")}
    assert missing == listed


def test_a_value_is_missing_because_of_what_it_was(clean, damaged):
    for fault in of_kind(damaged, "missing"):
        lost, all_values = fault.clean, clean.frame[fault.column]
        gap = lost.mean() - all_values.mean()
        assert abs(gap) > 10 * all_values.std() / np.sqrt(len(lost))
        assert 0.05 < len(lost) / N < 0.2


def test_one_date_is_in_cents_and_the_median_shows_it(damaged):
    (fault,) = of_kind(damaged, "unit")
    frame = damaged.frame
    dates = frame["decision_date"]
    assert dates.iloc[fault.rows].nunique() == 1
    wrong = dates.iloc[fault.rows[0]]
    assert np.array_equal(np.flatnonzero(dates == wrong), fault.rows)
    assert np.allclose(frame[fault.column].iloc[fault.rows], fault.clean * 100)
    medians = frame.groupby("decision_date")[fault.column].median()
    assert medians[wrong] > 50 * medians.drop(wrong).max()


def test_the_newest_date_is_never_in_cents_and_each_other_is_at_times():
    found = set()
    for seed in range(40):
        members = make_members(
            60, rng=np.random.default_rng(seed), months=3, faults=True
        )
        (fault,) = of_kind(members, "unit")
        found |= set(members.frame["decision_date"].iloc[fault.rows].dt.month)
    assert found == {1, 2}


def test_the_only_date_is_in_cents_as_a_whole():
    members = make_members(100, rng=np.random.default_rng(0), faults=True)
    (fault,) = of_kind(members, "unit")
    assert len(fault.rows) == len(members.frame)


def test_the_table_tells_which_columns_come_too_late(damaged):
    known = damaged.columns["known_after_days"]
    assert set(known.index[known > 0]) == {*LEAK_NAMES, "churned"}
    assert not set(LEAK_NAMES) & set(damaged.features)
    assert {fault.column for fault in of_kind(damaged, "leak")} == set(LEAK_NAMES)
    assert list(damaged.columns.index) == list(damaged.frame.columns)
    assert list(damaged.columns["dtype"]) == [str(d) for d in damaged.frame.dtypes]


def test_leaks_stand_among_the_features(damaged):
    names = list(damaged.frame)
    places = [names.index(name) for name in LEAK_NAMES]
    assert min(places) > names.index("tenure_months")
    assert max(places) < names.index("auto_renew")


@pytest.mark.parametrize("name", LEAK_NAMES)
def test_a_leak_knows_more_than_the_best_possible_model(damaged, name):
    label = damaged.frame["churned"]
    values = damaged.frame[name]
    marked = (values != "none") if values.dtype == "category" else (values > 0)
    truth = damaged.truth.churn_probability
    best = roc_auc_score(label, truth)
    assert roc_auc_score(label, marked) > 0.7
    assert roc_auc_score(label, truth + marked) > best + 0.05


def test_leaks_keep_to_the_bounds_in_the_table(damaged):
    for leak in LEAKS:
        values = damaged.frame[leak.name]
        if leak.categories:
            assert tuple(values.cat.categories) == leak.categories
            assert set(values.unique()) == set(leak.categories)
        else:
            assert values.between(leak.low, leak.high).all()
            assert leak.unit


def test_what_the_truth_holds_cannot_be_overwritten(damaged):
    for fault in damaged.truth.faults:
        assert not fault.rows.flags.writeable
        assert fault.clean is None or not fault.clean.flags.writeable
        assert fault.how.endswith(".")


def test_planting_leaves_the_given_frame_as_it_was(clean):
    before = clean.frame.copy()
    plant_faults(clean.frame, rng=np.random.default_rng(0))
    assert_frame_equal(clean.frame, before)


@pytest.mark.parametrize("n", [1, 2])
def test_faults_can_be_planted_in_few_rows(n):
    members = make_members(n, rng=np.random.default_rng(0), faults=True)
    assert len(members.frame) == n  # 1.5 % of them is no row
    assert len(members.truth.faults) == 7
