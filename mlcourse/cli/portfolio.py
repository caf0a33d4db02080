"""What a learner can show of the finished labs: pictures, numbers, guesses, texts.

A lab is finished once all its checks were passed and all its written answers are
written. Pictures and the outcomes of guesses come from the notebook as the learner
saved it; numbers, guesses and checks from the ledger. Code is never taken.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlcourse.checks.ledger import since_reset
from mlcourse.checks.notebook import MARKERS, Memo
from mlcourse.cli.attempt import read_own, read_released
from mlcourse.cli.progress import Progress, progress
from mlcourse.errors import LabNotFoundError
from mlcourse.paths import LEDGER, Course

__all__ = [
    "Chapter",
    "Guess",
    "LeftOut",
    "Number",
    "Picture",
    "Piece",
    "Portfolio",
    "as_text",
    "collect",
]

Cell = dict[str, Any]
Event = dict[str, Any]
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
_HEADING = re.compile(r"^#{1,6}\s+(?:\d+\.\s+)?(.+)$", re.MULTILINE)
_NAME = re.compile(r"\{[A-Za-z_]\w*\}")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_REVEALED = re.compile(r"You guessed (?P<guess>.*)\n  (?P<outcome>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the learner's own work made.

    Args:
        data: The picture as a ``data:`` address.
        caption: The heading that it stands under.
    """

    data: str
    caption: str


@dataclass(frozen=True, slots=True)
class Number:
    """A key number that a lab kept.

    Args:
        name: What it is.
        value: The number, as it is read.
        unit: Its unit, empty for a pure number.
    """

    name: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess, and what came out.

    Args:
        name: What was guessed.
        guess: The first guess, with its unit.
        outcome: What it turned out to be, and how far the guess was off.
    """

    name: str
    guess: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that the learner wrote.

    Args:
        heading: The heading that it stands under.
        text: Markdown of the learner's; data, never to be trusted.
    """

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A finished lab.

    Args:
        lab: Its name.
        title: Its name for a reader.
        goals: What a learner can do afterwards, as the course says.
        checks: How many checks were passed.
        date: The day of the last check, ``YYYY-MM-DD``.
        pictures: From the saved notebook.
        numbers: From the ledger, the last of each name.
        guesses: Those whose outcome the saved notebook shows.
        pieces: The written answers.
    """

    lab: str
    title: str
    goals: tuple[str, ...]
    checks: int
    date: str
    pictures: tuple[Picture, ...]
    numbers: tuple[Number, ...]
    guesses: tuple[Guess, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A lab that is not shown.

    Args:
        lab: Its name.
        title: Its name for a reader.
        reason: Why not.
    """

    lab: str
    title: str
    reason: str

    def __str__(self) -> str:
        return f"{self.lab}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What there is to show.

    Args:
        chapters: The finished labs, in the order of the course.
        left_out: The others.
    """

    chapters: tuple[Chapter, ...]
    left_out: tuple[LeftOut, ...]


def collect(course: Course, events: Sequence[Event]) -> Portfolio:
    """Return what a learner can show of the labs.

    Args:
        course: The course.
        events: The learner's ledger, oldest first.

    Raises:
        LabNotFoundError: If there is no workbook.
        ValueError: If the notebook of a lab whose checks were passed cannot be read.
    """
    if not (course.workbook / LEDGER).is_file():
        raise LabNotFoundError("there is no workbook yet: mlcourse lab.")
    chapters: list[Chapter] = []
    left_out: list[LeftOut] = []
    for lab in progress(course, events):
        released = read_released(course, lab.lab)
        card = released["metadata"].get("mlcourse", {})
        title = str(card.get("title") or lab.lab)
        reason = _unpassed(lab)
        own = {} if reason else read_own(course, lab.lab)
        reason = reason or _unwritten(own["cells"])
        if reason:
            left_out.append(LeftOut(lab.lab, title, reason))
            continue
        of_lab = since_reset(events, lab.lab)
        given = _given(released["cells"])
        checked = [event for event in of_lab if event["event"] == "check"]
        chapter = Chapter(
            lab.lab,
            title,
            goals=tuple(map(str, card.get("goals", ()))),
            checks=lab.passed,
            date=str(checked[-1].get("at", ""))[:10] if checked else "",
            pictures=tuple(_pictures(own["cells"], given)),
            numbers=tuple(_numbers(of_lab)),
            guesses=tuple(_guesses(own["cells"], events, lab.lab)),
            pieces=tuple(_pieces(own["cells"])),
        )
        if chapter.pictures or chapter.numbers or chapter.pieces:
            chapters.append(chapter)
        else:
            reason = "finished; no pictures, numbers or texts to show"
            left_out.append(LeftOut(lab.lab, title, reason))
    return Portfolio(tuple(chapters), tuple(left_out))


def as_text(portfolio: Portfolio) -> str:
    """Return what is in a portfolio, and why the other labs are not."""
    lines = []
    for chapter in portfolio.chapters:
        parts = (
            _count(chapter.pictures, "picture"),
            _count(chapter.numbers, "number"),
            _count(chapter.guesses, "guess", "guesses"),
            _count(chapter.pieces, "text"),
        )
        lines.append(f"{chapter.lab}: {', '.join(parts)}")
        if not chapter.pictures and not chapter.guesses:
            lines.append(
                "  Its notebook was saved without outputs: run it to its end in "
                "JupyterLab, save it, and try again."
            )
    if portfolio.left_out:
        lines += ["", "Not included:", *(f"  {lab}" for lab in portfolio.left_out)]
    return "\n".join(lines)


def _count(things: Sequence[object], one: str, many: str = "") -> str:
    return f"{len(things)} {one if len(things) == 1 else many or one + 's'}"


def _unpassed(lab: Progress) -> str:
    if lab.state == "not started":
        return "not started"
    if lab.passed < lab.tasks:
        return f"{lab.passed} of {lab.tasks} checks passed"
    return ""


def _unwritten(cells: list[Cell]) -> str:
    empty = [
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in cells
        if _is_written(cell) and Memo(_text(cell)).is_placeholder
    ]
    return f"nothing is written yet under {', '.join(empty)}" if empty else ""


def _is_written(cell: Cell) -> bool:
    mark = cell["metadata"].get("nbgrader") or {}
    return bool(mark.get("grade") and mark.get("solution"))


def _text(cell: Cell) -> str:
    lines = "".join(cell["source"]).split("\n")
    if cell["cell_type"] == "code" and lines[0].startswith("%%memo"):
        lines = lines[1:]
    return "\n".join(line for line in lines if line.strip() not in MARKERS).strip()


def _given(released: list[Cell]) -> set[str]:
    """Return the ids of cells that draw the same for every learner."""
    return {
        cell.get("id", "")
        for cell in released
        if not (cell["metadata"].get("nbgrader") or {}).get("solution")
        and not "".join(cell["source"]).startswith("%%needs")
    }


def _under_headings(cells: list[Cell]) -> Iterator[tuple[str, Cell]]:
    heading = ""
    for cell in cells:
        yield heading, cell
        if cell["cell_type"] == "markdown" and not _is_written(cell):
            found = _HEADING.findall("".join(cell["source"]))
            heading = _LINK.sub(r"\1", found[-1]).strip() if found else heading


def _pictures(cells: list[Cell], given: set[str]) -> Iterator[Picture]:
    for heading, cell in _under_headings(cells):
        if cell.get("id", "") in given:
            continue
        for output in cell.get("outputs", ()):
            bundle = output.get("data") or {}
            kind = next((kind for kind in PICTURES if kind in bundle), None)
            data = _address(kind, "".join(bundle[kind])) if kind else ""
            if data:
                yield Picture(data, heading)


def _address(kind: str, content: str) -> str:
    """Return a ``data:`` address; in an image no script of an SVG can run."""
    if kind == "image/svg+xml":
        raw = content.encode()
    else:
        try:
            raw = base64.b64decode("".join(content.split()), validate=True)
        except (binascii.Error, ValueError):
            return ""
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _numbers(events: Sequence[Event]) -> Iterator[Number]:
    last = {e["name"]: e for e in events if e["event"] == "number" and "name" in e}
    for name, event in last.items():
        value, unit = event.get("value"), str(event.get("unit") or "")
        if isinstance(value, int | float):
            label = str(name).removesuffix(f"_{unit}").replace("_", " ")
            yield Number(label, _show(value), unit)


def _show(value: float) -> str:
    """Return a number with three digits, or all before the point.

    Example:
        >>> [_show(value) for value in (0.012345, 86.36, 1234.5, 8.0)]
        ['0.0123', '86.4', '1,234', '8']
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _guesses(cells: list[Cell], events: Sequence[Event], lab: str) -> Iterator[Guess]:
    found = []
    for cell in cells:
        for output in cell.get("outputs", ()):
            text = "".join((output.get("data") or {}).get("text/plain", ""))
            if match := _REVEALED.fullmatch(text):
                found.append(match)
    kept = [e for e in events if e["event"] == "prediction" and e.get("lab") == lab]
    for name in dict.fromkeys(str(event.get("name", "")) for event in kept):
        for match in found:
            if match["outcome"].startswith(f"{name}: "):
                outcome = match["outcome"].removeprefix(f"{name}: ")
                yield Guess(name, match["guess"], outcome)
                break


def _pieces(cells: list[Cell]) -> Iterator[Piece]:
    for heading, cell in _under_headings(cells):
        if _is_written(cell):
            yield Piece(heading, _filled(_text(cell), cells))


def _filled(text: str, cells: list[Cell]) -> str:
    """Return a text with its ``{names}`` replaced, where the notebook shows it so."""
    parts = _NAME.split(text)
    if len(parts) == 1:
        return text
    pattern = re.compile(".{1,40}?".join(map(re.escape, parts)))
    for cell in cells:
        for output in cell.get("outputs", ()):
            shown = "".join((output.get("data") or {}).get("text/markdown", ""))
            if pattern.fullmatch(shown.strip()) and shown.strip() != text:
                return shown.strip()
    return text
