"""A quiz in the hands of stock nbgrader, from release to export."""

import copy
import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from mlcourse.authoring.quiz import make_quiz
from mlcourse.authoring.regions import drop_markers
from mlcourse.flashcards.quiz import draw
from mlcourse.glossary.load import load
from mlcourse.paths import find_course

COURSE = find_course()
BIN = str(Path(sys.executable).parent)
SEED = 11
STUB = r"# YOUR CODE HERE(\nraise NotImplementedError\(\))?"
TOPIC = ("monitoring-and-reliability", "ab-testing")


@pytest.fixture(scope="module")
def glossary():
    return load(COURSE.glossary / "terms")


@pytest.fixture(scope="module")
def source(glossary):
    return make_quiz(glossary, seed=SEED, categories=TOPIC, title="Quiz: drift & tests")


@pytest.fixture(scope="module")
def questions(glossary):
    return draw(glossary, seed=SEED, categories=TOPIC)


def solved(source, answers=None):
    """Return what a learner hands in who gives these answers, by name."""
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        cell.source = drop_markers(cell.source)
        name = cell.id
        if answers is not None and name.startswith("answer_"):
            cell.source = f"{name} = {answers.get(name, '')!r}"
        if name.startswith("test_"):
            cell.source = cell.source.split("\n")[0]
    return notebook


def test_the_same_arguments_give_the_same_notebook(glossary, source):
    again = make_quiz(
        glossary, seed=SEED, categories=TOPIC, title="Quiz: drift & tests"
    )
    assert nbformat.writes(again) == nbformat.writes(source)


def test_the_notebook_is_valid_and_of_nbgraders_schema(source):
    nbformat.validate(source)
    marks = [c.metadata.nbgrader for c in source.cells if "nbgrader" in c.metadata]
    assert {mark.schema_version for mark in marks} == {3}
    assert [mark.points for mark in marks if mark.grade] == [1] * 20
    assert [mark.solution for mark in marks] == [True, False] * 20
    assert len({cell.id for cell in source.cells}) == len(source.cells) == 61


def test_every_question_stands_in_its_text(source, questions):
    texts = [cell.source for cell in source.cells if cell.id.startswith("question_")]
    for number, (text, question) in enumerate(zip(texts, questions, strict=True), 1):
        assert text.startswith(f"**{number}. ")
        shown = re.findall(r"^([A-D])\) ", text, re.MULTILINE)
        assert len(shown) == len(question.choices)


@pytest.fixture(scope="module", params=["stock", "course"])
def graded(request, source, questions, tmp_path_factory):
    """A course folder after nbgrader graded a class: its own settings, and ours."""
    root = tmp_path_factory.mktemp(request.param)
    stock = request.param == "stock"
    work, folder = (root, "source") if stock else (root / ".grading", "solutions")
    if stock:
        config = "c = get_config()\nc.CourseDirectory.course_id = 'other'\n"
        (root / "nbgrader_config.py").write_text(config)
    else:
        shutil.copy(COURSE.root / "nbgrader_config.py", root)

    def nbgrader(*words):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=root,
            env=os.environ
            | {
                "MLCOURSE_HOME": str(COURSE.root),
                "PATH": os.pathsep.join((BIN, os.environ["PATH"])),  # for alembic
                "JUPYTER_CONFIG_DIR": str(root / "config"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    (root / folder / "quiz").mkdir(parents=True)
    nbformat.write(source, root / folder / "quiz" / "quiz.ipynb")
    nbgrader("generate_assignment", "quiz", "--create")
    release = root / ("release" if stock else "labs") / "quiz" / "quiz.ipynb"
    untouched = nbformat.read(release, as_version=4)
    half = {}
    for number, question in enumerate(questions, start=1):
        near = f"{question.answer})" if question.choices else question.answer
        half[f"answer_{number:02d}"] = near.lower() if number % 2 else "model"
    submissions = {
        "full": solved(source),
        "half": solved(source, half),
        "untouched": untouched,
    }
    for student, notebook in submissions.items():
        place = work / "submitted" / student / "quiz"
        place.mkdir(parents=True)
        nbformat.write(notebook, place / "quiz.ipynb")
    nbgrader("autograde", "quiz", "--create")
    nbgrader("export", "--to", str(root / "grades.csv"))
    with (root / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    return untouched, rows


@pytest.mark.slow
def test_the_model_solution_gets_all_points_and_untouched_cells_get_none(graded):
    _, rows = graded
    assert {row["max_score"] for row in rows.values()} == {"20.0"}
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores == {"full": 20.0, "half": 10.0, "untouched": 0.0}


@pytest.mark.slow
def test_what_learners_get_holds_no_answer_in_any_form(graded, questions):
    untouched, _ = graded
    text = nbformat.writes(untouched)
    for word in ("SOLUTION", "HIDDEN", "mark_words", "mark_letter", "mlcourse.flash"):
        assert word not in text
    for question in questions:
        assert question.card not in text
    for cell in untouched.cells:
        if cell.id.startswith("answer_"):
            assert re.fullmatch(
                rf'{cell.id} = ""  # (words|a letter)\n{STUB}', cell.source
            )
        elif cell.id.startswith("test_"):
            number = int(cell.id[-2:])
            assert cell.source == (
                f"# Question {number} is marked when you have handed in."
            )
    assert set(untouched.metadata) == {"kernelspec", "language_info"}


@pytest.mark.slow
def test_the_checksums_of_the_release_are_of_what_is_seen(graded):
    untouched, _ = graded
    marked = [
        cell
        for cell in untouched.cells
        if "checksum" in cell.metadata.get("nbgrader", {})
    ]
    assert len(marked) == 40
    for cell in marked:
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
