"""Sections, length and reading level of a memo."""

from collections.abc import Sequence

from mlcourse.writing.memo import Memo
from mlcourse.writing.phrases import Alternatives, alternatives
from mlcourse.writing.readability import Reading, reading_level
from mlcourse.writing.review import Fault, Verdict
from mlcourse.writing.sentences import words_of

__all__ = ["SECTION_WORDS", "TOLERANCE", "length", "reading", "sections"]

SECTION_WORDS = 15  # a heading with less below it is a heading only
TOLERANCE = 5.0  # so many grades above the limit leave nothing


def sections(memo: Memo, wanted: Sequence[Alternatives]) -> Verdict:
    """Judge whether each section is there, with something written below its heading.

    A section counts in part where it is shorter than 15 words of the writer's own. A
    heading that serves two sections needs twice as many.
    """
    below = [(_plain(head.text), head, words) for head, words in memo.sections()]
    titles = [[_plain(title) for title in alternatives(names)] for names in wanted]
    shares = []
    faults = []
    for names, spellings in zip(wanted, titles, strict=True):
        name = alternatives(names)[0]
        matching = []
        for heading, head, words in below:
            if any(spelling in heading for spelling in spellings):
                served = sum(any(t in heading for t in other) for other in titles)
                matching.append((words / (SECTION_WORDS * served), head, words))
        if not matching:
            shares.append(0.0)
            text = (
                f'no section "{name}": write a heading such as "## {name}" (bold text '
                "is no heading), and what belongs below it."
            )
            faults.append(Fault(text))
            continue
        share, head, words = max(matching, key=lambda item: item[0])
        shares.append(min(1.0, share))
        if share < 1:
            text = (
                f'below "{name}" stand {words} words of yours; a reader needs at least '
                f"{round(words / share) if share else SECTION_WORDS}."
            )
            faults.append(Fault(text, head.line, head.text))
    return Verdict(sum(shares) / len(shares), tuple(faults))


def length(memo: Memo, words: tuple[int, int]) -> Verdict:
    """Judge the length: too short by the words that are the writer's own."""
    low, high = words
    if memo.own_length < low:
        text = (
            f"{memo.own_length} words of your own; the brief asks for {low} to {high}. "
            "Code, headings, repeats and text that was handed out do not count."
        )
        return Verdict(memo.own_length / low, (Fault(text),))
    if memo.length > high:
        text = (
            f"{memo.length} words; the brief asks for {high} at most. Cut what your "
            "reader does not need in order to act."
        )
        return Verdict(max(0.0, 2 - memo.length / high), (Fault(text),))
    return Verdict(1.0)


def reading(memo: Memo, max_grade: float) -> tuple[Verdict, Reading] | None:
    """Judge the reading level; None where there is too little prose to judge."""
    prose = list(memo.sentences())
    level = reading_level([sentence.text for sentence in prose])
    if level is None:
        return None
    if level.grade <= max_grade:
        return Verdict(1.0), level
    worst = prose[level.hardest]
    start = " ".join(worst.text.split()[:6])
    text = (
        f"grade {level.grade:.1f}; this reader needs {max_grade:g} or less. Write "
        "shorter sentences and shorter words. The heaviest sentence "
        f'({len(words_of(worst.text))} words) begins "{start}".'
    )
    share = max(0.0, 1 - (level.grade - max_grade) / TOLERANCE)
    return Verdict(share, (Fault(text, worst.line, start),)), level


def _plain(heading: str) -> str:
    return " ".join(words_of(heading.replace("-", " ")))
