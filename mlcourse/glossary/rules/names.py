"""Ids, slugs, labels and links: nothing is taken twice, nothing leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.folding import fold
from mlcourse.glossary.rules.context import Context, Rule, fault, named

__all__ = ["NAMES"]


def id_is_the_first_slug(entry: Entry, _: Context) -> Iterator[Fault]:
    """The id is the slug, or one of the slugs the entry had before."""
    if entry.id not in (entry.slug, *entry.renamed_from):
        yield fault(
            entry,
            id_is_the_first_slug,
            "id",
            entry.id,
            "is neither the slug nor a former one",
            fix=f"write id: {entry.slug}, or add the old slug to renamed_from",
        )


def ids_are_unique(entry: Entry, context: Context) -> Iterator[Fault]:
    """No two entries share an id, nor a former slug that another one uses now."""
    for other in context.entries.values():
        if other.slug == entry.slug:
            continue
        if other.id == entry.id and other.slug < entry.slug:
            yield fault(
                entry,
                ids_are_unique,
                "id",
                entry.id,
                f"is the id of {other.slug}.yaml too",
                fix="give the newer entry its own slug as id",
            )
        if other.slug in entry.renamed_from:
            yield fault(
                entry,
                ids_are_unique,
                "renamed_from",
                other.slug,
                "is the slug of another entry",
                fix="old links would lead there: rename one of the two",
            )


def names_are_unique(entry: Entry, context: Context) -> Iterator[Fault]:
    """No name of an entry is, after folding, another name of it or of another entry.

    Two entries may share an inflection, as a verb and a noun do (logs), but an
    inflection is not the name of another term.
    """
    if entry.status == "retired":
        return
    for field, text in named(entry):
        owners = context.names[fold(text)]
        for slug, where in owners[: owners.index((entry.slug, field))]:
            if slug == entry.slug or not (_inflects(field) and _inflects(where)):
                yield fault(
                    entry,
                    names_are_unique,
                    field,
                    text,
                    f"is already {where} of {slug}.yaml",
                    fix="keep it in one place",
                    warning=slug == entry.slug,
                )
                break


def avoided_words_are_not_names(entry: Entry, _: Context) -> Iterator[Fault]:
    """A word to avoid is not, after folding, a name that the entry accepts."""
    accepted = {fold(name) for name in (*entry.names(), *entry.inflections)}
    for at, word in enumerate(entry.labels.avoid):
        if fold(word) in accepted:
            yield fault(
                entry,
                avoided_words_are_not_names,
                f"labels.avoid[{at}]",
                word,
                "is also an accepted name",
                fix="decide which of the two it is",
            )


def links_lead_to_entries(entry: Entry, context: Context) -> Iterator[Fault]:
    """Related, broader and confused terms exist, once each, and are in use."""
    for field, slugs in (
        ("related", entry.related),
        ("broader", entry.broader),
        ("confusions", tuple(pair.other for pair in entry.confusions)),
    ):
        for at, slug in enumerate(slugs):
            problem, fix, warning = _link_problem(entry, slug, slugs[:at], context)
            if problem:
                yield fault(
                    entry,
                    links_lead_to_entries,
                    f"{field}[{at}]" + (".with" if field == "confusions" else ""),
                    slug,
                    problem,
                    fix=fix,
                    warning=warning,
                )


def pair_is_written_once(entry: Entry, context: Context) -> Iterator[Fault]:
    """A pair of confusable terms stands in one of the two entries."""
    for at, pair in enumerate(entry.confusions):
        other = context.entries.get(pair.other)
        both = other and any(back.other == entry.slug for back in other.confusions)
        if both and entry.slug > pair.other:
            yield fault(
                entry,
                pair_is_written_once,
                f"confusions[{at}].with",
                pair.other,
                f"is written in {pair.other}.yaml too",
                fix="remove it here: loading mirrors it",
            )


def _inflects(field: str) -> bool:
    return field.startswith("inflections")


def _link_problem(
    entry: Entry, slug: str, before: tuple[str, ...], context: Context
) -> tuple[str, str, bool]:
    if slug == entry.slug:
        return "is the entry itself", "remove it", False
    if slug in before:
        return "is written twice", "remove one", False
    target = context.entries.get(slug)
    if target is None and slug in context.planned:
        return "is not written yet", "write the entry", True
    if target is None:
        return "is no entry", "correct the slug, or remove it", False
    if target.status == "retired":
        return "is retired", "link to what replaced it", False
    return "", "", False


NAMES: tuple[Rule, ...] = (
    id_is_the_first_slug,
    ids_are_unique,
    names_are_unique,
    avoided_words_are_not_names,
    links_lead_to_entries,
    pair_is_written_once,
)
