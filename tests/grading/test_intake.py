"""A submission's folder as hostile data."""

import os
import socket

import pytest

from mlcourse.grading.intake import MOST_FILES, MOST_LEVELS, read_folder, shadowed


def read(folder, **changes):
    limits = {"ignore": (), "file_bytes": 1000, "total_bytes": 10_000}
    return read_folder(folder, **(limits | changes))


def kinds(found):
    return sorted(flag.kind for flag in found.flags)


@pytest.fixture
def folder(tmp_path):
    """A submission, beside something that it must not reach."""
    (tmp_path / "gradebook.db").write_text("grades")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "exam.txt").write_text("questions")
    made = tmp_path / "ann"
    (made / "data").mkdir(parents=True)
    (made / "one.ipynb").write_text("{}")
    (made / "data" / "a.csv").write_text("1,2")
    (made / "data" / "copy.ipynb").write_text("{}")
    return made


def test_regular_files_are_read_and_notebooks_only_at_the_top(folder):
    found = read(folder)
    assert found.notebooks == {"one": b"{}"}
    assert found.files == {"data/a.csv": b"1,2"}
    assert (found.broken, found.flags) == ({}, [])


def test_no_link_is_followed_to_a_file_or_to_a_folder(folder):
    (folder / "x.txt").symlink_to(folder.parent / "gradebook.db")
    (folder / "all").symlink_to(folder.parent / "secret")
    (folder / "two.ipynb").symlink_to(folder.parent / "gradebook.db")
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere").symlink_to("/no/such/file")
    found = read(folder)
    assert found.files == {"data/a.csv": b"1,2"}
    assert found.broken == {"two": "it is a symbolic link, which is not followed"}
    assert kinds(found) == ["link"] * 4


def test_a_submission_that_is_itself_a_link_is_refused(folder):
    link = folder.parent / "bob"
    link.symlink_to(folder.parent / "secret")
    with pytest.raises(ValueError, match="is a symbolic link"):
        read(link)


def test_pipes_sockets_and_folders_with_a_notebooks_name_are_not_opened(folder):
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "two.ipynb")
    (folder / "three.ipynb").mkdir()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(folder / "socket"))
    found = read(folder)
    assert found.broken == {
        "two": "it is not a regular file",
        "three": "it is a folder",
    }
    assert kinds(found) == ["special-file", "special-file"]


def test_a_file_or_all_files_together_can_be_too_large(folder):
    (folder / "big.bin").write_bytes(b"x" * 1001)
    with (folder / "sparse.bin").open("wb") as file:
        file.truncate(1 << 40)
    assert kinds(read(folder)) == ["too-large", "too-large"]
    assert kinds(read(folder, file_bytes=2000)) == ["too-large"]
    assert read(folder, total_bytes=2).files == {}


def test_a_notebook_is_not_too_large_for_the_limit_of_other_files(folder):
    (folder / "one.ipynb").write_bytes(b"x" * 2000)
    assert len(read(folder).notebooks["one"]) == 2000


def test_too_many_files_are_a_failure_and_too_many_levels_are_left_out(folder):
    many = folder / "many"
    many.mkdir()
    for number in range(MOST_FILES):
        os.link(folder / "data" / "a.csv", many / str(number))
    with pytest.raises(ValueError, match=f"more than {MOST_FILES} files"):
        read(folder)
    many.rename(folder.parent / "away")
    deep = folder.joinpath(*["d"] * (MOST_LEVELS + 5))
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("x")
    assert kinds(read(folder)) == ["too-deep"]


def test_a_name_that_is_not_utf_8_is_left_out_and_can_be_shown(folder):
    (folder / os.fsdecode(b"donn\xe9es.csv")).write_text("1")
    (flag,) = read(folder).flags
    assert flag.kind == "odd-name"
    flag.message.encode()


def test_names_are_ignored_as_nbgrader_ignores_them(folder):
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "one.txt").write_text("old")
    (folder / "data" / "a.pyc").write_text("compiled")
    (folder / "data" / ".a.pyc").write_text("hidden: `*` does not match the dot")
    ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__"]
    assert sorted(read(folder, ignore=ignore).files) == ["data/.a.pyc", "data/a.csv"]


def test_modules_of_the_library_of_packages_and_of_ours_are_shadowed():
    names = [
        "numpy.py",
        "unittest.cpython-311-x86_64-linux-gnu.so",
        "mlcourse/__init__.py",
        "mlcourse/checks.py",
        "sitecustomize.py",
    ]
    found = [flag.message.split("'")[1] for flag in shadowed(names)]
    assert found == [*names[:3], names[4]]


def test_own_modules_and_data_with_a_modules_name_shadow_nothing():
    names = ["helpers.py", "tests/test_mine.py", "statistics/a.csv", "json.txt"]
    assert list(shadowed(names)) == []
