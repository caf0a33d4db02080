"""Numbers in a memo against the results the writer computed."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from mlcourse.writing.memo import Memo
from mlcourse.writing.numbers import Figure, find_figures
from mlcourse.writing.review import Fault, Verdict
from mlcourse.writing.units import Unit, unit_of

__all__ = [
    "Number",
    "Result",
    "Sightings",
    "Value",
    "intervals",
    "read_results",
    "reported",
    "sightings",
    "unsupported",
]

Value = float | tuple[float, float, float]
Sightings = list[list[tuple[int, Figure]]]  # by sentence or row: line and figure

_PLUS_MINUS = re.compile(r"[\s()\]]*(?:±|\+/?-)[\s(]*")
_LEVEL = re.compile(  # a confidence level or a percentile is no result
    r"\s*-?(?:CI\b|confiden|credible|interval|level|sure\b|of\s)", re.IGNORECASE
)
_TRIES = 20  # candidates for each end, in one sentence
_LEVELS = (80.0, 90.0, 95.0, 99.0, 99.9)


@dataclass(frozen=True, slots=True)
class Number:
    """A result that a memo must state.

    Args:
        unit: The unit its value is in, and the memo may convert: ``"ms"`` (also written
            as s), ``"%"`` (also as a share: 3.4 % is 0.034), ``"share"`` (the value is
            0.034), ``"pp"``, ``"req/s"``, ``"MB"``, ``"€"``, ``"x"``, any counted noun
            (``"members"``), or empty for a plain count.
        interval: Whether the memo must give both ends. The value is then
            ``(low, point, high)``.
        required: Whether the memo must state it. If not, it may.

    Example:
        >>> Number("ms").interval
        False
    """

    unit: str = ""
    interval: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """A number together with the value the writer computed."""

    name: str
    number: Number
    unit: Unit
    point: float
    low: float
    high: float

    @property
    def accepted(self) -> tuple[float, ...]:
        """Every value that a memo may state as this result."""
        half = (self.high - self.low) / 2
        return (self.point, self.low, self.high, half)


def read_results(
    numbers: Mapping[str, Number], values: Mapping[str, Value]
) -> list[Result]:
    """Join the numbers a brief asks for and the values computed.

    Raises:
        ValueError: If a value is missing, not finite, or not of the form its number
            asks for: an error of the lab, not of the writer.
    """
    return [_result(name, number, values) for name, number in numbers.items()]


def sightings(memo: Memo) -> Sightings:
    """Return the figures of a memo, those in code spans too, by sentence or row."""
    return [
        [
            (part.line_at(figure.start), figure)
            for part in group
            for figure in find_figures(part.with_code, labels=part.labels)
        ]
        for group in memo.places()
        if group[0].kind != "heading"
    ]


def reported(
    due: Sequence[Result], results: Sequence[Result], seen: Sightings
) -> Verdict:
    """Judge whether each result due is stated, to the digits shown."""
    faults = tuple(
        _missing(result, results, seen)
        for result in due
        if not any(f.shows(result.point, result.unit) for _, f in chain(*seen))
    )
    return Verdict(1 - len(faults) / len(due), faults)


def intervals(due: Sequence[Result], seen: Sightings) -> Verdict:
    """Judge whether both ends of each interval due stand together."""
    faults = tuple(
        Fault(
            f"{_name(result)} is an estimate, so give its interval: both ends, in one "
            "sentence or bracket, with the unit, rounded from your own values. A point "
            "alone hides how sure you are.",
            next(
                (n for n, f in chain(*seen) if f.shows(result.point, result.unit)), None
            ),
        )
        for result in due
        if not any(_shows_interval([f for _, f in group], result) for group in seen)
    )
    return Verdict(1 - len(faults) / len(due), faults)


def unsupported(
    results: Sequence[Result], memo: Memo, strict_units: Sequence[str]
) -> Verdict:
    """Judge whether each number with one of these units is a result.

    Code spans are not read here. A level such as "95 % confidence" is no result.
    """
    units = {unit_of(name)[:2] for name in strict_units}
    total = 0
    faults = []
    for part in memo.passages:
        for figure in find_figures(part.text, labels=part.labels):
            if figure.unit is None or figure.unit[:2] not in units:
                continue
            if figure.value in _LEVELS and _LEVEL.match(figure.after):
                continue
            total += 1
            if not any(
                figure.shows(value, result.unit, digits=1)  # "numbers" asks for more
                for result in results
                for value in result.accepted
            ):
                faults.append(
                    Fault(
                        f'you write "{figure.quote}"; none of your results is that. '
                        "Copy the number from your results, or leave it out.",
                        part.line_at(figure.start),
                        figure.quote,
                    )
                )
    return Verdict(1 - len(faults) / total if total else 1.0, tuple(faults))


def _result(name: str, number: Number, values: Mapping[str, Value]) -> Result:
    value = values.get(name)
    if value is None:
        raise ValueError(f"values[{name!r}] is missing; the brief asks for it.")
    form = "(low, point, high)" if number.interval else "one number"
    try:
        parts = (
            tuple(float(part) for part in value)  # type: ignore[union-attr]
            if number.interval
            else (float(value),) * 3  # type: ignore[arg-type]
        )
    except (TypeError, ValueError):
        parts = ()
    if len(parts) != 3 or not all(map(math.isfinite, parts)):
        raise ValueError(f"values[{name!r}] == {value!r}, must be {form}, finite.")
    low, point, high = parts
    if not low <= point <= high:
        raise ValueError(
            f"values[{name!r}] == {value!r}, must be low <= point <= high."
        )
    return Result(name, number, unit_of(number.unit), point, low, high)


def _name(result: Result) -> str:
    return "your " + result.name.replace("_", " ")


def _missing(result: Result, results: Sequence[Result], seen: Sightings) -> Fault:
    """Say why a result is not found: digits, unit, another value, or nothing there."""
    name = _name(result)
    for line, figure in chain(*seen):
        if figure.shows(result.point, result.unit, digits=1):
            text = (
                f'"{figure.quote}" is too coarse for {name}: show at least two '
                "significant digits."
            )
            return Fault(text, line, figure.quote)
        if result.unit.kind == "points" and figure.shows(result.point, unit_of("%")):
            text = (
                f'"{figure.quote}": {name} is a difference between two percentages, '
                "so its unit is percentage points (pp)."
            )
            return Fault(text, line, figure.quote)
        bare = figure.unit is None and figure.implied is None and result.unit.kind
        if bare and figure.shows(result.point, unit_of("")):
            text = f'"{figure.quote}" has no unit: write it in {result.unit.symbol}.'
            return Fault(text, line, figure.quote)
    for line, figure in chain(*seen):
        if figure.near(result.point, result.unit) and not any(
            figure.shows(value, other.unit)
            for other in results
            for value in other.accepted
        ):
            text = (
                f'"{figure.quote}" is not {name} rounded to the digits shown. Copy it '
                "from your results again; round it, do not cut it off."
            )
            return Fault(text, line, figure.quote)
    unit = f" in {result.unit.symbol}" if result.unit.symbol else ""
    return Fault(
        f"{name} does not appear. Print it and write it{unit}, with at least two "
        "significant digits."
    )


def _shows_interval(figures: Sequence[Figure], result: Result) -> bool:
    unit = result.unit
    figures = _sharing_unit(figures, result)
    if any(
        _PLUS_MINUS.fullmatch(half.before) and _shows_spread(middle, half, result)
        for middle, half in pairwise(figures)
    ):
        return True
    lows = [figure for figure in figures if figure.shows(result.low, unit, digits=0)]
    highs = [figure for figure in figures if figure.shows(result.high, unit, digits=0)]
    # Ends share their decimals ("0.2 to 2.4 %"), so one of them may show fewer digits.
    return any(
        low is not high
        and (
            (low.decimals == high.decimals and max(low.digits, high.digits) >= 2)
            or (low.shows(result.low, unit) and high.shows(result.high, unit))
        )
        for low in lows[:_TRIES]
        for high in highs[:_TRIES]
    )


def _sharing_unit(figures: Sequence[Figure], result: Result) -> list[Figure]:
    """Give bare ends the unit of the value before them, as in "2.3 % (1.2 to 3.4)"."""
    unit = None
    shared = []
    for figure in figures:
        if unit is None and figure.shows(result.point, result.unit):
            unit = figure.unit or figure.implied
        bare = figure.unit is None and figure.implied is None
        shared.append(replace(figure, implied=unit) if bare else figure)
    return shared


def _shows_spread(middle: Figure, half: Figure, result: Result) -> bool:
    """Return whether "middle ± half" gives both ends, to the digits shown."""
    return any(
        middle.digits >= 2
        and abs((middle.value - half.value) * factor - result.low) <= step * factor
        and abs((middle.value + half.value) * factor - result.high) <= step * factor
        for factor in middle.readings(result.unit)
        for step in (10.0 ** -min(middle.decimals, half.decimals),)
        if factor in half.readings(result.unit)
    )
