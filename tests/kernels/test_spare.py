"""The kernel that a template forks before anybody asks for it."""

import contextlib
import threading

import psutil
import pytest
from kernels.started import FORKS, NOISE, kernel

pytestmark = [
    pytest.mark.slow,
    FORKS,
    *NOISE,
]
PATIENCE = 60.0


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The template of a kernel that runs all the while."""
    with kernel("warm", tmp_path_factory.mktemp("first"), eager=True) as first:
        supervisor = psutil.Process(first.provisioner.pid).parent()
        yield supervisor.parent(), supervisor


def spare(template) -> psutil.Process:
    """Return the kernel that waits for orders; it is there after a quiet moment."""
    process, supervisor = template
    never = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        kernels = []
        for other in process.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                kernels += other.children() if other != supervisor else []
        if len(kernels) == 1:
            return kernels[0]
        never.wait(0.05)
    raise AssertionError("no spare was forked")


def test_it_becomes_the_next_kernel_and_another_is_forked(template, tmp_path):
    waiting = spare(template)
    with kernel("warm", tmp_path, eager=True) as started:
        assert started.provisioner.pid == waiting.pid
        assert started.run("import os; os.getcwd()")[0] == repr(str(tmp_path))
        assert int(started.run("os.getpid()")[0]) == waiting.pid
        with kernel("warm", tmp_path, eager=True) as another:
            assert another.provisioner.pid != waiting.pid
            assert another.run("6 * 7")[0] == "42"
    assert spare(template).pid != waiting.pid


def test_what_is_read_at_the_fork_is_read_again_when_it_is_asked_for(
    template, tmp_path, monkeypatch
):
    spare(template)
    monkeypatch.setenv("ASKED", "later")
    with kernel("warm", tmp_path, eager=True, seed=7) as one:
        assert one.run("import os; os.environ['ASKED']")[0] == "'later'"
        drawn = one.run("import random; random.random()")[0]
    spare(template)
    with kernel("warm", tmp_path, eager=True, seed=7) as other:
        assert other.run("import random; random.random()")[0] == drawn
    spare(template)
    with kernel("warm", tmp_path, eager=True) as unseeded:
        assert unseeded.run("import random; random.random()")[0] != drawn


@pytest.mark.parametrize("who", ["kernel", "supervisor"])
def test_one_that_was_killed_is_replaced(template, tmp_path, who, caplog):
    waiting = spare(template)
    (waiting if who == "kernel" else waiting.parent()).kill()
    waiting.wait(PATIENCE)
    with kernel("warm", tmp_path, eager=True) as started:
        assert started.run("6 * 7")[0] == "42"
        assert psutil.Process(started.provisioner.pid).parent().parent() == template[0]
    assert "cold" not in caplog.text
