# ---
# jupyter:
#   mlcourse:
#     title: Data drift, from the first sign to the message
#     minutes: 90
#     needs:
#     - 00_preflight
#     goals:
#     - measure drift by hand and by Evidently, and say why the two may differ
#     - set a limit whose false pages you can state, and find what drifted and since when
#     - tell drift that costs money from drift that does not
#     - write the alert for engineers and the message for the business
#     leaves_out:
#     - quality while labels are late, and concept drift (lab 13)
#     - retraining (lab 14)
#     terms:
#       defines:
#       - data-drift
#       - population-stability-index
#       - kolmogorov-smirnov-test
#       - jensen-shannon-distance
#       - evidently-ai
#       - drift-score
#       - drift-detection
#       - baseline-window
#       - seasonality
#       - alert-fatigue
#       - drift-alert
#       - prediction-distribution-shift
#       - data-drift-incident
#       - rollback-criteria
#       requires:
#       - p-value
#       - false-alarm
#       - multiple-comparisons
#       - label-delay
#       - non-technical-audience
# ---

# %% [markdown]
# # 12 Data drift, from the first sign to the message
#
# ## Scenario
#
# > **Yusuf, payments:** The fraud model has run since winter. Last year it went wrong for five weeks, and nobody saw it: fraud is reported weeks later, so every chart of quality stayed green. Then we bought a drift monitor. It paged us eleven times in its first week. We switched it off.
# >
# > I want a monitor that my people believe. And this month customers say that good payments are refused. Is it the model? Since when? I must tell the board something on Friday.

# %% [markdown]
# By the end you know what changed in August, since when, what it costs, and what does not matter although it looks worse. Eight pieces of code, two questions, two short texts.

# %%
import os

os.environ["DO_NOT_TRACK"] = "1"  # Evidently sends no usage data

from datetime import date, timedelta

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from checks import AUGUST, BASELINE, SALE, august, checks
from matplotlib.ticker import LogLocator

from mlcourse.checks import TODO, predict, record, reveal
from mlcourse.datasets import make_payments
from mlcourse.drift import Page, daily_scores, judge_pages, psi_noise
from mlcourse.seed import course_rng

# %% [markdown]
# ## Predict first
#
# A common rule says: below 0.1 a {term}`population stability index` (PSI) means no drift, above 0.25 it means a large one. You will write the PSI in a moment; it compares the shares of ten bins. Suppose that *nothing* changes, and each hour you compare the last 100 payments with a long past. In how many of 100 hours is the PSI above 0.1? Put your number in place of `TODO`; the first guess counts.

# %% guess="alarms"
predict("hours above 0.1 without drift", TODO, unit="of 100")

# %% [markdown]
# ## The payments
#
# Twelve weeks of payments, from January to the end of March, are the past. Their labels are final since the end of July, because a customer has 120 days to dispute a payment. Four weeks of August are the present. Their labels will be final at the end of December.

# %%
FEATURES = [
    "amount_eur",
    "merchant_category",
    "device",
    "account_age_days",
    "delivery_distance_km",
    "new_device",
    "session_minutes",
]
past = make_payments(
    42_000, rng=course_rng("12 past"), start=BASELINE, days=84, incidents=(SALE,)
)
frame = past.frame.assign(day=past.frame["paid_at"].dt.normalize())
live = august(course_rng("12 august"))
print(past)
print(f"August: {len(live.frame):,} rows, fraud not known yet")
pd.set_option("display.max_colwidth", None)
past.columns.loc[FEATURES, ["unit", "meaning"]]

# %% [markdown]
# ## 1. The index
#
# {term}`Data drift` means that the inputs of a model no longer look as they did. To measure it, cut a feature into bins, and compare the share of each bin then, $r$, and now, $c$. The PSI is the sum of $(c - r)\ln(c / r)$ over the bins.
#
# Two choices make it right or wrong. The bins must come from the reference, and stay: if they moved with the data, they would hide what you look for. And a bin may be empty, in the past or today, and the logarithm of zero is not a number.

# %% answer="psi"
EMPTY = 0.0001


def psi(reference: pd.Series, current: pd.Series, bins: int = 10) -> float:
    """Return the population stability index of one feature.

    - Numbers (dtype kind "i" or "f") are cut at the quantiles 1/bins, 2/bins, ... of
      the reference, without the two ends. Equal cuts count once. A value on a cut
      belongs to the bin below it. The outer bins are open: no value falls outside.
    - All others (categories, flags, text) have one bin for each value that occurs in
      the reference or today.
    - A share below EMPTY counts as EMPTY.

    Args:
        reference: Values of the past, without missing ones.
        current: Values of today.
        bins: Bins of a number.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def psi(reference: pd.Series, current: pd.Series, bins: int = 10) -> float:
    if reference.dtype.kind in "if":
        cuts = np.unique(np.quantile(reference, np.arange(1, bins) / bins))
        shares = [
            np.bincount(np.searchsorted(cuts, x), minlength=len(cuts) + 1) / len(x)
            for x in (reference, current)
        ]
    else:
        counts = [x.astype(object).value_counts() for x in (reference, current)]
        values = counts[0].index.union(counts[1].index)
        shares = [n.reindex(values, fill_value=0) / n.sum() for n in counts]
    r, c = (np.clip(np.asarray(share, dtype=float), EMPTY, None) for share in shares)
    return float(np.sum((c - r) * np.log(c / r)))


### END SOLUTION

# %% test="psi" points=3
### BEGIN HIDDEN TESTS
from mlcourse.checks import expect
from mlcourse.drift import psi as published


def same(psi, old, new, **options):
    old, new = pd.Series(old), pd.Series(new)
    wanted, found = published(old, new, **options), psi(old, new, **options)
    expect(abs(found - wanted) < 1e-9 + 1e-6 * wanted, got=found)


@checks.psi.hidden("A share below EMPTY counts as EMPTY.", hint="empty")
def _(psi):
    same(psi, ["a"] * 99_999 + ["b"], ["a"] * 99 + ["b"])
    same(psi, ["a"] * 4_999 + ["b"], ["a"] * 99 + ["b"])


@checks.psi.hidden("Other numbers, other bins.", hint="cuts")
def _(psi):
    own = np.random.default_rng(1)
    for bins in (2, 5, 10, 20):
        same(psi, own.lognormal(3, 1, 900), own.lognormal(3.3, 1, 400), bins=bins)
    same(psi, own.normal(size=300), own.normal(size=200))


@checks.psi.hidden("The bins come from the reference alone.", hint="cuts")
def _(psi):
    same(psi, np.arange(100.0), np.arange(50.0, 150.0))
    same(psi, np.arange(50.0, 150.0), np.arange(100.0))


@checks.psi.hidden("A value on a cut belongs to the bin below it.", hint="ties")
def _(psi):
    same(psi, [0] * 95 + [1] * 5, [0] * 60 + [1] * 40)
    same(
        psi, np.repeat([0, 1, 2, 3], [70, 20, 8, 2]), np.repeat([0, 1, 4], [50, 40, 10])
    )
    same(psi, np.arange(10), [1, 2, 3, 3, 3])


@checks.psi.hidden("No value falls outside of the bins.", hint="open")
def _(psi):
    same(psi, np.arange(100), [-900, -900, 5000, 5000, 5000])
    same(psi, np.arange(100.0), np.array([1e9]))


@checks.psi.hidden("A value that is new, or gone, counts.", hint="empty")
def _(psi):
    same(psi, list("aabb"), list("abcc"))
    same(psi, list("abcc"), list("aabb"))
    same(psi, pd.Categorical(list("aab"), list("abz")), pd.Categorical(list("bbb")))
    same(psi, [False] * 9 + [True], [False] * 10)
    same(psi, np.arange(1000.0), np.arange(100.0))


### END HIDDEN TESTS

# %% needs="psi"
week = live.frame[live.frame["paid_at"].dt.date > date(2026, 8, 23)]
scores = pd.Series({name: psi(frame[name], week[name]) for name in FEATURES})
print(scores.sort_values(ascending=False).round(3).to_string())

own = course_rng("12 hours")
amounts = frame["amount_eur"].tail(6_000)
hours = [psi(amounts, amounts.sample(100, random_state=own)) for _ in range(400)]
above = round(100 * np.mean(np.array(hours) > 0.1))
reveal("hours above 0.1 without drift", above, unit="of 100")

# %% [markdown]
# The list says how far the last week of August is from the past. The card says how much of such a number can be luck. Against a long past and without drift, PSI times today's rows behaves about like a chi-squared number with *bins minus one* degrees of freedom (Yurdakul 2018). With 100 rows the mean is 0.09, so 0.1 is an ordinary hour. With 100,000 rows it is 0.0001. **A rule of thumb without the number of rows is no rule.**

# %%
for rows in (100, 500, 5_000):
    print(f"{rows:>5} rows: PSI exceeds {psi_noise(42_000, rows):.3f} once in 20 times")

# %% [markdown]
# Now look at the features themselves: the past in grey, the last week of August in blue.


# %%
def draw_feature(axes, name: str, old: pd.Series, new: pd.Series) -> None:
    """Draw the shares of one feature then and now."""
    unit = past.columns.loc[name, "unit"]
    if old.dtype.kind in "if":
        cuts = np.geomspace(max(old.quantile(0.005), 0.5), old.quantile(0.995), 18)
        centres, width = cuts[:-1], np.diff(cuts)
        shares = [np.histogram(x, cuts)[0] / len(x) for x in (old, new)]
        axes.set_xscale("log")
        wide = cuts[-1] > 300 * cuts[0]
        axes.xaxis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 3)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.bar(centres, shares[0], width, align="edge", color="0.65", label="past")
        axes.stairs(shares[1], cuts, color="tab:blue", lw=2, label="last week")
    else:
        shares = [x.astype(str).value_counts(normalize=True) for x in (old, new)]
        names = sorted(shares[0].index)
        at = np.arange(len(names))
        for place, share, colour in zip(
            (-0.2, 0.2), shares, ("0.65", "tab:blue"), strict=True
        ):
            axes.bar(at + place, share.reindex(names).fillna(0), 0.4, color=colour)
        axes.set_xticks(at, [n.replace("_", " ") for n in names], rotation=90)
        axes.tick_params(axis="x", labelsize=6)
    axes.set_xlabel(unit or "value", fontsize=8)
    axes.set_title(name, fontsize=10)
    axes.set_ylabel("share", fontsize=8)
    axes.tick_params(labelsize=7)


def draw_features(new: pd.DataFrame, title: str) -> None:
    figure, panels = plt.subplots(2, 4, figsize=(8, 4.6), layout="constrained")
    for axes, name in zip(panels.flat, FEATURES, strict=False):
        draw_feature(axes, name, frame[name], new[name])
    panels.flat[-1].axis("off")
    panels.flat[-1].bar([0], [0], color="0.65", label="past")
    panels.flat[-1].bar([0], [0], color="tab:blue", label="last week of August")
    panels.flat[-1].legend(loc="center", frameon=True)
    figure.suptitle(title, fontsize=11)
    plt.show()


draw_features(
    live.frame[live.frame["paid_at"].dt.date > date(2026, 8, 23)],
    "Which features of the last week of August left their past?",
)

# %% [markdown]
# **Read the picture.** One number has kept its shape and moved as a whole to the right. In the next task you name it.
#
# ## 2. Three more measures
#
# The PSI is not the only {term}`drift score`. The {term}`Kolmogorov-Smirnov test` takes the largest gap between two cumulative curves and needs no bins. The {term}`Jensen-Shannon distance` is a PSI that cannot explode: it lies between 0 and 1, and empty bins do no harm. For categories the chi-squared test asks whether *counts* fit.
#
# Tests give a {term}`p-value`, distances give a size. With enough rows a p-value calls every tiny change drift; a distance alone does not say whether it is luck. You want both.

# %% answer="compare_categories"
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp


def compare_numbers(reference: pd.Series, current: pd.Series) -> dict[str, float]:
    """Return the largest gap and its p-value, by scipy's ks_2samp: {"ks", "p"}."""
    ...  # YOUR CODE HERE


def compare_categories(reference: pd.Series, current: pd.Series) -> dict[str, float]:
    """Return {"js", "p"} of a category or a flag.

    "js" is scipy's jensenshannon of the shares, with base=2. "p" is the p-value of
    chi2_contingency on the table of counts. Both use one column for each value that
    occurs in the reference or today; a value that occurs in neither has none.
    """
    ...  # YOUR CODE HERE


moved = TODO  # the name of the number that moved to the right in the picture
### BEGIN SOLUTION


def compare_numbers(reference: pd.Series, current: pd.Series) -> dict[str, float]:
    test = ks_2samp(reference, current)
    return {"ks": float(test.statistic), "p": float(test.pvalue)}


def compare_categories(reference: pd.Series, current: pd.Series) -> dict[str, float]:
    counts = [x.astype(object).value_counts() for x in (reference, current)]
    values = counts[0].index.union(counts[1].index)
    table = np.array([n.reindex(values, fill_value=0) for n in counts])
    shares = table / table.sum(axis=1, keepdims=True)
    return {
        "js": float(jensenshannon(*shares, base=2)),
        "p": float(chi2_contingency(table).pvalue),
    }


moved = "session_minutes"
### END SOLUTION

# %% test="compare_categories" points=2
### BEGIN HIDDEN TESTS
from mlcourse.drift import js_distance


@checks.compare_categories.hidden(
    "The gap and the p-value are those of the test.", hint="ks"
)
def _(compare_numbers):
    own = np.random.default_rng(2)
    for n in (50, 700):
        old, new = pd.Series(own.normal(size=400)), pd.Series(own.normal(0.2, 1, n))
        found = compare_numbers(old, new)
        at = np.sort(np.r_[old, new])
        gap = np.abs(
            np.searchsorted(np.sort(old), at, "right") / 400
            - np.searchsorted(np.sort(new), at, "right") / n
        ).max()
        expect(abs(found["ks"] - gap) < 1e-9, got=found)
        expect(abs(found["p"] / ks_2samp(new, old).pvalue - 1) < 1e-6, got=found)


@checks.compare_categories.hidden(
    "Values that are new, or gone, have a column.", hint="align"
)
def _(compare_categories):
    for old, new in (("aabbb", "aabcc"), ("abcc", "bbba"), ("aaab", "bbba")):
        old, new = pd.Series(list(old)), pd.Series(list(new))
        found = compare_categories(old, new)
        expect(abs(found["js"] - js_distance(old, new)) < 1e-9, got=found)


@checks.compare_categories.hidden(
    "The p-value comes from counts, and knows the rows.", hint="counts"
)
def _(compare_categories):
    old, new = pd.Series(list("aaabb")), pd.Series(list("aabbb"))
    few, many = (
        compare_categories(old, new),
        compare_categories(pd.concat([old] * 100), pd.concat([new] * 100)),
    )
    expect(few["p"] > 0.5, got=few)
    expect(1e-11 < many["p"] < 1e-8, got=many)


@checks.compare_categories.hidden("An unused category does no harm.", hint="align")
def _(compare_categories):
    old = pd.Series(pd.Categorical(list("aabbb"), list("abz")))
    new = pd.Series(pd.Categorical(list("abbbb"), list("abz")))
    found = compare_categories(old, new)
    plain = compare_categories(old.astype(str), new.astype(str))
    expect(found == plain and found["p"] > 0.5, got=found)


@checks.compare_categories.hidden("You read the picture right.", hint="picture")
def _(moved):
    expect(moved == "session_minutes", got=moved)


### END HIDDEN TESTS

# %% needs="compare_categories,psi"
calm = frame[frame["day"] >= "2026-03-23"]  # one week of the past against the rest
rest = frame[frame["day"] < "2026-03-23"]
rows = {}
for name in FEATURES:
    number = frame[name].dtype.kind in "if"
    found = (compare_numbers if number else compare_categories)(rest[name], calm[name])
    rows[name] = {"PSI": psi(rest[name], calm[name]), **found}
pd.DataFrame(rows).T[["PSI", "ks", "js", "p"]].style.format("{:.4f}", na_rep="")

# %% [markdown]
# This week is calm: nothing happened in it. Look at the PSI, all far below 0.1, and at the p-values beside it. A small one is not wrong: no two weeks are exactly alike, and with enough rows a test sees it. The question "are they equal?" has the answer no before you ask. Yours is: *are they further apart than calm weeks are?*
#
# ## 3. The same by Evidently
#
# {term}`Evidently AI <evidently-ai>` has all of this in one preset. Its page for people has 5 MB, so you read the dictionary instead. It lists a *method* for each column, and it chose it itself.
#
# Write the function that turns the dictionary into a table. Mind the word *threshold*: a column has drifted when a **p-value is below** it, or when a **distance reaches** it.


# %% answer="drift_table"
def drift_table(snapshot: dict) -> pd.DataFrame:
    """Return what a drift report says of each column.

    Args:
        snapshot: From ``Report.run(...).dict()``. Under "metrics" it has a list; each
            entry has a "value" and a "config". Only those matter whose config has
            "type" == "evidently:metric_v2:ValueDrift"; their config has "column",
            "method" and "threshold".

    Returns:
        One row a column, in the order of the report, index "column", with "method",
        "value", "threshold" and "drifted" (bool). The name of a method that gives
        p-values ends with "p_value".
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def drift_table(snapshot: dict) -> pd.DataFrame:
    rows = []
    for metric in snapshot["metrics"]:
        config = metric["config"]
        if config["type"] == "evidently:metric_v2:ValueDrift":
            value, threshold = metric["value"], config["threshold"]
            is_p_value = config["method"].endswith("p_value")
            drifted = value < threshold if is_p_value else value >= threshold
            rows.append((config["column"], config["method"], value, threshold, drifted))
    columns = ["column", "method", "value", "threshold", "drifted"]
    return pd.DataFrame(rows, columns=columns).set_index("column")


### END SOLUTION


# %% test="drift_table" points=1
### BEGIN HIDDEN TESTS
@checks.drift_table.hidden(
    "A distance reaches its threshold, a p-value falls below.", hint="direction"
)
def _(drift_table):
    from checks import report

    cases = [
        ("K-S p_value", 0.04, 0.05, True),
        ("K-S p_value", 0.05, 0.05, False),
        ("K-S p_value", 0.2, 0.05, False),
        ("chi-square p_value", 0.011, 0.01, False),
        ("psi", 0.1, 0.1, True),
        ("psi", 0.02, 0.1, False),
        ("Wasserstein distance (normed)", 3.0, 0.1, True),
        ("Jensen-Shannon distance", 0.099, 0.1, False),
    ]
    for method, value, threshold, drifted in cases:
        found = drift_table(report(("x", method, value, threshold)))
        expect(bool(found.loc["x", "drifted"]) is drifted, got=found.loc["x"].to_dict())


@checks.drift_table.hidden("One row a column, in order, and nothing else.", hint="rows")
def _(drift_table):
    from checks import report

    found = drift_table(report(("z", "psi", 0.5, 0.1), ("a", "psi", 0.0, 0.1)))
    expect(list(found.index) == ["z", "a"], got=list(found.index))
    expect(found["value"].tolist() == [0.5, 0.0], got=found["value"].tolist())
    expect(found["threshold"].tolist() == [0.1, 0.1], got=found["threshold"].tolist())
    expect(found["method"].tolist() == ["psi", "psi"], got=found["method"].tolist())


### END HIDDEN TESTS

# %% needs="drift_table,psi"
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # from the libraries that Evidently loads
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

shown = ["delivery_distance_km", "device"]
kinds = DataDefinition(
    numerical_columns=["delivery_distance_km"], categorical_columns=["device"]
)
# A depot has moved: every delivery is a fifth longer. The same draw for everybody.
depot = make_payments(16_000, rng=np.random.default_rng(12)).frame[shown]
then, now = depot[::2], depot[1::2]
now = now.assign(delivery_distance_km=now["delivery_distance_km"] * 1.2)


def run_evidently(n: int, **method: str):
    """Compare n payments of now with n of then."""
    current, reference = (
        Dataset.from_pandas(side.sample(n, random_state=0), data_definition=kinds)
        for side in (now, then)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Report([DataDriftPreset(**method)]).run(current, reference)


small, large = (run_evidently(n) for n in (1_000, 8_000))
own_method = run_evidently(8_000, num_method="psi", cat_method="psi")
runs = {"1,000 rows": small, "8,000 rows": large, "8,000 rows, psi": own_method}
both = pd.concat({name: drift_table(run.dict()) for name, run in runs.items()})
both["your PSI"] = [psi(then[name], now[name]) for _, name in both.index]
both

# %% [markdown]
# The delivery distance is drifted in one row and not in another, and more data made it *less* drifted. Find the reason in Evidently's documentation, or in its code (`evidently/legacy/calculations/stattests/registry.py`, and `utils.py` beside it for the bins), and choose the letter that explains it. Then compare the last rows with your own PSI, and choose a second letter. The cell below takes both.
#
# - **A** A larger sample has less noise, so the same change gets a smaller p-value.
# - **B** Up to 1,000 rows of reference it takes a test and looks at its p-value. Above, it takes a distance, here in units of the standard deviation, which a few very long deliveries make large.
# - **C** The Jensen-Shannon distance has another base of the logarithm.
# - **D** Its bins have equal *width* over both samples, yours hold equal *shares* of the reference. In a heavy tail nearly all rows fall into one wide bin.
# - **E** It drops the empty bins, you keep them.

# %% answer="why_psi"
why_verdict = TODO  # the letter: drifted with 1,000 rows, not with 8,000
why_psi = TODO  # the letter: the PSI of the distance, yours and Evidently's
### BEGIN SOLUTION
why_verdict = "B"
why_psi = "D"
### END SOLUTION


# %% test="why_psi" points=1
### BEGIN HIDDEN TESTS
@checks.why_psi.hidden(
    "You know why the verdict on the distance changed.", hint="choice"
)
def _(why_verdict):
    expect(str(why_verdict).strip().upper() == "B", got=why_verdict)


@checks.why_psi.hidden("You know why the two indexes differ.", hint="bins")
def _(why_psi):
    expect(str(why_psi).strip().upper() == "D", got=why_psi)


### END HIDDEN TESTS

# %% [markdown]
# Neither is a bug. But a threshold belongs to one method, one choice of bins and one number of rows. Name the method in the call, and set your own threshold. To see the page that Evidently makes for people, write `large.save_html("drift_report.html")` in a cell of your own, and open the file in the list on the left.
#
# ## 4. Compare with what?
#
# The rows you compare with are the {term}`baseline window`. Weekends differ from working days: that is {term}`seasonality`, and no drift. If you compare a Saturday with a whole week, the calendar pages you. If you compare with last week only, a slow change moves your yardstick along, a little each week, and nothing ever pages you. And an odd week in the baseline, such as the sale in February, makes odd days look normal.
#
# So: a fixed past, the same weekday, without special days.


# %% answer="usual_rows"
def usual_rows(
    day: pd.Timestamp, baseline: pd.DataFrame, special: tuple[date, ...] = ()
) -> pd.DataFrame:
    """Return the rows of the baseline that a day is compared with.

    Same weekday, strictly before the day, and on none of the special days.

    Args:
        day: The day to judge, at midnight.
        baseline: The past; its column "day" holds midnights.
        special: Days that were not usual, as datetime.date.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def usual_rows(
    day: pd.Timestamp, baseline: pd.DataFrame, special: tuple[date, ...] = ()
) -> pd.DataFrame:
    days = baseline["day"]
    same = days.dt.dayofweek == day.dayofweek
    return baseline[same & (days < day) & ~days.dt.date.isin(special)]


### END SOLUTION


# %% test="usual_rows" points=2
### BEGIN HIDDEN TESTS
@checks.usual_rows.hidden("All of these days, and no others.", hint="weekday")
def _(usual_rows):
    days = pd.date_range("2025-11-03", periods=60)
    table = pd.DataFrame({"day": days.repeat(2)})
    for at in (0, 13, 30, 59):
        for special in ((), (date(2025, 11, 8), date(2025, 11, 9), date(2025, 11, 10))):
            day = days[at]
            wanted = [
                d
                for d in days[:at]
                if d.weekday() == day.weekday() and d.date() not in special
            ]
            found = usual_rows(day, table, special)
            expect(len(found) == 2 * len(wanted), got=found["day"].tolist())
            expect(set(found["day"]) == set(wanted), got=found["day"].tolist())


@checks.usual_rows.hidden(
    "A day in the far future is compared with all of them.", hint="weekday"
)
def _(usual_rows):
    table = pd.DataFrame({"day": pd.date_range("2025-11-03", periods=21), "x": 1.0})
    found = usual_rows(pd.Timestamp("2026-08-05"), table)
    expect(len(found) == 3 and list(found) == ["day", "x"], got=found)
    expect(len(table) == 21 and list(table) == ["day", "x"], got=table)


### END HIDDEN TESTS

# %% needs="psi,usual_rows"
special = tuple(SALE.first_day + timedelta(days=k) for k in range(7))
# The same weeks in a shop five times as large, so that luck hides nothing.
many = make_payments(
    200_000, rng=course_rng("12 many"), start=BASELINE, days=84, incidents=(SALE,)
).frame
many["day"] = many["paid_at"].dt.normalize()
compare = {
    "with all days": lambda day: many[many["day"] < day],
    "same weekday, without the sale": lambda day: usual_rows(day, many, special),
}
monday = pd.Timestamp("2026-02-16")
recent = many[many["day"] >= monday]
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for (name, reference), move in zip(compare.items(), (-0.2, 0.2), strict=True):
    heights = [
        psi(
            reference(monday + timedelta(days=k))["session_minutes"],
            recent.loc[recent["day"].dt.dayofweek == k, "session_minutes"],
        )
        for k in range(7)
    ]
    axes.bar(np.arange(7) + move, heights, 0.4, label=name)
axes.set_xticks(range(7), ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
axes.set_ylabel("PSI of session_minutes")
axes.set_title("On which weekdays does the calendar look like drift?", fontsize=11)
axes.legend(title="compared", loc="upper left")
plt.show()

# %% [markdown]
# Nothing happened in these six weeks. Each bar holds the six days of one weekday against the weeks before. Compared with all days, two weekdays stand out: at weekends people take their time. Compared with their own kind, they are as calm as the others.
#
# ## 5. A page people believe
#
# A page that is wrong once a week is ignored within a month; that is {term}`alert fatigue`. So state first how often you accept a {term}`false alarm <false-alarm>`, then set the limit.
#
# You look at seven features every day. At 5 % for each, some feature alarms on 30 % of all calm days: {term}`multiple comparisons`. A table of p-values does not repair it, because calm days differ more than two samples of one day do. Calibrate on calm days instead: measure each feature in units of *its own* calm noise, take the worst feature of each day, and cut at the quantile you can live with.


# %% answer="page_limit"
def any_alarm(alpha: float, features: int, days: int = 1) -> float:
    """Return how likely at least one alarm is on calm days.

    Args:
        alpha: How often one feature alarms on one calm day.
        features: How many are watched; take them as independent.
        days: How many days.
    """
    ...  # YOUR CODE HERE


def calm_noise(calm: pd.DataFrame) -> pd.Series:
    """Return the noise of each feature: the 95 % quantile of its scores on calm days."""
    ...  # YOUR CODE HERE


def page_limit(calm: pd.DataFrame, days_between: float) -> float:
    """Return the limit, in units of noise.

    Divide each score by its feature's noise. The largest of a day says how odd the day
    is. The limit is exceeded on one calm day in ``days_between``.

    Args:
        calm: Scores on calm days, one row a day, one column a feature.
        days_between: Such as 30, for one such day in 30.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def any_alarm(alpha: float, features: int, days: int = 1) -> float:
    return 1 - (1 - alpha) ** (features * days)


def calm_noise(calm: pd.DataFrame) -> pd.Series:
    return calm.quantile(0.95)


def page_limit(calm: pd.DataFrame, days_between: float) -> float:
    oddness = (calm / calm_noise(calm)).max(axis=1)
    return float(oddness.quantile(1 - 1 / days_between))


### END SOLUTION


# %% test="page_limit" points=3
### BEGIN HIDDEN TESTS
def calm_table(seed, days=120):
    own = np.random.default_rng(seed)
    sizes = {"a": 0.001, "b": 0.05, "c": 4.0, "d": 0.3}
    return pd.DataFrame({k: s * own.chisquare(9, days) / 9 for k, s in sizes.items()})


@checks.page_limit.hidden("The chance of any alarm is right.", hint="any")
def _(any_alarm):
    for alpha, k, days in ((0.05, 7, 1), (0.01, 20, 1), (0.001, 10, 30), (0.2, 1, 1)):
        wanted = -np.expm1(k * days * np.log1p(-alpha))
        expect(
            abs(any_alarm(alpha, k, days) - wanted) < 1e-9,
            got=any_alarm(alpha, k, days),
        )
    expect(abs(any_alarm(0.05, 2) - 0.0975) < 1e-9, got=any_alarm(0.05, 2))


@checks.page_limit.hidden("Each feature has a noise of its own.", hint="noise")
def _(calm_noise):
    table = calm_table(1)
    found = calm_noise(table)
    for name in table:
        above = (table[name] > found[name]).sum()
        expect(5 <= above <= 6, got=f"{above} of 120 days are above it")


@checks.page_limit.hidden(
    "The limit has no unit: other units give the same.", hint="noise"
)
def _(page_limit):
    table = calm_table(6)
    first, second = page_limit(table, 20), page_limit(table * [1, 100, 0.001, 1], 20)
    expect(abs(first - second) < 1e-9, got=[first, second])
    expect(0.5 < first < 3, got=first)


@checks.page_limit.hidden(
    "One calm day in so many is above the limit.", hint="quantile"
)
def _(page_limit):
    for seed, between in ((2, 10), (3, 30), (4, 60), (5, 5)):
        table = calm_table(seed)
        oddness = (table / table.quantile(0.95)).max(axis=1)
        above = (oddness > page_limit(table, between)).sum()
        wanted = 120 / between
        expect(
            abs(above - wanted) <= 1, got=f"{above} of 120 days, for one in {between}"
        )


### END HIDDEN TESTS

# %% needs="psi,usual_rows,page_limit"
quiet = frame[~frame["day"].dt.date.isin(special)]


def others(day: pd.Timestamp) -> pd.DataFrame:
    """The same weekday on all other calm days: each day is judged by the rest."""
    days = quiet["day"]
    return quiet[(days.dt.dayofweek == day.dayofweek) & (days != day)]


calm = daily_scores(quiet, others, features=FEATURES, distance=psi)
noise, limit = calm_noise(calm), page_limit(calm, 30)
print(f"7 features at 5 %: an alarm on {any_alarm(0.05, 7):.0%} of calm days")
print(f"limit: {limit:.2f} times the noise, exceeded on 1 calm day in 30")
today = daily_scores(  # the days of August, for the next task
    live.frame, lambda day: usual_rows(day, quiet), features=FEATURES, distance=psi
)
noise.round(4).to_frame("noise (PSI)")

# %% [markdown]
# With 77 calm days this limit is itself uncertain: one day in 30 means that two or three days decided it. That is why the next step adds a second guard.
#
# ## 6. August
#
# One odd day is not worth a night's sleep. Page when the *same feature* is above the limit on **two days in a row**. If calm days are independent, chance does that once in many years, and it costs one day of delay. The page names the feature, and the first of the two days: the day on which somebody must look for a release or a change.


# %% answer="watch"
def watch(scores: pd.DataFrame, noise: pd.Series, limit: float) -> list[Page]:
    """Return the pages of a period: at most one a feature, by day and then by name.

    A feature pages on the second of two days in a row, rows of the table, on which its
    score is above ``limit`` times its noise. ``Page(feature, since, paged)`` takes the
    first and the second of these days, as datetime.date.

    Args:
        scores: One row a day in order, index of midnights; one column a feature.
        noise: Of each feature.
        limit: In units of noise.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def watch(scores: pd.DataFrame, noise: pd.Series, limit: float) -> list[Page]:
    above = scores > limit * noise
    twice = above & above.shift(1, fill_value=False)
    pages = []
    for name in scores.columns[twice.any()]:
        second = int(twice[name].to_numpy().argmax())
        since, paged = (scores.index[i].date() for i in (second - 1, second))
        pages.append(Page(name, since, paged))
    return sorted(pages, key=lambda page: (page.paged, page.feature))


### END SOLUTION


# %% test="watch" points=4
### BEGIN HIDDEN TESTS
def score_table(**columns):
    days = pd.date_range("2026-05-01", periods=len(next(iter(columns.values()))))
    return pd.DataFrame({k: np.array(v, dtype=float) for k, v in columns.items()}, days)


ONES = pd.Series({"a": 1.0, "b": 1.0, "c": 1.0})


@checks.watch.hidden("Two days in a row page, two single days do not.", hint="row")
def _(watch):
    table = score_table(a=[9, 0, 9, 0, 9], b=[0, 0, 0, 9, 9], c=[9, 9, 0, 0, 0])
    wanted = [
        Page("c", date(2026, 5, 1), date(2026, 5, 2)),
        Page("b", date(2026, 5, 4), date(2026, 5, 5)),
    ]
    found = watch(table, ONES, 5)
    expect(sorted(found) == sorted(wanted), got=found)


@checks.watch.hidden("Two features on two days make no page.", hint="feature")
def _(watch):
    table = score_table(a=[9, 0, 9, 0], b=[0, 9, 0, 9])
    expect(
        list(watch(table, ONES[["a", "b"]], 5)) == [],
        got=watch(table, ONES[["a", "b"]], 5),
    )


@checks.watch.hidden("Each feature is measured in its own noise.", hint="units")
def _(watch):
    table = score_table(a=[5, 5, 5], b=[5, 5, 5])
    own = pd.Series({"a": 1.0, "b": 10.0})
    found = watch(table, own, 3.0)
    expect([page.feature for page in found] == ["a"], got=found)
    expect(list(watch(table, own, 5.0)) == [], got=watch(table, own, 5.0))


@checks.watch.hidden("A feature pages once, on its first run.", hint="once")
def _(watch):
    table = score_table(b=[0, 9, 9, 9, 9, 0, 9, 9], a=[0, 0, 9, 9, 0, 0, 0, 0])
    found = watch(table, ONES[list(table)], 5)
    wanted = [
        Page("b", date(2026, 5, 2), date(2026, 5, 3)),
        Page("a", date(2026, 5, 3), date(2026, 5, 4)),
    ]
    expect(list(found) == wanted, got=found)


@checks.watch.hidden("The same day is sorted by name.", hint="once")
def _(watch):
    table = score_table(c=[9, 9], a=[9, 9], b=[9, 9])
    found = [page.feature for page in watch(table, ONES[list(table)], 5)]
    expect(found == ["a", "b", "c"], got=found)


@checks.watch.hidden(
    "Another month of known truth: found within three days.", hint="row"
)
def _(watch, page_limit, calm_noise):
    from checks import other_month

    calm_days, month, drifts = other_month()
    found = watch(month, calm_noise(calm_days), page_limit(calm_days, 30))
    verdict = judge_pages(found, drifts)
    expect(not verdict.missed, got=found, message="A drift got no page.")
    expect(max(verdict.delays.values()) <= 3, got=verdict.delays)
    expect(verdict.false_pages <= 1, got=found, message="Too many false pages.")


### END HIDDEN TESTS

# %% needs="psi,usual_rows,page_limit,watch"
pages = watch(today, noise, limit)
pages

# %% needs="psi,usual_rows,page_limit,watch"
figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name in FEATURES:
    paged = name in {page.feature for page in pages}
    axes.plot(today.index, today[name] / noise[name], "-o" if paged else "-", ms=3,
              lw=2 if paged else 1, color=None if paged else "0.6",
              label=name if paged else None)  # fmt: skip
axes.axhline(limit, color="tab:red", ls="--", label="limit")
for page in pages:
    axes.axvline(pd.Timestamp(page.since), color="tab:red", lw=1, alpha=0.6)
axes.set_yscale("log")
axes.yaxis.set_major_formatter("{x:g}")
axes.set_ylim(bottom=0.05)
axes.set_ylabel("PSI / calm noise")
axes.set_title("Which features crossed the limit in August, and when?", fontsize=11)
axes.tick_params(axis="x", labelsize=8)
axes.legend(fontsize=8)
plt.show()

# %% [markdown]
# The red lines mark the first day of each finding. Only a simulation can also show the truth: run the next cell and compare.

# %% needs="psi,usual_rows,page_limit,watch"
truth = {
    name: i.first_day
    for i in live.truth.incidents
    for name in i.columns
    if i.kind != "joint"
}
verdict = judge_pages(pages, truth)
record("drift_delay_days", max(verdict.delays.values(), default=0), unit="days")
print("what was planted:", {name: str(day) for name, day in truth.items()})
verdict

# %% [markdown]
# This is {term}`drift detection <drift-detection>` with a promise: how late, how often wrong. Both pages are right. By the PSI of task 1, `session_minutes` has moved much further than `new_device`. Is it also the more urgent one? Keep the question for task 8.
#
# ## 7. What single features cannot show
#
# Support says: *in the last days of August something else is odd; risk scores contradict what we see in the accounts.* Your monitor is silent. It looks at one feature at a time, so it cannot see that two features no longer belong together: each column may be perfect, and joined to the wrong rows.
#
# A **domain classifier** can (Lopez-Paz and Oquab 2017). Mix old and new rows, label them 0 and 1, train a classifier to tell them apart, and score rows *it was not trained on*. If it cannot tell them apart, its AUC is near 0.5.

# %% answer="domain_auc"
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict


def domain_auc(reference: pd.DataFrame, current: pd.DataFrame) -> float:
    """Return how well a classifier tells current rows from reference rows.

    Use HistGradientBoostingClassifier(max_iter=30, categorical_features="from_dtype",
    random_state=0), and score each row with a model that has not seen it: 3 shuffled,
    stratified folds. The AUC is that of the probabilities.

    Args:
        reference: Features only, any index.
        current: The same columns.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def domain_auc(reference: pd.DataFrame, current: pd.DataFrame) -> float:
    rows = pd.concat([reference, current], ignore_index=True)
    is_current = np.repeat([0, 1], [len(reference), len(current)])
    model = HistGradientBoostingClassifier(
        max_iter=30, categorical_features="from_dtype", random_state=0
    )
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    score = cross_val_predict(
        model, rows, is_current, cv=folds, method="predict_proba"
    )[:, 1]
    return float(roc_auc_score(is_current, score))


### END SOLUTION


# %% test="domain_auc" points=3
### BEGIN HIDDEN TESTS
def normal_pairs(n, correlation, seed):
    own = np.random.default_rng(seed)
    a = own.normal(size=n)
    b = correlation * a + np.sqrt(1 - correlation**2) * own.normal(size=n)
    return pd.DataFrame({"a": a, "b": b})


@checks.domain_auc.hidden("Equal data gives about a half.", hint="fold")
def _(domain_auc):
    # A fixed draw; over seeds the AUC has a standard deviation of 0.017.
    found = domain_auc(normal_pairs(600, 0.8, 1), normal_pairs(600, 0.8, 2))
    expect(0.42 < found < 0.58, got=found)


@checks.domain_auc.hidden(
    "It ranks by probability, not by a yes or no.", hint="probability"
)
def _(domain_auc):
    # With 1 row in 12 from today, a yes at one half is almost never said.
    found = domain_auc(normal_pairs(3_300, 0.9, 5), normal_pairs(300, 0.0, 6))
    expect(found > 0.65, got=found)


@checks.domain_auc.hidden(
    "A lost dependence is seen, and unequal sizes do not matter.", hint="both"
)
def _(domain_auc):
    for n in (500, 1_500):
        found = domain_auc(normal_pairs(700, 0.95, 3), normal_pairs(n, 0.0, 4))
        expect(0.75 < found < 0.97, got=found)


@checks.domain_auc.hidden("Rows that come in order are shuffled first.", hint="fold")
def _(domain_auc):
    # Three days, each of its own; folds in order are trained on other days.
    hour = np.tile(np.linspace(0, 0.5, 200), 3)
    old = pd.DataFrame({"x": hour + np.repeat([0, 2, 4], 200)})
    found = domain_auc(old, old + 1)
    expect(found > 0.9, got=found)


@checks.domain_auc.hidden("It reads categories, and any index.", hint="index")
def _(domain_auc):
    old = pd.DataFrame({"k": pd.Categorical(["x", "y"] * 60), "f": [True, False] * 60})
    new = old.assign(f=[False, True] * 60).set_axis(np.arange(120)[::-1])
    expect(domain_auc(old, new) > 0.9, got=domain_auc(old, new))


### END HIDDEN TESTS

# %% needs="domain_auc"
joined = ["account_age_days", "amount_eur", "basket_items", "merchant_category"]
last_days = live.frame[live.frame["paid_at"].dt.date >= AUGUST + timedelta(days=21)]
early = live.frame[live.frame["paid_at"].dt.date < AUGUST + timedelta(days=7)]
spring = frame[frame["day"] >= "2026-03-23"]
aucs = {
    "first week of August": domain_auc(spring[joined], early[joined]),
    "last week of August": domain_auc(spring[joined], last_days[joined]),
}
for name in joined[:3]:
    test = ks_2samp(spring[name], last_days[name])
    print(f"{name:<18} largest gap {test.statistic:.3f}")
pd.Series(aucs).round(3).to_frame("domain AUC")

# %% [markdown]
# Each single number of the last week has hardly a gap. Together they give the week away: since 24 August the amounts are joined to the wrong payments of the same day, so a grocery basket costs as much as a television. The AUC does not say *what* is wrong. Look at pairs, or at the importance of the features in the classifier. And calibrate it like any other score: on calm weeks, not at 0.5.
#
# ## 8. Does it matter?
#
# Drift is a reason to look, not a result. The labels of August come too late ({term}`label delay`), so ask three questions that can do without them. Did the **scores** move, a {term}`prediction distribution shift`? Which **decisions** changed? And what would this drift have **cost** in the past, where the labels are known? For the last one, replay it: damage the old rows in the same way, score them again, and compare.
#
# This is the model in use, trained on the autumn before. It refuses a payment above a score of 0.10. A refused good payment costs 20 EUR of support and lost margin, a fraud that passes costs its amount.

# %%
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

REFUSE, GOOD_REFUSED_EUR = 0.10, 20.0
kinds_of = ["merchant_category", "device", "card_country"]
skewed = ["amount_eur", "account_age_days", "delivery_distance_km", "session_minutes"]
plain = ["payments_1h", "payments_24h", "declines_24h", "new_device"]
model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(), kinds_of),
        (make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), skewed),
        remainder="passthrough",
    ),
    LogisticRegression(max_iter=2_000),
)
inputs = [*kinds_of, *skewed, *plain]
autumn = make_payments(
    120_000, rng=course_rng("12 autumn"), start=date(2025, 9, 1), days=84
).frame
model.fit(autumn[inputs], autumn["fraud"])


def score(rows: pd.DataFrame) -> np.ndarray:
    return model.predict_proba(rows[inputs])[:, 1]


labelled = frame  # spring, whose labels are final
auc = roc_auc_score(labelled["fraud"], score(labelled))
print(f"AUC on the spring, which the model has not seen: {auc:.2f}")


# %% answer="replay_cost"
def decisions(before: np.ndarray, after: np.ndarray, limit: float) -> dict[str, float]:
    """Return what changed when the same payments got other scores.

    A payment is refused when its score is above the limit.

    Returns:
        Shares of all payments: "refused_before", "refused_after", and "changed", the
        share with another decision than before.
    """
    ...  # YOUR CODE HERE


def cost_per_1000(
    refused: np.ndarray, fraud: np.ndarray, amount_eur: np.ndarray
) -> float:
    """Return the cost of decisions in EUR per 1,000 payments.

    A good payment that is refused costs GOOD_REFUSED_EUR, a fraud that is not refused
    costs its amount; the rest costs nothing. ``refused`` and ``fraud`` are bool.
    """
    ...  # YOUR CODE HERE


def replay_cost(rows: pd.DataFrame, damage, score, limit: float) -> float:
    """Return what a drift would have cost more, in EUR per 1,000 payments.

    Args:
        rows: Labelled payments as they were, with "fraud" and "amount_eur".
        damage: Takes rows, returns a changed copy: what the model would have seen.
        score: Takes rows, returns scores.
        limit: Refuse above it.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def decisions(before: np.ndarray, after: np.ndarray, limit: float) -> dict[str, float]:
    old, new = np.asarray(before) > limit, np.asarray(after) > limit
    return {
        "refused_before": float(old.mean()),
        "refused_after": float(new.mean()),
        "changed": float((old != new).mean()),
    }


def cost_per_1000(
    refused: np.ndarray, fraud: np.ndarray, amount_eur: np.ndarray
) -> float:
    refused, fraud = np.asarray(refused), np.asarray(fraud)
    cost = GOOD_REFUSED_EUR * (refused & ~fraud) + np.asarray(amount_eur) * (
        ~refused & fraud
    )
    return float(1000 * cost.mean())


def replay_cost(rows: pd.DataFrame, damage, score, limit: float) -> float:
    # The money that is lost is the true amount, whatever the model was shown.
    costs = [
        cost_per_1000(score(seen) > limit, rows["fraud"], rows["amount_eur"])
        for seen in (rows, damage(rows))
    ]
    return costs[1] - costs[0]


### END SOLUTION


# %% test="replay_cost" points=3
### BEGIN HIDDEN TESTS
@checks.replay_cost.hidden(
    "Changed decisions are counted payment by payment.", hint="changed"
)
def _(decisions):
    found = decisions(
        np.array([0.9, 0.1, 0.6, 0.2]), np.array([0.1, 0.9, 0.8, 0.3]), 0.5
    )
    wanted = {"refused_before": 0.5, "refused_after": 0.5, "changed": 0.5}
    expect(found == wanted, got=found)
    found = decisions(
        np.array([0.3, 0.3, 0.3, 0.1]), np.array([0.3, 0.4, 0.2, 0.1]), 0.3
    )
    wanted = {"refused_before": 0.0, "refused_after": 0.25, "changed": 0.25}
    expect(found == wanted, got=found)


@checks.replay_cost.hidden("Only the two mistakes cost money.", hint="cost")
def _(cost_per_1000, GOOD_REFUSED_EUR):
    refused = np.array([True, True, False, False])
    fraud = np.array([True, False, True, False])
    amount = np.array([100.0, 1_000.0, 30.0, 70.0])
    wanted = 1000 * (GOOD_REFUSED_EUR + 30) / 4
    found = cost_per_1000(refused, fraud, amount)
    expect(abs(found - wanted) < 1e-6, got=found)
    found = cost_per_1000(pd.Series(refused), pd.Series(fraud), pd.Series(amount))
    expect(abs(found - wanted) < 1e-6, got=found)


@checks.replay_cost.hidden(
    "The replay costs the difference, after minus before.", hint="replay"
)
def _(replay_cost):
    rows = pd.DataFrame(
        {"fraud": [True, False, False, True], "amount_eur": [50.0, 20.0, 30.0, 10.0],
         "x": [0.9, 0.2, 0.4, 0.1]}, index=[7, 3, 5, 1]
    )  # fmt: skip

    def worse(rows):
        return rows.assign(x=1 - rows["x"])

    found = replay_cost(rows, worse, lambda rows: rows["x"].to_numpy(), 0.5)
    expect(abs(found - 1000 * (50 + 2 * GOOD_REFUSED_EUR - 10) / 4) < 1e-6, got=found)
    expect(rows["x"].tolist() == [0.9, 0.2, 0.4, 0.1], got=rows)
    strict = replay_cost(rows, worse, lambda rows: rows["x"].to_numpy(), 0.6)
    expect(abs(strict - 1000 * (50 + GOOD_REFUSED_EUR - 10) / 4) < 1e-6, got=strict)


@checks.replay_cost.hidden(
    "The money is the true amount, whatever the model saw.", hint="amount"
)
def _(replay_cost):
    rows = pd.DataFrame({"fraud": [True, True], "amount_eur": [40.0, 60.0]})

    def cents(rows):
        return rows.assign(amount_eur=rows["amount_eur"] * 100)

    found = replay_cost(rows, cents, lambda rows: np.zeros(len(rows)), 0.5)
    expect(abs(found) < 1e-9, got=found)
    found = replay_cost(
        rows, cents, lambda rows: rows["amount_eur"].to_numpy() / 5_000, 0.9
    )
    expect(abs(found - 1000 * (40 - 100) / 2) < 1e-6, got=found)


### END HIDDEN TESTS

# %% needs="replay_cost,watch,psi,usual_rows,page_limit"
from checks import lost_ids, twice_as_long

# The shop's own log still has the true values: what would the model have said?
clean = august(course_rng("12 august"), faults=False).frame
hit = (live.frame["paid_at"].dt.date >= date(2026, 8, 11)) & (
    live.frame["paid_at"].dt.date < date(2026, 8, 24)
)
change = decisions(score(clean[hit]), score(live.frame[hit]), REFUSE)
damages = {"new_device": lost_ids, "session_minutes": twice_as_long}
costs = {
    name: replay_cost(labelled, damage, score, REFUSE)
    for name, damage in damages.items()
}
peaks = {name: today.loc["2026-08-24":, name].mean() for name in damages}
right, seen = (pd.Series(score(rows)) for rows in (clean[hit], live.frame[hit]))
print(f"PSI of the scores: {psi(right, seen):.3f}")
print({name: f"{share:.2%}" for name, share in change.items()})
table = {"PSI in the last week": peaks, "extra cost, EUR per 1,000": costs}
pd.DataFrame(table).round(2)

# %% [markdown]
# The PSI of the scores looks harmless, and yet the model refuses far more payments: most payments score near zero, and all refusals lie in the last of ten bins. So watch decisions too, not the scores alone.
#
# The drift with the larger PSI costs next to nothing: the model hardly looks at the length of a session. The smaller one refuses good customers all day. So rank pages by what they cost, and let the score only say that something is there. A drift without cost still gets a ticket, because a later model may use the feature. What the replay cannot see: whether fraud itself has changed. That needs labels (lab 13).
#
# Keep the facts for the two texts: run the next cell, and paste its dictionary into the cell below it.

# %% needs="replay_cost,watch,psi,usual_rows,page_limit"
shares = frame["new_device"].mean(), live.frame.loc[hit, "new_device"].mean()
record("drift_cost_eur_per_1000", costs["new_device"], unit="EUR")
{
    "new_before_percent": round(float(100 * shares[0]), 1),
    "new_after_percent": round(float(100 * shares[1]), 1),
    "refused_before_percent": round(float(100 * change["refused_before"]), 1),
    "refused_after_percent": round(float(100 * change["refused_after"]), 1),
    "cost_eur_per_1000": round(costs["new_device"]),
}

# %% answer="facts"
costs_money = TODO  # the name of the feature whose drift costs money
facts = TODO  # the dictionary that the cell above prints
### BEGIN SOLUTION
costs_money = "new_device"
facts = {
    "new_before_percent": 9.8,
    "new_after_percent": 33.2,
    "refused_before_percent": 2.9,
    "refused_after_percent": 5.4,
    "cost_eur_per_1000": 298,
}
### END SOLUTION


# %% test="facts" points=1
### BEGIN HIDDEN TESTS
@checks.facts.hidden("The facts are those of your own run.", hint="facts")
def _(facts, replay_cost, decisions, labelled, score):
    from checks import lost_ids

    true = august(course_rng("12 august"), faults=False).frame
    seen = live.frame
    days = seen["paid_at"].dt.date
    part = (days >= date(2026, 8, 11)) & (days < date(2026, 8, 24))
    found = decisions(score(true[part]), score(seen[part]), REFUSE)
    # Another seed is another draw. Over 20 seeds the standard deviations are below 0.7,
    # 0.2 and 0.3 percentage points, and 12 % of the cost.
    for key, own, margin in (
        ("new_before_percent", 100 * frame["new_device"].mean(), 2),
        ("new_after_percent", 100 * seen.loc[part, "new_device"].mean(), 5),
        ("refused_before_percent", 100 * found["refused_before"], 1.2),
        ("refused_after_percent", 100 * found["refused_after"], 2),
    ):
        expect(abs(facts[key] - own) < margin, got={key: facts[key]})
    cost = replay_cost(labelled, lost_ids, score, REFUSE)
    expect(abs(facts["cost_eur_per_1000"] / cost - 1) < 0.8, got=facts)


@checks.facts.hidden("You named the drift that costs money.", hint="costs")
def _(costs_money):
    expect(costs_money == "new_device", got=costs_money)


### END HIDDEN TESTS

# %% [markdown]
# ## 9. The alert, for engineers
#
# A {term}`drift alert <drift-alert>` is read at night, on a phone, by somebody who does not know the model. It says what, since when, how we know, what we suspect, and the next step. The app was released on 11 August; nothing else changed that day. The raw event log still holds the device identifiers. The wrong join of task 7 has an alert of its own: leave it out.
#
# Write it in 100 to 250 words, with these headings (`## What`): what, since when, evidence, suspected cause, next step. Give the feature by its name, both shares of new devices, both shares of refused payments, and both dates: the first day, 11 August, and the day of the page. Say that the cause is suspected. Mention the second finding by its name, and why nobody must get up for it.

# %% written="alert" points=2
### BEGIN SOLUTION
# ### What
#
# The feature new_device of the fraud model has drifted, and the model refuses more payments because of it. It marks 33.2 % of the payments as made from a new device. In spring it was 9.8 %.
#
# ### Since when
#
# The first day is 11 August. The monitor paged on 12 August, the second day in a row above the limit.
#
# ### Evidence
#
# Its daily PSI is many times the noise of calm days, every day since then. On the same payments, with the device taken from the event log, the model refuses 2.9 %. With the recorded feature it refuses 5.4 %. The amount, the account age and the other inputs had not moved by then.
#
# ### Suspected cause
#
# The app was released on 11 August. We suspect that it no longer sends the device identifier for some users. This is not confirmed.
#
# ### Next step
#
# Whoever is on call compares the identifiers of old and new app versions in the event log today. If they differ, roll the app back or compute the feature from the log, then score again. A second finding, session_minutes since 18 August, can wait for a ticket: in the replay it costs almost nothing, so nobody needs to get up for it.
### END SOLUTION

# %% [markdown] rubric="alert"
# **Rubric, 2 points: half a point for each criterion.**
#
# | criterion | 0.5 | 0.25 | 0 |
# |---|---|---|---|
# | One can act on it | the next step has an owner and a test that would confirm or refute the cause | a step without a test | "please investigate" |
# | The evidence separates cause and effect | compares the same payments with true and recorded feature | two rates of different weeks | only a score |
# | Suspicion is not fact | says what is not confirmed | "probably", without what is missing | the release is the cause |
# | The second finding is put in its place | named, with the reason why it can wait | named without a reason | absent, or as urgent as the first |
#
# **Sample, 2 points:** the text above. **Sample, 1 point:** "new_device drifted on 11 August, 9.8 to 33.2 %. The release of the app may be the cause. Refusals rose from 2.8 to 5.4 %. Somebody should look at the app. session_minutes drifted too." (act: 0.25, evidence: 0.25, suspicion: 0.25, second: 0.25). **Sample, 0 points:** "PSI of new_device is 0.36. Please investigate."

# %% needs="alert,facts"
from checks import ALERT, MESSAGE, review

review(alert, ALERT, facts)

# %% test="alert" points=1
### BEGIN HIDDEN TESTS
import re

from checks import prose


@checks.alert.hidden("It says since when and when it paged.", hint="words")
def _(alert):
    day = r"\b1[234](th)?( of)? Aug|\bAug(ust|\.)? 1[234](th)?\b|2026-08-1[234]"
    expect(re.search(day, alert, re.I), got="no day of the page")


@checks.alert.hidden("The cause is suspected, not known.", hint="claims")
def _(alert):
    doubt = (
        r"\b(suspect|may\b|might|could|likely|unlikely|possibl|probabl|perhaps|assum|"
        r"hypothes|seem|appear|think|believe|guess|unconfirmed|unproven|"
        r"not (yet )?(been )?(confirmed|proven|shown|known|certain|sure))"
    )
    expect(re.search(doubt, prose(alert), re.I), got="no word of doubt")


### END HIDDEN TESTS

# %% [markdown]
# ## 10. The message, for the business
#
# Yusuf's board does not know what a feature is: a {term}`non-technical audience <non-technical-audience>`. Write 100 to 250 words in plain language, with these headings: what it means, what we do, roll back, when we write again. Give both shares of refused payments, the cost in euros per 1,000 payments, and 11 August. Say since when customers feel it, and what you do not know yet. State the **{term}`rollback criteria`**: what will be rolled back, by whom, and at which number or day. Promise a time for the next message, and keep it short. This is the first text of a {term}`data drift incident`; the second is for calm days.

# %% written="message" points=2
### BEGIN SOLUTION
# ### What it means
#
# Since 11 August we refuse too many good payments. Before, we refused 2.9 % of all payments. Now we refuse 5.4 %. Most of the extra ones come from honest customers who pay with the phone they have used for long. Our model takes that phone for a new one. On old payments such a mistake costs about 298 € for each 1,000 payments, in support calls and lost sales. No card data is at risk.
#
# ### What we do
#
# The app got an update on that day. We think that it is the cause, and we are testing this now. Until we know, the payments team looks at refused orders by hand, and calls customers who complain first.
#
# ### Roll back
#
# The head of payments decides. If the test confirms the update, or if more than 4 % of payments are still refused on Friday at noon, we go back to the former app. We keep the model. It did not change, and the old one would get the same wrong input.
#
# ### When we write again
#
# You hear from us on Friday at 14:00, also if nothing is new. We do not know yet how many customers left, nor whether real fraud has changed. We will know the second only in some months, when reports from customers have come in.
### END SOLUTION

# %% [markdown] rubric="message"
# **Rubric, 2 points: half a point for each criterion.**
#
# | criterion | 0.5 | 0.25 | 0 |
# |---|---|---|---|
# | A reader knows what it means for customers | who is hit, how many, what it costs, since when | a number without a meaning | the technique |
# | The decision to roll back can be checked | what, who, and a number or a day at which it happens | what, without a limit | absent |
# | The right thing is rolled back | the app or the feature, with the reason why an older model would not help | the app, no reason | the model |
# | Honest about the unknown | two things that are not known, and when they will be; a time for the next message | one of them | none |
#
# **Sample, 2 points:** the text above. **Sample, 1 point:** "Since 11 August we refuse 5.4 % instead of 2.9 %, which costs 298 € per 1,000 payments. If it does not get better, we roll back the app. We do not know how many customers left. We write soon." (customers: 0.25, decision: 0.25, right thing: 0.25, unknown: 0.25). **Sample, 0 points:** "The model has drifted and will be retrained."

# %% needs="message,facts"
review(message, MESSAGE, facts)


# %% test="message" points=1
### BEGIN HIDDEN TESTS
WHEN = (
    r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|tomorrow|today|tonight|noon|midnight|"
    r"\d|(one|two|three|four|five|six|seven|ten) (hours?|days?|weeks?)|end of"
)


@checks.message.hidden("It says when the next message comes.", hint="sections")
def _(message):
    end = prose(message, "write again", "next update", "next message")
    expect(re.search(WHEN, end, re.I), got="no time was found in the last section")


@checks.message.hidden("It says at which point we roll back.", hint="limit")
def _(message):
    text = prose(message, "roll")
    expect(re.search(WHEN, text, re.I), got="no number and no day was found there")


### END HIDDEN TESTS

# %% [markdown]
# ## Interview question
#
# *"Your drift monitor pages three times a week, and the model's quality has not moved in a year. What do you do?"* Take five minutes, aloud.
#
# <details><summary>What a good answer has</summary>
#
# | level | signs |
# |---|---|
# | strong | Asks what a page is for: a decision that somebody takes. Counts false pages on calm weeks, checks baseline, weekdays, number of features and rows. Sets limits from calm days and states the rate. Sends drift without cost to a weekly list, pages on scores, decisions and cost. Doubts the premise: with late labels, unmoved quality may be quality of months ago, or of what was let through only. Keeps a domain classifier for what single features hide. |
# | fair | Raises the thresholds, knows that many features mean many alarms. |
# | weak | Turns the monitor off, or retrains on each page. |
# </details>
#
# ## Flashcards
#
# Say the answer before you open it.
#
# <details><summary>Ten bins, 100 rows today, nothing has changed. What is an ordinary PSI?</summary>
#
# About 0.09: the number of bins less one, divided by the rows. So 0.1 means nothing here. With 10,000 rows it would be a hundred times the noise.
# </details>
#
# <details><summary>Why does a baseline of "last week" miss a slow change?</summary>
#
# The yardstick moves with it: each week differs little from the one before. Compare with a fixed past, on the same weekday.
# </details>
#
# <details><summary>Each feature has its old distribution, and the model is wrong all day. How can that be, and what finds it?</summary>
#
# The features no longer belong together, for instance after a join to the wrong rows. A classifier that must tell old rows from new ones sees all features at once; its AUC on unseen rows rises above one half.
# </details>
#
# ## Elsewhere
#
# | platform | where the parts are |
# |---|---|
# | Amazon SageMaker | Model Monitor compares captured requests with a baseline on a schedule |
# | Google Vertex AI | Model Monitoring: skew against training data, drift against earlier traffic; Jensen-Shannon and L-infinity distances |
# | Azure Machine Learning | model monitoring with signals for data drift and prediction drift; a metric and a threshold for each |
# | NannyML | drift of one and of many features, and an estimate of quality without labels |
# | Alibi Detect | classifier and kernel two-sample tests, some of them online |
#
# Each of them has a default baseline, a default method and a default threshold. You now know what to ask about the three.
#
# **What comes next.** Lab 13 goes on where this one is blind: the inputs look right, the labels are late, and the rule of fraud has changed.
