"""What a memo must do, and the review of one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mlcourse.writing.claims import OVERCLAIMS, claims
from mlcourse.writing.memo import Memo, read_memo
from mlcourse.writing.phrases import Alternatives, alternatives
from mlcourse.writing.results import (
    Number,
    Result,
    Value,
    intervals,
    read_results,
    reported,
    sightings,
    unsupported,
)
from mlcourse.writing.review import Fault, Finding, Review, Verdict
from mlcourse.writing.structure import length, reading, sections
from mlcourse.writing.terms import jargon, terms

__all__ = ["WEIGHTS", "Brief"]

WEIGHTS = {
    "sections": 2.0,
    "length": 1.0,
    "numbers": 3.0,
    "intervals": 2.0,
    "unsupported": 1.0,
    "terms": 2.0,
    "jargon": 1.0,
    "reading": 1.0,
    "claims": 1.0,
}
_CONTENT = frozenset({"sections", "length", "numbers", "intervals", "terms"})
_SHORT = 40  # words that earn the other criteria in full where no length is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a memo must do for its reader.

    Only what is asked is judged. A criterion is met in part where some of its items
    are; the score is the mean of the criteria, weighted.

    Args:
        sections: Headings, of any level, that must be there with at least 15 words
            below: a name, or a tuple of names of which one will do. A heading matches
            that contains the name, in any case.
        words: Least and most words, outside headings and code.
        numbers: Results that the memo must state, by the name of their value.
        strict_units: Units in which every number must be one of the results.
        terms: Words to use, in their plainest form; inflections, hyphens and spaces
            are found, and names with an underscore in code spans too. A tuple holds
            alternatives.
        avoid: Words this reader does not know, each with what to write instead.
        max_grade: Highest Flesch-Kincaid grade of the prose.
        overclaims: Claims no data can carry, each with what to write instead. To add
            some: ``OVERCLAIMS | {"best in class": "name what you compared"}``. Where a
            contract may say "always", leave that key out.
        given: Texts handed out, such as the task or the template. Words that repeat
            them do not count.
        weights: Criterion to weight, where it differs from ``WEIGHTS``.

    Raises:
        TypeError: If one text stands where a tuple of texts is due.
        ValueError: If the brief asks for nothing, or for what cannot be met.

    Example:
        >>> brief = Brief(words=(5, 50), numbers={"p95": Number("ms")})
        >>> review = brief.review("Nine in ten calls end fast.", values={"p95": 12.34})
        >>> review.by_criterion["numbers"]
        0.0
        >>> print(review.findings[0])
        Your numbers: Your p95 does not appear. Print it and write it in ms, with at \
least two significant digits.
    """

    sections: Sequence[Alternatives] = ()
    words: tuple[int, int] | None = None
    numbers: Mapping[str, Number] = field(default_factory=dict)
    strict_units: Sequence[str] = ()
    terms: Sequence[Alternatives] = ()
    avoid: Mapping[str, str] = field(default_factory=dict)
    max_grade: float | None = None
    overclaims: Mapping[str, str] = field(default_factory=lambda: dict(OVERCLAIMS))
    given: Sequence[str] = ()
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("sections", "strict_units", "terms", "given"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise TypeError(f"{name} == {value!r}, must be a tuple of texts.")
        names = [
            word
            for term in (*self.sections, *self.terms)
            for word in alternatives(term)
        ]
        for word in (*names, *self.avoid, *self.overclaims):
            if not any(map(str.isalnum, word)):
                raise ValueError(f"{word!r} is no word to look for; remove it.")
        for word in self.avoid:
            if any(word in alternatives(term) for term in self.terms):
                raise ValueError(f"{word!r} is in terms and in avoid; remove one.")
        if self.words is not None and not 0 < self.words[0] <= self.words[1]:
            raise ValueError(f"words == {self.words!r}, must be 0 < least <= most.")
        if self.max_grade is not None and not self.max_grade > 0:
            raise ValueError(f"max_grade == {self.max_grade!r}, must be > 0.")
        if self.strict_units and not self.numbers:
            raise ValueError("strict_units needs numbers to compare with; add some.")
        asked = (*names, *self.avoid, *self.overclaims, *self.numbers)
        if not asked and self.words is None and self.max_grade is None:
            raise ValueError("The brief asks for nothing; give it a criterion.")
        for name, weight in self.weights.items():
            if name not in WEIGHTS or not weight > 0:
                known = ", ".join(WEIGHTS)
                raise ValueError(
                    f"weights[{name!r}] == {weight!r}, must be > 0, of one of: {known}."
                )

    def review(self, text: str, *, values: Mapping[str, Value] | None = None) -> Review:
        """Judge a memo.

        The criteria that ask for something to be absent (jargon, over-claims, made-up
        numbers, hard sentences) count in full from half the length asked, so that an
        empty memo earns nothing. Where more than half of the words are repeated,
        handed out or placeholders, the criteria of content earn nothing.

        Args:
            text: The memo, in Markdown.
            values: What the writer computed, by the names in ``numbers``: one number,
                or ``(low, point, high)`` where an interval is due. Others are ignored.

        Returns:
            The score, how far each criterion is met, and what to mend.

        Raises:
            TypeError: If the memo is not text.
            ValueError: If a value is missing or not finite.
        """
        if not isinstance(text, str):
            raise TypeError(f"text == {text!r}, must be a str of Markdown.")
        results = read_results(self.numbers, values or {})
        memo = read_memo(text, given=self.given)
        level = reading(memo, self.max_grade) if self.max_grade is not None else None
        verdicts = self._verdicts(memo, results)
        if level is not None:
            verdicts["reading"] = level[0]
        verdicts = {
            criterion: self._weighed(criterion, verdicts[criterion], memo)
            for criterion in WEIGHTS
            if criterion in verdicts
        }
        weights = {name: self.weights.get(name, WEIGHTS[name]) for name in verdicts}
        earned = sum(weights[name] * found.share for name, found in verdicts.items())
        return Review(
            score=earned / sum(weights.values()) if weights else 0.0,
            by_criterion={name: found.share for name, found in verdicts.items()},
            findings=(
                *_findings("text", Verdict(0.0, tuple(_no_text(memo)))),
                *(
                    f
                    for name, found in verdicts.items()
                    for f in _findings(name, found)
                ),
            ),
            words=memo.own_length,
            grade=None if level is None else level[1].grade,
        )

    def _verdicts(self, memo: Memo, results: Sequence[Result]) -> dict[str, Verdict]:
        """Judge all that is asked, but for the reading level."""
        due = [result for result in results if result.number.required]
        uncertain = [result for result in due if result.number.interval]
        seen = sightings(memo) if due else []
        criteria: dict[str, tuple[object, Callable[[], Verdict]]] = {
            "sections": (self.sections, lambda: sections(memo, self.sections)),
            "length": (self.words, lambda: length(memo, self.words or (0, 0))),
            "numbers": (due, lambda: reported(due, results, seen)),
            "intervals": (uncertain, lambda: intervals(uncertain, seen)),
            "unsupported": (
                self.strict_units,
                lambda: unsupported(results, memo, self.strict_units),
            ),
            "terms": (self.terms, lambda: terms(memo, self.terms)),
            "jargon": (self.avoid, lambda: jargon(memo, self.avoid)),
            "claims": (self.overclaims, lambda: claims(memo, self.overclaims)),
        }
        return {name: judge() for name, (asked, judge) in criteria.items() if asked}

    def _weighed(self, criterion: str, verdict: Verdict, memo: Memo) -> Verdict:
        """Take from a verdict what a text too short or not the writer's own earns."""
        if criterion in _CONTENT:
            return Verdict(0.0) if memo.copied else verdict
        enough = max(1, self.words[0] // 2) if self.words else _SHORT
        if memo.own_length >= enough:
            return verdict
        share = verdict.share * memo.own_length / enough
        text = f"this counts in full from {enough} words of your own."
        return Verdict(share, (*verdict.faults, Fault(text)))


def _no_text(memo: Memo) -> Iterator[Fault]:
    if memo.length == 0:
        yield Fault("there is nothing to read yet. Write the memo in this cell.")
    elif memo.own_length == 0:
        yield Fault("this is only what was handed out. Write the memo in its place.")
    elif memo.copied:
        yield Fault(
            f"of {memo.length} words, {memo.length - memo.own_length} repeat others, "
            "or the task, or are placeholders. Say each thing once, in your own words."
        )


def _findings(criterion: str, verdict: Verdict) -> Iterator[Finding]:
    for message, line, quote in verdict.faults:
        sentence = message[:1].upper() + message[1:]
        yield Finding(criterion, verdict.share, sentence, line, quote)
