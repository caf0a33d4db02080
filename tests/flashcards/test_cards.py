from collections import Counter

from mlcourse.flashcards.cards import CODES, make
from mlcourse.glossary.load import build


def test_every_term_has_a_card_and_every_kind_of_card_exists(deck):
    assert set(deck.terms) == set(deck.glossary.entries)
    assert {card.code for card in deck.cards.values()} == set(CODES)


def test_a_card_id_is_the_entry_id_the_code_and_a_detail_and_occurs_once(deck):
    cards = make(deck.glossary)
    assert max(Counter(card.id for card in cards).values()) == 1
    for card in cards:
        entry, code = card.id.split(":")[:2]
        assert (entry, code) == (deck.glossary.entries[card.term].id, card.code)


def test_an_edited_text_keeps_the_id_and_changes_the_content(deck):
    entry = deck.glossary.entries["data-drift"]
    edited = entry.model_copy(update={"definition": "Another text."})
    before, after = make(build([entry]))[0], make(build([edited]))[0]
    assert before.id == after.id == "data-drift:rec"
    assert before.content != after.content


def test_a_retired_term_has_no_card(deck):
    entry = deck.glossary.entries["data-drift"]
    assert make(build([entry.model_copy(update={"status": "retired"})])) == ()


def test_tools_are_only_recognised(deck):
    tools = [card for card in deck.cards.values() if card.deck == "tools"]
    assert tools
    assert {card.code for card in tools} == {"rec"}


def test_no_side_holds_a_mark_of_the_source_or_of_html(deck):
    for card in deck.cards.values():
        texts = [str(line) for line in card.front.lines]
        texts += [card.back.answer, *card.back.examples, *card.accepted]
        assert not any("[[" in text or "</" in text for text in texts), card.id
        assert card.back.answer.strip(), card.id


def test_a_gap_does_not_show_the_answer(deck):
    for card in deck.cards.values():
        gapped = [line for line in card.front.lines if line.after is not None]
        if card.code in ("prod", "cloze", "colloc", "choose"):
            assert len(gapped) == 1, card.id
        if card.code == "colloc":
            shown = f" {gapped[0].before} {gapped[0].after} ".split()
            assert not set(card.accepted) & set(shown), card.id


def test_a_card_to_choose_has_both_terms_and_the_right_one_among_them(deck):
    cards = [card for card in deck.cards.values() if card.asks == "choose"]
    for card in cards:
        other = deck.glossary.entries[card.partner].term
        assert set(card.front.choices) == {card.back.answer, other}


def test_a_spoken_task_names_whom_it_is_for_and_what_must_be_said(deck):
    for card in deck.cards.values():
        if card.code == "say":
            assert card.front.audience
            assert card.back.checks
