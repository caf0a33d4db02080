import shutil

from mlcourse.checks.ledger import since_reset
from mlcourse.cli.progress import Graded, as_text, graded_cells, progress

CHECK = {"event": "check", "lab": "01_toy", "task": "double", "points": 2.0}
FAILED = CHECK | {"outcome": "failed", "score": 0.0}
PASSED = CHECK | {"outcome": "passed", "score": 2.0}
HINT = {"event": "hint", "lab": "01_toy", "task": "double", "hint": "start"}
SUBMIT = {"event": "submit", "lab": "01_toy"}
RESET = {"event": "reset", "lab": "01_toy"}


def of(course, *events):
    (lab,) = progress(course, events)
    return lab


def test_graded_cells_are_read_from_the_notebook(course):
    assert graded_cells(course.labs / "01_toy/01_toy.ipynb") == [
        Graded("double", 2.0, by_hand=False),
        Graded("why", 4.0, by_hand=True),
    ]


def test_nothing_done_is_not_started(course):
    lab = of(course, HINT | {"lab": "02_other"})
    assert (lab.state, lab.passed, lab.points, lab.hints) == ("not started", 0, 0, 0)
    assert (lab.tasks, lab.most, lab.by_hand) == (1, 2.0, 4.0)


def test_the_last_check_of_a_task_counts(course):
    assert (of(course, FAILED, PASSED).passed, of(course, FAILED, PASSED).points) == (
        1,
        2.0,
    )
    assert of(course, PASSED, FAILED).points == 0


def test_points_follow_what_the_task_is_worth_now(course):
    assert of(course, PASSED | {"points": 4.0, "score": 1.0}).points == 0.5


def test_hints_and_submission_are_counted(course):
    lab = of(course, HINT, PASSED, SUBMIT)
    assert (lab.state, lab.hints) == ("submitted", 1)


def test_a_reset_starts_a_lab_over(course):
    assert of(course, PASSED, SUBMIT, RESET).state == "not started"
    assert since_reset([PASSED, RESET, HINT], "01_toy") == [HINT]


def test_checks_of_tasks_that_are_gone_count_for_nothing(course):
    assert of(course, PASSED | {"task": "gone"}).points == 0


def test_the_table_names_every_lab(course):
    text = as_text(progress(course, [PASSED, HINT]))
    assert "01_toy  started  1 of 1  2 of 2  4        1" in text
    assert as_text([]) == "There are no labs yet."


def test_several_labs_end_in_a_line_for_all_of_them(course):
    shutil.copytree(course.labs / "01_toy", course.labs / "02_toy")
    old = course.labs / "02_toy" / "01_toy.ipynb"
    old.rename(old.with_name("02_toy.ipynb"))
    events = [PASSED, HINT, SUBMIT, FAILED | {"lab": "02_toy"}]

    lines = as_text(progress(course, events)).split("\n")

    assert lines[1].split("  ")[0] == "01_toy"
    assert lines[3] == "all     1 of 2 submitted  1 of 2  2 of 4  8        1"


def test_an_event_that_somebody_edited_counts_for_nothing(course):
    broken = [{"event": "check", "lab": "01_toy"}, PASSED | {"points": 0.0}]
    assert of(course, PASSED, *broken).points == 2.0
