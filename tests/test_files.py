"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from mlcourse.files import write_output, write_whole


def test_a_file_is_replaced_as_a_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("a longer text than the next one")
    assert write_whole(path, "größer\r\n") == path
    assert path.read_bytes() == "größer\r\n".encode()
    write_whole(path, b"\xff\x00")
    assert path.read_bytes() == b"\xff\x00"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "page.html"
    with pytest.raises(ValueError, match=r"No such file or directory\): name a file"):
        write_output(missing, "page")
    with pytest.raises(ValueError, match="out == .* cannot be written"):
        write_output(tmp_path, "a folder is in the way")
    assert list(tmp_path.iterdir()) == []
    assert not list(tmp_path.parent.glob(".*.part"))
