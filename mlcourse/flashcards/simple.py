"""The cards as plain lines: for screen readers, slow links and pipes.

Nothing moves the cursor and each line is complete in itself. End of input and Ctrl-C
end a sitting in order; every answer given before is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from mlcourse.flashcards import wording
from mlcourse.flashcards.log import LogError

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Verdict
    from mlcourse.flashcards.cards import Card
    from mlcourse.flashcards.session import Session

__all__ = ["study"]

SAY = partial(print, flush=True)  # a pipe must not hold a line back
NEXT = "Press Enter for the next card."
GRADED = ("1", "2", "3", "4")
HELP = """\
Each question says what to enter. At any time you may also enter one letter:
u takes your last answer back.
f flags the card: something is wrong with it.
s puts the card away for good.
e opens the file of the term.
q ends. Every answer is saved at once.
Grades: 1 forgotten, 2 with effort, 3 remembered, 4 at once. 1 and 3 are enough.
On a question to type, Enter alone means that you do not know."""


def study(
    session: Session,
    *,
    clock: Callable[[], datetime],
    ask: Callable[[], str] = input,
    say: Callable[[str], object] = SAY,
    edit: Callable[[str], str] | None = None,
) -> None:
    """Lead a sitting by questions and answers, until it or the input ends.

    Args:
        session: The sitting.
        clock: Returns the time in the learner's zone.
        ask: Returns one line; EOFError or KeyboardInterrupt ends the sitting.
        say: Takes one line.
        edit: Opens the file of a term by its slug, and returns what to say.
    """
    _Sitting(session, clock, ask, say, edit).run()


class _Sitting:
    def __init__(
        self,
        session: Session,
        clock: Callable[[], datetime],
        ask: Callable[[], str],
        say: Callable[[str], object],
        edit: Callable[[str], str] | None,
    ) -> None:
        self.session, self.clock, self.say = session, clock, say
        self._ask, self._edit = ask, edit
        self.meanings = wording.meanings(session, now=clock())
        # Each returns whether another card is to be shown now.
        self.commands: dict[str, Callable[[Card], bool]] = {
            "?": self._help,
            "u": self._undo,
            "f": self._flag,
            "s": self._suspend,
            "e": self._open,
            "q": self._quit,
        }

    def run(self) -> None:
        self._tell(wording.opening(self.session))
        try:
            if self.session.progress.left:
                self.say("Enter ? for help, or q to end.")
            while card := self.session.next(now=self.clock()):
                try:
                    self._show(card)
                except LogError as error:
                    self.say(f"Not saved: {error} Answer again, or enter q to end.")
        except (EOFError, KeyboardInterrupt):
            self.say("Ended.")
        self._tell(wording.ending(self.session, now=self.clock()))

    def _show(self, card: Card) -> None:
        progress, front = self.session.progress, card.front
        new = self.session.scheduled and card.id not in self.session.state.memories
        self.say("")
        place = f"Card {progress.done + 1} of {progress.done + progress.left}"
        self.say(f"{place}, new." if new else f"{place}.")
        self.say("What does it mean?" if self.meanings else front.prompt)
        if front.audience:
            self.say(f"You speak to: {front.audience}.")
        self._tell([wording.with_gap(line) for line in front.lines])
        begun = self.clock()
        if self.meanings or card.asks == "choose":
            self._choose(card, begun)
        elif card.asks == "type":
            typed = self._read("Type your answer.", card, _anything)
            if typed is not None:
                self._judge(card, typed, begun)
        else:
            self._recall(card, begun)

    def _choose(self, card: Card, begun: datetime) -> None:
        choices = self.meanings or card.front.choices
        numbers = [str(number) for number in range(1, len(choices) + 1)]
        self._tell([f"{n}: {text}" for n, text in zip(numbers, choices, strict=True)])
        what = f"Enter a number, {numbers[0]} to {numbers[-1]}."
        line = self._read(what, card, numbers.__contains__)
        if line is None:
            return
        chosen = choices[int(line) - 1]
        if not self.meanings:
            self._judge(card, chosen, begun)
            return
        right = chosen == card.back.answer
        now = self.clock()
        self.session.grade(
            3 if right else 1, now=now, ms=_ms(begun, now), answer=chosen
        )
        self.say("Right." if right else f"Wrong. It is: {card.back.answer}")
        self._read(NEXT, card, _anything)

    def _judge(self, card: Card, typed: str, begun: datetime) -> None:
        now = self.clock()
        verdict = self.session.answer(typed, now=now, ms=_ms(begun, now))
        self.say(wording.judged(verdict))
        if slips := wording.slips(verdict):
            self.say(slips)
        self._turn(card, verdict)
        if verdict.right:
            self._read(NEXT, card, _anything)
            return
        line = self._read(f"{NEXT} Enter i if you were right.", card, _anything)
        if line is not None and line.lower() == "i":
            self.session.override(now=self.clock())
            self.say("Counted as right.")

    def _recall(self, card: Card, begun: datetime) -> None:
        session, said = self.session, None
        if card.front.sound:
            self.say(f"Said: {wording.pronounced(card.front.sound)}")
        if card.asks == "say":
            said = self._read("Write it in one line, or say it.", card, _anything)
            if said is None:
                return
            self._tell(wording.marked(session.marks(said)))
        elif self._read("Think, then press Enter.", card, _anything) is None:
            return
        self._turn(card)
        if session.plan.mode == "browse":
            if self._read(NEXT, card, _anything) is not None:
                session.skip()
            return
        waits = session.intervals(now=self.clock())
        grades = [
            f"{int(rating)} {wording.GRADES[rating]}"
            + (f", comes in {wording.wait(waits[rating])}" if waits else "")
            for rating in session.buttons
        ]
        what = f"Enter {', or '.join(grades)}."
        line = self._read(what, card, GRADED.__contains__)
        if line is not None:
            now = self.clock()
            session.grade(int(line), now=now, ms=_ms(begun, now), answer=said or None)

    def _turn(self, card: Card, verdict: Verdict | None = None) -> None:
        back = wording.back(card, verdict)
        self._tell([f"{name}: {text}" for name, text in back])

    def _read(self, what: str, card: Card, takes: Callable[[str], bool]) -> str | None:
        """Return a line that fits; None if a command made another card the next."""
        self.say(what)
        while True:
            line = self._ask().strip()
            command = self.commands.get(line.lower())
            if command is None and takes(line):
                return line
            if command is not None and command(card):
                return None
            self.say(what)

    def _tell(self, lines: list[str]) -> None:
        for line in lines:
            self.say(line)

    def _help(self, _: Card) -> bool:
        self._tell(HELP.splitlines())
        return False

    def _undo(self, _: Card) -> bool:
        if self.session.undo(now=self.clock()) is None:
            self.say("There is nothing to take back.")
            return False
        self.say("The last answer was taken back.")
        return True

    def _flag(self, card: Card) -> bool:
        self.say("What is wrong with the card? Enter alone leaves no note.")
        note = self._ask().strip()
        self.session.flag(note, now=self.clock(), card=card)
        self.say("Flagged.")
        return False

    def _suspend(self, _: Card) -> bool:
        if self.session.card is None:
            self.say("Only a card that is not answered yet can be put away.")
            return False
        self.session.suspend(now=self.clock())
        self.say("This card will not come again.")
        return True

    def _open(self, card: Card) -> bool:
        self.say(self._edit(card.term) if self._edit else f"The term is {card.term}.")
        return False

    def _quit(self, _: Card) -> bool:
        raise EOFError


def _anything(_: str) -> bool:
    return True


def _ms(begun: datetime, now: datetime) -> int:
    return max(0, round((now - begun).total_seconds() * 1000))
