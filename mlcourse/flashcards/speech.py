"""Marks for what was said to a stakeholder: length and words they would not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card

__all__ = ["LONGEST", "Marks", "mark"]

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Marks:
    """What a machine can see in a spoken or written answer.

    Args:
        words: How many there are.
        jargon: Words to avoid that were used, as written in the entry.
        checks: What the learner ticks: each must have been said.
    """

    words: int
    jargon: tuple[str, ...]
    checks: tuple[str, ...]

    @property
    def too_long(self) -> bool:
        """Whether there are more than 40 words."""
        return self.words > LONGEST

    @property
    def passed(self) -> bool:
        """Whether length and words are right; the checks are the learner's."""
        return 0 < self.words <= LONGEST and not self.jargon


def mark(text: str, card: Card) -> Marks:
    """Return the marks for an answer.

    A word to avoid also catches the words that begin with it.

    Args:
        text: What was written, or typed after speaking.
        card: A card of the code ``say``.

    Raises:
        ValueError: If the card is of another code.
    """
    if card.code != "say":
        raise ValueError(f"card.code == {card.code!r}, must be 'say'.")
    words = re.findall(r"\w[\w'’.,%-]*", text)  # noqa: RUF001
    jargon = tuple(
        word
        for word in card.back.avoid
        if re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE)
    )
    return Marks(len(words), jargon, card.back.checks)
