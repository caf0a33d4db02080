"""Sample ratio mismatch against scipy and tea-tasting."""

import pandas as pd
import pytest
import tea_tasting as tt
from scipy import stats

from mlcourse.experiments import mismatch_p_value


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ([5_000, 5_100], [0.5, 0.5]),
        ([900, 9_500], [1, 9]),
        ([100, 120, 80], [0.3, 0.4, 0.3]),
    ],
)
def test_the_p_value_is_that_of_the_chi_squared_test(counts, shares):
    expected = [share / sum(shares) * sum(counts) for share in shares]
    theirs = stats.chisquare(counts, expected).pvalue
    assert mismatch_p_value(counts, shares=shares) == pytest.approx(theirs)


def test_tea_tasting_sees_the_same_mismatch():
    frame = pd.DataFrame({"variant": [0] * 5_000 + [1] * 5_300})
    metric = tt.SampleRatio(1, method="norm", correction=False)
    theirs = tt.Experiment(m=metric).analyze(frame)["m"]
    ours = mismatch_p_value([5_000, 5_300], shares=[0.5, 0.5])
    assert ours == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize(
    ("counts", "shares"),
    [([1, 2], [1]), ([1], [1]), ([0, 0], [1, 1]), ([-1, 2], [1, 1]), ([1, 2], [0, 1])],
)
def test_counts_or_shares_out_of_range_are_refused(counts, shares):
    with pytest.raises(ValueError, match="^(counts|shares) == "):
        mismatch_p_value(counts, shares=shares)
