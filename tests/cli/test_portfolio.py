"""The toy lab of conftest, finished, with what a malicious text could try."""

import base64

import pytest

from mlcourse.checks.ledger import Ledger
from mlcourse.cli.portfolio import Guess, LeftOut, Number, Piece, as_text, collect
from mlcourse.cli.portfolio_page import as_page
from mlcourse.errors import LabNotFoundError
from mlcourse.paths import LEDGER

LAB = "01_toy"
PNG = base64.b64encode(b"\x89PNG of the toy").decode()
SVG = "<svg><script>alert(1)</script></svg>"
EVIL = (
    "# Mine\n\n<script>alert(2)</script> <img src=x onerror=alert(3)>\n\n"
    "![tracker](https://tracker.example/1.png) [go](javascript:alert(4))\n\n"
    "| a | b |\n|---|---|\n| 1 | **2** |"
)
CODE = "def double(x):\n    return 2 * x  # the_learners_own_code"


def shown(kind, data, **metadata):
    return {"output_type": "display_data", "data": {kind: data}, "metadata": metadata}


def plain(text):
    return shown("text/plain", text)


def code(identity, source, *outputs, **metadata):
    return {
        "cell_type": "code",
        "id": identity,
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
        "metadata": metadata,
    }


@pytest.fixture
def finished(started, notebook):
    """A workbook whose one lab is finished, and a function that changes it."""
    own = notebook.read()
    own["cells"][0]["source"] = "# Toy\n\n## 3. How [far](../x.md 'y') it reaches"
    own["cells"][1]["outputs"] = [shown("image/png", PNG)]
    own["cells"][2]["source"] = CODE
    own["cells"][2]["outputs"] = [shown("image/png", [PNG[:8], PNG[8:]])]
    own["cells"][4]["source"] = EVIL
    reveal = plain("You guessed 3 ms\n  p95: of all: 7 ms. That was <too> low.")
    own["cells"] += [
        code("mine", "draw()", shown("image/svg+xml", SVG), reveal),
        code("broken", "draw()", shown("image/png", "not base64 at all")),
    ]
    notebook.write(own)
    ledger = Ledger(started.workbook / LEDGER)
    check = {"task": "double", "points": 2.0}
    ledger.append("prediction", lab=LAB, name="p95: of all", guess=3.0, unit="ms")
    ledger.append("number", lab=LAB, name="p95_ms", value=1.0, unit="ms")
    ledger.append("number", lab=LAB, name="p95_ms", value=1234.5, unit="ms")
    ledger.append("check", lab=LAB, outcome="passed", score=2.0, **check)
    return started


def portfolio(course):
    return collect(course, Ledger(course.workbook / LEDGER).events())


def test_a_finished_lab_is_shown_with_what_the_learner_made(finished):
    (chapter,) = portfolio(finished).chapters

    assert (chapter.lab, chapter.checks) == (LAB, 1)
    assert chapter.numbers == (Number("p95", "1,234", "ms"),)
    outcome = "7 ms. That was <too> low."
    assert chapter.guesses == (Guess("p95: of all", "3 ms", outcome),)
    assert chapter.pieces == (Piece("How far it reaches", EVIL),)
    kinds = [picture.data.partition(";")[0] for picture in chapter.pictures]
    assert kinds == ["data:image/png", "data:image/svg+xml"]
    assert {picture.caption for picture in chapter.pictures} == {"How far it reaches"}


def test_given_pictures_and_code_are_no_work_of_the_learner(finished):
    found = portfolio(finished)
    page = as_page(found)

    assert f"data:image/png;base64,{PNG}" == found.chapters[0].pictures[0].data
    assert len(found.chapters[0].pictures) == 2
    assert "the_learners_own_code" not in page
    assert "checks.double" not in page


def test_what_a_learner_wrote_is_data(finished):
    page = as_page(portfolio(finished), name="<b>Mira</b>")

    assert "<script" not in page
    assert "&lt;script&gt;alert(2)" in page
    assert "<img src=x" not in page
    assert 'src="https:' not in page
    assert "[tracker]" in page
    assert 'href="javascript:' not in page
    assert "<b>Mira" not in page
    assert "&lt;too&gt; low" in page
    assert "<td><strong>2</strong></td>" in page
    assert "<h4>Mine</h4>" in page
    assert "default-src 'none'" in page


def test_names_in_a_text_are_filled_as_the_notebook_shows(finished, notebook):
    own = notebook.read()
    own["cells"][4]["source"] = "It costs {cost} EUR, from {threshold} on."
    filled = "It costs 8.3 EUR, from 0.18 on."
    own["cells"].append(code("fill", "show()", shown("text/markdown", f"{filled}\n")))
    notebook.write(own)

    assert portfolio(finished).chapters[0].pieces[0].text == filled

    own["cells"].pop()
    notebook.write(own)
    assert "{cost}" in portfolio(finished).chapters[0].pieces[0].text


def test_a_memo_is_a_text_too(finished, notebook):
    own = notebook.read()
    own["cells"][4] = code("why", "%%memo why\nOver 8.", **own["cells"][4]["metadata"])
    notebook.write(own)

    assert portfolio(finished).chapters[0].pieces[0].text == "Over 8."


@pytest.mark.parametrize(
    ("events", "text", "reason"),
    [
        ([], "Mine.", "not started"),
        (["failed"], "Mine.", "0 of 1 checks passed"),
        (["passed", "failed"], "Mine.", "0 of 1 checks passed"),
        (["passed"], "Write here.", "nothing is written yet under why"),
    ],
)
def test_an_unfinished_lab_is_left_out_with_its_reason(
    started, notebook, events, text, reason
):
    own = notebook.read()
    own["cells"][4]["source"] = text
    notebook.write(own)
    events = [
        {"event": "check", "lab": LAB, "task": "double", "points": 2.0}
        | {"outcome": outcome, "score": 2.0 * (outcome == "passed")}
        for outcome in events
    ]

    found = collect(started, events)

    assert found.chapters == ()
    assert found.left_out == (LeftOut(LAB, LAB, reason),)
    assert as_text(found).endswith(f"Not included:\n  01_toy: {reason}")


def test_a_notebook_saved_without_outputs_is_said(finished, notebook):
    own = notebook.read()
    for cell in own["cells"]:
        cell.pop("outputs", None)
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    notebook.write(own)

    assert "saved without outputs" in as_text(portfolio(finished))


def test_without_a_workbook_there_is_one_clear_error(course, run):
    with pytest.raises(LabNotFoundError, match="no workbook yet: mlcourse lab"):
        collect(course, [])

    done = run("portfolio")
    assert done.exit_code == 1
    assert done.stderr == "mlcourse: there is no workbook yet: mlcourse lab.\n"


def test_a_notebook_that_cannot_be_read_is_one_clear_error(finished, run):
    (finished.workbook / LAB / f"{LAB}.ipynb").write_text("{")

    done = run("portfolio")

    assert done.exit_code == 1
    assert "is not a notebook" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_command_writes_one_file(finished, run, tmp_path):
    done = run("portfolio", "--name", "Mira Okafor")
    page = (finished.workbook / "portfolio.html").read_text("utf-8")
    assert done.exit_code == 0
    assert "01_toy: 2 pictures, 1 number, 1 guess, 1 text" in done.stdout
    assert "<h1>Mira Okafor</h1>" in page

    assert run("portfolio", "--out", str(tmp_path / "me.html")).exit_code == 0
    assert (tmp_path / "me.html").is_file()


def test_the_command_says_why_there_is_no_page(started, finished, run, tmp_path):
    done = run("portfolio", "--out", str(tmp_path / "gone" / "me.html"))
    assert done.exit_code == 1
    assert "cannot be written (No such file or directory)" in done.stderr

    Ledger(started.workbook / LEDGER).append("reset", lab=LAB)
    done = run("portfolio")
    assert done.exit_code == 1
    assert "no lab is finished yet (01_toy: not started)" in done.stderr
