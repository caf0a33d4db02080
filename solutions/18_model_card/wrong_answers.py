"""Mistakes people make in lab 18, and the hint that each must lead to.

Most are the model answer with a slip in it, so that only the mistake is wrong.
"""

from pathlib import Path

from mlcourse.authoring.source import read_lab
from mlcourse.authoring.wrong_answers import Equivalent, WrongAnswer

LAB = read_lab(Path(__file__).parent)


def slip(
    answer: str, mistake: str, hint: str, *changes: tuple[str, str], test: str = ""
) -> WrongAnswer:
    """Return the model answer with each old text replaced by a new one."""
    code = LAB.find(answer, "answer", "memo").solution
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{answer} == {mistake!r}: {old!r} is not in the answer.")
        code = code.replace(old, new)
    return WrongAnswer(answer, mistake, code, hint, test)


WRONG_ANSWERS = [
    # 1. Rates of groups
    slip(
        "rates_by_group",
        "divides alarms by all payments",
        "count",
        ("rate(alarm, alarm + passed)", "rate(alarm, hit + missed + alarm + passed)"),
    ),
    slip(
        "rates_by_group",
        "gives precision for recall",
        "count",
        ("rate(hit, hit + missed)", "rate(hit, hit + alarm)"),
    ),
    slip(
        "rates_by_group",
        "takes a fixed level",
        "level",
        ("(1 - level) / 2, (1 + level) / 2", "0.025, 0.975"),
    ),
    slip(
        "rates_by_group",
        "draws half of the payments",
        "resample",
        (
            "drawn = rng.multinomial(len(f), cells / len(f), size=draws)",
            "drawn = rng.multinomial(len(f) // 2 + 1, cells / len(f), size=draws)",
        ),
    ),
    slip(
        "rates_by_group",
        "counts a draw without fraud as recall 0",
        "empty",
        (
            "drawn = rates[1:][counted[1:]]",
            "drawn = np.nan_to_num(rates[1:])",
        ),
        ("if not counted[0]:", "if False:"),
    ),
    slip(
        "rates_by_group",
        "has a seed of its own",
        "rng",
        ("    ends = [", "    rng = np.random.default_rng(0)\n    ends = ["),
    ),
    slip(
        "rates_by_group",
        "keeps the groups as they come",
        "count",
        ("sorted(set(group))", "dict.fromkeys(group)"),
    ),
    # 2. Two definitions of fair
    slip(
        "equal_opportunity_gap",
        "measures who is held",
        "good",
        ('(march["accepted"], march["age_band"])', '(march["held"], march["region"])'),
        ('march["honest"], march["accepted"]', 'march["fraud"], march["held"]'),
    ),
    slip(
        "equal_opportunity_gap",
        "takes the smallest minus the largest",
        "share",
        ("shares.max() - shares.min()", "shares.min() - shares.max()"),
    ),
    slip(
        "equal_opportunity_gap",
        "looks at all who get it",
        "deserving",
        (
            "return demographic_parity_gap(np.asarray(good)[worthy], np.asarray(group)[worthy])",
            "return demographic_parity_gap(np.asarray(good) & worthy, group)",
        ),
    ),
    slip(
        "equal_opportunity_gap",
        "takes the standard deviation of the groups",
        "share",
        ("shares.max() - shares.min()", "shares.std()"),
    ),
    # 3. The price of fairness
    slip(
        "trade_off",
        "takes the quantile of the rate",
        "quantile",
        ("quantile(1 - rate)", "quantile(rate)"),
    ),
    slip(
        "trade_off",
        "counts the amount of every fraud",
        "cost",
        ("amount * (fraud & ~held)", "amount * fraud"),
    ),
    slip(
        "trade_off",
        "tunes on the data it judges",
        "judge",
        ("    ends = []\n", "    tune, ends = judge, []\n"),
    ),
    slip(
        "trade_off",
        "swaps the two ends",
        "ends",
        ('(~tune["fraud"], tune["fraud"])', '(tune["fraud"], ~tune["fraud"])'),
    ),
    slip(
        "trade_off",
        "judges the gap of recall among all",
        "ends",
        (
            '"recall_gap": equal_opportunity_gap(fraud, held, band)',
            '"recall_gap": demographic_parity_gap(held, band)',
        ),
    ),
    slip(
        "trade_off",
        "lets a tie pass",
        "judge",
        ('held = judge["score"] >= band', 'held = judge["score"] > band'),
    ),
    slip(
        "trade_off",
        "lets a tie pass where it is tuned",
        "judge",
        ('tune["score"][rows] >= threshold', 'tune["score"][rows] > threshold'),
    ),
    # 4. What moves the score
    slip(
        "contributions",
        "does not subtract the average",
        "sum",
        (
            "prepare.transform(rows[FEATURES]) - average",
            "prepare.transform(rows[FEATURES])",
        ),
    ),
    slip(
        "contributions",
        "subtracts the average of what it explains",
        "sum",
        ("background[FEATURES]", "rows[FEATURES]"),
    ),
    slip(
        "contributions",
        "names the sorted groups by the order of the features",
        "source",
        (".sum().T[FEATURES]", ".sum().T.set_axis(FEATURES, axis=1)"),
    ),
    slip(
        "contributions",
        "scores by accuracy",
        "permute",
        ('"average_precision"', '"accuracy"'),
    ),
    slip(
        "contributions",
        "does not look at repeats",
        "permute",
        ("n_repeats=repeats", "n_repeats=5"),
    ),
    # 5. Personal data
    slip(
        "release",
        "drops rows with missing values",
        "groups",
        (
            "    sizes = frame.groupby(columns, observed=True, dropna=False).size()",
            "    sizes = frame.groupby(columns, observed=True).size()",
        ),
    ),
    slip("release", "keeps k - 1", "small", ("sizes >= k", "sizes >= k - 1")),
    slip(
        "release",
        "leaves the rows in order of time",
        "order",
        (".sample(frac=1, random_state=rng)", ""),
    ),
    slip(
        "release",
        "erases what is disputed",
        "erase",
        ("(old | asked) & ~frame", "old | asked & ~frame"),
    ),
    slip(
        "release",
        "erases on the last day",
        "erase",
        ("> pd.Timedelta(days=keep_days)", ">= pd.Timedelta(days=keep_days)"),
    ),
    slip(
        "release",
        "writes the sizes into the caller's frame",
        "small",
        (
            "    shown = frame.loc[sizes",
            '    frame["group_size"] = sizes\n    shown = frame.loc[sizes',
        ),
    ),
    slip(
        "release",
        "counts whole days",
        "erase",
        (
            'today - frame["paid_at"] > pd.Timedelta(days=keep_days)',
            '(today - frame["paid_at"]).dt.days > keep_days',
        ),
    ),
    # 6. Slices
    slip(
        "weak_slices",
        "does not correct",
        "holm",
        (
            'found.loc[tested, "p_holm"] = corrected',
            'found.loc[tested, "p_holm"] = found.loc[tested, "p"]',
        ),
    ),
    slip(
        "weak_slices",
        "tests two-sided",
        "fisher",
        ('alternative="greater"', 'alternative="two-sided"'),
    ),
    slip(
        "weak_slices",
        "compares with all rows",
        "fisher",
        (
            "rest, others = len(bad) - cases, bad.sum() - failed",
            "rest, others = len(bad), bad.sum()",
        ),
    ),
    slip(
        "weak_slices",
        "leaves pairs out",
        "slices",
        (
            "(*combinations(columns, 1), *combinations(columns, 2))",
            "combinations(columns, 1)",
        ),
    ),
    slip(
        "weak_slices",
        "leaves small slices out",
        "small",
        ("if cases == len(bad):", "if cases == len(bad) or cases < least:"),
    ),
    slip(
        "weak_slices",
        "takes Bonferroni for Holm",
        "holm",
        ('method="holm"', 'method="bonferroni"'),
    ),
    slip(
        "weak_slices",
        "counts slices that were not tested",
        "holm",
        (
            'multipletests(found.loc[tested, "p"], method="holm")[1]',
            'multipletests(found["p"].fillna(1.0), method="holm")[1][tested]',
        ),
    ),
    # 7. Lineage
    slip(
        "lineage_of",
        "takes the newest version",
        "alias",
        (
            "client.get_model_version_by_alias(name, alias)",
            "max(client.search_model_versions(f\"name = '{name}'\"), key=lambda v: int(v.version))",
        ),
    ),
    slip(
        "lineage_of",
        "fails without a tag",
        "gaps",
        ('run.data.tags.get(DATA_TAG, "")', "run.data.tags[DATA_TAG]"),
    ),
    slip(
        "lineage_of",
        "says that there are no gaps",
        "gaps",
        ("[key for key in asked if not record[key]]", "[]"),
    ),
    slip(
        "lineage_of",
        "gives None for a tag that is not there",
        "gaps",
        ('run.data.tags.get(DATA_TAG, "")', "run.data.tags.get(DATA_TAG)"),
    ),
    # 8. Filling
    slip(
        "fill",
        "rounds the values",
        "estimates",
        ("value=float(row[key])", "value=round(float(row[key]), 2)"),
        (
            'low=float(row[f"{key}_low"])',
            'low=round(float(row[f"{key}_low"]) - 0.005, 2)',
        ),
        (
            'high=float(row[f"{key}_high"])',
            'high=round(float(row[f"{key}_high"]) + 0.005, 2)',
        ),
    ),
    slip(
        "fill",
        "takes all payments for n",
        "estimates",
        ('row["frauds"]),', 'row["payments"]),'),
    ),
    slip("fill", "lets typed figures pass", "typed", ("if typed:", "if False:")),
    slip(
        "fill",
        "leaves unknown names in the text",
        "typed",
        (
            "return template.format_map(numbers)",
            "for key in numbers:\n        template = template.replace('{' + key + '}', f'{numbers[key]}').replace('{' + key + ':n}', f'{numbers[key].n}')\n    return template",
        ),
    ),
    slip(
        "fill",
        "gives the text of a value",
        "data",
        ("metric_value=estimate.value", "metric_value=f'{estimate}'"),
    ),
    slip(
        "fill",
        "leaves NumPy's numbers in the card",
        "estimates",
        ("value=float(row[key])", "value=row[key]"),
    ),
    slip("fill", "counts cases in floats", "estimates", ("n=int(n)", "n=n")),
    slip(
        "fill",
        "sorts the results",
        "data",
        (
            "for estimate in numbers.values()",
            "for _, estimate in sorted(numbers.items())",
        ),
    ),
    # 9. The text
    slip(
        "prose",
        "types a number",
        "typed",
        ("overall recall is {recall} with", "overall recall is 49.0 % with"),
    ),
    slip(
        "prose",
        "names a number that nobody measured",
        "typed",
        ("overall recall is {recall} with", "overall recall is {precision} with"),
    ),
    slip(
        "prose",
        "puts a number under another slice",
        "numbers",
        (
            "The worst recall is that of {worst/recall:slice}",
            "The worst recall is that of {recall/region=islands:slice}",
        ),
    ),
    slip(
        "prose",
        "leaves the caveats out",
        "sections",
        ("## Caveats and recommendations\n", ""),
    ),
    slip(
        "prose",
        "calls the model fair",
        "claims",
        (
            "We looked at age bands",
            "The model is accurate and reliable for our customers. We looked at age bands",
        ),
    ),
    slip(
        "prose",
        "says nothing of what was resampled",
        "terms",
        ("payments resampled within", "payments drawn within"),
    ),
    slip(
        "prose",
        "names the worst recall only",
        "worst",
        (
            "The worst false alarm rate is that of {worst/alarm:slice}: {worst/alarm}, interval {worst/alarm:interval}. ",
            "",
        ),
    ),
    # 10. Questions
    slip(
        "answers",
        "guesses the customers that were lost",
        "rests",
        ("        WE_DO_NOT_KNOW,\n", "        120,\n"),
    ),
    slip(
        "answers",
        "does not say how one would find out",
        "rests",
        (
            '"Let a small random share of payments at the threshold pass, and compare how "\n        "many of their payers come back within 90 days.",',
            '"We have no data.",',
        ),
    ),
    slip(
        "answers",
        "names who loses by missed fraud",
        "picture",
        (
            'tables["age_band"]["alarm"].idxmax()',
            'tables["age_band"]["recall"].idxmin()',
        ),
    ),
    slip(
        "answers",
        "takes the right end of the curve",
        "price",
        ('curve["cost_eur"].iloc[0]', 'curve["cost_eur"].iloc[-1]'),
    ),
    slip(
        "answers",
        "takes the difference the wrong way round",
        "price",
        (
            'curve["cost_eur"].iloc[0] - today["cost_eur"]',
            'today["cost_eur"] - curve["cost_eur"].iloc[0]',
        ),
    ),
    slip(
        "answers",
        "names the feature that matters most",
        "carrier",
        ("carrier.index[0]", "matters.index[0]"),
    ),
    slip(
        "answers",
        "does not know which data it was",
        "same",
        (
            'champion["data_hash"] == fingerprint_frame(train[COLUMNS]),',
            "WE_DO_NOT_KNOW,",
        ),
    ),
]


def same(answer: str, reason: str, *lines: str) -> list[Equivalent]:
    """Return mutants of one answer that are as right as the answer."""
    return [Equivalent(answer, line, reason) for line in lines]


EQUIVALENT = [
    *same(
        "contributions",
        "the one row of coefficients; any seed that is drawn from rng",
        "terms = pd.DataFrame(away * regression.coef_[ -1], index=rows.index)",
        "random_state=int(rng.integers(2<<31)),",
        "random_state=int(rng.integers(2^31)),",
        "random_state=int(rng.integers(2+31)),",
    ),
    *same(
        "release",
        "a product of truth values is `and`; no group that occurs is empty",
        'return (old | asked) * ~frame["payment_id"].isin(disputed)',
        "return int(sizes.min()), float((sizes <= 1).sum() / len(frame))",
    ),
    *same(
        "answers",
        "both digests are equal, so the answer is the same",
        'champion["data_hash"] is not fingerprint_frame(train[COLUMNS]),',
        'champion["data_hash"] <= fingerprint_frame(train[COLUMNS]),',
        'champion["data_hash"] >= fingerprint_frame(train[COLUMNS]),',
    ),
]
