"""A checker for learners' memos: what a reader needs to find, and what misleads one.

A :class:`Brief` says what a memo must do; its ``review`` explains each fault and gives
partial credit. A machine can tell whether the numbers are the writer's own and whether
a claim is too big; it cannot tell whether the memo is true or useful. That is the
rubric's part.
"""

from mlcourse.writing.brief import Brief
from mlcourse.writing.claims import OVERCLAIMS
from mlcourse.writing.results import Number
from mlcourse.writing.review import Finding, Review

__all__ = ["OVERCLAIMS", "Brief", "Finding", "Number", "Review"]
