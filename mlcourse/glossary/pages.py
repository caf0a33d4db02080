"""The pages of the glossary: A to Z, by category, and a page of full entries for each.

Five hundred full entries make one page of nearly 2 MB, which no reader scrolls and
GitHub may refuse to show. So ``A-Z.md`` holds what a reader who follows a link needs,
and the rest of an entry stands in the page of its category.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, get_args

from mlcourse.glossary.entry import Category, Entry
from mlcourse.glossary.folding import fold
from mlcourse.glossary.markdown import Link, escape, full, short

if TYPE_CHECKING:
    from mlcourse.glossary.load import Glossary

__all__ = ["A_TO_Z", "BY_CATEGORY", "anchor", "render"]

A_TO_Z = "A-Z.md"
BY_CATEGORY = "by-category.md"
BUILT = (
    "<!-- Built from glossary/terms by mlcourse dev build. Edit there, not here. -->"
)
TITLES: Mapping[str, str] = {
    "feature-engineering-and-stores": "Feature engineering and stores",
    "model-serving-and-deployment": "Model serving and deployment",
    "monitoring-and-reliability": "Monitoring and reliability",
    "governance-and-documentation": "Governance and documentation",
    "ab-testing": "A/B testing of models",
    "system-design": "System design",
    "foundations": "Foundations",
    "tools": "Tools",
}


def render(glossary: Glossary, labs: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the text of every page, by its name in the glossary folder.

    Args:
        glossary: What to show.
        labs: Names of the labs that use a term, by its slug.

    Example:
        >>> from mlcourse.glossary.load import build
        >>> sorted(render(build([]), {}))
        ['A-Z.md', 'by-category.md']
    """
    pages = {
        A_TO_Z: _a_to_z(glossary, labs),
        BY_CATEGORY: _by_category(glossary),
    }
    for category, entries in _categories(glossary).items():
        pages[_page(category)] = _category(glossary, category, entries, labs)
    return pages


def anchor(slug: str) -> str:
    """Return the address of a term, seen from the glossary folder.

    Args:
        slug: The term, by its present or a former slug.

    Example:
        >>> anchor("data-drift")
        'A-Z.md#data-drift'
    """
    return f"{A_TO_Z}#{slug}"


def _a_to_z(glossary: Glossary, labs: Mapping[str, Iterable[str]]) -> str:
    letters = [
        (letter, list(entries))
        for letter, entries in groupby(glossary.entries.values(), _letter)
    ]
    index = " · ".join(f"[{name}](#letter-{name.lower()})" for name, _ in letters)
    parts = [
        f"{BUILT}\n\n# Glossary, A to Z\n",
        f"{len(glossary.entries)} terms. [By category]({BY_CATEGORY})\n",
        f"{index}\n",
    ]
    link = _linker(glossary, A_TO_Z)
    for letter, entries in letters:
        parts.append(f'<a id="letter-{letter.lower()}"></a>\n\n## {letter}\n')
        parts += (
            short(
                entry,
                link=link,
                labs=labs.get(entry.slug, ()),
                more=f"{_page(entry.category)}#{entry.slug}",
            )
            for entry in entries
        )
    return "\n".join(parts)


def _by_category(glossary: Glossary) -> str:
    parts = [
        f"{BUILT}\n\n# Glossary by category\n",
        f"{len(glossary.entries)} terms. [A to Z]({A_TO_Z})\n",
    ]
    for category, entries in _categories(glossary).items():
        page = _page(category)
        parts.append(
            f"## {TITLES[category]}\n\n{len(entries)} terms. [Full entries]({page})\n"
        )
        parts.append(
            "".join(
                f"- [{escape(e.term)}]({page}#{e.slug}): {escape(e.definition)}\n"
                for e in entries
            )
        )
    return "\n".join(parts)


def _category(
    glossary: Glossary,
    category: str,
    entries: list[Entry],
    labs: Mapping[str, Iterable[str]],
) -> str:
    link = _linker(glossary, _page(category))
    parts = [
        f"{BUILT}\n\n# {TITLES[category]}\n",
        f"{len(entries)} terms. [A to Z]({A_TO_Z}) · [By category]({BY_CATEGORY})\n",
    ]
    parts += (full(e, link=link, labs=labs.get(e.slug, ())) for e in entries)
    return "\n".join(parts)


def _categories(glossary: Glossary) -> dict[str, list[Entry]]:
    found = {
        category: [e for e in glossary.entries.values() if e.category == category]
        for category in get_args(Category)
    }
    return {category: entries for category, entries in found.items() if entries}


def _linker(glossary: Glossary, page: str) -> Link:
    def link(slug: str) -> str | None:
        entry = glossary.entries.get(slug)
        if entry is None:
            return None
        target = A_TO_Z if page == A_TO_Z else _page(entry.category)
        return f"[{escape(entry.term)}]({'' if target == page else target}#{slug})"

    return link


def _page(category: str) -> str:
    return f"{category}.md"


def _letter(entry: Entry) -> str:
    return fold(entry.term)[0].upper()
