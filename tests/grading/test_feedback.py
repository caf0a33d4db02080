"""Feedback: everything a learner should know, and nothing of the hidden tests."""

import base64
import json
import re
from datetime import UTC, datetime

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from typer.testing import CliRunner

from mlcourse.cli import app
from mlcourse.grading.course import Course
from mlcourse.grading.feedback import FeedbackError, graded, write_feedback
from mlcourse.grading.feedback_page import Mark, Sheet, as_page, parts_of
from mlcourse.grading.redaction import Delimiters, Messages, Secrets, error_name

SECRET = "assert squares(11)[-1] == 121  # a hidden test"
HIDDEN = f"### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS"
PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}


def code(source, *outputs, name="", **marks):
    cell = new_code_cell(source, outputs=list(outputs))
    if name:
        cell.metadata["nbgrader"] = {"grade_id": name, **marks}
    return cell


def check(source, *outputs, name="test", points=2):
    marks = {"grade": True, "locked": True, "solution": False, "points": points}
    return code(source, *outputs, name=name, **marks)


def answer(source, *outputs, name="answer"):
    return code(source, *outputs, name=name, solution=True, grade=False)


def says(text):
    return new_output("stream", name="stdout", text=text)


def raises(kind, value, frames="Traceback: secret frame"):
    return new_output("error", ename=kind, evalue=value, traceback=[frames])


def shows(data):
    return new_output("display_data", data=data)


def page_of(*cells, score=0.0, contained=True, own=(), comments=None, sources=()):
    marks = {"test": Mark(score, 2), "test2": Mark(score, 2)}
    sheet = Sheet(
        new_notebook(cells=list(cells)),
        marks,
        comments or {},
        lambda _: list(own),
        tuple(sources),
        contained=contained,
    )
    parts = parts_of(sheet)
    return as_page(parts, notebook="nb", assignment="ps1", student="ada")


def text_of(page):
    return re.sub("<[^>]+>", "", page.partition("<body>")[2])


def test_hidden_tests_are_cut_and_visible_ones_stay():
    page = page_of(check(f"assert squares(1) == [1]\n{HIDDEN}"))
    assert "121" not in text_of(page)
    assert "HIDDEN" not in page
    assert text_of(page).count("assert squares(1) == [1]") == 1


def test_a_region_that_is_never_closed_is_cut_to_the_end():
    page = page_of(check(f"shown = 1\n### BEGIN HIDDEN TESTS\n{SECRET}"))
    assert "121" not in text_of(page)


def test_delimiters_of_the_course_are_used():
    other = Delimiters("SECRET >", "< SECRET", "SCHEME >", "< SCHEME")
    assert other.split("a\n# SECRET > x\nb\n# < SECRET\nc") == ("a\nc", ("b",))
    assert other.split("a\n=== SCHEME >\nrubric\n=== < SCHEME") == ("a", ("rubric",))


def test_a_mark_scheme_of_a_task_is_cut():
    task = new_markdown_cell(
        "Do it.\n=== BEGIN MARK SCHEME ===\nOne point for it.\n=== END MARK SCHEME ==="
    )
    task.metadata["nbgrader"] = {"grade_id": "task", "task": True}
    page = page_of(task)
    assert "Do it." in page
    assert "One point" not in page


def test_a_test_cell_tells_its_message_and_no_frames():
    page = page_of(
        check(
            'assert squares(1) == [1], "One squared is one."',
            says("noise"),
            raises("AssertionError", "One squared is one."),
        )
    )
    assert "mf-say" in page
    assert ">One squared is one.</div>" in page
    assert "frame" not in page
    assert "noise" not in page


def test_a_message_beside_hidden_tests_passes_only_in_the_words_of_the_author():
    source = f'assert x == 1, f"It must be small, not {{x}}."\n{HIDDEN}'
    leak = base64.b64encode(SECRET.encode()).decode()
    mine = page_of(check(source, raises("AssertionError", leak)))
    assert leak[:20] not in mine
    inside = f"It must be small, not {leak}."
    page = page_of(check(source, raises("AssertionError", inside)))
    assert "It must be small, not …." in page
    assert leak[:20] not in page


def test_a_made_up_error_name_is_not_told():
    leak = "Base64" + base64.b32encode(SECRET.encode()).decode()
    page = page_of(check(HIDDEN, raises(leak, "x")), answer("x", raises(leak, "x")))
    assert leak not in page
    assert "ended with an error" in page
    assert error_name("KeyError") == "KeyError"


def test_the_sentences_of_a_check_are_told_and_its_values_are_not():
    card = (
        "<div>Not yet: psi (0 of 2 points)</div><ul><li><span>not yet</span>"
        "It is near 1."
        f"<div>Your value: {SECRET[:9]}zzz</div><div>Why: Yours is far.</div></li></ul>"
        "<div>Hint: Look at the edges.</div>"
    )
    sources = ['@psi.expects("It is near 1.")\ndef _(): hint("Look at the edges.")']
    shown = new_output("execute_result", data={"text/html": card, "text/plain": "0.0"})
    page = page_of(check(HIDDEN, shown), sources=sources)
    assert "not yet: It is near 1.\nHint: Look at the edges.</div>" in page
    assert "zzz" not in page
    assert "far" not in page


def test_a_message_is_not_longer_than_600_characters():
    page = page_of(check("assert x", raises("AssertionError", "long " * 500)))
    assert 100 < page.count("long ") <= 120


def test_outputs_before_hidden_tests_are_those_of_grading():
    page = page_of(code("f()", says("graded")), check(HIDDEN), own=[says("handed in")])
    assert "graded</pre>" in page
    assert "handed in" not in page


def test_outputs_after_hidden_tests_are_those_that_were_handed_in():
    leak = base64.b64encode(SECRET.encode()).decode()
    page = page_of(check(HIDDEN), code("print(x)", says(leak)), own=[says("handed in")])
    assert "handed in</pre>" in page
    assert "Your own output, as you handed it in." in page
    assert leak not in page


def test_without_a_sandbox_no_output_of_grading_is_shown():
    cells = (
        code("f()", says("from disk")),
        check("assert x", raises("KeyError", "disk")),
    )
    page = page_of(*cells, contained=False, own=[says("handed in")])
    assert "disk" not in page
    assert "handed in</pre>" in page


def test_a_display_that_hidden_code_could_have_changed_is_not_shown():
    changed = {"text/plain": base64.b64encode(SECRET.encode()).decode()}
    cells = code("show()", shows(changed)), check(HIDDEN)
    page = page_of(*cells, own=[shows(PICTURE)])
    assert changed["text/plain"] not in page
    assert "data:image/png;base64,iVBORw0KGgo=" in page


def test_a_display_stays_that_is_what_was_handed_in():
    cells = code("show()", says("graded"), shows(PICTURE)), check(HIDDEN)
    page = page_of(*cells, own=[says("handed in"), shows(PICTURE)])
    assert "graded</pre>" in page
    assert "data:image/png" in page


def test_an_error_in_grading_is_named_beside_hidden_tests():
    page = page_of(check(HIDDEN), code("x", raises("NameError", SECRET)))
    assert "this cell ended with an error: NameError." in page
    assert "121" not in text_of(page)


def test_a_limit_that_ended_the_notebook_is_told():
    page = page_of(check(HIDDEN), code("x", raises("MemoryLimitExceeded", "forged")))
    assert "more memory than allowed" in page
    assert "forged" not in page


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"    {SECRET}",
        SECRET.replace(" ", "\n"),
        repr(f"x\n{SECRET}\ny"),
        "<b>assert</b> squares(11)[-1] == 121 <i># a hidden test</i>",
    ],
)
def test_an_output_with_a_line_of_a_hidden_test_is_refused(text):
    page = page_of(code("f()", says(text)), check(HIDDEN), own=[])
    assert "121" not in text_of(page)
    assert "This output is not shown" in page


def test_what_was_handed_in_is_never_refused_so_that_nothing_can_be_guessed():
    page = page_of(check(HIDDEN), code("x"), own=[says("a guess: " + SECRET)])
    assert "a guess: " in page


def test_short_and_public_lines_are_no_secrets():
    secrets = Secrets.of(
        ["x = 1", "import numpy as np", SECRET], ["import numpy as np"]
    )
    assert secrets.lines == {SECRET.replace("  ", " ")}


def test_an_author_may_write_another_language_or_magics():
    assert Messages(["%%time\nassert x, 'So it is.'"]).known("So it is.") == "So it is."
    assert Messages(["x <- c(1, 2"]).known("So it is.") == ""


def test_html_of_outputs_and_comments_does_not_run():
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)><b>kept</b>"
    page = page_of(
        answer("1", shows({"text/html": bad})),
        new_markdown_cell(bad),
        comments={"answer": bad},
    )
    assert "<script" not in page
    assert "onerror" not in page
    assert page.count("<b>kept</b>") == 2  # an output that needs a script is left out


def test_the_page_needs_nothing_from_elsewhere():
    page = page_of(check("assert x"), new_markdown_cell("![x](https://a.b/c.png)"))
    assert not re.search(r"(src|href)=\"?(https?:)?//", page)
    assert "Content-Security-Policy" in page
    assert "prefers-color-scheme: dark" in page


def test_text_of_a_learner_is_text():
    page = page_of(answer("x = '</pre><script>'"), code("x", says("</pre><script>")))
    assert "<script" not in page


# ---------------------------------------------------------------- a whole course


def grade(course, submit, student, *, tier="namespaces+cgroup", outputs=None):
    """Do what grading does, without a kernel: folder, rows and journal."""
    folder = submit(course, student)
    graded = course / "autograded" / student / "ps1"
    graded.mkdir(parents=True)
    for path in sorted(folder.glob("*.ipynb")):
        content = nbformat.read(path, 4)
        master = nbformat.read(course / "source" / "ps1" / path.name, 4)
        for ours, cell in zip(master.cells, content.cells, strict=True):
            if cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source = ours.source
            for made in (outputs or {}).get(
                cell.metadata.get("nbgrader", {}).get("grade_id"), []
            ):
                cell.outputs.append(made)
        nbformat.write(content, graded / path.name)
    (graded / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    (graded / "submission_secret.txt").write_text("secret")
    opened = Course.open(course)
    with opened.gradebook() as gradebook:
        gradebook.update_or_create_student(student)
        with gradebook.db.no_autoflush:
            submission = gradebook.update_or_create_submission("ps1", student)
        for notebook in submission.notebooks:
            for given in notebook.grades:
                given.auto_score = {"test_squares": 1.0}.get(given.name)
                given.needs_manual_grade = given.auto_score is None
        submission.notebooks[0].late_submission_penalty = 0.25
        gradebook.db.commit()
    if tier:
        event = {
            "event": "committed",
            "student": student,
            "time": datetime.now(UTC).isoformat(),  # noqa: TID251
            "outcome": {"executions": [{"name": "problem1", "tier": tier}]},
        }
        place = opened.state / "ps1"
        place.mkdir(parents=True, exist_ok=True)
        with (place / "journal.jsonl").open("a") as journal:
            journal.write(json.dumps(event) + "\n{torn")
            journal.write("\n")
    return opened


def write(opened, *students):
    return list(write_feedback(opened, "ps1", students or graded(opened, "ps1")))


def test_the_tree_is_that_of_nbgrader(course_folder, submit):
    opened = grade(course_folder, submit, "ada")
    (done,) = write(opened)
    folder = course_folder / "feedback" / "ada" / "ps1"
    assert done.student == "ada"
    assert not done.failure
    assert sorted(path.name for path in folder.iterdir()) == [
        "problem1.html",
        "problem2.html",
        "submission_secret.txt",
        "timestamp.txt",
    ]
    page = (folder / "problem1.html").read_text()
    assert "1 of\n 2</span>" in page
    assert "0.25 points were taken" in page
    assert "121" not in text_of(page)


def test_feedback_replaces_older_feedback_as_a_whole(course_folder, submit):
    opened = grade(course_folder, submit, "ada")
    write(opened)
    stray = course_folder / "feedback" / "ada" / "ps1" / "old.html"
    stray.write_text("old")
    write(opened)
    assert not stray.exists()
    assert [path.name for path in stray.parent.parent.iterdir()] == ["ps1"]


# nbgrader misspells an argument of its own, and leaves files open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:Passing unrecognized:DeprecationWarning")
def test_nbgrader_releases_what_we_wrote(course_folder, submit, tmp_path):
    from nbgrader.apps import NbGraderAPI
    from nbgrader.utils import notebook_hash

    opened = grade(course_folder, submit, "ada")
    write(opened)
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    opened.config.Exchange.root = str(exchange)
    api = NbGraderAPI(opened.coursedir, config=opened.config)
    done = api.release_feedback("ps1")
    assert done["success"], done
    name = notebook_hash(secret="secret", notebook_id="problem1")
    released = exchange / "toy" / "feedback" / f"{name}.html"
    ours = course_folder / "feedback" / "ada" / "ps1" / "problem1.html"
    assert released.read_text() == ours.read_text()


def test_graded_by_another_program_later_is_not_contained(course_folder, submit):
    spoken = {"squares": [says("graded")]}
    opened = grade(course_folder, submit, "ada", outputs=spoken)
    write(opened)
    page = course_folder / "feedback" / "ada" / "ps1" / "problem1.html"
    assert "graded</pre>" in page.read_text()
    graded_notebook = course_folder / "autograded" / "ada" / "ps1" / "problem1.ipynb"
    import os

    later = graded_notebook.stat().st_mtime + 3600
    os.utime(graded_notebook, (later, later))
    write(opened)
    assert "graded</pre>" not in page.read_text()


@pytest.mark.parametrize("tier", ["", "none"])
def test_graded_without_a_sandbox_is_not_contained(course_folder, submit, tier):
    spoken = {"squares": [says("graded")]}
    write(grade(course_folder, submit, "ada", outputs=spoken, tier=tier))
    page = course_folder / "feedback" / "ada" / "ps1" / "problem1.html"
    assert "graded</pre>" not in page.read_text()


def test_one_broken_folder_does_not_keep_others_from_feedback(course_folder, submit):
    grade(course_folder, submit, "ada")
    opened = grade(course_folder, submit, "bob")
    (course_folder / "autograded" / "ada" / "ps1" / "problem1.ipynb").write_text("{")
    ada, bob = write(opened)
    assert ada.failure
    assert not (course_folder / "feedback" / "ada").exists()
    assert len(bob.pages) == 2


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"cells": 3}', '{"cells": [1, {"cell_type": "code"}]}', "[" * 9999],
)
def test_what_was_handed_in_can_be_anything(course_folder, submit, text):
    opened = grade(course_folder, submit, "ada")
    (course_folder / "submitted" / "ada" / "ps1" / "problem1.ipynb").write_text(text)
    assert not write(opened)[0].failure


def test_no_link_of_a_submission_is_followed(course_folder, submit, tmp_path):
    opened = grade(course_folder, submit, "ada", tier="")
    handed_in = course_folder / "submitted" / "ada" / "ps1" / "problem1.ipynb"
    content = nbformat.read(handed_in, 4)
    content.cells[3].outputs = [says("of somebody else")]
    nbformat.write(content, tmp_path / "other.ipynb")
    handed_in.unlink()
    handed_in.symlink_to(tmp_path / "other.ipynb")
    write(opened)
    page = course_folder / "feedback" / "ada" / "ps1" / "problem1.html"
    assert "somebody" not in page.read_text()


def test_nobody_graded_is_told(course_folder):
    with pytest.raises(FeedbackError, match="not graded yet"):
        graded(Course.open(course_folder), "ps1")


def test_the_command_writes_pages_and_says_how_many(course_folder, submit):
    grade(course_folder, submit, "ada")
    place = str(course_folder)
    done = CliRunner().invoke(app, ["grade", "feedback", "ps1", "--course", place])
    assert done.exit_code == 0, done.output
    assert "Written: 2 pages for 1 students." in done.output
