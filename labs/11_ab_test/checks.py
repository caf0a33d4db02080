"""Checks and hints of lab 11. The hidden tests stand in the grader's notebook only."""

import re
from typing import Any

import numpy as np
import pandas as pd

from mlcourse.checks import Checks, expect, is_attempted
from mlcourse.datasets import make_experiment
from mlcourse.writing import Brief, Number

checks = Checks("11_ab_test")

FACTS = {
    "conversion_today": 0.25,  # share of visitors who order within 28 days
    "visitors_per_day": 5_000,
    "margin_eur": 6.0,  # what one more buyer brings
    "cost_eur_per_year": 109_500,  # of running the model
    "page_limit_ms": 20.0,  # Tidemark's limit for a slower page
}
METRICS = {
    "clicks_on_first_result": "share of searches; known at once; a page that shows less "
    "gets more of them",
    "converted": "an order within 28 days; standard deviation 1.7 times the mean",
    "revenue_eur": "EUR within 28 days; standard deviation 3.1 times the mean",
    "renewed_next_year": "membership renewed; known after 365 days",
    "page_ms": "time until a page is shown; the model takes time to answer",
}
VERDICTS = ("ship", "stop", "invalid", "underpowered", "novelty")


# Data and tools that the checks and the notebook share ------------------------------


def arms(frame: pd.DataFrame, *columns: str) -> tuple[Any, Any]:
    """Return treatment and control of one column; of several, two tuples of arrays."""
    treated = (frame["group"] == "treatment").to_numpy()
    values = [frame[column].to_numpy(dtype=float) for column in columns]
    both = [tuple(v[side] for v in values) for side in (treated, ~treated)]
    return (both[0][0], both[1][0]) if len(columns) == 1 else (both[0], both[1])


def last_quarter(rng: np.random.Generator) -> dict[str, Any]:
    """Draw five experiments without any effect; in two of them visitors got lost."""
    names = ["free_returns", "gift_finder", "size_advisor", "new_basket", "push_notes"]
    causes = rng.permutation(["browser", "day", "none", "none", "none"])
    return {
        name: make_experiment(60_000, rng=rng, mismatch=str(cause), days=7)
        for name, cause in zip(names, causes, strict=True)
    }


def this_quarter(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the five experiments that wait for a verdict."""
    return {
        "ranking_model": make_experiment(70_000, rng=rng, lift=0.14, slowdown_ms=4),
        "one_page_checkout": make_experiment(70_000, rng=rng, mismatch="browser"),
        "delivery_promise": make_experiment(9_000, rng=rng, lift=0.08, days=2),
        "animated_deals": make_experiment(70_000, rng=rng, novelty=0.35),
        "photo_search": make_experiment(70_000, rng=rng, lift=0.2, slowdown_ms=60),
    }


def near(value: float, wanted: float, *, rel: float = 1e-6) -> bool:
    """Return whether a number is another one, up to rounding."""
    return bool(abs(value - wanted) <= rel * max(abs(wanted), 1e-12))


def shown(effect: Any) -> str:
    """Show an effect in one line."""
    return f"{effect.estimate:.5g}, se {effect.se:.5g}, p {effect.p_value:.3g}"


# 1. The plan ------------------------------------------------------------------------

plan = checks.task(
    "plan",
    hints={
        "pays": "One more share of buyers brings visitors_per_day * 365 * margin_eur a "
        "year. Divide the cost by it.",
        "power": "z for the level is at 1 - alpha/2, because a loss counts too; z for the "
        "power is at power. The effect must be as large as their sum, in standard errors.",
        "variance": "Each group has its own variance: base * (1 - base), and the same "
        "with base + mde. Add them, divide by n, and solve for n. Round up.",
        "weeks": "All visitors of both groups, over those who enter in a day; round up to "
        "days, then up to whole weeks: math.ceil, twice.",
        "metrics": "The primary metric must be what the business wants, known before you "
        "decide, and not too noisy. A guard rail is what the model could harm.",
        "numbers": "Put the results of your own functions into the plan.",
    },
)


@plan.expects("The smallest effect that pays is a share of visitors.", hint="pays")
def _(smallest_effect_that_pays, sample_size, entry_days, plan):
    found = smallest_effect_that_pays(73_000, visitors_per_day=1_000, margin_eur=10.0)
    expect(near(found, 0.02), got=found)


@plan.expects("The sample size is that of statsmodels within 2 %.", hint="variance")
def _(smallest_effect_that_pays, sample_size, entry_days, plan):
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    for base, mde in ((0.25, 0.01), (0.04, 0.02)):
        found = sample_size(base, mde)
        theirs = samplesize_proportions_2indep_onetail(mde, base, 0.8)
        expect(abs(found / theirs - 1) < 0.02, got={(base, mde): found})


@plan.expects("The plan says what is decided, by what, and how.", hint="metrics")
def _(smallest_effect_that_pays, sample_size, entry_days, plan):
    keys = {"hypothesis", "unit", "primary", "guardrails", "mde", "n_per_group"}
    expect(set(plan) == keys | {"entry_days"}, got=sorted(plan))
    expect(plan["primary"] in METRICS, got=plan["primary"])
    expect(guard_rails(plan) <= set(METRICS), got=plan["guardrails"])
    expect(len(plan["hypothesis"].split()) >= 8, got=plan["hypothesis"])


def guard_rails(plan: dict[str, Any]) -> set[str]:
    """Return the names of the guard rails; one alone may stand without a list."""
    named = plan["guardrails"]
    return {named} if isinstance(named, str) else set(named)


# 2. The platform --------------------------------------------------------------------

assign = checks.task(
    "assign",
    hints={
        "stable": "Hash the text experiment + ':' + user_id with hashlib.sha256. Python's "
        "own hash() changes with each process, and a random number with each visit.",
        "uniform": "int(digest[:15], 16) / 16**15 is a number from 0 to 1. Compare it with "
        "share.",
        "salt": "Two experiments that hash the visitor alone give the same half the new "
        "version both times. The experiment's name belongs into the hash: it is the salt.",
        "vector": "treated @ values sums the treated in each row. From sums and sums of "
        "squares come means and variances; control is the rest.",
        "two_sided": "z is the difference over its standard error; both tails count: "
        "2 * norm.sf(abs(z)).",
        "alarm": "Count the p-values below alpha. binomtest(count, len(p_values), alpha) "
        "says how surprising that count is; too few is surprising as well.",
    },
)


@assign.expects("A visitor stays in the group.", hint="stable")
def _(assign, aa_p_values, passes_aa):
    seen = {assign("u10000042", experiment="ranking_model") for _ in range(5)}
    expect(len(seen) == 1 and seen <= {"control", "treatment"}, got=seen)


@assign.expects("About half of the visitors are treated.", hint="uniform")
def _(assign, aa_p_values, passes_aa):
    groups = [assign(f"u{i}", experiment="ranking_model") for i in range(4_000)]
    treated = groups.count("treatment") / 4_000
    expect(abs(treated - 0.5) < 0.05, got=treated)  # a standard error is 0.008


@assign.expects("There is one p-value for each split.", hint="vector")
def _(assign, aa_p_values, passes_aa):
    values = np.array([1.0, 2.0, 4.0, 7.0])
    treated = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 0]], dtype=bool)
    found = np.asarray(aa_p_values(values, treated))
    expect(found.shape == (3,), got=found.shape)
    expect(((found > 0) & (found < 1)).all(), got=found)


# 3. Sample ratio mismatch -----------------------------------------------------------

srm_source = checks.task(
    "srm_source",
    hints={
        "expected": "Expected are split * n treated and (1 - split) * n others, not the "
        "counts that came. scipy.stats.chisquare compares.",
        "alarm": "First ask the whole frame. Where its p-value is not below the alarm, "
        "there is nothing to explain: return None.",
        "segments": "For each column and each of its values, take those rows and ask "
        "srm_p_value again. The cause is where it is smallest.",
    },
)


def counted(treated: int, control: int, **columns: Any) -> pd.DataFrame:
    """Return a frame with so many visitors in each group."""
    group = ["treatment"] * treated + ["control"] * control
    return pd.DataFrame({"group": group} | columns)


@srm_source.expects("Equal groups raise no alarm, unequal ones do.", hint="expected")
def _(srm_p_value, srm_source):
    expect(near(srm_p_value(counted(500, 500)), 1), got=srm_p_value(counted(500, 500)))
    expect(srm_p_value(counted(400, 600)) < 1e-6, got=srm_p_value(counted(400, 600)))


@srm_source.expects("A sound experiment has no cause to name.", hint="alarm")
def _(srm_p_value, srm_source):
    frame = counted(500, 500, browser=["safari"] * 1_000, day=[1] * 1_000)
    found = srm_source(frame, columns=("browser", "day"))
    expect(found is None, got=found)


# 4. Effects -------------------------------------------------------------------------

ratio_difference = checks.task(
    "ratio_difference",
    hints={
        "welch": "The variance of a difference of means is var_t / n_t + var_c / n_c, with "
        "ddof=1. Effect.normal does the rest.",
        "cap": "The cap is one number for both groups: the quantile of all values "
        "together. np.minimum cuts.",
        "ratio": "Total over total, in each group: not the mean of each visitor's own "
        "ratio, where one session counts as much as fifty.",
        "delta": "Make one number a visitor: (numerator - ratio * denominator) / "
        "mean(denominator). Its variance over n is the variance of the ratio.",
    },
)


@ratio_difference.expects(
    "A difference of means has Welch's standard error.", hint="welch"
)
def _(mean_difference, ratio_difference):
    found = mean_difference(np.array([3.0, 4.0, 5.0]), np.array([1.0, 2.0, 9.0]))
    expect(near(found.estimate, 0), got=shown(found))
    expect(near(found.se, ((1 + 19) / 3) ** 0.5), got=shown(found))


@ratio_difference.expects("A ratio is all revenue over all sessions.", hint="ratio")
def _(mean_difference, ratio_difference):
    treatment = (np.array([10.0, 0.0, 2.0]), np.array([1.0, 3.0, 2.0]))
    control = (np.array([3.0, 0.0, 1.0]), np.array([1.0, 1.0, 2.0]))
    found = ratio_difference(treatment, control)
    expect(near(found.estimate, 1), got=shown(found))


# 5. Peeking -------------------------------------------------------------------------

crossing_rate = checks.task(
    "crossing_rate",
    hints={
        "sums": "rng.binomial(visitors_per_day, rate, size=(repeats, days)) draws the "
        "buyers of each day, np.cumsum(..., axis=1) those so far. Once for each group.",
        "z": "After day d each group has visitors_per_day * d visitors. The variance of "
        "the difference is the sum of p * (1 - p) / n, each group with its own p so far.",
        "any": "A row counts once, on whichever day it crosses: (abs(z) > limits)"
        ".any(axis=1).mean().",
        "effect": "Only treatment gets rate + effect.",
    },
)


@crossing_rate.expects("There is one z for each repeat and each day.", hint="sums")
def _(z_by_day, crossing_rate):
    z = z_by_day(100, 0.3, days=7, repeats=50, rng=np.random.default_rng(0))
    expect(np.shape(z) == (50, 7), got=np.shape(z))


@crossing_rate.expects("A path counts once, when it crosses on any day.", hint="any")
def _(z_by_day, crossing_rate):
    z = np.array(
        [[0.0, 3.0, 0.5], [2.5, -2.5, 2.5], [1.0, 1.0, -1.0], [0.0, 0.0, -4.0]]
    )
    found = crossing_rate(z, 2.0)
    expect(near(found, 0.75), got=found)


# 6. Always valid --------------------------------------------------------------------

always_valid_limit = checks.task(
    "always_valid_limit",
    hints={
        "rho": "First r = share * (L + log(L) + 1) with L = -2 * log(alpha). log is the "
        "natural logarithm.",
        "mixture": "Then the square root of (1 + 1/r) * log((1 + r) / alpha**2).",
        "picture": "Ever below: the paths that touch the shaded part on any day. At the "
        "end: those that are in it on the last day.",
    },
)


@always_valid_limit.expects(
    "The limit is stricter than 1.96, most of all early.", hint="rho"
)
def _(always_valid_limit, ever_below, below_at_end):
    limits = [always_valid_limit(share) for share in (0.05, 0.5, 1.0)]
    expect(limits[0] > max(limits[1:]) and min(limits) > 1.96, got=limits)


@always_valid_limit.expects("What you read are numbers of paths.", hint="picture")
def _(always_valid_limit, ever_below, below_at_end):
    expect(0 <= below_at_end <= ever_below <= 20, got=(ever_below, below_at_end))


# 7. CUPED ---------------------------------------------------------------------------

cuped_difference = checks.task(
    "cuped_difference",
    hints={
        "theta": "theta = cov(before, outcome) / var(before): the slope of the line that "
        "predicts the outcome. One theta for both groups.",
        "adjust": "Take theta * before away from each visitor's outcome, in both groups, "
        "then compare the means as before. Do not centre each group by itself.",
        "name": "The name is cuped_difference; both arguments are (outcome, before).",
    },
)


@cuped_difference.expects("A past that says nothing changes nothing.", hint="theta")
def _(cuped_difference):
    flat = np.array([1.0, -1.0, -1.0, 1.0])
    up, down = np.array([4.0, 4.0, 6.0, 6.0]), np.array([1.0, 1.0, 3.0, 3.0])
    found = cuped_difference((up, flat), (down, flat))
    expect(near(found.estimate, 3), got=shown(found))


@cuped_difference.expects(
    "A head start that the past explains is taken away.", hint="adjust"
)
def _(cuped_difference):
    noise = np.tile([0.1, -0.1], 50)
    before_t, before_c = np.arange(100.0) + 5, np.arange(100.0)
    found = cuped_difference((before_t + noise, before_t), (before_c + noise, before_c))
    expect(abs(found.estimate) < 0.1, got=shown(found))


# 8. Many metrics --------------------------------------------------------------------

benjamini_hochberg = checks.task(
    "benjamini_hochberg",
    hints={
        "order": "Sort, adjust, and put the results back where they came from: "
        "order = np.argsort(p); adjusted[order] = ...",
        "holm": "The smallest of m times m, the next times m - 1, the last times 1. Then "
        "none may be smaller than the one before it: np.maximum.accumulate.",
        "bh": "The k-th smallest times m / k. Then none may be larger than the one after "
        "it: accumulate the minimum from the end.",
        "one": "No p-value is above 1.",
        "controls": "Holm limits the chance of any false alarm. Benjamini-Hochberg limits "
        "the expected share of false alarms among the alarms.",
    },
)


@benjamini_hochberg.expects("One p-value alone stays as it is.", hint="one")
def _(holm, benjamini_hochberg, controls):
    for function in (holm, benjamini_hochberg):
        found = np.asarray(function(np.array([0.03])))
        expect(found.shape == (1,) and near(found[0], 0.03), got=found)


@benjamini_hochberg.expects(
    "The smallest of three is multiplied by three.", hint="holm"
)
def _(holm, benjamini_hochberg, controls):
    for function in (holm, benjamini_hochberg):
        found = np.asarray(function(np.array([0.9, 0.01, 0.5])))
        expect(near(found[1], 0.03), got=found)


# 9. Verdicts ------------------------------------------------------------------------

verdict = checks.task(
    "verdict",
    hints={
        "order": "Go through the rules from the top; the first that holds decides. A "
        "broken split comes before everything else.",
        "size": "The smaller group decides whether the planned size was reached.",
        "guard": "The page is too slow for sure when the whole interval of page_ms lies "
        "above the limit: compare its low.",
        "pays": "No effect that pays is left when the whole interval lies below mde: "
        "compare high. Both 0 and mde inside: compare low too.",
        "fade": "One number a visitor: orders_week_1 - orders_week_4. It fades when "
        "treatment has more of it: the low of its interval at alpha=ALARM is above 0.",
        "picture": "Read the left and the right end of each bar against the line at 0.",
        "facts": "Run the cell above that prints facts, and paste what it prints.",
    },
)


@verdict.expects("The verdict is one of five words.", hint="order")
def _(verdict, crosses_zero, facts):
    frame = made()
    found = verdict(frame, n_per_group=1_000, mde=0.05, page_limit_ms=20.0)
    expect(found in VERDICTS, got=found)


@verdict.expects("A clear and lasting gain is shipped.", hint="pays")
def _(verdict, crosses_zero, facts):
    frame = made(treated=0.40)
    found = verdict(frame, n_per_group=1_000, mde=0.05, page_limit_ms=20.0)
    expect(found == "ship", got=found)


@verdict.expects("The facts are what the notebook printed.", hint="facts")
def _(verdict, crosses_zero, facts):
    keys = {"visitors", "control_percent", "treatment_percent", "p_value"}
    keys |= {"low_pp", "effect_pp", "high_pp"}
    expect(set(facts) == keys, got=sorted(facts))
    expect(set(crosses_zero) <= set(NAMES), got=crosses_zero)


NAMES = (
    "ranking_model",
    "one_page_checkout",
    "delivery_promise",
    "animated_deals",
    "photo_search",
)


def made(
    *,
    n: int = 1_000,
    lost: int = 0,
    base: float = 0.30,
    treated: float = 0.30,
    slower_ms: float = 0.0,
    fades: float = 0.0,
) -> pd.DataFrame:
    """Return an experiment without chance: exact shares, exact differences.

    Args:
        n: Visitors in control.
        lost: How many fewer are in treatment.
        base: Share of control that converts.
        treated: Share of treatment that converts.
        slower_ms: What treatment adds to each page.
        fades: How many more orders a treated visitor has in week 1 than in week 4.
    """
    parts = []
    for group, size, share in (("control", n, base), ("treatment", n - lost, treated)):
        is_treated = group == "treatment"
        place = np.arange(size)
        weekly = (place % 2).astype(float)  # half of them order in week 1, half in 4
        parts.append(
            pd.DataFrame(
                {
                    "group": group,
                    "converted": place < round(share * size),
                    "page_ms": 700 + 50.0 * (place % 3) + slower_ms * is_treated,
                    "orders_week_1": weekly + fades * is_treated,
                    "orders_week_4": 1 - weekly,
                    "browser": "chrome",
                    "day": 1 + place % 14,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


# 10. The page for the board -----------------------------------------------------------

BRIEF = Brief(
    sections=(
        ("What we tested", "What we did", "The test"),
        ("What we saw", "What happened", "Result"),
        ("How sure we are", "How sure are we", "How certain"),
        ("What we recommend", "Recommendation", "What we do next"),
        ("What we do not know", "Limits", "What could change our mind"),
    ),
    words=(200, 450),
    numbers={
        "effect": Number("pp", interval=True),
        "control_percent": Number("%"),
        "treatment_percent": Number("%"),
        "visitors": Number("visitors"),
    },
    terms=(("chance", "luck", "coincidence"), ("range", "between", "from")),
    avoid={
        "statistically significant": "say how large the effect may be, and how sure",
        "null hypothesis": "say: if the model changed nothing",
        "standard error": "give the range",
        "CUPED": "leave it out, or say: we allow for what each visitor bought before",
        "sample ratio mismatch": "say: one group lost visitors on the way",
        "SRM": "say: one group lost visitors on the way",
        "alpha": "leave it out",
        "variance": "say: people differ a lot in what they buy",
        "heavy tail": "say: a few people buy a great deal",
    },
    max_grade=9.0,
)

memo = checks.task(
    "memo",
    hints={
        "sections": "Five headings: what we tested, what we saw, how sure we are, what we "
        "recommend, what we do not know.",
        "numbers": "Give both percentages, the number of visitors and the effect in "
        "percentage points, from your facts.",
        "interval": "Both ends of the interval in one sentence, in percentage points.",
        "plain": "Shorter sentences, words that a board member uses. The review names the "
        "places.",
        "claims": "A test shows a range, it does not settle. Say what you saw and how sure "
        "you are.",
        "meaning": "Either leave the p-value out, or say beside it: if the model changed "
        "nothing, a difference this large would come up by chance so often.",
    },
)


@memo.expects("The page and the facts behind it are there.", hint="sections")
def _(memo, facts):
    score = review(memo, facts).score
    message = "Half of the review must be met. The cell above shows what to mend."
    expect(score >= 0.5, got=f"{score:.2f}", message=message)


for sentence, hint, criteria in (
    ("Five sections, in 200 to 450 words.", "sections", ("sections", "length")),
    ("The numbers are yours, with their units.", "numbers", ("numbers",)),
    ("The effect comes with both ends of its interval.", "interval", ("intervals",)),
    ("A board member can read it.", "plain", ("jargon", "reading", "terms")),
    ("It claims no more than the test shows.", "claims", ("claims",)),
):

    @memo.expects(sentence, hint=hint, part=True)
    def _(memo, facts, criteria=criteria):
        met = review(memo, facts).by_criterion
        shares = {name: round(met[name], 2) for name in criteria}
        expect(min(shares.values()) > 0.99, got=shares, message="1 is all of it.")


MENTION = re.compile(r"\bp[\s-]?value|\bp\s*[=<>]|\bchance that (?:the|our|it)\b", re.I)
MEANING = re.compile(
    r"\b(?:if|were|had|suppose)\b.{0,80}\b(?:no|not|nothing|same)\b"
    r"|\bwithout (?:an?|any) (?:effect|difference|gain)\b",
    re.I | re.S,
)
# A range may be trusted to 95 %; that the model works, or does nothing, may not.
WRONG = re.compile(
    r"(?:%|per\s?cent)\s+(?:"
    r"(?:chance|probability|likel\w+|sure|certain)\s+that\s+(?:the|our|it|this)\b"
    r"|confiden\w+\s+that\s+(?:it|this|(?:the|our)\s+(?:new\s+)?"
    r"(?:model|rank\w+|order|version|page|launch))\b)"
    r"|\b(?:chance|probability|likelihood)\s+(?:that\s+there\s+(?:is|was)|of)\s+no\s+"
    r"(?:effect|difference|gain|change)\b",
    re.I,
)
DENIED = re.compile(r"\b(?:no|not|never)\b|n't\b", re.I)
SENTENCE_END = re.compile(r"[.?!]\s|\n\s*\n")


@memo.expects("A p-value never stands without its meaning.", hint="meaning", part=True)
def _(memo, facts):
    for found in MENTION.finditer(memo):
        around = memo[max(0, found.start() - 250) : found.end() + 250]
        expect(MEANING.search(around), got=around[200:320])
    for wrong in WRONG.finditer(memo):
        before = SENTENCE_END.split(memo[: wrong.start()])[-1]
        expect(
            DENIED.search(before),
            got=memo[wrong.start() : wrong.end() + 60],
            message="No interval and no p-value is the chance that something is true.",
        )


def review(memo: str, facts: dict[str, float]) -> Any:
    """Review the page; the result shows what to mend."""
    if not is_attempted(facts):
        return "Paste your facts in task 9 first."
    values: dict[str, Any] = {
        name: facts[name]
        for name in ("control_percent", "treatment_percent", "visitors")
    }
    values["effect"] = (facts["low_pp"], facts["effect_pp"], facts["high_pp"])
    return BRIEF.review(memo, values=values)
