"""The glossary as SKOS in JSON-LD, for tools of terminology and linked data.

What a learner must not say is a note, not a label: SKOS has no label that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlcourse.flashcards.export.selection import select
from mlcourse.glossary.pages import TITLES

if TYPE_CHECKING:
    from mlcourse.glossary.entry import Entry
    from mlcourse.glossary.load import Glossary

__all__ = ["BASE", "to_skos"]

BASE = "urn:mlgloss:"
LINKS = ("broader", "related", "inScheme", "topConceptOf", "member")
CONTEXT = {
    "@vocab": "http://www.w3.org/2004/02/skos/core#",
    "@language": "en",
    "notation": {"@language": None},
    **{link: {"@type": "@id"} for link in LINKS},
}


def to_skos(
    glossary: Glossary,
    *,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    base: str = BASE,
) -> str:
    """Return terms as a SKOS concept scheme in JSON-LD, one collection a category.

    Links to terms that are not exported are left out. The integrity conditions of the
    SKOS Reference (W3C, 2009) hold: S13, a name has one kind in a concept; S27, no
    concept is related to what is broader than it.

    Args:
        glossary: Where the terms are.
        slugs: Terms by their slugs, all if omitted.
        categories: Only terms of these categories.
        base: What stands before the id of a term in its address.

    Example:
        >>> from mlcourse.glossary.load import build
        >>> to_skos(build([]), categories=["tools"])
        Traceback (most recent call last):
        ...
        ValueError: no term is left to export: name other slugs or categories.
    """
    entries = {e.slug: e for e in select(glossary, slugs=slugs, categories=categories)}
    scheme = f"{base}scheme"
    address = {slug: f"{base}{entry.id}" for slug, entry in entries.items()}
    graph: list[dict[str, Any]] = [
        {"@id": scheme, "@type": "ConceptScheme", "prefLabel": "ML Glossary"}
    ]
    for entry in entries.values():
        broader = [address[slug] for slug in entry.broader if slug in entries]
        above = _ancestors(entry.slug, entries)
        related = [
            address[slug]
            for slug in entry.related
            if slug in entries
            and slug not in above
            and entry.slug not in _ancestors(slug, entries)
        ]
        concept = {
            "@id": address[entry.slug],
            "@type": "Concept",
            "notation": entry.id,
            **_labels(entry),
            "definition": entry.definition,
            "example": [_unmarked(example.text) for example in entry.examples],
            "note": entry.plain,
            "scopeNote": _notes(entry, glossary),
            "broader": broader,
            "related": related,
            "inScheme": scheme,
            "topConceptOf": [] if broader else scheme,
        }
        graph.append({key: value for key, value in concept.items() if value})
    for category, title in TITLES.items():
        members = [address[s] for s, e in entries.items() if e.category == category]
        if members:
            graph.append(
                {
                    "@id": f"{base}category:{category}",
                    "@type": "Collection",
                    "prefLabel": title,
                    "member": members,
                }
            )
    document = {"@context": CONTEXT, "@graph": graph}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _labels(entry: Entry) -> dict[str, Any]:
    alt = [name for name in dict.fromkeys(entry.labels.alt) if name != entry.term]
    shown = {entry.term, *alt}
    found = dict.fromkeys((*entry.labels.hidden, *entry.inflections))
    hidden = [name for name in found if name not in shown]
    return {"prefLabel": entry.term, "altLabel": alt, "hiddenLabel": hidden}


def _notes(entry: Entry, glossary: Glossary) -> list[str]:
    notes = [f"Do not say: {word}." for word in entry.labels.avoid]
    for pair in entry.confusions:
        other = glossary.entries.get(pair.other)
        if other is not None:
            notes.append(f"Not {other.term}. {pair.difference}")
    return notes


def _ancestors(slug: str, entries: Mapping[str, Entry]) -> set[str]:
    found: set[str] = set()
    waiting = [slug]
    while waiting:
        entry = entries.get(waiting.pop())
        above = set(entry.broader) - found if entry else set()
        found |= above
        waiting += above
    return found


def _unmarked(text: str) -> str:
    return text.replace("[[", "").replace("]]", "")
