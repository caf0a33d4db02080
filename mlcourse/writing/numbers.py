"""The numbers in a text, with their units and the digits they show."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlcourse.writing.units import HINT, UNIT, Unit, counts, find_unit, unit_of

__all__ = ["Figure", "find_figures"]

_FIGURE = re.compile(
    rf"""
    (?P<skip> \d{{4}}-\d\d-\d\d (?:[T ][\d:.]+Z?)?    # a date
      | \d\d?:\d\d (?::\d\d)? (?!\d)                  # a time
      | (?<!\d) \d{{1,9}} (?:\.\d{{1,9}}){{2,}} )     # a version
    | (?<![\w.]) (?P<sign> (?<![\w%)\]/+±]) [-−] )?
      (?P<currency> [€$£]\s? )?
      (?P<digits> \d{{1,3}} (?: (?P<sep> [,\ \u00a0\u202f\u2009'’] ) \d{{3}} )
                  (?: (?P=sep) \d{{3}} )* (?!\d)
        | \d{{1,18}} (?!\d) | (?=\.\d) )
      (?: [.] (?P<fraction> \d{{1,18}} )
        | (?<![\[(]\d) (?<![\[(]\d\d) , (?P<comma> \d{{1,2}} ) (?! [\d,.]) )?
      (?: [eE] (?P<e> [+-]?\d{{1,2}} )
        | \s? [×x*·] \s? 10 (?:\^|\*\*) (?P<power> [-−+]?\d{{1,2}} ) )?
      (?: \s? (?P<times> (?:thousand|million|billion)\b )
        | (?P<short> [kM] (?![A-Za-z/]) ) )?
      (?: (?:\s?[\])])? (?:\s{{0,2}}|-) (?P<unit> {UNIT} ) | (?![\w%]) (?!\.\d) )
    """,
    re.VERBOSE,
)
_TIMES = {"thousand": 3, "million": 6, "billion": 9, "k": 3, "M": 6}
_JOINED = re.compile(  # between two numbers that share the unit of the second
    r"[\s\])(]*(?:(?:[-–—/,;±]|\+/?-)\s*)?(?:(?:to|and|or|through)\s+)?"
    r"(?:(?:up\s+to\s+)|(?:p\d\d\d?(?:\.\d+)?\s*(?:is|of|at|=|:)?\s*))?[\[(]?"
)
_FALLING = re.compile(
    r"\b(?:f[ae]ll\w*|dropp?\w*|decreas\w*|declin\w*|reduc\w*|lower\w*|less|fewer|down|"
    r"minus|los[est]\w*|worse\w*|below|behind|short\w*|fast\w*|slow\w*|negative|sav\w+|"
    r"shr[iau]nk\w*|cut|under)\b",
    re.IGNORECASE,
)
_FOLLOWING = 60  # characters after a number where a counted noun may stand


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text.

    Args:
        value: What it says, in its own unit.
        decimals: Digits shown after the point; negative for ``1.2e3`` or 4 million.
        digits: Significant digits shown, trailing zeros included.
        zeros: Trailing zeros of a whole number, which may be there for size only.
        unit: The unit written with it; None where there is none.
        implied: The unit of a joined number, the sentence or the table's header.
        quote: As written, with the unit.
        start: Position in the text.
        before: The text since the number before it.
        after: A little of the text behind it.
        falling: Whether words around it may carry a minus, as in "fell by 2 %".
    """

    value: float
    decimals: int
    digits: int
    zeros: int
    unit: Unit | None
    implied: Unit | None
    quote: str
    start: int
    before: str
    after: str
    falling: bool

    def readings(self, unit: Unit) -> Iterator[float]:
        """Yield the factors that turn its value into a unit; none if it cannot be.

        A number without a unit is a count, takes the unit implied, or is a share if it
        has a decimal point.
        """
        own = self.unit or self.implied
        if own is not None and own.kind == unit.kind:
            yield own.factor / unit.factor
        if self.unit is None and unit.kind == "":
            yield 1.0
        if self.unit is None and unit.kind == "share" and self.decimals > 0:
            yield 1.0 / unit.factor
        if self.unit is None and counts(unit.kind, self.after):
            yield 1.0

    def shows(self, value: float, unit: Unit, *, digits: int = 2) -> bool:
        """Return whether it is a value, rounded to the digits shown.

        At least two significant digits must be shown, unless the number is the value
        exactly. The trailing zeros of a whole number may be digits or not: 1200 is 1234
        to two digits.

        Args:
            value: In ``unit``.
            unit: The unit of ``value``.
            digits: How many significant digits must be shown.
        """
        return any(
            self._equals(signed, factor, digits)
            for factor in self.readings(unit)
            for signed in ((value, -value) if value < 0 and self.falling else (value,))
        )

    def near(self, value: float, unit: Unit) -> bool:
        """Return whether it looks like an attempt at a value: within a quarter."""
        return any(
            math.isclose(self.value * factor, value, rel_tol=0.25)
            for factor in self.readings(unit)
        )

    def _equals(self, value: float, factor: float, digits: int) -> bool:
        target = value / factor
        if math.isclose(self.value, target, rel_tol=1e-9, abs_tol=1e-12):
            return True
        return any(
            self.digits - dropped >= digits
            and abs(self.value - target)
            <= (0.5 + 1e-9) * 10.0 ** (dropped - self.decimals)
            for dropped in range(self.zeros + 1)
        )


def find_figures(text: str, *, labels: str = "") -> list[Figure]:
    """Return the numbers of a sentence or of a table cell.

    Read are ``12.3 ms``, ``1,234.5``, ``1 234``, ``1.2e3``, ``12,3``, ``€4.50``,
    ``1.2 million``; dates, times, versions and names such as ``p95`` are not numbers.

    Args:
        text: Without markup.
        labels: For a table cell, its header and the name of its row.

    Example:
        >>> [(f.value, f.quote) for f in find_figures("The p95 is 12.3 ms on v1.2.0.")]
        [(12.3, '12.3 ms')]
    """
    hint = HINT.search(text)
    implied = unit_of(hint["unit"]) if hint else find_unit(labels) if labels else None
    falling = _FALLING.search(f"{labels} {text}") is not None
    figures: list[Figure] = []
    end = 0
    for found in _FIGURE.finditer(text):
        if found["skip"] is None and found["digits"] + (found["fraction"] or ""):
            figures.append(_figure(text, found, end, implied, falling))
            end = found.end()
    for i in reversed(range(len(figures) - 1)):
        unit = figures[i + 1].unit or figures[i + 1].implied
        if figures[i].unit is None and _JOINED.fullmatch(figures[i + 1].before):
            figures[i] = replace(figures[i], implied=unit or implied)
    return figures


def _figure(
    text: str, found: re.Match[str], end: int, implied: Unit | None, falling: bool
) -> Figure:
    whole = re.sub(r"\D", "", found["digits"])
    fraction = found["fraction"] or found["comma"] or ""
    exponent = int((found["e"] or found["power"] or "0").replace("−", "-"))
    exponent += _TIMES.get(found["times"] or found["short"] or "", 0)
    value = float(f"{whole or '0'}.{fraction or '0'}e{exponent}")
    shown = (whole + fraction).lstrip("0")
    bare = not fraction and not exponent
    name = (found["currency"] or found["unit"] or "").strip()
    return Figure(
        value=-value if found["sign"] else value,
        decimals=len(fraction) - exponent,
        digits=len(shown),
        zeros=len(shown) - len(shown.rstrip("0")) if bare else 0,
        unit=unit_of(name) if name else None,
        implied=implied,
        quote=" ".join(found[0].split()),
        start=found.start(),
        before=text[end : found.start()],
        after=text[found.end() : found.end() + _FOLLOWING],
        falling=falling,
    )
