"""One form for what a reader takes as one word: case, accents, hyphens, UK and US.

A folded text is a key to compare with, never something to show.
"""

import re
import unicodedata
from functools import lru_cache

__all__ = ["contains", "fold", "phrases", "plural"]

_APOSTROPHES = re.compile(r"['`´‘’ʼ]")  # noqa: RUF001
_ONE_LETTER_EACH = re.compile(r"\b([^\W_])/([^\W_])\b")
_NOT_A_WORD = re.compile(r"(?:[^\w+#&%]|_)+")
_ARTICLES = re.compile(r"^(?:(?:the|an|a(?! \w\b)) )+(?=\w)")

# UK endings and stems on the left, US on the right. Only a key: that "noise" becomes
# "noize" harms nobody, as no word of the language is taken for another.
_SPELLINGS = (
    (r"([a-z]{2})is(e[drs]?|ers?|ing|ations?|able)\b", r"\1iz\2"),
    (r"\b(anal|catal|paral)ys(e[drs]?|ing)\b", r"\1yz\2"),
    (r"\b(behavi|col|fav|flav|harb|hon|lab|neighb|rum)our", r"\1or"),
    (r"\b(cancel|channel|label|level|model|signal|travel|tunnel)l(ed|er|ing)", r"\1\2"),
    (r"\b(anal|catal|dial)ogue", r"\1og"),
    (r"\b(cent|fib|lit|met|theat)re", r"\1er"),
    (r"\b(def|lic|off|pret)ence", r"\1ense"),
    (r"\bartefact", "artifact"),
    (r"\bprogramme\b", "program"),
    (r"\bprogrammes\b", "programs"),
    (r"\bgrey", "gray"),
    (r"\bjudgement", "judgment"),
    (r"\bageing\b", "aging"),
)
_US = tuple((re.compile(uk), us) for uk, us in _SPELLINGS)


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Return the form in which two spellings of the same words are equal.

    Case, accents, punctuation, a leading article and UK against US spelling do not
    count; a hyphen or a slash is a space, except between single letters (A/B, I/O).

    Example:
        >>> fold("The Labelled-Data"), fold("labeled data")
        ('labeled data', 'labeled data')
        >>> fold("A/B testing")
        'ab testing'
    """
    bare = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    bare = _APOSTROPHES.sub("", bare)
    bare = _ONE_LETTER_EACH.sub(r"\1\2", bare)
    bare = _NOT_A_WORD.sub(" ", bare).strip()
    for uk, us in _US:
        bare = uk.sub(us, bare)
    return _ARTICLES.sub("", bare)


def plural(folded: str) -> str:
    """Return the regular plural of a folded noun.

    Example:
        >>> plural("entity"), plural("batch"), plural("data contract")
        ('entities', 'batches', 'data contracts')
    """
    if re.search(r"[^aeiou]y$", folded):
        return folded[:-1] + "ies"
    return folded + ("es" if re.search(r"(s|x|z|ch|sh)$", folded) else "s")


def phrases(text: str, *, longest: int = 6) -> dict[str, int]:
    """Return each run of words of a text, folded, with how often it occurs.

    Args:
        text: Any text.
        longest: The most words in a run.

    Example:
        >>> phrases("drift, then drift")
        {'drift': 2, 'drift then': 1, 'drift then drift': 1, 'then': 1, 'then drift': 1}
    """
    words = fold(text).split()
    found: dict[str, int] = {}
    for start in range(len(words)):
        for stop in range(start + 1, min(start + longest, len(words)) + 1):
            run = " ".join(words[start:stop])
            found[run] = found.get(run, 0) + 1
    return found


def contains(text: str, phrase: str) -> bool:
    """Return whether a phrase, or its regular plural, stands in a text as whole words.

    Example:
        >>> contains("Two canary releases failed.", "canary release")
        True
        >>> contains("We tested it.", "test")
        False
    """
    padded = f" {fold(text)} "
    folded = fold(phrase)
    return f" {folded} " in padded or f" {plural(folded)} " in padded
