"""The Anki note type, version 1: every field and every template we may want.

A field that is added later makes Anki treat notes that a learner has as conflicting, so
all of them are here, with six to spare. A template makes a card only where its first
field is filled. The names of fields and the order of both lists never change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from genanki import Model  # type: ignore[import-untyped]

__all__ = ["FIELDS", "MODEL_ID", "NAMESPACE", "SLOTS", "Slot", "make_model"]

NAMESPACE = "mlgloss"  # of the GUIDs, which hang on it and the id of the entry
MODEL_ID = 1_763_700_001
NAME = "ML Glossary v1"


class Slot(NamedTuple):
    """A place for one card of a note.

    Args:
        name: Name of the template, and the beginning of the names of its fields.
        code: Type of the card, as the flashcards of the course call it.
        typed: Whether Anki compares what a learner types.
    """

    name: str
    code: str
    typed: bool = False


SLOTS = (
    Slot("Recognise", "rec"),
    Slot("Produce", "prod", typed=True),
    *(Slot(f"Cloze {number}", "cloze", typed=True) for number in (1, 2)),
    *(Slot(f"Collocation {number}", "colloc") for number in (1, 2, 3, 4, 5)),
    *(Slot(f"Choose {number}", "choose") for number in (1, 2, 3, 4, 5, 6)),
    Slot("Plain", "plain"),
    *(Slot(f"Say {number}", "say") for number in (1, 2)),
    *(Slot(f"Spot {number}", "spot", typed=True) for number in (1, 2, 3)),
)
ENTRY = (
    "Term",
    "Id",
    "Definition",
    "Plain words",
    "IPA US",
    "IPA UK",
    "Pronunciation",
    "Grammar",
    "Forms",
    "Also",
    "Avoid",
    "Examples",
    "Goes with",
    "Not to confuse",
    "Common errors",
    "False friends",
    "See also",
    "Labs",
    "Level",
    "Cards",
)
PARTS = ("front", "answer", "note")
FIELDS = (
    *ENTRY,
    *(f"{slot.name} {part}" for slot in SLOTS for part in PARTS),
    *(f"Spare {number}" for number in range(1, 7)),
)
SHOWN = (
    ("Definition", "Meaning"),
    ("Plain words", "In plain words"),
    ("Examples", "Examples"),
    ("Goes with", "Goes with"),
    ("Not to confuse", "Do not confuse with"),
    ("Common errors", "Common errors"),
    ("False friends", "False friends"),
    ("Forms", "Forms"),
    ("Also", "Also"),
    ("Avoid", "Avoid"),
    ("Pronunciation", "How to say it"),
    ("See also", "See also"),
    ("Labs", "Labs"),
)
SPEECH = "{{tts en_US:Term}}"
CSS = """\
.card { font: 20px/1.5 sans-serif; max-width: 40em; margin: 1em auto; padding: 0 1em; }
.term { font-size: 1.5em; font-weight: 600; }
small, dt { opacity: .7; font-size: .85rem; font-weight: normal; }
dt { margin-top: .8em; }
dd { margin: 0; }
"""


def make_model() -> Model:
    """Return the note type for genanki, always with the same id and fields."""
    from genanki import Model

    return Model(
        MODEL_ID,
        NAME,
        fields=[{"name": name} for name in FIELDS],
        templates=[
            {"name": slot.name, "qfmt": _front(slot), "afmt": _back(slot)}
            for slot in SLOTS
        ],
        css=CSS,
    )


def _front(slot: Slot) -> str:
    front = f"{slot.name} front"
    shown = "term" if slot.code in ("rec", "plain") else "text"
    # The term is heard only where it is the question.
    sound = f"<small>{{{{IPA US}}}} {SPEECH}</small>"
    return (
        f"{{{{#{front}}}}}"
        f'<div class="{shown}">{{{{{front}}}}}</div>'
        f"{sound if slot.code == 'rec' else ''}"
        f"{f'{{{{type:{slot.name} answer}}}}' if slot.typed else ''}"
        f"{{{{/{front}}}}}"
    )


def _back(slot: Slot) -> str:
    note = f"{slot.name} note"
    more = "".join(
        f"{{{{#{field}}}}}<dt>{title}</dt><dd>{{{{{field}}}}}</dd>{{{{/{field}}}}}"
        for field, title in SHOWN
    )
    return (
        "{{FrontSide}}<hr id=answer>"
        f"<p><b>{{{{{slot.name} answer}}}}</b></p>"
        f"{{{{#{note}}}}}<p>{{{{{note}}}}}</p>{{{{/{note}}}}}"
        '<div class="term">{{Term}}</div><small>{{IPA US}} '
        f"{{{{#IPA UK}}}}UK {{{{IPA UK}}}}{{{{/IPA UK}}}} {{{{Grammar}}}} {SPEECH}"
        f"</small><dl>{more}</dl>"
    )
