"""What a terminal says about cards, in words: no colour and no sign carries meaning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mlcourse.flashcards.plan import Plan, queue
from mlcourse.flashcards.schedule import Rating
from mlcourse.flashcards.state import study_day
from mlcourse.flashcards.workload import forecast

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Verdict
    from mlcourse.flashcards.cards import Card, Line, Sound
    from mlcourse.flashcards.session import Session
    from mlcourse.flashcards.speech import Marks

__all__ = [
    "GRADES", "back", "count", "ending", "judged", "marked", "meanings", "opening",
    "pronounced", "slips", "wait", "with_gap",
]  # fmt: skip

GRADES = {
    Rating.AGAIN: "forgotten",
    Rating.HARD: "with effort",
    Rating.GOOD: "remembered",
    Rating.EASY: "at once",
}
ANSWERS = {"rec": "Meaning", "plain": "For example", "say": "Model answer"}
NOTHING = {
    "today": "Nothing is due, and today's new cards are done.",
    "learn": "Nothing is due, and today's new cards are done.",
    "review": "Nothing is due.",
    "say-it": "No task is left that was not said within a week.",
}
NEAR = 0.7  # share of the answer that was typed right, from where a diff helps


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    Example:
        >>> count(1, "card"), count(12, "card")
        ('1 card', '12 cards')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def wait(time: timedelta) -> str:
    """Return a time to wait in words.

    Args:
        time: How long.

    Example:
        >>> wait(timedelta(minutes=10)), wait(timedelta(days=40))
        ('10 minutes', '6 weeks')
    """
    days = time.days
    if days < 1:
        return count(max(1, round(time.total_seconds() / 60)), "minute")
    for size, noun, least in ((365, "year", 730), (30, "month", 60), (7, "week", 28)):
        if days >= least:
            return count(round(days / size), noun)
    return count(days, "day")


def with_gap(line: Line, gap: str = "(gap)") -> str:
    """Return a line of a card with a word where its gap is.

    Args:
        line: The line.
        gap: The word, one that a screen reader says.
    """
    return line.before if line.after is None else f"{line.before}{gap}{line.after}"


def pronounced(sound: Sound | None) -> str:
    """Return how a term is said; nothing if that is not known.

    Args:
        sound: US and UK, and a note.
    """
    if sound is None:
        return ""
    both = f"{sound.us} US, {sound.uk} UK" if sound.us != sound.uk else sound.us
    return f"{both}. {sound.note}" if sound.note else both


def back(card: Card, verdict: Verdict | None = None) -> list[tuple[str, str]]:
    """Return what stands on the back, part by part, each with its label.

    What the front or the verdict said already is left out.

    Args:
        card: The card.
        verdict: How the answer was judged, if it was.
    """
    side = card.back
    parts = [
        (ANSWERS.get(card.code, "Answer"), side.answer),
        ("Meaning", side.definition),
        ("In plain words", side.plain),
        *(("Example", example) for example in side.examples),
        ("Note", side.note),
        ("Words to avoid", ", ".join(side.avoid)),
        *(("Check", check) for check in side.checks),
        ("Said", pronounced(side.sound)),
    ]
    shown = {line.before for line in card.front.lines if line.after is None}
    said = verdict.message if verdict else ""
    return [
        (name, text)
        for name, text in parts
        if text and text not in shown and (name == "Meaning" or text not in said)
    ]


def judged(verdict: Verdict) -> str:
    """Return a verdict that begins with right or wrong.

    Args:
        verdict: The verdict.
    """
    return verdict.message if verdict.right else f"Wrong. {verdict.message}"


def slips(verdict: Verdict) -> str:
    """Return in words what a near answer has wrong; nothing for one that is far off.

    Args:
        verdict: How the answer was judged.

    Example:
        >>> from mlcourse.flashcards.answer import Change, Outcome, Verdict
        >>> diff = (Change("equal", "dri", "dri"), Change("replace", "v", "f"))
        >>> slips(Verdict(Outcome.TYPO, 3, "Right.", diff))
        "You typed 'driv'. Letters: 'f' in the place of 'v'."
    """
    diff = verdict.diff
    wanted = "".join(change.wanted for change in diff)
    kept = sum(len(change.wanted) for change in diff if change.kind == "equal")
    near = verdict.outcome in ("form", "wrong") and kept >= NEAR * len(wanted)
    slip = near and not verdict.right  # an overridden answer has no slips
    if not diff or not (slip or verdict.outcome == "typo"):
        return ""
    found = [
        f"{change.wanted!r} is missing"
        if change.kind == "insert"
        else f"{change.typed!r} is too much"
        if change.kind == "delete"
        else f"{change.wanted!r} in the place of {change.typed!r}"
        for change in diff
        if change.kind != "equal"
    ]
    typed = "".join(change.typed for change in diff)
    return f"You typed {typed!r}. Letters: {', '.join(found)}."


def marked(marks: Marks) -> list[str]:
    """Return what a machine saw in a spoken answer, as sentences.

    Args:
        marks: From the sitting.
    """
    if not marks.words:
        return []
    length = (
        f"{count(marks.words, 'word')}, {'more than' if marks.too_long else 'at most'}"
    )
    jargon = ", ".join(marks.jargon)
    return [
        f"{length} 40.",
        f"Words to avoid: {jargon}." if jargon else "No word to avoid.",
    ]


def meanings(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Return what there is to choose from where terms and meanings are matched.

    Args:
        session: The sitting.
        now: When it began.
    """
    if session.plan.mode != "match":
        return ()
    day = study_day(now)
    cards = queue(session.deck, session.state, session.plan, day=day)
    return tuple(sorted(card.back.answer for card in cards))


def opening(session: Session) -> list[str]:
    """Return what is to be said before the first card.

    Args:
        session: A sitting that begins.
    """
    left, new = session.progress.left, session.progress.new
    known = f", {new} of them new" if new and session.scheduled else ""
    lines = [f"{session.plan.mode.capitalize()}: {count(left, 'card')}{known}."]
    if not session.scheduled:
        lines.append("This does not change when cards come back.")
    if session.torn:
        lines.append(
            f"{count(len(session.torn), 'line')} of the log could not be read: the "
            "machine stopped while it was written. The rest is complete."
        )
    return lines


def ending(session: Session, *, now: datetime) -> list[str]:
    """Return what is to be said after the last card.

    Args:
        session: The sitting.
        now: The time, in the learner's zone.
    """
    summary = session.summary(now=now)
    lines = []
    if summary.done:
        lines.append(
            f"{count(summary.done, 'answer')}, {summary.right} right "
            f"({summary.right / summary.done:.0%}), all saved."
        )
        if session.plan.mode == "match":  # pairs against the clock
            a_pair = summary.seconds / summary.done
            lines.append(f"{summary.seconds:.0f} s, {a_pair:.1f} s a pair.")
    elif not session.progress.left and session.plan.mode != "browse":
        lines.append(NOTHING.get(session.plan.mode, "There is no card of this kind."))
    if summary.new:
        lines.append(f"{count(summary.new, 'new card')} begun.")
    if summary.missed:
        terms = [
            session.deck.recognition(slug).front.lines[0].before
            for slug in summary.missed
        ]
        lines.append(f"To look at again: {', '.join(terms)}.")
    if session.progress.left:
        lines.append(f"{count(session.progress.left, 'card')} left for later.")
    if session.scheduled:
        plan = Plan(new=session.plan.new, limit=session.plan.limit)
        ahead = forecast(session.deck, session.state, plan, now=now, days=2).days[1]
        lines.append(
            f"Tomorrow: {ahead.due} due and {ahead.new} new, "
            f"about {count(max(1, round(ahead.minutes)), 'minute')}."
        )
    return lines
