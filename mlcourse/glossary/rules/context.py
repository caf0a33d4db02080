"""What one entry is judged against: the others, and the lists kept beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.folding import fold, plural
from mlcourse.glossary.rules.everyday import EVERYDAY

__all__ = ["Context", "Rule", "fault", "named", "texts"]


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules know beside the entry they look at.

    Args:
        entries: All entries as written, by slug.
        names: By folded text, each ``(slug, field)`` that is called so.
        jargon: By folded text, the slugs of the core terms of that name, without the
            everyday words.
        planned: Slugs that may be linked to before their entry is written.
        references: Digests of eight words in a row that no sentence may share.
        words: Folded words that are spelt right; empty for no check.
        misspellings: Wrong word to its correction.
    """

    entries: Mapping[str, Entry]
    names: Mapping[str, tuple[tuple[str, str], ...]]
    jargon: Mapping[str, frozenset[str]]
    planned: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    misspellings: Mapping[str, str] | None = None

    @classmethod
    def of(
        cls,
        entries: Iterable[Entry],
        *,
        planned: frozenset[str] = frozenset(),
        references: frozenset[str] = frozenset(),
        words: frozenset[str] = frozenset(),
        misspellings: Mapping[str, str] | None = None,
    ) -> Context:
        """Make the context of a set of entries.

        Args:
            entries: As written, each slug once.
            planned: See the class.
            references: See the class.
            words: See the class.
            misspellings: See the class.
        """
        by_slug = {entry.slug: entry for entry in entries}
        names: dict[str, list[tuple[str, str]]] = {}
        jargon: dict[str, set[str]] = {}
        for slug, entry in by_slug.items():
            if entry.status == "retired":
                continue
            for field, text in named(entry):
                names.setdefault(fold(text), []).append((slug, field))
            if entry.deck == "core":
                for form in _jargon(entry):
                    jargon.setdefault(form, set()).add(slug)
        return cls(
            by_slug,
            {name: tuple(owners) for name, owners in names.items()},
            {name: frozenset(slugs) for name, slugs in jargon.items()},
            planned,
            references,
            words,
            misspellings,
        )


Rule = Callable[[Entry, Context], Iterator[Fault]]


def fault(
    entry: Entry,
    rule: Rule,
    field: str,
    value: object,
    problem: str,
    *,
    fix: str,
    warning: bool = False,
) -> Fault:
    """Return a fault of an entry, named after the rule it breaks."""
    return Fault(
        f"{entry.slug}.yaml", field, value, problem, fix, rule.__name__, warning
    )


def texts(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield every sentence of an entry that a learner reads as good English."""
    yield "definition", entry.definition
    yield "plain", entry.plain
    for at, example in enumerate(entry.examples):
        yield f"examples[{at}].text", example.text
    for at, usual in enumerate(entry.collocations):
        yield f"collocations[{at}].example", usual.example
    for at, error in enumerate(entry.grammar):
        yield f"grammar[{at}].right", error.right
        yield f"grammar[{at}].why", error.why
    for at, pair in enumerate(entry.confusions):
        yield f"confusions[{at}].difference", pair.difference
        for which, contrast in enumerate(pair.contrast):
            yield f"confusions[{at}].contrast[{which}].text", contrast.text
    for at, task in enumerate(entry.say_it):
        yield f"say_it[{at}].situation", task.situation
        yield f"say_it[{at}].model_answer", task.model_answer
    if entry.pronunciation.note:
        yield "pronunciation.note", entry.pronunciation.note


def named(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield each name an entry is found by, with its field."""
    yield "term", entry.term
    for kind, names in (
        ("labels.alt", entry.labels.alt),
        ("labels.hidden", entry.labels.hidden),
        ("inflections", entry.inflections),
    ):
        for at, name in enumerate(names):
            yield f"{kind}[{at}]", name


def _jargon(entry: Entry) -> set[str]:
    names = {fold(name) for name in entry.names()}
    if fold(entry.term) not in EVERYDAY:
        names |= {fold(form) for form in entry.inflections}
    names -= EVERYDAY.keys()
    return names | {plural(name) for name in names}
