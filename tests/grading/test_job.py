import json
from dataclasses import replace

from mlcourse.grading.job import Execution, Flag, Job, Notebook, Outcome
from mlcourse.kernels.limits import Limits

JOB = Job(
    "ps1",
    "ada",
    (Notebook("problem", '{"cells": []}', {"test_a": 2.0}),),
    files={"data/x.bin": bytes(range(256))},
    limits=Limits(memory_mib=512),
    variables={"MLCOURSE_SEED": "3"},
    flags=(Flag("link", "A link was left out.", "problem"),),
)


def test_a_job_is_the_same_on_the_other_side_of_a_border():
    assert Job.from_json(json.loads(json.dumps(JOB.as_json()))) == JOB


def test_the_key_changes_with_everything_that_the_outcome_depends_on():
    others = [
        replace(JOB, student="bob"),
        replace(JOB, files={"data/x.bin": b""}),
        replace(JOB, limits=Limits(memory_mib=513)),
        replace(JOB, cell_seconds=31.0),
        replace(JOB, notebooks=(replace(JOB.notebooks[0], points={"test_a": 3.0}),)),
    ]

    assert len({JOB.key, *(other.key for other in others)}) == 6
    assert replace(JOB, student="ada").key == JOB.key


def test_an_outcome_is_the_same_on_the_other_side_of_a_border():
    outcome = Outcome(
        JOB.key, "ada", (Execution("problem", "{}", "none", "memory", 1.5),), JOB.flags
    )

    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome
