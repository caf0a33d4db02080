from functools import partial

import pytest
from grading.conftest import ASSIGNMENT
from grading.pretend import pretend

from mlcourse.grading import cluster
from mlcourse.grading.cluster import Cluster, ClusterError, local_cluster
from mlcourse.grading.course import Course
from mlcourse.grading.run import grade


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    course_folder, submit, tmp_path
):
    students = [f"s{number}" for number in range(6)]
    for student in students:
        submit(course_folder, student)
    log = tmp_path / "log"
    endings = {"s2": (1, "die")}
    runner = partial(pretend, log=str(log), endings=endings)

    with local_cluster(2, sandbox=False) as executor:
        assert executor.size == 2
        graded = grade(
            Course.open(course_folder), ASSIGNMENT, runner=runner, executor=executor
        )

    assert sorted(one.outcome.student for one in graded) == students
    assert {one.score for one in graded} == {8.0}
    assert log.read_text().split().count("s2") == 2


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "START", 0.2)

    with pytest.raises(ClusterError, match=r"tcp://127.0.0.1:9: .*dask scheduler"):
        Cluster("tcp://127.0.0.1:9")


def test_a_local_cluster_has_workers():
    with (
        pytest.raises(ValueError, match="local_cluster == -1, must be >= 1"),
        local_cluster(-1),
    ):
        pass
