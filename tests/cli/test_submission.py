from datetime import UTC, datetime

import nbformat
import pytest

from mlcourse.checks import Ledger
from mlcourse.cli.submission import exchange_root, learner, submit_lab
from mlcourse.paths import LEDGER

NOW = datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC)
# The pattern of nbgrader's documentation.
PATTERN = r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"


def test_a_submission_is_a_file_that_nbgrader_collects(started):
    from nbgrader.plugins import FileNameCollectorPlugin
    from nbgrader.utils import parse_utc

    path = submit_lab(started, "01_toy", user="mira7", now=NOW).path
    assert path.name == "01_toy_mira7_attempt_20261121090507_01_toy.ipynb"
    found = FileNameCollectorPlugin(named_regexp=PATTERN).collect(path.name)
    assert (found["student_id"], found["file_id"]) == ("mira7", "01_toy")
    assert parse_utc(found["timestamp"]) == NOW.replace(tzinfo=None)


def test_the_labs_own_cells_go_in_as_released(started, notebook):
    own = notebook.read()
    own["cells"][2]["source"] = "def double(x):\n    return 2 * x"
    own["cells"][3]["source"] = "2.0"
    notebook.write(own)
    done = submit_lab(started, "01_toy", user="mira", now=NOW)
    sent = nbformat.read(done.path, as_version=4)
    nbformat.validate(sent)
    assert sent.cells[3].source == "checks.double(points=2)"
    assert "2 * x" in sent.cells[2].source
    assert notebook.read() == own


def test_a_submission_shows_the_points_and_is_written_down(started, notebook, run):
    notebook.answer("def double(x):\n    return 2 * x")
    done = run("submit", "01", "--user", "mira")
    assert done.exit_code == 0
    assert "Cells that raise" not in done.stdout, done.stdout
    assert "double  passed   2 of 2" in done.stdout
    assert "Submitted: workbook/submitted/01_toy_mira_attempt_" in done.stdout
    event = Ledger(started.workbook / LEDGER).events()[-1]
    assert (event["event"], event["points"], event["most"]) == ("submit", 2.0, 2.0)


def test_a_broken_notebook_is_not_submitted(started, run):
    (started.workbook / "01_toy/01_toy.ipynb").write_text("{")
    done = run("submit", "01", "--user", "mira")
    assert done.exit_code == 1
    assert "is not a notebook" in done.stderr
    assert not (started.workbook / "submitted").exists()


@pytest.mark.parametrize("name", ["jo_smith", "jo.smith", "a b", "../x", "x" * 61])
def test_a_name_that_nbgrader_would_not_find_again_is_refused(name):
    with pytest.raises(ValueError, match="--user"):
        learner(name)


def test_the_systems_user_is_the_default(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "mira")
    assert learner() == "mira"


def test_an_exchange_is_found_in_nbgraders_settings(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    )
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert exchange_root() is None
    (tmp_path / "exchange").mkdir()
    assert exchange_root() == tmp_path / "exchange"
