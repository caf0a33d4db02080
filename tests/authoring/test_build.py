import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from mlcourse.authoring.build import build, check
from mlcourse.authoring.release import ClearAnswers
from mlcourse.errors import BuildError, SourceError
from mlcourse.glossary.load import GlossaryError

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def edit_notebook(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def retitle(notebook):
    notebook.cells[0].source = "# A better title"


def test_a_build_gives_the_golden_files_to_the_byte(course):
    written = build(course)

    fresh = {
        path.relative_to(course.root).as_posix(): path.read_bytes() for path in written
    }
    golden = tree(GOLDEN)
    golden.pop("refresh.py")
    assert fresh == golden, "refresh with: python tests/golden/refresh.py"


def test_a_second_build_writes_nothing(built):
    times = {path: path.stat().st_mtime_ns for path in built.root.rglob("*")}

    assert build(built) == []
    assert {path: path.stat().st_mtime_ns for path in built.root.rglob("*")} == times


def test_stock_nbgrader_gives_the_same_bytes(built):
    shutil.rmtree(built.labs / "glossary")
    ours = tree(built.labs)
    shutil.rmtree(built.labs)
    nbgrader = Path(sys.executable).parent / "nbgrader"

    for name in ("00_hello", "01_double"):
        done = subprocess.run(
            [nbgrader, "generate_assignment", name],
            cwd=built.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    assert tree(built.labs) == ours
    assert (built.root / ".grading" / "gradebook.db").is_file()


def test_learners_get_the_notebook_and_its_checks_and_nothing_else(built):
    assert {path.name for path in (built.labs / "01_double").iterdir()} == {
        "01_double.ipynb",
        "checks.py",
    }


def test_learners_get_no_answers_rubrics_or_marks_of_the_builder(built):
    text = (built.labs / "01_double" / "01_double.ipynb").read_text(encoding="utf-8")

    for hidden in (
        "BEGIN",
        "2 * x",
        "hidden(",
        "rubric",
        "built",
        "Both ends",
        "jupytext",
    ):
        assert hidden not in text
    assert text.count("Write here.") == 2
    assert text.count("    ...  # YOUR CODE HERE") == 1
    assert text.count('"# YOUR CODE HERE') == 1


def test_the_text_of_a_lab_is_read_only_and_unknown_to_the_gradebook(built):
    notebook = nbformat.read(built.labs / "01_double" / "01_double.ipynb", as_version=4)
    texts = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata
    ]

    assert len(texts) == 8
    for cell in texts:
        assert cell.metadata == {"deletable": False, "editable": False}


def test_given_code_is_read_only_and_unknown_to_the_gradebook(built):
    notebook = nbformat.read(built.labs / "01_double" / "01_double.ipynb", as_version=4)
    given = [c for c in notebook.cells if c.id.startswith(("code-", "needs-"))]

    assert len(given) == 3
    for cell in given:
        assert cell.metadata == {"deletable": False, "editable": False}


def test_a_guess_can_be_edited_and_not_deleted_and_nobody_grades_it(built):
    notebook = nbformat.read(built.labs / "01_double" / "01_double.ipynb", as_version=4)
    (guess,) = [cell for cell in notebook.cells if cell.id == "guess_reach"]

    assert guess.metadata == {"deletable": False}
    assert guess.source.startswith("predict(")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The bars show five doubled", "The bars show the five doubled"),
        ("    return 2 * x", "    return x + x"),
    ],
)
def test_one_line_of_a_source_changes_one_file_at_most_under_labs(
    built, edit, old, new
):
    before = tree(built.labs)
    edit(built.solutions / "01_double" / "01_double.py", old, new)

    build(built)

    changed = [
        name for name, content in tree(built.labs).items() if content != before[name]
    ]
    expected = [] if "return" in old else ["01_double/01_double.ipynb"]
    assert changed == expected


def test_one_lab_can_be_built_alone(course):
    written = build(course, ["0"])

    assert {path.parent.name for path in written} == {
        "00_hello", "toycourse", "glossary",
    }  # fmt: skip


def test_check_names_each_stale_file_and_the_command(built, edit):
    assert check(built) == []
    edit(
        built.solutions / "01_double" / "checks.py", "Greatest less least.", "Subtract."
    )
    (built.labs / "00_hello" / "00_hello.ipynb").unlink()

    found = {str(stale) for stale in check(built)}

    assert found == {
        "labs/00_hello/00_hello.ipynb is missing: mlcourse dev build",
        "labs/01_double/checks.py is not what its source says: mlcourse dev build",
    }


def test_check_names_what_comes_from_no_source(built):
    (built.labs / "01_double" / "notes.txt").write_text("mine")
    shutil.copytree(built.labs / "00_hello", built.labs / "09_gone")
    (built.labs / "09_gone" / "00_hello.ipynb").rename(built.labs / "09_gone/x.ipynb")
    (built.labs / "01_double" / ".ipynb_checkpoints").mkdir()
    (built.labs / "01_double" / ".ipynb_checkpoints" / "x").write_text("x")

    found = {str(stale) for stale in check(built)}

    assert found == {
        "labs/01_double/notes.txt comes from no source: rm labs/01_double/notes.txt",
        "labs/09_gone/x.ipynb comes from no source: rm labs/09_gone/x.ipynb",
        "labs/09_gone/checks.py comes from no source: rm labs/09_gone/checks.py",
    }


def test_a_build_removes_no_file_of_somebody_else(built, edit):
    mine = built.labs / "01_double" / "notes.txt"
    mine.write_text("mine")
    edit(built.solutions / "01_double" / "01_double.py", "The bars show", "They show")

    build(built)

    assert mine.read_text() == "mine"


def test_an_edited_solutions_notebook_is_not_overwritten(built):
    path = built.solutions / "01_double" / "01_double.ipynb"
    edit_notebook(path, retitle)
    edited = path.read_bytes()

    with pytest.raises(BuildError, match="mlcourse dev adopt 01.*build 01 --discard"):
        build(built)

    assert path.read_bytes() == edited


def test_an_edit_can_be_discarded(built):
    path = built.solutions / "01_double" / "01_double.ipynb"
    before = path.read_bytes()
    edit_notebook(path, retitle)

    assert build(built, discard=True) == [path]
    assert path.read_bytes() == before


def test_a_notebook_that_was_only_run_and_saved_is_no_edit(built):
    path = built.solutions / "01_double" / "01_double.ipynb"
    before = path.read_bytes()

    def run_and_save(notebook):
        notebook.metadata["language_info"] = {"name": "python", "version": "3.12"}
        notebook.cells[1].execution_count = 1
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="out")]

    edit_notebook(path, run_and_save)

    assert build(built) == [path]
    assert path.read_bytes() == before


def test_a_notebook_that_is_none_is_refused(built):
    path = built.solutions / "01_double" / "01_double.ipynb"
    path.write_text("<<<<<<< HEAD", encoding="utf-8")

    with pytest.raises(BuildError, match="is not a notebook"):
        build(built)
    assert build(built, discard=True) == [path]


def test_a_broken_source_leaves_everything_as_it_was(built, edit):
    before = tree(built.root)
    edit(built.solutions / "00_hello" / "00_hello.py", "A check that", "Any check that")
    edit(
        built.solutions / "01_double" / "01_double.py",
        '# %% test="reach" points=8',
        '# %% test="reach"',
    )

    with pytest.raises(SourceError, match=r"01_double.py:\d+: points are missing"):
        build(built)

    assert tree(built.labs) == {
        name.removeprefix("labs/"): content
        for name, content in before.items()
        if name.startswith("labs/")
    }


def test_what_nbgrader_says_of_a_bad_lab_is_passed_on(course, monkeypatch):
    def fail(*_):
        raise RuntimeError("no stub for this cell")

    monkeypatch.setattr(ClearAnswers, "preprocess_cell", fail)

    with pytest.raises(BuildError, match="no stub for this cell"):
        build(course)


def test_a_course_without_settings_says_what_is_missing(course):
    (course.root / "nbgrader_config.py").unlink()

    with pytest.raises(BuildError, match="nbgrader_config.py is missing"):
        build(course)


def test_a_build_leaves_the_working_directory(course, monkeypatch):
    monkeypatch.chdir(course.root)

    build(course)

    assert Path.cwd() == course.root


def test_the_readme_lists_the_labs(built):
    text = (built.root / "README.md").read_text(encoding="utf-8")

    assert "[01 Double, and say so](labs/01_double/01_double.ipynb)" in text
    assert "| 10 | 23 |" in text


def test_a_readme_without_a_closing_marker_is_refused(course, edit):
    edit(course.root / "README.md", "<!-- /labs -->", "")

    with pytest.raises(BuildError, match="<!-- /labs -->"):
        build(course)


def test_a_changed_definition_makes_pages_and_labs_stale_and_is_no_edit(built, edit):
    edit(built.glossary / "terms" / "mean.yaml", "The sum of", "All of")

    stale = {stale.path.as_posix() for stale in check(built)}

    assert stale == {
        "solutions/01_double/01_double.ipynb",
        "labs/01_double/01_double.ipynb",
        "labs/glossary/A-Z.md",
        "labs/glossary/by-category.md",
        "labs/glossary/foundations.md",
    }
    assert {path.relative_to(built.root).as_posix() for path in build(built)} == stale
    assert check(built) == []


def test_the_pages_of_the_glossary_lead_to_the_labs_and_back(built):
    page = (built.labs / "glossary" / "A-Z.md").read_text(encoding="utf-8")

    assert "](../01_double/01_double.ipynb)" in page
    assert "### mean\n" in page
    assert built.lab_names() == ["00_hello", "01_double"]


def test_a_page_of_no_category_comes_from_no_source(built):
    (built.labs / "glossary" / "tools.md").write_text("old")

    assert [str(stale) for stale in check(built)] == [
        "labs/glossary/tools.md comes from no source: rm labs/glossary/tools.md"
    ]
    assert check(built, ["01"]) == []


def test_without_terms_there_are_no_pages(course, edit):
    shutil.rmtree(course.glossary)
    shutil.rmtree(course.solutions / "01_double")

    build(course)

    assert not (course.labs / "glossary").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "error", "message"),
    [
        ("glossary/terms/mean.yaml", "slug: mean", "slug: [", GlossaryError,
         "mean.yaml: line 4"),
        ("solutions/01_double/01_double.py", "{term}`mean`", "{term}`meen`",
         SourceError, "01_double.py:140: unknown term 'meen', did you mean 'mean'"),
    ],
)  # fmt: skip
def test_a_broken_term_is_named_and_nothing_is_written(
    built, edit, file, old, new, error, message
):
    before = tree(built.labs)
    edit(built.root / file, old, new)

    with pytest.raises(error) as caught:
        build(built)

    assert message in str(caught.value)
    assert tree(built.labs) == before


def test_released_notebooks_are_sorted_json_with_a_newline(built):
    text = (built.labs / "01_double" / "01_double.ipynb").read_text(encoding="utf-8")

    assert text.endswith("}\n")
    assert json.loads(text)["nbformat"] == 4


def test_the_table_waits_for_a_lab_that_is_being_written(built, edit):
    edit(
        built.solutions / "00_hello" / "00_hello.py",
        'test="greeting" points=1',
        'test="greeting"',
    )
    edit(built.solutions / "01_double" / "01_double.py", "minutes: 10", "minutes: 12")

    assert {path.parent.name for path in build(built, ["01"])} == {"01_double"}
