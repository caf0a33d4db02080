"""The screen on which cards are shown, answered and graded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, OptionList, ProgressBar, Static

from mlcourse.flashcards import wording
from mlcourse.flashcards.log import LogError
from mlcourse.flashcards.schedule import Rating
from mlcourse.flashcards.terminal import face
from mlcourse.flashcards.terminal.dialogs import FlagScreen, HelpScreen
from mlcourse.flashcards.terminal.speech import Speech

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Verdict
    from mlcourse.flashcards.cards import Card
    from mlcourse.flashcards.session import Session

__all__ = ["StudyScreen"]

Phase = Literal["front", "back", "verdict", "end"]
NUMBERS = range(1, 7)


class StudyScreen(Screen[None]):
    """One card after the other, until there is none.

    Args:
        session: The sitting.
        clock: Returns the time in the learner's zone.
        edit: Opens the file of a term by its slug, and returns what to say.
    """

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "turn", "Go on"),
        *[Binding(str(n), f"number({n})", show=False) for n in NUMBERS],
        Binding("escape", "leave", "Keys"),
        Binding("i", "override", "I was right"),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("q", "app.quit", "Quit"),
        Binding("u", "undo", "Undo"),
        Binding("f", "flag", "Flag"),
        Binding("s", "suspend", "Suspend"),
        Binding("e", "edit", "File"),
    ]

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], datetime],
        edit: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__()
        self.session, self.clock, self._edit = session, clock, edit
        self.card: Card | None = None
        self.phase: Phase = "front"
        self._begun = clock()
        self._said: str | None = None
        self._meanings = wording.meanings(session, now=self._begun)

    def compose(self) -> ComposeResult:
        """Lay the screen out; what a card does not need is hidden."""
        with Vertical(id="page"):
            with Horizontal(id="top"):
                yield Static(id="mode", markup=False)
                yield ProgressBar(id="bar", show_eta=False, show_percentage=False)
                yield Static(id="place", markup=False)
            with VerticalScroll(id="card", can_focus=True):
                yield Static(id="front", markup=False)
                yield OptionList(id="choices", markup=False)
                yield Input(id="typed", placeholder="type, then Enter")
                yield Speech(id="speech", soft_wrap=True, compact=True)
                yield Static(id="verdict", markup=False)
                yield Static(id="back", markup=False)
            with Container(id="grades"):
                for rating in self.session.buttons:
                    yield Button(id=f"grade-{int(rating)}", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the first card."""
        for line in wording.opening(self.session)[1:]:
            self.notify(line)
        self._advance()

    # What the learner does.

    def action_turn(self) -> None:
        """Turn the card, or go on to the next."""
        card = self.card
        if card is None:
            self.app.exit()
        elif self.phase == "verdict":
            self._advance()
        elif self.phase == "back":
            if self.session.plan.mode == "browse":
                self.session.skip()
                self._advance()
        elif card.asks == "recall" and not self._meanings:
            self._turn()
        else:
            self._focus()

    def action_number(self, number: int) -> None:
        """Choose an answer on the front, or grade on the back."""
        if self.phase == "back" and number <= max(Rating):
            self._grade(number)
        elif self.phase == "front" and number <= self._options.option_count:
            self._choose(number - 1)

    def action_leave(self) -> None:
        """Leave the line that is typed in, so that letters are keys."""
        self.query_one("#card").focus()

    def action_override(self) -> None:
        """Count the last answer as right."""
        if self._save(lambda now: self.session.override(now=now)):
            self._show_verdict()

    def action_undo(self) -> None:
        """Take the last answer back."""
        before = self.session.progress.done
        if self._save(lambda now: self.session.undo(now=now)):
            if before:
                self._show(self.session.card)
            else:
                self.notify("There is nothing to take back.")

    def action_flag(self) -> None:
        """Ask for a note, and flag the card."""
        card = self.card

        def keep(note: str | None) -> None:
            if note is not None and self._save(
                lambda now: self.session.flag(note, now=now, card=card)
            ):
                self.notify("Flagged.")

        self.app.push_screen(FlagScreen(), keep)

    def action_suspend(self) -> None:
        """Show this card no more."""
        if self._save(lambda now: self.session.suspend(now=now)):
            self.notify("This card will not come again.")
            self._advance()

    def action_edit(self) -> None:
        """Open the file of the term."""
        if self.card is None or self._edit is None:
            return
        try:
            with self.app.suspend():
                told = self._edit(self.card.term)
        except SuspendNotSupported:
            told = self._edit(self.card.term)
        self.notify(told, markup=False)

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen())

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - the base class passes it
    ) -> bool | None:
        """Offer only what can be done now."""
        focused = self.focused
        typing = isinstance(focused, Input | Speech)
        wrong = self.session.verdict is not None and not self.session.verdict.right
        allowed = {
            "turn": not (self.phase == "back" and self.session.plan.mode != "browse"),
            "leave": typing,
            "override": self.phase == "verdict" and wrong,
            "undo": self.session.progress.done > 0,
            "flag": self.card is not None,
            "suspend": self.phase in ("front", "back"),
            "edit": self.card is not None,
        }
        return allowed.get(action, True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Judge what was typed."""
        event.stop()
        self._answer(event.value)

    def on_speech_said(self, event: Speech.Said) -> None:
        """Mark what was said, and show how it may be said."""
        self._said = event.text.strip()
        self._turn()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Judge what was chosen."""
        event.stop()
        self._choose(event.option_index)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Grade by the mouse."""
        event.stop()
        self._grade(int((event.button.id or "").removeprefix("grade-")))

    # What then happens: it is saved, and only then shown.

    def _choose(self, index: int) -> None:
        if self.card is None or self.phase != "front":
            return
        if not self._meanings:
            self._answer(self.card.front.choices[index])
            return
        chosen, answer = self._meanings[index], self.card.back.answer
        right = chosen == answer
        if self._save(
            lambda now: self.session.grade(
                Rating.GOOD if right else Rating.AGAIN,
                now=now,
                ms=self._ms(now),
                answer=chosen,
            )
        ):
            style = "bold $text-success" if right else "bold $text-error"
            text = "Right." if right else f"Wrong. It is: {answer}"
            self._judged(Content.styled(text, style), right=right)

    def _answer(self, typed: str) -> None:
        if self.phase == "front" and self._save(
            lambda now: self.session.answer(typed, now=now, ms=self._ms(now))
        ):
            self._show_verdict()

    def _grade(self, rating: int) -> None:
        if self.phase == "back" and self.session.plan.mode != "browse":
            said = self._said or None
            if self._save(
                lambda now: self.session.grade(
                    rating, now=now, ms=self._ms(now), answer=said
                )
            ):
                self._advance()

    def _save(self, act: Callable[[datetime], object]) -> bool:
        """Do what is written to the log; where it cannot be, say so and stay."""
        try:
            act(self.clock())
        except (LogError, ValueError) as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)
            return False
        return True

    def _ms(self, now: datetime) -> int:
        return max(0, round((now - self._begun).total_seconds() * 1000))

    def _advance(self) -> None:
        self._show(self.session.next(now=self.clock()))

    def _show(self, card: Card | None) -> None:
        self.card, self.phase = card, "front" if card else "end"
        self._begun, self._said = self.clock(), None
        panel = self.query_one("#card")
        panel.remove_class("right", "wrong")
        self._write("verdict", Content())
        self._write("back", Content())
        if card is None:
            panel.border_title = panel.border_subtitle = ""
            self._write("front", face.end(self.session, now=self._begun))
        else:
            prompt = "What does it mean?" if self._meanings else ""
            new = self.session.scheduled and card.id not in self.session.state.memories
            panel.border_title = Content(card.category.replace("-", " "))
            panel.border_subtitle = Content("new" if new else "")
            self._write("front", face.front(card, prompt=prompt))
        self._ask(card)
        self._settle()

    def _ask(self, card: Card | None) -> None:
        """Show the one thing to answer with, empty."""
        choices = (self._meanings or card.front.choices) if card else ()
        typed, speech = self.query_one("#typed", Input), self.query_one(Speech)
        self._options.clear_options()
        self._options.add_options(
            Content.assemble((f"{n}  ", "bold $text-primary"), text)
            for n, text in enumerate(choices, start=1)
        )
        self._options.disabled = typed.disabled = speech.disabled = False
        self._options.display = bool(choices)
        typed.value = ""
        typed.display = card is not None and card.asks == "type" and not choices
        speech.text = ""
        speech.display = card is not None and card.asks == "say"
        self._focus()

    def _focus(self) -> None:
        for widget in (self._options, self.query_one("#typed"), self.query_one(Speech)):
            if widget.display and self.phase == "front":
                widget.focus()
                return
        self.query_one("#card").focus()

    def _turn(self) -> None:
        card = self.card
        if card is None:
            return
        self.phase = "back"
        if self._said:
            self._write("verdict", face.marks(self.session.marks(self._said)))
        self._write("back", face.back(card))
        waits = self.session.intervals(now=self.clock())
        for rating in self.session.buttons:
            label = f"{int(rating)} {wording.GRADES[rating]}"
            if rating in waits:
                label += f", in {wording.wait(waits[rating])}"
            self.query_one(f"#grade-{int(rating)}", Button).label = Content(label)
        self._settle()

    def _show_verdict(self) -> None:
        found = self.session.verdict
        if found is not None:
            self._judged(face.verdict(found), right=found.right, verdict=found)

    def _judged(
        self, text: Content, *, right: bool, verdict: Verdict | None = None
    ) -> None:
        self.phase = "verdict"
        panel = self.query_one("#card")
        panel.set_class(right, "right")
        panel.set_class(not right, "wrong")
        self._write("verdict", text)
        if self.card is not None:
            self._write("back", face.back(self.card, verdict))
        self._settle()

    def _settle(self) -> None:
        """Bring the rest of the screen in line with the phase."""
        progress, front = self.session.progress, self.phase == "front"
        if not front:
            for widget in (self._options, self.query_one("#typed", Input)):
                widget.disabled = True
            self.query_one(Speech).disabled = True
            self.query_one("#card").focus()
        browsing = self.session.plan.mode == "browse"
        self.query_one("#grades").display = self.phase == "back" and not browsing
        total = progress.done + progress.left
        self.query_one(ProgressBar).update(total=max(1, total), progress=progress.done)
        self._write("mode", Content(self.session.plan.mode.capitalize()))
        place = f"{progress.done} of {total}"
        if progress.done:
            place += f", {progress.right} right"
        self._write("place", Content(place))
        # What was shown or hidden has its place only one refresh later.
        self.call_after_refresh(self.call_after_refresh, self._look)
        self.refresh_bindings()

    def _look(self) -> None:
        """Scroll to where the learner looks now, where not all has room."""
        panel, verdict = self.query_one("#card"), self.query_one("#verdict")
        if self.phase in ("front", "end"):
            panel.scroll_home(animate=False)
            if self.focused is not None and self.focused is not panel:
                panel.scroll_to_widget(self.focused, animate=False, force=True)
        else:
            first = verdict if verdict.display else self.query_one("#back")
            panel.scroll_to_widget(first, top=True, animate=False, force=True)

    @property
    def _options(self) -> OptionList:
        return self.query_one("#choices", OptionList)

    def _write(self, name: str, content: Content) -> None:
        widget = self.query_one(f"#{name}", Static)
        widget.update(content)
        widget.display = bool(content.plain)
