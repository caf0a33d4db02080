"""Graders that are killed: ``kill -9`` at moments that nobody chose.

``python tests/grading/chaos.py COURSE ASSIGNMENT --rounds 50`` does it to a copy of a
real course with real kernels, their workers and their template, and compares with a
copy that was left in peace. ``--busy 8`` lets eight processes compute meanwhile.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

TESTS = Path(__file__).resolve().parents[1]


def children(process):
    """Return the ids of the processes that a process started."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return [one for one in found if "spawn_main" in command(one)]


def templates(folder):
    """Return the ids of the templates that serve from a folder, and their bwrap."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            log = (process / "fd" / "1").readlink()
            if log.is_relative_to(folder) and log.name.startswith("t-"):
                found.append(int(process.name))
    return found


def command(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def torment(
    words: Sequence[str],
    *,
    journal: Path,
    rounds: int,
    rng: random.Random,
    events: int,
    run_folder: Path | None = None,
):
    """Start a grader again and again, and kill it, or first a worker or the template.

    A moment is so many events of the journal after the start, and up to 50 ms: seconds
    alone would be too late on a fast machine and too early on a busy one.

    Args:
        words: The command.
        journal: What the grader writes.
        rounds: How many graders are killed; the last one is left in peace.
        rng: Chooses the moments.
        events: The most that a grader does before something is killed.
        run_folder: Where its templates serve; they are spared if it is omitted.

    Returns:
        How many graders, workers and templates were killed.
    """
    killed = Counter()
    for _ in range(rounds):
        grader = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment())
        if rng.random() < 0.5:
            live(grader, journal, rng, events)
            kinds = {"workers": children(grader.pid)}
            if run_folder is not None:
                kinds["templates"] = templates(run_folder)
            kind = rng.choice(sorted(kinds))
            if kinds[kind]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(rng.choice(kinds[kind]), signal.SIGKILL)
                    killed[kind] += 1
        live(grader, journal, rng, events)
        if grader.poll() is None:
            grader.kill()
            killed["graders"] += 1
        grader.wait()
    subprocess.run(words, check=True, env=environment())
    return killed


def live(grader, journal, rng, events):
    """Return when a grader has ended, or done as much more as it is given."""
    end = written(journal) + rng.randint(0, events)
    while written(journal) < end and grader.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            grader.wait(0.005)
    with contextlib.suppress(subprocess.TimeoutExpired):
        grader.wait(rng.uniform(0, 0.05))


def written(journal):
    """Return how many events a journal holds."""
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def environment():
    return os.environ | {"PYTHONPATH": str(TESTS)}


@contextlib.contextmanager
def busy(processes):
    """Keep the cores busy with others' work."""
    spinning = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(spinning) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main():
    words = argparse.ArgumentParser()
    words.add_argument("course", type=Path)
    words.add_argument("assignment")
    words.add_argument("--rounds", type=int, default=50)
    words.add_argument("--busy", type=int, default=0)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--events", type=int, default=20)
    given = words.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory(prefix="mlc", dir="/tmp") as run_folder,
    ):
        os.environ["MLCOURSE_RUN_DIR"] = run_folder
        calm, stormy = Path(folder, "calm"), Path(folder, "stormy")
        for copy in (calm, stormy):
            shutil.copytree(given.course, copy)
        grade = [sys.executable, "-m", "mlcourse.cli", "grade", given.assignment]
        subprocess.run([*grade, "--course", str(calm)], check=True)
        with busy(given.busy):
            killed = torment(
                [*grade, "--course", str(stormy)],
                journal=stormy
                / ".mlcourse-grading"
                / given.assignment
                / "journal.jsonl",
                rounds=given.rounds,
                rng=random.Random(given.seed),
                events=given.events,
                run_folder=Path(run_folder),
            )
        print("Killed:", dict(killed))
        compare(calm, stormy)


def compare(calm, stormy):
    """Print whether two copies of a course hold the same rows and files."""
    from grading.test_commit import rows, tree

    from mlcourse.grading.course import Course

    found, files = [], []
    for course in map(Course.open, (calm, stormy)):
        found.append(rows(Path(make_url(course.db_url).database).parent))
        graded = course.root / course.coursedir.autograded_directory
        files.append(tree(graded).keys())
    peace, storm = found
    print("Rows:", {table: len(lines) for table, lines in peace.items()})
    print("Rows equal:", peace == storm)
    for table in peace:
        for row in sorted({*peace[table]} ^ {*storm[table]}, key=str):
            print(" ", "peace" if row in peace[table] else "storm", table, row)
    print("Folders equal:", files[0] == files[1])


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    main()
