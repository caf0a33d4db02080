"""The checks inside a real IPython shell, as a notebook runs them."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from mlcourse.checks import Memo, notebook


@pytest.fixture
def shell(monkeypatch):
    shell = InteractiveShell()
    monkeypatch.setattr(notebook, "_shell", lambda: shell)
    notebook.enable()
    yield shell
    shell.history_manager.end_session()
    shell.history_manager = None


def run(shell, source):
    outcome = shell.run_cell(source)
    outcome.raise_error()
    return outcome.result


def test_a_cell_that_needs_an_answer_waits_for_it(shell):
    run(shell, "from mlcourse.checks import TODO\nmodel = TODO\nran = 0")
    waiting = run(shell, "%%needs model\nran = 1")
    assert waiting.outcome == "not attempted"
    assert waiting.text == "This cell runs once you have written model."
    assert shell.user_ns["ran"] == 0


def test_a_cell_that_needs_an_answer_runs_once_it_is_there(shell):
    run(shell, "model = 3")
    assert run(shell, "%%needs model\nmodel + 1") == 4


def test_await_works_below_needs(shell):
    run(shell, "model = 3\nimport asyncio")
    assert run(shell, "%%needs model\nawait asyncio.sleep(0, 7)") == 7


def test_a_cell_can_need_two_answers_and_names_the_missing_one(shell):
    run(shell, "model = 3")
    assert run(shell, "%%needs model app\n1").text.endswith("written app.")


def test_a_memo_is_kept_under_its_name_and_shown_as_markdown(shell):
    memo = run(shell, "%%memo guide\n# Guide\nIt takes `JSON`.")
    assert shell.user_ns["guide"] == "# Guide\nIt takes `JSON`.\n"
    assert isinstance(memo, Memo)
    assert memo._repr_markdown_() == str(memo)
    assert "<h1>Guide</h1>" in memo._repr_html_()


def test_a_script_in_a_memo_is_text_for_whoever_reads_it():
    page = Memo("<script>x()</script> [a](javascript:x()) p < 0.05")._repr_html_()
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "p &lt; 0.05" in page


def test_a_memo_has_no_markers_in_an_instructors_notebook(shell):
    run(shell, "%%memo guide\n### BEGIN SOLUTION\n# Guide\n\nText.\n### END SOLUTION")
    assert shell.user_ns["guide"] == "# Guide\n\nText.\n"


def test_a_memo_without_a_name_is_refused(shell):
    with pytest.raises(ValueError, match="must be followed by one Python name"):
        run(shell, "%%memo two words\ntext")


def test_enabling_twice_adds_one_transformer(shell):
    before = len(shell.input_transformers_cleanup)
    notebook.enable()
    assert len(shell.input_transformers_cleanup) == before


def test_other_cells_are_left_alone(shell):
    assert run(shell, "x = 1\nx + 1") == 2
    assert "mlcourse.checks" in sys.modules
