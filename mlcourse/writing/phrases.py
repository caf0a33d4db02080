"""A word or a phrase, found in the forms a writer may give it."""

import re
from functools import lru_cache

__all__ = ["Alternatives", "alternatives", "phrase_pattern"]

Alternatives = str | tuple[str, ...]


def alternatives(wanted: Alternatives) -> tuple[str, ...]:
    """Return the spellings that all count as the same thing.

    Example:
        >>> alternatives("Errors"), alternatives(("Errors", "Error handling"))
        (('Errors',), ('Errors', 'Error handling'))
    """
    return (wanted,) if isinstance(wanted, str) else wanted


@lru_cache(maxsize=1024)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Return a pattern for a phrase in any case, inflected, with hyphens or spaces.

    The regular forms of each word count ("retry", "retries", "retrying"), and the words
    may be joined, hyphenated or spaced ("roll back", "roll-back", "rollback").

    Args:
        phrase: In its plainest form: singular, present, the words apart.

    Example:
        >>> bool(phrase_pattern("idempotency key").search("two Idempotency-Keys"))
        True
        >>> bool(phrase_pattern("retry").search("it was retried"))
        True
    """
    words = re.findall(r"%|[^\s\-‐‑%]+", phrase.casefold())
    body = r"[\s\-‐-–]*".join(map(_inflected, words))
    # A phrase may begin or end with a sign, where a word boundary would never match.
    return re.compile(rf"(?<!\w){body}(?!\w)", re.IGNORECASE)


def _inflected(word: str) -> str:
    if word == "%":
        return r"(?:%|percent|per\s+cent)"
    stem, last = re.escape(word[:-1]), re.escape(word[-1:])
    if not word.isalpha() or len(word) < 3:
        return rf"{stem}{last}(?:['’]?s)?" if word[-1:].isalpha() else stem + last
    if last == "y" and word[-2] not in "aeiou":
        return rf"{stem}(?:y|y['’]s|ies|ied|ying)"
    if last == "e":
        return rf"{stem}(?:e|e['’]s|es|ed|en|ing|eing)"
    if word.endswith("is"):
        return rf"{re.escape(word[:-2])}(?:is|es)"
    return rf"{stem}{last}(?:['’]s|s|es|{last}?ed|{last}?ing)?"
