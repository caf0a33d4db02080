"""What the texts of a lab must hold, and what must not stand in them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlcourse.authoring.lab import Cell, Lab

__all__ = ["Complaint", "anatomy", "style"]

SCENARIO_WORDS = 120
FLASHCARDS = 3
PICTURES = 2
POINTS = (20, 30)
WRITTEN_POINTS = (4, 8)

_PICTURE = re.compile(
    r"\bplt\.\w+\(|\baxe?s?\w*(\[.*?\])?\.\w+\(|\.(plot|hist|scatter)\w*\(|\bplot_\w+\("
    r"|\b(SVG|Image)\(|\.show\(\)"
)
_NOT_PROSE = re.compile(r"```.*?```|`[^`\n]*`|<!--.*?-->|\$[^$\n]+\$", re.DOTALL)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u26ff\ufe0f]")
_PATH = re.compile(r"(?<![\w.])/(home|Users|root|tmp|mnt|opt|work)/\w+|\b[A-Z]:\\\w+")
_HOST = re.compile(r"https?://(?!localhost\b|127\.0\.0\.1\b)[\w.-]+|\bwww\.\w+", re.I)


class Complaint(NamedTuple):
    """A fault of a lab before it is put on the list.

    Args:
        where: The line or the file.
        what: What is wrong.
        fix: What to do.
    """

    where: str
    what: str
    fix: str


def anatomy(lab: Lab) -> Iterator[Complaint]:
    """Yield the parts that every lab but the first must have and this one lacks."""
    sections = _sections(lab)
    start = f"{lab.name}.py:1"
    scenario = sections.get("scenario")
    if scenario is None:
        yield Complaint(start, "no scenario", "add '## Scenario'")
    elif len(words := scenario[1].split()) > SCENARIO_WORDS:
        yield Complaint(
            scenario[0],
            f"the scenario has {len(words)} words",
            f"use {SCENARIO_WORDS} at most",
        )
    for heading in ("Interview question", "Flashcards", "Elsewhere"):
        if heading.casefold() not in sections:
            yield Complaint(
                start, f"no section {heading!r}", f"add '## {heading}' near the end"
            )
    cards = sections.get("flashcards")
    if cards and (number := _count_items(cards[1])) < FLASHCARDS:
        yield Complaint(
            cards[0], f"{number} flashcards", f"write {FLASHCARDS}, a list item each"
        )
    pictures = sum(_count_pictures(cell) for cell in lab.cells)
    if pictures < PICTURES:
        yield Complaint(
            start, f"{pictures} pictures", f"draw {PICTURES} that the learner must read"
        )
    if not lab.of("written", "memo"):
        yield Complaint(start, "no written piece", 'add # %% written="memo" points=4')
    for name, points, (low, high) in (
        ("points", lab.points, POINTS),
        ("points for writing", lab.written_points, WRITTEN_POINTS),
    ):
        if not low <= points <= high:
            yield Complaint(start, f"{points:g} {name}", f"give {low} to {high}")


def style(where: str, text: str) -> Iterator[Complaint]:
    """Yield what does not belong in a text that learners read.

    Args:
        where: The line of its first line, such as ``06_rest_service.py:12``.
        text: Markdown.
    """
    prose = _NOT_PROSE.sub(" ", text)
    marks = re.sub(r"!\[", "[", prose).replace("!=", "")
    if "!" in marks:
        yield Complaint(
            where, "an exclamation mark", "end the sentence with a full stop"
        )
    if found := _EMOJI.search(prose):
        yield Complaint(where, f"an emoji, {found[0]!r}", "remove it")
    if found := _PATH.search(text):
        yield Complaint(
            where,
            f"a path of one machine, {found[0]!r}",
            "write it from the course folder",
        )
    if found := _HOST.search(prose):
        yield Complaint(
            where, f"an address, {found[0]!r}", "name the thing, labs work offline"
        )


def _sections(lab: Lab) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    title = ""
    for cell in lab.of("text"):
        for number, line in enumerate(cell.source.split("\n"), start=cell.line + 1):
            heading = re.fullmatch(r"#{1,6} +(.*?) *", line)
            if heading:
                title = heading[1].casefold()
                found[title] = (f"{lab.name}.py:{number}", "")
            elif title:
                where, text = found[title]
                found[title] = (where, f"{text}{line}\n")
    return found


def _count_items(text: str) -> int:
    items = re.findall(r"^(?:[-*]|\d+\.|<details>) ?", text, re.MULTILINE)
    rows = re.findall(r"^\|", text, re.MULTILINE)
    return max(len(items), len(rows) - 2)


def _count_pictures(cell: Cell) -> int:
    if cell.is_markdown:
        return cell.source.count("![")
    return int(_PICTURE.search(cell.source) is not None)
