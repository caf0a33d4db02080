import pytest

from mlcourse.authoring.regions import drop_markers, find_regions, replace_region

CELL = """def f(x):
    y = x
    ### BEGIN SOLUTION
    if y:
        return 1
    ### END SOLUTION"""


def test_the_code_of_a_region_has_no_indent():
    (region,) = find_regions(CELL)

    assert region.code == "if y:\n    return 1"
    assert (region.kind, region.indent, region.begin) == ("SOLUTION", "    ", 2)


def test_other_code_takes_the_indent_of_the_marker():
    replaced = replace_region(CELL, "\n        return 2\n")

    assert "    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION" in replaced


def test_markers_of_a_solution_can_be_dropped():
    assert drop_markers(CELL) == "def f(x):\n    y = x\n    if y:\n        return 1"


def test_markers_of_hidden_tests_stay():
    hidden = "### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS"

    assert drop_markers(hidden) == hidden


def test_a_region_of_the_other_kind_does_not_close_it():
    with pytest.raises(ValueError, match="closes nothing"):
        find_regions("### BEGIN SOLUTION\n### END HIDDEN TESTS")
