# ---
# jupyter:
#   mlcourse:
#     title: A model card that an auditor can check
#     minutes: 90
#     needs:
#     - 01_frame_the_problem
#     goals:
#     - say for whom a model fails, with intervals, and where the data cannot tell
#     - put a price on fairness, and know which fairness is meant
#     - know what personal data a model and its samples hold
#     - write a card in which no number is typed
#     leaves_out:
#     - methods that change the training to be fairer (reweighting, constraints)
#     - legal advice; the rules named here are the European Union's
#     - drift after the release (labs 12 and 13)
#     terms:
#       defines:
#       - model-card
#       - fairness
#       - fairness-metric
#       - protected-attribute
#       - subgroup-analysis
#       - disparate-impact
#       - feature-importance
#       - explainability
#       - personally-identifiable-information
#       - data-minimization
#       - gdpr
#       - retention-policy
#       - model-lineage
#       - audit-trail
#       - intended-use
#       - limitation
#       - compliance-review
#       requires:
#       - confidence-interval
#       - decision-threshold
#       - recall
#       - false-alarm
#       - model-registry
# ---

# %% [markdown]
# # 18 A model card that an auditor can check
#
# ## Scenario
#
# > **Farid, compliance:** The fraud score holds one payment in twenty until somebody has looked at it. On Thursday I must sign it, or stop it.
# >
# > Your slide says "AUC 0.88, robust, fair". I cannot sign an adjective. A student wrote to us that her payments are held all the time. Is that bad luck, or our model?
# >
# > Please send me a model card: what it is for, for whom it fails, how sure you are, what personal data it holds. Every number from your evaluation. I will ask five questions. If you do not know an answer, say so. I have never stopped a model for that.

# %% [markdown]
# ## What you will make
#
# A {term}`model card` says what a model is for, how well it does, for whom it does not, and what nobody has checked (Mitchell et al. 2019). By the end you have one: nine sections, filled by a program, read by a reviewer's program, as Markdown and as a web page. Nine pieces of code, one text.

# %%
import os
import warnings
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the libraries say about each other
    import fairlearn.metrics as fairlearn
    import mlflow
    from mlflow import MlflowClient

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from checks import checks
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from IPython.display import Markdown, display
from scipy.stats import fisher_exact
from sklearn.inspection import permutation_importance
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from mlcourse.cards import Estimate
from mlcourse.checks import TODO, predict, record, reveal
from mlcourse.seed import course_rng

# %% [markdown]
# ## Predict first
#
# The model does not see anybody's age. Look at the honest payments only. How many times as often is one held if the payer is 18 to 24 than if the payer is 40 to 64? 1 means equally often.

# %% guess="young"
predict("held honest payments, 18-24 against 40-64", TODO, unit="times")

# %% [markdown]
# ## The model and the month it is judged on
#
# Twelve weeks of card payments. Four weeks to train on, four to choose the {term}`decision threshold`, and March to judge. We look back from August: every payment had its 120 days to be disputed, so all labels are final. The share of fraud is raised to about 3 %, so that a laptop is enough; in the shop it is about half of that.
#
# `age_band` and `region` are not features. Support wrote them down for audits like this one.

# %%
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from mlcourse.datasets import make_payments

payments = make_payments(
    120_000, rng=course_rng("18 payments"), days=84, fraud_rate=0.03
)
FEATURES = list(payments.features)
CATEGORIES = ["merchant_category", "channel", "device", "card_country"]
SKEWED = ["amount_eur", "account_age_days", "delivery_distance_km", "session_minutes"]
OTHERS = [name for name in FEATURES if name not in CATEGORIES + SKEWED]

weeks = (payments.frame["paid_at"] - payments.frame["paid_at"].min()).dt.days // 7
train, february, march = (
    payments.frame[weeks.between(first, first + 3)].reset_index(drop=True)
    for first in (0, 4, 8)
)


def train_model(frame: pd.DataFrame, *, penalty: float = 1.0) -> Any:
    """Return a logistic regression on the features, fitted."""
    prepare = make_column_transformer(
        (OneHotEncoder(), CATEGORIES),
        (make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), SKEWED),
        (StandardScaler(), OTHERS),
    )
    model = make_pipeline(prepare, LogisticRegression(C=1 / penalty, max_iter=500))
    return model.fit(frame[FEATURES], frame["fraud"])


model = train_model(train)
for frame in (february, march):
    frame["score"] = model.decision_function(frame[FEATURES])  # log-odds of fraud
    frame["honest"] = ~frame["fraud"]

THRESHOLD = float(february["score"].quantile(0.95))  # the desk can look at 1 in 20
march["held"] = march["score"] >= THRESHOLD
march["accepted"] = ~march["held"]

facts = {  # what the card will quote; the tasks add to it
    "held": Estimate(metric="share held", value=float(march["held"].mean())),
    "fraud": Estimate(metric="share of fraud", value=float(march["fraud"].mean())),
    "payments": Estimate(metric="payments in March", value=len(march), unit=""),
    "retention": Estimate(metric="retention", value=180, unit="days"),
}
print(f"{len(march):,} payments in March, {march['fraud'].sum():,} of them fraud")
print(f"held: {march['held'].mean():.1%} of all")

# %% [markdown]
# ## 1. For whom does it fail?
#
# One number for everybody hides who pays for the mistakes. There are two mistakes here, and they hurt different people. A fraud that is let through hurts the owner of the card: {term}`recall` is the share of frauds that are held. A held honest payment is a {term}`false alarm`, and hurts the payer. Looking at each group by itself is {term}`subgroup analysis`.
#
# A group is small, so its rate is uncertain. The bootstrap asks: had we drawn other payments of the same kind, what would we have seen? It draws the payments of the group again, with replacement, many times, and takes the middle 95 % of the rates: a {term}`confidence interval`.


# %% answer="rates_by_group"
def rates_by_group(
    fraud: Any,
    held: Any,
    group: Any,
    *,
    rng: np.random.Generator,
    draws: int = 500,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return recall and false-alarm rate of each group with bootstrap intervals.

    Resample the payments of a group, frauds and honest ones together, to as many as
    there were. An end of an interval is a quantile of the drawn rates; with level 0.95
    these are the 0.025 and the 0.975 quantile. A draw without any fraud has no recall
    and is left out of that quantile.

    Args:
        fraud: Whether each payment was fraud; array or Series of bool, shape (n,).
        held: Whether it was held; likewise.
        group: Its group; array or Series of text or category.
        rng: Source of the draws.
        draws: How often to draw.
        level: Of the intervals.

    Returns:
        One row a group that occurs, indexed by its name in sorted order, and these
        columns: ``payments`` and ``frauds`` (counts), ``recall``, ``recall_low``,
        ``recall_high`` (NaN for a group without fraud), ``alarm``, ``alarm_low``,
        ``alarm_high`` (NaN for a group without an honest payment).
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def rates_by_group(fraud, held, group, *, rng, draws=500, level=0.95):
    fraud, held, group = np.asarray(fraud), np.asarray(held), np.asarray(group)
    ends = [(1 - level) / 2, (1 + level) / 2]

    def rate(part, whole):
        counted = whole > 0
        rates = np.divide(part, whole, out=np.full(len(whole), np.nan), where=counted)
        if not counted[0]:
            return [np.nan] * 3
        drawn = rates[1:][counted[1:]]
        return [rates[0], *np.quantile(drawn, ends)]

    rows = {}
    for name in sorted(set(group)):
        f, h = fraud[group == name], held[group == name]
        cells = np.array(
            [(f & h).sum(), (f & ~h).sum(), (~f & h).sum(), (~f & ~h).sum()]
        )
        # To draw payments again is to draw these four counts again.
        drawn = rng.multinomial(len(f), cells / len(f), size=draws)
        hit, missed, alarm, passed = np.vstack([cells, drawn]).T
        rows[name] = [
            len(f),
            f.sum(),
            *rate(hit, hit + missed),
            *rate(alarm, alarm + passed),
        ]
    names = "payments frauds recall recall_low recall_high alarm alarm_low alarm_high"
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names.split())
    return table.astype({"payments": int, "frauds": int})


### END SOLUTION

# %% test="rates_by_group" points=3
### BEGIN HIDDEN TESTS
from mlcourse.checks import expect, expect_error


def crowd(seed, sizes, *, fraud=0.2, recall=0.5, alarm=0.1):
    """Payments of groups of given sizes with given rates."""
    draw = np.random.default_rng(seed)
    group = np.repeat(list(sizes), list(sizes.values()))
    bad = draw.random(len(group)) < fraud
    stopped = draw.random(len(group)) < np.where(bad, recall, alarm)
    order = draw.permutation(len(group))
    return bad[order], stopped[order], group[order]


@checks.rates_by_group.hidden("The rates are those of each group.", hint="count")
def _(rates_by_group):
    bad, stopped, group = crowd(1, {"b": 400, "a": 90, "c": 33})
    table = rates_by_group(
        pd.Series(bad),
        pd.Series(stopped),
        pd.Series(group),
        rng=np.random.default_rng(1),
    )
    expect(list(table.index) == ["a", "b", "c"], got=list(table.index))
    for name in "abc":
        inside = group == name
        row = table.loc[name]
        expect(row["payments"] == inside.sum(), got=row["payments"])
        expect(row["frauds"] == bad[inside].sum(), got=row["frauds"])
        expect(
            np.isclose(row["recall"], stopped[inside & bad].mean()), got=row["recall"]
        )
        expect(
            np.isclose(row["alarm"], stopped[inside & ~bad].mean()), got=row["alarm"]
        )


@checks.rates_by_group.hidden(
    "The intervals are as wide as sampling theory says.", hint="resample"
)
def _(rates_by_group):
    bad, stopped, group = crowd(2, {"a": 6000, "b": 1500})
    table = rates_by_group(
        bad, stopped, group, rng=np.random.default_rng(2), draws=2000
    )
    for name, row in table.iterrows():
        honest = row["payments"] - row["frauds"]
        for rate, cases in (("recall", row["frauds"]), ("alarm", honest)):
            low, high = row[f"{rate}_low"], row[f"{rate}_high"]
            wanted = 2 * 1.96 * np.sqrt(row[rate] * (1 - row[rate]) / cases)
            # 2,000 draws: the width has a spread of about 3 %.
            expect(0.85 < (high - low) / wanted < 1.15, got=f"{name}: {low} to {high}")
            expect(low < row[rate] < high, got=f"{name}: {low} to {high}")


@checks.rates_by_group.hidden("The level sets the width.", hint="level")
def _(rates_by_group):
    bad, stopped, group = crowd(3, {"a": 3000})
    wide, narrow = (
        rates_by_group(
            bad, stopped, group, rng=np.random.default_rng(3), draws=2000, level=level
        ).loc["a"]
        for level in (0.99, 0.5)
    )
    for rate in ("recall", "alarm"):
        widths = [row[f"{rate}_high"] - row[f"{rate}_low"] for row in (wide, narrow)]
        # 2.576 / 0.674 = 3.8 for a normal shape.
        expect(2.9 < widths[0] / widths[1] < 5, got=widths)
        ends = wide[f"{rate}_low"], wide[f"{rate}_high"]
        middle = abs(np.mean(ends) - wide[rate])
        expect(middle < 0.15 * widths[0], got=ends)


@checks.rates_by_group.hidden(
    "A group without fraud has no recall, and no group fails for being small.",
    hint="empty",
)
def _(rates_by_group):
    bad = np.array([False, False, True, True, False, True, False])
    stopped = np.array([True, False, True, False, False, True, True])
    group = pd.Categorical(list("aabbbcd"), categories=list("zabcd"))
    table = rates_by_group(bad, stopped, pd.Series(group), rng=np.random.default_rng(4))
    expect(list(table.index) == list("abcd"), got=list(table.index))
    recall = ["recall", "recall_low", "recall_high"]
    expect(table.loc["a", recall].isna().all(), got=table.loc["a"])
    expect(table.loc["c", ["alarm", "alarm_low", "alarm_high"]].isna().all())
    expect((table.loc["c", recall] == 1).all(), got=table.loc["c"])
    expect(table.loc["b", recall].between(0, 1).all(), got=table.loc["b"])


@checks.rates_by_group.hidden("All chance comes from rng.", hint="rng")
def _(rates_by_group):
    bad, stopped, group = crowd(5, {"a": 300, "b": 80})
    first, again, other = (
        rates_by_group(bad, stopped, group, rng=np.random.default_rng(seed), draws=50)
        for seed in (5, 5, 6)
    )
    expect(first.equals(again), got=again, message="The same rng gives other numbers.")
    expect(not first.equals(other), got=other, message="Another rng changes nothing.")


### END HIDDEN TESTS

# %% needs="rates_by_group"
rng = course_rng("18 bootstrap")
tables = {
    name: rates_by_group(
        march["fraud"],
        march["held"],
        pd.Series("all", march.index) if name == "all" else march[name],
        rng=rng,
    )
    for name in ("all", "age_band", "region")
}
pd.concat(tables).round(3)

# %% needs="rates_by_group"
honest_held = tables["age_band"]["alarm"]
record("alarm_18_24", 100 * honest_held["18-24"], unit="%")
record("recall_65", 100 * tables["age_band"].loc["65+", "recall"], unit="%")
reveal(
    "held honest payments, 18-24 against 40-64",
    float(honest_held["18-24"] / honest_held["40-64"]),
    unit="times",
)

# %% needs="rates_by_group"
groups = pd.concat([tables["age_band"], tables["region"]])
titles = {
    "recall": "Whose fraud is found?\nRecall, % of frauds held",
    "alarm": "Who is held without reason?\nFalse-alarm rate, % of honest payments",
}
figure, panels = plt.subplots(1, 2, figsize=(8, 3.8), sharey=True, layout="constrained")
for axes, (rate, title) in zip(panels, titles.items(), strict=True):
    middle, low, high = (100 * groups[rate + end] for end in ("", "_low", "_high"))
    axes.errorbar(
        middle,
        groups.index,
        xerr=[middle - low, high - middle],
        fmt="o",
        color="tab:blue",
    )
    everybody = 100 * tables["all"].loc["all", rate]
    axes.axvline(
        everybody, color="0.45", linestyle="--", label=f"all: {everybody:.1f} %"
    )
    axes.axhline(3.5, color="0.8", linewidth=1)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("% (bar: 95 % interval)")
    axes.legend(fontsize=8, loc="lower right")
    axes.set_xlim(0)
axes.invert_yaxis()
plt.show()

# %% [markdown]
# **Read the picture.** Which age band has the worst recall, and which the worst false-alarm rate? They are not the same, so there is no single "worst group". Keep the answer for Farid's first question.
#
# The student was right. Nobody told the model her age, but `account_age_days` knows it: young people have young accounts. A {term}`protected attribute` that is left out of the features is still there, in whatever goes with it. This is why you must *have* the attribute to audit for it.
#
# One thing goes into the card: a payer makes several payments, and these are alike. The honest thing would be to draw payers, not payments. This file has no key of the payer, so the true intervals are probably wider than these, and we do not know by how much.
#
# ## 2. Two definitions of fair
#
# {term}`Fairness` is a choice before it is a number. Each {term}`fairness metric` names something good, and asks whether it is spread evenly.
#
# - **Demographic parity:** all groups get the good thing equally often.
# - **Equal opportunity** (Hardt, Price and Srebro 2016): those who *deserve* the good thing get it equally often, whatever their group.
#
# The trap is the sign. Libraries look at the label 1, and here 1 means fraud and "held". To the payer, the good thing is that the payment goes through, and who deserves it is the honest payer. Swap these and you measure something else, correctly.


# %% answer="equal_opportunity_gap"
gaps = TODO


def demographic_parity_gap(good: Any, group: Any) -> float:
    """Return the largest minus the smallest share of a group that gets the good thing.

    Args:
        good: Whether each row gets it; array or Series of bool, shape (n,).
        group: Its group, array or Series.
    """
    ...  # YOUR CODE HERE


def equal_opportunity_gap(deserving: Any, good: Any, group: Any) -> float:
    """Return the same gap among the deserving only.

    A group in which nobody is deserving has no rate and is left out.

    Args:
        deserving: Whether each row deserves the good thing; array or Series of bool.
        good: Whether it gets it; likewise.
        group: Its group, array or Series.
    """
    ...  # YOUR CODE HERE


# gaps = {"parity": ..., "opportunity": ...} over the age bands of march,
# as the payer sees it.

### BEGIN SOLUTION


def demographic_parity_gap(good, group):
    shares = pd.Series(np.asarray(good, dtype=float)).groupby(np.asarray(group)).mean()
    return float(shares.max() - shares.min())


def equal_opportunity_gap(deserving, good, group):
    worthy = np.asarray(deserving)
    return demographic_parity_gap(np.asarray(good)[worthy], np.asarray(group)[worthy])


gaps = {
    "parity": demographic_parity_gap(march["accepted"], march["age_band"]),
    "opportunity": equal_opportunity_gap(
        march["honest"], march["accepted"], march["age_band"]
    ),
}

### END SOLUTION


# %% test="equal_opportunity_gap" points=2
### BEGIN HIDDEN TESTS
@checks.equal_opportunity_gap.hidden(
    "Both gaps equal fairlearn's, on other data.", hint="fairlearn"
)
def _(demographic_parity_gap, equal_opportunity_gap):
    for seed, names in ((7, "ab"), (8, "abc"), (9, "abcde")):
        draw = np.random.default_rng(seed)
        group = draw.choice(list(names), 900)
        worthy = draw.random(900) < 0.7
        good = draw.random(900) < np.where(group == "a", 0.9, 0.6) - 0.2 * ~worthy
        for values in ((worthy, good, group), map(pd.Series, (worthy, good, group))):
            w, g, names_of = values
            mine = (
                demographic_parity_gap(g, names_of),
                equal_opportunity_gap(w, g, names_of),
            )
            theirs = (
                fairlearn.demographic_parity_difference(
                    w, g, sensitive_features=names_of
                ),
                fairlearn.equal_opportunity_difference(
                    w, g, sensitive_features=names_of
                ),
            )
            expect(np.allclose(mine, theirs, rtol=0, atol=1e-9), got=mine)


@checks.equal_opportunity_gap.hidden(
    "A group in which nobody is deserving is left out.", hint="nobody"
)
def _(equal_opportunity_gap):
    group = pd.Series(list("aabbcc"), index=[5, 1, 9, 2, 7, 3])
    worthy = pd.Series([True, True, True, True, False, False], index=group.index)
    good = pd.Series([True, True, True, False, False, False], index=group.index)
    value = equal_opportunity_gap(worthy, good, group)
    expect(np.isclose(value, 0.5), got=value)


@checks.equal_opportunity_gap.hidden("Your gaps are the payer's.", hint="good")
def _(gaps, march):
    table = march.groupby("age_band", observed=True)
    shares = 1 - table["held"].mean()
    honest = march[march["honest"]].groupby("age_band", observed=True)["held"].mean()
    wanted = shares.max() - shares.min(), honest.max() - honest.min()
    expect(np.isclose(gaps["parity"], wanted[0]), got=gaps)
    expect(np.isclose(gaps["opportunity"], wanted[1]), got=gaps)


### END HIDDEN TESTS

# %% needs="equal_opportunity_gap"
age = march["age_band"]
ratio = fairlearn.MetricFrame(
    metrics=fairlearn.selection_rate,
    y_true=march["honest"],
    y_pred=march["accepted"],
    sensitive_features=age,
).ratio()
theirs = {
    "parity": fairlearn.demographic_parity_difference,
    "opportunity": fairlearn.equal_opportunity_difference,
}
for name, difference in theirs.items():
    value = difference(march["honest"], march["accepted"], sensitive_features=age)
    print(f"{name:12} yours {gaps[name]:.4f}, fairlearn's {value:.4f}")
print(f"smallest over largest acceptance rate: {ratio:.3f}")

# %% [markdown]
# A gap of 0.04 says: of 100 honest payments, four more go through in one group than in another. The ratio in the last line is the form that {term}`disparate impact` rules use; in the United States a ratio below 0.8 in hiring draws attention. Near 1, it looks harmless here. The false-alarm rates differ by more than a factor of two. A ratio of acceptances can hide what a ratio of refusals shows: look at the side that hurts.
#
# ## 3. What fairness costs
#
# Take two groups of people to be fair to. Honest payers want equal false-alarm rates. Owners of stolen cards want equal recall. Can one threshold for each age band give both? It is one knob for each band, and two wishes. To close both gaps is called equalised odds; with one threshold a band it happens by luck only.
#
# So draw the trade-off. At one end, thresholds that equalise false alarms; at the other, thresholds that equalise recall; in between, mixtures. Choose all thresholds in February and judge them in March, as in life. A missed fraud costs its amount. Each held payment costs €4 for the person who looks at it, and if it was honest €8 more, for calls to support and for orders that are given up.

# %%
LOOK_EUR, ANNOY_EUR = 4.0, 8.0


# %% answer="trade_off"
def thresholds_for(score: Any, rows: Any, group: Any, *, rate: float) -> pd.Series:
    """Return for each group the score that a share ``rate`` of the chosen rows reaches.

    Args:
        score: Of each payment, Series of float.
        rows: Which payments count, Series of bool: the honest ones, or the frauds.
        group: Group of each payment, Series.
        rate: The share of these rows that shall be held, between 0 and 1.

    Returns:
        The 1 - rate quantile of each group (pandas' own interpolation), indexed by
        group.
    """
    ...  # YOUR CODE HERE


def cost_per_1000(amount: Any, fraud: Any, held: Any) -> float:
    """Return the cost of 1,000 such payments in EUR.

    A fraud that is not held costs its amount. Each held payment, fraud or not, costs
    ``LOOK_EUR``; one that was honest costs ``ANNOY_EUR`` on top.
    """
    ...  # YOUR CODE HERE


def trade_off(
    tune: pd.DataFrame, judge: pd.DataFrame, *, threshold: float, weights: Any
) -> pd.DataFrame:
    """Return gaps and cost between equal false alarms and equal recall.

    For weight w, each age band's threshold is (1 - w) times the one for equal false
    alarms plus w times the one for equal recall. Both aim at the rate that all of
    ``tune`` together has with the one ``threshold``. Held is score >= threshold.

    Args:
        tune: Chooses the thresholds. Columns score, fraud, age_band.
        judge: Is judged. The same columns, and amount_eur.
        threshold: The one threshold for everybody.
        weights: Weights between 0 and 1.

    Returns:
        One row a weight, indexed by it, with ``alarm_gap`` and ``recall_gap`` (your
        equal_opportunity_gap for honest payers and for frauds, shares) and
        ``cost_eur`` (per 1,000 payments), all of ``judge``.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def thresholds_for(score, rows, group, *, rate):
    return score[rows].groupby(group[rows], observed=True).quantile(1 - rate)


def cost_per_1000(amount, fraud, held):
    amount, fraud, held = map(np.asarray, (amount, fraud, held))
    cost = amount * (fraud & ~held) + LOOK_EUR * held + ANNOY_EUR * (held & ~fraud)
    return float(1000 * cost.mean())


def trade_off(tune, judge, *, threshold, weights):
    ends = []
    for rows in (~tune["fraud"], tune["fraud"]):
        rate = (tune["score"][rows] >= threshold).mean()
        ends.append(thresholds_for(tune["score"], rows, tune["age_band"], rate=rate))
    band, fraud = judge["age_band"].astype(str), judge["fraud"]
    table = {}
    for weight in weights:
        limits = (1 - weight) * ends[0] + weight * ends[1]
        held = judge["score"] >= band.map(dict(limits))
        table[weight] = {
            "alarm_gap": equal_opportunity_gap(~fraud, ~held, band),
            "recall_gap": equal_opportunity_gap(fraud, held, band),
            "cost_eur": cost_per_1000(judge["amount_eur"], fraud, held),
        }
    return pd.DataFrame.from_dict(table, orient="index")


### END SOLUTION


# %% test="trade_off" points=3
### BEGIN HIDDEN TESTS
def scored(seed, n):
    """Payments whose scores mean different things in two age bands."""
    draw = np.random.default_rng(seed)
    band = pd.Series(pd.Categorical(draw.choice(["old", "young"], n, p=[0.7, 0.3])))
    bad = pd.Series(draw.random(n) < 0.3)
    young = (band == "young").to_numpy()
    score = draw.normal(0, 1, n) + bad * np.where(young, 2.0, 0.7) + 0.8 * young
    amount = draw.exponential(60, n).round(2)
    return pd.DataFrame(
        {"score": score, "fraud": bad, "age_band": band, "amount_eur": amount}
    )


@checks.trade_off.hidden(
    "A group's threshold holds the share asked for.", hint="quantile"
)
def _(thresholds_for):
    frame = scored(11, 4000)
    for rows, rate in ((~frame["fraud"], 0.1), (frame["fraud"], 0.6)):
        found = thresholds_for(frame["score"], rows, frame["age_band"], rate=rate)
        expect(sorted(found.index) == ["old", "young"], got=found)
        for band in ("old", "young"):
            share = (
                frame["score"][rows & (frame["age_band"] == band)] >= found[band]
            ).mean()
            expect(abs(share - rate) < 0.005, got=f"{band}: {share:.3f}")


@checks.trade_off.hidden("The cost counts each mistake once.", hint="cost")
def _(cost_per_1000, LOOK_EUR, ANNOY_EUR):
    fraud = pd.Series([True, True, False, False, False])
    held = pd.Series([True, False, True, False, False])
    amount = pd.Series([100.0, 35.0, 20.0, 50.0, 11.0])
    value = cost_per_1000(amount, fraud, held)
    wanted = 200 * (35 + 2 * LOOK_EUR + ANNOY_EUR)
    expect(np.isclose(value, wanted), got=value)
    none = cost_per_1000(amount, fraud, pd.Series([False] * 5))
    expect(np.isclose(none, 200 * 135), got=none)


@checks.trade_off.hidden("Each end closes its own gap where it was tuned.", hint="ends")
def _(trade_off):
    tune = scored(12, 6000)
    table = trade_off(tune, tune, threshold=1.5, weights=[0, 0.5, 1])
    expect(list(table.index) == [0, 0.5, 1], got=list(table.index))
    expect(table.loc[0, "alarm_gap"] < 0.003, got=table.loc[0])
    expect(table.loc[1, "recall_gap"] < 0.003, got=table.loc[1])
    expect(table.loc[0, "recall_gap"] > 0.1 < table.loc[1, "alarm_gap"], got=table)
    between = table["alarm_gap"]
    expect(between[0] < between[0.5] < between[1], got=list(between))


@checks.trade_off.hidden(
    "Thresholds come from tune, gaps and cost from judge.", hint="judge"
)
def _(trade_off, cost_per_1000):
    tune, judge = scored(13, 5000), scored(14, 3000)
    judge["score"] += 0.4
    table = trade_off(tune, judge, threshold=1.0, weights=[0.3])
    limits = {}
    for band in ("old", "young"):
        limits[band] = 0.0
        for part, bad in ((0.7, False), (0.3, True)):
            chosen = tune[tune["fraud"] == bad]
            rate = (chosen["score"] >= 1.0).mean()
            limits[band] += part * chosen.loc[
                chosen["age_band"] == band, "score"
            ].quantile(1 - rate)
    stop = judge["score"] >= judge["age_band"].astype(str).map(limits)
    share = stop.groupby([judge["fraud"], judge["age_band"]], observed=True).mean()
    expect(
        np.isclose(table.loc[0.3, "alarm_gap"], np.ptp(share[False])),
        got=table.loc[0.3],
    )
    expect(
        np.isclose(table.loc[0.3, "recall_gap"], np.ptp(share[True])),
        got=table.loc[0.3],
    )
    wanted = cost_per_1000(judge["amount_eur"], judge["fraud"], stop)
    expect(np.isclose(table.loc[0.3, "cost_eur"], wanted), got=table.loc[0.3])


@checks.trade_off.hidden("A score that equals a threshold is held.", hint="judge")
def _(trade_off, cost_per_1000):
    tune, judge = scored(16, 3000), scored(17, 2000)
    for frame in (tune, judge):
        frame["score"] = frame["score"].round()  # many ties
    table = trade_off(tune, judge, threshold=1.0, weights=[0, 1])
    for weight, bad in ((0, False), (1, True)):
        chosen = tune[tune["fraud"] == bad]
        rate = (chosen["score"] >= 1).mean()
        limits = {
            band: chosen.loc[chosen["age_band"] == band, "score"].quantile(1 - rate)
            for band in ("old", "young")
        }
        stop = judge["score"] >= judge["age_band"].astype(str).map(limits)
        wanted = cost_per_1000(judge["amount_eur"], judge["fraud"], stop)
        expect(np.isclose(table.loc[weight, "cost_eur"], wanted), got=table)


### END HIDDEN TESTS

# %% needs="equal_opportunity_gap,trade_off"
curve = trade_off(february, march, threshold=THRESHOLD, weights=np.linspace(0, 1, 11))
today = pd.Series(
    {
        "alarm_gap": gaps["opportunity"],
        "recall_gap": equal_opportunity_gap(march["fraud"], march["held"], age),
        "cost_eur": cost_per_1000(march["amount_eur"], march["fraud"], march["held"]),
    }
)
figure, panels = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
left, right = panels
left.plot(100 * curve["alarm_gap"], 100 * curve["recall_gap"], "o-", color="tab:blue")
left.plot(100 * today["alarm_gap"], 100 * today["recall_gap"], "kX", markersize=9)
left.annotate(
    "today",
    100 * today[["alarm_gap", "recall_gap"]],
    (7, 4),
    textcoords="offset points",
)
ends = 100 * curve[["alarm_gap", "recall_gap"]].iloc[[0, -1]].to_numpy()
left.annotate("equal false alarms", ends[0], (8, -3), textcoords="offset points")
left.annotate("equal recall", ends[1], (-66, 10), textcoords="offset points")
left.margins(x=0.08, y=0.12)
left.set(xlabel="gap in false alarms, points", ylabel="gap in recall, points")
left.set_title("Can both gaps be closed?", fontsize=10)
right.plot(100 * curve["alarm_gap"], curve["cost_eur"], "o-", color="tab:blue")
right.plot(100 * today["alarm_gap"], today["cost_eur"], "kX", markersize=9)
right.annotate(
    "today",
    (100 * today["alarm_gap"], today["cost_eur"]),
    (7, 4),
    textcoords="offset points",
)
right.set(xlabel="gap in false alarms, points", ylabel="cost, EUR per 1,000 payments")
right.set_title("What does each mixture cost?", fontsize=10)
plt.show()
facts |= {
    "gap/alarm": Estimate(
        metric="gap in false alarms", value=100 * today["alarm_gap"], unit="points"
    ),
    "gap/recall": Estimate(
        metric="gap in recall", value=100 * today["recall_gap"], unit="points"
    ),
}
for name, metric, row in (
    ("today", "cost today", today),
    ("equal_alarms", "cost of equal false alarms", curve.iloc[0]),
    ("equal_recall", "cost of equal recall", curve.iloc[-1]),
):
    euro = round(float(row["cost_eur"]), 2)
    facts[f"cost/{name}"] = Estimate(metric=metric, value=euro, unit="€")
pd.concat([curve, today.to_frame("today").T]).round(3)

# %% [markdown]
# **Read the picture.** Each point is a policy. Follow the line from "equal false alarms", weight 0, to "equal recall", weight 1: one gap shrinks and the other grows, so both cannot be closed with one knob a band. (The thresholds come from February. In March an end need not be the very smallest gap.) Is "today" on the curve? A point that lies above and to the right of another is worse in both respects, and somebody chose it without knowing.
#
# Now compare the cost at weight 0 with that of today. Where a feature means less for one group, the score itself is wrong for that group, and mending this can save money. Fairness is not always a sacrifice. Missed frauds differ a lot in amount, so such a difference has an interval of its own; an A/B test would tell whether it is more than luck (lab 11).
#
# And a warning. These policies read the age of a payer at the moment of decision. That is "different treatment by age", and whether it is allowed depends on the country and on the purpose. The curve gives the price. It does not give the permission.
#
# ## 4. What moves the score
#
# Farid will ask "why". There are two different questions in it: what matters for the model in general, and why this one payment was held. The first is {term}`feature importance`. Permute one column, so that it says nothing any more, and see how much worse the ranking gets, on data that the model has not seen. The second is {term}`explainability` of one decision. In a linear model it is exact: the log-odds are a sum, one term for each feature.

# %%
prepare, regression = model[0], model[-1]
# The feature that each column of the prepared data comes from:
SOURCES = [
    next(name for name in sorted(FEATURES, key=len, reverse=True) if name in column)
    for column in [
        *prepare.named_transformers_["onehotencoder"].get_feature_names_out(),
        *SKEWED,
        *OTHERS,
    ]
]
print(len(SOURCES), "columns from", len(set(SOURCES)), "features, such as", SOURCES[:7])


# %% answer="contributions"
def importance_table(
    model: Any,
    frame: pd.DataFrame,
    *,
    features: list[str],
    rng: np.random.Generator,
    repeats: int = 5,
) -> pd.DataFrame:
    """Return how much each feature matters for the ranking, by permutation.

    Call scikit-learn's ``permutation_importance`` with ``average_precision``, which
    fits a rare label, and a ``random_state`` drawn from ``rng``.

    Args:
        model: Fitted, takes ``frame[features]``.
        frame: Payments that the model was not trained on, with ``fraud``.
        features: The columns to permute.
        rng: Source of the permutations.
        repeats: Permutations of each feature.

    Returns:
        Indexed by feature, most important first: ``mean`` and ``sd`` of the drop.
    """
    ...  # YOUR CODE HERE


def contributions(rows: pd.DataFrame, background: pd.DataFrame) -> pd.DataFrame:
    """Return what each feature adds to the log-odds of each row, against an average.

    A column of the prepared data adds its coefficient times (its value minus its mean
    in the background). Columns that come from one feature are summed. Use ``prepare``,
    ``regression`` and ``SOURCES``.

    Args:
        rows: Payments to explain, with the columns FEATURES.
        background: Payments whose average is the point to start from.

    Returns:
        One row a payment with the index of ``rows``, one column a feature, in the
        order of FEATURES. Its sum is the payment's log-odds minus the mean log-odds
        of the background.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def importance_table(model, frame, *, features, rng, repeats=5):
    found = permutation_importance(
        model,
        frame[features],
        frame["fraud"],
        scoring="average_precision",
        n_repeats=repeats,
        random_state=int(rng.integers(2**31)),
    )
    columns = {"mean": found.importances_mean, "sd": found.importances_std}
    table = pd.DataFrame(columns, index=features)
    return table.sort_values("mean", ascending=False)


def contributions(rows, background):
    average = prepare.transform(background[FEATURES]).mean(axis=0)
    away = prepare.transform(rows[FEATURES]) - average
    terms = pd.DataFrame(away * regression.coef_[0], index=rows.index)
    return terms.T.groupby(SOURCES).sum().T[FEATURES]


### END SOLUTION


# %% test="contributions" points=3
### BEGIN HIDDEN TESTS
@checks.contributions.hidden("The terms add up to the score.", hint="sum")
def _(contributions, model, march, train, FEATURES):
    rows, background = march.iloc[5:400:7], train.iloc[:500]
    parts = contributions(rows, background)
    expect(parts.shape == (len(rows), len(FEATURES)), got=parts.shape)
    expect(list(parts.columns) == FEATURES, got=list(parts.columns))
    expect(parts.index.equals(rows.index), got=parts.index)
    wanted = model.decision_function(rows[FEATURES])
    wanted -= model.decision_function(background[FEATURES]).mean()
    expect(
        np.allclose(parts.sum(axis=1), wanted, atol=1e-8), got=parts.sum(axis=1).head()
    )


@checks.contributions.hidden(
    "A change of one feature changes its own term.", hint="source"
)
def _(contributions, model, march, FEATURES):
    rows = march.iloc[[10]]
    for name, value in (("hour", 3), ("device", "other"), ("amount_eur", 900.0)):
        other = rows.copy()
        if name == "device":
            other[name] = pd.Categorical([value], march[name].cat.categories)
        else:
            other[name] = value
        parts = contributions(other, march.iloc[:900]) - contributions(
            rows, march.iloc[:900]
        )
        step = model.decision_function(other[FEATURES]) - model.decision_function(
            rows[FEATURES]
        )
        expect(np.isclose(parts[name].iloc[0], step[0]), got=parts[name].iloc[0])
        rest = parts.drop(columns=name)
        expect(np.allclose(rest, 0, atol=1e-9), got=rest.iloc[0])


@checks.contributions.hidden(
    "What matters ranks first, what does not is near 0.", hint="permute"
)
def _(importance_table, model, march, FEATURES):
    # Over 40 seeds, an idle feature had at most 0.16 of the strongest, 0.05 on average.
    table = importance_table(
        model,
        march.iloc[:2500],
        features=FEATURES,
        rng=np.random.default_rng(0),
        repeats=2,
    )
    expect(sorted(table.index) == sorted(FEATURES), got=list(table.index))
    expect(table["mean"].is_monotonic_decreasing, got=list(table["mean"]))
    idle = table.loc[["session_minutes", "basket_items", "channel"], "mean"].abs().max()
    expect(idle < 0.4 * table["mean"].iloc[0], got=table["mean"].round(3).to_dict())
    expect((table["sd"] >= 0).all() and table["sd"].max() > 0, got=list(table["sd"]))


@checks.contributions.hidden(
    "It is scikit-learn's, by average precision.", hint="permute"
)
def _(importance_table):
    draw = np.random.default_rng(15)
    frame = pd.DataFrame(draw.normal(size=(400, 3)), columns=list("abc"))
    frame["fraud"] = draw.random(400) < 1 / (
        1 + np.exp(3 - 2 * frame["b"] - frame["c"])
    )
    fitted = LogisticRegression().fit(frame[["a", "b", "c"]], frame["fraud"])
    table, two, again, other, three = (
        importance_table(
            fitted,
            frame,
            features=["a", "b", "c"],
            rng=np.random.default_rng(seed),
            repeats=repeats,
        )
        for seed, repeats in ((1, 40), (1, 2), (1, 2), (2, 2), (1, 3))
    )
    theirs = permutation_importance(
        fitted,
        frame[["a", "b", "c"]],
        frame["fraud"],
        scoring="average_precision",
        n_repeats=40,
        random_state=3,
    )
    expect(list(table.index)[:2] == ["b", "c"], got=list(table.index))
    # Over 3,000 seeds, 40 repeats had a mean within 0.018 of that of 3,000 repeats, and
    # an sd of 0.56 to 1.7 times theirs. ROC AUC would be 0.05 away.
    close = np.abs(table.loc[["a", "b", "c"], "mean"] - theirs.importances_mean) < 0.03
    expect(close.all(), got=table)
    spread = table.loc[["a", "b", "c"], "sd"] / theirs.importances_std
    expect(spread.between(0.4, 2.5).all(), got=table)
    expect(two.equals(again) and not two.equals(other), got=other)
    expect(not two.equals(three), got=three, message="Repeats change nothing.")


### END HIDDEN TESTS

# %% needs="contributions"
matters = importance_table(
    model, march.iloc[:3000], features=FEATURES, rng=course_rng("18 importance")
)
one = march[(march["age_band"] == "18-24") & march["honest"] & march["held"]].iloc[[0]]
why = contributions(one, february).iloc[0].sort_values(key=abs)[-8:]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
left.errorbar(matters["mean"], matters.index, xerr=2 * matters["sd"], fmt="o")
left.axvline(0, color="0.6", linewidth=1)
left.invert_yaxis()
left.set_xlabel("drop in average precision\n(bar: 2 sd over permutations)")
left.locator_params(axis="x", nbins=5)
left.set_title("Which features matter?", fontsize=10)
right.barh(why.index, why, color=np.where(why > 0, "tab:orange", "tab:blue"))
right.axvline(0, color="0.6", linewidth=1)
right.set_xlabel("log-odds added\n(against an average payment)")
right.set_title("Why was this honest payment held?", fontsize=10)
for axes in (left, right):
    axes.tick_params(axis="y", labelsize=8)
plt.show()

# %% [markdown]
# What these do **not** say. The bars on the left show how much the *permuting* varies, not how much another month would. Two features that say the same share their importance, so each looks small. On the right you see the model, not the world: a term is not a cause, and not advice to the payer. And "average payment" is our choice; another background gives other terms.
#
# Now ask the same for a whole group: what do the held, honest, young payments have in common, against the other held honest ones?

# %% needs="contributions"
stopped = march[march["honest"] & march["held"]]
terms = contributions(stopped, february)
by_age = terms.groupby(stopped["age_band"] == "18-24").mean()
carrier = (by_age.loc[True] - by_age.loc[False]).sort_values(ascending=False)
carrier.head(4).round(2).to_frame("more log-odds for the young")

# %% [markdown]
# That answers one of Farid's questions.
#
# ## 5. Personal data
#
# Nobody's name is in the file. It is personal data all the same: the {term}`GDPR` counts whatever can be linked to a person, and `payment_id` links each row (Article 4). {term}`Personally identifiable information` is the narrower, older word for names and numbers. To take the names out is *pseudonymisation*, and the law still applies.
#
# Farid wants to give a sample to an outside reviewer. Who already knows a few facts about a payment, such as the hour and the amount from a receipt, may find its row and read the rest. A release is **k-anonymous** (Sweeney 2002) if each combination of such facts, the quasi-identifiers, belongs to at least k rows.
#
# The third function is the {term}`retention policy`. Our data protection officer wrote it so: keep 180 days, erase on request, but what a dispute is about stays until that is settled, since the right to erasure ends where data is needed for legal claims (Article 17, paragraph 3).


# %% answer="release"
def anonymity(frame: pd.DataFrame, columns: list[str]) -> tuple[int, float]:
    """Return k, and the share of rows that are alone with their values.

    Rows with the same values in all of ``columns`` are a group; k is the size of the
    smallest group that occurs. An empty frame has (0, 0.0).
    """
    ...  # YOUR CODE HERE


def release(
    frame: pd.DataFrame,
    quasi: list[str],
    others: list[str],
    *,
    k: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return a k-anonymous sample: rows of groups smaller than k are left out.

    Only the columns ``quasi`` and ``others`` are released, in that order. The order of
    the rows tells their time, so shuffle them with ``rng`` and number them anew from 0.

    Args:
        frame: The data, which stay as they are.
        quasi: Columns that an outsider may know.
        others: Columns that the reviewer needs and nobody outside knows.
        k: Smallest group that may stay, at least 1.
        rng: Source of the shuffling.
    """
    ...  # YOUR CODE HERE


def due_for_erasure(
    frame: pd.DataFrame,
    *,
    today: pd.Timestamp,
    keep_days: int,
    requested: set[str],
    disputed: set[str],
) -> pd.Series:
    """Return which payments must be erased today.

    Due is what was paid more than ``keep_days`` days ago, and what was requested,
    whatever its age. Not due, in any case, is a disputed payment.

    Args:
        frame: With payment_id and paid_at.
        today: The moment to judge.
        keep_days: Exactly that old is still kept.
        requested: Payments whose payers asked for erasure.
        disputed: Payments in an open dispute.

    Returns:
        Of bool, with the index of ``frame``.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def anonymity(frame, columns):
    sizes = frame.groupby(columns, observed=True, dropna=False).size()
    if sizes.empty:
        return 0, 0.0
    return int(sizes.min()), float((sizes == 1).sum() / len(frame))


def release(frame, quasi, others, *, k, rng):
    sizes = frame.groupby(quasi, observed=True, dropna=False)[quasi[0]].transform(
        "size"
    )
    shown = frame.loc[sizes >= k, [*quasi, *others]]
    return shown.sample(frac=1, random_state=rng).reset_index(drop=True)


def due_for_erasure(frame, *, today, keep_days, requested, disputed):
    old = today - frame["paid_at"] > pd.Timedelta(days=keep_days)
    asked = frame["payment_id"].isin(requested)
    return (old | asked) & ~frame["payment_id"].isin(disputed)


### END SOLUTION


# %% test="release" points=3
### BEGIN HIDDEN TESTS
def visitors(seed, n):
    """Rows with two quasi-identifiers, some of them missing."""
    draw = np.random.default_rng(seed)
    town = draw.choice(["a", "b", "c", None], n, p=[0.6, 0.3, 0.07, 0.03])
    return pd.DataFrame(
        {
            "key": np.arange(n),
            "town": town,
            "size": pd.Categorical(draw.choice(list("xyz"), n), list("wxyz")),
            "label": draw.random(n) < 0.2,
        }
    )


@checks.release.hidden(
    "k is the smallest group, and lonely rows are counted.", hint="groups"
)
def _(anonymity):
    frame = pd.DataFrame({"a": list("xxxyyz"), "b": list("ppqppp")})
    for rows, columns, wanted in (
        (frame, ["a", "b"], (1, 2 / 6)),
        (frame, ["b"], (1, 1 / 6)),
        (pd.concat([frame, frame]), ["a", "b"], (2, 0.0)),
        (frame.iloc[:0], ["a"], (0, 0.0)),
    ):
        value = anonymity(rows, columns)
        expect(np.allclose(tuple(value), wanted), got=value)
    several = visitors(21, 300)
    k, alone = anonymity(several, ["town", "size"])
    sizes = pd.Series(
        list(zip(several["town"], several["size"], strict=True))
    ).value_counts()
    expect(k == sizes.min(), got=k, message="A missing value is a value too.")


@checks.release.hidden("Small groups are left out, and nothing else.", hint="small")
def _(release, anonymity):
    frame = visitors(22, 400)
    before = frame.copy()
    pairs = pd.Series(list(zip(frame["town"], frame["size"], strict=True)))
    counts = pairs.map(pairs.value_counts())
    for k in (1, 9, int(counts.min()) + 1, int(counts.max())):
        shown = release(
            frame, ["town", "size"], ["label"], k=k, rng=np.random.default_rng(1)
        )
        expect(len(shown) == (counts >= k).sum(), got=f"k={k}: {len(shown)} rows")
        smallest = anonymity(shown, ["town", "size"])[0]
        expect(smallest >= k, got=f"k={k}: a group of {smallest}")
        expect(shown["label"].sum() == frame.loc[counts >= k, "label"].sum())
    expect(frame.equals(before), got=list(frame), message="The data were changed.")


@checks.release.hidden("Neither key nor order of the rows goes out.", hint="order")
def _(release):
    frame = visitors(23, 200).sort_values("label", ignore_index=True)
    frame.index = frame["key"] + 1000
    first, again, other = (
        release(frame, ["size"], ["label"], k=2, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    expect(list(first.columns) == ["size", "label"], got=list(first.columns))
    expect(list(first.index) == list(range(200)), got=list(first.index)[:8])
    expect(not first["label"].is_monotonic_increasing, got=list(first["label"])[:12])
    expect(first.equals(again) and not first.equals(other), message="Shuffle with rng.")


@checks.release.hidden("Erasure keeps to age, request and dispute.", hint="erase")
def _(due_for_erasure):
    day = pd.Timedelta(days=1)
    now = pd.Timestamp("2026-05-20 12:00")
    ages = [
        30 * day,
        30 * day + pd.Timedelta(seconds=1),
        90 * day,
        90 * day,
        day,
        day,
        day,
    ]
    frame = pd.DataFrame(
        {"payment_id": list("abcdefg"), "paid_at": [now - a for a in ages]}
    )
    frame.index = range(50, 57)
    due = due_for_erasure(
        frame, today=now, keep_days=30, requested={"c", "e", "f"}, disputed={"d", "f"}
    )
    expect(list(due) == [False, True, True, False, True, False, False], got=list(due))
    expect(list(due.index) == list(frame.index), got=list(due.index))
    longer = due_for_erasure(
        frame, today=now, keep_days=60, requested=set(), disputed=set()
    )
    expect(
        list(longer) == [False, False, True, True, False, False, False],
        got=list(longer),
    )


### END HIDDEN TESTS

# %% needs="release"
exact = ["hour", "amount_eur", "merchant_category", "delivery_distance_km"]
coarse = march.assign(
    part_of_day=pd.cut(
        march["hour"], [-1, 5, 17, 23], labels=["night", "day", "evening"]
    ),
    amount=pd.cut(
        march["amount_eur"], [0, 25, 100, 5000], labels=["to 25", "to 100", "above"]
    ),
)
coarse["risk"] = pd.qcut(march["score"], 4, labels=["low", "some", "more", "high"])
QUASI = ["part_of_day", "amount", "merchant_category"]
sample = release(
    coarse, QUASI, ["risk", "held", "fraud"], k=20, rng=course_rng("18 release")
)
for name, frame, columns in (
    ("exact values", march, exact),
    ("coarse values", coarse, QUASI),
    ("released", sample, QUASI),
):
    k, alone = anonymity(frame, columns)
    print(
        f"{name:14} {len(frame):6,} rows, k = {k:3}, {alone:.1%} of the rows are alone"
    )

facts["k"] = Estimate(metric="k", value=anonymity(sample, QUASI)[0], unit="rows")
AUDIT_DAY = pd.Timestamp("2026-08-03")
due = due_for_erasure(
    payments.frame, today=AUDIT_DAY, keep_days=180, requested=set(), disputed=set()
)
print(f"{due.mean():.0%} of the twelve weeks are older than 180 days: due")
record("k_released", facts["k"].value)

# %% [markdown]
# Four harmless facts, and nearly every payment is alone. For real card data, four places and days were enough to single out nine in ten people (de Montjoye et al. 2015). Asking for coarse values, and for fewer of them, is {term}`data minimization`. And the retention bites: all of the training weeks are due in August, so this model can soon not be rebuilt from its data. Say so in a card before somebody asks.
#
# Three limits belong in the card.
#
# - k-anonymity is a property of a table, not a promise. If all rows of a group are fraud, I learn that without finding the row. And k counts only the columns that you called quasi-identifiers: an exact score beside them would be a fingerprint for whoever has the log, so the sample holds a quarter of the risk instead. Released data may still be personal data.
# - Erasing a row does not erase what a model learned from it. Whether a trained model is personal data depends on the case (European Data Protection Board, Opinion 28/2024). The usual answer in practice: retrain on what is left by a fixed date, and say which date.
# - The right to erasure has exceptions, and a held payment may be a decision that Article 22 is about. Both are for counsel to judge, with your facts.
#
# ## 6. Where it fails, and where we cannot know
#
# You looked at two columns because somebody named them. Failures hide where nobody looked, so search: every group of every column, and every pair. But whoever tries 200 slices at the 5 % level finds about ten "significant" ones in pure noise. So correct for the number of tests (Holm 1979), and look at the finds once more in data that the search has not seen.
#
# A slice with five frauds can be neither cleared nor convicted. It is not "fine". It is listed by name, as a {term}`limitation`.


# %% answer="weak_slices"
def weak_slices(
    bad: Any,
    frame: pd.DataFrame,
    columns: list[str],
    *,
    least: int = 40,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Search all single groups and all pairs for more bad cases than elsewhere.

    A slice is named ``"column=group"`` or ``"column=group & column=group"``, columns in
    the given order. It is compared with all other rows by Fisher's exact test, one
    sided: are bad cases more frequent in the slice? Holm's correction goes over all
    slices that were tested. A slice that holds all rows is passed over.

    Args:
        bad: Whether each row went badly; Series or array of bool, shape (n,).
        frame: The groups, n rows.
        columns: Columns of the frame to cut by.
        least: Slices with fewer rows are listed but not tested.
        alpha: Chance of any false find, over the whole search.

    Returns:
        Indexed by slice, in order of ``p``, untested slices last: ``cases``, ``rate``
        (of bad ones), ``p``, ``p_holm`` (both NaN if untested) and ``weak`` (bool:
        p_holm <= alpha).
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def weak_slices(bad, frame, columns, *, least=40, alpha=0.05):
    bad = np.asarray(bad)
    rows = {}
    for cut in (*combinations(columns, 1), *combinations(columns, 2)):
        for values, inside in frame.groupby(list(cut), observed=True).indices.items():
            values = values if isinstance(values, tuple) else (values,)
            name = " & ".join(f"{c}={v}" for c, v in zip(cut, values, strict=True))
            cases, failed = len(inside), bad[inside].sum()
            if cases == len(bad):
                continue
            p = np.nan
            if cases >= least:
                rest, others = len(bad) - cases, bad.sum() - failed
                table = [[failed, cases - failed], [others, rest - others]]
                p = fisher_exact(table, alternative="greater").pvalue
            rows[name] = {"cases": cases, "rate": failed / cases, "p": p}
    found = pd.DataFrame.from_dict(rows, orient="index").sort_values("p")
    tested = found["p"].notna()
    found["p_holm"] = np.nan
    if tested.any():
        corrected = multipletests(found.loc[tested, "p"], method="holm")[1]
        found.loc[tested, "p_holm"] = corrected
    return found.assign(weak=found["p_holm"] <= alpha)


### END SOLUTION


# %% test="weak_slices" points=3
### BEGIN HIDDEN TESTS
import gc

gc.freeze()  # multipletests collects garbage at each call: let it pass over the imports


def sliced(seed, n, *, lift=0.0):
    """Rows in slices; in x=b and y=p, bad cases are more frequent by the lift."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": pd.Categorical(draw.choice(list("ab"), n), list("abc")),
            "y": draw.choice(list("pqr"), n, p=[0.3, 0.65, 0.05]),
            "z": draw.choice(list("uvw"), n),
        }
    )
    inside = (frame["x"] == "b") & (frame["y"] == "p")
    return draw.random(n) < 0.3 + lift * inside, frame


@checks.weak_slices.hidden("Each slice is counted, with its own rate.", hint="slices")
def _(weak_slices):
    bad, frame = sliced(31, 500, lift=0.2)
    shifted = frame.set_axis(range(900, 1400))
    table = weak_slices(bad, shifted, ["x", "y"], least=1)
    expect(len(table) == 2 + 3 + 6, got=list(table.index))
    for name, inside in (
        ("x=b", frame["x"] == "b"),
        ("y=r", frame["y"] == "r"),
        ("x=a & y=q", (frame["x"] == "a") & (frame["y"] == "q")),
    ):
        expect(name in table.index, got=list(table.index))
        expect(table.loc[name, "cases"] == inside.sum(), got=table.loc[name])
        expect(
            np.isclose(table.loc[name, "rate"], bad[inside].mean()), got=table.loc[name]
        )


@checks.weak_slices.hidden(
    "The test is Fisher's, against the rest, one-sided.", hint="fisher"
)
def _(weak_slices):
    bad, frame = sliced(32, 300, lift=0.3)
    table = weak_slices(pd.Series(bad), frame, ["x", "y"], least=1)
    for name, inside in (
        ("x=b & y=p", (frame["x"] == "b") & (frame["y"] == "p")),
        ("x=a", frame["x"] == "a"),
    ):
        counts = [[bad[part].sum(), (~bad)[part].sum()] for part in (inside, ~inside)]
        wanted = fisher_exact(counts, alternative="greater").pvalue
        expect(np.isclose(table.loc[name, "p"], wanted), got=table.loc[name, "p"])
    expect(table["p"].is_monotonic_increasing, got=list(table["p"]))


@checks.weak_slices.hidden("A planted slice is found, and noise is not.", hint="holm")
def _(weak_slices):
    bad, frame = sliced(33, 3000, lift=0.3)
    table = weak_slices(bad, frame, ["x", "y", "z"])
    expect(table.loc["x=b & y=p", "weak"], got=table.head(3))
    expect(not table.loc[["x=a", "y=q", "x=a & z=u"], "weak"].any(), got=table)
    # Without any lift, a search finds something in at most alpha of all cases.
    finds = [
        weak_slices(*sliced(seed, 300), ["x", "y", "z"])["weak"].any()
        for seed in range(40, 44)
    ]
    expect(not any(finds), got=f"{sum(finds)} of 4 searches in noise found something")


@checks.weak_slices.hidden("Small slices are listed, not judged.", hint="small")
def _(weak_slices):
    bad, frame = sliced(35, 400)
    size = int((frame["y"] == "r").sum())
    for least, judged in ((size, True), (size + 1, False)):
        table = weak_slices(bad, frame, ["x", "y"], least=least)
        row = table.loc["y=r"]
        expect(row["cases"] == size and pd.notna(row["p"]) == judged, got=row)
        expect(pd.notna(row["p_holm"]) == judged, got=row)
    expect(table["p"].isna().iloc[-1], got=table.tail(2))
    expect(not table.loc["y=r", "weak"], got=table.loc["y=r"])
    nothing = weak_slices(bad, frame, ["x", "y"], least=10_000)
    expect(not nothing["weak"].any() and nothing["p"].isna().all(), got=nothing)
    one = frame.assign(k="same")
    expect("k=same" not in weak_slices(bad, one, ["k", "x"]).index)


@checks.weak_slices.hidden(
    "Holm counts the tests that were made, alpha decides.", hint="holm"
)
def _(weak_slices):
    bad, frame = sliced(34, 800, lift=0.25)
    table = weak_slices(bad, frame, ["x", "y", "z"], least=50)
    tested = table[table["cases"] >= 50]
    expect(0 < len(tested) < len(table), got=len(tested))
    wanted = multipletests(tested["p"], method="holm")[1]
    close = np.isclose(tested["p_holm"], wanted, rtol=1e-6, atol=0)
    expect(close.all(), got=tested[["p", "p_holm"]].head())
    strict = weak_slices(
        bad, frame, ["x", "y", "z"], least=50, alpha=float(tested["p_holm"].iloc[0])
    )
    expect(
        strict["weak"].sum() == (tested["p_holm"] == tested["p_holm"].iloc[0]).sum(),
        got=strict["weak"].sum(),
    )


### END HIDDEN TESTS

# %% needs="weak_slices"
frauds = march[march["fraud"]].assign(missed=lambda f: ~f["held"])
first_half = frauds["paid_at"] < frauds["paid_at"].min() + pd.Timedelta(days=14)
CUTS = ["age_band", "region", "merchant_category", "card_country", "channel", "device"]
search = weak_slices(frauds["missed"][first_half], frauds[first_half], CUTS)
again = weak_slices(frauds["missed"][~first_half], frauds[~first_half], CUTS)
finds = search[search["weak"]].join(again[["cases", "rate"]], rsuffix="_later")
for name, metric, count in (
    ("tested", "tested", search["p"].notna().sum()),
    ("small", "too small", search["p"].isna().sum()),
    ("weak", "weak", len(finds)),
):
    facts[name] = Estimate(metric=metric, value=int(count), unit="slices")
    print(f"{metric}: {facts[name]}")
finds.drop(columns=["p", "weak"]).head(8).round(4)

# %% [markdown]
# `rate` is the share of frauds that were missed, `rate_later` the same in the two weeks after. On average the later rate lies nearer to that of all frauds: the search picks slices that also had bad luck. Quote the later one. Pairs often repeat a single: report the simplest slice that says it.
#
# Some finds are no injustice but arithmetic: fraud for small amounts looks like any other small payment. The card names them too; who uses the score must know.
#
# Now the smallest slice that Farid will ask about.

# %% needs="weak_slices"
corner = frauds[(frauds["age_band"] == "65+") & (frauds["region"] == "islands")]
found, cases = int(corner["held"].sum()), len(corner)
low, high = proportion_confint(found, cases, method="wilson")
print(
    f"65+ on the islands: {found} of {cases} frauds held, so recall is {low:.0%} to {high:.0%}"
)
low, high = proportion_confint(0, cases, method="wilson")
print(
    f"had it been 0 of {cases}: 0 % to {high:.0%} by Wilson; the bootstrap would say 0 % to 0 %"
)

# %% [markdown]
# Wilson's interval does what the bootstrap cannot: it knows that "never seen in so few" is not "never". For a half width of ten points you need about 96 frauds (1.96² x 0.25 / 0.1²). This slice has a handful a month.
#
# ## 7. Where the model came from
#
# "Which data made the version that holds payments today?" If the answer is a person's memory, there is no {term}`audit trail`. The {term}`model registry` knows it, if the run wrote it down: this is {term}`model lineage`. Below, two versions are registered by MLflow's own calls. An alias says which one is in use; it moves, versions do not.

# %%
from mlcourse.registry import (
    CODE_TAG,
    DATA_TAG,
    fingerprint_code,
    fingerprint_frame,
    open_store,
)

folder = TemporaryDirectory(prefix="mlcourse-registry-", ignore_cleanup_errors=True)
store = open_store(Path(folder.name), experiment="fraud")
client = MlflowClient()
client.create_registered_model("fraud-score")


def register(name: str, model: Any, *, params: Any, metrics: Any, tags: Any) -> str:
    """Log a run and register its model as the next version; return the version."""
    with mlflow.start_run() as run:
        mlflow.log_params(params)
        mlflow.log_metrics(metrics)
        mlflow.set_tags(tags)
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            serialization_format="skops",
            skops_trusted_types=["numpy.dtype", "numpy.ufunc"],
            pip_requirements=["scikit-learn", "skops"],
        )
    made = client.create_model_version(name, info.model_uri, run_id=run.info.run_id)
    return str(made.version)


COLUMNS = [*FEATURES, "fraud"]
older = train_model(train.iloc[:10_000], penalty=10.0)
recall = {
    each: float(
        (each.decision_function(march[FEATURES]) >= THRESHOLD)[march["fraud"]].mean()
    )
    for each in (older, model)
}
first = register(
    "fraud-score",
    older,
    params={"penalty": 10.0},
    metrics={"recall": recall[older]},
    tags={"trained_by": "notebook of a colleague"},
)
second = register(
    "fraud-score",
    model,
    params={"penalty": 1.0, "threshold": round(THRESHOLD, 4)},
    metrics={"recall": recall[model]},
    tags={
        DATA_TAG: fingerprint_frame(train[COLUMNS]),
        CODE_TAG: fingerprint_code(train_model),
    },
)
client.set_registered_model_alias("fraud-score", "champion", second)
print("versions", first, "and", second, "are registered; champion is", second)

# %% [markdown]
# `fingerprint_frame` is a digest of columns, types and values: the same data gives the same text, one changed cell gives another. Write the function that an auditor calls. `MlflowClient()` has `get_model_version_by_alias`, `get_model_version` and `get_run`.


# %% answer="lineage_of"
def lineage_of(name: str, alias: str) -> dict[str, Any]:
    """Return where the version that an alias points to came from.

    Args:
        name: The registered model.
        alias: Such as ``"champion"``.

    Returns:
        ``version`` (int), ``run_id``, ``data_hash`` and ``code_version`` (the run's
        tags DATA_TAG and CODE_TAG, empty text if it has none), ``params`` and
        ``metrics`` (of the run, dict), and ``gaps``: a list of those of data_hash,
        code_version, params and metrics, in this order, that are empty.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def lineage_of(name, alias):
    client = MlflowClient()
    found = client.get_model_version_by_alias(name, alias)
    run = client.get_run(found.run_id)
    record = {
        "version": int(found.version),
        "run_id": found.run_id,
        "data_hash": run.data.tags.get(DATA_TAG, ""),
        "code_version": run.data.tags.get(CODE_TAG, ""),
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
    }
    asked = ("data_hash", "code_version", "params", "metrics")
    return record | {"gaps": [key for key in asked if not record[key]]}


### END SOLUTION


# %% test="lineage_of" points=2
### BEGIN HIDDEN TESTS
from uuid import uuid4


def registered(name, *, params=None, metrics=None, tags=None):
    """Register a version without a model file."""
    with mlflow.start_run() as run:
        mlflow.log_params(params or {})
        mlflow.log_metrics(metrics or {})
        mlflow.set_tags(tags or {})
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    source = f"runs:/{run.info.run_id}/model"
    made = client.create_model_version(name, source, run_id=run.info.run_id)
    return int(made.version), run.info.run_id


@checks.lineage_of.hidden("The alias decides, also after it has moved.", hint="alias")
def _(lineage_of):
    full = {DATA_TAG: "d" * 8, CODE_TAG: "c" * 8}
    name = f"audited-{uuid4().hex}"
    made = [
        registered(name, params={"a": i}, metrics={"m": i / 4}, tags=full)
        for i in (1, 2, 3)
    ]
    for position in (2, 0):
        version, run_id = made[position]
        client.set_registered_model_alias(name, "live", str(version))
        client.set_registered_model_alias(name, "shadow", str(made[1][0]))
        seen = lineage_of(name, "live")
        expect((seen["version"], seen["run_id"]) == (version, run_id), got=seen)
        expect(seen["params"] == {"a": str(position + 1)}, got=seen)
        expect(seen["metrics"] == {"m": (position + 1) / 4}, got=seen)
        expect(
            (seen["data_hash"], seen["code_version"]) == ("d" * 8, "c" * 8), got=seen
        )
        expect(seen["gaps"] == [], got=seen)
    expect(lineage_of(name, "shadow")["version"] == made[1][0])


@checks.lineage_of.hidden("What was never written down is a gap.", hint="gaps")
def _(lineage_of):
    for tags, params, metrics, wanted in (
        ({}, {}, {}, ["data_hash", "code_version", "params", "metrics"]),
        ({CODE_TAG: "c"}, {"a": 1}, {}, ["data_hash", "metrics"]),
        ({DATA_TAG: "d"}, {}, {"m": 0.0}, ["code_version", "params"]),
    ):
        name = f"bare-{uuid4().hex}"
        version, _ = registered(name, params=params, metrics=metrics, tags=tags)
        client.set_registered_model_alias(name, "live", str(version))
        seen = lineage_of(name, "live")
        expect(list(seen["gaps"]) == wanted, got=seen)
        texts = seen["data_hash"], seen["code_version"]
        wanted = tags.get(DATA_TAG, ""), tags.get(CODE_TAG, "")
        expect(texts == wanted, got=texts)


### END HIDDEN TESTS

# %% needs="lineage_of"
from mlcourse.registry import read_lineage

champion = lineage_of("fraud-score", "champion")
client.set_registered_model_alias("fraud-score", "previous", first)
previous = lineage_of("fraud-score", "previous")
lineage = read_lineage("fraud-score", alias="champion")
print("champion: version", champion["version"], "gaps:", champion["gaps"] or "none")
print("previous: version", previous["version"], "gaps:", ", ".join(previous["gaps"]))
print("data hash of the champion:", champion["data_hash"][:16])

# %% [markdown]
# The previous version cannot be audited, and now it cannot be repaired either: nobody knows its data. Even a full record is what the author of the run wrote. A stronger proof is to train again from the recorded data and code, and to compare. `read_lineage` is the course's own reader of the same record; the card will use it.
#
# ## 8. A card without typed numbers
#
# A typed number is right on the day it is typed. Then the model is retrained. So a card's text holds *names* of numbers, and a program puts the numbers in. An `Estimate` knows its metric, its slice, its interval and how it is written:

# %%
from mlcourse.cards import typed_figures, worst_of

example = {
    "recall/colour=blue": Estimate(
        metric="recall", slice="colour blue", value=0.512, low=0.45, high=0.57, n=204
    )
}
text = "For {recall/colour=blue:slice}, recall is {recall/colour=blue} ({recall/colour=blue:interval})."
print(text.format_map(example))
print(
    typed_figures("Recall is about 51 % on 204 frauds, {recall/colour=blue:interval}.")
)


# %% answer="fill"
def estimates(tables: dict[str, pd.DataFrame]) -> dict[str, Estimate]:
    """Return every rate of the tables of task 1 as an estimate, unrounded.

    For a column such as ``age_band`` and a group such as ``65+`` there are two keys:

    - ``recall/age_band=65+``: metric ``"recall"``, n is the number of frauds;
    - ``alarm/age_band=65+``: metric ``"false alarm rate"``, n is the number of honest
      payments.

    Each has its slice, ``"age band 65+"`` (underscores become spaces), and its
    interval. The table ``"all"`` gives the keys ``recall`` and ``alarm``, without a
    slice. A rate that is NaN gives no estimate. Other programs read these numbers, so
    value, low and high are plain ``float`` and n is an ``int``, not NumPy's.
    """
    ...  # YOUR CODE HERE


def fill(template: str, numbers: dict[str, Estimate]) -> str:
    """Return the text with its numbers put in.

    Raises:
        ValueError: If a figure was typed (``typed_figures``); the message names each.
        KeyError: If the text names a number that the evaluation does not have.
    """
    ...  # YOUR CODE HERE


def card_data(numbers: dict[str, Estimate], *, version: int) -> ModelCardData:
    """Return the metadata of the card in Hugging Face's form.

    ``model_name`` is ``"fraud-score v<version>"``, ``tags`` is ``["fraud", "tabular"]``.
    One ``EvalResult`` for each estimate that has an n, in the order of ``numbers``:
    task type ``"tabular-classification"``, dataset type ``"tidemark/payments"``, dataset
    name ``"Tidemark payments, March 2026"``, dataset config its slice or ``"all"``,
    metric type its metric with ``_`` for spaces, metric name its metric, metric value
    its value.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def estimates(tables):
    numbers = {}
    for column, table in tables.items():
        for group, row in table.iterrows():
            where = "" if column == "all" else f"/{column}={group}"
            part = "" if column == "all" else f"{column.replace('_', ' ')} {group}"
            honest = row["payments"] - row["frauds"]
            for key, metric, n in (
                ("recall", "recall", row["frauds"]),
                ("alarm", "false alarm rate", honest),
            ):
                if np.isnan(row[key]):
                    continue
                numbers[key + where] = Estimate(
                    metric=metric,
                    slice=part,
                    value=float(row[key]),
                    low=float(row[f"{key}_low"]),
                    high=float(row[f"{key}_high"]),
                    n=int(n),
                )
    return numbers


def fill(template, numbers):
    typed = typed_figures(template)
    if typed:
        raise ValueError(f"typed by hand: {', '.join(typed)}; name numbers instead.")
    return template.format_map(numbers)


def card_data(numbers, *, version):
    results = [
        EvalResult(
            task_type="tabular-classification",
            dataset_type="tidemark/payments",
            dataset_name="Tidemark payments, March 2026",
            dataset_config=estimate.slice or "all",
            metric_type=estimate.metric.replace(" ", "_"),
            metric_name=estimate.metric,
            metric_value=estimate.value,
        )
        for estimate in numbers.values()
        if estimate.n is not None
    ]
    return ModelCardData(
        model_name=f"fraud-score v{version}",
        tags=["fraud", "tabular"],
        eval_results=results,
    )


### END SOLUTION


# %% test="fill" points=3
### BEGIN HIDDEN TESTS
def small_tables():
    """Tables as task 1 gives them, with a group that has no fraud."""
    columns = ["payments", "frauds", "recall", "recall_low", "recall_high"]
    columns += ["alarm", "alarm_low", "alarm_high"]
    return {
        "pay_day": pd.DataFrame(
            [
                [500, 40, 0.61234567, 0.5, 0.7, 0.031, 0.02, 0.05],
                [70, 0, np.nan, np.nan, np.nan, 0.1, 0.05, 0.2],
                [3, 3, 1.0, 1.0, 1.0, np.nan, np.nan, np.nan],
            ],
            index=["mon", "tue", "wed"],
            columns=columns,
        ),
        "all": pd.DataFrame(
            [[573, 43, 0.64, 0.5, 0.8, 0.04, 0.03, 0.06]],
            index=["all"],
            columns=columns,
        ),
    }


@checks.fill.hidden("Each rate becomes an estimate, unrounded.", hint="estimates")
def _(estimates):
    made = estimates(small_tables())
    wanted = {"recall", "alarm", "recall/pay_day=mon", "alarm/pay_day=mon"}
    wanted |= {"alarm/pay_day=tue", "recall/pay_day=wed"}
    expect(set(made) == wanted, got=sorted(made))
    monday = made["recall/pay_day=mon"]
    expect(monday.value == 0.61234567, got=monday)
    expect((monday.low, monday.high, monday.n) == (0.5, 0.7, 40), got=monday)
    expect((monday.metric, monday.slice) == ("recall", "pay day mon"), got=monday)
    alarm = made["alarm/pay_day=mon"]
    expect((alarm.metric, alarm.n) == ("false alarm rate", 460), got=alarm)
    expect((alarm.low, alarm.value, alarm.high) == (0.02, 0.031, 0.05), got=alarm)
    expect((made["alarm"].slice or "", made["alarm"].n) == ("", 530), got=made["alarm"])


@checks.fill.hidden(
    "A typed figure is refused by name, an unknown name too.", hint="typed"
)
def _(fill):
    known = {"recall": Estimate(metric="recall", value=0.5, n=10)}
    text = fill("Recall is {recall}, of {recall:n} frauds, in 2026.", known)
    expect(text == "Recall is 50.0 %, of 10 frauds, in 2026.", got=text)
    error = expect_error(
        ValueError, fill, "Recall is {recall}, or 0.7, or 61 %.", known
    )
    expect("61 %" in str(error) and "0.7" in str(error), got=str(error))
    expect_error(KeyError, fill, "Precision is {precision}.", known)


@checks.fill.hidden("Hugging Face reads the same numbers back.", hint="data")
def _(estimates, card_data):
    made = estimates(small_tables()) | {
        "days": Estimate(metric="days", value=9, unit="days")
    }
    data = card_data(made, version=7)
    back = ModelCard(f"---\n{data.to_yaml()}\n---\n# Card\n").data
    expect(back.model_name == "fraud-score v7", got=back.model_name)
    expect(list(back.tags) == ["fraud", "tabular"], got=back.tags)
    order = [(e.slice or "all", e.metric) for e in made.values() if e.n is not None]
    kept = [(r.dataset_config, r.metric_name) for r in data.eval_results]
    expect(kept == order, got=kept)
    seen = {(r.dataset_config, r.metric_type): r for r in back.eval_results}
    expect(len(back.eval_results) == len(seen) == 6, got=sorted(seen))
    one = seen["pay day mon", "false_alarm_rate"]
    expect(one.metric_value == 0.031, got=one)
    expect(one.metric_name == "false alarm rate", got=one)
    expect(one.task_type == "tabular-classification", got=one)
    expect(one.dataset_type == "tidemark/payments", got=one)
    expect(one.dataset_name == "Tidemark payments, March 2026", got=one)
    expect(seen["all", "recall"].metric_value == 0.64, got=seen["all", "recall"])


### END HIDDEN TESTS

# %% [markdown]
# The evaluation of this lab, under the names that a text can use. Beside your rates there are the facts that the tasks collected: the gaps, the released k, the price of the two ends of the curve. `worst/recall` and `worst/alarm` point to the worst slices of this month. A task that you left out has no numbers here.

# %% needs="rates_by_group,fill"
numbers = estimates(tables)
numbers |= facts | {
    "worst/recall": worst_of(numbers, "recall"),
    "worst/alarm": worst_of(numbers, "false alarm rate", higher_is_better=False),
}
pd.DataFrame(
    [
        (
            f"{{{key}}}",
            e.metric,
            e.slice,
            f"{e}",
            "" if e.low is None else f"{e:interval}",
        )
        for key, e in numbers.items()
    ],
    columns=["write", "metric", "slice", "it becomes", "with :interval"],
).style.hide()

# %% [markdown]
# ## 9. The text for the review
#
# A program can fill in tables. It cannot say what the model must not be used for. Farid and his {term}`compliance review` read this part first, and he has never trained a model.
#
# Write five sections, each under a heading of level two, 300 to 750 words in all. (The program adds the other four.)
#
# - **Intended use**: {term}`intended use` and who acts on the score; and what is out of scope, at least two uses.
# - **Factors**: which groups were looked at, which were not, and why.
# - **Quantitative analyses**: the worst slice for recall and the worst for false alarms, with their numbers and intervals; the gaps; what was searched.
# - **Ethical considerations**: who is hurt by which mistake, what is done about it, personal data, erasure.
# - **Caveats and recommendations**: what we do not know, slices with too little data, what you recommend and by when.
#
# Use the words *out of scope*, *interval*, *honest*, *resampled*, *k-anonymous* and *erasure*. Type no number: write `{recall/age_band=65+}` and so on. `{worst/recall:slice}` names the slice, so the text stays true for other data. Each number needs its metric, in the words of the table, and its slice, in the same sentence.

# %% written="prose" points=4
### BEGIN SOLUTION
# ## Intended use
#
# The score ranks card payments at Tidemark by their risk of fraud. Payments above the threshold are held, and a person at the review desk decides about each of them, as a rule within one hour. It is made for this desk, and for payments in our own shop.
#
# Three uses that somebody may think of are out of scope. The score must not refuse a payment without a person, because that would be an automated decision that we have not assessed. It must not be used to rate customers for credit or for a membership. And it must not be used for other shops, whose payments it has never seen.
#
# ## Factors
#
# We looked at age bands and at regions, because support had complaints about both. Neither is a feature of the model. We also looked at the kind of merchant, the country of the card, the channel and the device, alone and in pairs.
#
# We did not look at gender, income, nationality or disability. The shop does not record them, so nobody can say how the model treats these groups.
#
# ## Quantitative analyses
#
# In March, overall recall is {recall} with a 95 % interval of {recall:interval}, and the overall false alarm rate is {alarm} ({alarm:interval}). The share held was {held} of all payments.
#
# The worst recall is that of {worst/recall:slice}: {worst/recall}, interval {worst/recall:interval}, from {worst/recall:n} frauds. The worst false alarm rate is that of {worst/alarm:slice}: {worst/alarm}, interval {worst/alarm:interval}. Between age bands, the gap in false alarms is {gap/alarm}, and the gap in recall is {gap/recall}.
#
# Intervals come from payments resampled within a group. The file has no key of the payer, so the true intervals are probably wider. We searched all groups and pairs of groups for missed frauds. Of {tested} tested, {weak} are weak after a correction for the number of tests.
#
# ## Ethical considerations
#
# The two mistakes hurt different people. A missed fraud hurts the owner of a card, and the false alarm rate tells how often an honest payer is held. For {alarm/age_band=18-24:slice} the false alarm rate is {alarm/age_band=18-24}, and for {alarm/region=islands:slice} the false alarm rate is {alarm/region=islands}. Long distances and young accounts look like fraud there, and mostly are not.
#
# One threshold for each age band could close one of the two gaps, not both. The cost today is {cost/today} for a thousand payments; we estimate the cost of equal false alarms at {cost/equal_alarms}. It would mean to treat people by age, so we did not do it and ask for a decision.
#
# The file holds personal data. Our retention is {retention}. A sample for reviewers is k-anonymous with k of {k} on coarse values, which lowers the risk to find a person and does not remove it. Requests for erasure are met, except for payments in a dispute. Erasure does not change a model that is already trained; it takes effect at the next training.
#
# ## Caveats and recommendations
#
# We do not know how many customers left because a payment was held, since nobody recorded it. We do not know how the model does for the oldest payers who live on the islands: there were too few frauds. Of all slices, {small} were too small to be judged. The share of fraud in this file was raised to {fraud}, so the precision in the shop will be different.
#
# Until the next review, the review desk should take payments from the islands first. The payments team should add a feature for the usual distance of a region. Compliance should decide before the next quarter whether a threshold by age is lawful here. This card is made again each quarter, and whenever the model changes.
### END SOLUTION

# %% [markdown] rubric="prose"
# **Rubric, 4 points: one for each criterion, halves allowed.**
#
# | criterion | 1 point | half a point | 0 points |
# |---|---|---|---|
# | Use and misuse are clear | who acts on the score and how; two uses out of scope that somebody at Tidemark could really try, each with a reason | uses without reasons, or one of them | "for fraud detection" |
# | It says who is hurt by which mistake | both mistakes, the worst slice of each with interval, and the mechanism (proxy features, weaker signals) | both slices without a mechanism, or one mistake only | one overall number |
# | It says what is not known | at least three unknowns that matter, among them small slices and one thing that was never measured | one or two, or general ones | none, or "more data is needed" |
# | Farid can act | a recommendation with an owner, a date or a trigger; personal data and erasure said correctly with its limit | recommendations without a trigger, or personal data in general terms | neither |
#
# **Sample, 4 points:** the text above.
#
# **Sample, 3 points:** as above, but the ethical part says only "some groups are held more often" with both numbers and no reason why (half), and the recommendation is "monitor the model" (half).
#
# **Sample, 2 points:** correct numbers and slices (1), one use out of scope without a reason (half), "small slices are uncertain" as the only unknown (half), no recommendation (0).
#
# **Sample, 1 point:** "The model supports the fraud team. It should not be used for other purposes (half). Recall for age band 65+ is low, so caution is needed (half). We comply with the GDPR."
#
# **Sample, 0 points:** "The model was evaluated with care and is fair for all groups."

# %% needs="rates_by_group,prose,fill"
from checks import audit, complete_card, review

display(audit(prose, numbers))
review(prose, numbers)


# %% test="prose" points=2
### BEGIN HIDDEN TESTS
from dataclasses import replace

from mlcourse.cards import read_card


@checks.prose.hidden("Both worst slices stand there with their numbers.", hint="worst")
def _(prose, numbers):
    written = read_card(prose.format_map(numbers), title="Fraud score").texts
    shown = " ".join(written.get("analyses", "").split())
    for key in ("worst/recall", "worst/alarm"):
        estimate = numbers[key]
        expect(estimate.slice in shown and f"{estimate}" in shown, got=shown[:300])


@checks.prose.hidden("The text holds on another evaluation too.", hint="typed")
def _(prose, numbers):
    changed = {
        key: replace(e, value=e.value * 0.97, low=e.low and e.low * 0.9)
        for key, e in numbers.items()
    }
    faults = [str(fault) for fault in audit(prose, changed).of("numbers")]
    expect(not faults, got=faults[:3])


### END HIDDEN TESTS

# %% [markdown]
# The review reads words, so it can be fooled, and it cannot tell whether a sentence is true. It does find a number under the wrong name, and that is the mistake that gets signed.
#
# Now the whole card, by program: your five sections, four from the record, front matter for the Hugging Face hub, and a page for Farid.

# %% needs="rates_by_group,prose,fill,lineage_of"
from mlcourse.cards import to_html, to_markdown

card = complete_card(prose, numbers, lineage=lineage)
text = to_markdown(card, card_data(numbers, version=champion["version"]))
Path("card").mkdir(exist_ok=True)
Path("card/README.md").write_text(text, encoding="utf-8")
Path("card/card.html").write_text(to_html(card), encoding="utf-8")
back = ModelCard(text)
print(
    f"{len(card.body.split()):,} words, {len(back.data.eval_results)} results in the front matter"
)
print("card/README.md and card/card.html are beside this notebook")
Markdown(card.body.replace("\n# ", "\n### ").replace("\n## ", "\n#### "))

# %% [markdown]
# ## 10. Five questions from Farid
#
# 1. *"Of which age band are honest payers held most often?"* (`held_most`: the name of the band, as in the first picture)
# 2. *"If we had made false alarms equal for all ages in March, how much more would 1,000 payments have cost? Negative if less."* (`price`: EUR, from the table below the second picture: weight 0, "equal false alarms", minus today)
# 3. *"You say age is not a feature. Which feature gives the young away?"* (`carrier`: its name)
# 4. *"Can you show me that the model in use was trained on `train` and nothing else?"* (`same_data`: True or False, by the fingerprint of `train[COLUMNS]`)
# 5. *"How many customers did we lose because their payment was held?"* (`lost`)
#
# One of them has no answer in anything you have. Answer it with `WE_DO_NOT_KNOW`. Each answer comes with `rests_on`: what it rests on, or for the unknown, what we would have to measure and how, in at least eight words.

# %%
WE_DO_NOT_KNOW = "we do not know"


class Reply(NamedTuple):
    """An answer, and what it rests on."""

    answer: Any
    rests_on: str


# %% answer="answers"
answers = TODO  # {"held_most": Reply(..., "..."), "price": ..., ...}
### BEGIN SOLUTION
answers = {
    "held_most": Reply(
        tables["age_band"]["alarm"].idxmax(), "false-alarm rates of March by age band"
    ),
    "price": Reply(
        float(curve["cost_eur"].iloc[0] - today["cost_eur"]),
        "the trade-off curve of March, thresholds chosen in February",
    ),
    "carrier": Reply(carrier.index[0], "contributions of held honest payments by age"),
    "same_data": Reply(
        champion["data_hash"] == fingerprint_frame(train[COLUMNS]),
        "data hash of the champion's run in the registry",
    ),
    "lost": Reply(
        WE_DO_NOT_KNOW,
        "Let a small random share of payments at the threshold pass, and compare how "
        "many of their payers come back within 90 days.",
    ),
}
### END SOLUTION


# %% test="answers" points=2
### BEGIN HIDDEN TESTS
@checks.answers.hidden("The age band that is held most often.", hint="picture")
def _(answers, march):
    shares = march[march["honest"]].groupby("age_band", observed=True)["held"].mean()
    expect(str(answers["held_most"][0]) == shares.idxmax(), got=answers["held_most"])


@checks.answers.hidden("The price of equal false alarms.", hint="price")
def _(answers, curve, today):
    wanted = curve["cost_eur"].iloc[0] - today["cost_eur"]
    value = answers["price"][0]
    expect(isinstance(value, int | float | np.number), got=value)
    expect(abs(value - wanted) <= 0.6, got=value)


@checks.answers.hidden("The feature that gives the young away.", hint="carrier")
def _(answers):
    expect(answers["carrier"][0] == "account_age_days", got=answers["carrier"])


@checks.answers.hidden("The data, by its fingerprint.", hint="same")
def _(answers, champion, train, COLUMNS):
    wanted = champion["data_hash"] == fingerprint_frame(train[COLUMNS])
    expect(answers["same_data"][0] == wanted, got=answers["same_data"])


@checks.answers.hidden("What nobody measured is said to be unknown.", hint="unknown")
def _(answers, WE_DO_NOT_KNOW):
    expect(answers["lost"][0] == WE_DO_NOT_KNOW, got=answers["lost"])
    known = [answers[key][0] for key in ("held_most", "price", "carrier", "same_data")]
    expect(
        not any(isinstance(a, str) and a == WE_DO_NOT_KNOW for a in known), got=known
    )


### END HIDDEN TESTS

# %%
store.close()
folder.cleanup()

# %% [markdown]
# "We do not know, and here is how we would find out" is an answer that a compliance officer can sign. A guess is not.
#
# ## Interview question
#
# *"Your model does not use gender. A regulator asks you to show that it does not discriminate by gender. You have no gender in your data. What do you do?"* Take five minutes, aloud.
#
# <details><summary>What a good answer has</summary>
#
# | level | signs |
# |---|---|
# | strong | Says at once that leaving the attribute out shows nothing, and gives a proxy as an example. Asks which harm and which decision are meant, and so which metric. Names ways to get the attribute lawfully: a voluntary survey of a sample, a trusted third party, a published data set of the same process; and the error that comes with guessing it from names. Talks of intervals, small groups, and of who is allowed to see the attribute. Says what the card states until then: not evaluated. |
# | fair | Knows that proxies exist and proposes to collect the attribute, without a word on the law or on uncertainty. |
# | weak | "We do not use gender, so we cannot discriminate", or quotes one metric as proof of fairness. |
# </details>
#
# ## Flashcards
#
# Say the answer before you open it.
#
# <details><summary>Equal opportunity for a fraud model: equal recall, or equal false-alarm rates?</summary>
#
# To honest payers, equal false-alarm rates: the good thing is that the payment goes through, and they deserve it. Equal recall is the same idea for the owners of stolen cards. Name the good thing first.
# </details>
#
# <details><summary>A slice has 9 frauds and all were missed. What does the bootstrap say, and what do you say?</summary>
#
# The bootstrap says 0 to 0 %, since it can only repeat what it saw. Wilson's interval says 0 to about 30 %. You say: too little data, neither cleared nor convicted.
# </details>
#
# <details><summary>A customer asks for erasure. What happens to the model that was trained on her payments?</summary>
#
# Her rows go, unless an exception holds, such as an open legal claim. The trained model stays as it is until it is trained again; whether it is itself personal data is judged case by case. The card says when erasure takes effect.
# </details>
#
# ## Elsewhere
#
# What you built by hand is, on the platforms:
#
# | platform | where the parts are |
# |---|---|
# | Hugging Face Hub | the `README.md` of a repository is the card; `model-index` in its front matter holds the results |
# | Amazon SageMaker | Model Cards keep intended use, risk rating and evaluation, with versions and PDF export; Clarify measures bias and explains with SHAP |
# | Google Vertex AI | the Model Registry holds versions and aliases, and evaluations by slice are kept with a version |
# | Azure Machine Learning | the Responsible AI dashboard joins error analysis, explanations and counterfactuals; a scorecard is made from it for people outside of the team |
# | MLflow | aliases, tags and descriptions of the registry; the card itself is a file that you log with the run |
# | Fairlearn, AIF360 | metrics by group and methods that change the training or the thresholds |
#
# **What comes next.** Lab 19 puts a release under fire. The card you wrote is the first thing that the person on call will open.
