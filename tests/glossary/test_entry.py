import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from mlcourse.glossary.entry import Entry, schema_text

SCHEMA = Path(__file__).parents[2] / "glossary" / "schema" / "entry.schema.json"


def test_the_example_of_the_format_is_an_entry(fields):
    entry = Entry.model_validate(fields)
    assert entry.slug == "data-drift"
    assert entry.register_ == "neutral-professional"
    assert entry.confusions[0].other == "concept-drift"
    assert entry.examples[1].audience == "stakeholder"


def test_an_entry_cannot_be_changed(make_entry):
    with pytest.raises(ValidationError, match="frozen"):
        make_entry().term = "drift"


@pytest.mark.parametrize(
    "change",
    [
        {"term": True},
        {"since": 0.1},
        {"plain": 90},
        {"definition": ""},
        {"definition": " starts with a space"},
        {"definition": "two\nlines"},
        {"related": ["ok", 1]},
        {"related": "concept-drift"},
        {"inflections": [False]},
        {"slug": "Data Drift"},
        {"slug": "data_drift"},
        {"deck": "advanced"},
        {"category": "other"},
        {"countable": True},
        {"examples": []},
        {"sources": []},
        {"sources": [{"kind": "web", "title": "no address", "used_for": "x"}]},
        {"sources": [{"kind": "hearsay", "used_for": "x"}]},
        {"labels": {"alt": [], "synonyms": []}},
        {"pronunciation": {"us": "/x/"}},
        {"labs": ["12_data_drift"]},
    ],
)
def test_a_field_of_another_type_or_name_is_refused(fields, change):
    with pytest.raises(ValidationError):
        Entry.model_validate(fields | change)


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "slug",
        "term",
        "category",
        "deck",
        "part_of_speech",
        "definition",
        "plain",
        "examples",
        "pronunciation",
        "labels",
        "sources",
        "status",
        "since",
    ],
)
def test_a_required_field_must_be_there(fields, name):
    del fields[name]
    with pytest.raises(ValidationError, match=f"{name}\n  Field required"):
        Entry.model_validate(fields)


def test_a_field_source_needs_no_address(make_entry):
    source = {"kind": "field", "title": "ISO 30042", "used_for": "labels"}
    assert make_entry(sources=[source]).sources[0].title == "ISO 30042"


def test_forms_leave_out_the_bracket_that_tells_two_meanings_apart(make_entry):
    entry = make_entry(term="regression (model)", inflections=["regressions"])
    assert entry.forms() == ("regression (model)", "regression", "regressions")


def test_the_schema_agrees_with_the_model(fields):
    validator = Draft202012Validator(json.loads(schema_text()))
    Draft202012Validator.check_schema(validator.schema)
    assert validator.is_valid(fields)
    assert not validator.is_valid(fields | {"labs": []})
    assert not validator.is_valid(fields | {"term": True})


def test_the_committed_schema_is_current():
    assert SCHEMA.read_text("utf-8") == schema_text(), (
        "repair: python -m mlcourse.glossary schema"
    )
