"""Words a memo must use, and words its reader does not know."""

import re
from collections.abc import Mapping, Sequence

from mlcourse.writing.memo import Memo
from mlcourse.writing.phrases import Alternatives, alternatives, phrase_pattern
from mlcourse.writing.review import Fault, Verdict
from mlcourse.writing.sentences import words_of

__all__ = ["TOLERATED", "jargon", "terms"]

TOLERATED = 3  # that many slips leave nothing of a criterion
_AROUND = 4  # other words a sentence needs before it says something about a term


def terms(memo: Memo, wanted: Sequence[Alternatives]) -> Verdict:
    """Judge whether each term is used in a sentence of the writer's own.

    A sentence that is little more than a list of terms does not count: it needs four
    other words, and two for each term it holds. A term with an underscore is a name in
    code, and counts in a code span too.
    """
    patterns = {
        spelling: phrase_pattern(spelling)
        for term in wanted
        for spelling in alternatives(term)
    }
    used: set[str] = set()
    for sentence in memo.own_sentences():
        held = {
            spelling
            for spelling, pattern in patterns.items()
            if pattern.search(sentence.with_code if "_" in spelling else sentence.text)
        }
        others = sentence.text
        for spelling in held:
            others = patterns[spelling].sub(" ", others)
        if len(words_of(others)) >= max(_AROUND, 2 * len(held)):
            used |= held
    faults = tuple(
        _unused(memo, [patterns[spelling] for spelling in alternatives(term)], term)
        for term in wanted
        if used.isdisjoint(alternatives(term))
    )
    return Verdict(1 - len(faults) / len(wanted), faults)


def jargon(memo: Memo, avoid: Mapping[str, str]) -> Verdict:
    """Judge whether the words that this reader does not know stay out of the prose.

    Each word takes a third, or a word's part of a shorter list.
    """
    faults: list[Fault] = []
    for word, instead in avoid.items():
        for part in memo.passages:
            found = phrase_pattern(word).search(part.text)
            if found:
                quote = " ".join(found[0].split())
                text = f'"{quote}" is not a word for this reader: {instead}.'
                faults.append(Fault(text, part.line_at(found.start()), quote))
                break
    share = 1 - len(faults) / min(TOLERATED, len(avoid))
    return Verdict(max(0.0, share), tuple(faults))


def _unused(
    memo: Memo, patterns: Sequence[re.Pattern[str]], term: Alternatives
) -> Fault:
    name = alternatives(term)[0]
    advice = "Use it in a sentence that tells the reader something about it."
    for part in memo.passages:
        if any(pattern.search(part.with_code) for pattern in patterns):
            text = (
                f'"{name}" stands in a list of words, a heading, a table, code, or '
                f"text that is not yours, which does not count. {advice}"
            )
            return Fault(text, part.line)
    return Fault(f'"{name}" is not used. {advice}')
