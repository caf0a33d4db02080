"""Finding a term by what a reader types: its name, another name, a misspelling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mlcourse.glossary.folding import fold

if TYPE_CHECKING:
    from mlcourse.glossary.entry import Entry
    from mlcourse.glossary.load import Glossary

__all__ = ["Match", "find"]

# How a name of each kind matches, in the order of the ranks.
REASONS = {
    "term": "term",
    "alt": "synonym",
    "inflection": "inflection",
    "hidden": "misspelling",
    "avoid": "avoid",
}
NEAR = 75.0
BEGINNING = 3
LIMIT = 8


class Match(NamedTuple):
    """A term that was found, and why.

    Args:
        entry: The entry.
        name: The name that matched, as it is written.
        reason: ``term``, ``synonym``, ``inflection``, ``misspelling``, ``avoid`` (a
            word the entry tells not to use), ``part`` (the name holds the words or
            begins with them, or they hold the name) or
            ``near`` (it is spelt nearly so).
        score: Likeness of what was typed and the name, 0 to 100.
    """

    entry: Entry
    name: str
    reason: str
    score: float

    @property
    def slug(self) -> str:
        """The slug of the term."""
        return self.entry.slug

    @property
    def term(self) -> str:
        """The term."""
        return self.entry.term

    @property
    def definition(self) -> str:
        """What it means."""
        return self.entry.definition


def find(words: str, glossary: Glossary, *, limit: int = LIMIT) -> list[Match]:
    """Find terms by name, synonym or misspelling, the best first.

    A name that is meant exactly ends the search; else names that hold the words, then
    names that are spelt nearly so.

    Args:
        words: What a reader types.
        glossary: Where to look.
        limit: The most terms to return.

    Raises:
        ValueError: If ``words`` holds no letter or digit.

    Example:
        >>> from mlcourse.glossary.load import build
        >>> find("drift", build([]))
        []
    """
    wanted = fold(words)
    if not wanted:
        raise ValueError(f"words == {words!r}, must be a word or two.")
    exact = glossary.names.get(wanted, ())
    if exact:
        found = [
            Match(glossary.entries[n.slug], n.text, REASONS[n.kind], 100.0)
            for n in exact
        ]
    else:
        likely = (*_parts(wanted, glossary), *_near(wanted, glossary))
        found = [
            Match(glossary.entries[name.slug], name.text, reason, score)
            for label, reason, score in likely
            for name in glossary.names[label]
            if name.kind != "avoid"
        ]
    found.sort(key=_rank)
    best: dict[str, Match] = {}
    for match in found:
        best.setdefault(match.slug, match)
    return list(best.values())[:limit]


def _rank(match: Match) -> tuple[int, float, str]:
    order = list(REASONS.values())
    exact = match.reason in order
    at = order.index(match.reason) if exact else len(order)
    return at, -match.score, match.term


def _parts(wanted: str, glossary: Glossary) -> Iterator[tuple[str, str, float]]:
    for label in glossary.names:
        if wanted not in label and label not in wanted:
            continue
        short, long = sorted((wanted, label), key=len)
        begins = label.startswith(wanted) and len(wanted) >= BEGINNING
        if begins or f" {short} " in f" {long} ":
            yield label, "part", 100.0 * len(short) / len(long)


def _near(wanted: str, glossary: Glossary) -> Iterator[tuple[str, str, float]]:
    try:
        from rapidfuzz import fuzz, process
    except ImportError:
        yield from _near_slowly(wanted, glossary)
        return
    for label, score, _ in process.extract(
        wanted, list(glossary.names), scorer=fuzz.ratio, score_cutoff=NEAR
    ):
        yield label, "near", score


def _near_slowly(wanted: str, glossary: Glossary) -> Iterator[tuple[str, str, float]]:
    from difflib import SequenceMatcher, get_close_matches

    names: list[str] = list(glossary.names)
    for label in get_close_matches(wanted, names, n=5, cutoff=NEAR / 100):
        yield label, "near", 100.0 * SequenceMatcher(None, label, wanted).ratio()
