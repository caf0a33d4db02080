"""Suspended cards: which there are, and how they come back."""

from datetime import datetime

from mlcourse.flashcards import Deck, Home, State
from mlcourse.flashcards.wording import count, with_gap

__all__ = ["restore", "suspended"]


def suspended(state: State, deck: Deck) -> str:
    """Return the cards that a learner suspended.

    Args:
        state: What the learner knows.
        deck: All cards.
    """
    if not state.suspended:
        return "No card is suspended. Press s on one that should not come again."
    lines = []
    for id_ in sorted(state.suspended):
        card = deck.cards.get(id_)
        text = with_gap(card.front.lines[0]) if card else "No longer in the glossary."
        lines.append(f"{card.term if card else id_}  {id_}\n  {text}")
    number = count(len(state.suspended), "card")
    return "\n".join(
        [*lines, f"{number} suspended. Back: mlcourse cards --restore TERM"]
    )


def restore(home: Home, deck: Deck, words: str, *, now: datetime) -> int:
    """Bring suspended cards back, and return how many.

    Args:
        home: Where the reviews are kept.
        deck: All cards.
        words: A term, its slug, or the id of one card.
        now: The time, in the learner's zone.

    Raises:
        LogError: If it cannot be saved.
        ValueError: If no suspended card belongs to the words.
    """
    state, _ = home.state()
    slug = words.strip().casefold().replace(" ", "-")
    chosen = [
        id_
        for id_ in sorted(state.suspended)
        if id_ == words or (id_ in deck.cards and deck.cards[id_].term == slug)
    ]
    if not chosen:
        raise ValueError(
            f"--restore {words!r}: no suspended card belongs to it. "
            "See which there are: mlcourse cards suspended"
        )
    log = home.log()
    for id_ in chosen:
        log.append("suspend", now=now, card=id_, on=False)
    return len(chosen)
