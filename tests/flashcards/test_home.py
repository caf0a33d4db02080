import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

import mlcourse.flashcards as flashcards
from mlcourse.flashcards import Home, Plan, default_home, start
from mlcourse.paths import find_course

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")


def begin(home, **options):
    return start(find_course(), now=NOON, home=home, **options)


def test_a_sitting_begins_in_an_empty_folder_and_goes_on_in_the_next(tmp_path):
    home = Home(tmp_path / "new", "laptop")
    session = begin(home)
    assert session.torn == ()
    session.next(now=NOON)
    session.grade(3, now=NOON)
    assert begin(home).progress.left == 9
    assert (home.reviews / "laptop.jsonl").is_file()


def test_a_wanted_retention_is_kept(tmp_path):
    home = Home(tmp_path, "laptop")
    assert begin(home, retention=0.85).state.schedule.retention == 0.85
    assert begin(home).state.schedule.retention == 0.85
    size = (home.reviews / "laptop.jsonl").stat().st_size
    begin(home, retention=0.85)
    with pytest.raises(ValueError, match="retention"):
        begin(home, retention=0.5)
    assert (home.reviews / "laptop.jsonl").stat().st_size == size


def test_an_unknown_term_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="nonsense"):
        begin(Home(tmp_path, "laptop"), plan=Plan(terms=("nonsense",)))
    assert not list((tmp_path / "reviews").glob("*.jsonl"))


def test_a_device_gets_a_name_that_stays(tmp_path):
    assert Home(tmp_path).log().device == Home(tmp_path).log().device


def test_the_data_is_where_the_system_keeps_data_or_where_it_is_told(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("MLCOURSE_DATA", str(tmp_path))
    assert default_home() == Home(tmp_path)
    monkeypatch.delenv("MLCOURSE_DATA")
    assert default_home().root.name == "mlcourse"
    assert Path.cwd() not in default_home().root.parents


def test_every_name_of_the_package_is_there_whatever_was_loaded_before():
    for name in flashcards.__all__:
        assert getattr(flashcards, name).__class__.__name__ != "module", name
    with pytest.raises(AttributeError, match="nothing"):
        flashcards.nothing  # noqa: B018


def test_the_package_loads_nothing_of_third_parties():
    script = (
        "import sys, mlcourse.flashcards\n"
        "tops = {name.split('.')[0] for name in sys.modules}\n"
        "print(tops & {'fsrs', 'yaml', 'pydantic', 'rapidfuzz', 'filelock', 'numpy'})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert done.stdout.decode().strip() == "set()"
