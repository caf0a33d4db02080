"""Checks that tell a learner the truth: four outcomes, stepped hints, one ledger.

A lab's ``checks.py`` declares its tasks::

    checks = Checks("12_data_drift")
    psi = checks.task("psi", hints={"start": "Count each bin first."})

    @psi.expects("Equal samples give zero.", hint="start")
    def _(psi, rng):
        value = psi(rng.normal(size=500), ...)
        expect(value == 0, got=value)

and its notebook calls ``checks.psi(points=3)`` below the learner's answer.
"""

from mlcourse.checks.expectation import Unmet, expect, expect_error, run_coroutine
from mlcourse.checks.ledger import Ledger, record
from mlcourse.checks.notebook import Memo, enable
from mlcourse.checks.prediction import predict, reveal
from mlcourse.checks.result import Evidence, Result
from mlcourse.checks.task import Checks, Property, Task
from mlcourse.checks.todo import TODO, is_attempted

__all__ = [
    "TODO",
    "Checks",
    "Evidence",
    "Ledger",
    "Memo",
    "Property",
    "Result",
    "Task",
    "Unmet",
    "expect",
    "expect_error",
    "is_attempted",
    "predict",
    "record",
    "reveal",
    "run_coroutine",
]

enable()
