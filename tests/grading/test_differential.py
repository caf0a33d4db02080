"""The whole way, with real kernels in the sandbox, against stock nbgrader."""

import nbformat
import pytest
from grading.conftest import ASSIGNMENT
from grading.test_commit import ours, rows, stock, tree  # noqa: F401 - fixtures

from mlcourse.grading.course import Course
from mlcourse.grading.run import grade

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
]


def content(path):
    """Return what a notebook shows, without times, ids and tracebacks."""
    shown = []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            output.pop("traceback", None)
        cell.metadata.pop("execution", None)
        cell.pop("id", None)
        shown.append(cell)
    return shown


def test_a_class_is_graded_as_by_stock_nbgrader(ours, stock):  # noqa: F811
    graded = grade(Course.open(ours), ASSIGNMENT, workers=2)

    assert rows(ours) == rows(stock)
    mine, theirs = (tree(course / "autograded") for course in (ours, stock))
    assert {name: mode for name, (mode, _) in mine.items()} == {
        name: mode for name, (mode, _) in theirs.items()
    }
    for name in mine:
        if name.endswith(".ipynb"):
            paths = (course / "autograded" / name for course in (ours, stock))
            first, second = map(content, paths)
            assert first == second, name
        else:
            assert mine[name] == theirs[name]
    tiers = {one.tier for each in graded for one in each.outcome.executions}
    assert all(tier.startswith("namespaces+") for tier in tiers)
    assert not any(one.outcome.flags for one in graded)
