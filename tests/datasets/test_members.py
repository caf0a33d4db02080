"""Members of Tidemark: the planted truth is the process that drew the data.

Each test of a distribution rejects a right generator with probability ALARM, and its
rng is fixed, so it fails only where the generator changed.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import special, stats
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlcourse.datasets import ChurnCoefficients, churn_probability, make_members

ALARM = 1e-4
KEYS = ["member_id", "decision_date", "signup_date"]


@pytest.fixture(scope="module")
def members():
    return make_members(300_000, rng=np.random.default_rng(6), months=24)


@pytest.fixture(scope="module")
def frame(members):
    return members.frame


def assert_counts_fit(observed, shares):
    """Chi-squared test of counts against shares of the whole, rare cells joined."""
    expected = np.append(shares, 1 - np.sum(shares)) * observed.sum()
    counts = np.append(observed[: len(shares)], observed[len(shares) :].sum())
    enough = expected >= 20
    counts = np.append(counts[enough], counts[~enough].sum())
    expected = np.append(expected[enough], expected[~enough].sum())
    kept = expected > 1e-9
    test = stats.chisquare(counts[kept], expected[kept], sum_check=False)
    assert test.pvalue > ALARM


def test_a_row_is_a_member_with_its_dates_features_and_label(members, frame):
    assert list(frame) == [*KEYS, *members.features, "churned"]
    assert frame["member_id"].is_unique
    assert len(members.features) == 14
    kinds = frame[list(members.features)].dtypes.astype(str).value_counts()
    assert kinds["category"] == 3
    assert kinds["bool"] == 1


def test_all_features_are_known_when_the_decision_is_taken_and_the_label_later(members):
    known = members.columns["known_after_days"]
    assert (known[list(members.features)] == 0).all()
    assert known["churned"] == 60


def test_without_faults_nothing_is_missing_doubled_or_planted(members, frame):
    assert not frame.isna().any(axis=None)
    assert not frame.duplicated().any()
    assert members.truth.faults == ()


def test_the_label_is_calibrated_to_the_planted_probability(members, frame):
    probability, label = members.truth.churn_probability, frame["churned"]
    sums = pd.DataFrame(
        {"surprise": label - probability, "variance": probability * (1 - probability)}
    )
    groupings = [
        pd.qcut(probability, 20, labels=False),
        frame["decision_date"],
        frame["late_deliveries_90d"].clip(upper=3),
        *(frame[name] for name in ("plan", "region", "acquisition_channel")),
    ]
    parts = pd.concat([sums.groupby(group, observed=True).sum() for group in groupings])
    scores = parts["surprise"] / np.sqrt(parts["variance"])
    assert len(scores) > 50
    assert scores.abs().max() < stats.norm.isf(ALARM / len(scores) / 2)
    surprise, variance = sums.sum()
    assert abs(surprise) < stats.norm.isf(ALARM / 2) * np.sqrt(variance)


def test_the_planted_coefficients_come_back_from_the_labels(members, frame):
    failed = frame["payment_failures_90d"] > 0
    years = frame["decision_date"].dt.year - 2026
    months = years * 12 + frame["decision_date"].dt.month - 1
    terms = {
        "intercept": np.ones(len(frame)),
        "tenure": np.log(1 + frame["tenure_months"]),
        "plan_plus": frame["plan"] == "plus",
        "plan_family": frame["plan"] == "family",
        "fee": frame["monthly_fee_eur"],
        "recency": 1 - np.exp(-frame["days_since_last_order"] / 30),
        "orders": np.log(1 + frame["orders_90d"]),
        "sessions": np.log(1 + frame["app_sessions_30d"]),
        "basket": np.log(frame["basket_value_mean_eur"] / 40),
        "late": np.log(1 + frame["late_deliveries_90d"]),
        "contacts": np.log(1 + frame["support_contacts_90d"]),
        "discount": (frame["discount_share"] - 0.4).clip(lower=0),
        "payment_failure": failed,
        "auto_renew": frame["auto_renew"],
        "auto_renew_payment_failure": frame["auto_renew"] & failed,
        "channel_referral": frame["acquisition_channel"] == "referral",
        "channel_social_ad": frame["acquisition_channel"] == "social_ad",
        "channel_voucher": frame["acquisition_channel"] == "voucher",
        "trend": months.clip(-12, 12),
    }
    design = np.column_stack([np.asarray(term, dtype=float) for term in terms.values()])
    planted = members.truth.coefficients
    assert list(terms) == list(ChurnCoefficients.__dataclass_fields__)

    found = np.zeros(len(terms))
    for _ in range(8):  # Newton's method
        expected = special.expit(design @ found)
        information = (design.T * (expected * (1 - expected))) @ design
        found += np.linalg.solve(information, design.T @ (frame["churned"] - expected))
    error = np.sqrt(np.diag(np.linalg.inv(information)))
    truth = np.array([getattr(planted, name) for name in terms])
    scores = (found - truth) / error
    assert np.abs(scores).max() < stats.norm.isf(ALARM / len(terms) / 2)
    assert (np.abs(truth) > 2 * error).all(), "each term is large enough to be seen"


def test_the_probability_of_a_frame_is_that_of_its_members(members, frame):
    assert np.array_equal(churn_probability(frame), members.truth.churn_probability)


def test_one_change_moves_the_probability_the_way_its_coefficient_says(frame):
    few = frame.head(1_000)
    base = churn_probability(few)
    late = few.assign(late_deliveries_90d=few["late_deliveries_90d"] + 1)
    moved = few.assign(region="islands")
    assert (churn_probability(late) > base).all()
    assert np.array_equal(churn_probability(moved), base)
    flat = ChurnCoefficients(**dict.fromkeys(ChurnCoefficients.__dataclass_fields__, 0))
    assert np.array_equal(churn_probability(few, coefficients=flat), [0.5] * 1_000)


def test_the_dates_are_monthly_and_in_equal_parts(frame):
    dates = frame["decision_date"]
    assert dates.is_monotonic_increasing
    wanted = pd.date_range("2024-04-01", "2026-03-01", freq="MS")
    assert list(dates.unique()) == list(wanted)
    assert dates.value_counts().nunique() == 1


def test_a_date_late_in_the_month_stays_on_its_day():
    members = make_members(
        7, rng=np.random.default_rng(0), decision_date=date(2024, 3, 28), months=3
    )
    days = members.frame["decision_date"].dt.strftime("%Y-%m-%d")
    assert list(days.unique()) == ["2024-01-28", "2024-02-28", "2024-03-28"]


def test_churn_rises_slowly_with_the_months_and_stops_rising():
    def odds(day):
        one = make_members(1, rng=np.random.default_rng(0)).frame
        p = churn_probability(one.assign(decision_date=pd.Timestamp(day)))
        return special.logit(p[0])

    assert odds("2026-05-01") - odds("2026-04-01") == pytest.approx(0.02)
    assert odds("2030-01-01") == odds("2027-01-28")
    assert odds("2020-01-01") == odds("2025-01-01")


def test_recency_and_frequency_tell_the_same_story(frame):
    recent = frame["days_since_last_order"] <= 90
    assert ((frame["orders_90d"] > 0) == recent).all()
    age = (frame["decision_date"] - frame["signup_date"]).dt.days
    assert (frame["days_since_last_order"] <= age).all()
    assert (frame["late_deliveries_90d"] <= frame["orders_90d"]).all()
    assert frame["orders_90d"].corr(frame["app_sessions_30d"]) > 0.2


def test_tenure_counts_completed_months_of_the_calendar(frame):
    some = frame.sample(300, random_state=0)
    for row in some.itertuples():
        completed = row.signup_date + pd.DateOffset(months=row.tenure_months)
        next_one = row.signup_date + pd.DateOffset(months=row.tenure_months + 1)
        assert completed <= row.decision_date < next_one


def test_the_fee_follows_plan_price_rise_and_first_months(frame):
    listed = frame["plan"].map({"basic": 4.99, "plus": 8.99, "family": 12.99})
    fee = listed.astype(float) - (frame["signup_date"] < "2025-01-01")
    half = (frame["acquisition_channel"] == "voucher") & (frame["tenure_months"] < 3)
    fee = fee.mask(half, fee / 2)
    assert (frame["monthly_fee_eur"] - fee).abs().max() < 0.006


def test_tenure_has_the_ages_of_shifted_beta_geometric_lifetimes(frame):
    days = (frame["decision_date"] - frame["signup_date"]).dt.days
    month = ((days - 0.5) / (365.25 / 12)).astype(int)
    ages = np.arange(120)
    survival = special.beta(1.5, 8 + ages) / special.beta(1.5, 8)
    share = survival / survival.sum()
    # Days are whole, months are not: compare years, whose edges blur little.
    observed = np.bincount(month // 12, minlength=10)[:10]
    expected = share.reshape(10, 12).sum(axis=1)
    assert np.abs(observed / len(frame) - expected).max() < 0.004


def test_orders_of_older_members_are_negative_binomial(frame):
    age = (frame["decision_date"] - frame["signup_date"]).dt.days
    for plan, mean in (("basic", 2.2), ("plus", 3.4), ("family", 4.6)):
        orders = frame.loc[(age > 90) & (frame["plan"] == plan), "orders_90d"]
        shares = stats.nbinom.pmf(np.arange(30), 1.6, 1.6 / (1.6 + mean))
        assert_counts_fit(np.bincount(orders, minlength=31), shares)


def test_the_last_of_k_orders_is_the_latest_of_k_uniform_times(frame):
    age = (frame["decision_date"] - frame["signup_date"]).dt.days
    for k in (1, 3):
        since = frame.loc[
            (age > 90) & (frame["orders_90d"] == k), "days_since_last_order"
        ]
        day = np.arange(91) / 90
        shares = np.diff(1 - (1 - day) ** k)
        assert_counts_fit(np.bincount(since, minlength=92)[1:], shares[:-1])


def test_late_deliveries_are_beta_binomial_in_each_region(frame):
    means = {"north": 0.06, "south": 0.08, "east": 0.09, "west": 0.06, "islands": 0.18}
    for region, mean in means.items():
        some = frame[frame["region"] == region]
        orders, late = some["orders_90d"], some["late_deliveries_90d"]
        shape = (6 * mean, 6 * (1 - mean))
        variance = stats.betabinom.var(orders[orders > 0], *shape).sum()
        surprise = (late - mean * orders).sum()
        assert abs(surprise) < stats.norm.isf(ALARM / 2) * np.sqrt(variance)
        shares = stats.betabinom.pmf(np.arange(4), 4, *shape)
        assert_counts_fit(np.bincount(late[orders == 4], minlength=5), shares)


def test_baskets_have_the_mean_of_their_plan(frame):
    for plan, mean in (("basic", 33), ("plus", 37), ("family", 45)):
        basket = frame.loc[frame["plan"] == plan, "basket_value_mean_eur"]
        score = (basket.mean() - mean) / basket.sem()
        assert abs(score) < stats.norm.isf(ALARM / 2)


def test_a_model_beats_one_rule_and_nears_the_truth_in_twenty_seeds():
    rates, models, rules, limits = np.array([score(seed) for seed in range(20)]).T
    assert rates.min() > 0.12
    assert rates.max() < 0.18
    assert 0.75 < models.mean() < 0.82
    assert (models - rules > 0.05).all()
    assert (limits > models).all()


def score(seed):
    """Rate of churn; AUC of a pipeline, of tenure alone and of the truth, later on."""
    members = make_members(10_000, rng=np.random.default_rng(seed), months=6)
    frame, newest = members.frame, members.frame["decision_date"].max()
    test = (frame["decision_date"] == newest).to_numpy()
    train = (frame["decision_date"] + np.timedelta64(60, "D") <= newest).to_numpy()
    features, label = frame[list(members.features)], frame["churned"]
    columns = make_column_transformer(
        (OneHotEncoder(), make_column_selector(dtype_include=["category", "bool"])),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=500))
    model.fit(features[train], label[train])
    later = label[test]
    return (
        label.mean(),
        roc_auc_score(later, model.predict_proba(features[test])[:, 1]),
        roc_auc_score(later, -frame["tenure_months"][test]),
        roc_auc_score(later, members.truth.churn_probability[test]),
    )


def test_a_learner_with_another_seed_gets_other_members_of_the_same_process():
    first = make_members(50, rng=np.random.default_rng(1))
    second = make_members(50, rng=np.random.default_rng(2))
    assert not first.frame["orders_90d"].equals(second.frame["orders_90d"])
    assert first.truth.coefficients == second.truth.coefficients
    assert_frame_equal(first.columns, second.columns)


@pytest.mark.parametrize(
    "value",
    ["2026-03-01", pd.Timestamp("2026-03-01"), None, np.datetime64("2026-03-01")],
)
def test_a_decision_date_that_is_no_date_is_refused(value):
    with pytest.raises(
        TypeError, match=r"^decision_date == .*must be a datetime\.date"
    ):
        make_members(10, rng=np.random.default_rng(0), decision_date=value)


@pytest.mark.parametrize("value", [date(2026, 1, 29), date(1999, 1, 1)])
def test_a_decision_date_that_some_month_lacks_is_refused(value):
    with pytest.raises(ValueError, match=r"^decision_date == .*day 1 to 28"):
        make_members(10, rng=np.random.default_rng(0), decision_date=value)


@pytest.mark.parametrize("months", [0, 121])
def test_months_out_of_bounds_are_refused(months):
    with pytest.raises(ValueError, match=rf"^months == {months}, must be"):
        make_members(10, rng=np.random.default_rng(0), months=months)


@pytest.mark.parametrize(
    ("name", "value"), [("months", 1.5), ("faults", 1), ("decision_date", 2026)]
)
def test_a_refused_argument_leaves_rng_as_it_was(name, value):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(TypeError, match=f"^{name} == {value}"):
        make_members(10, rng=rng, **{name: value})
    assert rng.bit_generator.state == before


def test_members_and_their_truth_print_in_one_line(members):
    assert repr(members).startswith("Members(300,000 rows, 18 columns, 1")
    assert repr(members.truth).startswith("MembersTruth(mean probability 1")
