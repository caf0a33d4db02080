"""Which fields an entry must have, by its deck and part of speech."""

from __future__ import annotations

from collections.abc import Iterator

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.rules.context import Context, Rule, fault

__all__ = ["COMPLETENESS"]

COLLOCATIONS = 3


def core_has_an_example_for_each_audience(entry: Entry, _: Context) -> Iterator[Fault]:
    """A core term has two examples: one for an engineer, one for a stakeholder."""
    there = {example.audience for example in entry.examples}
    for audience in ("engineer", "stakeholder"):
        if entry.deck == "core" and audience not in there:
            yield fault(
                entry,
                core_has_an_example_for_each_audience,
                "examples",
                sorted(there),
                f"lacks the audience {audience}",
                fix="add the sentence that this person would say or hear",
            )


def core_has_three_collocations(entry: Entry, _: Context) -> Iterator[Fault]:
    """A core term has at least three collocations."""
    if entry.deck == "core" and len(entry.collocations) < COLLOCATIONS:
        yield fault(
            entry,
            core_has_three_collocations,
            "collocations",
            [usual.pattern for usual in entry.collocations],
            f"has {len(entry.collocations)}, must have at least {COLLOCATIONS}",
            fix="add the verbs, adjectives or prepositions that go with the term",
        )


def core_says_what_it_is_confused_with(entry: Entry, _: Context) -> Iterator[Fault]:
    """A core term has confusions, or an explicit empty list."""
    if entry.deck == "core" and "confusions" not in entry.model_fields_set:
        yield fault(
            entry,
            core_says_what_it_is_confused_with,
            "confusions",
            None,
            "is missing",
            fix="write the pair, or confusions: [] if there is none or the other "
            "entry holds it",
        )


def core_noun_says_whether_it_counts(entry: Entry, _: Context) -> Iterator[Fault]:
    """A core noun is countable, uncountable or both."""
    noun = entry.part_of_speech == "noun"
    if entry.deck == "core" and noun and entry.countable is None:
        yield fault(
            entry,
            core_noun_says_whether_it_counts,
            "countable",
            None,
            "is missing",
            fix="write countable, uncountable or both",
        )


def example_ids_are_unique(entry: Entry, _: Context) -> Iterator[Fault]:
    """No two examples of an entry have the same id."""
    ids = [example.id for example in entry.examples]
    for at, name in enumerate(ids):
        if name in ids[:at]:
            yield fault(
                entry,
                example_ids_are_unique,
                f"examples[{at}].id",
                name,
                "is taken by an example above it",
                fix="count on: e1, e2, e3",
            )


COMPLETENESS: tuple[Rule, ...] = (
    core_has_an_example_for_each_audience,
    core_has_three_collocations,
    core_says_what_it_is_confused_with,
    core_noun_says_whether_it_counts,
    example_ids_are_unique,
)
