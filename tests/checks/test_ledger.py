import json
import threading
from datetime import UTC, datetime

import pytest

from mlcourse.checks import Checks, Ledger, expect, predict, prediction, record, reveal


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    (tmp_path / "ledger.jsonl").touch()
    lab = tmp_path / "99_toy"
    lab.mkdir()
    monkeypatch.chdir(lab)
    monkeypatch.setattr(prediction, "_guesses", {})
    return tmp_path


def test_outside_a_workbook_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record("p95_ms", 3.0)
    assert list(tmp_path.iterdir()) == []


def test_checks_and_hints_are_recorded_from_a_lab_folder(workbook):
    checks = Checks("99_toy")
    task = checks.task("one", hints={"start": "It is one."})

    @task.expects("It is one.", hint="start")
    def _(one):
        expect(one == 1)

    one = 2  # noqa: F841
    checks.one(points=2)
    checks.one.hint()
    check, hint = Ledger.here().events()
    assert (check["event"], check["task"], check["outcome"], check["hint"]) == (
        "check",
        "one",
        "failed",
        "start",
    )
    assert (check["score"], check["points"]) == (0.0, 2.0)
    assert (hint["event"], hint["hint"]) == ("hint", "start")


def test_time_is_a_parameter(workbook):
    ledger = Ledger(
        workbook / "ledger.jsonl", now=lambda: datetime(2026, 3, 1, tzinfo=UTC)
    )
    ledger.append("number", name="a", value=1.5)
    assert ledger.events() == [
        {
            "at": "2026-03-01T00:00:00+00:00",
            "event": "number",
            "name": "a",
            "value": 1.5,
        }
    ]


def test_a_line_cut_off_by_a_crash_costs_only_itself(workbook):
    path = workbook / "ledger.jsonl"
    path.write_text('{"event": "number", "name": "a"}\n{"event": "num')
    record("b", 2)
    names = [event["name"] for event in Ledger(path).events()]
    assert names == ["a", "b"]


def test_two_writers_do_not_mix_their_lines(workbook):
    path = workbook / "ledger.jsonl"

    def write(name):
        for i in range(100):
            Ledger(path).append("number", name=name, value=i)

    threads = [threading.Thread(target=write, args=(n * 50,)) for n in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = path.read_text().splitlines()
    assert len([json.loads(line) for line in lines if line]) == 300


def test_a_ledger_that_cannot_be_written_is_said_and_does_not_stop_the_learner(
    tmp_path, capsys
):
    Ledger(tmp_path / "missing" / "ledger.jsonl").append("number", name="a", value=1)
    assert "could not be written" in capsys.readouterr().out


def test_the_first_guess_counts_also_after_the_kernel_restarts(workbook, monkeypatch):
    predict("p99", 40, unit="ms")
    monkeypatch.setattr(prediction, "_guesses", {})
    again = predict("p99", 80, unit="ms")
    assert "40 ms" in again.text
    assert "you now say 80 ms" in again.text
    assert "2.5 times too low" in reveal("p99", 100.0, unit="ms").text


def test_nothing_is_revealed_before_the_guess(workbook):
    note = reveal("p99", 123.4)
    assert note.outcome == "not attempted"
    assert "123" not in note.text


def test_a_guess_of_the_wrong_type_is_refused(workbook):
    with pytest.raises(TypeError, match="is a list, must be a number or a word"):
        predict("p99", [1])


def test_a_kernel_knows_the_hints_that_a_terminal_gave(workbook):
    Ledger.here().append("hint", lab="99_toy", task="one", hint="start")
    checks = Checks("99_toy")
    task = checks.task("one", hints={"start": "first", "end": "last"})
    assert task.hint().text == "last"
    assert task.hint().text == "first\nlast"


def test_after_a_reset_the_hints_begin_anew(workbook):
    Ledger.here().append("hint", lab="99_toy", task="one", hint="start")
    Ledger.here().append("reset", lab="99_toy")
    task = Checks("99_toy").task("one", hints={"start": "first", "end": "last"})
    assert task.hint().text == "first"
