import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.load import build
from mlcourse.glossary.search import find

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EXAMPLE = Path(__file__).with_name("example.yaml")


@pytest.fixture
def glossary(make_entry, plain_entry):
    return build(
        [
            make_entry(),
            plain_entry("concept-drift"),
            plain_entry("drift"),
            plain_entry("quantization", labels={"alt": ["weight quantization"]}),
            plain_entry("a-b-testing", "A/B testing", inflections=["A/B tested"]),
            plain_entry("sla", "SLA", labels={"alt": ["service level agreement"]}),
            plain_entry("slo", "SLO", labels={"alt": ["service level objective"]}),
        ]
    )


@pytest.mark.parametrize(
    ("words", "slug", "reason"),
    [
        ("data drift", "data-drift", "term"),
        ("Data-Drift", "data-drift", "term"),
        ("the data drift", "data-drift", "term"),
        ("AB Testing", "a-b-testing", "term"),
        ("quantisation", "quantization", "term"),
        ("input drift", "data-drift", "synonym"),
        ("a/b-tested", "a-b-testing", "inflection"),
        ("data drfit", "data-drift", "misspelling"),
        ("data derivation", "data-drift", "avoid"),
        ("quanti", "quantization", "part"),
        ("agreement", "sla", "part"),
        ("alerts about concept drift", "concept-drift", "part"),
        ("concpet drift", "concept-drift", "near"),
        ("quantizaton", "quantization", "near"),
    ],
)
def test_a_term_is_found_and_the_reason_is_said(glossary, words, slug, reason):
    best = find(words, glossary)[0]
    assert (best.slug, best.reason) == (slug, reason)


def test_an_exact_name_is_the_only_answer(glossary):
    assert [match.slug for match in find("SLA", glossary)] == ["sla"]


def test_a_match_shows_what_a_reader_wants(glossary):
    match = find("input drift", glossary)[0]
    assert match.term == "data drift"
    assert match.definition.startswith("A change over time")
    assert match.name == "input drift"


def test_a_word_to_avoid_does_not_match_by_likeness(glossary):
    found = find("derivation", glossary)
    assert "data-drift" not in {match.slug for match in found}


def test_nothing_like_it_finds_nothing(glossary):
    assert find("xylophone", glossary) == []


@pytest.mark.parametrize("words", ["", "  ", "?!"])
def test_no_word_is_an_error(glossary, words):
    with pytest.raises(ValueError, match="must be a word or two"):
        find(words, glossary)


def test_each_term_is_found_once_and_no_more_than_wanted(glossary):
    found = find("drift of data drift", glossary, limit=2)
    assert len(found) == 2
    assert len({match.slug for match in found}) == 2


@pytest.mark.parametrize("words", ["concpet drift", "quantizaton", "xylophone"])
def test_without_rapidfuzz_the_same_terms_are_found(glossary, words, monkeypatch):
    fast = find(words, glossary)
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    slow = find(words, glossary)
    assert [(m.slug, m.reason) for m in slow[:1]] == [
        (m.slug, m.reason) for m in fast[:1]
    ]


WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9),
    min_size=1,
    max_size=3,
).map(" ".join)


@UNTIMED
@given(names=st.lists(WORDS, min_size=1, max_size=8, unique=True), data=st.data())
def test_every_name_is_found_in_any_case_and_with_hyphens(names, data):
    fields = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    empty = {"labels": {}, "confusions": [], "inflections": []}
    entries = [
        Entry.model_validate(
            fields | empty | {"slug": f"term-{at}", "id": f"term-{at}", "term": name}
        )
        for at, name in enumerate(names)
    ]
    glossary = build(entries)
    wanted = data.draw(st.sampled_from(entries))
    typed = wanted.term.upper().replace(" ", "-")
    assert wanted.slug in {match.slug for match in find(typed, glossary, limit=99)}


@UNTIMED
@given(words=st.text())
def test_any_text_gets_ranked_matches_or_an_error(example_glossary, words):
    try:
        found = find(words, example_glossary)
    except ValueError:
        return
    likely = [match for match in found if match.reason in ("part", "near")]
    assert likely == found or not likely
    scores = [match.score for match in found]
    assert scores == sorted(scores, reverse=True)


@pytest.fixture(scope="module")
def example_glossary():
    return build([Entry.model_validate(yaml.safe_load(EXAMPLE.read_text("utf-8")))])
