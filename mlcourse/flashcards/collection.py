"""All cards of a course, with what is needed to draw and to judge them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mlcourse.flashcards import answer, cards

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Matcher
    from mlcourse.flashcards.cards import Card
    from mlcourse.glossary.load import Glossary

__all__ = ["Deck", "load_deck"]

DECKS = ("core", "foundations", "tools")
# Whatever a spoilt copy raises, the cards are made again.
UNREADABLE = (
    OSError, ValueError, TypeError, LookupError, AttributeError, ImportError, EOFError,
    pickle.UnpicklingError,
)  # fmt: skip


class _Parts(NamedTuple):
    """What a deck is made of: all of it that takes time to make."""

    terms: dict[str, tuple[Card, ...]]
    partners: dict[str, frozenset[str]]
    scenarios: dict[str, tuple[str, ...]]
    matcher: Matcher


class Deck:
    """The cards of a glossary, by id and by term.

    Args:
        glossary: The terms.

    Example:
        >>> from mlcourse.glossary.load import build
        >>> Deck(build([])).cards
        mappingproxy({})
    """

    def __init__(self, glossary: Glossary) -> None:
        self._fill(_parts(glossary), lambda: glossary)

    @classmethod
    def _kept(cls, parts: _Parts, glossary: Callable[[], Glossary]) -> Deck:
        deck = cls.__new__(cls)
        deck._fill(parts, glossary)
        return deck

    def _fill(self, parts: _Parts, glossary: Callable[[], Glossary]) -> None:
        self._parts, self._load = parts, glossary
        self.terms: Mapping[str, tuple[Card, ...]] = MappingProxyType(parts.terms)
        self.cards: Mapping[str, Card] = MappingProxyType(
            {card.id: card for same in parts.terms.values() for card in same}
        )
        self.partners: Mapping[str, frozenset[str]] = parts.partners
        self.scenarios: Mapping[str, tuple[str, ...]] = parts.scenarios
        self.matcher: Matcher = parts.matcher

    @cached_property
    def glossary(self) -> Glossary:
        """The terms, with all of their fields; read on first use."""
        return self._load()

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
        cache: The user's own folder, where ready cards are kept; they are used only
            while no file of ``terms_dir``, and no code that makes cards, has changed.

    Raises:
        GlossaryError: If an entry cannot be read, or there is none.
    """

    def glossary() -> Glossary:
        # Pydantic and YAML are loaded here: ready cards need neither.
        from mlcourse.glossary.load import load

        return load(terms_dir)

    if cache is None:
        return Deck(glossary())
    path = cache / f"cards-{_mark(terms_dir)}.pickle"
    try:
        # Nobody but the user writes to this folder.
        return Deck._kept(_Parts(*pickle.loads(path.read_bytes())), glossary)
    except UNREADABLE:
        deck = Deck(glossary())
    _keep(path, deck._parts)
    return deck


def _parts(glossary: Glossary) -> _Parts:
    terms: dict[str, list[Card]] = {}
    for card in cards.make(glossary):
        terms.setdefault(card.term, []).append(card)
    entries = glossary.entries
    return _Parts(
        {slug: tuple(terms[slug]) for slug in _order(glossary, terms)},
        {slug: frozenset(pair.other for pair in entries[slug].confusions)
         for slug in terms},
        {slug: entries[slug].scenarios for slug in terms},
        answer.Matcher(glossary),
    )  # fmt: skip


def _mark(terms_dir: Path) -> str:
    """Return a digest that changes when a term, or the code that makes cards, does."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=8)
    here = Path(__file__).parent
    code = (*here.glob("*.py"), *(here.parent / "glossary").glob("*.py"))
    for path in (*sorted(code), *sorted(map(Path, _files(terms_dir)))):
        status = path.stat()
        digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(folder)]
    except OSError:  # loading says what is wrong
        return []


def _keep(path: Path, parts: _Parts) -> None:
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("cards-*.pickle"):
            old.unlink(missing_ok=True)
        part.write_bytes(pickle.dumps(tuple(parts)))
        part.replace(path)
    except OSError:  # a cache that cannot be kept costs a second, no more
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _order(glossary: Glossary, terms: Iterable[str]) -> list[str]:
    """Order terms for learning: core first, broad before narrow, categories mixed."""
    entries, known = glossary.entries, set(terms)
    queues: dict[tuple[int, str], list[str]] = {}
    for slug in terms:
        place = (DECKS.index(entries[slug].deck), entries[slug].category)
        queues.setdefault(place, []).append(slug)
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
        for broader in entries[slug].broader:
            if broader in known and entries[broader].deck == entries[slug].deck:
                visit(broader, (*above, slug))
        ordered[slug] = None

    for *_, slug in mixed:
        visit(slug)
    return list(ordered)
