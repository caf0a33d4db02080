"""Where sentences end and what counts as a word, in plain English prose."""

import re
from collections.abc import Iterator

__all__ = ["WORD", "sentence_spans", "words_of"]

WORD = re.compile(r"[^\W_]+(?:['’\-‐‑][^\W_]+)*")

_STOP = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’)\]]*(?=\s)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]+\Z")
_NEXT = re.compile(r"\s*(p\d\d|\S)")  # "p95 is ..." opens a sentence in lower case
_ABBREVIATIONS = frozenset(
    {
        "e.g",
        "i.e",
        "eg",
        "ie",
        "vs",
        "cf",
        "approx",
        "ca",
        "resp",
        "incl",
        "al",
        "dr",
        "mr",
        "mrs",
        "prof",
        "st",
        "a.k.a",
    }
)
_BEFORE_A_NUMBER = frozenset(
    {"no", "nos", "fig", "figs", "eq", "sec", "ch", "vol", "min", "max"}
)


def words_of(text: str) -> list[str]:
    """Return the words of a text, numbers included, in lower case.

    Example:
        >>> words_of("It's 12 read-only calls.")
        ["it's", '12', 'read-only', 'calls']
    """
    return WORD.findall(text.casefold())


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each sentence.

    A full stop inside a number, after an abbreviation or an initial, or before a word
    in lower case ends nothing.

    Args:
        text: One paragraph or list item, without markup.

    Example:
        >>> text = "Use a cache, e.g. Redis, at p95. of 1.5 s. Then stop."
        >>> [text[start:end] for start, end in sentence_spans(text)]
        ['Use a cache, e.g. Redis, at p95. of 1.5 s.', 'Then stop.']
    """
    start = 0
    for stop in _STOP.finditer(text):
        if _ends_sentence(text, stop):
            yield from _trimmed(text, start, stop.end())
            start = stop.end()
    yield from _trimmed(text, start, len(text))


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    following = _NEXT.match(text, stop.end())
    if following is None:
        return True
    opening = following[1]
    if opening[0].islower() and len(opening) == 1:
        return False
    if not stop[0].startswith(".") or stop[0].startswith(".."):
        return True
    last = _LAST_WORD.search(text, max(0, stop.start() - 20), stop.start())
    word = last[0].casefold() if last else ""
    if word in _BEFORE_A_NUMBER:
        return not opening.isdigit()
    initial = len(word) == 1 and last is not None and last[0].isupper()
    return word not in _ABBREVIATIONS and not initial


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    begin = start + len(part) - len(part.lstrip())
    finish = start + len(part.rstrip())
    if begin < finish:
        yield begin, finish
