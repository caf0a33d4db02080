"""Units a memo may give a number in, and how one becomes another."""

import re
from functools import lru_cache
from typing import NamedTuple

from mlcourse.writing.phrases import phrase_pattern

__all__ = ["HINT", "UNIT", "Unit", "counts", "find_unit", "unit_of"]


class Unit(NamedTuple):
    """A unit: what it measures, and its size in the base unit of that kind.

    Args:
        kind: Such as ``"time"``; two units convert if they have the same kind.
        factor: Base units in one of it.
        symbol: How to write it.
    """

    kind: str
    factor: float
    symbol: str


# kind, size, symbols (as written), words (any case, plural or not)
_TABLE: tuple[tuple[str, float, str, str], ...] = (
    ("time", 1e-9, "ns", "nanosecond"),
    ("time", 1e-6, "µs μs us", "microsecond"),
    ("time", 1e-3, "ms msec", "millisecond"),
    ("time", 1.0, "s sec secs", "second"),
    ("time", 60.0, "min mins", "minute"),
    ("time", 3600.0, "h hr hrs", "hour"),
    ("time", 86400.0, "", "day"),
    ("share", 0.01, "% pct", "percent,per cent"),
    ("share", 1.0, "", "share"),
    ("points", 0.01, "pp p.p.", "percentage point,percentage-point,point"),
    ("bytes", 1.0, "B", "byte"),
    ("bytes", 1e3, "kB KB", "kilobyte"),
    ("bytes", 1e6, "MB", "megabyte"),
    ("bytes", 1e9, "GB", "gigabyte"),
    ("bytes", 2.0**10, "KiB kiB", ""),
    ("bytes", 2.0**20, "MiB", ""),
    ("bytes", 2.0**30, "GiB", ""),
    (
        "rate",
        1.0,
        "/s req/s requests/s rps RPS qps QPS",
        "requests per second,requests a second,calls per second,per second",
    ),
    ("rate", 1 / 60, "/min req/min", "requests per minute,per minute"),
    ("times", 1.0, "x ×", "times,fold"),
    ("euro", 1.0, "€ EUR", "euro"),
    ("dollar", 1.0, "$ USD", "dollar"),
    ("pound", 1.0, "£ GBP", "pound"),
)
_KINDS = {kind for kind, *_ in _TABLE}
_SYMBOLS = {
    symbol: Unit(kind, factor, symbol)
    for kind, factor, symbols, _ in _TABLE
    for symbol in symbols.split()
}
_WORDS = {
    word: Unit(kind, factor, word)
    for kind, factor, _, words in _TABLE
    for word in words.split(",")
    if word
}


def _alternatives(names: list[str], suffix: str) -> str:
    names = sorted(names, key=len, reverse=True)
    parts = (re.escape(name).replace(r"\ ", r"\s+") for name in names)
    return "|".join(
        part + (rf"{suffix}(?!\w)" if name[-1].isalnum() else "")
        for part, name in zip(parts, names, strict=True)
    )


UNIT = rf"(?i:{_alternatives(list(_WORDS), 's?')})|{_alternatives(list(_SYMBOLS), '')}"
HINT = re.compile(rf"(?:[(\[]\s*|\bin\s+)(?P<unit>{UNIT})")
_LONG = re.compile(rf"(?<![^\W\d_])(?P<unit>{UNIT})")
_OTHER_SENSE = frozenset(
    {"min", "second", "times", "fold", "point", "points", "pound"}
)  # in a header


@lru_cache(maxsize=256)
def unit_of(name: str) -> Unit:
    """Return the unit of that name; a name not in the table is a kind of its own.

    Args:
        name: Such as ``"ms"``, ``"%"``, ``"pp"``, ``"req/s"``, ``"€"`` or
            ``"members"``; empty for a plain count.

    Example:
        >>> unit_of("minutes").factor, unit_of("members").kind
        (60.0, 'members')
    """
    name = " ".join(name.split())
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    word = name.casefold()
    for candidate in (word, word.removesuffix("s")):
        if candidate in _WORDS:
            return _WORDS[candidate]
    return Unit(word, 1.0, name)


def find_unit(labels: str) -> Unit | None:
    """Return the unit that a table's header or first cell names, as in ``p95 (ms)``.

    A symbol of one letter counts in brackets or after "in" only.

    Example:
        >>> find_unit("Latency, ms").symbol, find_unit("Class B")
        ('ms', None)
    """
    hint = HINT.search(labels)
    if hint:
        return unit_of(hint["unit"])
    for found in _LONG.finditer(labels):
        name = found["unit"]
        if name.casefold() not in _OTHER_SENSE and (
            len(name) > 1 or not name.isalpha()
        ):
            return unit_of(name)
    return None


def counts(kind: str, following: str) -> bool:
    """Return whether the words after a number name a unit that is not in the table.

    Up to two words may stand between, as in ``1,234 paying members``.
    """
    if not kind or kind in _KINDS:
        return False
    found = phrase_pattern(kind.removesuffix("s")).search(following)
    return found is not None and len(following[: found.start()].split()) <= 2
