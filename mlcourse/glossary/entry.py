"""The model of one entry: which fields a term has, and of which type.

Strict on purpose. YAML 1.1 reads ``on`` as True, ``1:30`` as 90 and ``2026-03-01`` as a
date; here each of them is refused where text is due, and so is a field nobody knows.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Category",
    "Collocation",
    "Confusion",
    "Contrast",
    "Deck",
    "Entry",
    "Example",
    "FalseFriend",
    "FieldSource",
    "Grammar",
    "Labels",
    "Pronunciation",
    "SayIt",
    "SeedSource",
    "WebSource",
    "schema_text",
]

Text = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Version = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
# YAML has lists, a frozen model wants tuples; what is inside stays strict.
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Slugs = Annotated[tuple[Slug, ...], Field(strict=False)]

Category = Literal[
    "feature-engineering-and-stores",
    "model-serving-and-deployment",
    "monitoring-and-reliability",
    "governance-and-documentation",
    "ab-testing",
    "system-design",
    "foundations",
    "tools",
]
Deck = Literal["core", "foundations", "tools"]
Scenario = Literal["model-card", "ab-results", "drift-incident", "feature-store-design"]


class _Part(BaseModel):
    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Labels(_Part):
    """Other names of the term, by their SKOS names."""

    alt: Texts = ()
    """True synonyms, full forms and acronyms: accepted as an answer."""
    hidden: Texts = ()
    """Misspellings that lead a search to the term."""
    avoid: Texts = ()
    """Wrong or deprecated words: recognised, never accepted."""


class Pronunciation(_Part):
    """How the whole term is said, in broad IPA between slashes."""

    us: Text
    """General American."""
    uk: Text
    """Standard Southern British."""
    note: Text | None = None
    """Such as whether an abbreviation is spelt out."""


class Example(_Part):
    """A sentence that somebody would really say at work."""

    id: Annotated[str, Field(pattern=r"^e\d+$")]
    """Permanent, because card ids derive from it."""
    text: Text
    """Holds the term, or an inflection, in [[ ]] once."""
    audience: Literal["engineer", "stakeholder"]


class Collocation(_Part):
    """Words that usually go together with the term."""

    pattern: Text
    """Such as ``detect / monitor + data drift``."""
    example: Text


class Grammar(_Part):
    """An error learners make, and its correction."""

    wrong: Text
    right: Text
    why: Text


class Contrast(_Part):
    """A sentence that only one of two terms completes."""

    text: Text
    """Holds [[?]] where the term stood."""
    answer: Slug


class Confusion(_Part):
    """Another term that this one is taken for; written in one entry of the two."""

    other: Annotated[Slug, Field(alias="with")]
    difference: Text
    """One or two sentences that tell the two apart."""
    contrast: Annotated[tuple[Contrast, ...], Field(strict=False)]
    """Two sentences, one for each side."""


class FalseFriend(_Part):
    """A word of another language that misleads its speakers."""

    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    word: Text
    trap: Text


class SayIt(_Part):
    """A situation in which the learner has to say it to somebody."""

    situation: Text
    audience: Text
    must_mention: Texts
    avoid: Texts = ()
    """Words this audience would not understand."""
    model_answer: Text


class SeedSource(_Part):
    """A document of the brief."""

    kind: Literal["seed"]
    ref: Text
    used_for: Text


class WebSource(_Part):
    """A page on the web."""

    kind: Literal["web"]
    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    used_for: Text


class FieldSource(_Part):
    """A paper, standard, book or manual of the field."""

    kind: Literal["field"]
    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    used_for: Text


Source = Annotated[SeedSource | WebSource | FieldSource, Field(discriminator="kind")]


class Entry(_Part):
    """One term of the glossary: everything a learner needs to know, say and choose it.

    Example:
        >>> Entry.model_fields["plain"].is_required()
        True
    """

    id: Slug
    """Written once, never changed: cards and review histories hang on it."""
    slug: Slug
    """The file name; where it changes, the old one goes to renamed_from."""
    renamed_from: Slugs = ()
    term: Text
    category: Category
    deck: Deck
    level: Literal["A2", "B1", "B2", "C1", "C2"] | None = None
    """CEFR level of the English, not of the machine learning."""
    part_of_speech: Literal[
        "noun", "verb", "verb phrase", "adjective", "adverb", "name", "phrase"
    ]
    countable: Literal["countable", "uncountable", "both"] | None = None
    inflections: Texts = ()
    """Plurals, verb forms and other forms that count as the term."""
    labels: Labels
    pronunciation: Pronunciation
    register_: Annotated[
        Literal["neutral-professional", "informal", "formal", "jargon"] | None,
        Field(alias="register"),
    ] = None
    definition: Text
    """What it is, then what it is for, in one sentence of 8 to 40 words."""
    plain: Text
    """The same for somebody who is no engineer, in at most 35 words."""
    examples: Annotated[tuple[Example, ...], Field(strict=False, min_length=1)]
    collocations: Annotated[tuple[Collocation, ...], Field(strict=False)] = ()
    grammar: Annotated[tuple[Grammar, ...], Field(strict=False)] = ()
    confusions: Annotated[tuple[Confusion, ...], Field(strict=False)] = ()
    """A pair is written once, in either entry; loading mirrors it."""
    false_friends: Annotated[tuple[FalseFriend, ...], Field(strict=False)] = ()
    say_it: Annotated[tuple[SayIt, ...], Field(strict=False)] = ()
    related: Slugs = ()
    broader: Slugs = ()
    scenarios: Annotated[tuple[Scenario, ...], Field(strict=False)] = ()
    """Scenarios of the brief in which the term is needed."""
    sources: Annotated[tuple[Source, ...], Field(strict=False, min_length=1)]
    status: Literal["draft", "reviewed", "retired"]
    since: Version
    """The version of the course that brought the term."""

    def forms(self) -> tuple[str, ...]:
        """Return what counts as the term in a sentence: the term and its inflections.

        The part in brackets that tells two meanings apart is not said, so
        ``regression (model)`` counts as ``regression``.
        """
        said = self.term.split(" (", 1)[0]
        return tuple(dict.fromkeys((self.term, said, *self.inflections)))

    def names(self) -> tuple[str, ...]:
        """Return the term and its accepted other names."""
        return (self.term, *self.labels.alt)


def schema_text() -> str:
    """Return the JSON Schema of an entry, as it is committed in ``glossary/schema``.

    Example:
        >>> "pronunciation" in schema_text()
        True
    """
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Entry.model_json_schema(by_alias=True),
        "description": (Entry.__doc__ or "").split("\n", 1)[0],
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
