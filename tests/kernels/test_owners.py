"""Who ends, ends what is theirs: by kill -9 too, and at any moment."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mlcourse.kernels.cgroup import ControlGroup
from mlcourse.kernels.remains import is_abandoned

ROUNDS = 6
PATIENCE = 120.0
TESTS = Path(__file__).parents[1]
OWNER = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from kernels.started import kernel

with kernel(sys.argv[2], Path.cwd(), linger=0) as started:
    print(started.run("6 * 7")[0], flush=True)
    sys.stdin.read()
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
]


@pytest.fixture
def place():
    """A folder for templates; its path marks the environment of all that run there."""
    folder = Path(tempfile.mkdtemp(prefix="mlo", dir="/tmp"))
    yield folder
    for process in family(folder):
        with contextlib.suppress(psutil.Error):
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def start(kind: str, place: Path, *files: int) -> subprocess.Popen:
    """Start an owner with a kernel; templates and kernels inherit the mark."""
    mark = {"MLCOURSE_RUN_DIR": str(place), "PYTHONPATH": str(place / "mark")}
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(TESTS), kind],
        cwd=place,
        env=os.environ | mark,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=files,
        text=True,
    )


def family(place: Path) -> list[psutil.Process]:
    """Return what runs with the mark of this folder: owners, templates, kernels."""
    mark, found = str(place / "mark"), []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            marked = mark in process.environ().get("PYTHONPATH", "")
            if marked and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def open_files(pid: int) -> list[str]:
    """Return what the descriptors of a process lead to."""
    return [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]


def eventually(holds: Callable[[], bool]) -> bool:
    """Look again and again, until it holds or patience ends."""
    never = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if holds():
            return True
        never.wait(0.05)
    return False


@pytest.mark.parametrize("kind", ["warm", "walled"])
def test_nothing_is_left_of_an_owner_that_was_killed(kind, place):
    with start(kind, place) as owner:
        assert owner.stdout.readline() == "42\n"
        assert len(family(place)) >= 4
        owner.kill()
    assert eventually(lambda: not family(place)), family(place)


def test_jupyterlab_starts_its_template_and_ends_with_it(place, tmp_path):
    mark = {"MLCOURSE_RUN_DIR": str(place), "PYTHONPATH": str(place / "mark")}
    (tmp_path / "labs").mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "mlcourse.cli", "lab", "--no-browser"],
        cwd=tmp_path,
        env=os.environ | mark | {"MLCOURSE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as lab:
        assert any("ready" in line for line in lab.stdout)
        assert len(family(place)) >= 2
        lab.kill()
    assert eventually(lambda: not family(place)), family(place)


def test_whoever_is_killed_whenever_nothing_is_left_and_the_next_kernel_starts(place):
    chance = random.Random(7)  # noqa: S311 - which moments, not which secrets
    with start("walled", place) as keeper:  # else each round waits for a new template
        assert keeper.stdout.readline() == "42\n"
        for _ in range(ROUNDS):
            with start("walled", place) as owner:
                threading.Event().wait(chance.uniform(0.2, 3.0))
                mine = [p for p in family(place) if p.pid != keeper.pid]
                with contextlib.suppress(psutil.Error):
                    chance.choice(mine).send_signal(signal.SIGKILL)
                owner.kill()
        keeper.kill()
    assert eventually(lambda: not family(place)), family(place)
    with start("walled", place) as last:
        assert last.stdout.readline() == "42\n"
        names = [path.name for path in (place / "w").glob("k*/")]
        groups = [path.name for path in ControlGroup.every()]
        assert not [name for name in names if is_abandoned(name)]
        assert not [name for name in groups if is_abandoned(name)]
        last.kill()
    assert eventually(lambda: not family(place)), family(place)


def test_a_template_holds_nothing_that_its_starter_left_open(place):
    ours, theirs = os.pipe()
    with start("warm", place, theirs) as owner:
        assert owner.stdout.readline() == "42\n"
        pipe = str(Path(f"/proc/self/fd/{theirs}").readlink())
        assert pipe in open_files(owner.pid)
        others = [process.pid for process in family(place) if process.pid != owner.pid]
        assert len(others) >= 2
        assert [pid for pid in others if pipe in open_files(pid)] == []
        owner.kill()
    for end in (ours, theirs):
        os.close(end)
