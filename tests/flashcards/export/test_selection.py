import pytest

from mlcourse.flashcards.cards import CODES, make
from mlcourse.flashcards.export.selection import cards_of, select


def test_slugs_keep_their_order_and_count_once(glossary):
    slugs = ["recall", "data-drift", "recall"]
    assert [e.slug for e in select(glossary, slugs=slugs)] == ["recall", "data-drift"]


def test_a_category_holds_its_terms_only(glossary):
    found = select(glossary, categories=["tools"])
    assert {entry.category for entry in found} == {"tools"}
    assert len(found) == sum(e.category == "tools" for e in glossary.entries.values())


def test_retired_terms_are_left_out(edited):
    changed = edited("recall", status="retired")
    found = select(changed, slugs=["recall", "precision"])
    assert [entry.slug for entry in found] == ["precision"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"slugs": ["remembrance"]}, r"slugs == \['remembrance'\]"),
        ({"categories": ["tool"]}, r"categories == \['tool'\], must be among"),
        ({"slugs": []}, "no term is left"),
    ],
)
def test_what_is_not_there_is_an_error(glossary, wrong, message):
    with pytest.raises(ValueError, match=message):
        select(glossary, **wrong)


def test_cards_come_in_the_order_of_the_entries(glossary):
    entries = select(glossary, slugs=["recall", "data-drift"])
    recall, drift = cards_of(entries, glossary, codes=["rec", "prod"])
    assert [card.id for card in recall] == ["recall:rec", "recall:prod"]
    assert [card.id for card in drift] == ["data-drift:rec", "data-drift:prod"]


@pytest.mark.parametrize("code", CODES)
def test_a_card_is_the_same_whichever_others_are_wanted(glossary, code):
    entries = select(glossary)
    found = [c for deck in cards_of(entries, glossary, codes=[code]) for c in deck]
    assert found == [card for card in make(glossary) if card.code == code]


def test_an_unknown_type_of_card_is_an_error(glossary):
    with pytest.raises(ValueError, match=r"codes == \['flip'\], must be among"):
        cards_of(select(glossary), glossary, codes=["flip"])
