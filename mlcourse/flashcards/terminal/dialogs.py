"""Windows above the card: the keys, and the note of a flag."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

__all__ = ["FlagScreen", "HelpScreen"]

KEYS = (
    ("space, enter", "turn the card; go on"),
    ("1", "forgotten"),
    ("2", "remembered with effort"),
    ("3", "remembered"),
    ("4", "known at once"),
    ("1 to 6", "where there is a choice: take that one"),
    ("i", "I was right: count a wrong answer as right"),
    ("u", "undo the last answer"),
    ("f", "flag the card: something is wrong with it"),
    ("s", "suspend the card: it does not come again"),
    ("e", "open the file of the term"),
    ("esc", "leave the line you type in, so that letters are keys"),
    ("t", "light or dark"),
    ("?, f1", "this help"),
    ("q, ctrl+c", "quit; every answer is saved at once"),
)


class HelpScreen(ModalScreen[None]):
    """All keys on one page; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,space,enter", "dismiss", "Close")
    ]

    def compose(self) -> ComposeResult:
        """Show the keys."""
        with VerticalScroll(classes="window") as window:
            window.border_title = "Keys"
            for key, what in KEYS:
                yield Static(Content.assemble((key, "bold"), f"  {what}"))
            yield Static(
                Content.styled("\n1 and 3 are enough. Esc closes this.", "dim")
            )


class FlagScreen(ModalScreen[str | None]):
    """Ask what is wrong with a card; None where the learner thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel")
    ]

    def compose(self) -> ComposeResult:
        """Show the line for the note."""
        with Vertical(classes="window") as window:
            window.border_title = "Flag this card"
            yield Static("What is wrong with it? Enter keeps it, Esc cancels.")
            yield Input(placeholder="a note, or nothing", id="note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the note."""
        self.dismiss(event.value.strip())
