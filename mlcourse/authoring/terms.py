r"""Terms in the texts of a lab: MyST roles in a source, links in a notebook.

An author writes ``{term}`data drift` `` or ``{term}`the inputs moved <data-drift>` ``;
a learner sees a link to the glossary that shows the definition under the pointer. Code
spans, blocks of code and comments are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from mlcourse.glossary.folding import fold, plural

if TYPE_CHECKING:
    from mlcourse.glossary.load import Glossary
    from mlcourse.paths import Course

__all__ = [
    "Use",
    "collapse",
    "drop_definitions",
    "expand",
    "find_uses",
    "read_glossary",
    "resolve",
]

PAGE = "../glossary/A-Z.md"
ACCEPTED = ("term", "alt", "inflection")

_CODE = (
    r"^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*$.*?(?:^[ >]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
    r"|<!--.*?-->|\\."
)
_SHOWN = r"[^\[\]<>`\\]+"
_INSIDE = re.compile(rf"({_SHOWN}) <([a-z0-9-]+)>|({_SHOWN})")
_ROLE = re.compile(
    rf"{_CODE}|(?P<found>\{{term\}}(?:`(?P<inside>[^`]+)`)?)", re.M | re.S
)
_LINK = re.compile(
    rf"{_CODE}|(?P<found>\[(?P<inside>{_SHOWN})\]"
    rf'\({re.escape(PAGE)}#(?P<slug>[a-z0-9-]+) "[^"]*"\))',
    re.M | re.S,
)
# What would end the title of a link, or mean something to Markdown or MathJax in it.
_ESCAPES = {ord(sign): f"&#{ord(sign)};" for sign in '"$\\`<|&'}


class Use(NamedTuple):
    """A place in a text that names a term.

    Args:
        line: The line in the text, counted from 0.
        shown: The words that a reader sees.
        target: What names the term: its slug, or the same words; empty if the role is
            written in another form.
    """

    line: int
    shown: str
    target: str

    def slug(self, glossary: Glossary) -> str:
        """Return the slug of the term.

        Args:
            glossary: Where to look.

        Raises:
            ValueError: If it names no term, more than one, or a slug by another name.
        """
        slug = resolve(self.target, glossary)
        if self.target not in (self.shown, slug):
            raise ValueError(
                f"{self.target!r} is no slug, write {{term}}`{self.shown} <{slug}>`"
            )
        return slug


def read_glossary(course: Course) -> Glossary:
    """Return the glossary of a course, without entries where it has none yet.

    Raises:
        GlossaryError: If an entry cannot be read.
    """
    from mlcourse.glossary.load import build, load

    folder = course.glossary / "terms"
    return load(folder) if any(folder.glob("*.yaml")) else build([])


def find_uses(text: str) -> Iterator[Use]:
    r"""Yield the terms that a text of a source names.

    Args:
        text: Markdown with roles.

    Example:
        >>> list(find_uses("{term}`data drift`, `{term}`"))
        [Use(line=0, shown='data drift', target='data drift')]
    """
    for match in _ROLE.finditer(text):
        if match["found"]:
            yield _read_use(match)


def resolve(words: str, glossary: Glossary) -> str:
    """Return the slug of the term that some words name.

    They may be its slug, its name or another one, or a regular plural of these.

    Args:
        words: What an author wrote.
        glossary: Where to look.

    Raises:
        ValueError: If they name no term, or more than one.
    """
    entry = glossary.entries.get(words)
    if entry and entry.status != "retired":
        return words
    folded = fold(words)
    singular = [
        form
        for form in (f"{folded[:-3]}y", folded[:-2], folded[:-1])
        if plural(form) == folded
    ]
    for form in (folded, *singular):
        slugs = _named(form, glossary)
        if len(slugs) > 1:
            raise ValueError(
                f"{words!r} may be {' or '.join(slugs)}, "
                f"write {{term}}`{words} <{slugs[0]}>`"
            )
        if slugs:
            return slugs[0]
    raise ValueError(f"unknown term {words!r}, {_advice(words, glossary)}")


def expand(text: str, glossary: Glossary) -> str:
    """Return a text of a source as it stands in a notebook: links for roles.

    Args:
        text: Markdown with roles.
        glossary: Where the definitions are.

    Raises:
        ValueError: If a role names no term. The first argument is the sentence, the
            second the line.
    """

    def link(match: re.Match[str]) -> str:
        use = _read_use(match)
        try:
            slug = use.slug(glossary)
        except ValueError as error:
            raise ValueError(str(error), use.line) from None
        definition = " ".join(glossary.entries[slug].definition.split())
        return f'[{use.shown}]({PAGE}#{slug} "{definition.translate(_ESCAPES)}")'

    return _replace(_ROLE, text, link)


def collapse(text: str, glossary: Glossary) -> str:
    """Return a text of a notebook as it stands in a source: roles for links.

    Args:
        text: Markdown with links to the glossary.
        glossary: Where the names are; a role holds the slug only where it must.
    """

    def role(match: re.Match[str]) -> str:
        shown, slug = match["inside"], match["slug"]
        try:
            is_plain = resolve(shown, glossary) == slug
        except ValueError:
            is_plain = False
        return f"{{term}}`{shown}`" if is_plain else f"{{term}}`{shown} <{slug}>`"

    return _replace(_LINK, text, role)


def drop_definitions(text: str) -> str:
    """Return a text of a notebook without the definitions in its links."""
    return _replace(_LINK, text, lambda m: f"[{m['inside']}]({PAGE}#{m['slug']})")


def _replace(
    pattern: re.Pattern[str], text: str, write: Callable[[re.Match[str]], str]
) -> str:
    return pattern.sub(lambda m: write(m) if m["found"] else m[0], text)


def _read_use(match: re.Match[str]) -> Use:
    line = match.string.count("\n", 0, match.start())
    parts = _INSIDE.fullmatch(match["inside"] or "")
    if parts is None:
        return Use(line, "", "")
    return Use(line, parts[1] or parts[3], parts[2] or parts[3])


def _named(folded: str, glossary: Glossary) -> list[str]:
    names = [n for n in glossary.names.get(folded, ()) if n.kind in ACCEPTED]
    if names:
        return sorted({name.slug for name in names if name.kind == names[0].kind})
    # "regression (model)" is called regression.
    return [
        entry.slug
        for entry in glossary.entries.values()
        if entry.status != "retired" and fold(entry.term.partition(" (")[0]) == folded
    ]


def _advice(words: str, glossary: Glossary) -> str:
    from mlcourse.glossary.search import find

    if not fold(words):
        return "write {term}`data drift` or {term}`the inputs moved <data-drift>`"
    near = find(words, glossary)
    return (
        f"did you mean {near[0].term!r}"
        if near
        else "write its entry in glossary/terms"
    )
