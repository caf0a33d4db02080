"""The program: a sitting, a clock, and the colours of the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from mlcourse.flashcards.terminal.study import StudyScreen

if TYPE_CHECKING:
    from mlcourse.flashcards.session import Session

__all__ = ["CardsApp", "theme_for"]

DARK, LIGHT = "textual-dark", "textual-light"
BRIGHT = ("7", "15")


class CardsApp(App[None]):
    """A sitting in the terminal.

    Args:
        session: The sitting.
        clock: Returns the time in the learner's zone.
        edit: Opens the file of a term by its slug, and returns what to say.
    """

    CSS_PATH = "cards.tcss"
    TITLE = "Flashcards"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
        Binding("t", "turn_light", "Light or dark", show=False),
    ]

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], datetime],
        edit: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__()
        self.session, self.clock, self.edit = session, clock, edit
        self.theme = theme_for(os.environ)

    def on_mount(self) -> None:
        """Begin with the first card."""
        self.push_screen(StudyScreen(self.session, clock=self.clock, edit=self.edit))

    def action_turn_light(self) -> None:
        """Change from dark to light, or back."""
        self.theme = DARK if self.theme == LIGHT else LIGHT


def theme_for(variables: Mapping[str, str]) -> str:
    """Return the theme that fits a terminal, dark where it does not tell.

    Args:
        variables: Those of the environment; some terminals set ``COLORFGBG``.

    Example:
        >>> theme_for({"COLORFGBG": "0;15"}), theme_for({})
        ('textual-light', 'textual-dark')
    """
    ground = variables.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if ground in BRIGHT else DARK
