"""A sitting as a dialogue: an intent comes in, a view goes out, nothing counts twice.

A page and a notebook both speak it. A view says all there is to show, so a page that is
loaded again, or a second one, is at once where the first one is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from mlcourse.flashcards.schedule import Rating
from mlcourse.flashcards.web import view
from mlcourse.flashcards.wording import meanings

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card
    from mlcourse.flashcards.session import Session

__all__ = ["Dialogue", "Intent", "clock"]

Act = Literal[
    "show", "turn", "answer", "grade", "next", "override", "undo", "flag", "suspend"
]
Phase = Literal["front", "back", "verdict", "end"]
LONGEST = 4000
ELSEWHERE = "This deck went on in another window. Nothing was counted twice."


@dataclass(frozen=True, slots=True)
class Intent:
    """What a learner wants to do.

    Args:
        seq: Number of the view that it answers; one that is past changes nothing.
        do: What to do.
        text: An answer, or the note of a flag.
        rating: 1 to 4, for a grade.
        ms: Milliseconds since the card was shown.
        tab: Which window it comes from.

    Raises:
        ValueError: If ``text`` is too long, or ``ms`` is negative.
    """

    seq: int
    do: Act
    text: str = ""
    rating: int = 0
    ms: int | None = None
    tab: str = ""

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST:
            raise ValueError(
                f"text has {len(self.text)} letters, must have at most {LONGEST}."
            )
        if self.ms is not None and self.ms < 0:
            raise ValueError(f"ms == {self.ms!r}, must be >= 0.")


def clock() -> datetime:
    """Return the time in the learner's zone."""
    return datetime.now().astimezone()  # noqa: TID251 - a front end is where it enters


class Dialogue:
    """A sitting that is led by intents, one at a time.

    Args:
        session: The sitting.
        now: The clock, a function that returns the time in the learner's zone.
    """

    def __init__(
        self, session: Session, *, now: Callable[[], datetime] = clock
    ) -> None:
        self.session, self._now, self._lock = session, now, Lock()
        self.seq = 0
        self._phase: Phase = "front"
        self._card: Card | None = None
        self._verdict: dict[str, Any] | None = None
        self._marks: dict[str, Any] | None = None
        self._said = ""
        self._last: tuple[str, int, str] | None = None
        # Six meanings to choose from: the cards of the game are all that there are.
        self._meanings = meanings(session, now=now())
        self._advance()

    def reply(self, intent: Intent) -> dict[str, Any]:
        """Do what is wanted, and return what is to be shown.

        Args:
            intent: What is wanted. One that was done before, because its reply was
                lost, is not done again; nor is one from a view that is past.

        Raises:
            LogError: If it cannot be saved; nothing has then changed.
            ValueError: If it cannot be done now.
        """
        with self._lock:
            notice = ""
            if intent.do != "show":
                mark = (intent.tab, intent.seq, intent.do)
                if intent.seq == self.seq:
                    notice = getattr(self, f"_{intent.do}")(intent) or ""
                    self.seq += 1
                    self._last = mark
                elif mark != self._last:
                    notice = ELSEWHERE
            return self._view(notice)

    def _turn(self, intent: Intent) -> None:
        card = self._shown("front")
        if card.asks not in ("recall", "say"):
            raise ValueError("this card asks for an answer.")
        if card.asks == "say":
            self._said = intent.text
            marks = self.session.marks(intent.text)
            self._marks = {**asdict(marks), "too_long": marks.too_long}
        self._phase = "back"

    def _answer(self, intent: Intent) -> None:
        card, now = self._shown("front"), self._now()
        if self._meanings:
            right = intent.text == card.back.answer
            rating = Rating.GOOD if right else Rating.AGAIN
            self.session.grade(rating, now=now, ms=intent.ms, answer=intent.text)
            self._verdict = view.of_pair(right=right)
        else:
            verdict = self.session.answer(intent.text, now=now, ms=intent.ms)
            self._verdict = view.of_verdict(verdict)
        self._phase = "verdict"

    def _grade(self, intent: Intent) -> None:
        self._shown("back")
        said = self._said or None
        now = self._now()
        self.session.grade(intent.rating, now=now, ms=intent.ms, answer=said)
        self._advance()

    def _next(self, _: Intent) -> None:
        if self._phase == "back" and self.session.plan.mode == "browse":
            self.session.skip()
        elif self._phase != "verdict":
            raise ValueError("this card is not answered yet.")
        self._advance()

    def _override(self, _: Intent) -> None:
        if self._phase != "verdict" or self._meanings:
            raise ValueError("there is no answer that was judged wrong.")
        self.session.override(now=self._now())
        verdict = self.session.verdict
        self._verdict = view.of_verdict(verdict) if verdict else None

    def _undo(self, _: Intent) -> str:
        card = self.session.undo(now=self._now())
        if card is None:
            return "There is nothing to take back."
        self._show(card)
        return "The last answer was taken back."

    def _flag(self, intent: Intent) -> str:
        if self._card is None:
            raise ValueError("no card is shown.")
        self.session.flag(intent.text.strip(), now=self._now(), card=self._card)
        return "Flagged. Thank you: the authors can find it now."

    def _suspend(self, _: Intent) -> str:
        if self._phase not in ("front", "back"):
            raise ValueError("only a card that is not answered yet can be put away.")
        self.session.suspend(now=self._now())
        self._advance()
        return "This card will not come again."

    def _shown(self, phase: Phase) -> Card:
        if self._card is None or self._phase != phase:
            raise ValueError(f"the card is at {self._phase!r}, must be at {phase!r}.")
        return self._card

    def _advance(self) -> None:
        self._show(self.session.next(now=self._now()))

    def _show(self, card: Card | None) -> None:
        self._card, self._phase = card, "front" if card else "end"
        self._verdict = self._marks = None
        self._said = ""

    def _view(self, notice: str) -> dict[str, Any]:
        session, card, now = self.session, self._card, self._now()
        shown = {
            "seq": self.seq,
            "phase": self._phase,
            "mode": session.plan.mode,
            "notice": notice,
            "torn": len(session.torn),
            "progress": session.progress._asdict(),
            "can_undo": session.progress.done > 0,
            "can_suspend": self._phase in ("front", "back"),
        }
        if card is None:
            return shown | {"summary": view.of_summary(session, now=now)}
        shown |= {"card": view.of_front(card, self._meanings)}
        if self._phase == "front":
            return shown
        shown |= {"back": view.of_back(card, matched=bool(self._meanings))}
        if self._phase == "verdict":
            return shown | {"verdict": self._verdict}
        grades = view.of_grades(session, now=now)
        return shown | {"grades": grades, "marks": self._marks, "said": self._said}
