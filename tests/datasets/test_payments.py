"""Payments of Tidemark: the calendar, the rule of fraud, the groups and the incidents.

Each test of a distribution rejects a right generator with probability ALARM, and its
rng is fixed, so it fails only where the generator changed.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mlcourse.datasets import Incident, make_payments
from mlcourse.datasets.fraud import FRAUD_RATES, fraud_signals

ALARM = 1e-4
FIRST = date(2026, 1, 5)
DAY = date(2026, 2, 2)  # a Monday, four weeks later
NUMBERS = ["amount_eur", "account_age_days", "delivery_distance_km", "session_minutes"]


def drawn(*incidents, n=20_000, seed=3, **more):
    rng = np.random.default_rng(seed)
    return make_payments(n, rng=rng, incidents=incidents, **more)


@pytest.fixture(scope="module")
def payments():
    return drawn(n=400_000)


@pytest.fixture(scope="module")
def frame(payments):
    return payments.frame


def test_a_row_is_a_payment_with_time_features_groups_and_label(payments, frame):
    groups = ["age_band", "region"]
    assert list(frame) == [
        *("payment_id", "paid_at"),
        *payments.features,
        *groups,
        *("fraud", "label_known_at"),
    ]
    assert not set(groups) & set(payments.features)
    assert frame["payment_id"].is_unique
    assert frame["paid_at"].is_monotonic_increasing
    assert (frame["paid_at"].dt.hour == frame["hour"]).all()
    assert (frame["payments_1h"] <= frame["payments_24h"]).all()
    assert not frame.isna().any(axis=None)


def test_the_days_are_those_that_were_asked_for():
    frame = drawn(start=date(2026, 3, 2), days=3).frame
    days = frame["paid_at"].dt.date.unique().tolist()
    assert days == [date(2026, 3, day) for day in (2, 3, 4)]


def test_volume_follows_the_week_and_grows(frame):
    days = frame.groupby(frame["paid_at"].dt.date).size()
    by_weekday = days.groupby([day.weekday() for day in days.index]).mean()
    assert by_weekday.idxmax() == 5
    assert by_weekday.max() / by_weekday.min() == pytest.approx(1.16 / 0.92, abs=0.03)
    two_years = drawn(n=400_000, start=date(2026, 1, 1), days=730).frame
    year = two_years["paid_at"].dt.year.value_counts()
    assert year[2027] / year[2026] == pytest.approx(1.2, abs=0.015)


def test_december_is_another_world(frame):
    december = drawn(start=date(2026, 12, 7), days=10).frame
    share = [f["merchant_category"].eq("gift_card").mean() for f in (frame, december)]
    assert share[1] > 1.6 * share[0]
    assert december["amount_eur"].median() > 1.1 * frame["amount_eur"].median()


def test_two_good_days_differ_more_than_two_samples(frame):
    spread = np.log(frame["session_minutes"])
    tuesdays = frame["paid_at"].dt.dayofweek == 1
    days = spread[tuesdays].groupby(frame["paid_at"].dt.date)
    sampling = days.std() / np.sqrt(days.size())
    assert days.mean().std() > 2 * sampling.mean()


def test_the_label_is_calibrated_to_the_planted_probability(payments, frame):
    probability, label = payments.truth.fraud_probability, frame["fraud"]
    table = pd.DataFrame(
        {"surprise": label - probability, "variance": probability * (1 - probability)}
    )
    groupings = [
        pd.qcut(probability, 20, labels=False),
        *(frame[name] for name in ("age_band", "region", "merchant_category", "hour")),
    ]
    parts = pd.concat(
        [table.groupby(group, observed=True).sum() for group in groupings]
    )
    scores = parts["surprise"] / np.sqrt(parts["variance"])
    assert scores.abs().max() < stats.norm.isf(ALARM / len(scores) / 2)


def test_the_truth_ranks_payments_as_well_as_a_good_fraud_model(payments, frame):
    auc = roc_auc_score(frame["fraud"], payments.truth.fraud_probability)
    assert 0.89 < auc < 0.93


@pytest.mark.parametrize("rate", [*FRAUD_RATES, 0.015, 0.05])
def test_the_fraud_rate_is_about_what_was_asked_for(rate):
    truth = drawn(n=200_000, fraud_rate=rate).truth
    assert truth.fraud_probability.mean() == pytest.approx(rate, rel=0.06)


def test_fraud_does_not_depend_on_what_is_called_harmless(frame):
    signals = fraud_signals(frame)
    assert set(frame).difference(signals) == {
        *("payment_id", "paid_at", "channel", "session_minutes", "basket_items"),
        *("age_band", "region", "fraud", "label_known_at"),
    }
    for values in signals.values():
        assert abs(values.mean()) < 0.06


def test_a_chargeback_comes_late_and_silence_lasts_120_days(frame):
    wait = (frame["label_known_at"] - frame["paid_at"]) / pd.Timedelta(days=1)
    assert (wait[~frame["fraud"]] == 120).all()
    late = wait[frame["fraud"]]
    assert late.between(1, 120).all()
    assert late.median() == pytest.approx(24, abs=1)
    assert late.quantile(0.95) > 60


def test_groups_say_their_size_their_rate_and_what_was_planted(payments, frame):
    groups = payments.truth.groups
    assert len(groups) == 9
    for group in groups:
        rows = (frame[group.column] == group.value).to_numpy()
        assert group.payments == rows.sum()
        rate = payments.truth.fraud_probability[rows].mean()
        assert group.fraud_rate == pytest.approx(rate)
    planted = {group.value for group in groups if group.planted}
    assert planted == {"18-24", "65+", "islands"}


def test_one_slice_is_too_small_to_measure(frame):
    rows = (frame["age_band"] == "65+") & (frame["region"] == "islands")
    assert 0.004 < rows.mean() < 0.006


def test_a_model_that_cannot_see_the_groups_has_unequal_errors(payments, frame):
    design = np.column_stack(
        [
            pd.get_dummies(
                frame[["merchant_category", "device", "card_country"]], dtype=float
            ),
            np.log(frame[["amount_eur", "delivery_distance_km"]]),
            np.log1p(frame["account_age_days"]),
            frame[["payments_1h", "payments_24h", "declines_24h", "new_device"]],
            frame["hour"] < 6,
        ]
    ).astype(float)
    half = np.arange(len(frame)) < len(frame) // 2
    model = LogisticRegression(max_iter=2_000).fit(design[half], frame["fraud"][half])
    score = model.predict_proba(design[~half])[:, 1]
    test = frame[~half].assign(flagged=score > np.quantile(score, 0.97))
    fraud, honest = test[test["fraud"]], test[~test["fraud"]]
    found = fraud.groupby("age_band", observed=True)["flagged"].mean()
    assert found["65+"] < found["25-39"] - 0.1
    wrong = honest.groupby("age_band", observed=True)["flagged"].mean()
    assert wrong["18-24"] > 1.5 * wrong["25-39"]
    wrong = honest.groupby("region", observed=True)["flagged"].mean()
    assert wrong["islands"] > 1.8 * wrong.drop("islands").max()


def before_and_after(incident, **more):
    """The clean frame and the frame with an incident, each split at its first day."""
    clean, moved = drawn(**more), drawn(incident, **more)
    later = clean.frame["paid_at"].dt.date >= incident.first_day
    assert_frame_equal(clean.frame[~later], moved.frame[~later])
    return clean, moved, later


@pytest.mark.parametrize("kind", ["sudden", "gradual", "joint", "harmless", "concept"])
def test_an_incident_moves_its_own_columns_from_its_first_day(kind):
    incident = Incident(kind, DAY)
    clean, moved, later = before_and_after(incident)
    assert moved.truth.incidents == (incident,)
    label = {"fraud", "label_known_at"}
    differs = {
        name
        for name in clean.frame
        if not clean.frame.loc[later, name].equals(moved.frame.loc[later, name])
    }
    expected = set() if kind == "concept" else set(incident.columns)
    assert differs - label == expected
    assert bool(differs & label) == (kind in ("gradual", "concept"))


def test_sudden_is_a_fault_of_the_record_and_fraud_follows_what_happened():
    clean, moved, later = before_and_after(Incident("sudden", DAY))
    assert_series_equal(
        moved.frame.loc[later, "amount_eur"], clean.frame.loc[later, "amount_eur"] * 100
    )
    assert np.array_equal(moved.truth.fraud_probability, clean.truth.fraud_probability)


def test_sudden_ends_after_its_last_day():
    last = DAY + timedelta(days=2)
    clean, moved, _ = before_and_after(Incident("sudden", DAY, last))
    days = clean.frame["paid_at"].dt.date
    differs = clean.frame["amount_eur"] != moved.frame["amount_eur"]
    assert set(days[differs]) == {DAY + timedelta(days=k) for k in range(3)}


def test_gradual_grows_every_day_and_fraud_follows_it():
    slow = Incident("gradual", DAY, DAY + timedelta(days=13), size=0.25)
    clean, moved, later = before_and_after(slow, n=60_000)
    old, new = clean.frame[later], moved.frame[later]
    ratio = new["account_age_days"] / old["account_age_days"].where(
        lambda age: age > 99
    )
    by_day = ratio.groupby(new["paid_at"].dt.date).median()
    assert (by_day.iloc[:14].diff().iloc[1:] < 0).all()
    assert by_day.iloc[13:].to_numpy() == pytest.approx(0.25, abs=0.005)
    rates = [p.truth.fraud_probability[later].mean() for p in (clean, moved)]
    assert rates[1] > 1.3 * rates[0]


def test_joint_keeps_each_column_and_loses_what_it_goes_with():
    clean, moved, later = before_and_after(Incident("joint", DAY))
    day = clean.frame["paid_at"].dt.date
    for name in ("account_age_days", "delivery_distance_km"):
        for date_ in set(day[later]):
            old, new = (p.frame.loc[day == date_, name] for p in (clean, moved))
            assert sorted(old) == sorted(new)
    aucs = [
        roc_auc_score(p.frame.loc[later, "age_band"] == "18-24", -age)
        for p in (clean, moved)
        for age in [p.frame.loc[later, "account_age_days"]]
    ]
    assert aucs[0] > 0.75
    assert aucs[1] == pytest.approx(0.5, abs=0.02)
    together = moved.frame[["account_age_days", "delivery_distance_km"]]
    pairs = clean.frame[["account_age_days", "delivery_distance_km"]]
    assert set(map(tuple, together.to_numpy())) == set(map(tuple, pairs.to_numpy()))


def test_seasonal_brings_more_payments_at_lower_prices_under_the_same_rule():
    sale = Incident("seasonal", DAY, DAY + timedelta(days=6))
    frames = [drawn(n=60_000).frame, drawn(sale, n=60_000).frame]
    week = [
        f[(f["paid_at"].dt.date >= DAY) & (f["paid_at"].dt.day < 9)] for f in frames
    ]
    assert len(week[1]) > 1.4 * len(week[0])
    assert (week[1]["merchant_category"] == "fashion").mean() > 0.33
    medians = [
        w.loc[w["merchant_category"] == "fashion", "amount_eur"].median() for w in week
    ]
    assert medians[1] < 0.9 * medians[0]


def test_harmless_changes_no_probability():
    clean, moved, later = before_and_after(Incident("harmless", DAY, size=2.0))
    assert np.array_equal(clean.truth.fraud_probability, moved.truth.fraud_probability)
    medians = [p.frame.loc[later, "session_minutes"].median() for p in (clean, moved)]
    assert medians[1] == pytest.approx(2 * medians[0], abs=0.01)


def test_concept_changes_the_rule_and_not_the_inputs():
    clean, moved, later = before_and_after(Incident("concept", DAY), n=200_000)
    inputs = [*clean.features, "age_band", "region"]
    assert_frame_equal(clean.frame[inputs], moved.frame[inputs])
    fresh = (clean.frame["account_age_days"] < 30) & later
    rates = [p.truth.fraud_probability[fresh].mean() for p in (clean, moved)]
    assert rates[1] < 0.6 * rates[0]
    odds = np.log(moved.truth.fraud_probability / (1 - moved.truth.fraud_probability))
    grown_up = later & (clean.frame["age_band"] == "25-39")
    signals = fraud_signals(clean.frame[grown_up])
    kept = sum(
        signals[name] for name in set(signals) - {"account_age_days", "new_device"}
    )
    assert np.ptp(odds[grown_up] - 1.3 * kept) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("column", "size", "share"),
    [("device", 0.3, 0.3), ("merchant_category", 0.2, 0.24), ("new_device", 0.5, 0.55)],
)
def test_a_category_or_a_flag_moves_by_a_share_of_the_rows(column, size, share):
    moved = drawn(Incident("sudden", DAY, columns=(column,), size=size))
    later = moved.frame[moved.frame["paid_at"].dt.date >= DAY]
    values = later[column]
    last = values if values.dtype == bool else values == values.cat.categories[-1]
    assert last.mean() == pytest.approx(share, abs=0.025)


def test_incidents_can_overlap():
    first, second = Incident("harmless", DAY), Incident("sudden", DAY)
    moved = drawn(first, second)
    assert moved.truth.incidents == (first, second)
    later = moved.frame["paid_at"].dt.date >= DAY
    for name in ("session_minutes", "amount_eur"):
        medians = moved.frame[name].groupby(later).median()
        assert medians[True] > 1.4 * medians[False]


def test_an_incident_fills_in_what_is_usual_for_its_kind():
    assert Incident("sudden", DAY).size == 100.0
    assert Incident("joint", DAY).columns == (
        "account_age_days",
        "delivery_distance_km",
    )
    assert Incident("gradual", DAY, size=2).strength == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "slow"}, "^kind == 'slow', must be one of sudden"),
        ({"columns": ("fraud",)}, "sudden can move amount_eur"),
        ({"kind": "harmless", "columns": ("amount_eur",)}, "harmless can move session"),
        ({"kind": "seasonal", "columns": ("amount_eur",)}, "seasonal can move amount"),
        ({"kind": "concept", "columns": ("channel",)}, "concept can move amount"),
        ({"last_day": FIRST}, r"^last_day == 2026-01-05, must be >= first_day\.$"),
        ({"size": 0}, r"^size == 0.0, must be > 0\.$"),
        ({"size": float("inf")}, "^size == inf"),
    ],
)
def test_an_impossible_incident_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Incident(**{"kind": "sudden", "first_day": DAY} | arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first_day": "2026-02-02"}, "^first_day == '2026-02-02', must be a datetime"),
        ({"first_day": None}, "^first_day == None"),
        ({"last_day": datetime(2026, 2, 2, tzinfo=UTC)}, "^last_day == datetime"),
        ({"columns": "amount_eur"}, "^columns == 'amount_eur', must be a tuple"),
    ],
)
def test_an_incident_of_the_wrong_type_is_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        Incident(**{"kind": "sudden", "first_day": DAY} | arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"days": 0}, ValueError, r"^days == 0, must be >= 1\.$"),
        ({"days": 4_000}, ValueError, "^days == 4000, must be <= 3660"),
        ({"start": "2026-01-05"}, TypeError, "^start == "),
        ({"fraud_rate": 0.5}, ValueError, "^fraud_rate == 0.5, must be in 0.001"),
        ({"fraud_rate": 0.0}, ValueError, "^fraud_rate == 0.0"),
        ({"incidents": [Incident("joint", DAY)]}, TypeError, "^incidents == "),
        ({"incidents": ("joint",)}, TypeError, "must be a tuple of Incident"),
        (
            {"incidents": (Incident("joint", date(2027, 1, 1)),)},
            ValueError,
            "^first_day == 2027-01-01, must be in 2026-01-05 to 2026-03-01",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        make_payments(10, rng=np.random.default_rng(0), **arguments)
