"""How a terminal shows a table, and that something takes a while."""

import contextlib
from collections.abc import Sequence

__all__ = ["columns", "waiting"]


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Align the cells of rows, as wide as they are: a command can be copied whole.

    Args:
        rows: Rows of the same length, at least one.

    Example:
        >>> print(columns([("lab", "points"), ("06_rest_service", "12")]))
        lab              points
        06_rest_service  12
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def waiting(text: str) -> contextlib.AbstractContextManager[object]:
    """Show a text and a moving sign on a terminal's stderr; nothing in a pipe.

    Args:
        text: What takes a while.
    """
    from rich.console import Console

    return Console(stderr=True).status(text)
