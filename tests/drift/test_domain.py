"""The domain classifier sees what single columns do not show."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from mlcourse.drift import domain_auc


def pairs(n, correlation, *, seed):
    rng = np.random.default_rng(seed)
    covariance = [[1, correlation], [correlation, 1]]
    return pd.DataFrame(
        rng.multivariate_normal([0, 0], covariance, n), columns=["a", "b"]
    )


def test_equal_data_cannot_be_told_apart():
    # 200 seeds gave 0.481 to 0.525 for 1,500 rows each.
    auc = domain_auc(
        pairs(1_500, 0.9, seed=0),
        pairs(1_500, 0.9, seed=1),
        rng=np.random.default_rng(2),
    )
    assert auc == pytest.approx(0.5, abs=0.06)


def test_a_lost_dependence_is_seen_although_no_column_moved():
    old, new = pairs(1_500, 0.9, seed=0), pairs(1_500, 0.0, seed=1)
    assert min(ks_2samp(old[name], new[name]).pvalue for name in old) > 0.05
    assert domain_auc(old, new, rng=np.random.default_rng(2)) > 0.75


def test_categories_and_flags_are_read():
    old = pd.DataFrame({"kind": pd.Categorical(["x", "y"] * 100), "flag": [True] * 200})
    new = old.assign(flag=False)
    assert domain_auc(old, new, rng=np.random.default_rng(0)) == 1.0


def test_frames_that_do_not_fit_are_refused():
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    with pytest.raises(ValueError, match="must be as reference"):
        domain_auc(
            frame, frame.rename(columns={"a": "b"}), rng=np.random.default_rng(0)
        )
    with pytest.raises(
        ValueError, match=r"^folds == 3, must be >= 2 and <= rows \(2\)"
    ):
        domain_auc(frame, frame, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="^folds == 1"):
        domain_auc(frame, frame, rng=np.random.default_rng(0), folds=1)
