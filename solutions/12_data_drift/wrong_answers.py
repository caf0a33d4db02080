"""Mistakes people make in lab 12, and the hint that each must lead to.

Most are the model answer with a slip in it, so that only the mistake is wrong.
"""

from pathlib import Path

from mlcourse.authoring.source import read_lab
from mlcourse.authoring.wrong_answers import Equivalent, WrongAnswer

LAB = read_lab(Path(__file__).parent)


def slip(
    answer: str, mistake: str, hint: str, *changes: tuple[str, str]
) -> WrongAnswer:
    """Return the model answer with each old text replaced by a new one."""
    code = LAB.find(answer, "answer", "memo").solution
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{answer} == {mistake!r}: {old!r} is not in the answer.")
        code = code.replace(old, new)
    return WrongAnswer(answer, mistake, code, hint)


WRONG_ANSWERS = [
    # 1. The index
    slip(
        "psi",
        "puts a value on a cut into the bin above",
        "ties",
        ("np.searchsorted(cuts, x)", 'np.searchsorted(cuts, x, side="right")'),
    ),
    slip(
        "psi",
        "takes the cuts from both samples",
        "cuts",
        ("np.quantile(reference,", "np.quantile(pd.concat([reference, current]),"),
    ),
    slip(
        "psi",
        "knows only the values of the past",
        "empty",
        ("counts[0].index.union(counts[1].index)", "counts[0].index"),
    ),
    slip(
        "psi",
        "lets values fall outside of the bins",
        "open",
        (
            "np.unique(np.quantile(reference, np.arange(1, bins) / bins))",
            "np.unique(np.quantile(reference, np.arange(bins + 1) / bins))",
        ),
        (
            "np.bincount(np.searchsorted(cuts, x), minlength=len(cuts) + 1) / len(x)",
            "np.histogram(x, cuts)[0] / len(x)",
        ),
    ),
    slip(
        "psi",
        "cuts bins of equal width",
        "cuts",
        (
            "np.quantile(reference, np.arange(1, bins) / bins)",
            "np.linspace(min(reference), max(reference), bins + 1)[1:-1]",
        ),
    ),
    slip(
        "psi",
        "adds EMPTY to every share",
        "empty",
        (
            "(np.clip(np.asarray(share, dtype=float), EMPTY, None) for share in shares)",
            "(np.asarray(share, dtype=float) + EMPTY for share in shares)",
        ),
    ),
    slip(
        "psi",
        "leaves the difference out",
        "start",
        ("(c - r) * np.log", "c * np.log"),
    ),
    # 2. Three more measures
    slip(
        "compare_categories",
        "tests shares instead of counts",
        "counts",
        ("chi2_contingency(table)", "chi2_contingency(shares)"),
    ),
    slip(
        "compare_categories",
        "forgets values that are new",
        "align",
        ("counts[0].index.union(counts[1].index)", "counts[0].index"),
        (
            "table / table.sum(axis=1, keepdims=True)",
            "table / table.sum(axis=1, keepdims=True).clip(1)",
        ),
        (
            "float(jensenshannon(*shares, base=2))",
            "float(np.nan_to_num(jensenshannon(*shares, base=2), nan=1.0))",
        ),
        (
            "float(chi2_contingency(table).pvalue)",
            "float(chi2_contingency(table + 0.001).pvalue) if len(values) > 1 else 0.0",
        ),
    ),
    slip(
        "compare_categories",
        "names the feature that moved least",
        "picture",
        ('moved = "session_minutes"', 'moved = "amount_eur"'),
    ),
    slip(
        "compare_categories",
        "forgets the base of the logarithm",
        "base",
        (", base=2", ""),
    ),
    # 3. Evidently
    slip(
        "drift_table",
        "treats a p-value as a distance",
        "rows",
        (
            "value < threshold if is_p_value else value >= threshold",
            "value >= threshold",
        ),
    ),
    slip(
        "drift_table",
        "does not let a distance reach its threshold",
        "direction",
        ("value >= threshold", "value > threshold"),
    ),
    slip(
        "why_psi",
        "mixes up the two letters",
        "bins",
        ('why_psi = "D"', 'why_psi = "B"'),
    ),
    slip(
        "why_psi",
        "thinks that more rows explain it",
        "choice",
        ('why_verdict = "B"', 'why_verdict = "A"'),
    ),
    # 4. Compare with what
    slip(
        "usual_rows",
        "compares a day with itself",
        "before",
        ("days < day", "days <= day"),
    ),
    slip(
        "usual_rows",
        "keeps the sale",
        "special",
        (" & ~days.dt.date.isin(special)", ""),
    ),
    slip(
        "usual_rows",
        "takes all days",
        "weekday",
        ("same & (days < day)", "(days < day)"),
    ),
    # 5. A page people believe
    slip(
        "page_limit",
        "adds the chances up",
        "any",
        ("1 - (1 - alpha) ** (features * days)", "alpha * features * days"),
    ),
    slip(
        "page_limit",
        "forgets that features have noise of their own",
        "noise",
        ("(calm / calm_noise(calm)).max", "(calm / calm.stack().quantile(0.95)).max"),
    ),
    slip(
        "page_limit",
        "takes the wrong end of the quantile",
        "quantile",
        ("1 - 1 / days_between", "1 / days_between"),
    ),
    slip(
        "page_limit",
        "pools the features instead of taking the worst of each day",
        "quantile",
        (".max(axis=1)", ".stack()"),
    ),
    # 6. August
    slip(
        "watch",
        "pages on the first day",
        "since",
        ("twice = above & above.shift(1, fill_value=False)", "twice = above"),
    ),
    slip(
        "watch",
        "dates the drift to the day of the page",
        "since",
        ("(second - 1, second)", "(second, second)"),
    ),
    slip(
        "watch",
        "measures all features in one noise",
        "units",
        ("scores > limit * noise", "scores > limit * noise.mean()"),
    ),
    slip(
        "watch",
        "counts two days that are not in a row",
        "row",
        ("above & above.shift(1, fill_value=False)", "above & (above.cumsum() == 2)"),
    ),
    slip(
        "watch",
        "leaves the pages in the order of the columns",
        "once",
        ("sorted(pages, key=lambda page: (page.paged, page.feature))", "pages"),
    ),
    # 7. What single features cannot show
    slip(
        "domain_auc",
        "scores the rows it was trained on",
        "fold",
        (
            'cross_val_predict(\n        model, rows, is_current, cv=folds, method="predict_proba"\n    )',
            "model.fit(rows, is_current).predict_proba(rows)",
        ),
    ),
    slip(
        "domain_auc",
        "returns the chance of the wrong side",
        "both",
        (")[:, 1]", ")[:, 0]"),
    ),
    slip(
        "domain_auc",
        "takes the folds in the order of the rows",
        "fold",
        ("StratifiedKFold(3, shuffle=True, random_state=0)", "StratifiedKFold(3)"),
    ),
    slip(
        "domain_auc",
        "scores a yes or no",
        "probability",
        (
            'cross_val_predict(\n        model, rows, is_current, cv=folds, method="predict_proba"\n    )[:, 1]',
            "cross_val_predict(model, rows, is_current, cv=folds)",
        ),
    ),
    # 8. Does it matter
    slip(
        "replay_cost",
        "compares the rates only",
        "changed",
        ("(old != new).mean()", "abs(old.mean() - new.mean())"),
    ),
    slip(
        "replay_cost",
        "takes the amount that the model saw",
        "amount",
        ('rows["fraud"], rows["amount_eur"])', 'rows["fraud"], seen["amount_eur"])'),
    ),
    slip(
        "replay_cost",
        "subtracts the wrong way round",
        "replay",
        ("costs[1] - costs[0]", "costs[0] - costs[1]"),
    ),
    slip(
        "replay_cost",
        "counts a fraud that is stopped as a gain",
        "cost",
        (
            "(\n        ~refused & fraud\n    )",
            "(\n        fraud * (1.0 - 2 * refused)\n    )",
        ),
    ),
    slip(
        "facts",
        "takes the drift with the larger PSI",
        "costs",
        ('costs_money = "new_device"', 'costs_money = "session_minutes"'),
    ),
    slip(
        "facts",
        "pastes the shares instead of the percentages",
        "facts",
        ('"refused_after_percent": 5.4', '"refused_after_percent": 0.054'),
    ),
    # 9 and 10. Two texts
    WrongAnswer(
        "alert",
        "is one line",
        "PSI of new_device is 0.36. Please investigate.",
        "sections",
    ),
    slip(
        "alert",
        "is sure of the cause",
        "claims",
        (
            "We suspect that it no longer sends the device identifier for some users. This is not confirmed.",
            "This proves that it no longer sends the device identifier for some users.",
        ),
    ),
    slip(
        "alert",
        "gives the suspicion in the heading only",
        "claims",
        ("We suspect that it no longer", "It no longer"),
        (" This is not confirmed.", ""),
    ),
    slip(
        "message",
        "rolls back at no number and on no day",
        "limit",
        (
            "If the test confirms the update, or if more than 4 % of payments are still refused on Friday at noon, we go",
            "If it does not get better soon, we go",
        ),
    ),
    WrongAnswer(
        "message",
        "is one line",
        "The model has drifted and will be retrained.",
        "sections",
    ),
    slip(
        "message",
        "speaks of drift",
        "plain",
        ("No card data is at risk.", "The PSI shows data drift of new_device."),
    ),
]


def same(answer: str, reason: str, *lines: str) -> list[Equivalent]:
    """Return mutants of one answer that are as right as the answer."""
    return [Equivalent(answer, line, reason) for line in lines]


CLIPPED = "an empty bin gets the least share in the next line, whatever it had"
NORMALISED = "jensenshannon makes shares of what it is given"
LABELS = "any two different labels say which day a row is from"
CHOICE = "another size of the model or other folds, as good as these"

EQUIVALENT = [
    *same(
        "psi",
        CLIPPED,
        "shares = [n.reindex(values, fill_value= -1) / n.sum() for n in counts]",
    ),
    *same(
        "compare_categories",
        NORMALISED,
        "shares = table << table.sum(axis=1, keepdims=True)",
        "shares = table * table.sum(axis=1, keepdims=True)",
    ),
    *same(
        "domain_auc",
        LABELS,
        "is_current = np.repeat([ -1, 1], [len(reference), len(current)])",
        "is_current = np.repeat([0, 2], [len(reference), len(current)])",
    ),
    *same(
        "domain_auc",
        CHOICE,
        'max_iter= 31, categorical_features="from_dtype", random_state=0',
        'max_iter= 29, categorical_features="from_dtype", random_state=0',
        'max_iter=30, categorical_features="from_dtype", random_state= 1',
        "folds = StratifiedKFold( 4, shuffle=True, random_state=0)",
        "folds = StratifiedKFold( 2, shuffle=True, random_state=0)",
        "folds = StratifiedKFold(3, shuffle=True, random_state= 1)",
    ),
    *same(
        "domain_auc",
        "rows are taken by position",
        "rows = pd.concat([reference, current], ignore_index=False)",
    ),
    *same(
        "replay_cost",
        "of booleans, // is & but for a warning",
        "cost = GOOD_REFUSED_EUR * (refused // ~fraud) + np.asarray(amount_eur) * (",
    ),
]
