import dataclasses
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from mlcourse.authoring.lab import Cell
from mlcourse.authoring.notebook import (
    cell_ids,
    fingerprint,
    from_notebook,
    submission,
    to_notebook,
)
from mlcourse.authoring.source import read_lab
from mlcourse.errors import SourceError

TOY = Path(__file__).resolve().parents[1] / "toycourse" / "solutions"


@pytest.fixture
def lab():
    return read_lab(TOY / "01_double")


def cell_of(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


@pytest.mark.parametrize("name", ["00_hello", "01_double"])
def test_a_source_survives_the_way_through_a_notebook(name):
    lab = read_lab(TOY / name)

    assert from_notebook(to_notebook(lab), base=lab) == lab


def test_notebooks_are_valid_for_nbformat_and_nbgrader(lab):
    notebook = to_notebook(lab)

    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    versions = {
        cell.metadata.nbgrader.schema_version
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    assert versions == {3}


def test_the_builder_adds_the_lines_that_stand_in_no_source(lab):
    notebook = to_notebook(lab)

    assert cell_of(notebook, "test_double").source.endswith("\nchecks.double(points=8)")
    assert cell_of(notebook, "memo").source.startswith("%%memo memo\n### BEGIN")
    assert any(
        cell.source.startswith("%%needs double reach\n") for cell in notebook.cells
    )


@pytest.mark.parametrize(
    ("identity", "flags"),
    [
        ("double", (False, True, False)),
        ("test_double", (True, False, True)),
        ("memo", (True, True, False)),
        ("why", (True, True, False)),
    ],
)
def test_nbgrader_sees_each_kind(lab, identity, flags):
    grading = cell_of(to_notebook(lab), identity).metadata.nbgrader

    assert (grading.grade, grading.solution, grading.locked) == flags


def test_notebooks_hold_nothing_that_changes_from_run_to_run(lab):
    notebook = to_notebook(lab)

    assert set(notebook.metadata) == {"kernelspec", "mlcourse"}
    assert "jupytext" not in str(notebook)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert set(cell.metadata) <= {"nbgrader", "mlcourse"}


def test_ids_are_unique_and_do_not_depend_on_other_cells(lab):
    more = dataclasses.replace(
        lab, cells=(Cell("text", source="New."), *lab.cells, *lab.of("text", "code"))
    )

    before, after = cell_ids(lab), cell_ids(more)

    assert len(set(after)) == len(after)
    assert after[1 : len(before) + 1] == before


def test_saving_a_notebook_again_is_no_edit(lab):
    notebook = to_notebook(lab)
    before = fingerprint(notebook)

    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.kernelspec.display_name = "Python 3"
    for cell in notebook.cells:
        cell.id = f"x-{cell.id}"[:60]
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell.execution_count = 3
            cell.outputs = [nbformat.v4.new_output("stream", text="hello")]
    notebook.cells.append(nbformat.v4.new_code_cell(""))

    assert fingerprint(notebook) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: cell_of(nb, "double").update(source="x"),
        lambda nb: cell_of(nb, "test_double").metadata.nbgrader.update(points=2),
        lambda nb: nb.cells.pop(),
        lambda nb: nb.cells.insert(0, nbformat.v4.new_markdown_cell("New.")),
        lambda nb: nb.metadata.mlcourse.update(title="New"),
    ],
)
def test_a_change_of_meaning_is_an_edit(lab, change):
    notebook = to_notebook(lab)
    before = fingerprint(notebook)

    change(notebook)

    assert fingerprint(notebook) != before


def test_a_submission_has_answers_and_no_markers_or_rubrics(lab):
    notebook = submission(lab, {"double": "return 3 * x"})

    assert cell_of(notebook, "double").source.endswith("    return 3 * x")
    assert cell_of(notebook, "memo").source.startswith("%%memo memo\n# What the")
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "BEGIN SOLUTION" not in text
    assert "says what was doubled" not in text
    assert "BEGIN HIDDEN TESTS" in text


@pytest.mark.parametrize(
    ("metadata", "typed", "points"), [(9, 8, 9), (8, 9, 9), (9, 9, 9), (8, 2.5, 2.5)]
)
def test_points_may_be_edited_in_either_place(lab, metadata, typed, points):
    notebook = to_notebook(lab)
    test = cell_of(notebook, "test_double")
    test.metadata.nbgrader.points = metadata
    test.source = test.source.replace("points=8", f"points={typed}")

    assert from_notebook(notebook, base=lab).find("double", "test").points == points


@pytest.mark.parametrize(
    ("identity", "source", "message"),
    [
        ("test_double", "checks.double()", "end with checks.NAME"),
        ("test_double", "checks.double(points=9)", "make them equal"),
        ("memo", "What the counters say", "must begin with '%%memo memo'"),
    ],
)
def test_a_cell_that_has_no_place_in_a_source_is_refused(
    lab, identity, source, message
):
    notebook = to_notebook(lab)
    cell = cell_of(notebook, identity)
    cell.source = source
    cell.metadata.nbgrader.points = 10

    with pytest.raises(SourceError, match=r"01_double.ipynb cell \d+: ") as error:
        from_notebook(notebook, base=lab)

    assert message in str(error.value)


def test_a_raw_cell_is_refused(lab):
    notebook = to_notebook(lab)
    notebook.cells.append(nbformat.v4.new_raw_cell("raw"))

    with pytest.raises(SourceError, match="only code and Markdown"):
        from_notebook(notebook, base=lab)
