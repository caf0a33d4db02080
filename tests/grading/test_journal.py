import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mlcourse.files import write_whole
from mlcourse.grading.job import Execution, Flag, Job, Notebook, Outcome
from mlcourse.grading.journal import Journal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JOB = Job("ps1", "ada", (Notebook("problem1", "{}", {}),))
OUTCOME = Outcome(
    JOB.key,
    "ada",
    (Execution("problem1", "a long text", "none", "memory", 1.5, 1.0, 80),),
    (Flag("link", "A link was left out.", "problem1"),),
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "ps1"


def test_what_ran_waits_for_its_commit_also_in_another_process(folder):
    Journal(folder).executed(OUTCOME, now=NOW)

    assert Journal(folder).outcome(JOB.key) == OUTCOME
    assert Journal(folder).outcome("another") is None


def test_what_is_committed_keeps_all_but_the_text(folder):
    journal = Journal(folder)
    journal.planned(JOB, now=NOW)
    journal.executed(OUTCOME, now=NOW)
    journal.committed(OUTCOME, now=NOW)
    journal.forget("ada")

    bare = replace(OUTCOME, executions=(replace(OUTCOME.executions[0], text=""),))
    assert Journal(folder).outcomes() == {"ada": bare}
    assert Journal(folder).outcome(JOB.key) is None


def test_the_last_word_on_a_student_counts(folder):
    journal = Journal(folder)
    journal.committed(OUTCOME, now=NOW)
    journal.failed(Outcome("k2", "ada", failure="not JSON"), now=NOW)

    assert Journal(folder).outcomes()["ada"].failure == "not JSON"


def test_one_event_is_one_line_with_key_student_and_time(folder):
    journal = Journal(folder)
    journal.planned(JOB, now=NOW)
    journal.executed(OUTCOME, now=NOW)

    lines = (folder / "journal.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events] == ["planned", "executed"]
    assert {event["key"] for event in events} == {JOB.key}
    assert {event["time"] for event in events} == {"2026-03-01T12:00:00+00:00"}


@pytest.mark.parametrize("size", range(0, 200, 7))
def test_a_line_torn_anywhere_loses_no_other(folder, size):
    journal = Journal(folder)
    journal.committed(OUTCOME, now=NOW)
    path = folder / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:size])

    Journal(folder).committed(replace(OUTCOME, student="bob"), now=NOW)

    assert set(Journal(folder).outcomes()) == {"ada", "bob"}


def test_a_torn_outcome_is_not_there(folder):
    journal = Journal(folder)
    journal.executed(OUTCOME, now=NOW)
    path = next((folder / "outcomes").glob("*.json"))
    path.write_text(path.read_text()[:40])

    assert Journal(folder).outcome(JOB.key) is None


def test_a_commit_drops_what_waits_of_an_older_submission(folder):
    Journal(folder).executed(replace(OUTCOME, key="older"), now=NOW)
    journal = Journal(folder)
    journal.executed(OUTCOME, now=NOW)
    journal.executed(replace(OUTCOME, key="other", student="bob"), now=NOW)

    journal.forget("ada")

    assert [one.stem for one in (folder / "outcomes").iterdir()] == ["other"]


def test_settling_drops_only_what_is_committed_and_in_its_place(folder, monkeypatch):
    journal = Journal(folder)
    for key, student in (("a", "ada"), ("b", "bob"), ("c", "cat")):
        outcome = replace(OUTCOME, key=key, student=student)
        journal.executed(outcome, now=NOW)
        if student != "cat":
            journal.committed(outcome, now=NOW)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr("pathlib.Path.replace", _die)
        killed.setattr("pathlib.Path.unlink", lambda *_, **__: None)
        write_whole(folder / "outcomes" / "torn.json", "{")
    assert len(list((folder / "outcomes").iterdir())) == 4

    Journal(folder).settle(lambda student: student != "bob")

    assert {one.stem for one in (folder / "outcomes").iterdir()} == {"b", "c"}


def _die(*_):
    raise KeyboardInterrupt
