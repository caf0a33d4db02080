"""The cards of a term: what is shown, what is asked, and what stands on the back.

Values only, the same for a terminal, a notebook, a page and Anki: plain text, never
HTML. A card's id hangs on the permanent id of its entry, so an edited text keeps its
history.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from mlcourse.glossary.folding import contains

if TYPE_CHECKING:
    from mlcourse.glossary.entry import Entry
    from mlcourse.glossary.load import Glossary

__all__ = ["CODES", "Asks", "Back", "Card", "Code", "Front", "Line", "Sound", "make"]

Code = Literal["rec", "prod", "cloze", "colloc", "choose", "plain", "say", "spot"]
Asks = Literal["recall", "type", "choose", "say"]

CODES: tuple[Code, ...] = (
    "rec", "prod", "cloze", "colloc", "choose", "plain", "say", "spot",
)  # fmt: skip
BLANK = "____"
MARKED = re.compile(r"\[\[(.*?)\]\]")
PLAIN_CHECKS = (
    "It means the same.",
    "It has no word of the trade.",
    "Somebody from another team would follow it.",
)


class Line(NamedTuple):
    """A line of a card; where ``after`` is text, a gap stands between the two parts.

    Example:
        >>> str(Line("We saw ", " in May."))
        'We saw ____ in May.'
    """

    before: str
    after: str | None = None

    def __str__(self) -> str:
        return self.before if self.after is None else self.before + BLANK + self.after


class Sound(NamedTuple):
    """How a term is said, in broad IPA between slashes."""

    us: str
    uk: str
    note: str = ""


class Front(NamedTuple):
    """The side that is shown first.

    Args:
        prompt: What to do, in one short sentence.
        lines: What it is about.
        choices: The answers to choose from; empty unless the card asks to choose.
        sound: How the term on the front is said, if it is there.
        audience: Whom the learner speaks to, on cards of the code ``say``.
        lang: BCP 47 tag of the lines, for speech.
    """

    prompt: str
    lines: tuple[Line, ...]
    choices: tuple[str, ...] = ()
    sound: Sound | None = None
    audience: str = ""
    lang: str = "en"


class Back(NamedTuple):
    """The side that is shown after the answer; what is empty is not shown.

    Args:
        answer: The answer as it should have been given.
        definition: What the term means.
        plain: The same in everyday words.
        examples: Sentences with the term.
        note: Why, or what tells the term from the one it is taken for.
        checks: What the learner ticks before grading: it must have been said.
        avoid: Words that this audience would not understand.
        sound: How the term is said.
    """

    answer: str
    definition: str = ""
    plain: str = ""
    examples: tuple[str, ...] = ()
    note: str = ""
    checks: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    sound: Sound | None = None


class Card(NamedTuple):
    """One question about one term.

    Args:
        id: ``<entry id>:<code>[:detail]``, permanent.
        term: Slug of the entry.
        code: The kind of card.
        asks: ``recall`` (think, turn, grade yourself), ``type``, ``choose``, or ``say``
            (write or speak, then tick what was said).
        category: Category of the entry.
        deck: ``core``, ``foundations`` or ``tools``.
        front: What is shown first.
        back: What is shown after the answer.
        accepted: What counts as right, apart from the names of the term.
        partner: Slug of the other term, on cards of the code ``choose``.
    """

    id: str
    term: str
    code: Code
    asks: Asks
    category: str
    deck: str
    front: Front
    back: Back
    accepted: tuple[str, ...] = ()
    partner: str = ""

    @property
    def content(self) -> str:
        """Six hex digits that change with the text of the card."""
        text = repr((self.front, self.back, self.accepted)).encode()
        return hashlib.blake2b(text, digest_size=3).hexdigest()


def make(glossary: Glossary) -> tuple[Card, ...]:
    """Make the cards of all terms that are not retired, term by term.

    Tools are only recognised: one card each.

    Args:
        glossary: The terms.

    Example:
        >>> from mlcourse.glossary.load import build
        >>> make(build([]))
        ()
    """
    return tuple(
        card
        for entry in glossary.entries.values()
        if entry.status != "retired"
        for card in _of(entry, glossary)
    )


def _of(entry: Entry, glossary: Glossary) -> Iterator[Card]:
    yield _recognise(entry)
    if entry.deck == "tools":
        return
    yield _produce(entry)
    yield from _cloze(entry)
    yield from _collocations(entry)
    yield from _choices(entry, glossary)
    yield _plain(entry)
    yield from _say(entry)
    yield from _spot(entry)


def _card(
    entry: Entry,
    code: Code,
    asks: Asks,
    front: Front,
    back: Back,
    *,
    detail: str = "",
    accepted: tuple[str, ...] = (),
    partner: str = "",
) -> Card:
    return Card(
        id=f"{entry.id}:{code}" + (f":{detail}" if detail else ""),
        term=entry.slug,
        code=code,
        asks=asks,
        category=entry.category,
        deck=entry.deck,
        front=front,
        back=back,
        accepted=accepted,
        partner=partner,
    )


def _sound(entry: Entry) -> Sound:
    said = entry.pronunciation
    return Sound(said.us, said.uk, said.note or "")


def _gapped(text: str) -> Line:
    before, _, after = MARKED.split(text, maxsplit=1)
    return Line(before, after)


def _sentences(entry: Entry) -> tuple[str, ...]:
    return tuple(MARKED.sub(r"\1", example.text) for example in entry.examples)


def _recognise(entry: Entry) -> Card:
    front = Front("What does it mean?", (Line(entry.term),), sound=_sound(entry))
    back = Back(entry.definition, plain=entry.plain, examples=_sentences(entry))
    return _card(entry, "rec", "recall", front, back)


def _about(entry: Entry, answer: str) -> Back:
    return Back(
        answer,
        definition=entry.definition,
        examples=_sentences(entry),
        sound=_sound(entry),
    )


def _produce(entry: Entry) -> Card:
    lines = (Line(entry.definition), _gapped(entry.examples[0].text))
    front = Front("Type the term.", lines)
    return _card(entry, "prod", "type", front, _about(entry, entry.term))


def _cloze(entry: Entry) -> Iterator[Card]:
    # The first sentence stands on the card that asks for the term.
    for example in entry.examples[1:] or entry.examples:
        wanted = MARKED.search(example.text)
        if wanted is None:
            continue
        front = Front("Complete the sentence.", (_gapped(example.text),))
        back = _about(entry, wanted[1])
        yield _card(
            entry, "cloze", "type", front, back,
            detail=example.id, accepted=(wanted[1],),
        )  # fmt: skip


def _collocations(entry: Entry) -> Iterator[Card]:
    """Ask for the first part of a pattern that is neither the term nor a bracket."""
    seen: set[str] = set()
    for pattern in entry.collocations:
        parts = pattern.pattern.split(" + ")
        at = next((i for i, part in enumerate(parts) if _asked(part, entry)), None)
        if at is None or len(parts) == 1:
            continue
        accepted = tuple(word.strip() for word in parts[at].split(" / "))
        shown = " ".join(parts[:at] + parts[at + 1 :]).split()
        detail = re.sub(r"\W+", "-", accepted[0].lower())
        if detail in seen or not set(shown).isdisjoint(accepted):
            continue
        seen.add(detail)
        before, after = " ".join(parts[:at]), " ".join(parts[at + 1 :])
        line = Line(before + " " * bool(before), " " * bool(after) + after)
        starts = ", ".join(f"{word[0]}…" for word in accepted)
        front = Front(f"Which words go with it? One of: {starts}", (line,))
        back = Back(" / ".join(accepted), examples=(pattern.example,))
        yield _card(
            entry, "colloc", "type", front, back, detail=detail, accepted=accepted
        )


def _asked(part: str, entry: Entry) -> bool:
    if "[" in part:
        return False
    names = dict.fromkeys((*entry.forms(), *entry.names()))
    return not any(contains(part, name) for name in names)


def _choices(entry: Entry, glossary: Glossary) -> Iterator[Card]:
    for pair in entry.confusions:
        other = glossary.entries.get(pair.other)
        if other is None or "tools" in (entry.deck, other.deck):
            continue
        mine = [c for c in pair.contrast if c.answer == entry.slug]
        for number, contrast in enumerate(mine, start=1):
            before, _, after = contrast.text.partition("[[?]]")
            front = Front(
                "Which of the two?",
                (Line(before, after),),
                choices=tuple(sorted((entry.term, other.term))),
            )
            back = Back(entry.term, definition=entry.definition, note=pair.difference)
            detail = other.id if number == 1 else f"{other.id}:{number}"
            yield _card(
                entry, "choose", "choose", front, back,
                detail=detail, accepted=(entry.term,), partner=other.slug,
            )  # fmt: skip


def _plain(entry: Entry) -> Card:
    front = Front("Say it in everyday words.", (Line(entry.term),), sound=_sound(entry))
    back = Back(entry.plain, definition=entry.definition, checks=PLAIN_CHECKS)
    return _card(entry, "plain", "recall", front, back)


def _say(entry: Entry) -> Iterator[Card]:
    for number, task in enumerate(entry.say_it, start=1):
        front = Front(
            "Write or say it, in at most 40 words.",
            (Line(task.situation),),
            audience=task.audience,
        )
        back = Back(task.model_answer, checks=task.must_mention, avoid=task.avoid)
        yield _card(entry, "say", "say", front, back, detail=str(number))


def _spot(entry: Entry) -> Iterator[Card]:
    for number, error in enumerate(entry.grammar, start=1):
        front = Front("Correct the sentence.", (Line(error.wrong),))
        back = Back(error.right, note=error.why)
        yield _card(
            entry, "spot", "type", front, back,
            detail=str(number), accepted=(error.right,),
        )  # fmt: skip
