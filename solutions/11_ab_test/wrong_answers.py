"""Mistakes people make in lab 11, and the hint that each must lead to.

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
    # 1. The plan
    slip("plan", "tests one side only", "variance", ("1 - alpha / 2", "1 - alpha")),
    slip(
        "plan",
        "gives both groups the variance of control",
        "variance",
        ("(base + mde) * (1 - base - mde)", "base * (1 - base)"),
    ),
    slip("plan", "forgets the power", "variance", (" + norm.ppf(power)", "")),
    slip("plan", "fixes the power", "power", ("norm.ppf(power)", "norm.ppf(0.8)")),
    slip("plan", "counts one group", "weeks", ("2 * n_per_group", "n_per_group")),
    slip(
        "plan",
        "stops in the middle of a week",
        "weeks",
        (
            "7 * math.ceil(2 * n_per_group / visitors_per_day / 7)",
            "math.ceil(2 * n_per_group / visitors_per_day)",
        ),
    ),
    slip(
        "plan",
        "forgets the year",
        "pays",
        ("visitors_per_day * 365 * margin_eur", "visitors_per_day * margin_eur"),
    ),
    slip(
        "plan",
        "decides by clicks",
        "metrics",
        ('"primary": "converted"', '"primary": "clicks_on_first_result"'),
    ),
    slip(
        "plan",
        "assigns sessions",
        "metrics",
        ('"unit": "visitor"', '"unit": "session"'),
    ),
    slip(
        "plan",
        "guards nothing that the model can harm",
        "metrics",
        ('["page_ms", "revenue_eur"]', '["renewed_next_year"]'),
    ),
    slip(
        "plan", "takes a habit for the effect", "numbers", ('"mde": mde', '"mde": 0.05')
    ),
    # 2. The platform
    slip("assign", "forgets the salt", "salt", ("{experiment}:{user_id}", "{user_id}")),
    slip(
        "assign",
        "uses Python's hash",
        "stable",
        (
            'hashlib.sha256(f"{experiment}:{user_id}".encode()).hexdigest()',
            'f"{hash((experiment, user_id)) % 16**15:015x}"',
        ),
    ),
    slip(
        "assign",
        "draws at each visit",
        "stable",
        ("int(digest[:15], 16) / 16**15", "np.random.default_rng().random()"),
    ),
    slip("assign", "ignores the share", "uniform", ("< share", "< 0.5")),
    slip("assign", "treats the others", "uniform", ("< share", ">= share")),
    slip(
        "assign",
        "pools the variances of unequal groups",
        "vector",
        (
            "np.sqrt(spreads[0] + spreads[1])",
            "np.sqrt(2 * np.minimum(spreads[0], spreads[1]))",
        ),
    ),
    slip("assign", "tests one side", "vector", ("2 * norm.sf(abs(z))", "norm.sf(z)")),
    slip(
        "assign",
        "only fears too many alarms",
        "alarm",
        (
            "binomtest(alarms, len(p_values), alpha)",
            'binomtest(alarms, len(p_values), alpha, "greater")',
        ),
    ),
    # 3. Sample ratio mismatch
    slip(
        "srm_source",
        "expects equal groups whatever was planned",
        "expected",
        ("np.array([split, 1 - split])", "np.array([0.5, 0.5])"),
    ),
    slip(
        "srm_source",
        "searches where there is no alarm",
        "alarm",
        ("if srm_p_value(frame, split=split) >= alarm", "if False"),
    ),
    slip("srm_source", "alarms at 5 %", "alarm", (">= alarm", ">= 0.05")),
    slip(
        "srm_source",
        "names the largest group",
        "segments",
        ("srm_p_value(rows, split=split)\n        for", "-len(rows)\n        for"),
    ),
    slip(
        "srm_source",
        "names the largest gap, however small the group",
        "segments",
        (
            "srm_p_value(rows, split=split)\n        for",
            '-abs((rows["group"] == "treatment").mean() - split)\n        for',
        ),
    ),
    slip(
        "srm_source",
        "names where most visitors are missing",
        "segments",
        (
            "srm_p_value(rows, split=split)\n        for",
            'split * len(rows) - (rows["group"] == "control").sum()\n        for',
        ),
    ),
    slip(
        "srm_source",
        "looks at browsers only",
        "segments",
        ("for column in columns", "for column in columns[:1]"),
    ),
    # 4. Effects
    slip(
        "ratio_difference",
        "forgets to divide by n",
        "welch",
        ("np.var(arm, ddof=1) / len(arm)", "np.var(arm, ddof=1)"),
    ),
    slip(
        "ratio_difference",
        "caps each group by itself",
        "cap",
        (
            "control = np.minimum(control, highest)",
            "control = np.minimum(control, np.quantile(control, cap))",
        ),
    ),
    slip(
        "ratio_difference",
        "averages the visitors' own ratios",
        "ratio",
        ("np.sum(above) / np.sum(below)", "np.mean(above / below)"),
    ),
    slip(
        "ratio_difference",
        "takes the denominator for a constant",
        "delta",
        ("(above - ratio * below) / np.mean(below)", "above / np.mean(below)"),
    ),
    slip(
        "ratio_difference",
        "takes sessions for the units",
        "delta",
        (
            "np.var(line, ddof=1) / len(line)",
            "np.var(above / below, ddof=1) / np.sum(below)",
        ),
    ),
    # 5. Peeking
    slip(
        "crossing_rate",
        "does not add the days up",
        "z",
        (".cumsum(axis=1)", ""),
    ),
    slip(
        "crossing_rate",
        "uses the size of one day for the error",
        "z",
        (
            "(p_t * (1 - p_t) + p_c * (1 - p_c)) / n",
            "(p_t * (1 - p_t) + p_c * (1 - p_c)) / visitors_per_day",
        ),
    ),
    slip(
        "crossing_rate",
        "counts days, not tests",
        "any",
        (".any(axis=1).mean()", ".mean()"),
    ),
    slip(
        "crossing_rate",
        "looks at the last day only",
        "any",
        (".any(axis=1)", "[:, -1]"),
    ),
    slip("crossing_rate", "sees wins only", "any", ("np.abs(z)", "z")),
    slip(
        "crossing_rate",
        "gives the effect to both",
        "effect",
        ("(rate + effect, rate)", "(rate + effect, rate + effect)"),
    ),
    # 6. Always valid
    slip(
        "always_valid_limit",
        "keeps 1.96",
        "rho",
        ("return math.sqrt((1 + 1 / r) * math.log((1 + r) / alpha**2))", "return 1.96"),
    ),
    slip(
        "always_valid_limit",
        "forgets the square of alpha",
        "mixture",
        ("alpha**2", "alpha"),
    ),
    slip(
        "always_valid_limit",
        "forgets the logarithm of L",
        "mixture",
        (" + math.log(wide)", ""),
    ),
    slip(
        "always_valid_limit",
        "counts the lines above the limit",
        "picture",
        ("(p_paths < 0.05).any", "(p_paths > 0.05).any"),
    ),
    # 7. CUPED
    slip(
        "cuped_difference",
        "centres each group by itself",
        "adjust",
        ("y - theta * x for", "y - theta * (x - x.mean()) for"),
    ),
    slip(
        "cuped_difference",
        "takes a theta of its own for each group",
        "adjust",
        (
            "(y - theta * x for y, x",
            "(y - np.cov(x, y)[0, 1] / np.var(x, ddof=1) * x for y, x",
        ),
    ),
    slip(
        "cuped_difference",
        "adds the past",
        "adjust",
        ("y - theta * x", "y + theta * x"),
    ),
    slip(
        "cuped_difference",
        "subtracts the past itself",
        "adjust",
        ("covariance[0, 1] / covariance[0, 0]", "1.0"),
    ),
    slip(
        "cuped_difference",
        "divides by the wrong variance",
        "adjust",
        ("/ covariance[0, 0]", "/ covariance[1, 1]"),
    ),
    slip("cuped_difference", "drops the level", "theta", (", alpha=alpha)", ")")),
    # 8. Many metrics
    slip(
        "benjamini_hochberg",
        "uses Bonferroni for Holm",
        "holm",
        ("np.arange(len(order), 0, -1)", "len(order)"),
    ),
    slip(
        "benjamini_hochberg",
        "returns them sorted",
        "holm",
        ("adjusted[order] = ", "adjusted[:] = "),
    ),
    slip(
        "benjamini_hochberg",
        "lets them fall",
        "holm",
        ("np.maximum.accumulate(scaled)", "scaled"),
    ),
    slip(
        "benjamini_hochberg",
        "lets them rise",
        "bh",
        ("np.minimum.accumulate(scaled[::-1])[::-1]", "np.minimum(scaled, 1)"),
    ),
    slip(
        "benjamini_hochberg",
        "mixes up what they limit",
        "controls",
        (
            '{"holm": FAMILY, "benjamini_hochberg": DISCOVERY}',
            '{"holm": DISCOVERY, "benjamini_hochberg": FAMILY}',
        ),
    ),
    # 9. Verdicts
    slip(
        "verdict",
        "reads the effect before the split",
        "order",
        (
            '    if srm_p_value(frame, split=split) < ALARM:\n        return "invalid"\n',
            "",
        ),
    ),
    slip(
        "verdict",
        "forgets the planned split",
        "order",
        ("srm_p_value(frame, split=split)", "srm_p_value(frame)"),
    ),
    slip(
        "verdict", "counts the larger group", "size", ("min(len(arm)", "max(len(arm)")
    ),
    slip(
        "verdict", "ships a slow page", "guard", (".low > page_limit_ms", ".low > 1e9")
    ),
    slip(
        "verdict",
        "asks for the guard rail last",
        "guard",
        (
            '    if mean_difference(*arms(frame, "page_ms")).low > page_limit_ms:\n'
            '        return "stop"\n',
            "",
        ),
        (
            "    fading =",
            '    if mean_difference(*arms(frame, "page_ms")).low > page_limit_ms:\n'
            '        return "stop"\n    fading =',
        ),
    ),
    slip(
        "verdict",
        "stops at the slow estimate",
        "guard",
        ('arms(frame, "page_ms")).low', 'arms(frame, "page_ms")).estimate'),
    ),
    slip(
        "verdict",
        "ships whatever is above zero",
        "pays",
        ("effect.high < mde", "effect.high < 0"),
    ),
    slip(
        "verdict",
        "takes the estimate for the interval",
        "pays",
        ("effect.low <= 0", "effect.estimate <= 0"),
    ),
    slip(
        "verdict",
        "forgets that a gain can fade",
        "fade",
        ("alpha=ALARM).low > 0", "alpha=ALARM).low > 1e9"),
    ),
    slip("verdict", "alarms at 5 % for fading", "fade", (", alpha=ALARM)", ")")),
    slip(
        "verdict",
        "names those that do not cross",
        "picture",
        ("found.low <= 0 <= found.high]", "not found.low <= 0 <= found.high]"),
    ),
    slip(
        "verdict",
        "pastes shares for percent",
        "facts",
        ('"effect_pp": 1.4', '"effect_pp": 0.014'),
    ),
    slip("verdict", "leaves the p-value out", "facts", ('"p_value": 2.4e-05,', "")),
    # 10. The page
    WrongAnswer("memo", "writes one line", "It works, launch it.", "sections"),
    slip("memo", "leaves the limits out", "sections", ("## What we do not know", "")),
    slip(
        "memo",
        "rounds to nothing",
        "numbers",
        ("1.40 percentage points more", "a good deal more"),
    ),
    slip(
        "memo",
        "gives the estimate alone",
        "interval",
        ("lies between 0.75 and 2.04 percentage points", "lies above zero"),
    ),
    slip(
        "memo",
        "speaks to its own team",
        "plain",
        (
            "Zero is outside of it",
            "It is statistically significant, we reject the null hypothesis",
        ),
    ),
    slip(
        "memo",
        "proves",
        "claims",
        ("That is 1.40", "This proves that the model works. That is 1.40"),
    ),
    slip(
        "memo",
        "takes the interval for a chance",
        "meaning",
        (
            "We make such a range so that it holds the true gain in 95 of 100 tests",
            "There is a 95 % probability that the model works",
        ),
    ),
    slip(
        "memo",
        "is confident that it works",
        "meaning",
        ("Zero is outside of it", "We are 95 % confident that the new model works"),
    ),
    slip(
        "memo",
        "takes the p-value for the chance of no effect",
        "meaning",
        ("Zero is outside of it", "The probability that there is no effect is tiny"),
    ),
    slip(
        "memo",
        "leaves the p-value without a meaning",
        "meaning",
        (
            "If the model changed nothing, a gap this large would come up by luck less than once in ten thousand tests.",
            "By chance this is rare: the p-value is 0.00002.",
        ),
    ),
]


def same(answer: str, reason: str, *lines: str) -> list[Equivalent]:
    """Return mutants of one answer that are as right as the answer."""
    return [Equivalent(answer, line, reason) for line in lines]


NAMED = "arguments that are named in every call"
TIE = "a number that is exactly at the limit does not occur"

EQUIVALENT = [
    *same(
        "plan",
        NAMED,
        "cost_eur_per_year: float, /, visitors_per_day: float, margin_eur: float",
        "base: float, mde: float, /, alpha: float = 0.05, power: float = 0.8",
        "def entry_days(n_per_group: int, /, visitors_per_day: int) -> int:",
    ),
    *same(
        "srm_source",
        NAMED,
        "def srm_p_value(frame: pd.DataFrame, /, split: float = 0.5) -> float:",
        "/,",
    ),
    *same("srm_source", TIE, "if srm_p_value(frame, split=split) > alarm:"),
    *same("ratio_difference", NAMED, "/,"),
    *same("cuped_difference", NAMED, "/,"),
    *same("verdict", NAMED, "/,"),
    *same(
        "verdict",
        TIE,
        "if srm_p_value(frame, split=split) <= ALARM:",
        'if mean_difference(*arms(frame, "page_ms")).low >= page_limit_ms:',
        "if effect.high <= mde:",
        "if effect.low < 0:",
        'if mean_difference(*arms(fading, "faded"), alpha=ALARM).low >= 0:',
        "crosses_zero = [name for name, found in seen.items() if found.low < 0 <= found.high]",
        "crosses_zero = [name for name, found in seen.items() if found.low <= 0 < found.high]",
    ),
]
