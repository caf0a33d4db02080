import random
from datetime import datetime, timedelta

import pytest

from mlcourse.flashcards.plan import Plan, is_open, queue
from mlcourse.flashcards.schedule import Memory
from mlcourse.flashcards.state import State, replay, study_day

NOON = datetime.fromisoformat("2026-11-21T12:00+00:00")
DAY = study_day(NOON)


def remembered(*, days=30.0, stage="review", ago=40, interval=30):
    last = NOON - timedelta(days=ago)
    due = last + timedelta(days=interval)
    return Memory(stage, days, 5.0, due, last, DAY - ago, DAY - ago, 3, 0)


def learn(deck, days, *, right=0.9, seed=0, **plan):
    """Study some days; yield day, queue and the state before it."""
    state, rng, plan = State(), random.Random(seed), Plan(**plan)
    for day in range(DAY, DAY + days):
        cards = queue(deck, state, plan, day=day)
        yield day, cards, state
        at = NOON + timedelta(days=day - DAY)
        for card in cards:
            rating = 3 if rng.random() < right else 1
            for answer in (rating, 3)[: 1 + (rating == 1)]:
                state.memories[card.id] = state.schedule.review(
                    card.id, state.memories.get(card.id), answer, at=at, day=day
                )


def test_a_first_day_brings_ten_new_terms_of_mixed_categories(deck):
    cards = queue(deck, State(), Plan(), day=DAY)
    assert len(cards) == 10
    assert {card.code for card in cards} == {"rec"}
    assert len({card.category for card in cards}) >= 5


def test_no_day_is_above_its_limits_and_no_term_comes_twice_in_a_day(deck):
    for limit, new in ((100, 10), (25, 10), (40, 3)):
        for _, cards, state in learn(deck, 40, right=0.7, limit=limit, new=new):
            assert len(cards) <= limit
            assert sum(card.id not in state.memories for card in cards) <= new
            assert len({card.term for card in cards}) == len(cards)


def test_confusable_terms_are_introduced_a_week_apart(deck):
    begun: dict[str, int] = {}
    for day, cards, _ in learn(deck, 60, new=20):
        for card in cards:
            if card.term not in begun:
                begun[card.term] = day
                near = deck.partners[card.term] & begun.keys()
                assert all(day - begun[other] >= 7 for other in near), card.term
    assert len(begun) > 200


def test_a_backlog_brings_the_least_remembered_first(deck):
    ids = [f"{slug}:rec" for slug in list(deck.terms)[:30]]
    state = State(memories={
        id_: remembered(days=5.0 + place) for place, id_ in enumerate(ids)
    })  # fmt: skip
    cards = queue(deck, state, Plan("review", limit=8), day=DAY)
    assert [card.id for card in cards] == ids[:8]


def test_a_backlog_leaves_no_room_for_new_cards(deck):
    ids = [f"{slug}:rec" for slug in list(deck.terms)[:30]]
    state = State(memories={id_: remembered() for id_ in ids})
    assert len(queue(deck, state, Plan(limit=30), day=DAY)) == 30
    assert all(c.id in ids for c in queue(deck, state, Plan(limit=30), day=DAY))


def test_what_was_done_today_counts_against_the_limits(deck):
    cards = queue(deck, State(), Plan(), day=DAY)
    done = {card.id: remembered(ago=0) for card in cards[:4]}
    later = queue(deck, State(memories=done), Plan(), day=DAY)
    assert len(later) == 6
    assert not {card.term for card in later} & {card.term for card in cards[:4]}


def test_a_card_is_due_on_the_day_and_not_before(deck):
    state = State(memories={"data-drift:rec": remembered(ago=3, interval=4)})
    plan = Plan("review")
    assert queue(deck, state, plan, day=DAY) == ()
    assert [c.id for c in queue(deck, state, plan, day=DAY + 1)] == ["data-drift:rec"]


def test_terms_of_a_lab_come_in_the_order_given(deck):
    slugs = ("retraining-trigger", "endpoint", "concept-drift")
    cards = queue(deck, State(), Plan("learn", terms=slugs), day=DAY)
    assert tuple(card.term for card in cards) == slugs


def test_a_category_is_kept_to(deck):
    cards = queue(deck, State(), Plan(category="ab-testing"), day=DAY)
    assert {card.category for card in cards} == {"ab-testing"}


def test_broader_terms_come_before_narrower_ones(deck):
    places = {slug: place for place, slug in enumerate(deck.terms)}
    entries = deck.glossary.entries
    early = [
        places[broader] < places[slug]
        for slug in places
        for broader in entries[slug].broader
        if broader in places and entries[broader].deck == entries[slug].deck
    ]
    assert sum(early) / len(early) > 0.98  # a circle of two cannot be straightened


def test_other_cards_open_once_the_term_is_recognised(deck):
    prod = deck.cards["data-drift:prod"]
    state = State()
    assert not is_open(prod, deck, state)
    state.memories["data-drift:rec"] = remembered(stage="learning")
    assert not is_open(prod, deck, state)
    state.memories["data-drift:rec"] = remembered()
    assert is_open(prod, deck, state)


def test_a_choice_opens_when_both_terms_are_stable_for_a_week(deck):
    card = deck.cards["data-drift:choose:domain-shift"]
    state = State(memories={"data-drift:rec": remembered(days=7.0)})
    assert not is_open(card, deck, state)
    state.memories["domain-shift:rec"] = remembered(days=6.9)
    assert not is_open(card, deck, state)
    state.memories["domain-shift:rec"] = remembered(days=7.0)
    assert is_open(card, deck, state)


def test_a_suspended_card_does_not_come(deck):
    state = State(
        memories={"data-drift:rec": remembered()}, suspended={"data-drift:rec"}
    )
    assert queue(deck, state, Plan("review"), day=DAY) == ()
    first = queue(deck, State(), Plan(), day=DAY)[0]
    later = queue(deck, State(suspended={first.id}), Plan(), day=DAY)
    assert first not in later


def test_a_review_of_a_term_that_is_gone_is_no_card(deck):
    state = State(memories={"gone:rec": remembered()})
    assert queue(deck, state, Plan("review"), day=DAY) == ()


def test_a_test_has_twenty_mixed_cards_of_different_terms(deck):
    cards = queue(deck, State(), Plan("test"), day=DAY)
    assert len(cards) == 20 == len({card.term for card in cards})
    assert {card.code for card in cards} == {"prod", "cloze", "choose"}
    assert cards == queue(deck, State(), Plan("test"), day=DAY)
    assert cards != queue(deck, State(), Plan("test", seed=1), day=DAY)


def test_a_test_asks_what_was_begun(deck):
    slugs = list(deck.terms)[:6]
    state = State(memories={f"{slug}:rec": remembered() for slug in slugs})
    cards = queue(deck, state, Plan("test"), day=DAY)
    assert {card.term for card in cards} == set(slugs)


def test_the_other_modes_bring_their_kinds_of_cards(deck):
    def codes(mode):
        return {card.code for card in queue(deck, State(), Plan(mode), day=DAY)}

    assert codes("match") == {"rec"}
    assert codes("confusables") == {"choose"}
    assert codes("say-it") == {"say"}
    assert codes("cram") == {"rec", "prod", "cloze"}
    assert len(queue(deck, State(), Plan("browse", limit=999), day=DAY)) == 488


def test_each_scenario_is_spoken_once_a_week(deck):
    plan = Plan("say-it")
    first = queue(deck, State(), plan, day=DAY)
    assert 1 <= len(first) <= 4
    said = {card.id: DAY for card in first}
    assert queue(deck, State(said=said), plan, day=DAY + 6) == ()
    later = queue(deck, State(said=said), plan, day=DAY + 7)
    assert len(later) >= 1
    assert not set(later) & set(first)


def test_an_unknown_term_category_mode_or_number_is_refused(deck):
    with pytest.raises(ValueError, match="'nonsense'"):
        queue(deck, State(), Plan(terms=("nonsense",)), day=DAY)
    with pytest.raises(ValueError, match="must be one of: ab-testing"):
        queue(deck, State(), Plan(category="nonsense"), day=DAY)
    with pytest.raises(ValueError, match="mode == 'nap'"):
        Plan("nap")
    with pytest.raises(ValueError, match="new == -1"):
        Plan(new=-1)


def test_an_empty_log_is_a_beginning(deck):
    assert queue(deck, replay([]), Plan(), day=DAY) == queue(
        deck, State(), Plan(), day=DAY
    )
