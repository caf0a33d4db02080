"""What a card, a verdict and the end of a sitting look like."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from mlcourse.flashcards import wording
from mlcourse.flashcards.plan import Plan
from mlcourse.flashcards.workload import forecast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlcourse.flashcards.answer import Change, Verdict
    from mlcourse.flashcards.cards import Card, Line
    from mlcourse.flashcards.session import Session
    from mlcourse.flashcards.speech import Marks

__all__ = ["back", "diff", "end", "front", "verdict"]

QUIET = "dim"
BLANK = "\u00a0" * 6
WEEK = 7
BAR = 18


def front(card: Card, *, prompt: str = "") -> Content:
    """Return the side that is shown first.

    Args:
        card: The card.
        prompt: What to do, in the place of what the card says.
    """
    side = card.front
    parts = [Content.styled(prompt or side.prompt, QUIET)]
    if side.audience:
        parts.append(Content.styled(f"You speak to: {side.audience}", QUIET))
    parts += [_line(line, "bold" if side.sound else "") for line in side.lines]
    if side.sound:
        said = Content.styled(wording.pronounced(side.sound), QUIET)
        parts[-1] = Content("\n").join([parts[-1], said])
    return _paragraphs(parts)


def back(card: Card, judged: Verdict | None = None) -> Content:
    """Return the side that is shown after the answer.

    Args:
        card: The card.
        judged: How the answer was judged, if it was.
    """
    return _paragraphs(
        Content.assemble(
            (f"{name}  ", QUIET), (text, "bold" if text == card.back.answer else "")
        )
        for name, text in wording.back(card, judged)
    )


def verdict(found: Verdict) -> Content:
    """Return a judgement in words, and what a near answer has wrong.

    Args:
        found: The judgement.
    """
    style = "bold $text-success" if found.right else "bold $text-error"
    text = Content.styled(wording.judged(found), style)
    slips = wording.slips(found)
    if not slips:
        return text
    return Content("\n").join([text, diff(found.diff), Content.styled(slips, QUIET)])


def diff(changes: Sequence[Change]) -> Content:
    """Return what was typed: what is too much struck out, what is missing underlined.

    Args:
        changes: From a verdict.
    """
    parts: list[Content | str | tuple[str, str]] = []
    for change in changes:
        if change.kind == "equal":
            parts.append(change.wanted)
            continue
        parts.append((change.typed, "strike $text-error"))
        parts.append((change.wanted, "bold underline $text-success"))
    return Content.assemble(*parts)


def marks(found: Marks) -> Content:
    """Return what a machine saw in a spoken answer.

    Args:
        found: From the sitting.
    """
    return Content("\n").join(map(Content, wording.marked(found)))


def end(session: Session, *, now: datetime) -> Content:
    """Return what the sitting came to, and the work of the next seven days.

    Args:
        session: The sitting.
        now: The time, in the learner's zone.
    """
    parts = [Content.styled("The end for now", "bold")]
    parts += [Content(line) for line in wording.ending(session, now=now)]
    if session.scheduled:
        plan = Plan(new=session.plan.new, limit=session.plan.limit)
        ahead = forecast(session.deck, session.state, plan, now=now, days=WEEK + 1)
        most = max(ahead.peak, 1)
        rows = [
            Content.assemble(
                (f"{day.date:%a %d}  ", QUIET),
                ("█" * round(BAR * day.answers / most), "$primary"),
                f" {day.answers}",
            )
            for day in ahead.days[1:]
        ]
        head = Content.styled("Answers a day, if you study every day", QUIET)
        parts.append(Content("\n").join([head, *rows]))
    return _paragraphs(parts)


def _line(line: Line, style: str) -> Content:
    if line.after is None:
        return Content.styled(line.before, style)
    return Content.assemble(line.before, (BLANK, "underline $primary"), line.after)


def _paragraphs(parts: Iterable[Content]) -> Content:
    return Content("\n\n").join(parts)
