"""Questions of a quiz: drawn from the cards with a seed, marked as the cards are.

A question has a short answer: a term or a few words to type, or a letter to choose.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlcourse.flashcards.answer import Matcher
from mlcourse.flashcards.cards import make
from mlcourse.flashcards.export.selection import cards_of, select
from mlcourse.glossary.load import load
from mlcourse.paths import find_course

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card
    from mlcourse.glossary.load import Glossary

__all__ = ["Question", "draw", "mark_letter", "mark_words"]

# In turn, so that a quiz holds as much of each as its terms have.
KINDS = ("prod", "choose", "rec", "cloze", "spot", "colloc")
LETTERS = "ABCD"
MEANINGS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a quiz.

    Args:
        card: Id of the card that it was made of.
        prompt: What to do, in one short sentence.
        lines: What it is about.
        choices: What to choose from by a letter; empty where words are to be typed.
        answer: The right letter, or words that are right.
    """

    card: str
    prompt: str
    lines: tuple[str, ...]
    answer: str
    choices: tuple[str, ...] = ()


def draw(
    glossary: Glossary,
    *,
    seed: int,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    questions: int = 20,
) -> tuple[Question, ...]:
    """Draw the questions of a quiz; the same arguments give the same ones.

    A term is asked for again only when every other one was asked for, by another type
    of card; one of its questions may then help with the other.

    Args:
        glossary: Where the terms are.
        seed: Decides terms, cards, and the order of choices.
        slugs: Terms by their slugs, such as those of some labs; all if omitted.
        categories: Only terms of these categories.
        questions: How many, at least 1.

    Raises:
        ValueError: If a slug or a category is unknown, or the terms have too few cards.
    """
    if questions < 1:
        raise ValueError(f"questions == {questions!r}, must be >= 1.")
    # Python keeps what these methods draw for a seed from version to version.
    rng = random.Random(seed)
    entries = select(glossary, slugs=slugs, categories=categories)
    rng.shuffle(entries)
    decks = cards_of(entries, glossary, codes=KINDS)
    found = [
        _question(card, glossary, rng)
        for _, card in zip(range(questions), _deal(decks, rng), strict=False)
    ]
    if len(found) < questions:
        raise ValueError(
            f"questions == {questions!r}, must be <= {len(found)}: the {len(entries)} "
            "terms have no more cards. Name more terms, or ask for fewer questions."
        )
    return tuple(found)


def mark_letter(answer: object, letter: str, *, points: float = 1.0) -> float:
    """Return the points of a chosen letter: all or none.

    Args:
        answer: What the learner gave; case, brackets and full stops do not count.
        letter: The right one.
        points: What the question is worth.

    Example:
        >>> mark_letter("b)", "B"), mark_letter("", "B")
        (1.0, 0.0)
    """
    given = re.sub(r"[\W_]", "", answer).upper() if isinstance(answer, str) else ""
    return points if given == letter else 0.0


def mark_words(answer: object, card_id: str, *, points: float = 1.0) -> float:
    """Return the points of typed words: all or none, judged as on the card.

    The glossary is that of the course: see :func:`mlcourse.paths.find_course`.

    Args:
        answer: What the learner gave.
        card_id: The card that the question was made of.
        points: What the question is worth.

    Raises:
        KeyError: If the glossary has no such card any more.
    """
    matcher, cards = _judge(find_course().glossary / "terms")
    if not isinstance(answer, str):
        return 0.0
    return points if matcher.judge(answer, cards[card_id]).right else 0.0


@lru_cache(maxsize=1)
def _judge(terms_dir: Path) -> tuple[Matcher, dict[str, Card]]:
    glossary = load(terms_dir)
    return Matcher(glossary), {card.id: card for card in make(glossary)}


def _deal(decks: list[list[Card]], rng: random.Random) -> Iterator[Card]:
    """Yield a card of each term, then another one of each, the types in turn."""
    left = [list(deck) for deck in decks]
    turn = 0
    while any(left):
        for deck in filter(None, left):
            wanted = KINDS[turn % len(KINDS) :] + KINDS[: turn % len(KINDS)]
            code = min((card.code for card in deck), key=wanted.index)
            card = rng.choice([card for card in deck if card.code == code])
            deck[:] = [other for other in deck if other.code != code]
            turn += 1
            yield card


def _question(card: Card, glossary: Glossary, rng: random.Random) -> Question:
    lines = tuple(map(str, card.front.lines))
    if card.code == "rec":
        choices = [card.back.answer, *_other_meanings(card, glossary, rng)]
        rng.shuffle(choices)
        return _choice(card, "What does it mean?", lines, choices, card.back.answer)
    if card.code == "spot":
        choices = [lines[0], card.back.answer]
        rng.shuffle(choices)
        return _choice(card, "Which is right?", (), choices, card.back.answer)
    if card.code == "choose":
        choices = list(card.front.choices)
        return _choice(card, card.front.prompt, lines, choices, card.back.answer)
    answer = card.accepted[0] if card.accepted else card.back.answer
    return Question(card.id, card.front.prompt, lines, answer)


def _choice(
    card: Card, prompt: str, lines: tuple[str, ...], choices: list[str], right: str
) -> Question:
    letter = LETTERS[choices.index(right)]
    return Question(card.id, prompt, lines, letter, tuple(choices))


def _other_meanings(card: Card, glossary: Glossary, rng: random.Random) -> list[str]:
    """Return meanings of terms that are taken for this one, then of its category."""
    entry = glossary.entries[card.term]
    partners = [
        pair.other for pair in entry.confusions if pair.other in glossary.entries
    ]
    kin = [e.slug for e in glossary.entries.values() if e.category == entry.category]
    rest = list(glossary.entries)
    near: dict[str, None] = {}
    for slugs in (partners, kin, rest):
        near |= dict.fromkeys(rng.sample(slugs, len(slugs)))
    near.pop(card.term)
    names = [glossary.entries[slug] for slug in near]
    return [e.definition for e in names if e.status != "retired"][: MEANINGS - 1]
