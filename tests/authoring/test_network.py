import os
import socket
import subprocess
import sys

import pytest

from mlcourse.authoring import network
from mlcourse.authoring.network import has_namespaces, offline

PROGRAM = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname(), timeout=5)
client.close()
for address in (("192.0.2.1", 9), ("example.invalid", 80)):
    try:
        socket.create_connection(address, timeout=5)
    except OSError as error:
        print(type(error).__name__, error.errno)
"""


def run(start, folder):
    return subprocess.run(
        start.command, env=start.env, cwd=folder, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_program_reaches_its_own_machine_only(tmp_path, monkeypatch, namespaces):
    if namespaces and not has_namespaces():
        pytest.skip("this machine gives no network namespace")
    monkeypatch.setattr(network, "has_namespaces", lambda: namespaces)

    start = offline(
        [sys.executable, "-c", PROGRAM], env=dict(os.environ), folder=tmp_path / "guard"
    )
    done = run(start, tmp_path)

    assert start.network == ("namespace" if namespaces else "guard")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2, done.stdout + done.stderr


def test_the_network_can_be_left_open(tmp_path):
    start = offline(["x"], env={"A": "b"}, folder=tmp_path, isolate=False)

    assert start == ("open", ["x"], {"A": "b"})


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        (b"localhost", True),
        ("::1", True),
        ("0.0.0.0", True),
        ("192.0.2.1", False),
        ("example.org", False),
    ],
)
def test_the_guard_knows_its_own_machine(host, here):
    assert network._is_here(host) is here


def test_the_guard_is_not_on_in_this_process():
    assert socket.socket.__name__ == "socket"
