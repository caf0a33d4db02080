"""Some of nbgrader's own tests of autograde, unchanged; the script runs them all."""

import pytest
from grading.nbgrader_suite import run

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.mark.parametrize(
    ("way", "names"),
    [
        (
            "kernels",
            "test_grade_with_validating_envvar or test_hidden_tests_single "
            "or test_side_effects or test_incorrect_submitted_kernelspec",
        ),
        (
            "preprocessors",
            "test_side_effects or test_autograde_timeout or test_handle_failure",
        ),
    ],
)
def test_nbgrader_s_own_tests_end_as_they_should(way, names):
    assert run(way, "-k", names) == 0
