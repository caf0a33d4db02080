"""What an auditor would send back of a card."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from mlcourse.cards.estimate import Estimate
from mlcourse.cards.figures import shows, stray_figures
from mlcourse.cards.schema import SECTIONS, Card
from mlcourse.writing.memo import read_memo
from mlcourse.writing.numbers import find_figures
from mlcourse.writing.phrases import phrase_pattern

__all__ = ["CRITERIA", "CardReview", "Fault", "review_card"]

SECTION_WORDS = 12  # fewer words of one's own say nothing to an auditor
CRITERIA = {
    "sections": "Nine sections",
    "numbers": "Numbers say what they are",
    "worst": "The worst slice is named",
    "claims": "Claims bring a number",
}
# Words that judge how good the model is. A sentence that has one owes a number.
CLAIMS = (
    ("accurate", "accuracy", "reliable", "robust", "precise")
    + ("outperform", "well calibrated", "perform well", "work well", "performs badly")
    + ("better than", "worse than", "higher than", "lower than", "more often than")
    + ("less often than", "significant", "negligible", "similar error", "equally well")
    + ("large gap", "small gap", "rarely miss", "good recall", "poor recall")
    + ("high recall", "low recall", "fair to", "unfair to", "biased against")
)
_OPEN = re.compile(  # what is not known, asked, or a rule for people is no claim
    r"\b(?:not (?:know|test|measur|evaluat|check|a|an|the)\w*|unknown|whether|cannot|"
    r"if|must|should|may|might|could|would|do not|does not|aims?|no evidence)\b"
    r"|\?\s*\Z",
    re.IGNORECASE,
)


class Fault(NamedTuple):
    """One thing that an auditor would send back.

    Args:
        criterion: A key of ``CRITERIA``.
        section: Heading of the section, empty for the whole card.
        message: What is wrong.
    """

    criterion: str
    section: str
    message: str

    def __str__(self) -> str:
        return f"{self.section}: {self.message}" if self.section else self.message


@dataclass(frozen=True, slots=True)
class CardReview:
    """What came of reading a card.

    Args:
        faults: What must be mended, by section.
    """

    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.faults

    def of(self, criterion: str) -> tuple[Fault, ...]:
        """Return the faults of one criterion.

        Raises:
            ValueError: If there is no such criterion.
        """
        if criterion not in CRITERIA:
            known = ", ".join(CRITERIA)
            raise ValueError(f"criterion == {criterion!r}, must be one of: {known}.")
        return tuple(fault for fault in self.faults if fault.criterion == criterion)

    def __str__(self) -> str:
        lines = [
            f"{CRITERIA[name]}: {len(self.of(name)) or 'nothing'} to mend"
            for name in CRITERIA
        ]
        return "\n".join([*lines, *(f"- {fault}" for fault in self.faults)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li><b>{escape(label)}:</b> {len(self.of(name)) or 'nothing'} to mend"
            + "".join(f"<div>{escape(str(fault))}</div>" for fault in self.of(name))
            + "</li>"
            for name, label in CRITERIA.items()
        )
        style = "border-left:4px solid #888;padding:4px 12px;color:inherit"
        return f'<div style="{style}">Review of the card<ul>{rows}</ul></div>'


def review_card(
    card: Card, numbers: Mapping[str, Estimate], *, worst: Estimate
) -> CardReview:
    """Read a filled card as an auditor would.

    - Each of the nine sections holds at least 12 words.
    - Each figure is a number of the evaluation, in a sentence or table row that names
      its metric and its slice.
    - The section on quantitative analyses names the worst slice, and gives its number.
    - A sentence that judges the model ("accurate", "worse than") holds a figure; what
      it calls unknown, and rules for people, are no claims.

    It reads words, so it cannot tell whether a sentence is true or enough.

    Args:
        card: The card, filled.
        numbers: The evaluation, by key.
        worst: The estimate of the slice that must be named.

    Raises:
        ValueError: If ``worst`` has no slice.
    """
    if not worst.slice:
        raise ValueError(f"worst == {worst!r}, must be the estimate of a slice.")
    faults = [*_sections(card)]
    for section in SECTIONS:
        text = card.texts.get(section.name, "")
        for message in stray_figures(text, numbers):
            faults.append(Fault("numbers", section.heading, message))
        for message in _claims(text):
            faults.append(Fault("claims", section.heading, message))
    if not _names_worst(card.texts.get("analyses", ""), worst):
        message = f"name the slice with the worst {worst.metric}, with its number"
        faults.append(Fault("worst", "Quantitative analyses", message))
    order = [section.heading for section in SECTIONS]
    return CardReview(tuple(sorted(faults, key=lambda f: order.index(f.section))))


def _sections(card: Card) -> Iterator[Fault]:
    for section in SECTIONS:
        words = read_memo(card.texts.get(section.name, "")).own_length
        if words < SECTION_WORDS:
            message = f"{words} words; say {section.asks}"
            yield Fault("sections", section.heading, message)


def _claims(text: str) -> Iterator[str]:
    for part in read_memo(text).sentences():
        said = part.with_code
        if find_figures(said) or _OPEN.search(said) or part.quoted:
            continue
        for claim in CLAIMS:
            if found := phrase_pattern(claim).search(said):
                yield f'"{found[0]}" is a claim; give its number in the sentence'
                break


def _names_worst(text: str, worst: Estimate) -> bool:
    for group in read_memo(text).places():
        said = " ".join(part.with_code for part in group).casefold()
        if worst.slice.casefold() in said and any(
            shows(figure, worst)
            for part in group
            for figure in find_figures(part.with_code, labels=part.labels)
        ):
            return True
    return False
