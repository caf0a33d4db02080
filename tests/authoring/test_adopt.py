import difflib

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from mlcourse.authoring.adopt import adopt
from mlcourse.authoring.build import build, check
from mlcourse.authoring.source import read_lab
from mlcourse.errors import BuildError, SourceError


@pytest.fixture
def edit_notebook(built):
    path = built.solutions / "01_double" / "01_double.ipynb"

    def change(what):
        notebook = nbformat.read(path, as_version=4)
        what(notebook)
        nbformat.write(notebook, path)

    return change


@pytest.fixture
def source(built):
    return built.solutions / "01_double" / "01_double.py"


def cell_of(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def changed_lines(before, after):
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def edit_text(notebook):
    notebook.cells[0].source = notebook.cells[0].source.replace("Please", "Kindly")


def edit_code(notebook):
    cell_of(notebook, "double").source = cell_of(notebook, "double").source.replace(
        "2 * x", "x + x"
    )


def edit_points(notebook):
    cell_of(notebook, "test_double").metadata.nbgrader.points = 7


def edit_memo(notebook):
    cell_of(notebook, "memo").source = cell_of(notebook, "memo").source.replace(
        "twice what", "two times what"
    )


def edit_text_with_terms(notebook):
    cell = next(cell for cell in notebook.cells if "Why did" in cell.source)
    cell.source = cell.source.replace("double too", "grow too")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            edit_text_with_terms,
            [
                f"{sign} # Why did {{term}}`the reach <range>` {word} too? "
                "Answer below."
                for sign, word in (("-", "double"), ("+", "grow"))
            ],
        ),
        (
            edit_text,
            [
                "- # *Ada, Tuesday, 9:12.* Our counters run at half their speed. "
                "Please double the numbers,",
                "+ # *Ada, Tuesday, 9:12.* Our counters run at half their speed. "
                "Kindly double the numbers,",
            ],
        ),
        (edit_code, ["-     return 2 * x", "+     return x + x"]),
        (
            edit_points,
            ['- # %% test="double" points=8', '+ # %% test="double" points=7'],
        ),
        (
            edit_memo,
            [
                f"{sign} # The true readings reach over 8 units, {word} what the "
                "counters show."
                for sign, word in (("-", "twice"), ("+", "two times"))
            ],
        ),
    ],
)
def test_an_edit_comes_back_and_touches_nothing_else(
    built, source, edit_notebook, change, expected
):
    before = source.read_text(encoding="utf-8")
    edit_notebook(change)

    assert adopt(built, "01") == source

    after = source.read_text(encoding="utf-8")
    assert changed_lines(before, after) == expected
    assert check(built) == []
    assert build(built) == []


def test_a_definition_may_change_between_building_and_adopting(
    built, source, edit_notebook, edit
):
    edit(built.glossary / "terms" / "range.yaml", "the greatest", "the very greatest")
    before = source.read_text(encoding="utf-8")
    edit_notebook(edit_text_with_terms)

    adopt(built, "01")

    assert len(changed_lines(before, source.read_text(encoding="utf-8"))) == 2
    assert check(built) == []


def test_new_cells_come_back(built, source, edit_notebook):
    def add(notebook):
        notebook.cells.insert(1, new_markdown_cell("A new text.\n\n- one"))
        notebook.cells.insert(3, new_code_cell("new = readings[0]"))
        notebook.cells.append(new_code_cell(""))

    before = source.read_text(encoding="utf-8")
    edit_notebook(add)
    adopt(built, "01")

    text = "# %% [markdown]\n# A new text.\n#\n# - one\n\n"
    code = "# %%\nnew = readings[0]\n\n"
    after = source.read_text(encoding="utf-8")
    assert after.replace(text, "", 1).replace(code, "", 1) == before
    assert after.index(text) < after.index("from checks") < after.index(code)
    assert check(built) == []


def test_removed_and_moved_cells_come_back(built, source, edit_notebook):
    def rearrange(notebook):
        notebook.cells.append(notebook.cells.pop(-2))
        del notebook.cells[-3]

    before = read_lab(source.parent).cells
    edit_notebook(rearrange)
    adopt(built, "01")

    assert read_lab(source.parent).cells == (*before[:-3], before[-1], before[-2])
    assert check(built) == []


def test_odd_spacing_of_cells_that_were_not_edited_stays(
    built, source, edit_notebook, edit
):
    edit(source, '# %% answer="reach"', '\n# %% answer="reach"')
    build(built)
    before = source.read_text(encoding="utf-8")
    edit_notebook(edit_points)

    adopt(built, "01")

    assert len(changed_lines(before, source.read_text(encoding="utf-8"))) == 2


def test_outputs_and_a_second_save_are_no_edit(built, source, edit_notebook):
    def run(notebook):
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="x")]

    before = source.read_bytes()
    edit_notebook(run)

    assert adopt(built, "01") is None
    assert source.read_bytes() == before


def test_a_source_that_changed_too_is_not_overwritten(
    built, source, edit_notebook, edit
):
    edit_notebook(edit_text)
    edit(source, "The bars show", "They show")
    before = source.read_bytes()

    with pytest.raises(BuildError, match="--discard"):
        adopt(built, "01")

    assert source.read_bytes() == before


def test_a_source_in_another_form_is_not_rewritten(built, source, edit_notebook, edit):
    edit(source, "minutes: 10", "minutes: 10  # or so")
    build(built)
    before = source.read_bytes()
    edit_notebook(edit_text)

    with pytest.raises(
        BuildError, match=r"01_double.py:5: must be '#     minutes: 10'"
    ):
        adopt(built, "01")

    assert source.read_bytes() == before


def edit_card(notebook):
    notebook.metadata.mlcourse.title = "New"


def break_region(notebook):
    cell_of(notebook, "double").source = "def double(x): return 2 * x"


def type_marker(notebook):
    notebook.cells[0].source = "%% [markdown]\ntext"


def copy_answer(notebook):
    notebook.cells.append(cell_of(notebook, "double").copy())


def name_badly(notebook):
    cell_of(notebook, "double").metadata.nbgrader.grade_id = "cell-1b2c"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (edit_card, BuildError, "Edit the header"),
        (break_region, SourceError, "has 0 solution regions"),
        (type_marker, SourceError, "unknown key 'magic_args'"),
        (copy_answer, SourceError, "is used in line"),
        (name_badly, SourceError, "'cell-1b2c' is no name"),
    ],
)
@pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")
def test_an_edit_that_cannot_be_said_in_a_source_is_refused(
    built, source, edit_notebook, change, error, message
):
    before = source.read_bytes()
    edit_notebook(change)

    with pytest.raises(error, match=message):
        adopt(built, "01")

    assert source.read_bytes() == before
