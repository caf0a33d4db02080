from collections import Counter

import pytest

from mlcourse.flashcards.answer import Matcher
from mlcourse.flashcards.cards import make
from mlcourse.flashcards.quiz import KINDS, LETTERS, draw, mark_letter, mark_words
from mlcourse.glossary.load import load
from mlcourse.paths import find_course

DRIFT = ["data-drift", "concept-drift", "model-drift"]


@pytest.fixture(scope="module")
def glossary():
    return load(find_course().glossary / "terms")


@pytest.fixture(scope="module")
def cards(glossary):
    return {card.id: card for card in make(glossary)}


def test_a_seed_decides_everything(glossary):
    assert draw(glossary, seed=7) == draw(glossary, seed=7)
    assert draw(glossary, seed=7) != draw(glossary, seed=8)


def test_a_quiz_holds_twenty_questions_about_twenty_terms(glossary, cards):
    quiz = draw(glossary, seed=1)
    assert len(quiz) == len({cards[q.card].term for q in quiz}) == 20


def test_a_quiz_mixes_the_types_of_cards(glossary, cards):
    quiz = draw(glossary, seed=1, categories=["monitoring-and-reliability"])
    counts = Counter(cards[q.card].code for q in quiz)
    assert set(counts) == set(KINDS)
    assert max(counts.values()) <= 6


def test_only_the_chosen_terms_are_asked(glossary, cards):
    quiz = draw(glossary, seed=1, slugs=DRIFT, questions=8)
    asked = [cards[q.card].term for q in quiz]
    assert set(asked[:3]) == set(DRIFT) == set(asked)
    assert len({q.card for q in quiz}) == 8


def test_terms_with_too_few_cards_are_an_error(glossary):
    with pytest.raises(ValueError, match="questions == 20, must be <= 1: the 1 terms"):
        draw(glossary, seed=1, slugs=["mlflow"])
    with pytest.raises(ValueError, match="questions == 0, must be >= 1"):
        draw(glossary, seed=1, questions=0)


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_of_every_question_is_right(glossary, cards, seed):
    matcher = Matcher(glossary)
    for question in draw(glossary, seed=seed, questions=120):
        card = cards[question.card]
        if not question.choices:
            assert matcher.judge(question.answer, card).right, question
            continue
        chosen = question.choices[LETTERS.index(question.answer)]
        assert chosen == card.back.answer
        assert len(set(question.choices)) == len(question.choices)


def test_a_meaning_stands_among_three_others_of_the_glossary(glossary):
    meanings = {entry.definition for entry in glossary.entries.values()}
    asked = [q for q in draw(glossary, seed=3, questions=60) if ":rec" in q.card]
    assert asked
    assert {len(q.choices) for q in asked} == {4}
    assert all(set(q.choices) <= meanings for q in asked)


def test_the_place_of_a_choice_tells_nothing(glossary):
    letters = Counter(
        question.answer
        for seed in range(10)
        for question in draw(glossary, seed=seed, categories=["tools"], questions=48)
    )
    assert set(letters) == set(LETTERS)
    assert min(letters.values()) > 80  # of 480, where 120 are expected


@pytest.mark.parametrize("typed", ["B", "b", " b) ", "(B).", "B "])
def test_a_letter_counts_however_it_is_written(typed):
    assert mark_letter(typed, "B", points=2) == 2


@pytest.mark.parametrize("typed", ["", "A", "AB", "ABCD", "B or C", None, 2, ["B"]])
def test_another_letter_counts_for_nothing(typed):
    assert mark_letter(typed, "B") == 0


def test_words_are_judged_as_on_the_card():
    assert mark_words("data drift", "data-drift:prod") == 1
    assert mark_words("The Data-Drfit", "data-drift:prod", points=3) == 3
    assert mark_words("feature drift", "data-drift:prod") == 1
    assert mark_words("concept drift", "data-drift:prod") == 0
    for nothing in ("", " ", None, 5, ["data drift"]):
        assert mark_words(nothing, "data-drift:prod") == 0
