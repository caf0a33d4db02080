"""Judging a typed answer: kind to fingers, strict about terms.

A slip of the finger is right, with the spelling shown. Another term is wrong, however
near it is spelt: a learner who types *precision* for *accuracy* must hear it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from mlcourse.glossary.folding import contains, fold, plural

if TYPE_CHECKING:
    from mlcourse.flashcards.cards import Card
    from mlcourse.glossary.entry import Entry
    from mlcourse.glossary.load import Glossary

__all__ = ["Change", "Matcher", "Outcome", "Verdict", "key", "tolerance"]

AGAIN, GOOD = 1, 3
BRACKETED = re.compile(r"\s*\([^()]*\)|\s*\[[^\[\]]*\]")
ACRONYM = re.compile(r"(?=(?:[^A-Z]*[A-Z]){2})[A-Za-z0-9][A-Za-z0-9&/.@-]{0,9}")
OPPOSITES = re.compile(
    r"^(?:anti|de|dis|im|in|ir|non|off|on|out|over|post|pre|re|sub|un|under)$"
)


class Outcome(StrEnum):
    """How an answer was judged; the value stands in the log as ``match``."""

    RIGHT = "right"
    IN_FULL = "in full"
    """The acronym: right, and the full form is shown."""
    TYPO = "typo"
    FORM = "form"
    """The term in a form that the sentence does not take."""
    AVOID = "avoid"
    """A word that the entry tells not to use."""
    OTHER = "other"
    """Another term of the glossary."""
    WRONG = "wrong"


class Change(NamedTuple):
    """A piece of what was typed beside what was wanted.

    Args:
        kind: ``equal``, ``replace``, ``insert`` or ``delete``.
        typed: The piece as typed; empty for ``insert``.
        wanted: The piece as it should be; empty for ``delete``.
    """

    kind: str
    typed: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one answer.

    Args:
        outcome: How it was judged.
        rating: 1 (again) or 3 (good).
        message: One or two sentences for the learner.
        diff: What was typed against what was wanted; empty where they are the same.
        other: Slug of the other term that was typed, if any.
    """

    outcome: Outcome
    rating: int
    message: str
    diff: tuple[Change, ...] = ()
    other: str = ""

    @property
    def right(self) -> bool:
        """Whether it counts as remembered."""
        return self.rating >= GOOD


def key(text: str) -> str:
    """Return the form in which answers are compared.

    Case, accents, hyphens, a leading article, text in brackets and UK or US spelling
    do not count.

    Example:
        >>> key("The Canary-Deployment (release)")
        'canary deployment'
    """
    text = unicodedata.normalize("NFKC", text).strip()
    return fold(BRACKETED.sub("", text)) or fold(text)


def tolerance(text: str) -> int:
    """Return how many slips a word or phrase of this length forgives.

    Example:
        >>> tolerance("mAP"), tolerance("recall"), tolerance("concept drift")
        (0, 1, 2)
    """
    letters = sum(letter.isalnum() for letter in text)
    return 0 if letters <= 4 else 1 if letters <= 8 else 2


class _Term(NamedTuple):
    """What a judge needs of an entry; forms and alt are keys, avoid has reasons."""

    text: str
    names: tuple[str, ...]
    forms: frozenset[str]
    alt: frozenset[str]
    avoid: dict[str, str]
    partners: frozenset[str]


class Matcher:
    """Judges answers against the names of all terms.

    Args:
        glossary: The terms; those that are retired do not count.
    """

    def __init__(self, glossary: Glossary) -> None:
        entries = [e for e in glossary.entries.values() if e.status != "retired"]
        self._terms = {entry.slug: _term(entry) for entry in entries}
        self._own = {entry.slug: _accepted(entry) for entry in entries}
        self._owners: dict[str, set[str]] = {}
        for slug, names in self._own.items():
            for name in names:
                self._owners.setdefault(name, set()).add(slug)
        self._labels = list(self._owners)
        self._words = {word for label in self._labels for word in label.split()}

    def judge(self, typed: str, card: Card) -> Verdict:
        """Judge what was typed, or chosen, on a card.

        Args:
            typed: The answer.
            card: A card that asks to type or to choose.

        Raises:
            ValueError: If the card asks for neither.
        """
        if card.asks == "choose":
            return self._choice(typed, card)
        if card.asks != "type":
            raise ValueError(
                f"card.asks == {card.asks!r}, must be 'type' or 'choose': "
                "the learner grades the others."
            )
        if card.code == "spot":
            return _sentence(typed, card)
        if not key(typed):
            return _wrong(typed, card.back.answer)
        if card.code == "colloc":
            return self._slips(typed, card, {key(text): text for text in card.accepted})
        if card.code == "cloze":
            return self._cloze(typed, card)
        return self._term(typed, card)

    def _term(self, typed: str, card: Card) -> Verdict:
        term, given = self._terms[card.term], key(typed)
        own = self._own[card.term]
        if given in own:
            full = _in_full(own[given], term)
            if full:
                return Verdict(Outcome.IN_FULL, GOOD, f"Right. In full: {full}.")
            note = "" if given in term.forms else f" We say: {term.text}."
            return Verdict(Outcome.RIGHT, GOOD, "Right." + note)
        return self._slips(typed, card, own)

    def _cloze(self, typed: str, card: Card) -> Verdict:
        term, given, wanted = self._terms[card.term], key(typed), card.accepted[0]
        own = self._own[card.term]
        if given == key(wanted):
            return Verdict(Outcome.RIGHT, GOOD, "Right.")
        if given in own:
            if given in term.alt and key(wanted) == key(term.text):
                message = f"Right. The sentence had: {wanted}."
                return Verdict(Outcome.RIGHT, GOOD, message)
            message = f"The term is right, the form is not. Here it is: {wanted}."
            return Verdict(Outcome.FORM, AGAIN, message, _diff(typed, wanted))
        return self._slips(typed, card, {key(wanted): wanted})

    def _slips(self, typed: str, card: Card, own: dict[str, str]) -> Verdict:
        """Judge an answer that is none of the names: a slip, another term, or wrong."""
        term, given = self._terms[card.term], key(typed)
        answer = card.back.answer
        if given in own:
            return Verdict(Outcome.RIGHT, GOOD, "Right.")
        others = self._owners.get(given, set()) - {card.term}
        if others and card.code != "colloc":
            return self._other(typed, answer, min(others))
        name, distance = _nearest(given, own)
        for word, reason in term.avoid.items():
            if OSA.distance(given, word) < max(1, min(distance, tolerance(word) + 1)):
                message = f"We do not say {typed.strip()!r} for this. {reason}".strip()
                message = f"{message} Here it is: {answer}."
                return Verdict(Outcome.AVOID, AGAIN, message, _diff(typed, answer))
        if not self._is_slip(given, name, distance):
            return _wrong(typed, answer)
        rival = self._rival(given, card, own, distance)
        if rival and card.code != "colloc":
            return self._other(typed, answer, rival)
        message = f"Right. Check the spelling: {own[name]}."
        return Verdict(Outcome.TYPO, GOOD, message, _diff(typed, own[name]))

    def _is_slip(self, given: str, name: str, distance: int) -> bool:
        if given.replace(" ", "") == name.replace(" ", ""):
            return True
        if distance > tolerance(name):
            return False
        if Counter(filter(str.isdigit, given)) != Counter(filter(str.isdigit, name)):
            return False
        # A whole word of the field in the place of another is no slip of the finger.
        meant = set(name.split())
        strange = set(given.split()) - meant - {plural(word) for word in meant}
        return not (strange & self._words) and not _opposite(given, name)

    def _rival(self, given: str, card: Card, own: dict[str, str], distance: int) -> str:
        """Return another term that is nearer, or as near and easily confused."""
        mine = self._own[card.term].keys() | own.keys()
        partners = self._terms[card.term].partners
        for label, far, _ in process.extract(
            given, self._labels, scorer=OSA.distance, score_cutoff=distance, limit=None
        ):
            owners = self._owners[label]
            if label not in mine and (far < distance or owners & partners):
                return min(owners)
        return ""

    def _other(self, typed: str, answer: str, other: str) -> Verdict:
        term = self._terms[other].text
        message = f"That is another term: {term}. Here it is: {answer}."
        return Verdict(Outcome.OTHER, AGAIN, message, _diff(typed, answer), other)

    def _choice(self, typed: str, card: Card) -> Verdict:
        if key(typed) == key(card.back.answer) and typed in card.front.choices:
            return Verdict(Outcome.RIGHT, GOOD, "Right.")
        if typed in card.front.choices:
            message = f"It is {card.back.answer}. {card.back.note}"
            return Verdict(Outcome.OTHER, AGAIN, message, other=card.partner)
        return Verdict(Outcome.WRONG, AGAIN, f"It is {card.back.answer}.")


def _term(entry: Entry) -> _Term:
    return _Term(
        entry.term,
        entry.names(),
        frozenset(map(key, entry.forms())),
        frozenset(map(key, entry.labels.alt)),
        {key(word): _reason(word, entry) for word in entry.labels.avoid},
        frozenset(pair.other for pair in entry.confusions),
    )


def _reason(word: str, entry: Entry) -> str:
    """Return why a word is avoided, where the entry says so."""
    for error in entry.grammar:
        if contains(error.wrong, word):
            return error.why
    for friend in entry.false_friends:
        if contains(friend.trap, word):
            return f"{friend.trap[:1].upper()}{friend.trap[1:].rstrip('.')}."
    return ""


def _accepted(entry: Entry) -> dict[str, str]:
    """Return each accepted form by its key, the term first."""
    texts = [*entry.forms(), *entry.names()]
    accepted: dict[str, str] = {}
    for text in texts:
        accepted.setdefault(key(text), text)
    if entry.countable in ("countable", "both"):
        for text in entry.names():
            accepted.setdefault(plural(key(text)), text + "s")
    return accepted


def _in_full(said: str, term: _Term) -> str:
    """Return the full form of an acronym, or nothing if it is none."""
    if not ACRONYM.fullmatch(said):
        return ""
    full = [name for name in term.names if not ACRONYM.fullmatch(name)]
    letters = re.sub(r"[^a-z]", "", said.lower())
    spelt = [name for name in full if key(name)[:1] == letters[:1] and " " in key(name)]
    return (spelt or [""])[0]


def _nearest(given: str, own: Iterable[str]) -> tuple[str, int]:
    return min(
        ((name, int(OSA.distance(given, name))) for name in own),
        key=lambda pair: (
            pair[0].replace(" ", "") != given.replace(" ", ""),
            pair[1] - tolerance(pair[0]),
            pair[1],
        ),
    )


def _opposite(given: str, name: str) -> bool:
    """Return whether a prefix such as ``un`` makes the difference."""
    for a, b in zip(given.split(), name.split(), strict=False):
        short, long = sorted((a, b), key=len)
        if short != long and long.endswith(short):
            return bool(OPPOSITES.match(long.removesuffix(short)))
    return False


def _sentence(typed: str, card: Card) -> Verdict:
    def words(text: str) -> str:
        # Articles count: they may be the very error.
        text = unicodedata.normalize("NFKC", text).casefold()
        return " ".join(re.findall(r"[\w%+&/'-]+", text.replace("’", "'")))  # noqa: RUF001

    right = card.accepted[0]
    if words(typed) == words(right):
        return Verdict(Outcome.RIGHT, GOOD, "Right.")
    same = words(typed) == words(str(card.front.lines[0]))
    message = "The error is still there." if same else f"Here it is: {right}"
    return Verdict(Outcome.WRONG, AGAIN, message, _diff(typed, right))


def _wrong(typed: str, answer: str) -> Verdict:
    return Verdict(Outcome.WRONG, AGAIN, f"Here it is: {answer}.", _diff(typed, answer))


def _diff(typed: str, wanted: str) -> tuple[Change, ...]:
    typed = unicodedata.normalize("NFKC", typed).strip()
    a, b = typed.lower(), wanted.lower()
    if (len(a), len(b)) != (len(typed), len(wanted)):
        a, b = typed, wanted
    return tuple(
        Change(
            op.tag,
            typed[op.src_start : op.src_end],
            wanted[op.dest_start : op.dest_end],
        )
        for op in Levenshtein.opcodes(a, b)
    )
