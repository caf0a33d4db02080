import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from mlcourse.flashcards.answer import Outcome, key, tolerance

# What is typed, on the card of which term. Pairs of glossary.md, both ways.
PAIRS = """
data drift|concept drift; data drift|training-serving skew; online store|offline store
feature view|feature store; label|prediction; normalization|standardization
training data|live data; data leakage|data breach; shadow mode|canary deployment
canary deployment|A/B testing; blue-green deployment|canary deployment
rollback|fallback; deploy|promote to production; endpoint|API
real-time inference|batch inference; near real-time|batch inference
quantization|pruning; quantization|distillation; checkpoint|artifact
latency|throughput; SLA|SLO; SLO|SLI; SLA|SLI; p50|p95; p95|p99; uptime|uptake
mitigation|root cause; monitoring|observability; alert|incident; degradation|outage
graceful degradation|model degradation; explainability|interpretability
bias|fairness; compliance|governance; limitation|caveat; lineage|provenance
intended use|out-of-scope use; model card|datasheet; Type I error|Type II error
statistical significance|practical significance; significance level|p-value
confidence interval|confidence score; lift|conversion rate; holdout set|holdback group
control group|baseline; inference|inferential statistics; precision|recall
accuracy|precision; validation set|test set; parameter|hyperparameter
proof of concept|minimum viable product; requirement|constraint
MAE|mAP; PSI|PII; CNN|RNN; GPU|GPT; MAE|MSE; MSE|RMSE; ROC|ROI; PoC|MVP
"""


def pairs():
    for pair in PAIRS.replace("\n", ";").split(";"):
        if pair.strip():
            one, other = pair.strip().split("|")
            yield one, other
            yield other, one


def card_of(deck, words):
    """Return the card that asks for a term, by any of its names."""
    found = deck.glossary.names.get(key(words), ())
    slugs = [name.slug for name in found if name.kind in ("term", "alt", "inflection")]
    return deck.cards.get(f"{slugs[0]}:prod") if slugs else None


def judge(deck, typed, id_):
    return deck.matcher.judge(typed, deck.cards[id_])


def test_no_name_of_a_near_pair_is_taken_for_the_other(deck):
    asked = 0
    for typed, term in pairs():
        card = card_of(deck, term)
        if card is None:
            continue
        asked += 1
        same = card_of(deck, typed) is card
        assert deck.matcher.judge(typed, card).right == same, (typed, term)
    assert asked > 80


@pytest.mark.slow
def test_no_name_of_any_term_is_taken_for_another(deck):
    glossary, accepted = deck.glossary, {}
    names = {
        slug: [*entry.names(), *entry.inflections]
        for slug, entry in glossary.entries.items()
    }
    for slug, texts in names.items():
        forms = glossary.entries[slug].forms()
        accepted[slug] = {key(text) for text in (*texts, *forms)}
    cards = [card for card in deck.cards.values() if card.code == "prod"]
    wrong = [
        (typed, card.term)
        for card in cards
        for slug, texts in names.items()
        if slug != card.term
        for typed in texts
        if key(typed) not in accepted[card.term]
        and deck.matcher.judge(typed, card).right
    ]
    assert wrong == []


def test_every_name_of_a_term_is_right_for_it(deck):
    for card in deck.cards.values():
        if card.code == "prod":
            entry = deck.glossary.entries[card.term]
            for typed in (*entry.names(), *entry.inflections):
                assert deck.matcher.judge(typed, card).right, (typed, card.term)


def test_every_cloze_collocation_and_correction_takes_its_own_answer(deck):
    for card in deck.cards.values():
        if card.code in ("cloze", "colloc", "spot"):
            for typed in card.accepted:
                assert deck.matcher.judge(typed, card).right, (typed, card.id)


@pytest.mark.parametrize(
    "typed",
    ["DATA-DRIFT", "  data   drift ", "the data drift", "data drift (of inputs)",
     "ｄａｔａ ｄｒｉｆｔ"],  # noqa: RUF001
)  # fmt: skip
def test_case_spaces_hyphens_articles_and_brackets_do_not_count(deck, typed):
    assert judge(deck, typed, "data-drift:prod").outcome is Outcome.RIGHT


def test_uk_spelling_is_right(deck):
    assert judge(deck, "containerise", "containerize:prod").outcome is Outcome.RIGHT


def test_an_acronym_is_right_and_shown_in_full(deck):
    verdict = judge(deck, "psi", "population-stability-index:prod")
    assert verdict.outcome is Outcome.IN_FULL
    assert "population stability index" in verdict.message


def test_a_slip_is_right_with_the_spelling_shown(deck):
    verdict = judge(deck, "data drfit", "data-drift:prod")
    assert (verdict.outcome, verdict.rating) == (Outcome.TYPO, 3)
    assert "".join(change.typed for change in verdict.diff) == "data drfit"
    assert "".join(change.wanted for change in verdict.diff) == "data drift"


def test_a_word_to_avoid_is_wrong_with_the_reason(deck):
    verdict = judge(deck, "data derivation", "data-drift:prod")
    assert (verdict.outcome, verdict.rating) == (Outcome.AVOID, 1)
    assert "say data drift" in verdict.message


def test_a_slip_in_a_word_to_avoid_is_no_slip_in_the_term(deck):
    verdict = judge(deck, "controlled group".replace("ll", "l"), "control-group:prod")
    assert verdict.outcome is Outcome.AVOID


def test_no_word_to_avoid_is_taken(deck):
    for card in deck.cards.values():
        if card.code == "prod":
            for word in deck.glossary.entries[card.term].labels.avoid:
                assert not deck.matcher.judge(word, card).right, (word, card.term)


def test_another_term_is_wrong_and_named(deck):
    verdict = judge(deck, "concept drift", "data-drift:prod")
    assert (verdict.outcome, verdict.other) == (Outcome.OTHER, "concept-drift")


def test_a_name_that_only_a_search_finds_is_no_answer(deck):
    assert not judge(deck, "average precision", "auc-pr:prod").right


@pytest.mark.parametrize(
    ("typed", "id_"),
    [("data shift", "data-drift:prod"), ("type 3 error", "type-ii-error:prod"),
     ("unsupervised learningg", "supervised-learning:prod"), ("", "data-drift:prod")],
)  # fmt: skip
def test_another_word_number_or_prefix_is_no_slip(deck, typed, id_):
    assert not judge(deck, typed, id_).right


def test_a_sentence_wants_the_inflected_form(deck):
    id_ = "containerize:prod"
    assert judge(deck, "containerized", id_).right
    card = next(c for c in deck.terms["containerize"] if c.code == "cloze")
    assert card.accepted == ("containerize",)
    verdict = deck.matcher.judge("containerized", card)
    assert (verdict.outcome, verdict.rating) == (Outcome.FORM, 1)


def test_a_choice_is_right_or_the_partner_or_neither(deck):
    card = deck.cards["data-drift:choose:domain-shift"]
    right, other = "data drift", "domain shift"
    assert deck.matcher.judge(right, card).right
    assert deck.matcher.judge(other, card).outcome is Outcome.OTHER
    assert deck.matcher.judge("drift", card).outcome is Outcome.WRONG


def test_a_corrected_sentence_needs_its_articles(deck):
    assert judge(deck, "We have data drift", "data-drift:spot:1").right
    assert not judge(deck, "We have a data drift.", "data-drift:spot:1").right


def test_a_card_that_the_learner_grades_is_not_judged(deck):
    with pytest.raises(ValueError, match="the learner grades"):
        judge(deck, "anything", "data-drift:rec")


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slip(word, rng):
    at, letter = rng.randrange(1, len(word) - 1), rng.choice(LETTERS)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + letter * (kind > 1) + word[at + (kind < 3) :]


def test_nearly_all_slips_in_long_terms_are_forgiven(deck):
    rng = random.Random(7)
    cards = [c for c in deck.cards.values() if c.code == "prod"]
    long = [c for c in cards if len(key(c.back.answer)) >= 9]
    right = [
        deck.matcher.judge(slip(card.back.answer.lower(), rng), card).right
        for card in long
        for _ in range(5)
    ]
    assert sum(right) / len(right) > 0.97


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=300)
@given(seed=st.integers(0, 10**6), slips=st.integers(1, 5))
def test_what_is_forgiven_is_near_and_not_another_name(deck, seed, slips):
    rng = random.Random(seed)
    cards = [c for c in deck.cards.values() if c.code == "prod"]
    card = rng.choice(cards)
    typed = card.back.answer.lower()
    for _ in range(slips):
        typed = slip(typed, rng) if len(typed) > 3 else typed
    verdict = deck.matcher.judge(typed, card)
    entry = deck.glossary.entries[card.term]
    names = {key(name) for name in (*entry.names(), *entry.forms())}
    if verdict.outcome is Outcome.TYPO:
        distance = min(OSA.distance(key(typed), name) for name in names)
        plural = min(OSA.distance(key(typed), name + "s") for name in names)
        spaces = {name.replace(" ", "") for name in names}
        near = min(distance, plural) <= max(map(tolerance, names))
        assert near or key(typed).replace(" ", "") in spaces
        owners = deck.glossary.names.get(key(typed), ())
        assert not any(name.slug != card.term and name.kind in ("term", "alt")
                       for name in owners)  # fmt: skip


def test_tolerance_grows_with_the_length():
    assert [tolerance("x" * n) for n in (1, 4, 5, 8, 9, 30)] == [0, 0, 1, 1, 2, 2]
