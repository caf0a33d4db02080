"""The table of labs in the README, made from the lab cards."""

import re
from collections.abc import Sequence

from mlcourse.authoring.lab import Lab
from mlcourse.errors import BuildError

__all__ = ["MARKERS", "write_table"]

MARKERS = ("<!-- labs -->", "<!-- /labs -->")


def write_table(text: str, labs: Sequence[Lab]) -> str:
    """Return a text with the table of labs between its markers.

    Args:
        text: The README.
        labs: All labs in their order.

    Raises:
        BuildError: If the closing marker is missing.

    Example:
        >>> from mlcourse.authoring.card import Card
        >>> card = Card("Serve a model", 90, goals=("ship it.", "load it"))
        >>> lab = Lab("06_rest", card, ())
        >>> print(write_table("<!-- labs --><!-- /labs -->", [lab]))
        <!-- labs -->
        | lab | what you can do afterwards | minutes | points |
        |---|---|---|---|
        | [06 Serve a model](labs/06_rest/06_rest.ipynb) | Ship it; load it | 90 | 0 |
        <!-- /labs -->
    """
    opening, closing = MARKERS
    if closing not in text.partition(opening)[2]:
        raise BuildError(f"README.md has {opening} and no {closing}: add it.")
    rows = "\n".join(_row(lab) for lab in labs)
    head = "| lab | what you can do afterwards | minutes | points |\n|---|---|---|---|"
    table = f"{opening}\n{head}\n{rows}\n{closing}" if rows else f"{opening}\n{closing}"
    pattern = re.escape(opening) + ".*?" + re.escape(closing)
    return re.sub(pattern, lambda _: table, text, count=1, flags=re.DOTALL)


def _row(lab: Lab) -> str:
    title = f"{lab.name[:2]} {_plain(lab.card.title)}"
    goals = "; ".join(_plain(goal).rstrip(".;") for goal in lab.card.goals)
    return (
        f"| [{title}](labs/{lab.name}/{lab.name}.ipynb) "
        f"| {goals[:1].upper()}{goals[1:]} | {lab.card.minutes} | {lab.points:g} |"
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
