"""Checks and hints of lab 18. The hidden tests stand in the grader's notebook only."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mlcourse.cards import (
    Card,
    CardReview,
    Estimate,
    describe_lineage,
    read_card,
    review_card,
    typed_figures,
)
from mlcourse.checks import Checks, expect, expect_error
from mlcourse.writing import Brief, Review

checks = Checks("18_model_card")


# 1. Rates of groups -----------------------------------------------------------------

rates_by_group = checks.task(
    "rates_by_group",
    hints={
        "count": "Take one group at a time: its payments are those where group == name. "
        "Recall is the mean of held over its frauds, the false-alarm rate the mean of "
        "held over its honest payments.",
        "resample": "Draw as many payments of the group as it has, with replacement, and "
        "compute both rates on the drawn ones; do this draws times. The interval is two "
        "quantiles of these rates, not of the payments. Only four counts matter, so "
        "rng.multinomial can draw all samples at once.",
        "level": "With level 0.9, five of a hundred draws lie below the interval and five "
        "above: the quantiles (1 - level) / 2 and (1 + level) / 2.",
        "empty": "Divide only where there is something to divide by. A group without "
        "fraud gets NaN; a draw without fraud is left out of the quantile.",
        "rng": "Call the methods of rng and nothing else, and do not make a generator.",
    },
)


@rates_by_group.expects("Recall and false alarms are counted right.", hint="count")
def _(rates_by_group, march, rng):
    table = rates_by_group(
        march["fraud"], march["held"], march["region"], rng=rng, draws=50
    )
    columns = ["payments", "frauds", "recall", "recall_low", "recall_high"]
    columns += ["alarm", "alarm_low", "alarm_high"]
    expect(list(table.columns) == columns, got=list(table.columns))
    expect(table["payments"].sum() == len(march), got=table["payments"].sum())
    hits = (table["recall"] * table["frauds"]).sum()
    expect(
        np.isclose(hits, (march["fraud"] & march["held"]).sum()),
        got=table["recall"].round(3).to_dict(),
        message="Recall times frauds does not add up to the frauds held.",
    )
    alarms = (table["alarm"] * (table["payments"] - table["frauds"])).sum()
    expect(
        np.isclose(alarms, (march["honest"] & march["held"]).sum()),
        got=table["alarm"].round(3).to_dict(),
        message="These rates do not add up to the honest payments held.",
    )


@rates_by_group.expects("Each interval lies around its rate.", hint="resample")
def _(rates_by_group, march, rng):
    table = rates_by_group(march["fraud"], march["held"], march["age_band"], rng=rng)
    for rate in ("recall", "alarm"):
        low, high = table[f"{rate}_low"], table[f"{rate}_high"]
        inside = (low < table[rate]) & (table[rate] < high)
        expect(inside.all(), got=table[[rate, f"{rate}_low", f"{rate}_high"]].round(3))


# 2. Two definitions of fair -----------------------------------------------------------

equal_opportunity_gap = checks.task(
    "equal_opportunity_gap",
    hints={
        "share": "The share of a group is the mean of good over its rows. The gap is the "
        "largest share minus the smallest, so it is never negative.",
        "deserving": "Equal opportunity is demographic parity among the deserving: keep "
        "their rows only, then take the same gap.",
        "nobody": "If you keep the rows of the deserving first, a group without any is "
        "not there any more, and cannot give 0 or NaN.",
        "fairlearn": "Compare with fairlearn on your own small frames: "
        "demographic_parity_difference(y_true, y_pred, sensitive_features=...). Mind "
        "the index if you mix Series and arrays.",
        "good": "To a payer, the good thing is that the payment goes through: accepted. "
        "Who deserves it? The honest one.",
    },
)


@equal_opportunity_gap.expects("The gap in shares is right.", hint="share")
def _(demographic_parity_gap):
    good = pd.Series([True, True, False, True, False, False])
    value = demographic_parity_gap(good, pd.Series(list("aabbbb")))
    expect(np.isclose(value, 0.75), got=value)


@equal_opportunity_gap.expects("Only the deserving count.", hint="deserving")
def _(equal_opportunity_gap):
    deserving = np.array([True, False, True, True, False, True])
    good = np.array([True, False, False, True, True, True])
    value = equal_opportunity_gap(deserving, good, np.array(list("aaabbb")))
    expect(np.isclose(value, 0.5), got=value)


@equal_opportunity_gap.expects("gaps holds two shares.", hint="good")
def _(gaps):
    expect(sorted(gaps) == ["opportunity", "parity"], got=gaps)
    expect(all(0 <= float(value) <= 1 for value in gaps.values()), got=gaps)


# 3. The price of fairness ---------------------------------------------------------------

trade_off = checks.task(
    "trade_off",
    hints={
        "quantile": "If a tenth of some rows shall reach the threshold, nine tenths lie "
        "below it: quantile 1 - rate of the chosen rows, group by group.",
        "cost": "Three terms: the amount where fraud was not held, LOOK_EUR for each held "
        "payment, ANNOY_EUR where held and honest. Mean over the payments, times 1,000.",
        "ends": "At weight 0 the rows that choose are the honest ones, at weight 1 the "
        "frauds. Each end aims at one rate for all bands: what these rows of tune have "
        "with the one threshold. In the recall gap, the frauds are the deserving, and "
        "held is the good thing.",
        "judge": "Thresholds come from tune. Map them to the bands of judge, and take "
        "held, gaps and cost from judge alone. A mapped categorical is still one: "
        "astype(float) makes numbers of it. Held is >=, for a tie too.",
    },
)


@trade_off.expects(
    "Half of the chosen rows reach a threshold for 0.5.", hint="quantile"
)
def _(thresholds_for):
    score = pd.Series([1.0, 2.0, 3.0, 9.0, 10.0, 20.0, 99.0])
    rows = pd.Series([True, True, True, False, True, True, False])
    found = thresholds_for(score, rows, pd.Series(list("aaaabbb")), rate=0.5)
    expect(dict(found) == {"a": 2.0, "b": 15.0}, got=dict(found))


@trade_off.expects("One missed fraud of €50 in ten payments costs 5,000.", hint="cost")
def _(cost_per_1000):
    fraud = pd.Series([True] + 9 * [False])
    amount = pd.Series([50.0] + 9 * [20.0])
    value = cost_per_1000(amount, fraud, pd.Series(10 * [False]))
    expect(np.isclose(value, 5000), got=value)


@trade_off.expects("The two ends close different gaps.", hint="ends")
def _(trade_off, february, THRESHOLD):
    table = trade_off(february, february, threshold=THRESHOLD, weights=[0, 1])
    expect(
        list(table.columns) == ["alarm_gap", "recall_gap", "cost_eur"],
        got=list(table.columns),
    )
    expect(
        table["alarm_gap"].idxmin() == 0 and table["recall_gap"].idxmin() == 1,
        got=table.round(4),
    )


# 4. What moves the score ----------------------------------------------------------------

contributions = checks.task(
    "contributions",
    hints={
        "permute": "permutation_importance(model, frame[features], frame['fraud'], "
        "scoring='average_precision', n_repeats=repeats, random_state=...) has "
        "importances_mean and importances_std, in the order of the columns. The "
        "random_state must be an int: int(rng.integers(2**31)).",
        "sum": "The log-odds are intercept + sum of coefficient times column. Subtract "
        "the same for the average of the prepared background: the intercept goes, the "
        "differences stay.",
        "source": "A category becomes several columns. SOURCES names the feature of each "
        "column, in order: transpose, group by SOURCES, sum, transpose back.",
        "order": "Take the columns in the order of FEATURES at the end, and keep the "
        "index of the rows.",
    },
)


@contributions.expects("An average payment has nothing to explain.", hint="sum")
def _(contributions, march):
    some = march.iloc[:300]
    mean = contributions(some, some).mean()
    expect(np.allclose(mean, 0, atol=1e-9), got=mean.round(4).to_dict())


@contributions.expects("Each feature has one column, in order.", hint="source")
def _(contributions, march, FEATURES):
    found = contributions(march.iloc[:3], march.iloc[:300])
    expect(list(found.columns) == FEATURES, got=list(found.columns))


@contributions.expects("The table has a mean and a spread.", hint="permute")
def _(importance_table, model, march, FEATURES, rng):
    table = importance_table(
        model, march.iloc[:500], features=FEATURES, rng=rng, repeats=2
    )
    expect(list(table.columns) == ["mean", "sd"], got=list(table.columns))
    expect(set(table.index) == set(FEATURES), got=list(table.index))


# 5. Personal data -----------------------------------------------------------------------

release = checks.task(
    "release",
    hints={
        "groups": "groupby(columns, observed=True, dropna=False).size() has the groups "
        "that occur, those with missing values too. k is the smallest; the groups of "
        "size 1 are the rows that are alone.",
        "small": "Give each row the size of its group, for example with "
        "groupby(...)[column].transform('size'), and keep those of at least k. Hold the "
        "sizes in a Series of their own, not in a column of the caller's frame.",
        "order": "sample(frac=1, random_state=rng) shuffles; reset_index(drop=True) "
        "numbers anew. Keep no column but quasi and others.",
        "erase": "Three sets: older than keep_days (strictly), requested, disputed. The "
        "first two are joined, the third is taken away from both.",
    },
)


@release.expects("k and the lonely share of five rows.", hint="groups")
def _(anonymity):
    frame = pd.DataFrame({"a": [1, 1, 2, 2, 3], "b": list("xxyyz")})
    value = anonymity(frame, ["a", "b"])
    expect(np.allclose(tuple(value), (1, 0.2)), got=value)


@release.expects("A released sample is k-anonymous.", hint="small")
def _(release, anonymity, march, rng):
    sample = release(march, ["region", "hour"], ["held"], k=30, rng=rng)
    expect(list(sample.columns) == ["region", "hour", "held"], got=list(sample.columns))
    value = anonymity(sample, ["region", "hour"])
    expect(value[0] >= 30, got=value)


@release.expects("What is old is due, what is disputed is not.", hint="erase")
def _(due_for_erasure, march):
    late = march["paid_at"].max() + pd.Timedelta(days=400)
    one = march["payment_id"].iloc[0]
    due = due_for_erasure(
        march.iloc[:50], today=late, keep_days=365, requested=set(), disputed={one}
    )
    expect(not due.iloc[0] and due.iloc[1:].all(), got=due.sum())


# 6. Slices ------------------------------------------------------------------------------

weak_slices = checks.task(
    "weak_slices",
    hints={
        "slices": "combinations(columns, 1) and combinations(columns, 2); for each, "
        "frame.groupby(list(cut), observed=True).indices gives the positions of the rows "
        "of each slice. Index bad by position.",
        "fisher": "The table is [[bad inside, good inside], [bad outside, good outside]], "
        "and alternative='greater' asks whether the odds of bad are higher inside.",
        "holm": "multipletests(p, method='holm')[1] over the tested slices only, all of "
        "them at once. Then compare with alpha.",
        "small": "A slice with fewer than least rows stays in the table, with NaN for p "
        "and p_holm. NaN <= alpha is False, so it is not weak.",
    },
)


@weak_slices.expects("Singles and pairs are there, under their names.", hint="slices")
def _(weak_slices):
    frame = pd.DataFrame({"a": list("xxyy") * 20, "b": list("pq") * 40})
    bad = np.array([True, False, False, False] * 20)
    table = weak_slices(bad, frame, ["a", "b"], least=10)
    names = {"a=x", "a=y", "b=p", "b=q"}
    names |= {f"a={a} & b={b}" for a in "xy" for b in "pq"}
    expect(set(table.index) == names, got=sorted(table.index))
    expect(table["rate"].idxmax() == "a=x & b=p", got=table["rate"].to_dict())
    columns = ["cases", "rate", "p", "p_holm", "weak"]
    expect(list(table.columns) == columns, got=list(table.columns))


@weak_slices.expects("Correction makes no p smaller.", hint="holm")
def _(weak_slices, march):
    table = weak_slices(march["held"], march, ["region", "channel"], least=500)
    tested = table[table["p"].notna()]
    expect((tested["p_holm"] >= tested["p"]).all(), got=tested[["p", "p_holm"]].head())
    expect(tested["p"].between(0, 1).all(), got=tested["p"].head())


# 7. Lineage -----------------------------------------------------------------------------

lineage_of = checks.task(
    "lineage_of",
    hints={
        "alias": "get_model_version_by_alias(name, alias) knows the version and its "
        "run_id. Ask each time: an alias moves.",
        "run": "get_run(run_id).data has tags, params and metrics.",
        "gaps": "A tag that was never set is not in the dict of tags: get(tag, ''). "
        "Then list the keys whose value is empty, in the order of the docstring.",
    },
)


@lineage_of.expects("The champion's record is the registry's.", hint="run")
def _(lineage_of, second):
    seen = lineage_of("fraud-score", "champion")
    keys = {
        "version",
        "run_id",
        "data_hash",
        "code_version",
        "params",
        "metrics",
        "gaps",
    }
    expect(set(seen) == keys, got=sorted(seen))
    expect(seen["version"] == int(second), got=seen["version"])
    expect("recall" in seen["metrics"] and "penalty" in seen["params"], got=seen)
    expect(len(seen["data_hash"]) == 64, got=seen["data_hash"])


# 8. Filling -----------------------------------------------------------------------------

fill = checks.task(
    "fill",
    hints={
        "estimates": "Walk over tables.items(), then table.iterrows(). Honest payments "
        "are payments minus frauds. A row holds NumPy's numbers: float(...) and int(...) "
        "make plain ones. The table 'all' adds nothing to the key, and its "
        "slice is empty. np.isnan(rate) is passed over.",
        "typed": "typed_figures(template) gives the typed ones: raise ValueError with all "
        "of them in its message. template.format_map(numbers) does the rest, and raises "
        "KeyError by itself.",
        "data": "One EvalResult(...) for each estimate with an n, its value as it is. "
        "ModelCardData takes them as eval_results and needs model_name.",
    },
)


@fill.expects("The keys are those of the docstring.", hint="estimates")
def _(estimates, tables):
    made = estimates(tables)
    for key in ("recall", "alarm", "recall/age_band=65+", "alarm/region=islands"):
        expect(key in made, got=sorted(made)[:12], message=f"It lacks {key}.")
    one = made["recall/age_band=65+"]
    expect(one.slice == "age band 65+", got=one)
    kinds = [type(value).__name__ for value in (one.value, one.low, one.high, one.n)]
    expect(
        kinds == ["float", "float", "float", "int"],
        got=kinds,
        message="value, low and high must be plain floats, n an int: YAML cannot "
        "write NumPy's.",
    )


@fill.expects("A text is filled, and a typed figure is refused.", hint="typed")
def _(fill):
    known = {"alarm": Estimate(metric="false alarm rate", value=0.042)}
    shown = fill("The false alarm rate is {alarm}.", known)
    expect(shown == "The false alarm rate is 4.2 %.", got=shown)
    expect_error(ValueError, fill, "The false alarm rate is 4.2 %.", known)


@fill.expects("The metadata has a result for each estimate with an n.", hint="data")
def _(card_data):
    known = {"recall": Estimate(metric="recall", value=0.25, n=8)}
    data = card_data(known, version=3)
    expect(len(data.eval_results) == 1, got=data.eval_results)
    expect("0.25" in data.to_yaml(), got=data.to_yaml())


# 9. The text ----------------------------------------------------------------------------

SECTIONS = (
    ("Intended use", "Factors", "Quantitative analyses")
    + ("Ethical considerations", "Caveats and recommendations")
)  # fmt: skip
BRIEF = Brief(
    sections=SECTIONS,
    words=(300, 750),
    terms=("out of scope", "interval", "honest", "resample", "k-anonymous", "erasure"),
    max_grade=12,
)
TEXTS = {
    "details": "Logistic regression on fourteen features of a card payment, made by the "
    "payments team of Tidemark. Questions and complaints go to the review desk.",
    "metrics": "Recall is the share of frauds that are held. The false alarm rate is the "
    "share of honest payments that are held. Both are taken at the threshold in use, "
    "with 95 % bootstrap intervals.",
    "evaluation": "All card payments of the last four of twelve weeks in spring. Labels "
    "are final: each payment had its time to be disputed. The share of fraud is raised; "
    "it is {fraud} here. Simulated data of the course.",
    "training": "All card payments of the first four of the same twelve weeks, the same "
    "columns and the same process. The threshold was chosen on the weeks in between.",
}


class _Known(dict[str, Any]):
    """Numbers, with a visible mark in place of those that are not there."""

    def __missing__(self, key: str) -> str:
        return f"(no number {key})"


def filled(prose: str, numbers: dict[str, Estimate]) -> str:
    """Return the text with its numbers put in, and unknown names marked."""
    try:
        return str(prose).format_map(_Known(numbers))
    except ValueError as error:
        return f"{prose}\n\n(cannot be filled: {error})"


def review(prose: str, numbers: dict[str, Estimate]) -> Review:
    """Review the filled text as a text; the result shows what to mend."""
    return BRIEF.review(filled(prose, numbers))


def complete_card(
    prose: str, numbers: dict[str, Estimate], *, lineage: Any = None
) -> Card:
    """Return the card: the learner's sections, and those that a program can fill.

    With a lineage, the record and the tables of all slices are added.
    """
    written = dict(read_card(filled(prose, numbers), title="Fraud score").texts)
    texts = {name: filled(text, numbers) for name, text in TEXTS.items()} | written
    if lineage is not None:
        texts["details"] += "\n\n" + describe_lineage(lineage)
        texts["analyses"] = texts.get("analyses", "") + "\n\n" + table_of(numbers)
    return Card("Fraud score of Tidemark", texts)


def table_of(numbers: dict[str, Estimate]) -> str:
    """Return all rates by slice as a Markdown table."""
    rows = [
        f"| {e.metric} | {e.slice or 'all'} | {e} | {e:interval} | {e:n} |"
        for key, e in numbers.items()
        if e.n is not None and not key.startswith("worst")
    ]
    head = "| metric | slice | value | 95 % interval | cases |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def audit(prose: str, numbers: dict[str, Estimate]) -> CardReview:
    """Read the card as an auditor would; the result shows what to mend."""
    worst = replace(numbers["worst/recall"])
    return review_card(complete_card(prose, numbers), numbers, worst=worst)


prose = checks.task(
    "prose",
    hints={
        "typed": "Write the name of a number in braces in place of its digits: the table "
        "above lists all names. Groups have names too: {recall/age_band=65+:slice}.",
        "sections": "Five headings of level two, with exactly these names, and 300 to 750 "
        "words in all.",
        "numbers": "Name the metric in the sentence of each number, in the table's words, "
        "and its slice. An overall number in a sentence about a slice needs the word "
        "overall.",
        "worst": "Under Quantitative analyses: {worst/recall:slice} with {worst/recall}, "
        "and {worst/alarm:slice} with {worst/alarm}.",
        "terms": "Six words: out of scope, interval, honest, resampled, k-anonymous, "
        "erasure. Each in a sentence that says something about it.",
        "plain": "Shorter sentences and shorter words. The review names the heaviest "
        "sentence.",
        "claims": "A sentence that judges the model owes its number, and no data carries "
        "'always' or 'guarantees'. The two reviews name the places.",
    },
)


@prose.expects("No number is typed, and all names are known.", hint="typed")
def _(prose, numbers):
    typed = typed_figures(str(prose))
    expect(not typed, got=", ".join(typed), message="These were typed.")
    text = filled(prose, numbers)
    marks = [part.split(")")[0] for part in text.split("(no number ")[1:]]
    expect(not marks, got=marks, message="The evaluation has no such number.")
    expect("(cannot be filled" not in text, got=text.rpartition("(")[2])


@prose.expects("It is a text for a card: its headings are sections.", hint="sections")
def _(prose, numbers):
    complete_card(prose, numbers)
    score = review(prose, numbers).score
    expect(score >= 0.5, got=f"{score:.2f}", message="Half of the review must be met.")


for sentence, hint, criteria in (
    ("Five sections, 300 to 750 words.", "sections", ("sections", "length")),
    ("The words that the review needs are used.", "terms", ("terms",)),
    ("A reader who never trained a model can read it.", "plain", ("reading",)),
    ("It claims no more than data can carry.", "claims", ("claims",)),
):

    @prose.expects(sentence, hint=hint, part=True)
    def _(prose, numbers, criteria=criteria):
        met = review(prose, numbers).by_criterion
        shares = {name: round(met[name], 2) for name in criteria}
        expect(min(shares.values()) > 0.99, got=shares, message="1 is all of it.")


for sentence, hint, criterion in (
    ("Each number stands under its own name.", "numbers", "numbers"),
    ("A sentence that judges brings a number.", "claims", "claims"),
):

    @prose.expects(sentence, hint=hint, part=True)
    def _(prose, numbers, criterion=criterion):
        faults = [str(fault) for fault in audit(prose, numbers).of(criterion)]
        expect(not faults, got="; ".join(faults[:3]))


# 10. Questions --------------------------------------------------------------------------

answers = checks.task(
    "answers",
    hints={
        "form": "A dict with the five keys held_most, price, carrier, same_data, lost. "
        "Each value is Reply(answer, rests_on).",
        "rests": "rests_on says where the answer comes from. For the unknown, say what "
        "you would measure, on whom, and how, in at least eight words.",
        "picture": "The right panel of the first picture, age bands only.",
        "price": "The end of equal false alarms, weight 0, minus today: curve['cost_eur'].iloc[0] and "
        "today['cost_eur'].",
        "carrier": "The table that compares the terms of held honest young payments with "
        "those of the others: its first row.",
        "same": "Compare champion['data_hash'] with the fingerprint of train[COLUMNS].",
        "unknown": "Which question asks for something that nobody has ever recorded? Say "
        "so for this one, and for no other.",
    },
)


@answers.expects("Five answers, each with what it rests on.", hint="form")
def _(answers):
    keys = {"held_most", "price", "carrier", "same_data", "lost"}
    expect(set(answers) == keys, got=sorted(answers))
    for key, reply in answers.items():
        expect(
            len(reply) == 2 and len(str(reply[1]).split()) >= 3,
            got=f"{key}: {reply}",
            message="An answer and what it rests on.",
        )


@answers.expects("The unknown says what would have to be measured.", hint="rests")
def _(answers, WE_DO_NOT_KNOW):
    unknown = [
        r for r in answers.values() if isinstance(r[0], str) and r[0] == WE_DO_NOT_KNOW
    ]
    expect(len(unknown) > 0, got="no answer is WE_DO_NOT_KNOW")
    for reply in unknown:
        expect(len(str(reply[1]).split()) >= 8, got=reply[1])
