import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest

from mlcourse.cli import jupyterlab
from mlcourse.cli.jupyterlab import browser_wanted, environment


@pytest.fixture
def server(course):
    """A learner's JupyterLab, and the address that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mlcourse.cli", "lab", "01", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"CI": "1"},
    )
    deadline = threading.Timer(600, process.kill)  # for a test that would not end
    deadline.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        url = next(line for line in lines if "is ready" in line).split()[-1]
        yield process, urlsplit(url)
    finally:
        process.kill()
        process.communicate()
        deadline.cancel()


def test_jupyterlab_opens_the_lab_and_stops_without_a_trace(server, course):
    process, url = server
    assert url.hostname == "127.0.0.1"
    assert url.path == "/lab/tree/01_toy/01_toy.ipynb"
    token = parse_qs(url.query)["token"][0]
    base = f"http://{url.netloc}"
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
        page = client.get("/lab")
        assert page.status_code == 200
        disabled = json.loads(
            page.text.split('id="jupyter-config-data" type="application/json">')[1]
            .split("</script>")[0]
            .strip()
        )["disabledExtensions"]
        assert "@jupyter/nbgrader" in disabled
        names = {item["name"] for item in client.get("/api/contents").json()["content"]}
        assert names == {"01_toy", "ledger.jsonl"}
        assert "mlcourse" in client.get("/api/kernelspecs").json()["kernelspecs"]
        for tool in ("/assignments", "/courses", "/formgrader", "/assignment_list"):
            assert client.get(tool).status_code == 404
        # The first kernel waits for the template's imports, long on a busy machine.
        started = client.post("/api/kernels", json={"name": "mlcourse"}, timeout=300)
        assert started.status_code == 201
    assert httpx.get(f"{base}/api/contents", timeout=30).status_code == 403
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        left = [one.cmdline() for one in children if one.is_running()]
        is_running = process.poll() is None
        process.kill()
        pytest.fail(f"running: {is_running}, {left}, {process.communicate()[1]}")
    assert process.returncode == 0, said
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", url.port)) != 0


def test_a_taken_port_is_told_in_one_line(started):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "mlcourse.cli", "lab", "--port", port],
            capture_output=True,
            text=True,
            env=os.environ | {"CI": "1"},
            timeout=90,
            check=False,
        )
    assert done.returncode == 1
    assert f"port == {port}, must be a free one" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_of_the_machine_are_neither_used_nor_changed(course):
    found = environment(course, {"PATH": "/bin"})
    assert Path(found["JUPYTER_CONFIG_DIR"]) == course.workbook / ".jupyter"
    assert found["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/bin"]
    assert not {name for name in found if "DATA" in name or "KERNEL" in name}


def test_our_settings_are_json_with_every_grader_tool_off():
    folder = Path(jupyterlab.__file__).with_name("jupyter")
    settings = json.loads((folder / "jupyter_server_config.json").read_text())
    enabled = settings["ServerApp"]["jpserver_extensions"]
    tools = [name for name in enabled if name.startswith("nbgrader.")]
    assert len(tools) == 4
    assert not any(enabled.values())


@pytest.mark.parametrize(
    ("variables", "platform", "wanted"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "w"}, "linux", True),
        ({}, "linux", False),
        ({"CI": "true", "DISPLAY": ":0"}, "linux", False),
        ({}, "win32", True),
    ],
)
def test_a_browser_is_opened_only_where_one_can_be_seen(variables, platform, wanted):
    assert browser_wanted(variables, platform) is wanted
