"""What a page shows, as JSON: values only, never HTML."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlcourse.flashcards.plan import Plan
from mlcourse.flashcards.wording import GRADES, wait
from mlcourse.flashcards.workload import forecast

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Verdict
    from mlcourse.flashcards.cards import Card, Sound
    from mlcourse.flashcards.session import Session

__all__ = [
    "of_back", "of_front", "of_grades", "of_pair", "of_summary", "of_verdict",
]  # fmt: skip

AHEAD = 7


def of_front(card: Card, meanings: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the side that is shown first; nothing of the answer is in it.

    Args:
        card: The card.
        meanings: What to choose from, where terms and meanings are matched.
    """
    front = card.front._asdict() | {
        "lines": [line._asdict() for line in card.front.lines],
        "sound": _sound(card.front.sound),
    }
    asks: str = card.asks
    if meanings:
        asks, front["choices"] = "choose", meanings
    return {"code": card.code, "asks": asks, **front}


def of_back(card: Card, *, matched: bool = False) -> dict[str, Any]:
    """Return the side that is shown after the answer.

    Args:
        card: The card.
        matched: Whether the answer stands among the choices already.
    """
    back = card.back._asdict() | {"sound": _sound(card.back.sound)}
    if matched:
        back["examples"] = ()
    return back


def of_verdict(verdict: Verdict) -> dict[str, Any]:
    """Return a judgement; it can be overridden where it is not right.

    Args:
        verdict: The judgement.
    """
    return {
        "right": verdict.right,
        "outcome": verdict.outcome.value,
        "message": verdict.message,
        "diff": [change._asdict() for change in verdict.diff],
        "can_override": not verdict.right,
    }


def of_pair(*, right: bool) -> dict[str, Any]:
    """Return the judgement on a term and a meaning; it cannot be overridden.

    Args:
        right: Whether they belong together.
    """
    return {
        "right": right,
        "outcome": "right" if right else "wrong",
        "message": "Right." if right else "That is the meaning of another term.",
        "diff": [],
        "can_override": False,
    }


def of_grades(session: Session, *, now: datetime) -> list[dict[str, Any]]:
    """Return the grades to offer, and when each would bring the card back.

    Args:
        session: A sitting that shows a card.
        now: The time, in the learner's zone.
    """
    if session.plan.mode == "browse":
        return []
    waits = session.intervals(now=now)
    return [
        {
            "rating": int(rating),
            "word": GRADES[rating].capitalize(),
            "wait": wait(waits[rating]) if rating in waits else "",
        }
        for rating in session.buttons
    ]


def of_summary(session: Session, *, now: datetime) -> dict[str, Any]:
    """Return what the sitting came to, and the work of the next seven days.

    Args:
        session: The sitting.
        now: The time, in the learner's zone.
    """
    summary, deck = session.summary(now=now)._asdict(), session.deck
    summary["missed"] = [
        str(deck.recognition(slug).front.lines[0]) for slug in summary["missed"]
    ]
    summary["seconds"] = summary["seconds"] if session.plan.mode == "match" else None
    summary["days"] = []
    summary["new_a_day"] = session.plan.new
    if session.scheduled:
        plan = Plan(new=session.plan.new, limit=session.plan.limit)
        ahead = forecast(deck, session.state, plan, now=now, days=AHEAD + 1)
        summary["days"] = [
            {
                "day": f"{day.date:%a}",
                "date": f"{day.date.day} {day.date:%b}",
                "cards": day.due + day.new,
                "minutes": round(day.minutes),
            }
            for day in ahead.days[1:]
        ]
    return summary


def _sound(sound: Sound | None) -> dict[str, Any] | None:
    return sound._asdict() if sound else None
