"""Marked regions of a cell: what a learner writes, and what a learner never sees."""

import re
import textwrap
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "HIDDEN",
    "SOLUTION",
    "Region",
    "drop_markers",
    "find_regions",
    "replace_region",
]

RegionKind = Literal["SOLUTION", "HIDDEN TESTS"]
SOLUTION: RegionKind = "SOLUTION"
HIDDEN: RegionKind = "HIDDEN TESTS"

_MARKER = re.compile(
    r"(?P<indent>\s*)### (?P<edge>BEGIN|END) (?P<kind>SOLUTION|HIDDEN TESTS)\s*"
)
_NEARLY = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Region:
    """One region of a cell, by line numbers that count from 0.

    Args:
        kind: What the markers say.
        begin: The line of the opening marker.
        end: The line of the closing marker.
        indent: The white space before the opening marker.
        code: What stands between the markers, without that indent.
    """

    kind: RegionKind
    begin: int
    end: int
    indent: str
    code: str


def find_regions(source: str) -> list[Region]:
    r"""Return the regions of a cell in their order.

    Args:
        source: The text of the cell.

    Raises:
        ValueError: If a region is nested, has no end or no beginning, or if a marker
            is misspelt. The first argument is the sentence, the second the line.

    Example:
        >>> cell = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
        >>> find_regions(cell)[0].code
        'x = 1'
    """
    found: list[Region] = []
    lines = source.split("\n")
    opened: tuple[int, RegionKind, str] | None = None
    for number, line in enumerate(lines):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if _NEARLY.search(line):
                raise ValueError(
                    f"{line.strip()!r} is not a marker, write it as "
                    "'### BEGIN SOLUTION', '### END SOLUTION', "
                    "'### BEGIN HIDDEN TESTS' or '### END HIDDEN TESTS'",
                    number,
                )
            continue
        kind: RegionKind = SOLUTION if marker["kind"] == SOLUTION else HIDDEN
        if marker["edge"] == "BEGIN":
            if opened is not None:
                raise ValueError(
                    f"a region begins inside a region, add '### END {opened[1]}' "
                    "before it",
                    number,
                )
            opened = (number, kind, marker["indent"])
        elif opened is None or opened[1] != kind:
            raise ValueError(
                f"'### END {kind}' closes nothing, add '### BEGIN {kind}' above it",
                number,
            )
        else:
            begin, _, indent = opened
            code = textwrap.dedent("\n".join(lines[begin + 1 : number]))
            found.append(Region(kind, begin, number, indent, code.strip("\n")))
            opened = None
    if opened is not None:
        raise ValueError(f"the region has no end, add '### END {opened[1]}'", opened[0])
    return found


def replace_region(source: str, code: str) -> str:
    r"""Return a cell with other code in its solution region; the markers stay.

    Args:
        source: The text of the cell.
        code: The new content, indented or not; it takes the indent of the marker.

    Example:
        >>> cell = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
        >>> replace_region(cell, "x = 2")
        '### BEGIN SOLUTION\nx = 2\n### END SOLUTION'
    """
    region = next(found for found in find_regions(source) if found.kind == SOLUTION)
    lines = source.split("\n")
    body = textwrap.indent(textwrap.dedent(code).strip("\n"), region.indent)
    new = [*lines[: region.begin + 1], *body.split("\n"), *lines[region.end :]]
    return "\n".join(new)


def drop_markers(source: str) -> str:
    r"""Return a cell without the markers of its solution region.

    Example:
        >>> drop_markers("### BEGIN SOLUTION\nx = 1\n### END SOLUTION")
        'x = 1'
    """
    edges = {
        line
        for region in find_regions(source)
        if region.kind == SOLUTION
        for line in (region.begin, region.end)
    }
    lines = enumerate(source.split("\n"))
    return "\n".join(text for number, text in lines if number not in edges)
