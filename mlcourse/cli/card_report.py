"""What a learner's log says, as text and as a picture: recall, work ahead, flags."""

import io
from dataclasses import dataclass
from datetime import datetime

from mlcourse.cli.terminal import columns
from mlcourse.flashcards import (
    Deck,
    Forecast,
    Home,
    Plan,
    State,
    Statistics,
    default_home,
    forecast,
    measure,
    tune,
)
from mlcourse.flashcards.wording import count, with_gap
from mlcourse.paths import Course

__all__ = ["Report", "draw", "fit", "flags", "look", "stats"]

WEEK = 7
FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to tell.

    Args:
        statistics: How the learner did.
        forecast: The work of the days to come.
        retention: The wanted share of right answers that the forecast is made for.
        new: The most new cards a day, likewise.
    """

    statistics: Statistics
    forecast: Forecast
    retention: float
    new: int


def look(
    course: Course,
    plan: Plan,
    *,
    now: datetime,
    retention: float | None = None,
    home: Home | None = None,
) -> Report:
    """Measure what a log says, and look ahead.

    Args:
        course: The course.
        plan: What is studied every day.
        now: The time, in the learner's zone.
        retention: As if this were wanted, instead of what is in force.
        home: Where the reviews are kept.

    Raises:
        LogError: If the log cannot be read.
        ValueError: If a value is out of its range.
    """
    home = home or default_home()
    events = home.log().read().events
    state, _ = home.state()
    ahead = forecast(home.deck(course), state, plan, now=now, retention=retention)
    wanted = state.schedule.retention if retention is None else retention
    return Report(measure(events, now=now), ahead, wanted, plan.new)


def stats(report: Report) -> str:
    """Return a report as text.

    Args:
        report: From :func:`look`.
    """
    found, ahead = report.statistics, report.forecast
    rows = [
        ("answers", f"{found.answers} on {count(found.days, 'day')}"),
        ("in a row", count(found.streak, "day")),
        ("learning", count(found.learning, "card")),
        ("young", count(found.young, "card")),
        ("mature", f"{count(found.mature, 'card')}, stable for 21 days or more"),
    ]
    if not found.judged:
        text = "No card has come back yet, so recall cannot be compared."
    else:
        rows += [
            ("remembered", f"{found.recall:.0%} of {found.judged} reviews"),
            ("predicted", f"{found.predicted:.0%}"),
            ("log loss", f"{found.log_loss:.3f}, lower is better"),
            ("constant", f"{found.constant_log_loss:.3f}, were the mean predicted"),
        ]
        bins = [
            (
                f"{part.low:.0%} to {part.high:.0%}",
                f"{part.recalled:.0%}",
                str(part.reviews),
            )
            for part in found.bins
            if part.reviews
        ]
        text = columns([("predicted", "remembered", "reviews"), *bins])
    days = [("day", "due", "new", "minutes")] + [
        (f"{day.date:%a %d %b}", str(day.due), str(day.new), f"{day.minutes:.0f}")
        for day in ahead.days[:WEEK]
    ]
    head = (
        f"The next {len(ahead.days)} days with at most {report.new} new a day, wanted "
        f"recall {report.retention:.0%}: {ahead.mean:.0f} answers and "
        f"{count(round(ahead.minutes), 'minute')} a day, {ahead.peak} answers at most."
    )
    return "\n\n".join((columns(rows), text, head, columns(days)))


def draw(report: Report, suffix: str) -> bytes:
    """Return a report as a picture.

    Args:
        report: From :func:`look`.
        suffix: That of the file: .png, .svg or .pdf.

    Raises:
        ValueError: If it is another one.
    """
    kind = suffix.lstrip(".").lower()
    if kind not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise ValueError(
            f"picture == {suffix!r} as its ending, must be one of: {known}."
        )
    from mlcourse.flashcards import picture

    content = io.BytesIO()
    figure = picture(report.statistics, report.forecast)
    figure.savefig(content, format=kind, dpi=150)
    return content.getvalue()


def fit(home: Home, *, now: datetime) -> str:
    """Fit the weights of the schedule to a learner, keep them, and say what it brings.

    Args:
        home: Where the reviews are kept.
        now: The time, in the learner's zone.

    Raises:
        LogError: If the log cannot be read, or the weights not be saved.
        ValueError: If there are too few reviews.
    """
    log = home.log()
    events, (state, _) = log.read().events, home.state()
    fitted = tune(events, now=now, schedule=state.schedule)
    if fitted == state.schedule:
        return "No weights predict your answers better. All stays as it was."
    rest = [event for event in events if event.kind != "params"]
    before, after = (
        measure(rest, now=now, schedule=rules).log_loss
        for rules in (state.schedule, fitted)
    )
    log.append("params", now=now, weights=list(fitted.weights))
    return (
        f"The schedule fits you now: log loss {after:.3f}, before {before:.3f}. "
        "When cards come back changes a little."
    )


def flags(state: State, deck: Deck, course: Course) -> str:
    """Return the cards that a learner flagged, each with its note and its file.

    Args:
        state: What the learner knows.
        deck: All cards.
        course: The course.
    """
    if not state.flags:
        return "No card is flagged. Press f on one that has something wrong."
    parts = []
    for id_, note in sorted(state.flags.items()):
        card = deck.cards.get(id_)
        lines = [id_, f"  {note or 'No note.'}"]
        if card is None:
            lines.append("  This card is no longer in the glossary.")
        else:
            path = course.glossary / "terms" / f"{card.term}.yaml"
            lines += [f"  {with_gap(card.front.lines[0])}", f"  {path}"]
        parts.append("\n".join(lines))
    return "\n".join([*parts, count(len(state.flags), "card") + " flagged."])
