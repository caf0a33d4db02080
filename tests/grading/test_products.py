"""What a folder of a stranger's may hold, and what comes out of it."""

import os
from contextlib import contextmanager

import pytest

from mlcourse.grading import products
from mlcourse.grading.products import read_products


@pytest.fixture
def known(tmp_path):
    folder = tmp_path / "known"
    folder.mkdir()
    return folder


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


@contextmanager
def opened(folder):
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield number
    finally:
        os.close(number)


def read(folder, known):
    files = {}
    with opened(folder) as number:
        flags = read_products(number, files, known=known)
    return files, [flag.kind for flag in flags]


def test_plain_files_come_out_with_their_folders(made, known):
    (made / "a" / "b").mkdir(parents=True)
    (made / "a" / "b" / "c.csv").write_bytes(b"1")
    (made / "d.txt").write_bytes(b"")
    assert read(made, known) == ({"a/b/c.csv": b"1", "d.txt": b""}, [])


def test_what_the_submission_had_is_not_new(made, known):
    for folder in (made, known):
        (folder / "data.csv").write_text(folder.name)
    (known / "dangling").symlink_to("nowhere")
    (made / "dangling").write_text("x")
    assert read(made, known) == ({}, [])


def test_links_pipes_notebooks_and_hidden_files_stay(made, known, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "gradebook.db").write_text("SQLite format")
    (made / "link").symlink_to(secret / "gradebook.db")
    (made / "folder").symlink_to(secret)
    os.mkfifo(made / "pipe")
    for name in ("p2.ipynb", ".bashrc", "timestamp.txt", "x.pyc"):
        (made / name).write_text("x")
    (made / "__pycache__").mkdir()
    (made / "__pycache__" / "y").write_text("x")
    assert read(made, known) == ({}, [])


def test_a_name_that_is_not_text_stays(made, known):
    with open(os.fsencode(made) + b"/\xff", "w") as file:  # noqa: PTH123
        file.write("x")
    assert read(made, known) == ({}, [])


def test_too_much_is_flagged_and_what_fits_is_kept(made, known, monkeypatch):
    monkeypatch.setattr(products, "MOST_BYTES", 3)
    (made / "a").write_bytes(b"12")
    (made / "b").write_bytes(b"12")
    assert read(made, known) == ({"a": b"12"}, ["too-large"])


def test_too_many_are_flagged(made, known, monkeypatch):
    monkeypatch.setattr(products, "MOST_FILES", 2)
    for name in "abc":
        (made / name).touch()
    assert read(made, known) == ({"a": b"", "b": b""}, ["too-large"])


def test_a_very_deep_folder_ends(made, known, monkeypatch):
    monkeypatch.setattr(products, "MOST_LEVELS", 1)
    (made / "a" / "b").mkdir(parents=True)
    (made / "a" / "one").touch()
    (made / "a" / "b" / "two").touch()
    assert read(made, known) == ({"a/one": b""}, [])
