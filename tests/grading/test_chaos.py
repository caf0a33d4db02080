import json
import random
import shutil
import sys
from functools import partial

import pytest
from grading.chaos import torment
from grading.conftest import ASSIGNMENT
from grading.pretend import Inline, pretend
from grading.test_commit import rows, tree

from mlcourse.grading.course import Course
from mlcourse.grading.run import grade


@pytest.mark.slow
def test_killed_at_any_moment_a_class_is_graded_as_in_peace(
    course_folder, submit, tmp_path
):
    for number in range(24):
        submit(course_folder, f"s{number:02}", solved=bool(number % 3))
    calm = tmp_path / "calm"
    shutil.copytree(course_folder, calm)
    log = tmp_path / "log"
    runner = partial(pretend, log=str(log))
    grade(Course.open(calm), ASSIGNMENT, runner=runner, executor=Inline())

    words = [sys.executable, "-m", "grading.grader", str(course_folder), str(log)]
    state = course_folder / ".mlcourse-grading" / ASSIGNMENT
    journal = state / "journal.jsonl"
    rng = random.Random(5)
    killed = torment(words, journal=journal, rounds=6, rng=rng, events=8)

    assert killed["graders"]
    assert rows(course_folder) == rows(calm)
    assert tree(course_folder / "autograded") == tree(calm / "autograded")
    assert not list((state / "outcomes").iterdir())
    lines = journal.read_text().splitlines()
    events = [json.loads(line) for line in lines]
    kept = [event["key"] for event in events if event["event"] == "executed"]
    assert len(kept) == len(set(kept)) == 24
