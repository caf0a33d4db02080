"""Behind the walls: what code of a stranger sees, and what it cannot do."""

import os
import sys
from pathlib import Path

import pytest
from kernels.started import NOISE, kernel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
    *NOISE,
]


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walled")
    (folder / "data.csv").write_text("a\n1\n")
    (folder / "graded.ipynb").write_text("the hidden tests")
    (folder / "link").symlink_to("/etc/shadow")
    secret = tmp_path_factory.mktemp("course") / "gradebook.db"
    secret.write_text("grades")
    os.environ["SECRET_TOKEN"] = "hunter2"  # noqa: S105
    try:
        with kernel("walled", folder) as started:
            yield started, folder, secret
    finally:
        del os.environ["SECRET_TOKEN"]


def test_it_sees_a_copy_of_its_folder_without_notebooks_and_links(walled):
    started, folder, _ = walled
    assert started.run("import os; sorted(os.listdir('.'))")[0] == "['data.csv']"
    assert started.run("open('data.csv', 'a').write('2\\n')")[1] == ""
    assert (folder / "data.csv").read_text() == "a\n1\n"


def test_it_sees_neither_the_course_nor_its_neighbours_nor_the_home(walled):
    started, folder, secret = walled
    for path in (secret, folder, Path.home() / ".bashrc", "/etc/shadow"):
        assert "FileNotFoundError" in started.run(f"open({str(path)!r})")[1]
    code = "import glob; len(glob.glob('/tmp/**/k*', recursive=True))"
    said, error = started.run(code)
    assert (int(said), error) in {(1, ""), (0, "")}


def test_no_secret_of_the_environment_comes_in(walled):
    started, _, _ = walled
    assert started.run("'SECRET_TOKEN' in os.environ")[0] == "False"


def test_it_cannot_write_to_what_is_shared(walled):
    started, _, _ = walled
    root = sys.prefix
    for place in ("/usr/x", f"{root}/x", "/etc/passwd", "/x", "/dev/x", "/run/x"):
        error = started.run(f"open({place!r}, 'w')")[1]
        assert error.split(":")[0] in (
            "OSError",
            "PermissionError",
            "FileNotFoundError",
        )


def test_its_own_loopback_works_and_no_other_network_is_there(walled):
    started, _, _ = walled
    serve = (
        "import http.server, threading, urllib.request\n"
        "server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),"
        " http.server.SimpleHTTPRequestHandler)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "address = f'http://localhost:{server.server_port}/data.csv'\n"
        "print(urllib.request.urlopen(address).status)"
    )
    assert "200" in started.run(serve)[0]
    names = "import socket; [name for _, name in socket.if_nameindex()]"
    assert started.run(names)[0] == "['lo']"


def test_it_sees_only_its_own_processes_and_cannot_end_them_all(walled):
    started, _, _ = walled
    said, _ = started.run("sorted(int(p) for p in os.listdir('/proc') if p.isdigit())")
    assert said == "[1, 2]"
    started.run("import signal\ntry: os.kill(1, signal.SIGKILL)\nexcept OSError: pass")
    assert started.run("6 * 7")[0] == "42"


@pytest.mark.parametrize(
    "code",
    [
        "import ctypes; ctypes.CDLL(None).ptrace(16, 1, 0, 0)",
        "import ctypes; ctypes.CDLL(None).unshare(0x10000000)",
        "import ctypes; ctypes.CDLL(None).mount(b'a', b'/tmp', b'tmpfs', 0, None)",
        "import ctypes; ctypes.CDLL(None).syscall(425, 1, 0)",
    ],
    ids=["ptrace", "unshare", "mount", "io_uring"],
)
def test_calls_that_attack_the_system_are_refused(walled, code):
    started, _, _ = walled
    assert started.run(code)[0] == "-1"


def test_programs_with_set_user_id_gain_nothing(walled):
    started, _, _ = walled
    code = "print(open('/proc/self/status').read().split('NoNewPrivs:')[1].split()[0])"
    assert started.run(code)[0] == "1"
    code = "print(open('/proc/self/status').read().split('CapEff:')[1].split()[0])"
    assert int(started.run(code)[0], 16) == 0


def test_subprocesses_pools_and_threads_work(walled):
    started, _, _ = walled
    code = (
        "import multiprocessing as mp\n"
        "with mp.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))"
    )
    assert started.run(code)[0] == "[1, 2]"
    assert started.run("!echo shell")[0] == "shell"


def test_too_much_memory_is_an_error_and_the_notebook_goes_on(tmp_path):
    with kernel("walled", tmp_path, limits={"memory_mib": 1024}) as started:
        assert "MemoryError" in started.run("x = bytearray(2 << 30)")[1]
        assert started.run("6 * 7")[0] == "42"


def test_endless_output_is_an_error_of_the_cell(tmp_path):
    with kernel("walled", tmp_path, limits={"output_mib": 1}) as started:
        _, error = started.run("while True: print('x' * 9999)")
        assert "OutputLimitError" in error


def test_a_bomb_of_processes_hurts_only_itself(tmp_path):
    code = (
        "import os\n"
        "born = 0\n"
        "try:\n"
        "    while True:\n"
        "        if os.fork() == 0:\n"
        "            import signal; signal.pause()\n"
        "        born += 1\n"
        "except BlockingIOError:\n"
        "    print(born < 64)\n"
    )
    with kernel("walled", tmp_path, limits={"processes": 64}) as started:
        assert started.run(code)[0] == "True"


def test_the_wall_clock_ends_a_kernel_and_the_reason_is_told(tmp_path):
    from jupyter_core.utils import run_sync

    with kernel("walled", tmp_path, limits={"wall_seconds": 2}) as started:
        started.client.execute("while True: pass")
        assert run_sync(started.provisioner.wait)() == -9
        assert started.provisioner.farewell["reason"] == "time"


def test_what_daemons_it_leaves_end_with_it(tmp_path):
    code = (
        "import subprocess\n"
        "p = subprocess.Popen(['sleep', '98765'], start_new_session=True)"
    )
    with kernel("walled", tmp_path) as started:
        started.run(code)
    import subprocess

    found = subprocess.run(["pgrep", "-f", "sleep 98765"], check=False)
    assert found.returncode == 1


def test_the_tier_is_told(tmp_path):
    with kernel("walled", tmp_path) as started:
        assert started.provisioner.tier.startswith("namespaces")
