"""Mistakes people make in lab 01, and the hint that each must lead to.

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
    # 1. The state of the data
    slip(
        "quality_report",
        "excludes the ends of a range",
        "range",
        ('< about["low"]', '<= about["low"]'),
    ),
    slip(
        "quality_report",
        "wants both bounds or none",
        "open",
        (
            'if pd.notna(about["low"]):',
            'if pd.notna(about["low"]) and pd.notna(about["high"]):',
        ),
    ),
    slip(
        "quality_report",
        "takes a missing category for a wrong one",
        "missing",
        ("(wrong & values.notna()).mean()", "wrong.mean()"),
    ),
    slip(
        "quality_report",
        "counts the first of the copies too",
        "key",
        ("values.duplicated()", "values.duplicated(keep=False)"),
    ),
    slip(
        "quality_report",
        "looks for repeats in every column",
        "key",
        ("if name == key else 0.0", "if values.is_unique is not None else 0.0"),
    ),
    slip(
        "quality_report",
        "does not look at categories",
        "range",
        ("~values.isin", "False & values.isin"),
    ),
    slip(
        "damage",
        "sees the vouchers in the orders",
        "discounts",
        ('"discount_share": "channel"', '"discount_share": "orders"'),
    ),
    slip("damage", "takes all for one bad month", "sessions", ('"orders"', '"month"')),
    slip("damage", "names the month", "form", ('"month"', '"25-07"')),
    # 2. Leaks
    slip(
        "find_leaks", "refuses what is known at the very moment", "clock", ("<=", "<")
    ),
    slip(
        "find_leaks",
        "compares dates",
        "clock",
        (
            "columns_known_at <= decision_time",
            "columns_known_at.dt.normalize() <= decision_time.normalize()",
        ),
    ),
    slip(
        "find_leaks",
        "trusts what nobody can date",
        "unknown",
        ("columns_known_at <= decision_time", "~(columns_known_at > decision_time)"),
    ),
    slip(
        "find_leaks",
        "leaves the label out of the list",
        "label",
        ("index[~usable]", 'index[~usable].drop("churned", errors="ignore")'),
    ),
    slip("find_leaks", "returns what can be used", "late", ("[~usable]", "[usable]")),
    slip(
        "find_leaks",
        "sorts the names",
        "order",
        (
            "list(columns_known_at.index[~usable])",
            "sorted(columns_known_at.index[~usable])",
        ),
    ),
    # 3. The split
    slip(
        "split_by_time",
        "forgets the label's delay",
        "clock",
        (
            'frame["decision_date"] + pd.Timedelta(days=label_days)',
            'frame["decision_date"] + pd.Timedelta(days=1)',
        ),
    ),
    slip(
        "split_by_time", "waits one day too long", "edge", ("final <= at", "final < at")
    ),
    slip(
        "split_by_time",
        "tests on all that follows",
        "gap",
        ('frame["decision_date"] == at', 'frame["decision_date"] >= at'),
    ),
    slip(
        "split_by_time",
        "counts months of thirty days",
        "clock",
        ("pd.Timedelta(days=label_days)", "pd.DateOffset(months=label_days // 30)"),
    ),
    slip(
        "split_by_time",
        "sorts and numbers the rows anew",
        "rows",
        (
            "return frame[final <= at]",
            'return frame[final <= at].sort_values("decision_date", ignore_index=True)',
        ),
    ),
    slip(
        "split_by_time",
        "leaves a column of its own in the table",
        "rows",
        ("final = frame[", 'final = frame["final"] = frame['),
    ),
    # 4 and 5. Cost and baselines
    slip(
        "expected_cost",
        "swaps decision and outcome",
        "mean",
        ("[called, outcome]", "[outcome, called]"),
    ),
    slip(
        "expected_cost",
        "calls only above the threshold",
        "edge",
        (">= threshold", "> threshold"),
    ),
    slip(
        "expected_cost", "adds up instead of averaging", "mean", (".mean()", ".sum()")
    ),
    slip(
        "expected_cost",
        "lets pandas line up the rows",
        "order",
        (
            "np.asarray(churned).astype(int)",
            "np.asarray(pd.Series(churned).sort_index()).astype(int)",
        ),
    ),
    slip(
        "fit_rule",
        "forgets that one can call everybody",
        "start",
        (
            "plans = np.zeros(len(churned)), np.ones(len(churned))",
            "plans = (np.zeros(len(churned)),)",
        ),
    ),
    slip(
        "fit_rule",
        "takes the dearer plan",
        "start",
        ("return min(expected", "return max(expected"),
    ),
    slip(
        "fit_rule",
        "tries the median only",
        "all_cuts",
        (
            "frame[name].dropna().unique()",
            "[sorted(frame[name].dropna())[len(frame) // 2]]",
        ),
    ),
    slip(
        "fit_rule",
        "stays with the first column",
        "all_cuts",
        ("for name in columns for cut", "for name in columns[:1] for cut"),
    ),
    # 6. The model
    slip(
        "build_model",
        "returns a fitted pipeline",
        "pipeline",
        ("return Pipeline(", "return LogisticRegression() if numbers else Pipeline("),
    ),
    slip(
        "build_model",
        "balances the classes",
        "weight",
        ("max_iter=1000", 'max_iter=1000, class_weight="balanced"'),
    ),
    slip(
        "build_model",
        "forgets where the holes were",
        "flag",
        (", add_indicator=True", ""),
    ),
    slip("build_model", "fills in the mean", "median", ('"median"', '"mean"')),
    slip(
        "build_model",
        "stops at a new category",
        "unknown",
        ('handle_unknown="ignore"', ""),
    ),
    slip(
        "build_model",
        "lets all other columns through",
        "names",
        (
            "prepare = ColumnTransformer(",
            'prepare = ColumnTransformer(remainder="passthrough", transformers=',
        ),
    ),
    slip(
        "build_model",
        "does not scale the numbers",
        "names",
        ("StandardScaler(),", ""),
    ),
    slip(
        "build_model", "drops the categories", "columns", ("), categories),", "), []),")
    ),
    slip(
        "build_model",
        "saves the column of the first category",
        "columns",
        ('handle_unknown="ignore"', 'handle_unknown="ignore", drop="first"'),
    ),
    slip(
        "build_model",
        "throws rare categories together",
        "columns",
        (
            'handle_unknown="ignore"',
            'handle_unknown="infrequent_if_exist", min_frequency=0.05',
        ),
    ),
    slip(
        "build_model",
        "numbers the categories",
        "columns",
        (
            'OneHotEncoder(handle_unknown="ignore")',
            "__import__('sklearn').preprocessing.OrdinalEncoder("
            "handle_unknown='use_encoded_value', unknown_value=-1)",
        ),
    ),
    slip(
        "build_model",
        "takes a forest for its better ranking",
        "linear",
        (
            "LogisticRegression(max_iter=1000)",
            "RandomForestClassifier(min_samples_leaf=20, random_state=0)",
        ),
    ),
    # 7. The threshold
    slip(
        "best_threshold",
        "takes 0.5",
        "try_all",
        ("candidates = [*np.unique(probability), np.inf]", "candidates = [0.5]"),
    ),
    slip(
        "best_threshold",
        "must call somebody",
        "nobody",
        ("[*np.unique(probability), np.inf]", "np.unique(probability)"),
    ),
    slip(
        "best_threshold",
        "tries tenths",
        "try_all",
        ("[*np.unique(probability), np.inf]", "[*np.arange(0, 1, 0.1), np.inf]"),
    ),
    slip(
        "best_threshold",
        "sets the gain in proportion to the waste",
        "even",
        ("wasted / (wasted + gained)", "wasted / gained"),
    ),
    slip(
        "best_threshold",
        "forgets what no call costs who stays",
        "even",
        ("wasted = called_stays - alone_stays", "wasted = called_stays"),
    ),
    # 8. Calibration
    slip(
        "calibration_table",
        "cuts the scores into equal widths",
        "groups",
        (
            'pd.qcut(table["predicted"], bins, labels=False, duplicates="drop")',
            'pd.cut(table["predicted"], bins, labels=False)',
        ),
    ),
    slip(
        "calibration_table",
        "tears members with one score apart",
        "ties",
        (
            'pd.qcut(table["predicted"], bins, labels=False, duplicates="drop")',
            'pd.qcut(table["predicted"].rank(method="first"), bins, labels=False)',
        ),
    ),
    slip(
        "calibration_table",
        "lines two series up by their index",
        "order",
        ("np.asarray(probability, dtype=float)", "probability"),
        ("np.asarray(churned, dtype=float)", "churned"),
    ),
    slip(
        "calibration_table",
        "weighs all groups alike",
        "weights",
        ('np.average(gap, weights=table["count"])', "gap.mean()"),
    ),
    slip("calibration_table", "lets gaps cancel out", "weights", (".abs()", "")),
    slip("reading", "confuses the two models", "below", ('"A"', '"B"')),
    slip(
        "reading",
        "reads the ends of the axis",
        "ends",
        ("near_least[0]", "0.02"),
        ("near_least[-1]", "0.6"),
    ),
    # 9. The problem statement
    slip(
        "statement",
        "leaves out what would stop it",
        "sections",
        ("## What would stop us", "## Notes"),
    ),
    slip(
        "statement",
        "types a number of another run",
        "numbers",
        ("{cost_model}", "3.21"),
    ),
    slip(
        "statement",
        "gives the saving without its interval",
        "numbers",
        (", with a 95 % interval from {saving_low} to {saving_high} EUR", ""),
    ),
    slip(
        "statement",
        "does not say how long the target looks ahead",
        "target",
        ("within 60 days after the decision date", "soon after the decision date"),
        ("is final 60 days later", "is final later"),
    ),
    slip(
        "statement",
        "speaks to its own team",
        "plain",
        (
            "gives each member a chance",
            "is a logistic regression in a pipeline and gives each member a chance",
        ),
    ),
    slip(
        "statement",
        "promises",
        "claims",
        (
            "We start the calls",
            "The model guarantees a saving and always works. We start the calls",
        ),
    ),
]


def same(answer: str, reason: str, *lines: str) -> list[Equivalent]:
    """Return mutants of one answer that are as right as the answer."""
    return [Equivalent(answer, line, reason) for line in lines]


EQUIVALENT = [
    *same(
        "quality_report",
        "on flags, times is and, minus is not",
        '"out_of_range": (wrong * values.notna()).mean(),',
        'wrong |= -values.isin(about["categories"])',
    ),
    *same(
        "find_leaks",
        "on flags, minus is not",
        "return list(columns_known_at.index[-usable])",
    ),
    *same(
        "fit_rule",
        "arguments that are named in every call",
        "def same_for_all(churned, /, cost) -> float:",
        "def fit_rule(frame: pd.DataFrame, columns: list[str], /, cost) -> Rule:",
    ),
    *same(
        "build_model",
        "the fit ends long before",
        *(
            f'[("prepare", prepare), ("classify", LogisticRegression(max_iter={n}))]'
            for n in (" 1001", " 999")
        ),
    ),
    *same(
        "best_threshold",
        "arguments that are named in every call",
        "def best_threshold(churned, probability, /, cost) -> float:",
    ),
    *same(
        "calibration_table",
        "arguments that are named in every call",
        "def calibration_table(churned, probability, /, bins: int = 10) -> pd.DataFrame:",
    ),
    *same(
        "reading",
        "one step of the picture's grid is less than an eye can read",
        '"cheap_from": near_least[ 1],',
        '"cheap_to": near_least[- 2],',
        '"cheap_to": near_least[~1],',
        "at for at, euros in zip(grid, curve, strict=True) if euros <= min(curve) + 0.1",
        "at for at, euros in zip(grid, curve, strict=False) if euros < min(curve) + 0.1",
    ),
]
