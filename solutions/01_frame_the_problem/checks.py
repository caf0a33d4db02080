"""Checks and hints of lab 01. The hidden tests stand in the grader's notebook only."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlcourse.checks import Checks, expect
from mlcourse.writing import Brief, Number

checks = Checks("01_frame_the_problem")

# Small data with known answers, for the checks and the hidden tests ------------------

ABOUT = pd.DataFrame(
    {
        "low": [np.nan, np.nan, np.nan, 2.0],
        "high": [np.nan, np.nan, np.nan, 9.0],
        "categories": [(), (), ("a", "b"), ()],
    },
    index=["id", "day", "kind", "size"],
)
COST = np.array([[0.0, 60.0], [3.0, 48.0]])


def table_of(**changes: Any) -> pd.DataFrame:
    """Return four good rows of the columns in ABOUT, some of them changed."""
    good = {
        "day": pd.date_range("2026-01-01", periods=4),
        "id": pd.array(list("wxyz"), dtype="string"),
        "kind": pd.Categorical(["a", "b", "a", "b"]),
        "size": [3.0, 4.0, 6.0, 8.0],
    }
    return pd.DataFrame(good | changes)


def toy_members(n: int, *, seed: int) -> pd.DataFrame:
    """Return rows with two numbers, a category and a flag."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": rng.normal(size=n),
            "age": rng.integers(18, 80, n),
            "kind": pd.Categorical(rng.choice(["a", "b", "c"], n)),
            "paid": rng.random(n) < 0.5,
        }
    )


# 1. The state of the data ------------------------------------------------------------

quality_report = checks.task(
    "quality_report",
    hints={
        "shape": "Go through the columns of frame with frame.items(), make a dictionary "
        "of three shares for each, and build a DataFrame with index=frame.columns.",
        "range": "Both ends are valid, so compare with < low and > high. Look a column "
        "up by its name: columns.loc[name].",
        "open": "One bound may be NaN while the other counts. Treat them one at a time, "
        "each behind pd.notna(...); dates and texts have none.",
        "missing": "A missing value is never out of range: combine with values.notna(). "
        "It is not among the categories either.",
        "key": "values.duplicated() marks every copy but the first. Use it for the key, "
        "and 0 elsewhere. Shares are of all rows.",
    },
)


@quality_report.expects(
    "A row for each column, and three shares in each.", hint="shape"
)
def _(quality_report):
    got = quality_report(table_of(), ABOUT, key="id")
    expect(list(got.index) == ["day", "id", "kind", "size"], got=list(got.index))
    names = {"missing", "out_of_range", "duplicates"}
    expect(set(got.columns) == names, got=list(got.columns))


@quality_report.expects("A table without faults is told so.", hint="key")
def _(quality_report):
    got = quality_report(table_of(), ABOUT, key="id")
    expect((got == 0).all(axis=None), got=got)


@quality_report.expects(
    "A value that is too large and a category that is not listed are out of range.",
    hint="range",
)
def _(quality_report):
    kind = pd.Categorical(["a", "gold", "silver", "b"])
    got = quality_report(table_of(size=[5, 5, 500, 5], kind=kind), ABOUT, key="id")
    shares = dict(got["out_of_range"])
    expect(shares == {"day": 0, "id": 0, "kind": 0.5, "size": 0.25}, got=shares)


damage = checks.task(
    "damage",
    hints={
        "form": "A dictionary with the three columns as keys. The values are "
        '"month", "channel" or "orders".',
        "baskets": "In the left map, look along the row of the baskets: one field is dark.",
        "sessions": "Compare the row of the sessions in the right map, from the first "
        "field to the last, with the same row in the other two.",
        "discounts": "In the map by channel, who gets vouchers?",
    },
)


@damage.expects(
    "The form: one of three words for each column. The text below tells the reasons.",
    hint="form",
)
def _(damage):
    names = {"app_sessions_30d", "discount_share", "basket_value_mean_eur"}
    expect(set(damage) == names, got=sorted(damage))
    words = set(damage.values())
    expect(words <= {"month", "channel", "orders"}, got=sorted(map(str, words)))


# 2. Leaks ----------------------------------------------------------------------------

find_leaks = checks.task(
    "find_leaks",
    hints={
        "late": "A column leaks when its value is final only after the decision. Compare "
        "the whole series with decision_time, and take names from its index.",
        "clock": "Compare moments, not dates, and allow the very moment: <=.",
        "unknown": "A comparison with NaT is False. Ask for what is usable, and return "
        "all the rest.",
        "label": "No name is special. The label is not known either, so it is listed.",
        "order": "Return a plain list, in the order of the series.",
    },
)


@find_leaks.expects(
    "What is final later leaks, what is final before does not.", hint="late"
)
def _(find_leaks):
    moments = {"plan": "2025-12-01", "reason": "2026-04-30", "refund": "2026-03-20"}
    got = find_leaks(pd.Series(moments).map(pd.Timestamp), pd.Timestamp("2026-03-01"))
    expect(isinstance(got, list), got=type(got).__name__)
    expect(got == ["reason", "refund"], got=got)


# 3. The split ------------------------------------------------------------------------

split_by_time = checks.task(
    "split_by_time",
    hints={
        "clock": "Add label_days to each decision date: that is when its label is final. "
        "pd.Timedelta(days=...) can be added to a column of dates.",
        "edge": "Final on the day is final: <=, not <.",
        "gap": "The second frame has the rows decided exactly at the date. The rows "
        "between the two, and all later ones, are in neither.",
        "rows": "frame[mask] keeps order and index. Do not sort or reset.",
    },
)


MONTHS = pd.DataFrame(
    {"decision_date": pd.date_range("2025-10-01", periods=7, freq="MS")}
)


@split_by_time.expects("It keeps the gap that the label needs.", hint="clock")
def _(split_by_time):
    past, _ = split_by_time(MONTHS, at=pd.Timestamp("2026-03-01"), label_days=60)
    got = f"{past['decision_date'].min()} to {past['decision_date'].max()}"
    expect(list(past["decision_date"].dt.month) == [10, 11, 12], got=got)


@split_by_time.expects("The second frame is the month to judge.", hint="gap")
def _(split_by_time):
    _, now = split_by_time(MONTHS, at=pd.Timestamp("2026-03-01"), label_days=60)
    expect(list(now["decision_date"].dt.month) == [3], got=list(now["decision_date"]))


# 4 and 5. Cost and baselines ---------------------------------------------------------

expected_cost = checks.task(
    "expected_cost",
    hints={
        "mean": "Look up a cost for each member, then take the mean: cost[called, outcome] "
        "with two arrays of 0 and 1 does all members at once.",
        "pairs": "The first index is the decision (1 for called), the second the outcome "
        "(1 for left). Make the cost an array with np.asarray.",
        "edge": "A score that equals the threshold is a call: >=.",
        "order": "np.asarray(...) drops the index of a series, and turns lists and flags "
        "into arrays. astype(int) makes them indices.",
    },
)


@expected_cost.expects("It is the mean cost of four members.", hint="mean")
def _(expected_cost):
    left, score = np.array([0, 1, 1, 1]) == 1, np.array([0.1, 0.2, 0.7, 0.9])
    got = expected_cost(left, score, threshold=0.5, cost=COST)
    expect(abs(got - 39.0) < 1e-9, got=got)


fit_rule = checks.task(
    "fit_rule",
    hints={
        "start": "Write the plan for all first: expected_cost with scores of 0 for all, "
        "and of 1 for all; the smaller of the two.",
        "plans": "Which plan is cheaper depends on the cost and on how many leave. "
        "Compute both.",
        "all_cuts": "Make a Rule for each column and each value in it, and take the one "
        "with min(rules, key=...), the key being its expected_cost on the frame.",
    },
)


@fit_rule.expects("same_for_all: the cheaper plan, if two of four leave.", hint="start")
def _(same_for_all, fit_rule):
    got = same_for_all(np.array([False, False, True, True]), cost=COST)
    expect(abs(got - 25.5) < 1e-9, got=got)


@fit_rule.expects("The rule on a small table is the best one.", hint="all_cuts")
def _(same_for_all, fit_rule):
    left = np.array([False, False, True, True])
    frame = pd.DataFrame({"a": [1, 5, 2, 2], "b": [1, 2, 3, 4], "churned": left})
    rule = fit_rule(frame, ["a", "b"], cost=COST)
    expect((rule.column, rule.cut) == ("b", 3), got=rule)


# 6. The model ------------------------------------------------------------------------

build_model = checks.task(
    "build_model",
    hints={
        "pipeline": "A Pipeline of two steps: a ColumnTransformer and a classifier. "
        "Return it without calling fit.",
        "cost": "Do all numbers and categories reach the classifier? predict_proba must "
        "rank members better than one column does.",
        "weight": "Balanced weights make every score too large. Leave class_weight out.",
        "flag": "SimpleImputer has a switch that adds a column for what was missing: "
        "add_indicator.",
        "median": "SimpleImputer(strategy=...) learns what it fills in when it is fitted.",
        "unknown": "OneHotEncoder(handle_unknown=...) decides about new categories.",
        "columns": "One column for each category, the first and the rare ones too: "
        "OneHotEncoder does so unless drop or min_frequency is set. It takes flags, and "
        "missing categories, as they are: no imputer before it.",
        "linear": "The last step is a LogisticRegression.",
        "names": "Give the ColumnTransformer names of columns, scale the numbers, and "
        "leave remainder at its default, which drops all other columns.",
    },
)


@build_model.expects("It is a pipeline that is not fitted.", hint="pipeline")
def _(build_model):
    from sklearn.compose import ColumnTransformer
    from sklearn.exceptions import NotFittedError
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import check_is_fitted

    model = build_model(["size", "age"], ["kind"])
    expect(isinstance(model, Pipeline), got=type(model).__name__)
    kinds = [type(step).__name__ for _, step in model.steps]
    expect(ColumnTransformer.__name__ in kinds, got=kinds)
    try:
        check_is_fitted(model)
    except NotFittedError:
        return
    expect(False, message="Somebody else calls fit, with the training rows.")


@build_model.expects(
    "It takes missing values, categories and flags, and gives a chance.", hint="columns"
)
def _(build_model):
    frame = toy_members(200, seed=0)
    label = frame["size"] > 0
    frame.loc[::7, "size"] = np.nan
    model = build_model(["size", "age"], ["kind", "paid"]).fit(frame, label)
    score = model.predict_proba(frame)[:, 1]
    expect(((score >= 0) & (score <= 1)).all(), got=score[:5])
    expect(score[label].mean() > score[~label].mean(), got=score[:5])


# 7 and 8. Threshold and calibration --------------------------------------------------

best_threshold = checks.task(
    "best_threshold",
    hints={
        "even": "With probability p, no call costs (1 - p) c00 + p c01, a call costs "
        "(1 - p) c10 + p c11. Set them equal and solve for p.",
        "try_all": "Compute expected_cost at each value of np.unique(probability), and at "
        "np.inf, and return the threshold of the least.",
        "nobody": "Sometimes no call pays: then np.inf costs least. And the largest score "
        "alone may be worth a call.",
    },
)


@best_threshold.expects("Break-even of a plain case is right.", hint="even")
def _(break_even, best_threshold):
    got = break_even([[0.0, 10.0], [1.0, 1.0]])
    expect(abs(got - 0.1) < 1e-9, got=got)


@best_threshold.expects("The cheapest threshold of five members.", hint="try_all")
def _(break_even, best_threshold):
    score = np.array([0.1, 0.3, 0.4, 0.6, 0.9])
    got = best_threshold(np.array([0, 0, 1, 0, 1]), score, cost=COST)
    expect(abs(got - 0.4) < 1e-9, got=got, message="Try each score that occurs.")


calibration_table = checks.task(
    "calibration_table",
    hints={
        "groups": "pd.qcut(scores, bins, labels=False, duplicates='drop') gives each "
        "member a group of equal size. Then groupby, the means, and the sizes.",
        "ties": "Groups are cut between scores, not between rows: qcut keeps equal scores "
        "together, np.array_split does not.",
        "order": "np.asarray(...) drops the index of a series, along which a DataFrame "
        "would line the two up.",
        "weights": "The distance is absolute, and np.average takes weights: the counts.",
    },
)


@calibration_table.expects("Two groups of three members each.", hint="groups")
def _(calibration_table, ece):
    score = np.array([0.9, 0.1, 0.2, 0.3, 0.4, 0.2])
    table = calibration_table(np.array([1, 0, 0, 1, 0, 1]), score, bins=2)
    names = {"predicted", "observed", "count"}
    expect(set(table.columns) == names, got=list(table.columns))
    expect(
        np.allclose(table["predicted"], [1 / 6, 1.6 / 3]), got=list(table["predicted"])
    )
    expect(np.allclose(table["observed"], [1 / 3, 2 / 3]), got=list(table["observed"]))
    expect(list(table["count"]) == [3, 3], got=list(table["count"]))


@calibration_table.expects("Its error is the mean gap.", hint="weights")
def _(calibration_table, ece):
    table = {"predicted": [0.2, 0.8], "observed": [0.4, 0.7], "count": [5, 5]}
    got = ece(pd.DataFrame(table))
    expect(abs(got - 0.15) < 1e-9, got=got)


reading = checks.task(
    "reading",
    hints={
        "form": "Three keys: cheap_from and cheap_to, two thresholds, and "
        'promises_too_much, "A" or "B".',
        "ends": "In the picture of part 7, go down from the two places where the thick "
        "line meets the dotted one, and read the threshold.",
        "below": "A point below the dashed line: its mean score is larger than the share "
        "who left.",
    },
)


@reading.expects(
    "The form: two thresholds in order, and one of the two letters.", hint="form"
)
def _(reading):
    keys = {"cheap_from", "cheap_to", "promises_too_much"}
    expect(set(reading) == keys, got=sorted(reading))
    first, last = reading["cheap_from"], reading["cheap_to"]
    expect(0 < first < last < 1, got=(first, last))
    expect(reading["promises_too_much"] in ("A", "B"), got=reading["promises_too_much"])


# 9. The problem statement ------------------------------------------------------------

DECIMALS = {"saving": 0, "saving_low": 0, "saving_high": 0, "latency_hours": 0}
DECIMALS |= {"called": 0, "churn_rate": 1}

BRIEF = Brief(
    sections=(
        "Decision",
        "Target",
        "Metric",
        "Cost",
        "Latency",
        "Success",
        ("What would stop", "Stop rule"),
    ),
    words=(200, 550),
    numbers={
        "threshold": Number("share"),
        "cost_rule": Number("EUR"),
        "cost_model": Number("EUR"),
        "saving": Number("EUR", interval=True),
        "latency_hours": Number("h"),
    },
    terms=("decision date", "label", "baseline", "threshold", "expected cost"),
    avoid={
        "AUC": "say what it means for the calls, or leave it out",
        "pipeline": "Ines never sees it",
        "logistic regression": "say: the model",
        "hyperparameter": "leave it out",
        "ECE": "say: whether the scores keep their promise",
        "imputation": "say what happens to members with missing values",
    },
    max_grade=10.0,
)


def fill(text: str, results: Mapping[str, float]) -> str:
    """Put numbers in place of {name}; a name that is not there stays as it is."""

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name not in results:
            return found[0]
        return f"{results[name]:.{DECIMALS.get(name, 2)}f}"

    return re.sub(r"\{(\w+)\}", number, text)


def review(statement: str, results: Mapping[str, float]) -> Any:
    """Review the filled statement; the result shows what to mend."""
    values = {name: results[name] for name in BRIEF.numbers}
    low, high = results["saving_low"], results["saving_high"]
    values["saving"] = (low, results["saving"], high)
    return BRIEF.review(fill(statement, results), values=values)


statement = checks.task(
    "statement",
    hints={
        "sections": "Seven headings, as in the table: decision, target, metric, cost, "
        "latency limit, success rule, what would stop us.",
        "numbers": "Write {threshold}, {cost_rule}, {cost_model}, {latency_hours}, and "
        "{saving} with {saving_low} to {saving_high} in one sentence, each with its unit.",
        "terms": "Use decision date, label, baseline, threshold and expected cost in "
        "sentences that say something about them.",
        "plain": "Ines leads a team that telephones. Shorter sentences, and no words of "
        "the trade; the review names the places.",
        "claims": "A saving that was measured in one month is no promise. Say what you "
        "saw.",
        "target": "The target needs its window: leaves within how many days of what?",
        "rules": "Success and stop need a number that two people read in the same way.",
    },
)


@statement.expects(
    "The statement and the results behind it are there.", hint="sections"
)
def _(statement, results):
    score = review(statement, results).score
    message = "Half of the review must be met. The cell above shows what to mend."
    expect(score >= 0.5, got=f"{100 * score:.1f} %", message=message)


for sentence, hint, criteria in (
    (
        "All seven sections are there, in 200 to 550 words.",
        "sections",
        "sections length",
    ),
    ("The numbers are yours, with units and interval.", "numbers", "numbers intervals"),
    ("The words of the task are used.", "terms", "terms"),
    ("Ines and her director can read it.", "plain", "jargon reading"),
    ("It claims no more than was measured.", "claims", "claims"),
):

    @statement.expects(sentence, hint=hint, part=True)
    def _(statement, results, criteria=criteria):
        met = review(statement, results).by_criterion
        shares = {name: round(met[name], 2) for name in criteria.split()}
        expect(min(shares.values()) > 0.99, got=shares, message="1 is all of it.")
