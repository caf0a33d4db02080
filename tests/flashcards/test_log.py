import errno
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from mlcourse.flashcards.log import LogError, ReviewLog, merge, new_device

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")
WRITER = """
import sys
from datetime import datetime
from pathlib import Path
from mlcourse.flashcards.log import ReviewLog

log, name, count = ReviewLog(Path(sys.argv[1]), "laptop"), sys.argv[2], int(sys.argv[3])
now = datetime.fromisoformat("2026-11-21T12:00+01:00")
for number in range(count):
    event = log.append("review", now=now, card=f"{name}-{number}", rating=3)
    print(event.id, flush=True)
"""


def write(log, count, *, now=NOON):
    return [
        log.append("review", now=now + timedelta(seconds=n), card=f"c{n}:rec", rating=3)
        for n in range(count)
    ]


def writer(log, name, count):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(log.folder), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_is_written_is_read(log):
    written = write(log, 3)
    assert log.read().events == tuple(written)
    assert log.read().torn == ()


def test_a_line_has_the_fields_of_the_format(log):
    log.append("review", now=NOON, card="a:rec", rating=3, ms=None, answer="é")
    line = log.path.read_text("utf-8")
    assert line.endswith("\n")
    event = json.loads(line)
    assert event["at"] == "2026-11-21T11:00:00.000Z"
    assert (event["v"], event["tz"], event["answer"]) == (1, "+01:00", "é")
    assert "ms" not in event


def test_equal_calls_write_equal_bytes(tmp_path):
    logs = [ReviewLog(tmp_path / name, "laptop") for name in "ab"]
    for log in logs:
        write(log, 4)
    assert logs[0].path.read_bytes() == logs[1].path.read_bytes()


def test_a_log_cut_at_any_byte_keeps_every_whole_line_and_takes_the_next(tmp_path):
    whole = ReviewLog(tmp_path / "whole", "laptop")
    written, content = write(whole, 3), whole.path.read_bytes()
    for cut in range(len(content) + 1):
        log = ReviewLog(tmp_path / f"cut{cut}", "laptop")
        log.folder.mkdir()
        log.path.write_bytes(content[:cut])
        # A line that lacks no more than its end is whole.
        kept = [
            event
            for number, event in enumerate(written, start=1)
            if len(b"".join(content.splitlines(True)[:number])) - 1 <= cut
        ]
        before = log.read()
        assert list(before.events) == kept
        ends = content[:cut].endswith(b"\n") or cut == 0
        is_whole = ends or content[cut : cut + 1] == b"\n"
        assert len(before.torn) == (0 if is_whole else 1)
        added = log.append("review", now=NOON + timedelta(hours=1), card="z:rec")
        after = log.read()
        assert list(after.events) == [*kept, added]
        assert len(after.torn) == len(before.torn)


def test_a_killed_writer_loses_nothing_that_was_saved(log):
    saved = []
    for round_ in range(6):
        process = writer(log, f"r{round_}", 10_000)
        saved += [process.stdout.readline().strip() for _ in range(3 + 7 * round_)]
        process.kill()
        rest = process.communicate()[0]
        saved += rest[: rest.rfind("\n") + 1].split()
        known = [event.id for event in log.read().events]
        assert set(saved) <= set(known)
        assert len(known) <= len(saved) + round_ + 1
        assert len(known) == len(set(known))
    assert log.append("flag", now=NOON, card="a").id in {
        event.id for event in log.read().events
    }


def test_two_writers_at_once_lose_and_mix_nothing(log):
    processes = [writer(log, name, 60) for name in ("one", "two")]
    printed = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    reading = log.read()
    assert sorted(sum(printed, [])) == sorted(event.id for event in reading.events)
    assert len(reading.events) == 120
    assert reading.torn == ()
    assert len({event.at for event in reading.events}) == 120


@pytest.mark.parametrize("written", [0, 1, 40])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(log, monkeypatch, written):
    first, real = write(log, 2), os.write

    def full(handle, text):
        real(handle, text[:written])
        if written == 40:
            return written
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(LogError, match="not saved: No space left"):
            log.append("review", now=NOON, card="lost:rec", rating=3)
    assert log.read() == log.read()._replace(events=tuple(first), torn=())
    again = log.append("review", now=NOON, card="kept:rec", rating=3)
    assert log.read().events == (*first, again)


def test_a_disk_that_is_full_even_for_repairs_breaks_no_next_start(log, monkeypatch):
    first, real = write(log, 2), os.write

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, text: real(handle, text[:30]))
        patch.setattr(os, "ftruncate", fail)
        with pytest.raises(LogError):
            log.append("review", now=NOON, card="lost:rec", rating=3)
    assert log.read().events == tuple(first)
    assert len(log.read().torn) == 1
    again = log.append("review", now=NOON, card="kept:rec", rating=3)
    assert log.read().events == (*first, again)


def test_a_disk_that_does_not_confirm_takes_the_event_back(log, monkeypatch):
    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(LogError, match="Input/output error"):
            log.append("review", now=NOON, card="lost:rec", rating=3)
    assert log.read().events == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file")
def test_the_system_limit_on_a_file_is_met_as_a_full_disk(log):
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    exec({WRITER!r})
except Exception as error:
    print(type(error).__name__)
"""
    command = [sys.executable, "-c", script, str(log.folder), "one", "50"]
    printed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    assert printed[-1] == "LogError"
    assert [event.id for event in log.read().events] == printed[:-1]
    assert log.read().torn == ()


def test_a_clock_that_is_set_back_does_not_change_the_order(log):
    first = log.append("review", now=NOON, card="a:rec")
    second = log.append("review", now=NOON - timedelta(days=3), card="b:rec")
    third = log.append("review", now=NOON - timedelta(days=3), card="c:rec")
    assert first.at < second.at < third.at
    assert second.data["clock"] == "2026-11-18T11:00:00.000Z"
    assert log.read().events == (first, second, third)


def test_kinds_cards_and_fields_that_are_unknown_are_kept(log):
    later = log.append("hologram", now=NOON, card="gone:rec", depth=[1, {"x": 2}])
    assert log.read().events == (later,)
    assert log.read().events[0].data["depth"] == [1, {"x": 2}]


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b"null", b"\xff\xfe", b'{"at": 3, "id": "x"}', b'{"at"']
)
def test_a_line_that_is_no_event_is_set_aside_wherever_it_stands(log, line):
    first = write(log, 1)
    with log.path.open("ab") as file:
        file.write(line + b"\n")
    second = log.append("flag", now=NOON + timedelta(hours=1), card="a:rec")
    reading = log.read()
    assert reading.events == (*first, second)
    assert [(torn.file, torn.line) for torn in reading.torn] == [("laptop.jsonl", 2)]


def test_devices_merge_to_one_history_in_any_order(tmp_path):
    laptop, phone = (ReviewLog(tmp_path, name) for name in ("laptop", "phone"))
    one, two = write(laptop, 3), write(phone, 3, now=NOON + timedelta(milliseconds=500))
    together = laptop.read().events
    assert together == phone.read().events
    assert together == merge(one, two) == merge(two, one) == merge(one, two, one)
    assert [event.at for event in together] == sorted(event.at for event in together)


def test_taking_in_another_log_twice_is_taking_it_in_once(tmp_path):
    mine, other = (
        ReviewLog(tmp_path / "a", "laptop"),
        ReviewLog(tmp_path / "b", "phone"),
    )
    write(mine, 2)
    theirs = write(other, 3)
    lines = other.path.read_bytes().splitlines() * 2
    assert mine.add([*lines, b"{torn"]) == 3
    content = (mine.folder / "imported.jsonl").read_bytes()
    assert mine.add(lines) == 0
    assert (mine.folder / "imported.jsonl").read_bytes() == content
    assert all(event in mine.read().events for event in theirs)
    assert mine.read().torn == ()


def test_the_key_changes_with_any_byte(log):
    empty = log.key()
    write(log, 1)
    one = log.key()
    assert one == log.read().key != empty
    log.path.write_bytes(log.path.read_bytes().replace(b"c0", b"c1"))
    assert log.key() != one


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError, match="cannot be opened"):
        ReviewLog(tmp_path / "file" / "reviews", "laptop").append("flag", now=NOON)


def test_a_device_has_a_plain_name_and_an_event_a_zone(log):
    with pytest.raises(ValueError, match="device == '../x'"):
        ReviewLog(log.folder, "../x")
    with pytest.raises(ValueError, match="time zone"):
        log.append("flag", now=NOON.replace(tzinfo=None))


def test_a_device_is_named_once(tmp_path):
    first = new_device(tmp_path, name="Ana's Laptop", token="a1b2")
    assert first == "ana-s-laptop-a1b2"
    assert new_device(tmp_path, name="renamed", token="ffff") == first
    ReviewLog(tmp_path, first)
