import pytest

from mlcourse.checks import Ledger
from mlcourse.cli.hints import give_hint
from mlcourse.errors import LabNotFoundError
from mlcourse.paths import LEDGER


@pytest.fixture
def ledger(started):
    return Ledger(started.workbook / LEDGER)


def test_hints_come_one_at_a_time_and_are_written_down(started, ledger):
    hints = [give_hint(started, "01_toy", "double", ledger) for _ in range(4)]
    assert hints[0] == "Hint 1 of 3 for double\n  Add it."
    assert hints[2] == "Hint 3 of 3 for double\n  x + x"
    assert hints[3].splitlines() == [
        "You have seen all hints for double",
        "  Add it.",
        "  Try 0.",
        "  x + x",
    ]
    assert [event["hint"] for event in ledger.events()] == ["start", "zero", "last"]


def test_the_hint_of_the_last_failed_check_comes_first(started, ledger):
    ledger.append("check", lab="01_toy", task="double", hint="zero")
    ledger.append("check", lab="01_toy", task="double", hint=None)
    assert "Try 0." in give_hint(started, "01_toy", "double", ledger)
    assert "Add it." in give_hint(started, "01_toy", "double", ledger)


def test_without_a_ledger_the_first_hint_is_given(course):
    assert "Hint 1 of 3" in give_hint(course, "01_toy", "double", Ledger(None))


def test_an_unknown_task_is_answered_with_the_known_ones(started, ledger):
    with pytest.raises(ValueError, match="task == 'triple', must be one of: double"):
        give_hint(started, "01_toy", "triple", ledger)


def test_a_lab_without_checks_names_the_fix(started, ledger):
    (started.labs / "01_toy/checks.py").unlink()
    with pytest.raises(LabNotFoundError, match="mlcourse dev build"):
        give_hint(started, "01_toy", "double", ledger)


def test_reading_hints_leaves_no_bytecode_in_labs(started, ledger):
    give_hint(started, "01_toy", "double", ledger)
    assert not (started.labs / "01_toy/__pycache__").exists()
