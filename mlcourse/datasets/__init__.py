"""Data of Tidemark, an online shop with a paid membership, with known truth.

Each ``make_*`` draws one data set from a generator of random numbers that the caller
passes and returns a frozen object: ``.frame`` is what a colleague would send,
``.columns`` says what each column means and when it becomes known, and ``.truth`` is
what a hidden test grades against.
"""

from mlcourse.datasets.churn import ChurnCoefficients, churn_probability
from mlcourse.datasets.events import Events, EventsTruth, make_events
from mlcourse.datasets.experiments import (
    Experiment,
    ExperimentTruth,
    make_experiment,
)
from mlcourse.datasets.faults import Fault
from mlcourse.datasets.incidents import Incident
from mlcourse.datasets.members import Members, MembersTruth, make_members
from mlcourse.datasets.payments import (
    PayerGroup,
    Payments,
    PaymentsTruth,
    make_payments,
)
from mlcourse.datasets.serving_log import (
    TRANSFORMATIONS,
    ServingLog,
    ServingLogTruth,
    make_serving_log,
)

__all__ = [
    "TRANSFORMATIONS",
    "ChurnCoefficients",
    "Events",
    "EventsTruth",
    "Experiment",
    "ExperimentTruth",
    "Fault",
    "Incident",
    "Members",
    "MembersTruth",
    "PayerGroup",
    "Payments",
    "PaymentsTruth",
    "ServingLog",
    "ServingLogTruth",
    "churn_probability",
    "make_events",
    "make_experiment",
    "make_members",
    "make_payments",
    "make_serving_log",
]
