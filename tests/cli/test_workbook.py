import json
from datetime import UTC, datetime

import pytest

from mlcourse.cli.workbook import RECORD, copy_labs, reset_lab
from mlcourse.paths import find_workbook

NOW = datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC)


def test_the_first_copy_brings_every_file_and_the_ledger(course):
    (copied,) = copy_labs(course)
    assert copied.new == ("01_toy.ipynb", "checks.py")
    assert copied.changed == ()
    assert (course.workbook / "01_toy/checks.py").read_bytes() == (
        course.labs / "01_toy/checks.py"
    ).read_bytes()
    assert find_workbook(course.workbook / "01_toy") == course.workbook


def test_the_second_copy_changes_nothing(started):
    files = {p: p.read_bytes() for p in started.workbook.rglob("*") if p.is_file()}
    (copied,) = copy_labs(started)
    assert (copied.new, copied.changed) == ((), ())
    assert files == {
        p: p.read_bytes() for p in started.workbook.rglob("*") if p.is_file()
    }


def test_a_learners_file_always_wins(started):
    own = started.workbook / "01_toy/checks.py"
    own.write_text("mine")
    copy_labs(started)
    assert own.read_text() == "mine"


def test_a_file_that_a_learner_had_first_is_kept(course):
    own = course.workbook / "01_toy/01_toy.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    (copied,) = copy_labs(course)
    assert copied.new == ("checks.py",)
    assert own.read_text() == "mine"


def test_a_broken_link_is_a_taken_name(course):
    folder = course.workbook / "01_toy"
    folder.mkdir(parents=True)
    (folder / "checks.py").symlink_to("nowhere")
    (copied,) = copy_labs(course)
    assert copied.new == ("01_toy.ipynb",)
    assert (folder / "checks.py").is_symlink()


def test_a_copy_that_was_cut_off_is_finished(started):
    (started.workbook / "01_toy/checks.py").unlink()
    (started.workbook / "01_toy/.checks.py.1.part").write_text("half")
    (copied,) = copy_labs(started)
    assert copied.new == ("checks.py",)
    assert copied.changed == ()


def test_a_changed_release_is_told_and_not_copied(started):
    (started.labs / "01_toy/checks.py").write_text("newer")
    (copied,) = copy_labs(started)
    assert copied.changed == ("checks.py",)
    assert (started.workbook / "01_toy/checks.py").read_text() != "newer"


def test_a_learners_own_edit_is_no_changed_release(started):
    (started.workbook / "01_toy/checks.py").write_text("mine")
    (copied,) = copy_labs(started)
    assert copied.changed == ()


def test_a_new_file_of_an_updated_lab_is_added(started):
    (started.labs / "01_toy/data").mkdir()
    (started.labs / "01_toy/data/members.csv").write_text("id\n1\n")
    (copied,) = copy_labs(started)
    assert copied.new == ("data/members.csv",)
    assert (started.workbook / "01_toy/data/members.csv").read_text() == "id\n1\n"


@pytest.mark.parametrize("damage", ["", "[]", "{"])
def test_a_damaged_record_costs_nothing(started, damage):
    (started.workbook / RECORD).write_text(damage)
    (started.workbook / "01_toy/checks.py").write_text("mine")
    (copied,) = copy_labs(started)
    assert (copied.new, copied.changed) == ((), ())
    assert set(json.loads((started.workbook / RECORD).read_text())) == {"01_toy"}


def test_without_hard_links_a_copy_is_still_whole(course, monkeypatch):
    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    copy_labs(course)
    assert (course.workbook / "01_toy/checks.py").read_bytes() == (
        course.labs / "01_toy/checks.py"
    ).read_bytes()
    assert not list(course.workbook.rglob("*.part"))


def test_reset_keeps_the_learners_folder(started):
    (started.workbook / "01_toy/notes.txt").write_text("mine")
    backup = reset_lab(started, "01_toy", now=NOW)
    assert backup == started.workbook / ".backup/01_toy-20261121090507"
    assert (backup / "notes.txt").read_text() == "mine"
    assert not (started.workbook / "01_toy/notes.txt").exists()
    assert (started.workbook / "01_toy/checks.py").is_file()


def test_two_resets_in_one_second_keep_both(started):
    first = reset_lab(started, "01_toy", now=NOW)
    second = reset_lab(started, "01_toy", now=NOW)
    assert first != second
    assert first.is_dir()
    assert second.is_dir()


def test_reset_of_a_lab_that_was_not_begun_copies_it(course):
    assert reset_lab(course, "01_toy", now=NOW) is None
    assert (course.workbook / "01_toy/checks.py").is_file()


def test_after_a_reset_the_newer_release_is_there(started):
    (started.labs / "01_toy/checks.py").write_text("newer")
    reset_lab(started, "01_toy", now=NOW)
    assert (started.workbook / "01_toy/checks.py").read_text() == "newer"
    assert copy_labs(started)[0].changed == ()


def test_the_glossary_beside_the_labs_is_always_the_newest(course):
    page = course.labs / "glossary" / "A-Z.md"
    page.parent.mkdir()
    for text in ("# A to Z, old", "# A to Z, new"):
        page.write_text(text)
        copy_labs(course)
        assert (course.workbook / "glossary" / "A-Z.md").read_text() == text
