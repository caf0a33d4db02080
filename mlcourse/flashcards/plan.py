"""Which cards come today, and in which order: computed from deck, state and day."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card, Code
    from mlcourse.flashcards.collection import Deck
    from mlcourse.flashcards.state import State

__all__ = ["MODES", "Mode", "Plan", "is_open", "queue"]

Mode = Literal[
    "today", "learn", "review", "test", "match", "confusables", "say-it", "cram",
    "browse",
]  # fmt: skip
MODES: tuple[Mode, ...] = get_args(Mode)

EVERYDAY: tuple[Code, ...] = ("rec", "prod", "cloze", "choose")
TESTED = ("prod", "cloze", "choose")
CRAMMED = ("rec", "prod", "cloze")
STABLE_DAYS = 7.0
APART_DAYS = 7
WEEK = 7
TEST_CARDS = 20
MATCH_CARDS = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """What a learner wants to do.

    Args:
        mode: One of :data:`MODES`.
        terms: Slugs to keep to, in the order of learning, such as those of a lab; all
            terms where it is None.
        category: Keep to this category.
        new: The most new cards a day.
        limit: The most cards a day, new ones included; in the modes that do not touch
            the schedule, the most cards in the session.
        codes: Kinds of cards that may come.
        seed: What the mixed modes are mixed by.

    Raises:
        ValueError: If the mode is unknown, or a number is negative.
    """

    mode: Mode = "today"
    terms: tuple[str, ...] | None = None
    category: str | None = None
    new: int = 10
    limit: int = 100
    codes: tuple[Code, ...] = EVERYDAY
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(
                f"mode == {self.mode!r}, must be one of: {', '.join(MODES)}."
            )
        for name, value in (("new", self.new), ("limit", self.limit)):
            if value < 0:
                raise ValueError(f"{name} == {value!r}, must be >= 0.")


def queue(deck: Deck, state: State, plan: Plan, *, day: int) -> tuple[Card, ...]:
    """Return the cards of a session, in order.

    Args:
        deck: All cards.
        state: What the learner knows.
        plan: What the learner wants.
        day: The study day, from :func:`mlcourse.flashcards.state.study_day`.

    Raises:
        ValueError: If the plan names a term or category that the deck does not have.
    """
    terms = _terms(deck, plan)
    if plan.mode in ("today", "learn", "review"):
        return _scheduled(deck, state, plan, terms, day)
    rng = random.Random(f"{plan.seed} {plan.mode} {day}")  # noqa: S311
    return tuple(_practice(deck, state, plan, terms, day, rng)[: plan.limit])


def is_open(card: Card, deck: Deck, state: State) -> bool:
    """Return whether a card may be introduced.

    Recognising a term comes first; choosing between two comes when both are stable.

    Args:
        card: The card.
        deck: All cards.
        state: What the learner knows.
    """
    if card.code in ("rec", "say"):
        return True
    known = state.memories.get(deck.recognition(card.term).id)
    if known is None or known.stage == "learning":
        return False
    if card.code != "choose":
        return True
    other = state.memories.get(deck.recognition(card.partner).id)
    return all(
        memory is not None
        and memory.stage == "review"
        and memory.stability >= STABLE_DAYS
        for memory in (known, other)
    )


def _terms(deck: Deck, plan: Plan) -> list[str]:
    wanted = list(dict.fromkeys(deck.terms if plan.terms is None else plan.terms))
    unknown = [slug for slug in wanted if slug not in deck.terms]
    if unknown:
        raise ValueError(f"terms == {unknown!r}, must be slugs of the glossary.")
    if plan.category is None:
        return wanted
    categories = {cards[0].category for cards in deck.terms.values()}
    if plan.category not in categories:
        known = ", ".join(sorted(categories))
        raise ValueError(f"category == {plan.category!r}, must be one of: {known}.")
    return [slug for slug in wanted if deck.terms[slug][0].category == plan.category]


def _scheduled(
    deck: Deck, state: State, plan: Plan, terms: list[str], day: int
) -> tuple[Card, ...]:
    seen = {
        deck.cards[card].term: memory.first == day
        for card, memory in state.memories.items()
        if memory.day == day and card in deck.cards
    }
    today = [m for c, m in state.memories.items() if m.day == day and c in deck.cards]
    room = max(0, plan.limit - len(today))
    due = list(_due(deck, state, terms, day, set(seen)))[:room]
    if plan.mode == "review":
        return tuple(due)
    new = max(0, min(plan.new - sum(m.first == day for m in today), room - len(due)))
    taken = set(seen) | {card.term for card in due}
    fresh = _fresh(deck, state, plan, terms, day, taken, new)
    return _spread(due, fresh)


def _due(
    deck: Deck, state: State, terms: list[str], day: int, seen: set[str]
) -> Iterator[Card]:
    """Yield what is due, the least remembered first, one card a term."""
    candidates = []
    for slug in terms:
        if slug in seen:
            continue
        for card in deck.terms[slug]:
            memory = state.memories.get(card.id)
            if memory is None or card.id in state.suspended:
                continue
            # A whole number of days after the last review, so days can be compared.
            if (
                memory.stage != "review"
                or memory.day + (memory.due - memory.last).days <= day
            ):
                recall = state.schedule.recall(memory, day=day)
                candidates.append((recall, card.id, card))
    for _, _, card in sorted(candidates, key=lambda found: found[:2]):
        if card.term not in seen:
            seen.add(card.term)
            yield card


def _fresh(
    deck: Deck,
    state: State,
    plan: Plan,
    terms: list[str],
    day: int,
    taken: set[str],
    count: int,
) -> list[Card]:
    """Return new cards: further cards of known terms and new terms in turn."""
    begun = _introduced(deck, state)
    further: list[Card] = []
    opening: list[Card] = []
    for slug in terms:
        if slug in taken:
            continue
        card = next(
            (
                card
                for card in deck.terms[slug]
                if card.code in plan.codes
                and card.id not in state.memories
                and card.id not in state.suspended
                and is_open(card, deck, state)
            ),
            None,
        )
        if card is None:
            continue
        if slug in begun:
            further.append(card)
        elif len(opening) < count and _is_apart(slug, deck, begun, day):
            begun[slug] = day
            opening.append(card)
    return list(_in_turn(further, opening))[:count]


def _introduced(deck: Deck, state: State) -> dict[str, int]:
    """Return by slug the study day on which the first card of a term came."""
    begun: dict[str, int] = {}
    for id_, memory in state.memories.items():
        card = deck.cards.get(id_)
        if card is not None:
            begun[card.term] = min(memory.first, begun.get(card.term, memory.first))
    return begun


def _is_apart(slug: str, deck: Deck, begun: dict[str, int], day: int) -> bool:
    return all(
        day - begun[partner] >= APART_DAYS
        for partner in deck.partners[slug]
        if partner in begun
    )


def _in_turn(first: Iterable[Card], second: Iterable[Card]) -> Iterator[Card]:
    for pair in zip_longest(first, second):
        yield from (card for card in pair if card is not None)


def _spread(due: list[Card], fresh: list[Card]) -> tuple[Card, ...]:
    """Spread the new cards evenly among the due ones; both keep their order."""
    placed = [
        ((place + 0.5) / len(cards), kind, card)
        for kind, cards in enumerate((due, fresh))
        for place, card in enumerate(cards)
    ]
    placed.sort(key=lambda item: item[:2])
    return tuple(card for *_, card in placed)


def _practice(
    deck: Deck,
    state: State,
    plan: Plan,
    terms: list[str],
    day: int,
    rng: random.Random,
) -> list[Card]:
    cards = [
        card
        for slug in terms
        for card in deck.terms[slug]
        if card.id not in state.suspended
    ]
    if plan.mode == "browse":
        return [card for card in cards if card.code == "rec"]
    if plan.mode == "say-it":
        return _say_it(cards, deck, state, day)
    rng.shuffle(cards)
    if plan.mode == "confusables":
        return [card for card in cards if card.code == "choose"]
    if plan.mode == "cram":
        return [card for card in cards if card.code in CRAMMED]
    if plan.mode == "match":
        return [card for card in cards if card.code == "rec"][:MATCH_CARDS]
    # A test without named terms asks what the learner has begun.
    begun = _introduced(deck, state) if plan.terms is None else {}
    tested: dict[str, Card] = {}
    for card in cards:
        if card.code in TESTED and (not begun or card.term in begun):
            tested.setdefault(card.term, card)
    return list(tested.values())[:TEST_CARDS]


def _say_it(cards: list[Card], deck: Deck, state: State, day: int) -> list[Card]:
    """Return a task for each scenario that was not spoken within a week."""
    tasks: dict[str, list[Card]] = {}
    for card in cards:
        if card.code == "say":
            for scenario in deck.scenarios[card.term]:
                tasks.setdefault(scenario, []).append(card)
    chosen: dict[str, Card] = {}
    for same in tasks.values():
        last = max(state.said.get(card.id, 0) for card in same)
        if day - last >= WEEK:
            card = min(same, key=lambda card: (state.said.get(card.id, 0), card.id))
            chosen.setdefault(card.id, card)
    return list(chosen.values())
