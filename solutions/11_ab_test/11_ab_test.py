# ---
# jupyter:
#   mlcourse:
#     title: An A/B test that holds
#     minutes: 90
#     needs:
#     - 00_preflight
#     goals:
#     - plan an experiment so that its answer is worth its cost
#     - find out whether an experiment can be trusted before you read its result
#     - give effects with intervals, also for revenue and for ratios
#     - look at results early without fooling yourself
#     - say ship or stop, and explain it to people who do not know statistics
#     leaves_out:
#     - routing the traffic and rolling back (lab 10)
#     - visitors who influence each other, and bandits
#     - Bayesian analysis
#     terms:
#       defines:
#       - a-b-testing
#       - control-group
#       - treatment-group
#       - hypothesis
#       - guardrail-metric
#       - minimum-detectable-effect
#       - practical-significance
#       - statistical-power
#       - sample-size
#       - significance-level
#       - randomization-unit
#       - a-a-test
#       - type-i-error
#       - sample-ratio-mismatch
#       - confidence-interval
#       - p-value
#       - peeking
#       - sequential-testing
#       - cuped
#       - multiple-comparisons
#       - novelty-effect
#       - ship-decision
#       - non-technical-audience
#       requires:
#       - conversion-rate
#       - ranking
# ---

# %% [markdown]
# # 11 An A/B test that holds
#
# ## Scenario
#
# > **Amara, product:** Your {term}`ranking` model serves half of our visitors. After three days my dashboard is green. Can I tell the board on Thursday that it works, and launch it?
# >
# > Last quarter we launched two green experiments, and sales did not move. Four more wait for a verdict. I need five answers that hold, and one page for the board: what we saw, how sure we are, what we do.

# %% [markdown]
# In an {term}`A/B test <a-b-testing>` chance decides who is in the {term}`treatment group` and sees the new version, and who is in the {term}`control group`. So, but for chance, the version is the only difference between them. All that follows protects this sentence.

# %%
import hashlib
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from checks import FACTS, METRICS, arms, checks, last_quarter, this_quarter

from mlcourse.checks import TODO, predict, record, reveal
from mlcourse.datasets import make_experiment
from mlcourse.experiments import Effect, obrien_fleming_limits
from mlcourse.seed import course_rng

plt.rcParams.update({"figure.figsize": (8, 4), "font.size": 11})

# %% [markdown]
# ## Predict first
#
# A test is planned for 28 days. The new version changes **nothing**. Each morning the team looks at the dashboard, and stops as soon as the p-value is below 0.05. How many in 100 such tests end with a false alarm? Put your number in place of `TODO`; the first guess counts.

# %% guess="alarms"
predict("false alarms with a look each day", TODO, unit="%")

# %% [markdown]
# ## 1. The plan
#
# A plan is written before the first visitor comes, because afterwards everybody knows which metric looks good. Here it is about conversion: the {term}`conversion rate` is the share of visitors who order within 28 days. It holds a {term}`hypothesis`, one primary metric that decides, {term}`guard rails <guardrail-metric>` that must not be harmed, and the {term}`minimum detectable effect`: the smallest one that you want to find reliably. Take it from the business, not from habit: an effect that does not pay for the model lacks {term}`practical significance`. From it follow the {term}`sample size` and the days.
#
# The {term}`significance level` alpha is the rate of false alarms you accept. The {term}`power <statistical-power>` is the chance to find the effect if it is there.

# %%
print(FACTS)
pd.Series(METRICS, name="what is known about it").to_frame().style.set_properties(
    **{"text-align": "left"}
)

# %% [markdown]
# `margin_eur` is what one more buyer brings, and `page_limit_ms` is by how much a page may get slower. Write three functions and the plan. `scipy.stats.norm.ppf` gives quantiles of the normal distribution.

# %% answer="plan"
from scipy.stats import norm


def smallest_effect_that_pays(
    cost_eur_per_year: float, *, visitors_per_day: float, margin_eur: float
) -> float:
    """Return the rise in conversion at which the margin of 365 days equals the cost.

    Args:
        cost_eur_per_year: Of running the model.
        visitors_per_day: All of them would see it.
        margin_eur: What one more buyer brings.

    Returns:
        A share of visitors: 0.01 is one percentage point.
    """
    ...  # YOUR CODE HERE


def sample_size(
    base: float, mde: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return the visitors needed in EACH group to detect a rise from base to base + mde.

    The difference of two shares has the variance (p1 * (1 - p1) + p2 * (1 - p2)) / n.
    A two-sided test at alpha finds it with the given power if mde is as many standard
    errors long as two quantiles together: that of the level and that of the power.
    """
    ...  # YOUR CODE HERE


def entry_days(n_per_group: int, *, visitors_per_day: int) -> int:
    """Return for how many days visitors must enter: whole weeks, at least one.

    Weekends differ from weekdays, so a test holds each day of the week equally often.
    """
    ...  # YOUR CODE HERE


plan = TODO
# plan = {
#     "hypothesis": "one sentence: what changes, for whom, by how much, why",
#     "unit": "what is assigned by chance: page view, session or visitor",
#     "primary": "one of METRICS",
#     "guardrails": ["one or two of METRICS"],
#     "mde": ...,          # by your function, from FACTS
#     "n_per_group": ...,  # by your function
#     "entry_days": ...,   # by your function
# }
### BEGIN SOLUTION


def smallest_effect_that_pays(
    cost_eur_per_year: float, *, visitors_per_day: float, margin_eur: float
) -> float:
    return cost_eur_per_year / (visitors_per_day * 365 * margin_eur)


def sample_size(
    base: float, mde: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    errors = norm.ppf(1 - alpha / 2) + norm.ppf(power)
    variance = base * (1 - base) + (base + mde) * (1 - base - mde)
    return math.ceil(errors**2 * variance / mde**2)


def entry_days(n_per_group: int, *, visitors_per_day: int) -> int:
    return 7 * math.ceil(2 * n_per_group / visitors_per_day / 7)


mde = smallest_effect_that_pays(
    FACTS["cost_eur_per_year"],
    visitors_per_day=FACTS["visitors_per_day"],
    margin_eur=FACTS["margin_eur"],
)
n_per_group = sample_size(FACTS["conversion_today"], mde)
plan = {
    "hypothesis": "Visitors who see results ranked by the model order more often within "
    "28 days, by at least one percentage point, since they find what they want sooner.",
    "unit": "visitor",
    "primary": "converted",
    "guardrails": ["page_ms", "revenue_eur"],
    "mde": mde,
    "n_per_group": n_per_group,
    "entry_days": entry_days(n_per_group, visitors_per_day=FACTS["visitors_per_day"]),
}
### END SOLUTION

# %% test="plan" points=3
### BEGIN HIDDEN TESTS
from checks import guard_rails

from mlcourse.checks import expect


@checks.plan.hidden("Level and power enter as two quantiles.", hint="power")
def _(sample_size):
    z = {(0.05, 0.8): 2.8016, (0.01, 0.9): 3.8574, (0.1, 0.5): 1.6449}
    for (alpha, power), errors in z.items():
        found = sample_size(0.1, 0.05, alpha=alpha, power=power)
        wanted = errors**2 * (0.1 * 0.9 + 0.15 * 0.85) / 0.05**2
        expect(0 <= found - wanted < 1.05, got={(alpha, power): found})


@checks.plan.hidden("Each group has its own variance.", hint="variance")
def _(sample_size):
    found = sample_size(0.01, 0.30)
    expect(found in (20, 21, 22), got=found)
    falling = sample_size(0.31, -0.30)
    expect(falling == found, got=falling)


@checks.plan.hidden(
    "Visitors enter in whole weeks, both groups together.", hint="weeks"
)
def _(entry_days):
    for n, wanted in ((350, 7), (351, 14), (700, 14), (1, 7), (1_051, 28), (1_049, 21)):
        found = entry_days(n, visitors_per_day=100)
        expect(found == wanted, got={n: found})


@checks.plan.hidden("The effect pays its cost, whatever the numbers.", hint="pays")
def _(smallest_effect_that_pays):
    found = smallest_effect_that_pays(3_650, visitors_per_day=50, margin_eur=4.0)
    expect(abs(found - 0.05) < 1e-12, got=found)


@checks.plan.hidden("The metrics fit the decision.", hint="metrics")
def _(plan):
    expect(plan["primary"] == "converted", got=plan["primary"])
    expect("page_ms" in guard_rails(plan), got=plan["guardrails"])
    expect(guard_rails(plan) <= {"page_ms", "revenue_eur"}, got=plan["guardrails"])
    unit = str(plan["unit"]).lower()
    expect("visitor" in unit or "user" in unit, got=plan["unit"])
    expect("session" not in unit and "page" not in unit, got=plan["unit"])


@checks.plan.hidden("The plan holds the numbers of your own functions.", hint="numbers")
def _(plan):
    expect(abs(plan["mde"] - 0.01) < 1e-9, got=plan["mde"])
    expect(29_000 <= plan["n_per_group"] <= 30_500, got=plan["n_per_group"])
    expect(plan["entry_days"] == 14, got=plan["entry_days"])


### END HIDDEN TESTS

# %% needs="plan"
print(f"smallest effect that pays: {100 * plan['mde']:.2f} percentage points")
print(f"{plan['n_per_group']:,} visitors a group, {plan['entry_days']} days to enter")
for effect in (0.005, 0.002):
    print(f"to find {100 * effect:.1f} points: {sample_size(0.25, effect):,} a group")
record("n_per_group", plan["n_per_group"], unit="visitors")

# %% [markdown]
# To find half the effect you need four times the visitors. That is why the smallest effect that pays is the first number to ask for. Each visitor is followed for 28 days, so the answer comes six weeks after the start, not three days.
#
# ## 2. The platform
#
# Chance must not forget: a visitor who comes back must see the same version, on any server, without a table to look up. So the group is computed from the {term}`randomisation unit <randomization-unit>`, here the visitor, by a hash. A salt, the name of the experiment, makes it independent of every other experiment. Without it, the same half would get every new thing, and you would measure all of them at once.
#
# Does the platform work? Ask it a question with a known answer. In an {term}`A/A test <a-a-test>` both groups get the same version. An alarm is then a false one, a {term}`type I error <type-i-error>`, and at level 5 % it must come in about 5 % of the splits. One A/A test tells little; here you take the same visitors and split them 2,000 times.

# %% answer="assign"
from scipy.stats import binomtest


def assign(user_id: str, *, experiment: str, share: float = 0.5) -> str:
    """Return "treatment" or "control", the same for ever for this visitor.

    Take the SHA-256 of experiment and visitor as a number from 0 to 1. Below share it
    is "treatment".
    """
    ...  # YOUR CODE HERE


def aa_p_values(values: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Return the two-sided p-value of each split, comparing the two means.

    Args:
        values: One number a visitor, shape (n,).
        treated: True where a visitor is treated, shape (splits, n).

    Returns:
        Shape (splits,). z is the difference of the means over the root of
        var_t / n_t + var_c / n_c, with ddof=1; no loop over the splits is needed.
    """
    ...  # YOUR CODE HERE


def passes_aa(p_values: np.ndarray, *, alpha: float = 0.05) -> bool:
    """Tell whether the share of p-values below alpha can be alpha.

    False where `binomtest` of their number gives less than 0.001.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def assign(user_id: str, *, experiment: str, share: float = 0.5) -> str:
    digest = hashlib.sha256(f"{experiment}:{user_id}".encode()).hexdigest()
    return "treatment" if int(digest[:15], 16) / 16**15 < share else "control"


def aa_p_values(values: np.ndarray, treated: np.ndarray) -> np.ndarray:
    treated = np.asarray(treated, dtype=float)
    means, spreads = [], []
    for group in (treated, 1 - treated):
        n = group.sum(axis=1)
        mean = group @ values / n
        variance = (group @ values**2 - n * mean**2) / (n - 1)
        means.append(mean)
        spreads.append(variance / n)
    z = (means[0] - means[1]) / np.sqrt(spreads[0] + spreads[1])
    return 2 * norm.sf(abs(z))


def passes_aa(p_values: np.ndarray, *, alpha: float = 0.05) -> bool:
    alarms = int((np.asarray(p_values) < alpha).sum())
    return bool(binomtest(alarms, len(p_values), alpha).pvalue >= 0.001)


### END SOLUTION

# %% test="assign" points=3
### BEGIN HIDDEN TESTS
import inspect

IDS = [f"u{10_000_000 + 7 * i}" for i in range(20_000)]


def treated_by(assign, experiment, share=0.5):
    groups = [assign(i, experiment=experiment, share=share) for i in IDS]
    return np.array(groups) == "treatment"


@checks.assign.hidden("It needs no memory and no process.", hint="stable")
def _(assign):
    # Python's own hash() of a text is another one in each process.
    expect("hash" not in inspect.unwrap(assign).__code__.co_names, got="hash()")
    first = [assign(i, experiment="x") for i in IDS[:200]]
    again = [assign(i, experiment="x") for i in reversed(IDS[:200])][::-1]
    expect(first == again, got="another group in another order")


@checks.assign.hidden("The share is kept, whatever it is.", hint="uniform")
def _(assign):
    for share in (0.5, 0.1, 0.9):
        found = treated_by(assign, "search", share).mean()
        # 5 standard errors of 20,000 coin flips
        expect(
            abs(found - share) < 5 * (share * (1 - share) / 20_000) ** 0.5, got=found
        )
    expect(not treated_by(assign, "search", 0.0).any(), got="treated at share 0")
    expect(treated_by(assign, "search", 1.0).all(), got="control at share 1")


@checks.assign.hidden("Who is treated at 10 % stays treated at 50 %.", hint="uniform")
def _(assign):
    few, many = treated_by(assign, "ramp", 0.1), treated_by(assign, "ramp", 0.5)
    expect(many[few].all(), got=f"{many[few].mean():.0%} stay")


@checks.assign.hidden("Two experiments are independent.", hint="salt")
def _(assign):
    names = ("search", "search2", "basket")
    sides = [treated_by(assign, name) for name in names]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        both = (sides[one] == sides[other]).mean()
        expect(abs(both - 0.5) < 0.018, got=f"{both:.1%} in the same group")


@checks.assign.hidden("Each p-value is that of Welch's z.", hint="vector")
def _(aa_p_values):
    from mlcourse.experiments import mean_effect

    rng = np.random.default_rng(5)
    values = rng.lognormal(1, 1.5, 37)
    treated = rng.random((60, 37)) < 0.4
    found = np.asarray(aa_p_values(values, treated))
    for row, p_value in zip(treated, found, strict=True):
        wanted = mean_effect(values[row], control=values[~row]).p_value
        expect(abs(p_value - wanted) < 1e-9, got=p_value)


@checks.assign.hidden("Lower and higher means count alike.", hint="two_sided")
def _(aa_p_values):
    values = np.r_[np.arange(10.0), np.arange(10.0) + 9]
    up = np.arange(20) >= 10
    found = np.asarray(aa_p_values(values, np.array([up, ~up])))
    expect(found.max() < 1e-4 and abs(found[0] - found[1]) < 1e-12, got=found)


@checks.assign.hidden("Too many alarms fail, too few as well.", hint="alarm")
def _(passes_aa):
    def p_values(alarms, n=2_000, below=0.049, above=0.051):
        return np.r_[np.full(alarms, below), np.full(n - alarms, above)]

    for alarms, passed in (
        (100, True),
        (70, True),
        (130, True),
        (60, False),
        (150, False),
    ):
        found = passes_aa(p_values(alarms))
        expect(found in (True, False) and bool(found) is passed, got={alarms: found})
    found = passes_aa(p_values(20, below=0.009, above=0.011), alpha=0.01)
    expect(found, got=found)
    found = passes_aa(p_values(0, n=20))
    expect(found, got=found)


### END HIDDEN TESTS

# %% needs="assign"
visitors = make_experiment(5_000, rng=course_rng("11 a/a")).frame
splits = course_rng("11 a/a splits").random((2_000, 5_000)) < 0.5

per_visitor = aa_p_values(visitors["converted"].to_numpy(dtype=float), splits)

# The same splits, with each session taken for an independent coin that shows an order.
orders, sessions = visitors["orders"].to_numpy(), visitors["sessions"].to_numpy()
in_t = splits.astype(float)
in_c = 1 - in_t
n_t, n_c = in_t @ sessions, in_c @ sessions
p_t, p_c = in_t @ orders / n_t, in_c @ orders / n_c
per_session = 2 * norm.sf(
    abs(p_t - p_c) / np.sqrt(p_t * (1 - p_t) / n_t + p_c * (1 - p_c) / n_c)
)
for name, p_values in (("visitors", per_visitor), ("sessions", per_session)):
    share = (p_values < 0.05).mean()
    print(f"counted by {name}: {share:.1%} alarms, passes: {passes_aa(p_values)}")
record("aa_alarms", (per_visitor < 0.05).mean(), unit="share")

# %% [markdown]
# Same data, same chance, and the second way cries wolf far too often. Visitors were assigned, not sessions, and the sessions of one visitor are alike. **What is randomised is what counts.** In task 4 you get a ratio right.
#
# ## 3. Are they all there?
#
# Planned 50 to 50, counted 35,600 to 34,400: does it matter? Not the 1,200 visitors. What matters is that somebody got lost, and that those who get lost are seldom like the others. A {term}`sample ratio mismatch` is a broken experiment: no formula repairs it, you find the cause and run again. So it is the first check of all, on each experiment. Its alarm level is strict, 0.001, because it is asked so often.
#
# Write the check, and the search for the cause.

# %% answer="srm_source"
from scipy.stats import chisquare


def srm_p_value(frame: pd.DataFrame, *, split: float = 0.5) -> float:
    """Return how likely group sizes at least this far from the plan are.

    Args:
        frame: One visitor a row; the column group is "treatment" or "control".
        split: Planned share of treatment.
    """
    ...  # YOUR CODE HERE


def srm_source(
    frame: pd.DataFrame,
    *,
    columns: tuple[str, ...] = ("browser", "day"),
    split: float = 0.5,
    alarm: float = 0.001,
) -> tuple[str, object] | None:
    """Return the column and the value where the split is broken most clearly.

    None where the p-value of the whole frame is not below alarm. Else the one value, of
    all values of all columns, whose rows have the smallest p-value. A column may be a
    category: frame.groupby(column, observed=True) leaves out the values without rows.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def srm_p_value(frame: pd.DataFrame, *, split: float = 0.5) -> float:
    treated = (frame["group"] == "treatment").sum()
    seen = np.array([treated, len(frame) - treated])
    return float(chisquare(seen, len(frame) * np.array([split, 1 - split])).pvalue)


def srm_source(
    frame: pd.DataFrame,
    *,
    columns: tuple[str, ...] = ("browser", "day"),
    split: float = 0.5,
    alarm: float = 0.001,
) -> tuple[str, object] | None:
    if srm_p_value(frame, split=split) >= alarm:
        return None
    found = {
        (column, value): srm_p_value(rows, split=split)
        for column in columns
        for value, rows in frame.groupby(column, observed=True)
    }
    return min(found, key=found.get)


### END SOLUTION

# %% test="srm_source" points=3
### BEGIN HIDDEN TESTS
from checks import counted


@checks.srm_source.hidden(
    "The plan gives the expected counts, also at 10 to 90.", hint="expected"
)
def _(srm_p_value):
    from mlcourse.experiments import mismatch_p_value

    for treated, control, split in ((90, 1_010, 0.1), (480, 520, 0.5), (70, 30, 0.8)):
        found = srm_p_value(counted(treated, control), split=split)
        wanted = mismatch_p_value([treated, control], shares=[split, 1 - split])
        exact = binomtest(treated, treated + control, split).pvalue  # as right
        expect(min(abs(found - wanted), abs(found - exact)) < 1e-9, got=found)


@checks.srm_source.hidden(
    "The cause is found among browsers and among days.", hint="segments"
)
def _(srm_source):
    for seed in range(3):
        for mismatch in ("browser", "day"):
            rng = np.random.default_rng([seed, 11])
            experiment = make_experiment(40_000, rng=rng, mismatch=mismatch)
            found = srm_source(experiment.frame)
            expect(found is not None, got=found)
            expect(tuple(found) == experiment.truth.lost, got=found)


@checks.srm_source.hidden("It looks at the columns that it is given.", hint="segments")
def _(srm_source):
    city = ["a"] * 500 + ["b"] * 200 + ["a"] * 500 + ["b"] * 500
    frame = counted(700, 1_000, city=city, day=[1] * 1_700)
    expect(
        tuple(srm_source(frame, columns=("city",))) == ("city", "b"),
        got=srm_source(frame, columns=("city",)),
    )
    found = srm_source(frame, columns=("day",))
    expect(tuple(found) == ("day", 1), got=found)


@checks.srm_source.hidden(
    "Neither the largest gap nor the largest loss is the clearest.", hint="segments"
)
def _(srm_source):
    # a has no treated visitor at all, but of five; c lacks the most, but of 40,500.
    # p is 0.025, 1e-45, 0.013.
    treated = ["b"] * 200 + ["c"] * 20_000
    control = ["a"] * 5 + ["b"] * 600 + ["c"] * 20_500
    frame = counted(len(treated), len(control), city=treated + control)
    found = srm_source(frame, columns=("city",))
    expect(found is not None and tuple(found) == ("city", "b"), got=found)


@checks.srm_source.hidden(
    "The alarm is that of the whole frame, at its level.", hint="alarm"
)
def _(srm_source):
    # p = 0.0018: no alarm at 0.001, one at 0.01; within b alone it is 1e-8.
    city = ["a"] * 500 + ["b"] * 200 + ["a"] * 422 + ["b"] * 400
    frame = counted(700, 822, city=city)
    found = srm_source(frame, columns=("city",))
    expect(found is None, got=found)
    found = srm_source(frame, columns=("city",), alarm=0.01)
    expect(found is not None and tuple(found) == ("city", "b"), got=found)


@checks.srm_source.hidden("A planned 20 to 80 is no mismatch.", hint="expected")
def _(srm_source):
    frame = counted(200, 800, day=[1] * 1_000)
    found = srm_source(frame, columns=("day",), split=0.2)
    expect(found is None, got=found)
    frame = counted(
        260, 800, city=["a"] * 100 + ["b"] * 160 + ["a"] * 400 + ["b"] * 400
    )
    found = srm_source(frame, columns=("city",), split=0.2)
    expect(found is not None and tuple(found) == ("city", "b"), got=found)


### END HIDDEN TESTS

# %% needs="srm_source"
archive = last_quarter(course_rng("11 last quarter"))
for name, experiment in archive.items():
    frame = experiment.frame
    treated, control = arms(frame, "orders_before")
    print(
        f"{name:13} treatment {len(treated):,} control {len(control):,} "
        f"p {srm_p_value(frame):7.1e}  cause: {srm_source(frame)}  "
        f"orders before: {treated.mean() / control.mean() - 1:+.1%}"
    )

# %% [markdown]
# The last column compares what the groups had ordered **before** the experiment. Apart from chance, only the loss itself can have changed that: a redirect in one browser, or an outage on one day, cost treatment its less loyal visitors. In all five the true effect is zero. Where visitors are missing, those who remain had ordered more to begin with, and that looks like a gain. Ask Amara which two she launched.
#
# ## 4. How large is the effect?
#
# A difference alone says nothing about chance. Give the {term}`confidence interval`: the range of effects that fit what you saw, made so that 95 in 100 such ranges hold the truth. The {term}`p-value` answers less: how often would chance alone give a difference at least this large, if there were no effect?
#
# Meanwhile the test of the ranking model has run to its planned end: visitors of 14 days, each followed for 28. Three kinds of metric, one idea. A share is the mean of zeros and ones. Revenue has a heavy tail: few visitors spend most, so the mean jumps; with enough visitors the interval still holds, and a cap makes it narrower at the price of another question. A ratio such as revenue per session is a total over a total; both vary, and together, so its variance needs the delta method.

# %%
quarter = this_quarter(course_rng("11 this quarter"))
ranking = quarter["ranking_model"].frame
revenue = ranking["revenue_eur"].sort_values(ascending=False)
top = revenue.head(len(revenue) // 100).sum() / revenue.sum()
skewness = ((revenue - revenue.mean()) ** 3).mean() / revenue.std() ** 3
print(
    f"the top 1 % of visitors bring {top:.0%} of the revenue, skewness {skewness:.1f}"
)
print(f"visitors a group for a normal mean: about {355 * skewness**2:,.0f}")

# %% [markdown]
# The last line is a rule of thumb of Kohavi and others: 355 times the squared skewness. We have 35,000 a group.
#
# `Effect.normal(estimate, se=se, alpha=alpha)` makes the interval and the p-value from an estimate and its standard error. The standard errors are yours.


# %% answer="ratio_difference"
def mean_difference(
    treatment: np.ndarray,
    control: np.ndarray,
    *,
    cap: float | None = None,
    alpha: float = 0.05,
) -> Effect:
    """Compare two means, without assuming equal variances.

    Args:
        treatment: One number a visitor; 0 and 1 for a share.
        control: The same for the other group.
        cap: If given, a quantile such as 0.99 of BOTH groups together; higher values
            are cut down to it.
        alpha: One minus the level of the interval.
    """
    ...  # YOUR CODE HERE


def ratio_difference(
    treatment: tuple[np.ndarray, np.ndarray],
    control: tuple[np.ndarray, np.ndarray],
    *,
    alpha: float = 0.05,
) -> Effect:
    """Compare two ratios of totals by the delta method.

    Args:
        treatment: Numerator and denominator, one number a visitor each.
        control: The same for the other group.
        alpha: One minus the level of the interval.

    Near its mean a ratio of totals behaves as a straight line: its variance is that of
    the mean of (numerator - ratio * denominator) / mean(denominator) over visitors.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def mean_difference(
    treatment: np.ndarray,
    control: np.ndarray,
    *,
    cap: float | None = None,
    alpha: float = 0.05,
) -> Effect:
    if cap is not None:
        highest = np.quantile(np.concatenate([treatment, control]), cap)
        treatment = np.minimum(treatment, highest)
        control = np.minimum(control, highest)
    variance = [np.var(arm, ddof=1) / len(arm) for arm in (treatment, control)]
    estimate = np.mean(treatment) - np.mean(control)
    return Effect.normal(estimate, se=math.sqrt(sum(variance)), alpha=alpha)


def ratio_difference(
    treatment: tuple[np.ndarray, np.ndarray],
    control: tuple[np.ndarray, np.ndarray],
    *,
    alpha: float = 0.05,
) -> Effect:
    ratios, variances = [], []
    for above, below in (treatment, control):
        ratio = np.sum(above) / np.sum(below)
        line = (above - ratio * below) / np.mean(below)
        ratios.append(ratio)
        variances.append(np.var(line, ddof=1) / len(line))
    estimate = ratios[0] - ratios[1]
    return Effect.normal(estimate, se=math.sqrt(sum(variances)), alpha=alpha)


### END SOLUTION

# %% test="ratio_difference" points=4
### BEGIN HIDDEN TESTS
from checks import shown

from mlcourse.experiments import cuped_effect, mean_effect, ratio_effect


def drawn(seed, n=300, m=120):
    rng = np.random.default_rng(seed)
    visits = [1.0 + rng.poisson(rng.gamma(1, 3, k)) for k in (n, m)]
    value = [v * rng.gamma(0.4, 20, len(v)) for v in visits]
    return value, visits


def agrees(found, wanted, rel=1e-6):
    for name in ("estimate", "se", "low", "high", "p_value"):
        ours, theirs = getattr(found, name), getattr(wanted, name)
        expect(abs(ours - theirs) <= rel * abs(theirs) + 1e-12, got=shown(found))


@checks.ratio_difference.hidden(
    "Unequal groups keep their own variances.", hint="welch"
)
def _(mean_difference):
    (t, c), _ = drawn(1)
    agrees(mean_difference(t, c), mean_effect(t, control=c))
    agrees(mean_difference(t, c, alpha=0.2), mean_effect(t, control=c, alpha=0.2))


@checks.ratio_difference.hidden("A share is a mean of zeros and ones.", hint="welch")
def _(mean_difference):
    t, c = np.repeat([1.0, 0.0], [60, 140]), np.repeat([1.0, 0.0], [20, 80])
    found = mean_difference(t, c)
    expect(abs(found.estimate - 0.1) < 1e-12, got=shown(found))
    agrees(found, mean_effect(t, control=c))


@checks.ratio_difference.hidden(
    "One cap for both groups, and only when asked.", hint="cap"
)
def _(mean_difference):
    (t, c), _ = drawn(2)
    t = t + 40
    for cap in (0.9, 0.5):
        edge = np.quantile(np.r_[t, c], cap)
        wanted = mean_effect(t.clip(max=edge), control=c.clip(max=edge))
        agrees(mean_difference(t, c, cap=cap), wanted)
    before = t.copy()
    mean_difference(t, c, cap=0.5)
    expect((t == before).all(), got="the values of the caller were changed")


@checks.ratio_difference.hidden(
    "The ratio has the variance of the delta method.", hint="delta"
)
def _(ratio_difference):
    for seed in (3, 4):
        value, visits = drawn(seed)
        found = ratio_difference((value[0], visits[0]), (value[1], visits[1]))
        wanted = ratio_effect((value[0], visits[0]), control=(value[1], visits[1]))
        agrees(found, wanted)


@checks.ratio_difference.hidden(
    "The interval of a ratio has the level that is asked.", hint="delta"
)
def _(ratio_difference):
    value, visits = drawn(6)
    pairs = (value[0], visits[0]), (value[1], visits[1])
    agrees(
        ratio_difference(*pairs, alpha=0.01),
        ratio_effect(pairs[0], control=pairs[1], alpha=0.01),
    )


@checks.ratio_difference.hidden(
    "The truth of a known experiment is in its intervals.", hint="ratio"
)
def _(mean_difference, ratio_difference):
    experiment = make_experiment(60_000, rng=np.random.default_rng(3), lift=0.5)
    truth = experiment.truth
    for found, (control, treatment) in (
        (mean_difference(*arms(experiment.frame, "converted")), truth.conversion),
        (
            ratio_difference(*arms(experiment.frame, "revenue_eur", "sessions")),
            truth.revenue_per_session_eur,
        ),
    ):
        score = (found.estimate - (treatment - control)) / found.se
        expect(abs(score) < 3, got=shown(found))


### END HIDDEN TESTS

# %% needs="ratio_difference"
effect = {
    "conversion": mean_difference(*arms(ranking, "converted")),
    "revenue, EUR": mean_difference(*arms(ranking, "revenue_eur")),
    "revenue capped": mean_difference(*arms(ranking, "revenue_eur"), cap=0.99),
    "EUR per session": ratio_difference(*arms(ranking, "revenue_eur", "sessions")),
}
for name, found in effect.items():
    print(f"{name:16} {found}")

early = ranking[ranking["day"] <= 3]
print("\nthe first three days alone:")
print(f"{'revenue, EUR':16} {mean_difference(*arms(early, 'revenue_eur'))}")

# %% [markdown]
# Two libraries that others use must agree with you: `statsmodels` on the mean, `tea-tasting` on the ratio.

# %% needs="assign,ratio_difference"
import tea_tasting as tt
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

t, c = arms(ranking, "revenue_eur")
ends = CompareMeans(DescrStatsW(t), DescrStatsW(c)).zconfint_diff(usevar="unequal")
print(f"statsmodels  revenue          [{ends[0]:.4f}, {ends[1]:.4f}]")
found = effect["revenue, EUR"]
print(f"you          revenue          [{found.low:.4f}, {found.high:.4f}]")

data = ranking.assign(variant=(ranking["group"] == "treatment").astype(int))
metric = tt.RatioOfMeans("revenue_eur", "sessions", use_t=False)
theirs = tt.Experiment(ratio=metric).analyze(
    data[["variant", "revenue_eur", "sessions"]]
)["ratio"]
print(
    f"tea-tasting  EUR per session  [{theirs.effect_size_ci_lower:.4f}, "
    f"{theirs.effect_size_ci_upper:.4f}]"
)
found = effect["EUR per session"]
print(f"you          EUR per session  [{found.low:.4f}, {found.high:.4f}]")
some = splits[:1_000]
alarms = np.mean(
    [
        ratio_difference((orders[s], sessions[s]), (orders[~s], sessions[~s])).p_value
        < 0.05
        for s in some
    ]
)
print(f"\nA/A test of orders per session, now by the delta method: {alarms:.1%} alarms")

# %% [markdown]
# The last line repeats the A/A test that failed in task 2. With the right variance the alarms are back near 5 %.
#
# The interval of three days is about twice as wide as that of fourteen. The dashboard's green number was one out of a wide range. Had it been red, nobody would have asked to launch that day.
#
# ## 5. Looking every day
#
# The 5 % hold for one look. Who looks each morning and stops at the first p-value below 0.05 has 28 chances to be fooled. This is {term}`peeking`. How much it costs, you simulate: tests of a version that changes nothing, followed day by day.


# %% answer="crossing_rate"
def z_by_day(
    visitors_per_day: int,
    rate: float,
    *,
    days: int,
    repeats: int,
    rng: np.random.Generator,
    effect: float = 0.0,
) -> np.ndarray:
    """Simulate tests, and return z of ALL data so far, at the end of each day.

    Args:
        visitors_per_day: In EACH group.
        rate: Share of control that converts; treatment has rate + effect.
        days: Looks, one a day.
        repeats: Number of tests.
        rng: Source of all randomness.
        effect: What treatment adds to the rate.

    Returns:
        Shape (repeats, days): treatment minus control, over its standard error. The
        variance is the sum of p * (1 - p) / n, each group with its own share so far.
    """
    ...  # YOUR CODE HERE


def crossing_rate(z: np.ndarray, limits: float | np.ndarray) -> float:
    """Return the share of tests whose abs(z) is above the limit on ANY day.

    Args:
        z: Shape (repeats, days).
        limits: One limit, or one a day, shape (days,).
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def z_by_day(
    visitors_per_day: int,
    rate: float,
    *,
    days: int,
    repeats: int,
    rng: np.random.Generator,
    effect: float = 0.0,
) -> np.ndarray:
    n = visitors_per_day * np.arange(1, days + 1)
    p_t, p_c = (
        rng.binomial(visitors_per_day, share, (repeats, days)).cumsum(axis=1) / n
        for share in (rate + effect, rate)
    )
    return (p_t - p_c) / np.sqrt((p_t * (1 - p_t) + p_c * (1 - p_c)) / n)


def crossing_rate(z: np.ndarray, limits: float | np.ndarray) -> float:
    return float((np.abs(z) > limits).any(axis=1).mean())


### END SOLUTION

# %% test="crossing_rate" points=2
### BEGIN HIDDEN TESTS
Z = None


def simulated(z_by_day, seed=1, effect=0.0, rate=0.25, visitors=400, repeats=4_000):
    rng = np.random.default_rng(seed)
    return np.asarray(
        z_by_day(visitors, rate, days=14, repeats=repeats, rng=rng, effect=effect)
    )


@checks.crossing_rate.hidden(
    "On each single day the alarms are at their level.", hint="z"
)
def _(z_by_day):
    z = simulated(z_by_day)
    # Of 4,000: a standard error is 0.0034; the standard deviation of z is right to 1 %.
    for day in (0, 6, 13):
        share = (abs(z[:, day]) > 1.96).mean()
        expect(abs(share - 0.05) < 0.017, got={f"day {day + 1}": share})
        expect(abs(z[:, day].std() - 1) < 0.06, got={f"day {day + 1}": z[:, day].std()})
        expect(abs(z[:, day].mean()) < 0.08, got={f"day {day + 1}": z[:, day].mean()})


@checks.crossing_rate.hidden(
    "Each day adds to the data of the days before.", hint="sums"
)
def _(z_by_day):
    z = simulated(z_by_day, seed=2)
    found = np.corrcoef(z[:, 6], z[:, 13])[0, 1]
    expect(abs(found - 0.5**0.5) < 0.04, got=found)  # one standard error is 0.008


@checks.crossing_rate.hidden(
    "An effect lifts treatment, and z grows with the days.", hint="effect"
)
def _(z_by_day):
    z = simulated(z_by_day, seed=3, effect=0.03, repeats=2_000)
    for day in (4, 14):
        n = 400 * day
        wanted = 0.03 / ((0.25 * 0.75 + 0.28 * 0.72) / n) ** 0.5
        found = z[:, day - 1].mean()
        expect(abs(found - wanted) < 0.12, got={f"day {day}": found})  # 5 errors
    falling = simulated(z_by_day, seed=4, effect=-0.03, repeats=500)[:, -1].mean()
    expect(falling < -2, got=falling)


@checks.crossing_rate.hidden("Each group has its own variance.", hint="z")
def _(z_by_day):
    z = simulated(z_by_day, seed=5, rate=0.02, effect=0.38, visitors=200, repeats=2_000)
    wanted = 0.38 / ((0.02 * 0.98 + 0.4 * 0.6) / 2_800) ** 0.5
    expect(abs(z[:, -1].mean() / wanted - 1) < 0.01, got=z[:, -1].mean())
    expect(abs(z[:, -1].std() - 1) < 0.1, got=z[:, -1].std())


@checks.crossing_rate.hidden(
    "Losses count too, and each day has its own limit.", hint="any"
)
def _(crossing_rate):
    z = np.array([[1.0, -2.5, 0.0], [2.9, 0.0, 0.0], [0.0, 0.0, 2.1], [3.0, 2.0, 2.0]])
    found = crossing_rate(z, np.array([3.0, 2.4, 2.0]))
    expect(abs(found - 0.5) < 1e-12, got=found)


### END HIDDEN TESTS

# %% needs="crossing_rate"
DAYS = 28
nothing = z_by_day(2_500, 0.25, days=DAYS, repeats=4_000, rng=course_rng("11 mornings"))
once = crossing_rate(nothing[:, -1:], 1.96)
daily = crossing_rate(nothing, 1.96)
print(f"one look at the end: {once:.1%} false alarms")
print(f"a look each day:     {daily:.1%} false alarms")
record("alarms_with_daily_looks", daily, unit="share")
reveal("false alarms with a look each day", 100 * daily, unit="%")

# %% [markdown]
# Now look at twenty tests of nothing, each a line. The shaded part is where the dashboard turns green.

# %% needs="crossing_rate"
p_paths = 2 * norm.sf(abs(nothing[:20]))
figure, axes = plt.subplots(figsize=(8, 4.4))
axes.axhspan(1e-4, 0.05, color="tab:green", alpha=0.18)
for path in p_paths:
    ever = (path < 0.05).any()
    axes.plot(
        range(1, DAYS + 1),
        path,
        lw=1.8 if ever else 0.8,
        color="tab:red" if ever else "0.6",
    )
axes.set(
    title="When does a test of nothing turn green?",
    xlabel="day of the look",
    ylabel="p-value (log scale)",
    yscale="log",
    ylim=(max(1e-4, p_paths.min() / 1.5), 1.1),
    xlim=(1, DAYS),
)
axes.set_xticks([1, 7, 14, 21, 28])
axes.set_yticks([0.01, 0.05, 0.1, 0.5, 1], ["0.01", "0.05", "0.1", "0.5", "1"])
figure.tight_layout()
plt.show()

# %% [markdown]
# **Read from the picture:** how many of the twenty lines touch the shaded part on any day? How many are in it on the last day? You need both numbers in the next answer; counting in `p_paths` is allowed.
#
# ## 6. A limit that may be looked at
#
# "Never look" is no answer: somebody must see a disaster on day two. {term}`Sequential testing <sequential-testing>` plans for looks. With an always-valid limit you may look after every visitor, for ever, and the chance of *ever* crossing it without an effect stays below alpha. It averages the evidence over all effects that could be there (Robbins' mixture).
#
# Let *s* be the visitors so far over the visitors planned, and *L* = -2 log(alpha). Then
#
# $$r = s\,(L + \log L + 1), \qquad \text{limit} = \sqrt{\left(1 + \frac{1}{r}\right)\,\log\frac{1 + r}{\alpha^2}}$$
#
# in standard errors. The factor beside *s* makes it about the narrowest at the planned end.


# %% answer="always_valid_limit"
def always_valid_limit(share: float, alpha: float = 0.05) -> float:
    """Return the limit for abs(z), by the formula above.

    Args:
        share: Visitors so far over visitors planned; may be above 1.
        alpha: Chance of ever crossing without an effect.
    """
    ...  # YOUR CODE HERE


ever_below = TODO  # lines that touch the shaded part on any day
below_at_end = TODO  # lines that are in it on the last day
### BEGIN SOLUTION


def always_valid_limit(share: float, alpha: float = 0.05) -> float:
    wide = -2 * math.log(alpha)
    r = share * (wide + math.log(wide) + 1)
    return math.sqrt((1 + 1 / r) * math.log((1 + r) / alpha**2))


ever_below = int((p_paths < 0.05).any(axis=1).sum())
below_at_end = int((p_paths[:, -1] < 0.05).sum())
### END SOLUTION

# %% test="always_valid_limit" points=2
### BEGIN HIDDEN TESTS
import mlcourse.experiments as reference


@checks.always_valid_limit.hidden(
    "Early, late and after the end it is the formula.", hint="mixture"
)
def _(always_valid_limit):
    for share in (0.001, 0.1, 1.0, 7.0):
        found = always_valid_limit(share)
        wanted = reference.always_valid_limit(share)
        expect(abs(found - wanted) < 1e-6, got={share: found})


@checks.always_valid_limit.hidden("Another alpha gives another limit.", hint="rho")
def _(always_valid_limit):
    for alpha in (0.01, 0.2):
        found = always_valid_limit(0.5, alpha)
        wanted = reference.always_valid_limit(0.5, alpha=alpha)
        expect(abs(found - wanted) < 1e-6, got={alpha: found})


@checks.always_valid_limit.hidden("You read the picture right.", hint="picture")
def _(ever_below, below_at_end):
    from scipy.stats import norm as normal

    rng = course_rng("11 mornings")
    n = 2_500 * np.arange(1, 29)
    t, c = (rng.binomial(2_500, 0.25, (4_000, 28)).cumsum(axis=1) / n for _ in range(2))
    wanted = (
        2 * normal.sf(abs(t - c) / np.sqrt((t * (1 - t) + c * (1 - c)) / n))[:20] < 0.05
    )
    # Another order of drawing gives other lines, so the learner's own count too.
    own = p_paths < 0.05
    counts = [(int(w.any(axis=1).sum()), int(w[:, -1].sum())) for w in (wanted, own)]
    expect((ever_below, below_at_end) in counts, got=(ever_below, below_at_end))


### END HIDDEN TESTS

# %% needs="crossing_rate,always_valid_limit"
planned = {
    "fixed, looked at daily": np.full(DAYS, 1.96),
    "O'Brien-Fleming": obrien_fleming_limits(DAYS),
    "always valid": np.array(
        [always_valid_limit(d / DAYS) for d in range(1, DAYS + 1)]
    ),
}
gain = z_by_day(
    2_500, 0.25, days=DAYS, repeats=2_000, rng=course_rng("11 gain"), effect=0.01
)
rows = []
for name, limits in planned.items():
    crossed = abs(gain) > limits
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, DAYS)
    rows.append(
        {
            "limit": name,
            "day 3": limits[2],
            "day 28": limits[-1],
            "false alarms, %": 100 * crossing_rate(nothing, limits),
            "finds 1 point, %": 100 * crossing_rate(gain, limits),
            "days on average": first.mean(),
        }
    )
pd.DataFrame(rows).set_index("limit").round(1)

# %% [markdown]
# Both planned limits keep the false alarms at about 5 % or below. O'Brien-Fleming (with the spending rule of Lan and DeMets) knows how many looks there will be and wastes little. The always-valid limit pays for not knowing: it finds less by the last day. What you save is time, when the effect is large. The plan says which one, before the start.
#
# ## 7. The past helps
#
# Most of what visitors spend has nothing to do with the test: some always spend much. {term}`CUPED` takes away what the weeks **before** predict. The effect stays, since the past is the same for both groups but for chance; the variance shrinks by the square of the correlation. Take nothing that was measured during the test: the treatment may have changed it, and you would take away a part of the effect.


# %% answer="cuped_difference"
def cuped_difference(
    treatment: tuple[np.ndarray, np.ndarray],
    control: tuple[np.ndarray, np.ndarray],
    *,
    alpha: float = 0.05,
) -> Effect:
    """Compare two means after taking away theta times the past.

    Args:
        treatment: Outcome, and the same before the experiment; one number a visitor.
        control: The same for the other group.
        alpha: One minus the level of the interval.

    theta is cov(past, outcome) / var(past), ONE number for all visitors together.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def cuped_difference(
    treatment: tuple[np.ndarray, np.ndarray],
    control: tuple[np.ndarray, np.ndarray],
    *,
    alpha: float = 0.05,
) -> Effect:
    outcome, past = (
        np.concatenate(pair) for pair in zip(treatment, control, strict=True)
    )
    covariance = np.cov(past, outcome)
    theta = covariance[0, 1] / covariance[0, 0]
    t, c = (y - theta * x for y, x in (treatment, control))
    return mean_difference(t, c, alpha=alpha)


### END SOLUTION


# %% test="cuped_difference" points=2
### BEGIN HIDDEN TESTS
def past_and_now(seed, n=4_000, slope=0.8, effect=0.3, shift=0.0):
    rng = np.random.default_rng(seed)
    x = rng.gamma(0.5, 4, (2, n)) + 100
    y = slope * x + rng.normal(0, 1.5, (2, n))
    return (y[0] + effect, x[0] + shift), (y[1], x[1])


@checks.cuped_difference.hidden(
    "The effect is that of the published estimator.", hint="adjust"
)
def _(cuped_difference):
    for seed, slope in ((1, 0.8), (2, -1.3), (3, 0.0)):
        treatment, control = past_and_now(seed, slope=slope)
        found = cuped_difference(treatment, control)
        wanted = cuped_effect(treatment, control=control)
        expect(abs(found.estimate - wanted.estimate) < wanted.se / 10, got=shown(found))
        expect(abs(found.se / wanted.se - 1) < 0.01, got=shown(found))


@checks.cuped_difference.hidden("It is right on average.", hint="adjust")
def _(cuped_difference):
    estimates = [
        cuped_difference(*past_and_now(seed, n=300)).estimate for seed in range(200)
    ]
    error = np.std(estimates) / 200**0.5
    expect(abs(np.mean(estimates) - 0.3) < 4 * error, got=np.mean(estimates))


@checks.cuped_difference.hidden(
    "The variance falls by the square of the correlation.", hint="theta"
)
def _(cuped_difference):
    for correlation in (0.4, 0.8):
        # The share that is left, over 60 seeds: standard deviation 0.012 and 0.015.
        frame = make_experiment(
            60_000, rng=np.random.default_rng(8), correlation=correlation
        ).frame
        pair = arms(frame, "revenue_eur", "revenue_before_eur")
        plain = mean_effect(pair[0][0], control=pair[1][0])
        left = (cuped_difference(*pair).se / plain.se) ** 2
        expect(abs(left - (1 - correlation**2)) < 0.08, got=left)


@checks.cuped_difference.hidden(
    "The level of the interval is the one asked for.", hint="theta"
)
def _(cuped_difference):
    pair = past_and_now(9)
    wide, narrow = (
        cuped_difference(*pair, alpha=0.01),
        cuped_difference(*pair, alpha=0.5),
    )
    ratio = (wide.high - wide.low) / (narrow.high - narrow.low)
    expect(abs(ratio - 2.5758 / 0.67449) < 1e-3, got=ratio)


@checks.cuped_difference.hidden("Groups of different size are fine.", hint="theta")
def _(cuped_difference):
    (y, x), control = past_and_now(12)
    treatment = (y[:400], x[:400])
    found, wanted = (
        cuped_difference(treatment, control),
        cuped_effect(treatment, control=control),
    )
    expect(abs(found.estimate - wanted.estimate) < wanted.se / 10, got=shown(found))
    expect(abs(found.se / wanted.se - 1) < 0.01, got=shown(found))


### END HIDDEN TESTS

# %% needs="ratio_difference,cuped_difference"
pair = arms(ranking, "revenue_eur", "revenue_before_eur")
plain, adjusted = mean_difference(pair[0][0], pair[1][0]), cuped_difference(*pair)
left = (adjusted.se / plain.se) ** 2
print(f"plain   {plain}")
print(f"CUPED   {adjusted}")
truth = 1 - quarter["ranking_model"].truth.correlation ** 2
print(f"variance left: {left:.0%}, in the whole population {truth:.0%}")

metric = tt.Mean("revenue_eur", "revenue_before_eur", use_t=False)
theirs = tt.Experiment(revenue=metric).analyze(
    data[["variant", "revenue_eur", "revenue_before_eur"]]
)["revenue"]
print(
    f"tea-tasting: {theirs.effect_size:.3g} [{theirs.effect_size_ci_lower:.3g}, "
    f"{theirs.effect_size_ci_upper:.3g}]"
)
record("cuped_variance_left", left, unit="share")

# %% [markdown]
# The correlation with the past is about 0.6, so about 36 % of the variance goes. The same interval then needs a third less traffic. For visitors without a past it brings nothing.
#
# ## 8. Many questions
#
# Slice a test of nothing by browser, day and metric, and soon something is "significant". With many comparisons ({term}`multiple comparisons`) decide what you want to limit. Holm limits the chance of *any* false alarm: the family-wise error rate. Benjamini and Hochberg limit the expected share of false alarms *among the alarms*: the false discovery rate. The first is for decisions, the second for a list of things to look into.

# %% answer="benjamini_hochberg"
FAMILY, DISCOVERY = "family-wise error rate", "false discovery rate"


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values adjusted by Holm's method, in the order given.

    The smallest of m is multiplied by m, the next by m - 1, the last by 1. None may
    then be smaller than one that was smaller before, and none is above 1.
    """
    ...  # YOUR CODE HERE


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Return p-values adjusted by the method of Benjamini and Hochberg, in the order given.

    The k-th smallest of m is multiplied by m / k. None may then be larger than one that
    was larger before.
    """
    ...  # YOUR CODE HERE


controls = TODO  # {"holm": FAMILY or DISCOVERY, "benjamini_hochberg": ...}
### BEGIN SOLUTION


def holm(p_values: np.ndarray) -> np.ndarray:
    order = np.argsort(p_values)
    scaled = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    order = np.argsort(p_values)
    m = len(order)
    scaled = np.asarray(p_values)[order] * m / np.arange(1, m + 1)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return adjusted


controls = {"holm": FAMILY, "benjamini_hochberg": DISCOVERY}
### END SOLUTION

# %% test="benjamini_hochberg" points=2
### BEGIN HIDDEN TESTS
from statsmodels.stats.multitest import multipletests

LISTS = [
    np.random.default_rng(seed).random(size) ** power
    for seed, (size, power) in enumerate(((12, 4), (40, 2), (7, 1), (2, 3), (25, 8)))
] + [np.array([0.04, 0.01, 0.01, 0.04, 1.0]), np.array([0.9, 0.95, 0.99]), np.ones(3)]


@checks.benjamini_hochberg.hidden("Holm is that of statsmodels.", hint="holm")
def _(holm):
    for p_values in LISTS:
        found = np.asarray(holm(p_values))
        wanted = multipletests(p_values, method="holm")[1]
        expect(np.allclose(found, wanted), got=found)


@checks.benjamini_hochberg.hidden(
    "Benjamini-Hochberg is that of statsmodels.", hint="bh"
)
def _(benjamini_hochberg):
    for p_values in LISTS:
        found = np.asarray(benjamini_hochberg(p_values))
        wanted = multipletests(p_values, method="fdr_bh")[1]
        expect(np.allclose(found, wanted), got=found)


@checks.benjamini_hochberg.hidden(
    "The results stand where their p-values stood.", hint="order"
)
def _(holm, benjamini_hochberg):
    p_values = LISTS[0].copy()
    turned = np.random.default_rng(3).permutation(len(p_values))
    for function in (holm, benjamini_hochberg):
        found = np.asarray(function(p_values[turned]))
        expect(np.allclose(found, np.asarray(function(p_values))[turned]), got=found)
    expect((p_values == LISTS[0]).all(), got="the caller's array was changed")


@checks.benjamini_hochberg.hidden("Each limits its own error.", hint="controls")
def _(controls):
    wanted = {"holm": "family", "benjamini_hochberg": "discovery"}
    expect(set(controls) == set(wanted), got=controls)
    for name, word in wanted.items():
        expect(word in controls[name], got={name: controls[name]})


### END HIDDEN TESTS

# %% needs="srm_source,ratio_difference,benjamini_hochberg"
from statsmodels.stats.multitest import multipletests

sound = next(e.frame for e in archive.values() if e.truth.lost == ("", ""))
slices = {
    (browser, day, metric): mean_difference(*arms(rows, metric)).p_value
    for (browser, day), rows in sound.groupby(["browser", "day"], observed=True)
    for metric in ("converted", "revenue_eur", "sessions", "page_ms", "orders_week_1")
}
raw = np.array(list(slices.values()))
by_holm, by_bh = np.asarray(holm(raw)), np.asarray(benjamini_hochberg(raw))
print(f"{len(raw)} slices of a test of nothing, smallest p-value {raw.min():.3f}")
for name, p_values in (
    ("as they are", raw),
    ("Holm", by_holm),
    ("Benjamini-Hochberg", by_bh),
):
    print(f"{name:19} {(p_values < 0.05).sum()} below 0.05")

for method, yours in (("holm", by_holm), ("fdr_bh", by_bh)):
    theirs = multipletests(raw, method=method)[1]
    print(f"statsmodels {method:7} equal to yours: {np.allclose(theirs, yours)}")

# %% [markdown]
# About one slice in twenty is below 0.05, though nothing happened in any of them. The adjusted p-values keep quiet: in at least 95 of 100 tests of nothing, Holm says nothing at all. A slice that was not in the plan is a question for the next test, not an answer of this one.
#
# ## 9. Five verdicts
#
# Now Amara's five. First the picture that her dashboard draws: effects on conversion with their intervals, and nothing about where they come from.

# %% needs="plan,ratio_difference"
seen = {
    name: mean_difference(*arms(experiment.frame, "converted"))
    for name, experiment in quarter.items()
}
figure, axes = plt.subplots(figsize=(8, 3.6))
for place, found in enumerate(reversed(seen.values())):
    low, middle, high = (100 * v for v in (found.low, found.estimate, found.high))
    axes.plot([low, high], [place, place], color="tab:blue", lw=2.5)
    axes.plot(middle, place, "o", color="tab:blue", ms=7)
    axes.annotate(
        f"{middle:+.1f}",
        (middle, place),
        (0, 8),
        textcoords="offset points",
        ha="center",
    )
axes.axvline(0, color="0.3", lw=1)
axes.axvline(100 * plan["mde"], color="tab:orange", ls="--", lw=1.5)
axes.text(100 * plan["mde"], 4.62, " pays from here", color="tab:brown", fontsize=10)
axes.set_yticks(range(5), list(reversed(seen)))
axes.set(
    title="Which of the five effects are above zero?",
    xlabel="effect on conversion, percentage points (95 % interval)",
    ylim=(-0.5, 5.1),
)
figure.tight_layout()
plt.show()

found, (t, c) = seen["ranking_model"], arms(quarter["ranking_model"].frame, "converted")
values = {
    "visitors": len(t) + len(c),
    "control_percent": 100 * c.mean(),
    "treatment_percent": 100 * t.mean(),
    "low_pp": 100 * found.low,
    "effect_pp": 100 * found.estimate,
    "high_pp": 100 * found.high,
}
print("facts = {")
for name, value in values.items():
    print(f'    "{name}": {value if name == "visitors" else round(float(value), 2)},')
print(f'    "p_value": {found.p_value:.2g},')
print("}")

# %% [markdown]
# Which intervals cross zero? Put their names into `crosses_zero`. Paste the `facts`; your page for the board needs them. Then write the rules down as a function; their intervals are those of treatment minus control. A {term}`ship decision` that is written before the result cannot be bent after it.
#
# | the first that holds | verdict | why |
# |---|---|---|
# | the split is broken (p-value below `ALARM`) | `invalid` | somebody got lost |
# | the smaller group has fewer than `n_per_group` visitors | `underpowered` | it was stopped before its plan; a gain that is read early looks larger than it is |
# | the whole interval of `page_ms` lies above `page_limit_ms` | `stop` | a guard rail is broken |
# | the whole interval of `converted` lies below `mde` | `stop` | harm, or too little to pay |
# | the interval of `converted` holds 0 or less | `underpowered` | it can be nothing, and it can be enough |
# | the effect fades: of `orders_week_1` minus `orders_week_4`, treatment has more; its interval at `alpha=ALARM` lies above 0 | `novelty` | what was seen is not what stays: a {term}`novelty effect` |
# | else | `ship` | |
#
# A stricter house turns the guard rail round: it ships only when the whole interval of `page_ms` lies below the limit. Write down which one you mean.

# %% answer="verdict"
ALARM = 0.001


def verdict(
    frame: pd.DataFrame,
    *,
    n_per_group: int,
    mde: float,
    page_limit_ms: float,
    split: float = 0.5,
) -> str:
    """Return "ship", "stop", "invalid", "underpowered" or "novelty", by the table above.

    Use your own functions: srm_p_value, mean_difference, and arms(frame, column).
    """
    ...  # YOUR CODE HERE


crosses_zero = TODO  # a list of names
facts = TODO  # paste the dictionary that the cell above prints
### BEGIN SOLUTION


def verdict(
    frame: pd.DataFrame,
    *,
    n_per_group: int,
    mde: float,
    page_limit_ms: float,
    split: float = 0.5,
) -> str:
    if srm_p_value(frame, split=split) < ALARM:
        return "invalid"
    if min(len(arm) for arm in arms(frame, "converted")) < n_per_group:
        return "underpowered"
    if mean_difference(*arms(frame, "page_ms")).low > page_limit_ms:
        return "stop"
    effect = mean_difference(*arms(frame, "converted"))
    if effect.high < mde:
        return "stop"
    if effect.low <= 0:
        return "underpowered"
    fading = frame.assign(faded=frame["orders_week_1"] - frame["orders_week_4"])
    if mean_difference(*arms(fading, "faded"), alpha=ALARM).low > 0:
        return "novelty"
    return "ship"


crosses_zero = [name for name, found in seen.items() if found.low <= 0 <= found.high]
facts = {
    "visitors": 70000,
    "control_percent": 24.96,
    "treatment_percent": 26.36,
    "low_pp": 0.75,
    "effect_pp": 1.4,
    "high_pp": 2.04,
    "p_value": 2.4e-05,
}
### END SOLUTION

# %% test="verdict" points=3
### BEGIN HIDDEN TESTS
from checks import made

RULES = {"n_per_group": 1_000, "mde": 0.05, "page_limit_ms": 20.0}


def judged(verdict, wanted, hint="", **change):
    rules = RULES | {k: change.pop(k) for k in list(change) if k in (*RULES, "split")}
    found = verdict(made(**change), **rules)
    expect(found == wanted, got=found)


@checks.verdict.hidden("A broken split comes before all else.", hint="order")
def _(verdict):
    judged(verdict, "invalid", lost=200, treated=0.5, slower_ms=90, fades=1.0)
    judged(verdict, "invalid", treated=0.5, split=0.4)


@checks.verdict.hidden("The smaller group must have the planned size.", hint="size")
def _(verdict):
    judged(verdict, "ship", treated=0.4)
    judged(verdict, "ship", lost=50, treated=0.4, n_per_group=950)
    judged(verdict, "underpowered", lost=50, treated=0.4, n_per_group=951)
    judged(verdict, "underpowered", lost=100, treated=0.5, slower_ms=90)


@checks.verdict.hidden("A slower page stops it, when that is sure.", hint="guard")
def _(verdict):
    # The interval of page_ms is 3.6 ms to each side.
    for slower, wanted in (
        (24.5, "stop"),
        (22.0, "ship"),
        (15.0, "ship"),
        (-90.0, "ship"),
    ):
        judged(verdict, wanted, treated=0.4, slower_ms=slower)
    judged(verdict, "stop", treated=0.4, slower_ms=60, fades=1.0)
    judged(verdict, "stop", treated=0.32, slower_ms=60)
    judged(verdict, "ship", treated=0.4, slower_ms=60, page_limit_ms=70.0)


@checks.verdict.hidden(
    "Too little stops it, and what may be enough does not.", hint="pays"
)
def _(verdict):
    # The interval of converted is 0.04 to each side.
    judged(verdict, "stop", treated=0.30)
    judged(verdict, "stop", treated=0.2)
    judged(verdict, "underpowered", treated=0.32)
    judged(verdict, "ship", treated=0.345)
    judged(verdict, "stop", treated=0.345, mde=0.1)
    judged(verdict, "stop", treated=0.2, fades=1.0)
    judged(verdict, "underpowered", treated=0.32, fades=1.0)


@checks.verdict.hidden(
    "A gain that fades is a novelty, one that grows is not.", hint="fade"
)
def _(verdict):
    # The interval at 99.9 % is 0.147 to each side, at 95 % it is 0.088.
    for fades, wanted in ((0.2, "novelty"), (0.12, "ship"), (-0.5, "ship")):
        judged(verdict, wanted, treated=0.4, fades=fades)


@checks.verdict.hidden(
    "Five experiments of a known truth get their verdicts.", hint="order"
)
def _(verdict):
    rules = {"n_per_group": 11_000, "mde": 0.02, "page_limit_ms": 20.0}
    for wanted, n, options in (
        ("ship", 24_000, {"lift": 0.35}),
        ("stop", 24_000, {"lift": 0.35, "slowdown_ms": 60.0}),
        ("stop", 24_000, {"lift": -0.2}),
        ("invalid", 24_000, {"lift": 0.35, "mismatch": "browser"}),
        ("underpowered", 6_000, {"lift": 0.35}),
        ("novelty", 24_000, {"novelty": 0.9}),
    ):
        frame = make_experiment(n, rng=np.random.default_rng(21), **options).frame
        found = verdict(frame, **rules)
        expect(found == wanted, got=found)


@checks.verdict.hidden("You read the picture right.", hint="picture")
def _(crosses_zero):
    wanted = [name for name, effect in seen.items() if effect.low <= 0 <= effect.high]
    expect(set(crosses_zero) == set(wanted), got=crosses_zero)


@checks.verdict.hidden("The facts are those of the ranking model.", hint="facts")
def _(facts):
    own = seen["ranking_model"]
    half = (facts["high_pp"] - facts["low_pp"]) / 2
    gap = facts["treatment_percent"] - facts["control_percent"]
    expect(abs(gap - facts["effect_pp"]) < 0.016, got=facts)
    expect(
        abs((facts["low_pp"] + facts["high_pp"]) / 2 - facts["effect_pp"]) < 0.011,
        got=facts,
    )
    expect(abs(half / (196 * own.se) - 1) < 0.05, got=facts)
    # Another seed is another draw of the same experiment: 7 standard errors.
    expect(
        abs(facts["effect_pp"] - 100 * own.estimate) < 700 * 1.42 * own.se, got=facts
    )
    expect(abs(facts["control_percent"] - 25) < 1.2, got=facts)
    expect(facts["visitors"] == 70_000, got=facts)
    z = facts["effect_pp"] / (half / 1.96)
    expect(
        abs(math.log10(facts["p_value"]) - math.log10(2 * norm.sf(z))) < 0.3, got=facts
    )


### END HIDDEN TESTS

# %% needs="plan,srm_source,ratio_difference,verdict"
rules = {
    "n_per_group": plan["n_per_group"],
    "mde": plan["mde"],
    "page_limit_ms": FACTS["page_limit_ms"],
}
verdicts = {name: verdict(e.frame, **rules) for name, e in quarter.items()}
table = pd.DataFrame(
    {
        "verdict": verdicts,
        "effect, points": {n: f"{100 * e.estimate:+.2f}" for n, e in seen.items()},
        "interval": {
            n: f"{100 * e.low:+.2f} to {100 * e.high:+.2f}" for n, e in seen.items()
        },
        "true effect": {
            n: f"{100 * (e.truth.conversion[1] - e.truth.conversion[0]):+.2f}"
            for n, e in quarter.items()
        },
        "true lift, week 4": {
            n: f"{e.truth.lift_by_week[-1]:+.0%}" for n, e in quarter.items()
        },
    }
)
record("ranking_effect_pp", 100 * seen["ranking_model"].estimate, unit="pp")
table

# %% [markdown]
# The last two columns are what only a simulation can show. Compare them with the intervals: of all that you will ever make, about one in twenty misses its truth, and you never know which. Several look green in the picture. The largest true gain came with a page that is 60 ms slower.
#
# For a novelty, the honest next step is to go on and read the later weeks alone. For an invalid test: repair, repeat. For an underpowered one: run it to its plan.
#
# ## 10. The page for the board
#
# On Thursday a {term}`non-technical audience <non-technical-audience>` decides about the ranking model. Write Amara's page from `facts`: 200 to 450 words, with these headings: what we tested, what we saw, how sure we are, what we recommend, what we do not know. Give both percentages, the number of visitors, and the effect in percentage points with both ends of its interval. Say in plain words what the interval means, and how often such an interval holds the truth. If you use the p-value, say what it means; it is *not* the chance that the model works. A test never proves.
#
# Let the recommendation follow from the effect and its cost, and say what would make you stop. Amara's dashboard was green on day three: put that number in its place.

# %% written="memo" points=4
### BEGIN SOLUTION
# # The ranking model: what the test says
#
# ## What we tested
#
# We have a computer model that puts the goods a visitor is likely to want at the top of the page. For two weeks we let chance decide who saw it. Half of our 70,000 visitors got the new order, half got the old one. We then counted who bought something within four weeks. We wrote down this rule, and what would count as a success, before we began.
#
# ## What we saw
#
# Of those with the old page, 24.96 % bought. Of those with the new page, 26.36 % did. That is 1.40 percentage points more, or fourteen more buyers in each thousand visitors. The page got slightly slower, by less than the limit we had set.
#
# ## How sure we are
#
# People differ, so chance moves such numbers a little. The gain that fits our data lies between 0.75 and 2.04 percentage points. We make such a range so that it holds the true gain in 95 of 100 tests. Zero is outside of it. If the model changed nothing, a gap this large would come up by luck less than once in ten thousand tests. The model pays for itself from one point on. So the middle of the range pays well, and the low end does not quite.
#
# ## What we recommend
#
# Launch the model for all visitors. Keep one in twenty on the old page for three months, so that we can see whether the gain stays. If the gain falls below one point, we come back to you.
#
# ## What we do not know
#
# We followed each person for four weeks. We have not seen Christmas, when people buy in another way. We did not look at each country alone. The green figure of the first three days was one number out of a very wide range, so please do not plan with it.
### END SOLUTION

# %% [markdown] rubric="memo"
# **Rubric, 4 points: one for each criterion, halves allowed.**
#
# | criterion | 1 point | half a point | 0 points |
# |---|---|---|---|
# | The board can decide | the recommendation is clear, follows from the result and the cost, and says what would make us stop | clear, but nothing about cost or stopping | no recommendation, or one that the numbers do not carry |
# | The interval is in plain words | both ends, what the range means, and what each end would mean for the shop | both ends, no meaning | only the point estimate |
# | Nothing is claimed that the test cannot carry | no "proves"; if a p-value, then with its meaning; the early green figure is put in its place | one loose sentence, such as "95 % sure that it works" | the p-value as the chance that the model works, or the early figure repeated as the result |
# | Limits matter to this shop | at least two that could change the decision, such as seasons, four weeks, novelty, groups of visitors | limits that fit any test | none |
#
# **Sample, 4 points:** the text above.
#
# **Sample, 3 points:** as above, but "the gain is 0.75 to 2.04 points" without saying what such a range means (interval: half), and "results may vary" as its only limit (limits: half).
#
# **Sample, 2 points:** "Conversion rose by 1.40 points (0.75 to 2.04), p < 0.001. We are 95 % sure that the model works. Launch." (decision: half, interval: half, claims: half, limits: half for one sentence on holidays).
#
# **Sample, 1 point:** both percentages and "we recommend to launch", no interval, no limits (decision: half, claims: half).
#
# **Sample, 0 points:** "The test proves that the model raises revenue."

# %% needs="memo,verdict"
from checks import review

review(memo, facts)


# %% test="memo" points=2
### BEGIN HIDDEN TESTS
import re


@checks.memo.hidden("It says launch, stop or wait.", hint="sections")
def _(memo):
    said = re.search(
        r"\b(launch|roll|ship|stop|wait|repeat|keep|release|introduce|adopt|switch)",
        memo,
        re.I,
    )
    expect(said, got="no recommendation was found")


@checks.memo.hidden("It says how often such a range holds the truth.", hint="meaning")
def _(memo):
    said = re.search(r"\b(95|19 (?:of|in|out of) (?:the )?20|nineteen)\b", memo, re.I)
    expect(said, got="no word on how sure the range is")


### END HIDDEN TESTS

# %% [markdown]
# ## Interview question
#
# *"Your model won its A/B test by 3 %, with a p-value of 0.01. Six months after the launch, sales are flat. What could have happened, and how do you find out?"* Take five minutes, aloud.
#
# <details><summary>What a good answer has</summary>
#
# | level | signs |
# |---|---|
# | strong | Starts with trust: sample ratio, A/A history, how often the team looked, how many metrics were tried. Knows that a result picked because it was significant overstates the effect. Separates novelty from a real gain by the effect per week since first exposure, and by a holdback group. Asks whether sales would have fallen without the model: flat is no comparison, a holdback is. Names what a test of visitors cannot see: stock shared by both groups, competitors, seasons. |
# | fair | Names novelty and seasons, but has no way to tell them apart; trusts the p-value. |
# | weak | "The model has drifted, retrain it", or takes 0.01 for a 99 % chance that the model works. |
# </details>
#
# ## Flashcards
#
# Say the answer before you open it.
#
# <details><summary>The split is 50.6 to 49.4 on 800,000 visitors and revenue is up 4 %. What do you do?</summary>
#
# Nothing with the revenue. Such a split does not come from chance, so visitors got lost in one group, and those who get lost are seldom like the others. Find the cause by browser, day and entry page, repair it, run again.
# </details>
#
# <details><summary>What does a p-value of 0.03 say, and what does it not say?</summary>
#
# If there were no effect, chance alone would give a difference at least this large in 3 of 100 tests. It does not say that there is a 97 % chance of an effect, nor how large the effect is.
# </details>
#
# <details><summary>Why may CUPED use spending before the test, but not sessions during it?</summary>
#
# The past cannot depend on the treatment, so the adjustment leaves the effect alone. Sessions during the test can be part of the effect; to adjust for them takes that part away.
# </details>
#
# ## Elsewhere
#
# | platform | where the parts are |
# |---|---|
# | Amazon SageMaker | production variants of one endpoint share the traffic by weight; the statistics are yours |
# | Google Vertex AI | an endpoint has a traffic split between deployed models; the statistics are yours |
# | Azure Machine Learning | a managed online endpoint splits or mirrors traffic between deployments |
# | Seldon Core | an Experiment resource splits traffic between models |
# | KServe | canary traffic in percent; no assignment by user of its own |
# | GrowthBook | assignment by a salted hash, sample ratio check, CUPED, sequential testing |
# | LaunchDarkly | CUPED; fixed-horizon, sequential or Bayesian analysis |
#
# A traffic split at the load balancer goes by request. For an experiment you need it by visitor: that is your `assign`.
#
# **What comes next.** Lab 12 watches the data after the launch, when there is no control group any more.
