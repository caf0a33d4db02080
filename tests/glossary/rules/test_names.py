import pytest

from mlcourse.glossary.rules import names as rules


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, 0),
        ({"id": "drift-of-data", "renamed_from": ["drift-of-data"]}, 0),
        ({"id": "drift-of-data"}, 1),
    ],
)
def test_the_id_is_the_first_slug(make_entry, judge, changes, faults):
    assert len(judge(rules.id_is_the_first_slug, make_entry(**changes))) == faults


def test_two_entries_do_not_share_an_id(make_entry, plain_entry, judge):
    first, other = plain_entry("concept-drift"), plain_entry("zebra")
    assert judge(rules.ids_are_unique, first, other) == []
    thief = plain_entry("zebra", id="concept-drift", renamed_from=["old"])
    found = judge(rules.ids_are_unique, thief, first)
    assert [fault.field for fault in found] == ["id"]


def test_a_former_slug_is_not_in_use(plain_entry, judge):
    renamed = plain_entry("skew", id="old", renamed_from=["old"])
    assert judge(rules.ids_are_unique, renamed, plain_entry("zebra")) == []
    found = judge(rules.ids_are_unique, renamed, plain_entry("old"))
    assert "renamed_from" in {fault.field for fault in found}


@pytest.mark.parametrize(
    ("first", "other", "field"),
    [
        ({"labels": {"alt": ["input drift"]}}, {}, None),
        ({"labels": {"alt": ["Other-Term"]}}, {}, "labels.alt[0]"),
        ({"inflections": ["other terms"]}, {"inflections": ["other terms"]}, None),
        ({"inflections": ["other term"]}, {}, "inflections[0]"),
        ({"labels": {"hidden": ["x"]}}, {"labels": {"alt": ["x"]}}, "labels.hidden[0]"),
        ({"labels": {"avoid": ["other term"]}}, {}, None),
        (
            {"labels": {"alt": ["x"]}},
            {"labels": {"alt": ["x"]}, "status": "retired"},
            None,
        ),
    ],
)
def test_a_name_belongs_to_one_entry(plain_entry, judge, first, other, field):
    entry = plain_entry("zebra", **first)
    there = plain_entry("other-term", **other)
    found = [
        fault
        for one, two in ((entry, there), (there, entry))
        for fault in rules.names_are_unique(one, rules.Context.of([there, entry]))
    ]
    assert [fault.field for fault in found] == ([field] if field else [])
    assert not any(fault.warning for fault in found)


def test_a_name_written_twice_in_one_entry_is_a_warning(make_entry, judge):
    entry = make_entry(labels__alt=["data-drift", "input drift", "Input Drift"])
    found = judge(rules.names_are_unique, entry)
    assert [(f.field, f.warning) for f in found] == [
        ("labels.alt[0]", True),
        ("labels.alt[2]", True),
    ]


@pytest.mark.parametrize(
    ("word", "faults"), [("data derivation", 0), ("Input-drift", 1)]
)
def test_a_word_to_avoid_is_not_accepted_as_well(make_entry, judge, word, faults):
    entry = make_entry(labels__avoid=[word])
    assert len(judge(rules.avoided_words_are_not_names, entry)) == faults


LINKS = {"confusions": [], "broader": []}


def test_a_link_leads_to_an_entry(make_entry, plain_entry, judge):
    entry = make_entry(**LINKS, related=["concept-drift"])
    other = plain_entry("concept-drift")
    assert judge(rules.links_lead_to_entries, entry, other) == []
    found = judge(rules.links_lead_to_entries, entry)
    assert [(f.field, f.value) for f in found] == [("related[0]", "concept-drift")]


def test_a_link_to_a_planned_term_is_a_warning(make_entry, judge):
    entry = make_entry(**LINKS, related=["concept-drift"])
    planned = frozenset({"concept-drift"})
    found = judge(rules.links_lead_to_entries, entry, planned=planned)
    assert [fault.warning for fault in found] == [True]


@pytest.mark.parametrize(
    ("related", "problem"),
    [
        (["data-drift"], "is the entry itself"),
        (["old", "old"], "is written twice"),
        (["old"], "is retired"),
    ],
)
def test_a_link_is_of_use(make_entry, plain_entry, judge, related, problem):
    entry = make_entry(**LINKS, related=related)
    old = plain_entry("old", status="retired")
    found = judge(rules.links_lead_to_entries, entry, old)
    assert problem in {fault.problem for fault in found}


def test_the_other_term_of_a_pair_exists(make_entry, judge):
    found = judge(rules.links_lead_to_entries, make_entry(related=[], broader=[]))
    assert {fault.field for fault in found} == {
        "confusions[0].with",
        "confusions[1].with",
    }


def test_a_pair_is_written_once(make_entry, plain_entry, judge):
    back = {"with": "data-drift", "difference": "Other.", "contrast": []}
    entry, other = make_entry(), plain_entry("concept-drift")
    assert judge(rules.pair_is_written_once, entry, other) == []
    both = plain_entry("concept-drift", confusions=[back])
    found = judge(rules.pair_is_written_once, entry, both)
    assert [fault.value for fault in found] == ["concept-drift"]
    assert judge(rules.pair_is_written_once, both, entry) == []
