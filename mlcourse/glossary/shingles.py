"""Eight words in a row, hashed: proof that a sentence is our own, without the source.

The repository holds ``glossary/schema/brief-shingles.txt``, one digest a line, and no
copy of the texts it was made of.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

__all__ = ["LENGTH", "borrowed", "shingles", "shingles_text"]

LENGTH = 8
DIGEST_BYTES = 6  # 281 billion values: no chance hit among a million sentences


def shingles(texts: Iterable[str]) -> frozenset[str]:
    """Return the digests of every eight words in a row.

    Case and punctuation do not count; a run does not cross from text to text.

    Args:
        texts: The reference texts.

    Example:
        >>> len(shingles(["one two three four five six seven eight nine"]))
        2
    """
    return frozenset(_digest(run) for text in texts for run in _runs(text))


def borrowed(text: str, references: frozenset[str]) -> str | None:
    """Return the first eight words that a text shares with the references, if any.

    Args:
        text: A sentence of ours.
        references: Digests from :func:`shingles`.
    """
    return next((run for run in _runs(text) if _digest(run) in references), None)


def shingles_text(texts: Iterable[str]) -> str:
    """Return the file of digests of some texts, sorted, one a line."""
    return "".join(f"{digest}\n" for digest in sorted(shingles(texts)))


def _runs(text: str) -> Iterator[str]:
    words = re.findall(r"[^\W_]+", text.casefold())
    for start in range(len(words) - LENGTH + 1):
        yield " ".join(words[start : start + LENGTH])


def _digest(run: str) -> str:
    return hashlib.blake2b(run.encode(), digest_size=DIGEST_BYTES).hexdigest()
