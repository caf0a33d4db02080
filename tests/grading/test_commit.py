"""The committer against stock nbgrader: the same rows, the same folder."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from grading.conftest import ASSIGNMENT, hand_in

from mlcourse.grading.commit import committer
from mlcourse.grading.course import Course, GradebookError
from mlcourse.grading.job import Execution, Flag, Job, Outcome
from mlcourse.grading.journal import Journal

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CONFIG = """
c.LateSubmissionPlugin.penalty_method = "zero"
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "harmless"
c.LimitOutput.max_lines = 20
"""
TABLES = {
    "grade": "auto_score, manual_score, extra_credit, needs_manual_grade",
    "comment": "auto_comment, manual_comment",
}


def rows(course):
    """Return grades, comments and submissions, without the random ids."""
    with closing(sqlite3.connect(course / "gradebook.db")) as base:
        found = {
            table: base.execute(
                f"SELECT a.student_id, n.name, c.name, {columns} FROM {table} g "
                "JOIN base_cell c ON c.id = g.cell_id "
                "JOIN submitted_notebook s ON s.id = g.notebook_id "
                "JOIN notebook n ON n.id = s.notebook_id "
                "JOIN submitted_assignment a ON a.id = s.assignment_id ORDER BY 1, 2, 3"
            ).fetchall()
            for table, columns in TABLES.items()
        }
        found["submission"] = base.execute(
            "SELECT a.student_id, a.timestamp, n.name, s.late_submission_penalty, "
            "s.flagged FROM submitted_assignment a "
            "JOIN submitted_notebook s ON s.assignment_id = a.id "
            "JOIN notebook n ON n.id = s.notebook_id ORDER BY 1, 3"
        ).fetchall()
        found["student"] = base.execute("SELECT * FROM student ORDER BY 1").fetchall()
    return found


def tree(folder):
    """Return content and permissions of every file and folder."""
    return {
        str(path.relative_to(folder)): (
            oct(path.stat().st_mode),
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def autograde(course, *words):
    """Run stock nbgrader in a course folder."""
    beside = str(Path(sys.executable).parent)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, *words],
        cwd=course,
        env=os.environ | {"PATH": beside + os.pathsep + os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def hand_in_class(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(CONFIG)
    with closing(sqlite3.connect(course / "gradebook.db")) as base, base:
        base.execute("UPDATE assignment SET duedate = '2026-03-01 13:00:00'")
    noisy = {
        "squares": "import sys\ndef squares(n):\n"
        "    print('harmless', file=sys.stderr)\n"
        "    print('x\\n' * 50)\n    return [1, 4, 9][:n]"
    }
    hand_in(course, "ada", files={"own/notes.txt": "mine"})
    hand_in(course, "bob", solved=False, remove=("problem2.ipynb",))
    late = "2026-03-01 14:00:00.000000 UTC"
    hand_in(course, "cat", answers=noisy, timestamp=late)
    hand_in(course, "dan", answers={"double": "import os"}, timestamp="")


@pytest.fixture(scope="session")
def stock(_released, tmp_path_factory):
    """A course as stock nbgrader leaves it."""
    course = tmp_path_factory.mktemp("stock") / "course"
    shutil.copytree(_released, course)
    hand_in_class(course)
    autograde(course)
    return course


@pytest.fixture
def ours(course_folder):
    hand_in_class(course_folder)
    return course_folder


def job_of(course, student):
    """Return the job without what only the run needs: the files."""
    folder, source = course / "submitted" / student / ASSIGNMENT, course / "source"
    files = {}
    for place in (folder, source / ASSIGNMENT):
        for path in place.rglob("*"):
            if path.is_file() and path.suffix != ".ipynb":
                files[str(path.relative_to(place))] = path.read_bytes()
    return Job(ASSIGNMENT, student, (), files)


def outcome_of(stock, student, job):
    """Return the run that stock nbgrader made."""
    executions = tuple(
        Execution(path.stem, path.read_text(), "none")
        for path in sorted(
            (stock / "autograded" / student / ASSIGNMENT).glob("*.ipynb")
        )
    )
    return Outcome(job.key, student, executions)


def commit(course, stock, student, change=lambda outcome: outcome):
    course = Course.open(course)
    journal = Journal(course.state / ASSIGNMENT)
    job = job_of(course.root, student)
    outcome = change(outcome_of(stock, student, job))
    with committer(course, ASSIGNMENT, journal) as writer:
        return writer.commit(job, outcome, now=NOW)


def commit_all(course, stock):
    return {name: commit(course, stock, name) for name in ("ada", "bob", "cat", "dan")}


@pytest.mark.slow
def test_rows_and_folders_are_those_of_stock_nbgrader(ours, stock):
    commit_all(ours, stock)

    assert rows(ours) == rows(stock)
    assert tree(ours / "autograded") == tree(stock / "autograded")


@pytest.mark.slow
def test_to_commit_again_changes_nothing(ours, stock):
    commit_all(ours, stock)
    commit_all(ours, stock)

    assert rows(ours) == rows(stock)
    assert tree(ours / "autograded") == tree(stock / "autograded")


@pytest.mark.slow
def test_what_was_graded_by_hand_stays_and_is_looked_at_again(ours, stock):
    commit(ours, stock, "ada")
    with closing(sqlite3.connect(ours / "gradebook.db")) as base, base:
        base.execute(
            "UPDATE grade "
            "SET manual_score = 1, needs_manual_grade = 0, extra_credit = 2"
        )

    graded = commit(ours, stock, "ada")

    assert len(graded.by_hand) == 6
    assert {row[4:6] for row in rows(ours)["grade"]} == {(1.0, 2.0)}


@pytest.mark.slow
def test_a_summary_tells_scores_and_what_waits_for_a_human(ours, stock):
    graded = commit_all(ours, stock)

    assert graded["ada"].score == 8
    assert graded["ada"].max_score == 15
    assert graded["ada"].by_hand == (
        "problem1/application",
        "problem2/explain",
        "problem2/formula",
    )
    assert graded["cat"].score == 0  # late
    assert graded["bob"].score == 0


@pytest.mark.slow
def test_a_flag_on_a_cell_asks_for_a_human_and_keeps_the_score(ours, stock):
    flag = Flag(
        "canary-survived", "It passed what must fail.", "problem1", "test_total"
    )

    def change(outcome):
        return replace(outcome, flags=(flag, Flag("link", "Left out.")))

    graded = commit(ours, stock, "ada", change)

    assert "problem1/test_total" in graded.by_hand
    assert graded.score == 8
    assert graded.outcome.flags == (flag, Flag("link", "Left out."))


@pytest.mark.slow
def test_a_forged_score_gets_none_and_a_flag(ours, stock):
    def forge(outcome):
        content = nbformat.reads(outcome.executions[0].text, as_version=4)
        for cell in content.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_partial":
                cell.outputs[-1].data["text/plain"] = "nan"
        first = replace(outcome.executions[0], text=nbformat.writes(content))
        return replace(outcome, executions=(first, *outcome.executions[1:]))

    graded = commit(ours, stock, "ada", forge)

    assert graded.score == 5
    assert "problem1/test_partial" in graded.by_hand
    assert [(one.notebook, one.cell) for one in graded.outcome.flags] == [
        ("problem1", "test_partial")
    ]


@pytest.mark.slow
def test_what_does_not_fit_the_gradebook_writes_nothing(ours, stock):
    before = rows(ours)

    def change(outcome):
        text = outcome.executions[0].text.replace('"test_total"', '"unheard_of"')
        first = replace(outcome.executions[0], text=text)
        return replace(outcome, executions=(first, *outcome.executions[1:]))

    graded = commit(ours, stock, "ada", change)

    assert "unheard_of" in graded.outcome.failure
    assert graded.score is None
    assert rows(ours) == before
    assert not list((ours / "autograded" / "ada").iterdir())


@pytest.mark.slow
def test_a_missing_notebook_that_is_flagged_is_no_silent_zero(ours, stock):
    flag = Flag("not-json", "It cannot be read.", "problem2")

    graded = commit(ours, stock, "bob", lambda one: replace(one, flags=(flag,)))

    assert {"problem2/explain", "problem2/formula"} <= set(graded.by_hand)


def test_a_file_cannot_leave_the_folder(ours, tmp_path):
    course = Course.open(ours)
    job = Job(ASSIGNMENT, "eve", (), {"../../../out.txt": b"x"})

    with committer(course, ASSIGNMENT, Journal(tmp_path / "j")) as writer:
        graded = writer.commit(job, Outcome(job.key, "eve"), now=NOW)

    assert "leads out" in graded.outcome.failure
    assert not list(ours.rglob("out.txt"))


def test_permissions_and_folders_of_a_shared_course(ours):
    with (ours / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.groupshared = True\n")
    course = Course.open(ours)
    job = job_of(ours, "ada")

    with committer(course, ASSIGNMENT, Journal(course.state / ASSIGNMENT)) as writer:
        writer.commit(job, Outcome(job.key, "ada"), now=NOW)

    graded = ours / "autograded" / "ada" / ASSIGNMENT
    assert (graded / "timestamp.txt").stat().st_mode & 0o777 == 0o664
    assert (graded / "data").stat().st_mode & 0o2770 == 0o2770


def test_two_graders_at_once_are_told(ours):
    course = Course.open(ours)
    journal = Journal(course.state / ASSIGNMENT)

    with (
        committer(course, ASSIGNMENT, journal),
        pytest.raises(GradebookError, match="Another grader"),
        committer(course, ASSIGNMENT, journal),
    ):
        pass
