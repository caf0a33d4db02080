"""The cards in a terminal: a Textual program, driven by keyboard or mouse."""

from mlcourse.flashcards.terminal.app import CardsApp

__all__ = ["CardsApp"]
