"""The linter of the glossary: every rule over every entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mlcourse.glossary.fault import Fault
from mlcourse.glossary.load import read
from mlcourse.glossary.rules import RULES, Context
from mlcourse.glossary.rules.names import NAMES
from mlcourse.glossary.spelling import known_words, misspellings

if TYPE_CHECKING:
    from pathlib import Path

    from mlcourse.glossary.load import Reading

__all__ = ["lint", "lint_folder", "missing"]


def lint(
    reading: Reading,
    *,
    planned: Iterable[str] = (),
    published: Iterable[str] = (),
    references: frozenset[str] = frozenset(),
    words: frozenset[str] = frozenset(),
    misspellings: Mapping[str, str] | None = None,
) -> list[Fault]:
    """Judge every entry of a folder by every rule.

    A retired entry keeps its file and its id; its texts are not judged any more.

    Args:
        reading: What :func:`mlcourse.glossary.load.read` returned.
        planned: Slugs that may be linked to before their entry is written.
        published: Ids that learners have cards of: each keeps its entry for ever.
        references: Digests from :mod:`mlcourse.glossary.shingles`; no sentence may
            share eight words in a row with them.
        words: Folded words that are spelt right; empty for no check.
        misspellings: Wrong word to its correction.

    Returns:
        The faults, file by file, warnings among them.

    Example:
        >>> from mlcourse.glossary.load import Reading
        >>> lint(Reading((), ()))
        []
    """
    context = Context.of(
        reading.entries,
        planned=frozenset(planned),
        references=references,
        words=words,
        misspellings=misspellings,
    )
    faults = [*reading.faults, *missing(reading, published)]
    for entry in reading.entries:
        rules = NAMES if entry.status == "retired" else RULES
        faults += (fault for rule in rules for fault in rule(entry, context))
    return sorted(faults, key=lambda fault: (fault.file, fault.warning))


def lint_folder(folder: Path) -> list[Fault]:
    """Judge a glossary folder, with the lists that it keeps under ``schema``.

    ``planned.txt`` (slugs), ``published.txt`` (ids), ``words.txt`` and
    ``brief-shingles.txt`` (digests) have one item a line; ``#`` begins a comment, and a
    list that is not there is empty.

    Args:
        folder: The folder that holds ``terms`` and ``schema``.
    """
    reading = read(folder / "terms")
    lists = folder / "schema"
    return lint(
        reading,
        planned=_items(lists / "planned.txt"),
        published=_items(lists / "published.txt"),
        references=_items(lists / "brief-shingles.txt"),
        words=known_words(reading.entries, extra=_items(lists / "words.txt")),
        misspellings=misspellings(),
    )


def missing(reading: Reading, published: Iterable[str]) -> list[Fault]:
    """Return a fault for each published id that no entry has.

    Args:
        reading: What stands in the folder.
        published: Ids that learners have cards of.
    """
    unreadable = {fault.file.removesuffix(".yaml") for fault in reading.faults}
    there = {entry.id for entry in reading.entries} | unreadable
    return [
        Fault(
            f"{name}.yaml",
            "id",
            name,
            "was published, and no entry has it",
            "bring the file back with status: retired",
            "published_entries_keep_their_file",
        )
        for name in sorted(set(published) - there)
    ]


def _items(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    lines = path.read_text("utf-8").splitlines()
    return frozenset(line.split("#", 1)[0].strip() for line in lines) - {""}
