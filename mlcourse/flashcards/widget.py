"""The deck in a notebook: the page's module, with its state in this kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import HTML, display

from mlcourse.flashcards.home import start
from mlcourse.flashcards.log import LogError
from mlcourse.flashcards.plan import Mode, Plan
from mlcourse.flashcards.vocabulary import lab_terms
from mlcourse.flashcards.web.dialogue import Dialogue, Intent, clock
from mlcourse.paths import find_course

if TYPE_CHECKING:
    from mlcourse.flashcards.home import Home
    from mlcourse.flashcards.session import Session
    from mlcourse.paths import Course

__all__ = ["DeckWidget", "deck"]

WEB = Path(__file__).parent / "web"
# A notebook that is opened again has this line, and no widget: its kernel is gone.
# JupyterLab would say "model not found" below it. deck.css hides the line of a deck
# that lives.
ASLEEP = """\
<style>
.jp-OutputArea-child:has(.mlcards-asleep)
  + .jp-OutputArea-child > .jp-OutputArea-output.jupyter-widgets { display: none; }
</style>
<p class="mlcards-asleep">Flashcards: run the cell to continue. All is saved.</p>
"""


class DeckWidget(anywidget.AnyWidget):
    """A deck of flashcards; ``deck`` makes it, and the last line of a cell shows it.

    Args:
        session: The sitting.
        now: The clock, a function that returns the time in the learner's zone.
    """

    _esm = WEB / "deck.js"
    _css = WEB / "deck.css"
    view = traitlets.Dict().tag(sync=True)

    def __init__(
        self, session: Session, *, now: Callable[[], datetime] = clock
    ) -> None:
        self._dialogue = Dialogue(session, now=now)
        super().__init__(view=self._dialogue.reply(Intent(0, "show")))
        self.on_msg(self._hear)

    def _hear(self, _: object, content: dict[str, Any], __: object) -> None:
        try:
            view = self._dialogue.reply(Intent(**content["intent"]))
        except (LogError, ValueError, TypeError) as error:
            self.send({"id": content.get("id"), "error": str(error)})
        else:
            self.send({"id": content["id"], "view": view})
            self.view = view

    def _ipython_display_(self) -> None:
        bundle = self._repr_mimebundle_()
        display(HTML(ASLEEP))  # type: ignore[no-untyped-call]
        display(bundle and bundle[0], raw=True)  # type: ignore[no-untyped-call]


def deck(
    lab: str | None = None,
    *,
    category: str | None = None,
    terms: Iterable[str] | None = None,
    new: int = 10,
    mode: Mode = "today",
    course: Course | None = None,
    home: Home | None = None,
) -> DeckWidget:
    """Return a deck of flashcards for the last line of a cell.

    Args:
        lab: Keep to the terms of this lab: its number, slug or full name.
        category: Keep to this category.
        terms: Keep to these terms, by their slugs.
        new: The most new cards a day.
        mode: One of :data:`mlcourse.flashcards.MODES`.
        course: The course; the one around the notebook if omitted.
        home: Where the reviews are kept.

    Raises:
        CourseNotFoundError: If there is no course around the notebook.
        GlossaryError: If the glossary is missing, or cannot be read.
        LabNotFoundError: If there is no such lab, or it has no terms.
        LogError: If the log cannot be read.
        ValueError: If a term, category or mode is unknown, or ``lab`` and ``terms``
            are both given.

    Example:
        >>> deck("06", terms=["data-drift"])
        Traceback (most recent call last):
        ...
        ValueError: terms == ['data-drift'], must be left out where lab is given.
    """
    wanted = None if terms is None else tuple(terms)
    if lab is not None and wanted is not None:
        raise ValueError(
            f"terms == {list(wanted)!r}, must be left out where lab is given."
        )
    course = course or find_course()
    if lab is not None:
        wanted = lab_terms(course, [lab])
    plan = Plan(mode, wanted, category, new)
    return DeckWidget(start(course, plan, now=clock(), home=home))
