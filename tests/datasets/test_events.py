"""Events of members: two times of one fact, and a known process behind them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from mlcourse.datasets import make_events


@pytest.fixture(scope="module")
def events():
    return make_events(80_000, rng=np.random.default_rng(4))


@pytest.fixture(scope="module")
def frame(events):
    return events.frame.assign(event_time=events.truth.event_time)


def test_nothing_is_known_before_it_happened_or_after_the_export(frame):
    assert (frame["created_time"] >= frame["event_time"]).all()
    assert frame["event_time"].min() >= pd.Timestamp("2025-09-02")
    assert frame["created_time"].max() < pd.Timestamp("2026-03-01")


def test_rows_come_in_the_order_in_which_the_shop_came_to_know_them(frame):
    assert frame["created_time"].is_monotonic_increasing
    assert not frame["event_time"].is_monotonic_increasing


def test_local_time_less_its_offset_is_the_time_in_utc(events, frame):
    utc = frame["local_time"] - pd.to_timedelta(frame["utc_offset_minutes"], "min")
    assert (utc == frame["event_time"]).all()
    zone = frame.merge(events.members, on="member_id")["time_zone"]
    winter = (frame["event_time"] > "2025-10-26 02:00").to_numpy()
    for name, hours in (("Lisbon", 0), ("Berlin", 1), ("Athens", 2)):
        there = (zone == f"Europe/{name}").to_numpy()
        assert set(frame.loc[there & winter, "utc_offset_minutes"]) == {60 * hours}
        assert set(frame.loc[there & ~winter, "utc_offset_minutes"]) >= {
            60 * hours + 60
        }


def test_a_redelivery_is_the_same_event_that_arrives_later(events, frame):
    again = frame[events.truth.redelivered]
    assert len(again) / len(frame) == pytest.approx(0.02, abs=0.004)
    assert frame["event_id"].duplicated(keep=False).sum() >= 2 * len(again) * 0.9
    facts = ["event_id", "member_id", "kind", "local_time", "severity"]
    assert len(frame[facts].drop_duplicates()) == frame["event_id"].nunique()
    first = frame[~events.truth.redelivered].set_index("event_id")["created_time"]
    assert first.index.is_unique
    assert (again["created_time"].to_numpy() >= first[again["event_id"]]).all()


def test_some_events_of_a_member_share_their_minute(frame):
    once = frame.drop_duplicates("event_id")
    tied = once.duplicated(["member_id", "event_time"], keep=False)
    assert 0.03 < tied.mean() < 0.09


def test_members_without_events_are_members_all_the_same(events, frame):
    silent = ~events.members["member_id"].isin(frame["member_id"])
    assert silent.mean() > 0.02


def test_who_cancelled_does_nothing_any_more(events, frame):
    gone = events.members.set_index("member_id")["cancelled_time"]
    left = frame["member_id"].map(gone)
    assert not (frame["event_time"] > left).any()


def test_who_wants_their_data_erased_has_left_before(events):
    erased = events.members.dropna(subset="erasure_time")
    assert len(erased) > 20
    assert (erased["erasure_time"] >= erased["cancelled_time"]).all()


def test_decisions_are_about_members_who_are_there_and_the_label_is_final(events):
    rows = events.decisions.merge(events.members, on="member_id")
    assert (rows["decision_time"].dt.hour == 6).all()
    assert not (rows["cancelled_time"] <= rows["decision_time"]).any()
    within = rows["cancelled_time"] <= rows["decision_time"] + pd.Timedelta(days=30)
    assert (within == rows["churned"]).all()
    assert rows["decision_time"].max() <= pd.Timestamp("2026-01-30")
    assert 0.06 < rows["churned"].mean() < 0.11


def test_fading_members_come_less_often_and_complain_more(events, frame):
    fading = frame["member_id"].map(
        events.truth.members["fading_from"].set_axis(events.members["member_id"])
    )
    start = pd.Timestamp("2025-09-02")
    after = frame["event_time"] > start + pd.to_timedelta(fading.fillna(999), "D")
    share = frame.groupby(after)["kind"].value_counts(normalize=True).unstack()
    assert share.loc[True, "case"] > 5 * share.loc[False, "case"]
    assert share.loc[True, "session"] < share.loc[False, "session"]


def test_cases_of_leavers_become_known_when_they_leave(events, frame):
    cases = frame[frame["kind"] == "case"]
    gone = cases["member_id"].map(
        events.members.set_index("member_id")["cancelled_time"]
    )
    lag = cases["created_time"] - cases["event_time"]
    assert lag[gone.isna()].mean() < pd.Timedelta(days=3.5)
    held = (cases["created_time"] >= gone) & gone.notna()
    assert held.mean() > 0.1
    assert lag[held].mean() > pd.Timedelta(days=10)


def test_silent_draws_still_have_somebody_to_give_the_events_to():
    for seed in range(60):
        assert len(make_events(1, rng=np.random.default_rng(seed)).frame) == 1


@pytest.mark.parametrize("value", ["2026-03-01", None])
def test_an_export_day_that_is_no_date_is_refused(value):
    with pytest.raises(TypeError, match=r"^until == "):
        make_events(10, rng=np.random.default_rng(0), until=value)


def test_the_day_of_export_moves_the_history():
    events = make_events(50, rng=np.random.default_rng(0), until=date(2025, 1, 1))
    assert events.frame["created_time"].max() < pd.Timestamp("2025-01-01")
    assert repr(events).startswith("Events(50 rows, 1 members")
    assert repr(events.truth).startswith("EventsTruth(1 members")
