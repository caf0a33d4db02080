"""Flashcards of the glossary: one engine for terminal, notebook, page and Anki.

How a front end drives a sitting::

    session = start(course, Plan(mode="today"), now=clock())
    while card := session.next(now=clock()):
        show(card.front)                                   # values, never HTML
        if card.asks in ("type", "choose"):
            verdict = session.answer(ask(card), now=clock())   # saved when it returns
        else:
            turn(card.back), session.grade(ask_grade(), now=clock())

where ``clock()`` is ``datetime.now().astimezone()``, read by the front end alone.
``session.override``, ``undo``, ``suspend``, ``flag`` and ``intervals`` do what their
names say; ``session.progress`` and ``session.summary(now=...)`` are to be shown. A card
of the code ``say`` has ``session.marks(text)`` before its grade.

Names are loaded on use: importing the package loads nothing of third parties.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlcourse.flashcards.answer import Change, Matcher, Outcome, Verdict
    from mlcourse.flashcards.cards import Back, Card, Front, Line, Sound
    from mlcourse.flashcards.collection import Deck, load_deck
    from mlcourse.flashcards.home import Home, default_home, start
    from mlcourse.flashcards.log import Event, LogError, ReviewLog
    from mlcourse.flashcards.plan import MODES, Plan, queue
    from mlcourse.flashcards.progress import Progress, Summary
    from mlcourse.flashcards.schedule import Memory, Rating, Schedule
    from mlcourse.flashcards.session import Session
    from mlcourse.flashcards.speech import Marks
    from mlcourse.flashcards.state import State, load_state, replay
    from mlcourse.flashcards.statistics import Statistics, measure, picture
    from mlcourse.flashcards.tuning import tune
    from mlcourse.flashcards.widget import deck
    from mlcourse.flashcards.workload import Forecast, forecast

__all__ = [
    "MODES", "Back", "Card", "Change", "Deck", "Event", "Forecast", "Front", "Home",
    "Line", "LogError", "Marks", "Matcher", "Memory", "Outcome", "Plan", "Progress",
    "Rating", "ReviewLog", "Schedule", "Session", "Sound", "State", "Statistics",
    "Summary", "Verdict", "deck", "default_home", "forecast", "load_deck", "load_state",
    "measure", "picture", "queue", "replay", "start", "tune",
]  # fmt: skip

# Where each name lives. No module here has the name of a function of the package:
# loading it would put the module in the place of the function.
_MODULES = {
    "answer": ("Change", "Matcher", "Outcome", "Verdict"),
    "cards": ("Back", "Card", "Front", "Line", "Sound"),
    "collection": ("Deck", "load_deck"),
    "home": ("Home", "default_home", "start"),
    "log": ("Event", "LogError", "ReviewLog"),
    "plan": ("MODES", "Plan", "queue"),
    "schedule": ("Memory", "Rating", "Schedule"),
    "progress": ("Progress", "Summary"),
    "session": ("Session",),
    "speech": ("Marks",),
    "state": ("State", "load_state", "replay"),
    "statistics": ("Statistics", "measure", "picture"),
    "tuning": ("tune",),
    "widget": ("deck",),
    "workload": ("Forecast", "forecast"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
