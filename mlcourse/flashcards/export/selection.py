"""What an export holds: terms of a lab, of a category or all, and types of cards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlcourse.flashcards.cards import CODES, make
from mlcourse.glossary.load import Glossary
from mlcourse.glossary.pages import TITLES

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card
    from mlcourse.glossary.entry import Entry

__all__ = ["USUAL", "cards_of", "select"]

# A term has up to twenty cards, and other programs cannot open one after the other.
USUAL = ("rec", "prod", "cloze")
# The parts of an entry that only one type of card is made of.
PARTS = {
    "colloc": "collocations",
    "choose": "confusions",
    "say": "say_it",
    "spot": "grammar",
}


def select(
    glossary: Glossary,
    *,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
) -> list[Entry]:
    """Return the entries that are meant; those that are retired are left out.

    Args:
        glossary: Where they are.
        slugs: Terms by their slugs, such as those of a lab; their order stays. All
            terms in the order of the alphabet if omitted.
        categories: Only terms of these categories, by their names in an entry.

    Raises:
        ValueError: If a slug or a category is unknown, or if no term is left.

    Example:
        >>> from mlcourse.glossary.load import build
        >>> select(build([]), slugs=["psi"])
        Traceback (most recent call last):
        ...
        ValueError: slugs == ['psi'], must be slugs of the glossary.
    """
    wanted = list(glossary.entries) if slugs is None else list(dict.fromkeys(slugs))
    unknown = [slug for slug in wanted if slug not in glossary.entries]
    if unknown:
        raise ValueError(f"slugs == {unknown!r}, must be slugs of the glossary.")
    kept = set(TITLES if categories is None else categories)
    if wrong := sorted(kept - TITLES.keys()):
        raise ValueError(f"categories == {wrong!r}, must be among {list(TITLES)}.")
    found = [glossary.entries[slug] for slug in wanted]
    found = [e for e in found if e.category in kept and e.status != "retired"]
    if not found:
        raise ValueError("no term is left to export: name other slugs or categories.")
    return found


def cards_of(
    entries: Iterable[Entry], glossary: Glossary, *, codes: Iterable[str] = USUAL
) -> list[list[Card]]:
    """Return the cards of each entry, in the order in which a term is learned.

    Args:
        entries: Whose cards are meant.
        glossary: Where the entries are.
        codes: Types of cards, as in :mod:`mlcourse.flashcards.cards`.

    Raises:
        ValueError: If a code is unknown.
    """
    chosen = set(codes)
    if unknown := sorted(chosen.difference(CODES)):
        raise ValueError(f"codes == {unknown!r}, must be among {list(CODES)}.")
    # Cards that nobody wants are not made: half the time of an export.
    bare = {part: () for code, part in PARTS.items() if code not in chosen}
    trimmed = {s: e.model_copy(update=bare) for s, e in glossary.entries.items()}
    found: dict[str, list[Card]] = {entry.slug: [] for entry in entries}
    for card in make(Glossary(trimmed, {})):
        if card.code in chosen and card.term in found:
            found[card.term].append(card)
    return list(found.values())
