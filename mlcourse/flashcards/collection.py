"""All cards of a course, with what is needed to draw and to judge them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcourse.flashcards.cards import Card, make
from mlcourse.glossary.entry import Entry
from mlcourse.glossary.load import Glossary, build, load, read

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Matcher

__all__ = ["Deck", "load_deck"]

DECKS = ("core", "foundations", "tools")


class Deck:
    """The cards of a glossary, by id and by term.

    Args:
        glossary: The terms.

    Example:
        >>> Deck(build([])).cards
        mappingproxy({})
    """

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary
        cards = make(glossary)
        self.cards: Mapping[str, Card] = MappingProxyType({c.id: c for c in cards})
        terms: dict[str, list[Card]] = {}
        for card in cards:
            terms.setdefault(card.term, []).append(card)
        self.terms: Mapping[str, tuple[Card, ...]] = MappingProxyType(
            {slug: tuple(terms[slug]) for slug in _order(glossary, terms)}
        )

    @cached_property
    def matcher(self) -> Matcher:
        """The judge of typed answers."""
        from mlcourse.flashcards.answer import Matcher

        return Matcher(self.glossary)

    @cached_property
    def partners(self) -> Mapping[str, frozenset[str]]:
        """By slug, the terms that it is easily taken for."""
        return {
            slug: frozenset(
                pair.other for pair in self.glossary.entries[slug].confusions
            )
            for slug in self.terms
        }

    def recognition(self, term: str) -> Card:
        """Return the card that opens the others of a term.

        Args:
            term: A slug of the deck.
        """
        return self.terms[term][0]


def load_deck(terms_dir: Path, *, cache: Path | None = None) -> Deck:
    """Load the cards of a folder of terms.

    Args:
        terms_dir: The folder of the ``<slug>.yaml`` files.
        cache: A folder to keep the terms in as JSON, which loads several times faster;
            it is used only while no file of ``terms_dir`` has changed.

    Raises:
        GlossaryError: If an entry cannot be read, or there is none.
    """
    if cache is None:
        return Deck(load(terms_dir))
    path = cache / f"glossary-{_mark(terms_dir)}.json"
    try:
        entries = [Entry.model_validate_json(line) for line in path.open("rb")]
        return Deck(build(entries))
    except (OSError, ValueError):
        reading = read(terms_dir)
    if reading.faults or not reading.entries:
        return Deck(load(terms_dir))  # which says what is wrong
    _keep(path, reading.entries)
    return Deck(build(reading.entries))


def _mark(terms_dir: Path) -> str:
    """Return a digest that changes when a file, or the model of an entry, does."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(json.dumps(sorted(Entry.model_fields)).encode())
    for entry in sorted(os.scandir(terms_dir), key=lambda entry: entry.name):
        status = entry.stat()
        digest.update(f"{entry.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _keep(path: Path, entries: Iterable[Entry]) -> None:
    text = "".join(entry.model_dump_json(by_alias=True) + "\n" for entry in entries)
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("glossary-*.json"):
            old.unlink(missing_ok=True)
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError:  # a cache that cannot be kept costs a second, no more
        part.unlink(missing_ok=True)


def _order(glossary: Glossary, terms: Iterable[str]) -> list[str]:
    """Order terms for learning: core first, broad before narrow, categories mixed."""
    left = list(terms)
    queues: dict[tuple[int, str], list[str]] = {}
    for slug in left:
        entry = glossary.entries[slug]
        queues.setdefault((DECKS.index(entry.deck), entry.category), []).append(slug)
    # The n-th term of each category stands beside the n-th of the others.
    mixed = sorted(
        (deck, (place + 0.5) / len(slugs), category, slug)
        for (deck, category), slugs in queues.items()
        for place, slug in enumerate(slugs)
    )
    ordered: dict[str, None] = {}

    def visit(slug: str, above: tuple[str, ...] = ()) -> None:
        if slug in ordered or slug in above:
            return
        for broader in glossary.entries[slug].broader:
            known = glossary.entries.get(broader)
            if known and broader in terms and known.deck == glossary.entries[slug].deck:
                visit(broader, (*above, slug))
        ordered[slug] = None

    for *_, slug in mixed:
        visit(slug)
    return list(ordered)
