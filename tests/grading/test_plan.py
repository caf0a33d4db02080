"""Plans: the notebooks that stock nbgrader would execute, and nobody else's trouble."""

import copy
import json
import shutil
import subprocess
import sys
import uuid
import warnings

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.utils import compute_checksum

from mlcourse.grading.course import AssignmentNotFoundError, Course
from mlcourse.grading.job import Job, Outcome
from mlcourse.grading.master import read_master
from mlcourse.grading.plan import _Planner as Planner
from mlcourse.grading.plan import plan


def stock(course, student):
    """Return what stock nbgrader's sanitize step writes, by notebook."""
    from nbgrader.converters import Autograde
    from traitlets.config import Config

    class Sanitize(Autograde):
        def convert_single_notebook(self, path):
            self._sanitizing = True
            self._init_preprocessors()
            super(Autograde, self).convert_single_notebook(path)

    course.coursedir.assignment_id = "ps1"
    course.coursedir.student_id = student
    config = Config(course.config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Sanitize(coursedir=course.coursedir, config=config).start()
    folder = course.autograded(student, "ps1")
    found = {
        path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")
    }
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".ipynb"
    }
    shutil.rmtree(folder)
    course.coursedir.student_id = "*"
    return found, files


def planned(course, **options):
    return {one.student: one for one in plan(course, "ps1", **options)}


def notebooks(job):
    assert isinstance(job, Job), job
    return {one.name: nbformat.reads(one.text, as_version=4) for one in job.notebooks}


@pytest.mark.parametrize("solved", [True, False])
def test_an_honest_submission_is_what_stock_nbgrader_would_execute(
    course_folder, submit, solved
):
    submit(course_folder, "ann", solved=solved, files={"notes.txt": "mine"})
    course = Course.open(course_folder)
    job = planned(course)["ann"]
    expected, files = stock(course, "ann")
    assert notebooks(job) == expected
    assert dict(job.files) == files
    assert job.flags == ()
    assert [one.points for one in job.notebooks] == [
        {"test_squares": 2, "test_partial": 3, "test_total": 2},
        {"test_double": 1},
    ]


def flags(job):
    return sorted((flag.kind, flag.notebook, flag.cell) for flag in job.flags)


def marks(nb):
    """Return nbgrader's metadata by grade id, and see that each stands once."""
    found = [one.metadata.nbgrader for one in nb.cells if "nbgrader" in one.metadata]
    by_name = {one.grade_id: dict(one) for one in found if "grade_id" in one}
    assert len(by_name) == sum("grade_id" in one for one in found)
    return by_name


def source(nb, name):
    (found,) = (
        one.source
        for one in nb.cells
        if one.metadata.get("nbgrader", {}).get("grade_id") == name
    )
    return found


def find(nb, name):
    (found,) = (
        one
        for one in nb.cells
        if one.metadata.get("nbgrader", {}).get("grade_id") == name
    )
    return found


def again(cell):
    """Return a copy of a cell, as pasted by JupyterLab."""
    return nbformat.from_dict(cell | {"id": uuid.uuid4().hex})


@pytest.fixture
def attempt(course_folder, submit):
    """Hand in with an edit of `problem1`; return the job, and an honest notebook."""

    def attempt(edit=None, **options):
        def only_first(name, nb):
            if edit and name == "problem1":
                edit(nb)

        submit(course_folder, "ann")
        submit(course_folder, "eve", edit=only_first, **options)
        jobs = planned(Course.open(course_folder))
        assert jobs["ann"].flags == ()
        return jobs["eve"], notebooks(jobs["ann"])["problem1"]

    return attempt


def test_every_tag_goes_and_nothing_else_of_a_cell(attempt):
    def tag(nb):
        for one in nb.cells:
            one.metadata["tags"] = ["skip-execution", "raises-exception"]

    job, honest = attempt(tag)
    assert notebooks(job)["problem1"] == honest
    assert job.flags == ()


def test_locked_cells_are_the_masters_with_the_hidden_tests(attempt):
    def soften(nb):
        find(nb, "test_squares").source = "pass"
        find(nb, "intro").source = "I pass."

    job, honest = attempt(soften)
    assert notebooks(job)["problem1"] == honest
    assert "a hidden test" in source(honest, "test_squares")


def test_poisoned_marks_are_put_back_and_flagged(attempt):
    def poison(nb):
        find(nb, "test_squares").metadata.nbgrader.update(
            solution=True, grade=False, points=100
        )
        find(nb, "intro").metadata.nbgrader.update(locked=False)
        find(nb, "test_partial").metadata.nbgrader.update(points="many", extra=1)
        find(nb, "squares").metadata.nbgrader.update(grade=True, points=50)
        find(nb, "application").metadata.nbgrader.update(points=1e300, locked=1)
        find(nb, "test_total").cell_type = "raw"
        find(nb, "total").metadata.nbgrader["task"] = True

    job, honest = attempt(poison)
    found = notebooks(job)["problem1"]
    assert marks(found) | {"squares": 0} == marks(honest) | {"squares": 0}
    squares = marks(found)["squares"]
    assert (squares["grade"], squares["solution"]) == (False, True)
    assert find(found, "test_total").cell_type == "code"
    assert {kind for kind, _, _ in flags(job)} == {"metadata"}
    assert len(job.flags) == 7


@pytest.mark.parametrize("version", [0, 1, 2, 99, None, "3", 3.0, True])
def test_another_schema_version_is_no_reason_to_stop(attempt, version):
    def change(nb):
        for one in nb.cells:
            if "nbgrader" in one.metadata:
                one.metadata.nbgrader["schema_version"] = version

    job, honest = attempt(change)
    assert notebooks(job)["problem1"] == honest
    assert {kind for kind, _, _ in flags(job)} == {"old-metadata"}


def test_a_split_answer_keeps_its_id_once_and_all_of_its_code(attempt):
    def split(nb):
        cell = find(nb, "squares")
        place = nb.cells.index(cell)
        upper, lower = again(cell), again(cell)
        upper.source, lower.source = "import math", cell.source
        nb.cells[place : place + 1] = [upper, lower]

    job, honest = attempt(split)
    found = notebooks(job)["problem1"]
    assert flags(job) == [("duplicate-cell", "problem1", "squares")]
    assert [one.source for one in found.cells[1:3]] == [
        "import math",
        source(honest, "squares"),
    ]
    assert source(found, "squares") == "import math"
    assert marks(found) == marks(honest)


def test_of_several_copies_the_answered_one_counts_and_of_tests_the_first(attempt):
    stub = {}

    def copy(nb):
        cell = find(nb, "application")
        stub["source"] = cell.source
        empty = again(cell)
        empty.source = "# YOUR CODE HERE\nraise NotImplementedError()"
        nb.cells.insert(nb.cells.index(cell), empty)
        test = find(nb, "test_squares")
        edited = again(test)
        edited.source += "\nprint('mine')"
        nb.cells.insert(nb.cells.index(test), edited)
        other = again(test)
        other.cell_type = "markdown"
        del other["outputs"], other["execution_count"]
        nb.cells.insert(0, other)

    job, honest = attempt(copy)
    found = notebooks(job)["problem1"]
    assert source(found, "application") == stub["source"]
    assert source(found, "test_squares") == source(honest, "test_squares")
    kept = found.cells.index(find(found, "test_squares"))
    assert found.cells[kept - 1].source.endswith("print('mine')")
    assert {kind for kind, _, _ in flags(job)} == {"duplicate-cell"}
    assert marks(found) == marks(honest)


def test_unknown_grade_ids_become_plain_cells(attempt):
    def add(nb):
        for number, name in enumerate(["bonus", "", 7, ["x"], {"a": 1}, None]):
            extra = nbformat.v4.new_code_cell("1")
            extra.metadata["nbgrader"] = nbformat.from_dict(
                {"grade": True, "solution": False, "locked": True, "points": 10**6}
                | {"grade_id": name, "schema_version": 3, "task": False}
            )
            nb.cells.insert(number, extra)
        weird = nbformat.v4.new_markdown_cell("x")
        weird.metadata["nbgrader"] = "no object"
        nb.cells.append(weird)

    job, honest = attempt(add)
    found = notebooks(job)["problem1"]
    assert marks(found) == marks(honest)
    assert len(found.cells) == len(honest.cells) + 7
    assert flags(job) == [("unknown-cell", "problem1", "")] * 7


def test_marks_of_an_ordinary_cell_are_left_as_stock_nbgrader_leaves_them(
    course_folder, submit
):
    def add(name, nb):
        plain = {"grade": False, "solution": False, "locked": False, "task": False}
        nb.cells[0].metadata["nbgrader"] = nbformat.from_dict(
            plain | {"grade_id": "cell-0123456789abcdef", "schema_version": 3}
        )

    submit(course_folder, "ann", edit=add, answers={"intro": "mine"})
    course = Course.open(course_folder)
    job = planned(course)["ann"]
    assert all(one.kind == "missing-cell" for one in job.flags)
    expected, _ = stock(course, "ann")
    assert notebooks(job)["problem1"].cells[1] == expected["problem1"].cells[0]


def test_deleted_cells_come_back_where_they_were(attempt):
    def delete(nb):
        gone = ("intro", "test_squares", "test_partial", "application")
        nb.cells = [
            one
            for one in nb.cells
            if one.metadata.get("nbgrader", {}).get("grade_id") not in gone
        ]

    job, honest = attempt(delete)
    found = notebooks(job)["problem1"]
    assert marks(found) == marks(honest)
    for name in ("intro", "test_squares", "test_partial"):
        assert source(found, name) == source(honest, name)
    assert source(found, "application").startswith("# This cell (id:application) was")
    order = [one for one in marks(found)]
    assert order == list(marks(honest))
    assert {kind for kind, _, _ in flags(job)} == {"missing-cell"}
    assert len(job.flags) == 4


def test_a_notebook_without_any_cell_gets_the_locked_and_the_graded_ones(attempt):
    job, honest = attempt(lambda nb: nb.update(cells=[]))
    found = notebooks(job)["problem1"]
    assert set(marks(found)) == set(marks(honest)) - {"squares", "total"}
    assert len(job.flags) == len(marks(honest))


def test_a_course_can_ask_that_deleted_cells_stay_deleted(course_folder, submit):
    config = course_folder / "nbgrader_config.py"
    config.write_text(
        config.read_text() + "c.OverwriteCells.add_missing_cells = False\n"
    )
    submit(course_folder, "ann", edit=lambda _, nb: nb.cells.pop())
    job = planned(Course.open(course_folder))["ann"]
    assert "application" not in marks(notebooks(job)["problem1"])
    assert {kind for kind, _, _ in flags(job)} == {"missing-cell"}


def test_a_kernelspec_of_the_students_choice_is_overwritten(attempt):
    evil = {"name": "bash", "display_name": "x", "language": "bash"}

    job, honest = attempt(lambda nb: nb.metadata.update(kernelspec=evil))
    assert notebooks(job)["problem1"].metadata == honest.metadata


def test_one_renamed_notebook_is_found_by_its_cells(course_folder, submit):
    folder = submit(course_folder, "ann")
    honest = planned(Course.open(course_folder))["ann"]
    (folder / "problem1.ipynb").rename(folder / "problem1 (1).ipynb")
    (folder / "scratch.ipynb").write_text("not a notebook")
    job = planned(Course.open(course_folder))["ann"]
    assert job.notebooks == honest.notebooks
    assert flags(job) == [("renamed-notebook", "problem1", "")]


def test_a_missing_notebook_is_left_to_the_gradebook_unless_there_is_another(
    course_folder, submit
):
    folder = submit(course_folder, "ann", remove=("problem2.ipynb",))
    job = planned(Course.open(course_folder))["ann"]
    assert list(notebooks(job)) == ["problem1"]
    assert job.flags == ()
    (folder / "answers.ipynb").write_text("{}")
    job = planned(Course.open(course_folder))["ann"]
    assert flags(job) == [("missing-notebook", "problem2", "")]


def test_a_second_copy_of_a_notebook_is_named_and_not_graded(course_folder, submit):
    folder = submit(course_folder, "ann")
    shutil.copy(folder / "problem1.ipynb", folder / "problem1-Copy1.ipynb")
    (folder / "mine.ipynb").write_text('{"nbformat": 4, "cells": []}')
    job = planned(Course.open(course_folder))["ann"]
    assert list(notebooks(job)) == ["problem1", "problem2"]
    assert flags(job) == [("other-notebook", "", "")]
    assert not [name for name in job.files if name.endswith(".ipynb")]


def test_the_masters_files_replace_the_students_but_for_those_exempt(
    course_folder, submit
):
    submit(course_folder, "ann", files={"data/numbers.txt": "6\n", "mine.txt": "x"})
    job = planned(Course.open(course_folder))["ann"]
    assert job.files["data/numbers.txt"] == b"1\n2\n3\n"
    assert job.files["mine.txt"] == b"x"
    assert "timestamp.txt" in job.files
    config = course_folder / "nbgrader_config.py"
    config.write_text(
        config.read_text()
        + "c.Autograde.exclude_overwriting = {'ps1': ['data/numbers.txt']}\n"
    )
    course = Course.open(course_folder)
    job = planned(course)["ann"]
    assert job.files["data/numbers.txt"] == b"6\n"
    assert dict(job.files) == stock(course, "ann")[1]


def test_a_module_of_the_students_that_shadows_is_flagged_but_not_the_masters(
    course_folder, submit
):
    (course_folder / "source" / "ps1" / "checks.py").write_text("x = 1")
    (course_folder / "source" / "ps1" / "statistics.py").write_text("x = 1")
    submit(
        course_folder,
        "ann",
        files={"statistics.py": "x = 2", "unittest.py": "", "helpers.py": ""},
    )
    job = planned(Course.open(course_folder))["ann"]
    assert flags(job) == [("shadows-module", "", "")]
    assert "unittest.py" in job.flags[0].message
    assert job.files["statistics.py"] == b"x = 1"


def test_names_that_a_student_chose_cannot_write_to_a_terminal(course_folder, submit):
    escape = "\x1b[2J"

    def poison(name, nb):
        cell = find(nb, "squares" if name == "problem1" else "double")
        cell.metadata.nbgrader[escape] = 1
        nb.cells.append(again(cell))
        nb.cells[-1].metadata.nbgrader["grade_id"] = escape

    folder = submit(course_folder, "ann", edit=poison, files={f"{escape}.ipynb": "{}"})
    (folder / f"{escape}.txt").symlink_to("/")
    (folder / "problem1.ipynb").rename(folder / f"{escape}2.ipynb")
    job = planned(Course.open(course_folder))["ann"]
    assert len(job.flags) == 6
    assert all(flag.message.isprintable() for flag in job.flags)


HOPELESS = {
    "not-json": {"files": {"problem1.ipynb": "{'python': 1}"}},
    "binary": {"files": {"problem1.ipynb": b"\xff\xfe\x00"}},
    "empty": {"files": {"problem2.ipynb": ""}},
    "no-cells": {"files": {"problem1.ipynb": '{"nbformat": 4}'}},
    "nested": {"files": {"problem1.ipynb": "[" * 10**6}},
    "none": {"remove": ("problem1.ipynb", "problem2.ipynb")},
}


def test_what_cannot_be_graded_is_told_and_is_nobody_elses_problem(
    course_folder, submit
):
    for student, options in HOPELESS.items():
        submit(course_folder, student, **options)
    (submit(course_folder, "linked") / "problem1.ipynb").unlink()
    link = course_folder / "submitted" / "linked" / "ps1" / "problem1.ipynb"
    link.symlink_to(course_folder / "gradebook.db")
    (course_folder / "submitted" / "mallory").symlink_to(
        course_folder / "submitted" / "linked"
    )
    (course_folder / "submitted" / "nobody" / "ps1").mkdir(parents=True)
    submit(course_folder, "zoe")
    found = planned(Course.open(course_folder))
    bad = {*HOPELESS, "linked", "mallory", "nobody"}
    assert set(found) == bad | {"zoe"}
    assert found["zoe"].flags == ()
    for student in bad:
        outcome = found[student]
        assert isinstance(outcome, Outcome)
        assert outcome.executions == ()
        assert len(outcome.failure) > 20
    assert "symbolic link" in found["linked"].failure
    assert "problem2.ipynb cannot be read" in found["empty"].failure
    again = planned(Course.open(course_folder))
    assert {one.key for one in again.values()} == {one.key for one in found.values()}
    assert len({one.key for one in found.values()}) == len(found)


def test_what_no_repair_foresaw_is_one_submissions_failure(
    course_folder, submit, monkeypatch
):
    submit(course_folder, "ann")
    submit(course_folder, "bob")
    from mlcourse.grading import plan as module

    real = module.repair_notebook

    def repair(nb, master, **options):
        if any("poison" in one.source for one in nb.cells):
            raise RecursionError("maximum recursion depth exceeded")
        return real(nb, master, **options)

    monkeypatch.setattr(module, "repair_notebook", repair)
    submit(course_folder, "eve", answers={"squares": "poison"})
    found = planned(Course.open(course_folder))
    assert "RecursionError" in found["eve"].failure
    assert all(isinstance(found[name], Job) for name in ("ann", "bob"))


def test_graded_submissions_are_skipped_until_newer_or_forced(course_folder, submit):
    for student in ("ann", "bob"):
        submit(course_folder, student)
    course = Course.open(course_folder)
    done = course.autograded("ann", "ps1")
    shutil.copytree(course.submitted("ann", "ps1"), done)
    assert list(planned(course)) == ["bob"]
    assert list(planned(course, force=True)) == ["ann", "bob"]
    assert list(planned(course, force=True, students=["ann"])) == ["ann"]
    submit(course_folder, "ann", timestamp="2026-03-02 12:00:00 UTC")
    assert list(planned(course)) == ["ann", "bob"]


def test_errors_of_the_caller_come_at_once(course_folder, submit):
    submit(course_folder, "ann")
    course = Course.open(course_folder)
    with pytest.raises(AssignmentNotFoundError, match="Did you mean 'ps1'"):
        plan(course, "psi1")
    with pytest.raises(AssignmentNotFoundError, match="No submission of 'ps1' by bob"):
        plan(course, "ps1", students=["bob"])


def test_the_time_for_a_cell_is_the_courses_own(course_folder, submit):
    submit(course_folder, "ann")
    assert planned(Course.open(course_folder))["ann"].cell_seconds == 30
    config = course_folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.ExecutePreprocessor.timeout = 120\n")
    course = Course.open(course_folder)
    assert planned(course)["ann"].cell_seconds == 120
    assert planned(course, cell_seconds=7)["ann"].cell_seconds == 7
    config.write_text(config.read_text() + "c.ExecutePreprocessor.timeout = -1\n")
    assert planned(Course.open(course_folder))["ann"].cell_seconds == 0


def test_a_job_is_the_same_in_another_process(course_folder, submit):
    submit(course_folder, "ann", files={"b.txt": "", "a.txt": "", "json.py": ""})
    script = (
        "import sys, pathlib\n"
        "from mlcourse.grading.course import Course\n"
        "from mlcourse.grading.plan import plan\n"
        "print(next(plan(Course.open(pathlib.Path(sys.argv[1])), 'ps1')).key)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(course_folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == planned(Course.open(course_folder))["ann"].key


def test_another_seed_is_another_job(course_folder, submit, monkeypatch):
    submit(course_folder, "ann")
    course = Course.open(course_folder)
    monkeypatch.delenv("MLCOURSE_SEED", raising=False)
    usual = planned(course)["ann"]
    assert usual.variables == {}
    monkeypatch.setenv("MLCOURSE_SEED", "7")
    other = planned(course)["ann"]
    assert other.variables == {"MLCOURSE_SEED": "7"}
    assert other.key != usual.key


def test_a_courses_own_steps_before_execution_are_taken(course_folder, submit):
    config = course_folder / "nbgrader_config.py"
    config.write_text(
        config.read_text() + "from nbgrader.preprocessors import NbGraderPreprocessor\n"
        "class Sign(NbGraderPreprocessor):\n"
        "    def preprocess(self, nb, resources):\n"
        "        nb.metadata['signed'] = resources['nbgrader']['student']\n"
        "        return nb, resources\n"
        "c.Autograde.sanitize_preprocessors = [\n"
        "    'nbgrader.preprocessors.OverwriteCells', Sign]\n"
    )
    submit(course_folder, "ann")
    nb = notebooks(planned(Course.open(course_folder))["ann"])["problem1"]
    assert nb.metadata.signed == "ann"
    assert "a hidden test" in source(nb, "test_squares")


NOT_TEXT = st.none() | st.booleans() | st.integers() | st.floats()
TEXT = st.text(st.characters(exclude_categories=()), max_size=5)
VALUES = st.recursive(
    NOT_TEXT | TEXT | st.sampled_from(["squares", "code", "raw", "test_total"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            TEXT | st.sampled_from(["nbgrader", "tags"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Yield the path of every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places(one, (*path, key))


@st.composite
def mutated(draw, honest):
    """Return a notebook's JSON with a few changes anywhere."""
    raw = copy.deepcopy(honest)
    for _ in range(draw(st.integers(1, 6))):
        path = draw(st.sampled_from(sorted(places(raw), key=repr)))
        holder = raw
        for key in path[:-1]:
            holder = holder[key]
        last = path[-1]
        match draw(st.sampled_from(["replace", "delete", "twice", "swap", "tag"])):
            case "replace":
                holder[last] = draw(VALUES)
            case "delete" if len(holder) > 1:
                del holder[last]
            case "twice" if isinstance(holder, list):
                holder.insert(0, copy.deepcopy(holder[last]))
            case "swap" if isinstance(holder, list):
                holder.append(holder.pop(last))
            case "tag" if isinstance(holder, dict):
                holder["metadata"] = {"tags": ["skip-execution"]}
            case _:
                holder[last] = None
    return raw


@pytest.fixture(scope="module")
def planner(_released, tmp_path_factory):
    root = tmp_path_factory.mktemp("mutated") / "course"
    shutil.copytree(_released, root)
    course = Course.open(root)
    return Planner(course, read_master(course, "ps1"), Job("ps1", "", ()))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_notebook_makes_the_planner_raise_or_changes_what_is_the_masters(
    planner, data
):
    root = planner.course.root
    honest = json.loads((root / "release/ps1/problem1.ipynb").read_text())
    folder = root / "submitted/eve/ps1"
    folder.mkdir(parents=True, exist_ok=True)
    raw = data.draw(mutated(honest))
    (folder / "problem1.ipynb").write_text(json.dumps(raw))
    job = planner.job("eve")
    if isinstance(job, Outcome):
        assert "cannot be read" in job.failure
        return
    json.dumps(job.as_json(), allow_nan=False)
    nb = notebooks(job)["problem1"]
    nbformat.validate(nb)
    assert not [one for one in nb.cells if "tags" in one.metadata]
    found = marks(nb)
    for wanted in planner.master.notebooks["problem1"].cells.values():
        if not (wanted.locked or wanted.grade):
            continue
        cell = find(nb, wanted.name)
        assert cell.cell_type == wanted.cell_type
        assert found[wanted.name]["grade"] is wanted.grade
        assert found[wanted.name]["solution"] is wanted.solution
        if wanted.grade:
            assert found[wanted.name]["points"] == wanted.max_score
        if wanted.locked:
            assert cell.source == wanted.source
            assert compute_checksum(cell) == wanted.checksum
