"""What the cells of a source must keep to, said with the line and the fix."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from mlcourse.authoring.lab import Cell, Kind
from mlcourse.authoring.regions import HIDDEN, SOLUTION

__all__ = ["ROLES", "Slip", "check_cell", "check_marker", "check_names", "read_points"]

# A memo is a `written` in a code cell; text and plain code have no role.
ROLES: tuple[Kind, ...] = tuple(
    kind for kind in get_args(Kind) if kind not in ("memo", "text", "code")
)
KEYS = (*ROLES, "points", "language")

_MARKER = re.compile(r"# %%( \[markdown\])?( \w+=\S+)*\s*")


class Slip(ValueError):
    """What is wrong in one line of a source, and what to do about it.

    Args:
        line: The line, counted from 1.
        message: The sentence, without its full stop.
    """

    def __init__(self, line: int, message: object) -> None:
        super().__init__(message)
        self.line = line


def check_marker(marker: str, line: int) -> None:
    """Check the line that begins a cell.

    Raises:
        Slip: If it has another form, or a key that is unknown or stands there twice.
    """
    if not _MARKER.fullmatch(marker):
        raise Slip(
            line,
            f"{marker!r} is no cell marker, must be '# %%' or '# %% [markdown]', "
            'then options such as answer="psi"',
        )
    keys = re.findall(r" (\w+)=", marker)
    for key in keys:
        if key not in KEYS:
            known = ", ".join(KEYS)
            raise Slip(line, f"unknown key {key!r}, must be one of: {known}")
        if keys.count(key) > 1:
            raise Slip(line, f"{key} is given twice, leave one")


def read_points(options: Mapping[str, Any], kind: Kind, line: int) -> float | None:
    """Return the points of a cell, None for a kind that has none.

    Raises:
        Slip: If they are missing, stand at the wrong kind, or are no number above 0.
    """
    points = options.get("points")
    if kind not in ("test", "written", "memo"):
        if points is None:
            return None
        raise Slip(line, f"points on {kind}, move them to a test or a written answer")
    if points is None:
        raise Slip(line, "points are missing, add points=3")
    if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
        raise Slip(line, f"points == {points!r}, must be a number above 0")
    return points


def check_cell(cell: Cell, *, markdown: bool) -> None:
    """Check a cell by itself: its type, its names, its regions.

    Args:
        cell: The cell.
        markdown: Whether its marker says ``[markdown]``.

    Raises:
        Slip: If it breaks a rule.
    """
    kind, line = cell.kind, cell.line
    for name in cell.name.split(",") if cell.kind in ROLES or cell.name else ():
        if not (name.isidentifier() and name.isascii()):
            raise Slip(line, f"{name!r} is no name, must be a Python identifier")
    try:
        regions = cell.regions
    except ValueError as error:
        message, number = error.args
        raise Slip(line + 1 + number, message) from None
    solutions = sum(region.kind == SOLUTION for region in regions)
    has_hidden = any(region.kind == HIDDEN for region in regions)
    call = rf"^checks\.{cell.name}\("
    count = f"{cell.name!r} has {solutions} solution regions, must be one"
    for wrong, message in (
        (
            markdown and not cell.is_markdown,
            f"{kind} is a code cell, remove [markdown]",
        ),
        (
            kind == "rubric" and not markdown,
            "a rubric is text, write '# %% [markdown] rubric=...'",
        ),
        (
            "," in cell.name and kind != "needs",
            f"{cell.name!r} is no name, must be a Python identifier",
        ),
        (
            not cell.source.strip() and kind != "test",
            "the cell is empty, fill it or remove it",
        ),
        (
            kind in ("answer", "memo") and solutions != 1,
            f"{count} between '### BEGIN SOLUTION' and '### END SOLUTION'",
        ),
        (kind == "written" and solutions > 1, f"{count} at most"),
        (
            kind not in ("answer", "memo", "written") and solutions > 0,
            'a solution outside of an answer, begin it: # %% answer="name"',
        ),
        (
            kind != "test" and has_hidden,
            'hidden tests outside of a test, begin it: # %% test="name" points=3',
        ),
        (
            kind == "test" and re.search(call, cell.source, re.MULTILINE),
            f"the builder adds checks.{cell.name}(points=...), remove that line",
        ),
    ):
        if wrong:
            raise Slip(line, message)


def check_names(cells: Iterable[Cell]) -> None:
    """Check the cells of a lab together: each name once, answers before their tests.

    Raises:
        Slip: If they break a rule.
    """
    seen: dict[str, int] = {}
    answers: set[str] = set()
    for cell in cells:
        if cell.identity in seen:
            raise Slip(
                cell.line,
                f"{cell.identity!r} is used in line {seen[cell.identity]}, "
                "choose another name",
            )
        if cell.identity:
            seen[cell.identity] = cell.line
        if cell.kind in ("answer", "written", "memo"):
            answers.add(cell.name)
        for name in cell.name.split(","):
            if cell.kind in ("test", "needs", "rubric") and name not in answers:
                raise Slip(
                    cell.line,
                    f"{cell.kind} {name!r} has no answer above it, "
                    f'add one: # %% answer="{name}"',
                )
