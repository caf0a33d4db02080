import pytest

from mlcourse.glossary.rules import wording as rules
from mlcourse.glossary.rules.everyday import EVERYDAY
from mlcourse.glossary.shingles import shingles


def words(count):
    return "word " * (count - 1) + "word"


@pytest.mark.parametrize(("count", "faults"), [(7, 1), (8, 0), (40, 0), (41, 1)])
def test_a_definition_has_8_to_40_words(make_entry, judge, count, faults):
    entry = make_entry(definition=words(count))
    assert len(judge(rules.definition_is_8_to_40_words, entry)) == faults


@pytest.mark.parametrize(
    ("term", "definition", "faults"),
    [
        ("data drift", "A change over time in the inputs of a model.", 0),
        ("data drift", "A change of data over time, away from training.", 0),
        ("data drift", "When data drift is seen in the inputs.", 1),
        ("data drift", "A drifting of the data that a model gets.", 1),
        ("data drift", "The same as feature drift.", 1),
        ("canary deployment", "A deployment that a few users get first.", 0),
        ("batch inference", "Inference on a batch of rows at night.", 1),
        ("monitoring", "Watching a service and telling somebody.", 0),
        ("monitoring", "What monitors do all day long.", 1),
        ("time to live", "How long a stored value counts as fresh.", 0),
    ],
)
def test_a_definition_is_not_circular(make_entry, judge, term, definition, faults):
    entry = make_entry(term=term, definition=definition)
    assert len(judge(rules.definition_is_not_circular, entry)) == faults


@pytest.mark.parametrize(("count", "faults"), [(35, 0), (36, 1)])
def test_plain_words_are_at_most_35(make_entry, judge, count, faults):
    entry = make_entry(plain=words(count))
    assert len(judge(rules.plain_is_at_most_35_words, entry)) == faults


@pytest.mark.parametrize(
    ("plain", "runs"),
    [
        ("The customers of today look different.", []),
        ("The latency grew.", ["latency"]),
        ("Two canary releases failed.", ["canary releases"]),
        ("It was rolled back.", ["rolled back"]),
        ("The model is live, with two features and a target.", []),
        ("Data drift is a change.", []),
        ("A tool called Docker.", []),
    ],
)
def test_plain_words_hold_no_jargon(make_entry, plain_entry, judge, plain, runs):
    others = [
        plain_entry("latency"),
        plain_entry("canary-deployment", labels={"alt": ["canary release"]}),
        plain_entry("roll-back", inflections=["rolled back"]),
        plain_entry("model"),
        plain_entry("feature", inflections=["features"]),
        plain_entry("target"),
        plain_entry("docker", deck="tools"),
    ]
    found = judge(rules.plain_has_no_jargon, make_entry(plain=plain), *others)
    assert [fault.problem.split("'")[1] for fault in found] == runs


def test_every_everyday_word_has_a_reason():
    assert all(word == word.lower() for word in EVERYDAY)
    assert all(len(reason.split()) >= 2 for reason in EVERYDAY.values())


@pytest.mark.parametrize(
    ("plain", "faults"),
    [("It moved.", 0), ("It moved!", 1), ("It moved \U0001f680.", 1)],
)
def test_a_text_is_calm(make_entry, judge, plain, faults):
    assert len(judge(rules.text_is_calm, make_entry(plain=plain))) == faults


@pytest.mark.parametrize(
    ("plain", "faults"),
    [
        ("It moved.", 0),
        ("Did it move?", 0),
        ('He said "it moved."', 0),
        ("It moved", 1),
    ],
)
def test_a_sentence_ends(make_entry, judge, plain, faults):
    assert len(judge(rules.sentence_ends, make_entry(plain=plain))) == faults


SOURCE = (
    "When the visitors of a shop grow younger, old habits count for less every day."
)


@pytest.mark.parametrize(
    ("plain", "faults"),
    [
        ("The visitors of a shop grow younger, so we ask.", 0),
        ("Now the VISITORS of a shop grow younger: old habits count.", 1),
    ],
)
def test_a_text_is_our_own(make_entry, judge, plain, faults):
    found = judge(
        rules.text_is_our_own, make_entry(plain=plain), references=shingles([SOURCE])
    )
    assert len(found) == faults


def test_a_borrowed_example_is_seen_through_its_brackets(make_entry, judge):
    text = "We know the visitors of a [[data drift]] shop grow younger, old habits"
    source = "the visitors of a data drift shop grow younger"
    entry = make_entry(examples=[{"id": "e1", "text": text, "audience": "engineer"}])
    found = judge(rules.text_is_our_own, entry, references=shingles([source]))
    assert [fault.field for fault in found] == ["examples[0].text"]


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("The service moved.", None),
        ("The behaviour of Priya moved.", None),
        ("Said /truː/ it moved.", None),
        ("The sevrice moved.", "sevrice"),
        ("The zpelt moved.", "zpelt"),
    ],
)
def test_a_text_is_spelt_right(make_entry, judge, plain, value):
    known = frozenset({"service", "moved", "behavior", "of", "it"})
    found = judge(
        rules.text_is_spelt_right,
        make_entry(plain=plain),
        words=known,
        misspellings={"zpelt": "spelt"},
    )
    shown = [fault.value for fault in found if fault.field == "plain"]
    assert shown == ([value] if value else [])
    assert all(fault.warning is (fault.value != "zpelt") for fault in found)


def test_without_word_lists_nothing_is_misspelt(make_entry, judge):
    assert judge(rules.text_is_spelt_right, make_entry(plain="Zxq.")) == []
