"""How an entry explains: length, no circle, no jargon, right spelling, own words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.folding import contains, fold, phrases
from mlcourse.glossary.rules.context import Context, Rule, fault, texts
from mlcourse.glossary.shingles import borrowed
from mlcourse.glossary.spelling import is_known

__all__ = ["WORDING"]

DEFINITION_WORDS = (8, 40)
PLAIN_WORDS = 35
NEW_WORD = "correct it, or add it to glossary/schema/words.txt"
LINK_WORDS = frozenset({"a", "an", "and", "as", "by", "for", "in", "of", "on", "to"})
# Longest first; what is left of a word when its ending goes, if four letters are.
ENDINGS = re.compile(
    r"(?<=\w{4})(izations?|ations?|ments?|ings?|ions?|ers?|ors?|ity|ities|ized?|ize"
    r"|able|ed|es|e|s|y|ly|al)$"
)
LOUD = re.compile("[!\N{FULLWIDTH EXCLAMATION MARK}\U0001f000-\U0001faff\u2600-\u27bf]")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")  # noqa: RUF001


def definition_is_8_to_40_words(entry: Entry, _: Context) -> Iterator[Fault]:
    """A definition has 8 to 40 words."""
    least, most = DEFINITION_WORDS
    count = len(entry.definition.split())
    if not least <= count <= most:
        yield fault(
            entry,
            definition_is_8_to_40_words,
            "definition",
            entry.definition,
            f"has {count} words, must have {least} to {most}",
            fix="say what it is, then what it is for",
        )


def definition_is_not_circular(entry: Entry, _: Context) -> Iterator[Fault]:
    """A definition does not use the term, nor all of its words in another order.

    One word of the term may stand in it: a canary deployment is a deployment.
    """
    said = next((n for n in entry.names() if contains(entry.definition, n)), None)
    own = {_stem(word) for word in fold(entry.term).split() if word not in LINK_WORDS}
    used = {_stem(word) for word in fold(entry.definition).split()}
    if said or own <= used:
        yield fault(
            entry,
            definition_is_not_circular,
            "definition",
            entry.definition,
            f"explains {entry.term!r} by {said or 'its own words'!r}",
            fix="explain it to somebody who does not know these words",
        )


def plain_is_at_most_35_words(entry: Entry, _: Context) -> Iterator[Fault]:
    """The plain words are at most 35."""
    count = len(entry.plain.split())
    if count > PLAIN_WORDS:
        yield fault(
            entry,
            plain_is_at_most_35_words,
            "plain",
            entry.plain,
            f"has {count} words, must have at most {PLAIN_WORDS}",
            fix="keep what the listener needs to decide",
        )


def plain_has_no_jargon(entry: Entry, context: Context) -> Iterator[Fault]:
    """The plain words hold no name of another core term, unless it is everyday."""
    for run in phrases(entry.plain):
        others = context.jargon.get(run, frozenset()) - {entry.slug}
        if others:
            yield fault(
                entry,
                plain_has_no_jargon,
                "plain",
                entry.plain,
                f"holds {run!r}, a name of {', '.join(sorted(others))}",
                fix="say it in everyday words",
            )


def text_is_calm(entry: Entry, _: Context) -> Iterator[Fault]:
    """No text holds an exclamation mark or an emoji."""
    for field, text in texts(entry):
        found = LOUD.search(text)
        if found:
            yield fault(
                entry,
                text_is_calm,
                field,
                text,
                f"holds {found[0]!r}",
                fix="say it calmly",
            )


def sentence_ends(entry: Entry, _: Context) -> Iterator[Fault]:
    """Definition, plain words, examples and answers end as a sentence does."""
    ending = [(field, text) for field, text in texts(entry) if _is_sentence(field)]
    for field, text in ending:
        if not re.search(r"[.?…][\"')\]]*$", text):
            yield fault(
                entry,
                sentence_ends,
                field,
                text,
                "does not end with a full stop",
                fix="end the sentence",
            )


def text_is_our_own(entry: Entry, context: Context) -> Iterator[Fault]:
    """No text shares eight words in a row with the references."""
    for field, text in texts(entry):
        bare = text.replace("[[", "").replace("]]", "")
        run = borrowed(bare, context.references) if context.references else None
        if run:
            yield fault(
                entry,
                text_is_our_own,
                field,
                run,
                "stands in a source in the same eight words",
                fix="write it in your own words",
            )


def text_is_spelt_right(entry: Entry, context: Context) -> Iterator[Fault]:
    """No text holds a known misspelling; a word that no list has is a warning.

    What begins with a capital (names, acronyms) is not judged, nor is IPA, nor a
    respelling in the note on pronunciation.
    """
    misspellings = context.misspellings or {}
    for field, text in texts(entry):
        if field == "pronunciation.note":
            continue
        for word in dict.fromkeys(WORD.findall(text)):
            if not (word.islower() and word.isascii()):
                continue
            wrong = word in misspellings
            if not wrong and (not context.words or is_known(word, context.words)):
                continue
            yield fault(
                entry,
                text_is_spelt_right,
                field,
                word,
                "is misspelt" if wrong else "is no word we know",
                fix=f"write {misspellings[word]}" if wrong else NEW_WORD,
                warning=not wrong,
            )


def _is_sentence(field: str) -> bool:
    return field in ("definition", "plain") or field.endswith(
        ("examples[0].text", "examples[1].text", "difference", "model_answer")
    )


def _stem(word: str) -> str:
    shorter = ENDINGS.sub("", word)
    return word if shorter == word else _stem(shorter)


WORDING: tuple[Rule, ...] = (
    definition_is_8_to_40_words,
    definition_is_not_circular,
    plain_is_at_most_35_words,
    plain_has_no_jargon,
    text_is_calm,
    sentence_ends,
    text_is_our_own,
    text_is_spelt_right,
)
