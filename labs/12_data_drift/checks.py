"""Checks and hints of lab 12. The hidden tests stand in the grader's notebook only."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mlcourse.checks import Checks, expect
from mlcourse.checks.todo import is_attempted
from mlcourse.datasets import Incident, make_payments
from mlcourse.drift import judge_pages
from mlcourse.writing import Brief, Number
from mlcourse.writing.markdown import passages

checks = Checks("12_data_drift")

# The data of the story --------------------------------------------------------------

BASELINE, AUGUST = date(2026, 1, 5), date(2026, 8, 3)
SALE = Incident("seasonal", date(2026, 2, 9), date(2026, 2, 15))
SCRIPT = (
    Incident("sudden", date(2026, 8, 11), columns=("new_device",), size=0.25),
    Incident("harmless", date(2026, 8, 18), size=2.0),
    Incident("joint", date(2026, 8, 24), columns=("amount_eur",)),
)


def august(rng: np.random.Generator, *, faults: bool = True) -> Any:
    """Return the payments of four weeks from 3 August; without faults the true record."""
    script = SCRIPT if faults else SCRIPT[1:2]
    return make_payments(14_000, rng=rng, start=AUGUST, days=28, incidents=script)


def lost_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in which a quarter of the devices is taken for new."""
    lost = np.random.default_rng(25).random(len(rows)) < 0.25
    return rows.assign(new_device=rows["new_device"] | lost)


def twice_as_long(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with sessions of twice the length."""
    return rows.assign(session_minutes=2 * rows["session_minutes"])


def report(*columns: tuple[str, str, float, float]) -> dict[str, Any]:
    """Return a snapshot as Evidently 0.7 gives it, of (column, method, value, limit)."""
    keys = ("column", "method", "threshold")
    kind = "evidently:metric_v2:"
    head = {"config": {"type": kind + "DriftedColumnsCount"}, "value": {"count": 1.0}}
    rest = [
        {
            "config": dict(zip(keys, (c, m, t), strict=True), type=kind + "ValueDrift"),
            "value": v,
        }
        for c, m, v, t in columns
    ]
    return {"metrics": [head, *rest], "tests": []}


def other_month(seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, date]]:
    """Return scores of calm days, of a month, and the first day of each of its drifts."""
    rng = np.random.default_rng(seed)
    sizes = {"age": 0.02, "price": 0.5, "hour": 3.0, "kind": 0.004, "city": 0.1}
    days = pd.date_range("2026-01-01", periods=148)
    scores = pd.DataFrame(
        {name: size * rng.chisquare(9, 148) / 9 for name, size in sizes.items()}, days
    )
    month = scores[120:].copy()
    month.loc["2026-05-09":, "hour"] *= 8
    month.loc["2026-05-20":, "kind"] *= 8
    return scores[:120], month, {"hour": date(2026, 5, 9), "kind": date(2026, 5, 20)}


# 1. The index -----------------------------------------------------------------------

psi = checks.task(
    "psi",
    hints={
        "start": "Three steps: the share of each bin in the past, the share of the same "
        "bins today, the sum of (c - r) * log(c / r).",
        "cuts": "np.quantile(reference, ...) gives the cuts. Use them for both samples; "
        "today's data never moves a cut.",
        "ties": "np.unique removes equal cuts. np.searchsorted(cuts, values) with "
        "side='left' puts a value on a cut into the bin below.",
        "open": "np.searchsorted on the inner cuts has no lower and no upper end. "
        "np.histogram drops what lies outside.",
        "empty": "Take the union of the values of both sides, give a missing one the share "
        "0, then np.clip(share, EMPTY, None) on both sides.",
    },
)


@psi.expects("Equal samples have an index of 0.", hint="start")
def _(psi):
    for values in (pd.Series(np.arange(50.0)), pd.Series(list("aab"))):
        expect(abs(psi(values, values)) < 1e-12, got=psi(values, values))


@psi.expects("Shares of a half that become 25 and 75 % give 0.27.", hint="start")
def _(psi):
    old, new = pd.Series(["a", "b"]), pd.Series(["a", "b", "b", "b"])
    expect(abs(psi(old, new) - 0.2747) < 1e-3, got=psi(old, new))


@psi.expects(
    "So do numbers, cut at the median of the past: 1, 2, 3, 4 that become 1, 4, 4, 4.",
    hint="cuts",
)
def _(psi):
    old, new = pd.Series([1.0, 2, 3, 4]), pd.Series([1.0, 4, 4, 4])
    expect(abs(psi(old, new, bins=2) - 0.2747) < 1e-3, got=psi(old, new, bins=2))


@psi.expects("So do values outside of the past: 0, 9, 9, 9.", hint="open")
def _(psi):
    old, new = pd.Series([1.0, 2, 3, 4]), pd.Series([0.0, 9, 9, 9])
    expect(abs(psi(old, new, bins=2) - 0.2747) < 1e-3, got=psi(old, new, bins=2))


# 2. Three more measures -------------------------------------------------------------

compare_categories = checks.task(
    "compare_categories",
    hints={
        "ks": "ks_2samp(reference, current) has .statistic and .pvalue.",
        "align": "The union of the values of both sides, counted on each side, with 0 where "
        "a value is missing. Turn a category into plain objects first, or its unused "
        "levels are counted too.",
        "counts": "chi2_contingency takes counts. Shares hide how many rows there are.",
        "base": "jensenshannon takes base=2; it gives the distance, already a root.",
        "picture": "Its shape stays and every bar moves by the same step on the scale of "
        "powers of ten.",
    },
)


@compare_categories.expects("Far numbers have a gap of 1, equal ones of 0.", hint="ks")
def _(compare_numbers):
    low, high = pd.Series(np.arange(30.0)), pd.Series(np.arange(30.0) + 99)
    found = compare_numbers(low, high)
    expect(set(found) == {"ks", "p"}, got=found)
    expect(found["ks"] == 1 and found["p"] < 1e-9, got=found)
    found = compare_numbers(low, low)
    expect(found["ks"] == 0 and found["p"] > 0.99, got=found)


@compare_categories.expects(
    "Categories that share nothing have a distance of 1.", hint="base"
)
def _(compare_categories):
    found = compare_categories(pd.Series(["a"] * 40), pd.Series(["b"] * 40))
    expect(set(found) == {"js", "p"}, got=found)
    expect(abs(found["js"] - 1) < 1e-9, got=found)


@compare_categories.expects("A number of the picture is named.", hint="picture")
def _(moved):
    drawn = (
        "amount_eur",
        "account_age_days",
        "delivery_distance_km",
        "session_minutes",
    )
    expect(moved in drawn, got=moved)


# 3. Evidently -----------------------------------------------------------------------

drift_table = checks.task(
    "drift_table",
    hints={
        "rows": "Go through snapshot['metrics'], keep the entries whose config has the "
        "type of a ValueDrift, and set the column as index.",
        "direction": "method.endswith('p_value') tells the two apart: value < threshold "
        "for a p-value, value >= threshold for a distance.",
    },
)


@drift_table.expects("A report becomes a table of its columns.", hint="rows")
def _(drift_table):
    rows = ("age", "K-S p_value", 0.01, 0.05), ("city", "psi", 0.01, 0.1)
    found = drift_table(report(*rows))
    expect(list(found) == ["method", "value", "threshold", "drifted"], got=list(found))
    expect(found.index.name == "column", got=found.index.name)
    expect(list(found.index) == ["age", "city"], got=list(found.index))
    expect(found["drifted"].tolist() == [True, False], got=found["drifted"].tolist())


why_psi = checks.task(
    "why_psi",
    hints={
        "choice": "Look at the column method of both rows: it is another one. Which rule "
        "chose it, and what is it divided by?",
        "bins": "In utils.py, get_binned_data: np.histogram_bin_edges of both samples "
        "together. What are quantiles, and what are equal steps?",
    },
)


@why_psi.expects("Two letters from A to E.", hint="choice")
def _(why_verdict, why_psi):
    for letter in (why_verdict, why_psi):
        expect(str(letter).strip().upper() in set("ABCDE"), got=letter)


# 4. Compare with what ---------------------------------------------------------------

usual_rows = checks.task(
    "usual_rows",
    hints={
        "weekday": "baseline['day'].dt.dayofweek against day.dayofweek.",
        "before": "days < day, not <=: a day must not be its own yardstick.",
        "special": "baseline['day'].dt.date.isin(special), turned round with ~.",
    },
)
WEEKS = pd.DataFrame({"day": pd.date_range("2026-01-05", periods=28)})


def _dates(found: pd.DataFrame) -> list[str]:
    return [f"{day:%a %d}" for day in found["day"]]


@usual_rows.expects("A Wednesday is compared with Wednesdays.", hint="weekday")
def _(usual_rows):
    found = _dates(usual_rows(pd.Timestamp("2026-03-04"), WEEKS))
    expect(found == ["Wed 07", "Wed 14", "Wed 21", "Wed 28"], got=found)


@usual_rows.expects("Only days before it, never the day itself.", hint="before")
def _(usual_rows):
    found = _dates(usual_rows(pd.Timestamp("2026-01-21"), WEEKS))
    expect(found == ["Wed 07", "Wed 14"], got=found)


@usual_rows.expects("Special days are left out.", hint="special")
def _(usual_rows):
    special = (date(2026, 1, 14), date(2026, 1, 15))
    found = _dates(usual_rows(pd.Timestamp("2026-03-04"), WEEKS, special))
    expect(found == ["Wed 07", "Wed 21", "Wed 28"], got=found)


# 5. A page people believe -----------------------------------------------------------

page_limit = checks.task(
    "page_limit",
    hints={
        "any": "The chance that none alarms is (1 - alpha) to the power of all looks: "
        "features times days.",
        "noise": "calm.quantile(0.95) has one number a feature; calm / noise divides each "
        "column by its own.",
        "quantile": "The largest of each day is .max(axis=1). One day in 30 is above its "
        "quantile 1 - 1 / 30.",
    },
)


@page_limit.expects("Seven features at 5 % alarm on 30 % of calm days.", hint="any")
def _(any_alarm):
    expect(abs(any_alarm(0.05, 7) - 0.3017) < 1e-3, got=any_alarm(0.05, 7))
    expect(abs(any_alarm(0.05, 1, 7) - 0.3017) < 1e-3, got=any_alarm(0.05, 1, 7))


@page_limit.expects("Noise has one number a feature.", hint="noise")
def _(calm_noise):
    table = pd.DataFrame({"a": np.arange(101.0), "b": 10 * np.arange(101.0)})
    found = calm_noise(table)
    expect(dict(found) == {"a": 95.0, "b": 950.0}, got=dict(found))


@page_limit.expects("A rarer page needs a higher limit.", hint="quantile")
def _(page_limit):
    calm, _, _ = other_month(5)
    often, seldom = page_limit(calm, 5), page_limit(calm, 60)
    expect(often < seldom, got=[often, seldom])


# 6. August --------------------------------------------------------------------------

watch = checks.task(
    "watch",
    hints={
        "units": "scores > limit * noise compares each column with its own number.",
        "row": "above & above.shift(1, fill_value=False) is true on the second day of two "
        "in a row of the same feature.",
        "feature": "Ask for two days in a row column by column, not whether any feature is "
        "above on both days.",
        "since": "since is the row before the first True, paged is that row; "
        "index[i].date() gives the date.",
        "once": "At most one page a feature: the first. Sort by (page.paged, "
        "page.feature).",
    },
)


@watch.expects("A calm table has no page.", hint="units")
def _(watch):
    calm, _, _ = other_month()
    expect(list(watch(calm, calm.max(), 1.0)) == [], got=watch(calm, calm.max(), 1.0))


@watch.expects("The page names the feature and both days.", hint="since")
def _(watch):
    days = pd.date_range("2026-05-01", periods=5)
    table = pd.DataFrame({"a": [0, 0, 9.0, 9, 9], "b": 0.0}, days)
    found = [tuple(p) for p in watch(table, pd.Series({"a": 1.0, "b": 1.0}), 5.0)]
    expect(found == [("a", date(2026, 5, 3), date(2026, 5, 4))], got=found)


@watch.expects(
    "August: each drift within three days, at most one false page.", hint="row"
)
def _(watch, today, noise, limit, live):
    drifts = {
        name: incident.first_day
        for incident in live.truth.incidents
        for name in incident.columns
        if incident.kind != "joint"
    }
    found = judge_pages(watch(today, noise, limit), drifts)
    expect(not found.missed and max(found.delays.values()) <= 3, got=found.delays)
    expect(found.false_pages <= 1, got=found.false_pages)


# 7. What single features cannot show ------------------------------------------------

domain_auc = checks.task(
    "domain_auc",
    hints={
        "both": "pd.concat both frames, and np.repeat([0, 1], [n_old, n_new]) as label.",
        "fold": "A model knows the rows it was trained on. cross_val_predict with three "
        "shuffled, stratified folds scores each row by a model that has not seen it.",
        "probability": "method='predict_proba', and its second column, for roc_auc_score.",
        "index": "ignore_index=True; categorical_features='from_dtype' reads categories.",
    },
)


def _blobs(gap: float, seed: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.random.default_rng(seed).normal(gap, 1, 240)})


@domain_auc.expects("Far apart gives almost 1.", hint="both")
def _(domain_auc):
    found = domain_auc(_blobs(0, 1), _blobs(6, 2))
    expect(0.98 < found <= 1, got=found)


@domain_auc.expects("The same data gives no high AUC.", hint="fold")
def _(domain_auc):
    # A fixed draw; over seeds the standard deviation is 0.03.
    found = domain_auc(_blobs(0, 3), _blobs(0, 4))
    expect(0.36 < found < 0.64, got=found)


# 8. Does it matter ------------------------------------------------------------------

replay_cost = checks.task(
    "replay_cost",
    hints={
        "changed": "Compare the two decisions of each payment, (old != new).mean(). Equal "
        "rates of refusal can hide many changes.",
        "cost": "refused and not fraud: GOOD_REFUSED_EUR. Not refused and fraud: the "
        "amount. The mean of both, times 1,000.",
        "replay": "Cost with damage(rows) minus cost with rows, the labels of the rows in "
        "both, refused above the limit.",
        "amount": "damage changes what the model sees. The fraud still costs "
        "rows['amount_eur'] of the undamaged rows.",
    },
)


@replay_cost.expects("Equal scores change nothing.", hint="changed")
def _(decisions):
    found = decisions(np.array([0.2, 0.8]), np.array([0.2, 0.8]), 0.5)
    wanted = {"refused_before": 0.5, "refused_after": 0.5, "changed": 0.0}
    expect(found == wanted, got=found)


@replay_cost.expects(
    "A fraud of 50 EUR in two payments costs 25,000 per 1,000.", hint="cost"
)
def _(cost_per_1000):
    fraud, amount = np.array([True, False]), np.array([50.0, 10.0])
    found = cost_per_1000(np.array([False, False]), fraud, amount)
    expect(abs(found - 25_000) < 1e-6, got=found)


@replay_cost.expects("No damage costs nothing.", hint="replay")
def _(replay_cost, labelled, score):
    found = replay_cost(labelled, lambda rows: rows, score, 0.1)
    expect(abs(found) < 1e-9, got=found)


facts = checks.task(
    "facts",
    hints={
        "facts": "Paste the dictionary as it was printed, braces and all.",
        "costs": "Compare the two rows in the column of the extra cost, not in that of "
        "the PSI.",
    },
)


@facts.expects("The facts are there.", hint="facts")
def _(facts):
    keys = {*NUMBERS, "cost_eur_per_1000"}
    expect(isinstance(facts, dict) and set(facts) == keys, got=facts)


@facts.expects("One of the two drifts is named.", hint="costs")
def _(costs_money):
    expect(costs_money in ("new_device", "session_minutes"), got=costs_money)


# 9 and 10. Two texts ----------------------------------------------------------------

NUMBERS = {
    "new_before_percent": Number("%"),
    "new_after_percent": Number("%"),
    "refused_before_percent": Number("%"),
    "refused_after_percent": Number("%"),
}
FIRST_DAY = (
    *("11 August", "August 11", "11th August", "11th of August", "August 11th"),
    *("11 Aug", "Aug 11", "2026-08-11"),
)
ALERT = Brief(
    sections=(
        ("What", "Summary"),
        ("Since when", "Since"),
        ("Evidence", "How we know"),
        ("Suspected cause", "Cause"),
        ("Next step", "Next steps"),
    ),
    words=(100, 250),
    numbers=NUMBERS,
    terms=("new_device", "session_minutes", FIRST_DAY),
    max_grade=11.0,
)
MESSAGE = Brief(
    sections=(
        ("What it means", "What happened", "What this means"),
        ("What we do", "What we are doing"),
        ("Roll back", "Roll-back", "Rollback"),
        ("When we write again", "Next update", "Next message"),
    ),
    words=(100, 250),
    numbers={
        "refused_before_percent": Number("%"),
        "refused_after_percent": Number("%"),
        "cost_eur_per_1000": Number("€"),
    },
    terms=("customers", FIRST_DAY),
    avoid={
        "PSI": "say: far outside of its normal range",
        "population stability index": "say: far outside of its normal range",
        "data drift": "say: the data we get has changed",
        "drift": "say: the data we get has changed",
        "new_device": "say: whether the customer pays from a new phone",
        "AUC": "leave it out",
        "distribution": "say: the usual mix",
        "false positive": "say: a good payment that we refused",
        "p-value": "leave it out",
    },
    max_grade=9.0,
)
_HINTS = {
    "sections": "All headings of the task, each with a sentence or two below it.",
    "numbers": "The numbers of your facts, with their units.",
    "words": "The names and dates that the task asks for.",
    "plain": "Shorter sentences and the words of this reader. The review names the places.",
    "claims": "Say what you know and what you suspect. The cause is not shown yet.",
}
_LIMIT = "Name the number or the day at which it is rolled back, under that heading."
alert = checks.task("alert", hints=_HINTS)
message = checks.task("message", hints=_HINTS | {"limit": _LIMIT})


def review(text: str, brief: Brief, facts: Any) -> Any:
    """Review a text; the result shows what to mend."""
    if not is_attempted(facts):
        return "Paste your facts at the end of task 8 first."
    return brief.review(text, values={name: facts[name] for name in brief.numbers})


def prose(text: str, *below: str) -> str:
    """Return the sentences of a text, all or those below the headings that are named."""
    kept, inside = [], not below
    for part in passages(text):
        if part.kind != "heading":
            kept += [part.text] * inside
        elif below:
            inside = any(name in part.text.casefold() for name in below)
    return " ".join(kept)


def _criteria(text: str, brief: Brief, facts: Any, names: tuple[str, ...]) -> None:
    met = review(text, brief, facts).by_criterion
    # One section may be a single short sentence: "We write again on Friday at noon."
    lacking = [n for n in names if met.get(n, 1) < (0.9 if n == "sections" else 0.995)]
    got = {name: f"{met[name]:.0%}" for name in lacking}
    expect(not lacking, got=got, message="The cell above names what to mend.")


PARTS = (
    (
        "Its sections are there, in the length asked.",
        "sections",
        ("sections", "length"),
    ),
    ("The numbers are yours, with their units.", "numbers", ("numbers",)),
    ("It has the names and the dates.", "words", ("terms",)),
    ("Its reader can read it.", "plain", ("jargon", "reading")),
    ("It claims no more than you know.", "claims", ("claims",)),
)
ENOUGH = "Half of the review must be met. The cell above shows what to mend."


@alert.expects("There is an alert.", hint="sections")
def _(alert, facts):
    score = review(alert, ALERT, facts).score
    expect(score >= 0.5, got=f"{score:.2f}", message=ENOUGH)


@message.expects("There is a message.", hint="sections")
def _(message, facts):
    score = review(message, MESSAGE, facts).score
    expect(score >= 0.5, got=f"{score:.2f}", message=ENOUGH)


for sentence, hint, names in PARTS:

    @alert.expects(sentence, hint=hint, part=True)
    def _(alert, facts, names=names):
        _criteria(alert, ALERT, facts, names)

    @message.expects(sentence, hint=hint, part=True)
    def _(message, facts, names=names):
        _criteria(message, MESSAGE, facts, names)
