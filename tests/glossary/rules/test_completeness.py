import pytest

from mlcourse.glossary.rules import completeness as rules

ENGINEER = {"id": "e1", "text": "We saw [[data drift]].", "audience": "engineer"}
STAKEHOLDER = {"id": "e2", "text": "No [[data drift]].", "audience": "stakeholder"}


def collocations(count):
    return [{"pattern": "data drift", "example": "data drift"}] * count


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (
            rules.core_has_an_example_for_each_audience,
            {"examples": [ENGINEER, STAKEHOLDER]},
            {"examples": [ENGINEER, ENGINEER | {"id": "e2"}]},
        ),
        (
            rules.core_has_an_example_for_each_audience,
            {"deck": "tools", "examples": [STAKEHOLDER]},
            {"examples": [STAKEHOLDER]},
        ),
        (
            rules.core_has_three_collocations,
            {"collocations": collocations(3)},
            {"collocations": collocations(2)},
        ),
        (
            rules.core_has_three_collocations,
            {"deck": "foundations", "collocations": []},
            {"collocations": None},
        ),
        (
            rules.core_says_what_it_is_confused_with,
            {"confusions": []},
            {"confusions": None},
        ),
        (
            rules.core_says_what_it_is_confused_with,
            {"deck": "tools", "confusions": None},
            {"deck": "core", "confusions": None},
        ),
        (
            rules.core_noun_says_whether_it_counts,
            {"countable": "both"},
            {"countable": None},
        ),
        (
            rules.core_noun_says_whether_it_counts,
            {"part_of_speech": "verb", "countable": None},
            {"part_of_speech": "noun", "countable": None},
        ),
        (
            rules.example_ids_are_unique,
            {"examples": [ENGINEER, STAKEHOLDER]},
            {"examples": [ENGINEER, STAKEHOLDER | {"id": "e1"}]},
        ),
    ],
)
def test_a_rule_passes_the_good_and_names_the_bad(make_entry, judge, rule, good, bad):
    assert judge(rule, make_entry(**good)) == []
    assert len(judge(rule, make_entry(**bad))) == 1
