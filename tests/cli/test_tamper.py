import copy

import nbformat
import pytest

from mlcourse.cli.attempt import read_released
from mlcourse.cli.tamper import find_changes, restore


@pytest.fixture
def released(course):
    return read_released(course, "01_toy")


@pytest.fixture
def own(released):
    return copy.deepcopy(released)


def names(released, own):
    return [(change.cell, change.what) for change in find_changes(released, own)]


def sources(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def test_an_untouched_notebook_has_no_changes(released, own):
    assert names(released, own) == []
    assert sources(restore(released, own)) == sources(released)


def test_answers_outputs_and_added_cells_are_no_changes(released, own):
    own["cells"][2]["source"] = "def double(x):\n    return 2 * x"
    own["cells"][3]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ""}
    ]
    own["cells"].insert(3, nbformat.v4.new_code_cell("double(2)"))
    assert names(released, own) == []
    fixed = restore(released, own)
    assert sources(fixed) == sources(own)


def test_the_form_of_a_source_does_not_matter(released, own):
    own["cells"][1]["source"] = "".join(own["cells"][1]["source"])
    assert names(released, own) == []


def test_an_edited_check_is_named_and_put_back(released, own):
    own["cells"][3]["source"] = "2.0"
    assert names(released, own) == [("test_double", "edited")]
    assert "A locked cell was edited: test_double" in str(
        find_changes(released, own)[0]
    )
    assert sources(restore(released, own)) == sources(released)


def test_edited_given_code_is_named_and_put_back(released, own):
    own["cells"][1]["source"] = "checks = None"
    own["cells"][1]["metadata"] = {}
    assert names(released, own) == [("setup", "edited")]
    assert sources(restore(released, own)) == sources(released)


def test_text_and_a_guess_may_be_changed(released, own):
    guess = nbformat.v4.new_code_cell("x", id="g", metadata={"deletable": False})
    released["cells"].insert(2, guess)
    own["cells"].insert(2, copy.deepcopy(guess))
    own["cells"][0]["source"], own["cells"][2]["source"] = "# Mine", "y"
    assert names(released, own) == []
    assert sources(restore(released, own)) == sources(own)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_deleted_cell_is_named_and_returns_to_its_place(released, own, place):
    name = own["cells"].pop(place)["id"]
    assert names(released, own) == [(name, "deleted")]
    assert sources(restore(released, own)) == sources(released)


def test_of_a_doubled_cell_the_last_one_counts(released, own):
    double = copy.deepcopy(own["cells"][2])
    double["source"], double["id"] = "def double(x):\n    return x + x", "copy"
    own["cells"].insert(3, double)
    assert names(released, own) == [("double", "doubled")]
    cells = restore(released, own)["cells"]
    assert "nbgrader" not in cells[2]["metadata"]
    assert cells[3]["metadata"]["nbgrader"]["grade_id"] == "double"


@pytest.mark.parametrize(
    ("key", "value"), [("points", 200), ("grade", False), ("locked", False)]
)
def test_changed_marks_are_named_and_put_back(released, own, key, value):
    own["cells"][3]["metadata"]["nbgrader"][key] = value
    assert names(released, own) == [("test_double", "marked")]
    fixed = restore(released, own)
    assert fixed["cells"][3]["metadata"]["nbgrader"][key] != value


def test_an_answer_turned_into_text_becomes_code_again(released, own):
    cell = own["cells"][2]
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    assert names(released, own) == [("double", "marked")]
    fixed = restore(released, own)
    assert fixed["cells"][2]["cell_type"] == "code"
    nbformat.validate(nbformat.from_dict(fixed))


def test_a_cell_with_marks_of_another_lab_loses_them(released, own):
    stranger = copy.deepcopy(own["cells"][3])
    stranger["metadata"]["nbgrader"]["grade_id"] = "test_other"
    own["cells"].append(stranger)
    assert "nbgrader" not in restore(released, own)["cells"][-1]["metadata"]


def test_restoring_changes_no_argument(released, own):
    own["cells"].pop(3)
    before = copy.deepcopy((released, own))
    restore(released, own)
    assert (released, own) == before
