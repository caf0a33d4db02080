"""The result of a check: a card for the learner, a plain number for the grader."""

from dataclasses import dataclass
from typing import Literal

from mlcourse.checks import card

__all__ = ["Evidence", "Outcome", "Result"]

Outcome = Literal["passed", "failed", "raised", "not attempted"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one property of an answer showed.

    Args:
        sentence: The property, as the learner reads it.
        outcome: What came of it.
        hidden: Whether the property is one that only the grader has.
        got: The learner's own value as text, or an empty string.
        message: What breaks the property, or the error that was raised.
        hint: Key of the hint that belongs to the property.
    """

    sentence: str
    outcome: Outcome
    hidden: bool = False
    got: str = ""
    message: str = ""
    hint: str = ""


class Result(float):
    """Points earned, with the reasons.

    The number is what nbgrader reads: ``repr`` is that of a float, so partial credit
    works in stock nbgrader. ``str`` is the card as text and ``_repr_html_`` the card.

    Args:
        score: Points earned, between 0 and ``points``.
        task: Name of the task.
        outcome: One of passed, failed, raised, not attempted.
        points: Points to be had.
        evidence: One entry a property that was tried.
        missing: Names of the notebook that are still to be written.
        graded: Whether hidden properties were there, as they are in the grader's copy.
        hint: Text of the hint to show; empty where the learner can ask for it.
        noise: What the answer wrote to stderr while it was checked.

    Example:
        >>> result = Result(2.0, task="psi", outcome="passed", points=2.0)
        >>> result, result + 1
        (2.0, 3.0)
    """

    task: str
    outcome: Outcome
    points: float
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    graded: bool
    hint: str
    noise: str

    def __new__(
        cls,
        score: float,
        *,
        task: str,
        outcome: Outcome,
        points: float,
        evidence: tuple[Evidence, ...] = (),
        missing: tuple[str, ...] = (),
        graded: bool = False,
        hint: str = "",
        noise: str = "",
    ) -> "Result":
        """Make the number and attach the reasons."""
        self = super().__new__(cls, score)
        self.task = task
        self.outcome = outcome
        self.points = points
        self.evidence = evidence
        self.missing = missing
        self.graded = graded
        self.hint = hint
        self.noise = noise
        return self

    @property
    def hint_key(self) -> str | None:
        """Key of the hint that the first broken property leads to."""
        for item in self.evidence:
            if item.outcome != "passed":
                return item.hint
        return None

    def __str__(self) -> str:
        return card.as_text(self)

    def _repr_html_(self) -> str:
        return card.as_html(self)
