"""A few lines to write in, where Enter ends the answer."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import TextArea

__all__ = ["Speech"]


class Speech(TextArea):
    """What the learner would say."""

    @dataclass
    class Said(Message):
        """The answer is complete.

        Args:
            text: All of it.
        """

        text: str

    async def _on_key(self, event: events.Key) -> None:
        if event.key != "enter":
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.Said(self.text))
