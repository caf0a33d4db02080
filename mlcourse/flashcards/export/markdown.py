"""The glossary as Markdown: one page to read or print, or a glossary for MyST."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlcourse.flashcards.export.selection import select
from mlcourse.glossary.folding import fold
from mlcourse.glossary.markdown import escape, full
from mlcourse.glossary.pages import TITLES

if TYPE_CHECKING:
    from mlcourse.glossary.entry import Entry
    from mlcourse.glossary.load import Glossary

__all__ = ["to_markdown", "to_myst"]


def to_markdown(
    glossary: Glossary,
    *,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    title: str = "ML Glossary",
) -> str:
    """Return one page with the whole entry of each term, category by category.

    The page stands alone: a term that is on it is a link, another one is plain text.

    Args:
        glossary: Where the terms are.
        slugs: Terms by their slugs, all if omitted.
        categories: Only terms of these categories.
        title: The heading.
    """
    entries = select(glossary, slugs=slugs, categories=categories)
    here = {entry.slug for entry in entries}

    def link(slug: str) -> str | None:
        other = glossary.entries.get(slug)
        if other is None:
            return None
        name = escape(other.term)
        return f"[{name}](#{slug})" if slug in here else name

    count = "1 term" if len(entries) == 1 else f"{len(entries)} terms"
    parts = [f"# {escape(title)}\n", f"{count}.\n"]
    for category, heading in TITLES.items():
        same = [entry for entry in entries if entry.category == category]
        if same:
            parts.append(f"## {heading}\n")
            parts += (full(entry, link=link, labs=()) for entry in same)
    return "\n".join(parts)


def to_myst(
    glossary: Glossary,
    *,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
) -> str:
    """Return a page with MyST's glossary directive, for a book of Sphinx.

    A term and its other names share a definition, so ``{term}`` finds each of them. A
    name of two terms leads to the first, since Sphinx takes a name once.

    Args:
        glossary: Where the terms are.
        slugs: Terms by their slugs, all if omitted.
        categories: Only terms of these categories.
    """
    entries = select(glossary, slugs=slugs, categories=categories)
    taken = {fold(entry.term) for entry in entries}
    parts = ["# Glossary\n", "```{glossary}"]
    for entry in entries:
        parts.append("\n".join(map(escape, (entry.term, *_others(entry, taken)))))
        parts.append(f"  {escape(entry.definition)}\n")
        parts.append(f"  In plain words: {escape(entry.plain)}\n")
    return "\n".join((*parts, "```", ""))


def _others(entry: Entry, taken: set[str]) -> list[str]:
    found = [name for name in entry.labels.alt if fold(name) not in taken]
    taken |= {fold(name) for name in found}
    return found
