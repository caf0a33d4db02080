"""The table that describes the columns of a data set."""

import numpy as np
import pandas as pd
import pytest

from mlcourse.datasets.columns import Column, column_table

AGE = Column("age_days", "days", "Age.", low=0)
PLAN = Column("plan", "", "Plan.", known_after_days=3, categories=("a", "b"))


def test_rows_follow_the_frame_whatever_the_order_of_the_descriptions():
    frame = pd.DataFrame({"plan": ["a"], "age_days": [1]})
    table = column_table(frame, [AGE, PLAN])
    assert list(table.index) == ["plan", "age_days"]
    assert table.loc["plan", "categories"] == ("a", "b")
    assert table.loc["age_days", "dtype"] == "int64"
    assert table["known_after_days"].to_dict() == {"plan": 3, "age_days": 0}
    assert np.isnan(table.loc["plan", "low"])


@pytest.mark.parametrize("described", [[], [AGE, AGE], [AGE, PLAN]])
def test_a_column_left_out_doubled_or_made_up_is_refused(described):
    with pytest.raises(ValueError, match="must describe each column exactly once"):
        column_table(pd.DataFrame({"age_days": [1]}), described)
