"""One sitting with the cards: which is next, what was answered, what goes to the log.

Every front end drives this and keeps no state of its own. Time is always given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from mlcourse.flashcards.plan import Plan, queue
from mlcourse.flashcards.progress import Answer, Journal, Progress, Summary
from mlcourse.flashcards.schedule import Rating, utc
from mlcourse.flashcards.speech import Marks, mark
from mlcourse.flashcards.state import PRACTICE, State, study_day

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Verdict
    from mlcourse.flashcards.cards import Card
    from mlcourse.flashcards.collection import Deck
    from mlcourse.flashcards.log import Torn

__all__ = ["Session"]

Value = TypeVar("Value")

BUTTONS = (Rating.AGAIN, Rating.GOOD)


class Session:
    """A sitting: ask for the next card, answer it, and so on until there is none.

    Args:
        deck: All cards.
        log: Where events go.
        state: What the learner knows; it is changed.
        plan: What the learner wants.
        now: The time, in the learner's zone.
        torn: Lines of the log that were set aside; to be told to the learner.

    Raises:
        ValueError: If ``now`` has no zone, or the plan names an unknown term.
    """

    def __init__(
        self,
        deck: Deck,
        log: Journal,
        state: State,
        plan: Plan,
        *,
        now: datetime,
        torn: tuple[Torn, ...] = (),
    ) -> None:
        self.deck, self.log, self.state, self.plan = deck, log, state, plan
        self.torn = torn
        self.card: Card | None = None
        self._answers: list[Answer] = []
        self._waiting = list(queue(deck, state, plan, day=self._day(now)))
        self._returning: list[Card] = []
        if self.scheduled:
            self._returning = list(self._unlearned(now))

    @property
    def scheduled(self) -> bool:
        """Whether answers move cards on; else they are logged and no more."""
        return self.plan.mode not in PRACTICE

    @property
    def buttons(self) -> tuple[Rating, ...]:
        """The grades to offer: forgotten and remembered. All four are taken."""
        return BUTTONS

    @property
    def verdict(self) -> Verdict | None:
        """The judgement on the last answer, if it was judged."""
        return self._answers[-1].verdict if self._answers else None

    @property
    def progress(self) -> Progress:
        """Where the sitting stands."""
        open_ = [*self._waiting, *self._returning]
        if self.card is not None:
            open_.append(self.card)
        new = sum(card.id not in self.state.memories for card in open_)
        right = sum(answer.right for answer in self._answers)
        return Progress(len(self._answers), right, len(open_), new)

    def next(self, *, now: datetime) -> Card | None:
        """Return the card to show, the same one until it is answered; None at the end.

        A card that was forgotten comes back after ten minutes, or sooner if nothing
        else is left.

        Args:
            now: The time, with a zone.
        """
        if self.card is None:
            self.card = self._take(now)
        return self.card

    def answer(self, typed: str, *, now: datetime, ms: int | None = None) -> Verdict:
        """Judge and record what was typed, or chosen, on the card that is shown.

        Args:
            typed: The answer; on a card that asks to choose, one of its choices.
            now: The time, with a zone.
            ms: Milliseconds from showing the card to the answer.

        Raises:
            LogError: If it cannot be saved; the card then stays.
            ValueError: If no card is shown, or it asks for neither.
        """
        card = self._shown()
        verdict = self.deck.matcher.judge(typed, card)
        self._record(
            card,
            verdict.rating,
            now=now,
            ms=ms,
            answer=typed,
            match=verdict.outcome.value,
            by="auto",
            verdict=verdict,
        )
        return verdict

    def grade(
        self,
        rating: int,
        *,
        now: datetime,
        ms: int | None = None,
        answer: str | None = None,
    ) -> None:
        """Record how well the learner says it was remembered.

        Args:
            rating: 1 (again), 2, 3 (good) or 4.
            now: The time, with a zone.
            ms: Milliseconds from showing the card to the grade.
            answer: What was written or spoken, if it was.

        Raises:
            LogError: If it cannot be saved; the card then stays.
            ValueError: If no card is shown, or ``rating`` is none of the four.
        """
        if rating not in (1, 2, 3, 4):
            raise ValueError(f"rating == {rating!r}, must be 1, 2, 3 or 4.")
        self._record(
            self._shown(), int(rating), now=now, ms=ms, answer=answer, by="self"
        )

    def marks(self, text: str) -> Marks:
        """Return what a machine sees in a spoken answer; record nothing.

        Args:
            text: What was written or spoken.

        Raises:
            ValueError: If no card is shown, or it does not ask to speak.
        """
        return mark(text, self._shown())

    def override(self, *, now: datetime) -> None:
        """Count the last answer as right, because the learner says so.

        Both stand in the log: what the machine found, and that it was overridden.

        Args:
            now: The time, with a zone.

        Raises:
            LogError: If it cannot be saved.
            ValueError: If the last answer was not judged wrong by the machine.
        """
        last = self._answers[-1] if self._answers else None
        if last is None or last.right or last.fields.get("by") != "auto":
            raise ValueError("there is no answer that was judged wrong.")
        fields = {**last.fields, "rating": int(Rating.GOOD), "by": "override"}
        event = self.log.append(
            "review", now=self._now(now), replaces=last.events[-1], **fields
        )
        self._restore(last)
        self.state.apply(event)
        self._returning = [c for c in self._returning if c.id != last.card.id]
        if self.card is last.card:  # it had come back at once, as nothing else was left
            self.card = None
        verdict = last.verdict and replace(
            last.verdict, rating=int(Rating.GOOD), message="Counted as right."
        )
        self._answers[-1] = replace(
            last,
            right=True,
            events=(*last.events, event.id),
            fields=fields,
            verdict=verdict,
        )

    def undo(self, *, now: datetime) -> Card | None:
        """Take the last answer back and show its card again; None if there is none.

        Args:
            now: The time, with a zone.

        Raises:
            LogError: If it cannot be saved; nothing is then taken back.
        """
        if not self._answers:
            return None
        last = self._answers[-1]
        self.log.append("void", now=self._now(now), of=list(last.events))
        self._answers.pop()
        self._restore(last)
        self._returning = [c for c in self._returning if c.id != last.card.id]
        if self.card is not None and self.card.id != last.card.id:
            self._waiting.insert(0, self.card)
        self._waiting = [c for c in self._waiting if c.id != last.card.id]
        self.card = last.card
        return self.card

    def skip(self) -> None:
        """Leave the card that is shown, and record nothing; for browsing."""
        self._shown()
        self.card = None

    def suspend(self, *, now: datetime) -> None:
        """Show the card that is shown no more, in any sitting.

        Args:
            now: The time, with a zone.

        Raises:
            LogError: If it cannot be saved.
            ValueError: If no card is shown.
        """
        card = self._shown()
        self.state.apply(
            self.log.append("suspend", now=self._now(now), card=card.id, on=True)
        )
        self.card = None

    def flag(self, note: str = "", *, now: datetime, card: Card | None = None) -> None:
        """Note that something is wrong with a card; it stays.

        Args:
            note: What is wrong.
            now: The time, with a zone.
            card: The card; the one that is shown if omitted.

        Raises:
            LogError: If it cannot be saved.
            ValueError: If no card is shown or given.
        """
        card = card or self._shown()
        self.state.apply(
            self.log.append(
                "flag",
                now=self._now(now),
                card=card.id,
                note=note,
                content=card.content,
            )
        )

    def intervals(self, *, now: datetime) -> dict[Rating, timedelta]:
        """Return how long each grade would put the card away that is shown.

        Args:
            now: The time, with a zone.

        Returns:
            Nothing in the modes that do not touch the schedule.

        Raises:
            ValueError: If no card is shown.
        """
        card = self._shown()
        if not self.scheduled:
            return {}
        return self.state.schedule.intervals(
            card.id,
            self.state.memories.get(card.id),
            at=utc(self._now(now)),
            day=self._day(now),
        )

    def summary(self, *, now: datetime) -> Summary:
        """Return what the sitting came to so far.

        Args:
            now: The time, with a zone.
        """
        day, progress = self._day(now), self.progress
        new = {
            answer.card.id
            for answer in self._answers
            if answer.before is None and self.scheduled
        }
        missed = dict.fromkeys(a.card.term for a in self._answers if not a.right)
        tomorrow = replace(self.plan, mode="review", terms=None, category=None)
        return Summary(
            progress.done,
            progress.right,
            len(new),
            tuple(missed),
            len(queue(self.deck, self.state, tomorrow, day=day + 1)),
            sum(answer.fields.get("ms") or 0 for answer in self._answers) / 1000,
        )

    def _record(
        self,
        card: Card,
        rating: int,
        *,
        now: datetime,
        verdict: Verdict | None = None,
        **fields: Any,
    ) -> None:
        fields = {
            "card": card.id,
            "rating": rating,
            "mode": self.plan.mode,
            "content": card.content,
            "sched": self.state.schedule.name if self.scheduled else None,
            **fields,
        }
        before = self.state.memories.get(card.id)
        said = self.state.said.get(card.id)
        event = self.log.append("review", now=self._now(now), **fields)
        # On the disk: only now may anything else change.
        self.state.apply(event)
        right = rating > Rating.AGAIN
        self._answers.append(
            Answer(card, right, (event.id,), before, said, fields, verdict)
        )
        self.card = None
        if self._comes_back(card, right=right):
            self._returning.append(card)

    def _comes_back(self, card: Card, *, right: bool) -> bool:
        if not self.scheduled:
            return self.plan.mode == "cram" and not right
        return self.state.memories[card.id].stage != "review"

    def _take(self, now: datetime) -> Card | None:
        for place, card in enumerate(self._returning):
            if not self._waiting or (self.scheduled and self._is_back(card, now)):
                return self._returning.pop(place)
        return self._waiting.pop(0) if self._waiting else None

    def _is_back(self, card: Card, now: datetime) -> bool:
        return self.state.memories[card.id].due <= utc(self._now(now))

    def _unlearned(self, now: datetime) -> Iterable[Card]:
        """Yield what was forgotten earlier today, in the order in which it is due."""
        day = self._day(now)
        terms = None if self.plan.terms is None else set(self.plan.terms)
        found = [
            (memory.due, id_)
            for id_, memory in self.state.memories.items()
            if memory.stage != "review"
            and memory.day == day
            and id_ in self.deck.cards
            and id_ not in self.state.suspended
        ]
        for _, id_ in sorted(found):
            card = self.deck.cards[id_]
            in_category = self.plan.category in (None, card.category)
            if in_category and (terms is None or card.term in terms):
                yield card

    def _restore(self, answer: Answer) -> None:
        _put_back(self.state.memories, answer.card.id, answer.before)
        _put_back(self.state.said, answer.card.id, answer.said)

    def _shown(self) -> Card:
        if self.card is None:
            raise ValueError("no card is shown: call next() first.")
        return self.card

    def _now(self, now: datetime) -> datetime:
        """Return the time, never before the last event: a clock may be set back."""
        if self.state.last is None or utc(now) >= self.state.last:
            return now
        return self.state.last.astimezone(now.tzinfo)

    def _day(self, now: datetime) -> int:
        utc(now)
        return study_day(self._now(now))


def _put_back(known: dict[str, Value], card: str, before: Value | None) -> None:
    if before is None:
        known.pop(card, None)
    else:
        known[card] = before
