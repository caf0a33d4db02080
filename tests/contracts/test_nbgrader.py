"""The course in an instructor's hands: stock nbgrader from release to export.

One class for each lab: a full submission, half of one with edited and deleted checks,
an untouched one, and one in which every answer is a planted mistake. Stock nbgrader and
`mlcourse grade` must give the same scores (invariant 4).
"""

import copy
import csv
import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab
from mlcourse.authoring.wrong_answers import read_wrong_answers
from mlcourse.grading.course import Course
from mlcourse.grading.run import grade
from mlcourse.paths import find_course

COURSE = find_course()
LABS = COURSE.lab_names()
GRADING = ".grading"
PICTURES = COURSE.root / ".artefacts" / "feedback"


@dataclass(frozen=True)
class Class:
    """A course folder after stock nbgrader graded a class."""

    lab: str
    root: Path
    submissions: dict[str, nbformat.NotebookNode]

    def nbgrader(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=self.root,
            env=os.environ | {"JUPYTER_CONFIG_DIR": str(self.root / "config")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def scores(self, student: str, *, root: Path | None = None) -> dict[str, float]:
        """Return the automatic scores that stand in the gradebook."""
        from nbgrader.api import Gradebook

        path = (root or self.root) / GRADING / "gradebook.db"
        with Gradebook(f"sqlite:///{path}", "mlcourse") as gradebook:
            notebook = gradebook.find_submission_notebook(self.lab, self.lab, student)
            return {
                grade.name.removeprefix("test_"): grade.auto_score
                for grade in notebook.grades
                if grade.name.startswith("test_")
            }


def submissions(lab_name: str) -> dict[str, nbformat.NotebookNode]:
    """Return what four learners hand in."""
    folder = COURSE.solutions / lab_name
    lab = read_lab(folder)
    answers = [cell.name for cell in lab.of("answer", "memo")]
    released = nbformat.read(COURSE.labs / lab_name / f"{lab_name}.ipynb", as_version=4)
    full = submission(lab)
    stubs = {cell.id: cell.source for cell in released.cells}
    half = copy.deepcopy(full)
    for cell in half.cells:
        if cell.id in answers[len(answers) // 2 :]:
            cell.source = stubs[cell.id]
    tests = [cell for cell in half.cells if cell.id.startswith("test_")]
    half.cells.remove(tests[-1])
    tests[0].source = "100.0"
    planted: dict[str, list[str]] = {}
    for wrong in read_wrong_answers(folder):
        planted.setdefault(wrong.answer, []).append(wrong.code)
    return {
        "full": full,
        "half": half,
        "untouched": released,
        "wrong": submission(lab, {name: codes[0] for name, codes in planted.items()}),
    }


@functools.cache
def grade_class(lab: str, root: Path) -> Class:
    """Release a lab, collect a class, grade it, and write feedback and grades."""
    shutil.copy(COURSE.root / "nbgrader_config.py", root)
    shutil.copytree(COURSE.solutions / lab, root / "solutions" / lab)
    group = Class(lab, root, submissions(lab))
    group.nbgrader("generate_assignment", lab, "--create")
    released = (root / "labs" / lab / f"{lab}.ipynb").read_bytes()
    assert released == (COURSE.labs / lab / f"{lab}.ipynb").read_bytes()
    for student, notebook in group.submissions.items():
        place = root / GRADING / "submitted" / student / lab
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{lab}.ipynb")
        shutil.copy(COURSE.labs / lab / "checks.py", place)
    # A learner who changes the checks beside the notebook gains nothing.
    forged = root / GRADING / "submitted" / "half" / lab / "checks.py"
    forged.write_text("from unittest.mock import MagicMock\nchecks = MagicMock()\n")
    group.nbgrader("autograde", lab, "--create")
    group.nbgrader("generate_feedback", lab)
    group.nbgrader("export", "--to", f"{GRADING}/grades.csv")
    return group


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    return {lab: tmp_path_factory.mktemp(lab) for lab in LABS}


@pytest.fixture(params=LABS)
def graded(request, folders) -> Class:
    return grade_class(request.param, folders[request.param])


pytestmark = pytest.mark.slow


def test_the_full_submission_gets_all_automatic_points(graded):
    points = {
        c.name: c.points for c in read_lab(COURSE.solutions / graded.lab).of("test")
    }
    assert graded.scores("full") == points


def test_the_untouched_submission_gets_exactly_nothing(graded):
    assert set(graded.scores("untouched").values()) == {0.0}


def test_half_a_submission_gets_the_points_of_its_half(graded):
    half, full = graded.scores("half"), graded.scores("full")
    done = {name for name in full if half[name] == full[name]}
    assert len(done) < len(full)
    assert len(done) > 0 or len(full) == 1
    assert {half[name] for name in full if name not in done} == {0.0}


def test_edited_and_deleted_checks_come_back_before_grading(graded):
    half, full = graded.scores("half"), graded.scores("full")
    assert set(half) == set(full)
    assert all(half[name] <= full[name] for name in full)


def test_planted_mistakes_lose_points(graded):
    full = graded.scores("full")
    planted = {
        wrong.judged_by for wrong in read_wrong_answers(COURSE.solutions / graded.lab)
    }
    scores = graded.scores("wrong")
    assert [name for name in planted if scores[name] >= full[name]] == []


@pytest.mark.sandbox
def test_4_stock_nbgrader_and_ours_give_the_same_scores(graded, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(graded.root, root)
    for name in ("autograded", "feedback"):
        shutil.rmtree(root / GRADING / name)
    course = Course.open(root)
    _hand_in_forgery(root / GRADING / "submitted", graded)
    done = {one.outcome.student: one for one in grade(course, graded.lab, workers=2)}

    assert [one.outcome.failure for one in done.values()] == [""] * len(done)
    for student in graded.submissions:
        assert graded.scores(student, root=root) == graded.scores(student)
        assert (
            course.autograded(student, graded.lab) / f"{graded.lab}.ipynb"
        ).is_file()
    # Nobody honest is suspected; who replaced the checks is, test by test.
    flagged = {
        name: {flag.kind for flag in one.outcome.flags} for name, one in done.items()
    }
    assert flagged.pop("forger") == {"check-replaced"}
    assert flagged.pop("half") <= {"missing-cell"}
    assert set().union(*flagged.values()) == set()


def _hand_in_forgery(submitted: Path, graded: Class) -> None:
    """Add a learner whose first answer puts other checks in place of the lab's."""
    notebook = copy.deepcopy(graded.submissions["untouched"])
    first = read_lab(COURSE.solutions / graded.lab).of("answer")[0].name
    cell = next(cell for cell in notebook.cells if cell.id == first)
    cell.source += (
        "\nclass Forged:\n"
        "    def __getattr__(self, name): return Forged()\n"
        "    def __call__(self, *args, points=None, **named):\n"
        "        return self if points is None else float(points)\n"
        "checks = Forged()\nexpect = lambda *args, **named: None\n"
    )
    place = submitted / "forger" / graded.lab
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{graded.lab}.ipynb")


def test_the_export_has_a_row_for_each_learner_with_its_total(graded):
    with (graded.root / GRADING / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(graded.submissions)
    for student, row in rows.items():
        assert float(row["raw_score"]) == pytest.approx(
            sum(graded.scores(student).values())
        )
        assert float(row["max_score"]) == read_lab(COURSE.solutions / graded.lab).points


def test_every_learner_gets_a_feedback_page_with_the_card(graded):
    pages = {}
    for student in graded.submissions:
        folder = graded.root / GRADING / "feedback" / student / graded.lab
        pages[student] = (folder / f"{graded.lab}.html").read_text()
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{graded.lab}.html").write_text(pages["wrong"])
    assert "Passed: " in pages["full"]
    assert "Passed: " not in pages["untouched"]
    assert "Not attempted: " in pages["untouched"]
    assert "Hint: " in pages["wrong"]


def test_written_answers_wait_for_a_person(graded):
    from nbgrader.api import Gradebook

    written = read_lab(COURSE.solutions / graded.lab).of("written", "memo")
    path = graded.root / GRADING / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "mlcourse") as gradebook:
        notebook = gradebook.find_submission_notebook(graded.lab, graded.lab, "full")
        waiting = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
    assert waiting == {cell.name for cell in written}


def test_the_release_holds_only_the_notebook_and_its_checks(graded):
    released = sorted(p.name for p in (graded.root / "labs" / graded.lab).iterdir())
    assert released == [f"{graded.lab}.ipynb", "checks.py"]
    cells = json.loads((graded.root / "labs" / graded.lab / released[0]).read_text())
    assert "HIDDEN" not in json.dumps(cells)
