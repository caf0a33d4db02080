"""A memo as the criteria see it: its parts, and which words are the writer's own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mlcourse.writing.markdown import Passage, passages
from mlcourse.writing.sentences import words_of

__all__ = ["Memo", "read_memo"]

REPEAT = 6  # that many words in a row, seen before, are a copy

_PLACEHOLDER = re.compile(
    r"\W*(?:(?:write|add|put|type|fill in|insert|enter) (?:(?:your|the) )?"
    r"(?:text|answer|memo|words|own words)?\s*(?:here|below)|your (?:text|answer|memo|"
    r"code|words)(?: goes)?(?: here)?|to\s?do|tbd|tba|fixme|n/?a|x{2,}|coming soon|"
    r"replace (?:me|this(?: text)?)|\[[^\]]*\]|<[^>]*>)\W*",
    re.IGNORECASE,
)
_LOREM = re.compile(
    r"\b(?:lorem|ipsum|dolor|amet|consectetur|adipiscing|elit|eiusmod|incididunt|"
    r"labore|aliqua|veniam|nostrud|ullamco|laboris|commodo|consequat|aute|irure|"
    r"voluptate|velit|cillum|fugiat|nulla|pariatur|excepteur|sint|occaecat|cupidatat|"
    r"proident|culpa|officia|deserunt|mollit|laborum)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Memo:
    """A memo, read once.

    Args:
        passages: Headings, sentences and table cells, in order.
        words: How many words each passage has; headings have none that count.
        own: How many of those are neither repeated, nor handed out, nor placeholders.
    """

    passages: tuple[Passage, ...]
    words: tuple[int, ...]
    own: tuple[int, ...]

    @property
    def length(self) -> int:
        """Words outside headings and code."""
        return sum(self.words)

    @property
    def own_length(self) -> int:
        """Words of the writer's own."""
        return sum(self.own)

    @property
    def copied(self) -> bool:
        """Whether half of the words or more are not the writer's own."""
        return 2 * self.own_length <= self.length

    def sentences(self) -> Iterator[Passage]:
        """Yield the sentences, copied ones too."""
        return (part for part in self.passages if part.kind == "sentence")

    def own_sentences(self) -> Iterator[Passage]:
        """Yield the sentences of which at least half is the writer's own."""
        for part, words, own in zip(self.passages, self.words, self.own, strict=True):
            if part.kind == "sentence" and words and 2 * own >= words:
                yield part

    def places(self) -> Iterator[list[Passage]]:
        """Yield what stands together: one sentence, or the cells of one row."""
        for _, group in groupby(self.passages, key=lambda part: part.place):
            yield list(group)

    def sections(self) -> Iterator[tuple[Passage, int]]:
        """Yield each heading with the own words below it, subsections included.

        A single top heading above others is the title of the memo, not a section.
        """
        heads = [i for i, part in enumerate(self.passages) if part.kind == "heading"]
        levels = [self.passages[i].level for i in heads]
        titled = len(heads) > 1 and levels[0] < min(levels[1:])
        for i in heads[titled:]:
            end = i + 1
            while end < len(self.passages) and not (
                self.passages[end].kind == "heading"
                and self.passages[end].level <= self.passages[i].level
            ):
                end += 1
            yield self.passages[i], sum(self.own[i:end])


def read_memo(text: str, *, given: Sequence[str] = ()) -> Memo:
    """Read a memo and find which of its words are the writer's own.

    Words are not the writer's own where six in a row have stood before, in the memo
    or in the texts handed out, and in placeholders ("Write here.", "TODO", lorem
    ipsum).

    Args:
        text: The memo, in Markdown.
        given: The texts handed out: the task, the template.

    Example:
        >>> read_memo("We saw no errors in the last ten days. " * 9).own_length
        9
    """
    # A surrogate cannot be shown: it would break the page that quotes it.
    text = text.encode("utf-8", "replace").decode("utf-8")
    parts = passages(text)
    tokens = [[] if p.kind == "heading" else words_of(p.text) for p in parts]
    seen: set[tuple[str, ...]] = set()
    for handed_out in given:
        _fresh([word for p in passages(handed_out) for word in words_of(p.text)], seen)
    fresh = iter(_fresh([word for words in tokens for word in words], seen))
    own = []
    for part, words in zip(parts, tokens, strict=True):
        kept = sum(next(fresh) for _ in words)
        own.append(0 if _is_placeholder(part.text) else kept)
    return Memo(parts, tuple(map(len, tokens)), tuple(own))


def _fresh(words: list[str], seen: set[tuple[str, ...]]) -> list[bool]:
    """Return which words are in no run of ``REPEAT`` words seen before; add to seen."""
    fresh = [True] * len(words)
    for start in range(len(words) - REPEAT + 1):
        run = tuple(words[start : start + REPEAT])
        if run in seen:
            fresh[start : start + REPEAT] = [False] * REPEAT
        seen.add(run)
    return fresh


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(text)) or len(_LOREM.findall(text)) >= 2
