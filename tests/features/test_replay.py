"""Production played again, judged by Feast and by pandas."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Float64
from pandas.testing import assert_frame_equal

from mlcourse.features import open_repository, replay


def day(*days):
    start = pd.Timestamp("2026-01-01", tz="UTC")
    return start + pd.to_timedelta(np.array(days, dtype=float), unit="D").round("s")


def rows(*values, member="M1"):
    """Feature rows from (event day, arrival day, orders)."""
    events, arrivals, orders = zip(*values, strict=True)
    return pd.DataFrame(
        {
            "member_id": member,
            "event_timestamp": day(*events),
            "created_timestamp": day(*arrivals),
            "orders": orders,
        }
    )


def ask(*days, member="M1"):
    return pd.DataFrame({"member_id": member, "event_timestamp": day(*days)})


def answers(requests, features, ttl_days=99):
    found = replay(requests, features, ttl=timedelta(days=ttl_days))
    return [None if np.isnan(value) else value for value in found["orders"]]


def test_a_value_is_there_from_its_arrival_and_not_from_its_event():
    assert answers(ask(0, 1, 2.9, 3, 4), rows((1, 3, 7))) == [None, None, None, 7, 7]


def test_a_late_row_about_an_earlier_moment_changes_nothing():
    features = rows((1, 6, 5), (2, 2, 7))
    assert answers(ask(5, 7), features) == [7, 7]


def test_a_correction_of_the_same_moment_replaces_it_on_arrival():
    assert answers(ask(2, 4), rows((1, 3, 8), (1, 1, 7))) == [7, 8]


def test_of_rows_that_arrive_together_the_latest_event_counts():
    assert answers(ask(9), rows((2, 3, 8), (1, 3, 7))) == [8]


def test_a_value_is_missing_once_it_is_older_than_the_ttl():
    assert answers(ask(4, 4.001), rows((1, 2, 7)), ttl_days=3) == [7, None]


def test_members_are_apart_and_unknown_ones_have_nothing():
    features = pd.concat([rows((1, 1, 7)), rows((1, 1, 9), member="M2")])
    requests = pd.concat([ask(2, member=m) for m in ("M2", "M1", "M3")])
    assert answers(requests, features) == [9, 7, None]


def test_order_index_and_columns_of_the_requests_are_kept():
    requests = ask(5, 2, 4).set_axis([9, 4, 6]).assign(churned=[True, False, True])
    before = requests.copy()
    found = replay(requests, rows((1, 1, 7), (3, 3, 8)), ttl=timedelta(days=9))
    assert found["orders"].tolist() == [8, 7, 8]
    assert_frame_equal(found.drop(columns="orders"), before)
    assert_frame_equal(requests, before)


def random_case(seed):
    rng = np.random.default_rng(seed)
    event = rng.permutation(4_000)[:900] / 40  # no ties: Feast's sort is not stable
    late = rng.exponential(3.0, 900) * (rng.random(900) < 0.5)
    features = pd.DataFrame(
        {
            "member_id": rng.choice([f"M{i}" for i in range(40)], 900),
            "event_timestamp": day(*event),
            "created_timestamp": day(*(event + late)),
            "orders": rng.integers(0, 99, 900).astype(float),
        }
    )
    requests = pd.DataFrame(
        {
            "member_id": rng.choice([f"M{i}" for i in range(45)], 300),
            "event_timestamp": day(*rng.permutation(4_000)[:300] / 40),
        }
    )
    return requests, features


@pytest.mark.parametrize("seed", range(5))
def test_without_late_rows_it_is_an_asof_join_of_pandas(seed):
    requests, features = random_case(seed)
    features["created_timestamp"] = features["event_timestamp"]
    ttl = timedelta(days=4)
    found = replay(requests, features, ttl=ttl)
    joined = pd.merge_asof(
        requests.sort_values("event_timestamp"),
        features.drop(columns="created_timestamp").sort_values("event_timestamp"),
        on="event_timestamp",
        by="member_id",
        tolerance=ttl,
    )
    keys = ["member_id", "event_timestamp"]
    wanted = requests.merge(joined, on=keys, how="left")
    assert found["orders"].isna().any()
    assert_frame_equal(found, wanted)


@pytest.mark.parametrize("seed", range(3))
def test_with_late_rows_it_is_the_join_of_feast_on_what_was_known(seed):
    requests, features = random_case(seed)
    ttl = timedelta(days=9)
    with open_repository() as repository:
        member = Entity(
            name="member", join_keys=["member_id"], value_type=ValueType.STRING
        )
        view = FeatureView(
            name="activity",
            entities=[member],
            ttl=ttl,
            schema=[Field(name="orders", dtype=Float64)],
            source=FileSource(
                path=str(repository.write("activity", features)),
                timestamp_field="event_timestamp",
                created_timestamp_column="created_timestamp",
            ),
        )
        repository.store.apply([member, view])
        joined = repository.store.get_historical_features(
            entity_df=requests,
            features=["activity:orders"],
            filter_by_created_timestamp=True,
        ).to_df()
    keys = ["member_id", "event_timestamp"]
    wanted = requests.merge(joined, on=keys, how="left")["orders"]
    found = replay(requests, features, ttl=ttl)["orders"]
    assert found.notna().sum() > 100
    assert found.equals(wanted)


def test_a_negative_ttl_is_refused():
    with pytest.raises(ValueError, match=r"^ttl == .*must be >= 0"):
        replay(ask(1), rows((1, 1, 7)), ttl=timedelta(days=-1))


def test_a_row_that_arrives_before_its_event_is_refused():
    with pytest.raises(ValueError, match=r"^features == .*must arrive after the event"):
        replay(ask(1), rows((2, 1, 7)), ttl=timedelta(days=1))
