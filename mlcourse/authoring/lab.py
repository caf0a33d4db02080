"""A lab as the builder sees it: a card and a row of cells."""

from dataclasses import dataclass, field
from typing import Literal

from mlcourse.authoring.card import Card
from mlcourse.authoring.regions import SOLUTION, Region, find_regions
from mlcourse.errors import SourceError

__all__ = ["Cell", "Kind", "Lab"]

Kind = Literal[
    "answer", "test", "needs", "written", "rubric", "guess", "memo", "text", "code"
]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a lab.

    Args:
        kind: What the cell is for. ``written`` is a text cell that a person grades,
            ``memo`` the same in a code cell that the kernel can read too. ``guess`` is
            code that a learner edits and nobody grades.
        name: The answer it belongs to; for ``needs`` all answers, comma between them.
        source: The text, without the lines that the builder adds.
        points: What a test or a written answer is worth, else None.
        line: Where it stands in the source, counted from 1.
        spacing: The blank lines below it in the source, where jupytext would leave
            another number.
    """

    kind: Kind
    name: str = ""
    source: str = ""
    points: float | None = None
    line: int = field(default=0, compare=False)
    spacing: int | None = field(default=None, compare=False)

    @property
    def is_markdown(self) -> bool:
        """Whether a notebook shows the cell as text."""
        return self.kind in ("text", "written", "rubric")

    @property
    def identity(self) -> str:
        """Its name in a notebook and a gradebook; empty where it has none."""
        if self.kind in ("test", "rubric", "guess"):
            return f"{self.kind}_{self.name}"
        return "" if self.kind == "needs" else self.name

    @property
    def regions(self) -> list[Region]:
        """The solution and hidden regions of the cell."""
        return find_regions(self.source)

    @property
    def solution(self) -> str:
        """The content of the solution region, without indent; empty without one."""
        codes = [found.code for found in self.regions if found.kind == SOLUTION]
        return codes[0] if codes else ""


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab: its card and its cells.

    Args:
        name: The folder of the lab, such as ``06_rest_service``.
        card: What the header says.
        cells: The cells in their order.
    """

    name: str
    card: Card
    cells: tuple[Cell, ...]

    def of(self, *kinds: Kind) -> list[Cell]:
        """Return the cells of some kinds, in their order."""
        return [cell for cell in self.cells if cell.kind in kinds]

    def find(self, name: str, *kinds: Kind) -> Cell:
        """Return the cell of some kinds that has a name.

        Raises:
            SourceError: If there is none.
        """
        for cell in self.of(*kinds):
            if cell.name == name:
                return cell
        known = ", ".join(cell.name for cell in self.of(*kinds)) or "none"
        raise SourceError(
            f"{self.name}: no {' or '.join(kinds)} is named {name!r}, "
            f"must be one of: {known}."
        )

    @property
    def points(self) -> float:
        """All points of the lab."""
        return sum(cell.points or 0 for cell in self.cells)

    @property
    def written_points(self) -> float:
        """The points that a person gives."""
        return sum(cell.points or 0 for cell in self.of("written", "memo"))
