"""What the checks add to a notebook: %%needs, %%memo and small cards.

``%%needs psi`` on top of a cell runs it only once ``psi`` has been written. It is an
input transformer rather than a magic, so that ``await`` and tracebacks work as in any
other cell.
"""

import sys
from dataclasses import dataclass
from html import escape
from types import FrameType
from typing import TYPE_CHECKING, Any

from mlcourse.checks import card
from mlcourse.checks.todo import TODO, is_attempted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Memo", "Note", "enable", "in_notebook", "namespace"]

PLACEHOLDER = "Write here."
MARKERS = (
    "### BEGIN SOLUTION",
    "### END SOLUTION",
)  # an instructor's notebook has them


class Memo(str):
    """A text that the learner wrote in a ``%%memo`` cell.

    Example:
        >>> [Memo(text).is_placeholder for text in ("Write here.", "It takes JSON.")]
        [True, False]
    """

    __slots__ = ()

    @property
    def is_placeholder(self) -> bool:
        """Whether nothing has been written yet."""
        return self.strip() in {"", PLACEHOLDER}

    def _repr_markdown_(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        # Preferred to Markdown everywhere. nbgrader's feedback and formgrader would run
        # a script that a learner writes into Markdown; here it is shown as text.
        from markdown_it import MarkdownIt

        reader = MarkdownIt("commonmark", {"html": False}).enable("table")
        return str(reader.render(self))


@dataclass(frozen=True, slots=True)
class Note:
    """A short message in the frame of a card.

    Args:
        outcome: Which of the four outcomes gives the colour.
        heading: The headline.
        text: The message.
    """

    outcome: str
    heading: str
    text: str

    def __repr__(self) -> str:
        return f"{self.heading}\n  " + self.text.replace("\n", "\n  ")

    def _repr_html_(self) -> str:
        style = "margin-top:4px;white-space:pre-wrap"
        body = f'<div style="{style}">{escape(self.text)}</div>'
        return card.frame(self.outcome, self.heading, body)


def _shell() -> "InteractiveShell | None":
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def in_notebook() -> bool:
    """Tell whether output goes to a front end that shows cards."""
    return hasattr(_shell(), "kernel")


def namespace(frame: FrameType) -> dict[str, Any]:
    """Return the variables of a notebook, or of the caller outside of one."""
    if frame.f_locals is frame.f_globals:
        return frame.f_globals
    return frame.f_globals | frame.f_locals


def enable() -> None:
    """Add %%needs and %%memo to the notebook that imports the checks, once."""
    shell = _shell()
    if shell is None or "memo" in shell.magics_manager.magics["cell"]:
        return
    shell.input_transformers_cleanup.append(_needs)
    magics = shell.magics_manager
    magics.register_function(_memo, magic_kind="cell", magic_name="memo")
    magics.register_function(_waiting, magic_kind="line", magic_name="waiting_for")


def _needs(lines: list[str]) -> list[str]:
    words = lines[0].split() if lines else []
    if not words or words[0] != "%%needs":
        return lines
    shell = _shell()
    variables = shell.user_ns if shell else {}
    missing = [n for n in words[1:] if not is_attempted(variables.get(n, TODO))]
    return [f"%waiting_for {' '.join(missing)}\n"] if missing else ["\n", *lines[1:]]


def _waiting(line: str) -> Note:
    names = " and ".join(line.split())
    return Note(
        "not attempted", "Later", f"This cell runs once you have written {names}."
    )


def _memo(line: str, cell: str) -> Memo:
    """Keep the text of a cell under a name: ``%%memo api_guide``."""
    name = line.strip()
    if not name.isidentifier():
        raise ValueError(f"%%memo {name}: must be followed by one Python name.")
    lines = cell.splitlines(keepends=True)
    memo = Memo("".join(line for line in lines if line.strip() not in MARKERS))
    shell = _shell()
    assert shell is not None
    shell.user_ns[name] = memo
    return memo
