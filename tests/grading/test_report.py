"""The report tells what the gradebook, the notebooks and the journal hold."""

import io
import math
import re
from collections import Counter

import pytest
from nbformat.v4 import new_code_cell, new_output
from rich.console import Console
from typer.testing import CliRunner

from mlcourse.cli import app
from mlcourse.grading.job import Execution, Flag, Outcome
from mlcourse.grading.marks import Gradesheet, Grading, Person
from mlcourse.grading.report import assemble, complaint
from mlcourse.grading.report_page import as_page, print_report, write_page
from mlcourse.grading.similarity import Fragment, Pair

ITEMS = {("nb", "a"): 2.0, ("nb", "b"): 1.0, ("nb", "words"): 3.0}
SCORES = {"ada": (2, 1), "bob": (1, 0), "cyd": (0, 0), "<i>dan</i>": (2, 1)}


def sheet(scores=None):
    gradings = []
    for student, (a, b) in (SCORES if scores is None else scores).items():
        gradings += [
            Grading(student, "nb", "a", a, 2.0),
            Grading(student, "nb", "b", b, 1.0),
            Grading(student, "nb", "words", 0.0, 3.0, by_hand=True, graded=False),
        ]
    people = {name: Person(name) for name in [*SCORES, "eve"]}
    return Gradesheet("ps1", people, ITEMS, tuple(gradings), {})


def run(name, seconds, *, reason=""):
    return Execution(name, "", "namespaces+cgroup", reason, seconds, seconds / 2, 90)


OUTCOMES = {
    "ada": Outcome("1", "ada", (run("nb", 2.0), run("more", 1.0))),
    "bob": Outcome(
        "2",
        "bob",
        (run("nb", 9.0, reason="memory"),),
        (Flag("shadows-module", "<b>x"),),
    ),
    "cyd": Outcome("3", "cyd", failure="no notebook"),
}


def report(**more):
    failing = {("nb", "a"): Counter({"It must be < 1. Hint: count": 2, "x": 1})}
    return assemble(sheet(), OUTCOMES, failing=failing, **more)


def test_items_have_difficulty_discrimination_and_the_commonest_failure():
    a, b, words = report().items
    assert (a.name, a.points, a.lost) == ("nb/a", 2.0, 2)
    assert a.difficulty == pytest.approx(5 / 8)
    assert a.item_total == pytest.approx(0.9045, abs=1e-4)  # Pearson, by hand
    assert a.upper_lower == pytest.approx(1 - 0.08 * 0.5 / 1.08)  # 27 % of 4: 1.08
    assert a.failing[0] == ("It must be < 1. Hint: count", 2)
    assert b.difficulty == 0.5
    assert math.isnan(words.difficulty)
    assert math.isnan(words.item_total)
    assert words.waiting == 4


def test_costs_are_those_of_whole_submissions():
    time, cpu, memory = report().costs
    assert (time.median, time.most) == (6.0, 9.0)
    assert time.p95 == pytest.approx(8.7)
    assert cpu.median == 3.0
    assert memory.most == 90


def test_what_needs_a_person_is_named():
    made = report()
    assert made.failures == (("cyd", "no notebook"),)
    assert made.ended == (("bob", "nb", "memory"),)
    assert [student for student, _ in made.flags] == ["bob"]
    assert made.tiers == (("namespaces+cgroup", 3),)
    assert list(made.waiting) == [("nb/words",)]
    assert len(made.waiting[("nb/words",)]) == 4


def test_a_class_that_stock_nbgrader_graded_has_a_report():
    made = assemble(sheet(), {})
    assert made.costs == ()
    assert "Time and memory" not in as_page(made)


def test_a_class_of_nobody_has_a_report():
    made = assemble(sheet({}), OUTCOMES)
    assert math.isnan(made.items[0].difficulty)
    assert "Not graded: no notebook" in as_page(made)


def test_the_page_is_one_file_in_which_nothing_runs():
    pair = Pair("ada", "bob", 0.9, 12, (Fragment(("nb", "a"), "<script>1", "2"),))
    page = as_page(report(pairs=[pair]), date="2026-11-21")
    assert "<script" not in page
    assert "<i>dan" not in page
    assert "<b>x" not in page
    assert "shadows-module: &lt;b&gt;x" in page
    assert "It must be &lt; 1." in page
    assert "ada and bob: 90% of the shorter one" in page
    assert 'src="data:image/png;base64,' in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def test_the_text_says_the_same():
    file = io.StringIO()
    print_report(report(), Console(file=file, width=200))
    text = file.getvalue()
    for words in (
        "Handed in and graded: 4 of 5",
        "Mean: 1.75 of 6",
        "It must be < 1. Hint: count",
        "cyd: not graded: no notebook",
        "bob: nb: the memory limit ended it",
        "bob: shadows-module: <b>x",
        "nb/words: <i>dan</i> ada bob cyd",
        "sandbox (namespaces+cgroup): 3",
    ):
        assert words in text


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    assert write_page(report(), tmp_path / "r.html").read_text().endswith("</html>")
    with pytest.raises(ValueError, match="cannot be written"):
        write_page(report(), tmp_path / "no" / "r.html")


def test_a_complaint_is_the_first_failure_and_its_hint():
    html = (
        "<div>Not yet: psi</div><ul><li><span>ok</span>One.</li><li><span>not yet"
        "</span>Two.<div>Why: far</div></li></ul><div>Hint: Look.</div>"
    )
    card = new_output("execute_result", data={"text/html": html, "text/plain": "0"})
    assert complaint(new_code_cell("", outputs=[card])) == "not yet Two. Hint: Look."


def test_a_complaint_without_words_is_the_line_that_does_not_hold():
    traceback = [
        "\x1b[32m      1\x1b[39m a\n\x1b[32m----> 2\x1b[39m assert f(1) == 2\n"
    ]
    error = new_output("error", ename="AssertionError", evalue="", traceback=traceback)
    cell = new_code_cell("", outputs=[error])
    assert complaint(cell) == "AssertionError: assert f(1) == 2"
    assert complaint(new_code_cell("")) == ""


def test_the_command_says_that_nobody_is_graded(course_folder):
    place = str(course_folder)
    done = CliRunner().invoke(app, ["grade", "report", "ps1", "--course", place])
    assert done.exit_code == 1
    assert "is graded yet" in done.output


def test_the_command_reads_a_gradebook(course_folder, submit, tmp_path):
    from mlcourse.grading.course import Course

    submit(course_folder, "ada")
    with Course.open(course_folder).gradebook() as gradebook:
        gradebook.update_or_create_student("ada")
        with gradebook.db.no_autoflush:
            submission = gradebook.update_or_create_submission("ps1", "ada")
        for notebook in submission.notebooks:
            for given in notebook.grades:
                given.auto_score, given.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    out = tmp_path / "report.html"
    words = ["grade", "report", "ps1", "--course", str(course_folder)]
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "Mean: 7.00 of 15" in done.output
    assert "test_squares" in out.read_text()
