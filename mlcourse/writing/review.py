"""What the checker says about a memo, for a notebook, a terminal and a grader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

__all__ = ["LABELS", "Fault", "Finding", "Review", "Verdict"]

LABELS = {
    "text": "Text",
    "sections": "Sections",
    "length": "Length",
    "numbers": "Your numbers",
    "intervals": "Intervals",
    "unsupported": "Nothing made up",
    "terms": "Terms",
    "jargon": "Words this reader knows",
    "reading": "Reading level",
    "claims": "No over-claims",
}


class Fault(NamedTuple):
    """One thing to mend: what is wrong and what to do, and where.

    Args:
        message: A sentence or two.
        line: Line of the memo, from 1; None where it is about the whole.
        quote: The words concerned, as written.
    """

    message: str
    line: int | None = None
    quote: str = ""


class Verdict(NamedTuple):
    """How far one criterion is met, from 0 to 1, and what is missing."""

    share: float
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, with the criterion it counts against.

    Args:
        criterion: A key of ``LABELS``.
        share: How far that criterion is met, from 0 to 1.
        message: What is wrong and what to do.
        line: Line of the memo, from 1; None where it is about the whole.
        quote: The words concerned, as written.
    """

    criterion: str
    share: float
    message: str
    line: int | None = None
    quote: str = ""

    def __str__(self) -> str:
        where = "" if self.line is None else f" (line {self.line})"
        return f"{LABELS[self.criterion]}{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Review:
    """How well a memo meets its brief.

    Args:
        score: Weighted mean of ``by_criterion``, from 0 to 1.
        by_criterion: Criterion to the share of it that is met, from 0 to 1.
        findings: What to mend, in the order of the criteria, then of the lines.
        words: How many words of the writer's own there are.
        grade: Flesch-Kincaid grade, or None where it was not asked or not judged.
    """

    score: float
    by_criterion: Mapping[str, float]
    findings: tuple[Finding, ...]
    words: int
    grade: float | None = field(default=None)

    def __str__(self) -> str:
        lines = [f"Memo: {_percent(self.score)} ({self._facts()})"]
        lines += [
            f"  {_percent(share):>5}  {LABELS[criterion]}"
            for criterion, share in self.by_criterion.items()
        ]
        lines += [f"{i}. {finding}" for i, finding in enumerate(self.findings, 1)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        # Colours are the page's own (currentColor), so light and dark both work; the
        # percentage says in words what the bar shows.
        cell = "text-align:left;padding:2px 12px 2px 0;border:0;background:none"
        rows = "".join(
            '<tr style="background:none">'
            f'<td style="{cell}">{escape(LABELS[criterion])}</td>'
            f'<td style="{cell}">{_percent(share)}</td>'
            f'<td style="{cell};width:8em">{_bar(share)}</td></tr>'
            for criterion, share in self.by_criterion.items()
        )
        items = "".join(
            f'<li style="margin:4px 0"><b>{escape(LABELS[item.criterion])}</b>'
            f"{'' if item.line is None else f' (line {item.line})'}: "
            f"{escape(item.message)}</li>"
            for item in self.findings
        )
        return (
            '<div style="border-left:4px solid #888;padding:4px 12px;color:inherit">'
            f"<div><b>Memo: {_percent(self.score)}</b> ({escape(self._facts())})</div>"
            f'<table style="border-collapse:collapse;margin:6px 0;color:inherit;'
            f'font-size:inherit">{rows}</table>'
            + (f'<ol style="margin:0;padding-left:1.5em">{items}</ol>' if items else "")
            + "</div>"
        )

    def _facts(self) -> str:
        facts = f"{self.words} words"
        return facts if self.grade is None else f"{facts}, grade {self.grade:.1f}"


def _percent(share: float) -> str:
    """Write a share so that only a full one reads 100 %, and only none reads 0 %."""
    if 0 < share < 1:
        return f"{min(99, max(1, round(100 * share)))} %"
    return f"{100 * share:.0f} %"


def _bar(share: float) -> str:
    return (
        '<div style="border:1px solid currentColor;height:8px;opacity:.7">'
        f'<div style="background:currentColor;height:8px;width:{100 * share:.0f}%">'
        "</div></div>"
    )
