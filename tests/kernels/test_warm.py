"""Warm kernels, started as Jupyter starts them."""

import os
import socket
from pathlib import Path

import psutil
import pytest
from kernels.started import FORKS, NOISE, kernel

from mlcourse.kernels.connection import TemplateProgram

pytestmark = [
    pytest.mark.slow,
    FORKS,
    *NOISE,
]


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm")
    (folder / "beside.py").write_text("ANSWER = 42\n")
    with kernel("warm", folder) as started:
        yield started, folder


def test_it_runs_in_the_folder_and_finds_what_stands_beside_the_notebook(warm):
    started, folder = warm
    assert started.run("import os; os.getcwd()")[0] == repr(str(folder))
    assert started.run("import beside; beside.ANSWER") == ("42", "")


def test_it_is_another_process_with_the_caller_s_environment(warm):
    started, _ = warm
    pid = int(started.run("import os; os.getpid()")[0])
    assert pid != os.getpid()
    assert started.run("os.environ['PATH']")[0] == repr(os.environ["PATH"])


def test_the_imports_are_there_already(warm):
    started, _ = warm
    said, _ = started.run(
        "import sys; 'sklearn' in sys.modules, 'pandas' in sys.modules"
    )
    assert said == "(True, True)"


def test_an_error_is_a_traceback_and_the_kernel_goes_on(warm):
    started, _ = warm
    assert started.run("1 / 0")[1] == "ZeroDivisionError: division by zero"
    assert started.run("6 * 7")[0] == "42"


def test_figures_magics_shell_commands_and_await_work(warm):
    started, _ = warm
    figure = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"
    assert "Figure" in started.run(figure)[0]
    assert started.run("!echo shell")[0] == "shell"
    assert started.run("import asyncio; await asyncio.sleep(0); 'waited'")[0]
    assert "Wall time" in started.run("%time sum(range(9))")[0]


def test_the_debugger_stops_at_a_breakpoint_and_not_in_libraries(warm):
    started, _ = warm
    client = started.client
    code = "import json\nx = json.dumps([1])\nx"

    def ask(number, command, **arguments):
        content = {"type": "request", "seq": number, "command": command}
        message = client.session.msg(
            "debug_request", content | {"arguments": arguments}
        )
        client.control_channel.send(message)
        reply = client.get_control_msg(timeout=60)["content"]
        assert reply["success"], reply
        return reply.get("body", {})

    ask(1, "initialize", clientID="test", adapterID="", pathFormat="path")
    ask(2, "attach")
    place = ask(3, "dumpCell", code=code)["sourcePath"]
    ask(4, "setBreakpoints", source={"path": place}, breakpoints=[{"line": 2}])
    ask(5, "configurationDone")
    client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "debug_event":
            event = message["content"]
            if event["event"] == "stopped":
                break
    assert event["body"]["reason"] == "breakpoint"
    ask(6, "continue", threadId=event["body"]["threadId"])
    assert client.get_shell_msg(timeout=60)["content"]["status"] == "ok"
    ask(7, "disconnect", restart=False, terminateDebuggee=False)
    files = "len(get_ipython().kernel.debugger.kernel_modules) > 1000"
    assert started.run(files)[0] == "True"


def test_an_interrupt_reaches_the_cell(warm):
    import threading

    started, _ = warm
    running = threading.Event()

    def interrupt():
        running.wait(30)
        started.manager.interrupt_kernel()

    thread = threading.Thread(target=interrupt)
    thread.start()
    seen = []

    def hear(message):
        if message["msg_type"] == "stream":
            running.set()
        elif message["msg_type"] == "error":
            seen.append(message["content"]["ename"])

    started.client.execute_interactive(
        "print('on', flush=True)\nwhile True: pass", timeout=60, output_hook=hear
    )
    thread.join()
    assert seen == ["KeyboardInterrupt"]


def test_two_kernels_draw_other_numbers_and_share_nothing(warm, tmp_path):
    started, _ = warm
    with kernel("warm", tmp_path) as other:
        code = "import numpy as np, random; float(np.random.rand()), random.random()"
        assert other.run(code)[0] != started.run(code)[0]
        started.run("only_here = 1")
        assert "NameError" in other.run("only_here")[1]


def test_a_seed_makes_the_global_generators_repeat(tmp_path):
    code = "import numpy as np, random; float(np.random.rand()), random.random()"
    drawn = []
    for _ in range(2):
        with kernel("warm", tmp_path, seed=7) as started:
            drawn.append(started.run(code)[0])
    assert drawn[0] == drawn[1]


def test_a_restart_gives_an_empty_kernel(tmp_path):
    with kernel("warm", tmp_path) as started:
        started.run("kept = 1")
        started.manager.restart_kernel()
        started.client.wait_for_ready(timeout=60)
        assert "NameError" in started.run("kept")[1]


def test_the_end_of_the_kernel_is_noticed_and_leaves_no_sockets(tmp_path):
    with kernel("warm", tmp_path) as started:
        sockets = started.provisioner._sockets
        assert sockets.is_dir()
        started.client.execute("import os; os._exit(7)")
        assert _poll_until_dead(started) == 7
    assert not sockets.exists()


def test_where_there_is_no_fork_a_cold_kernel_starts_and_says_so(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("MLCOURSE_COLD", "1")
    with kernel("warm", tmp_path) as started:
        assert started.run("1 + 1")[0] == "2"
    assert "A cold kernel starts: MLCOURSE_COLD is set." in caplog.text


def _poll_until_dead(started) -> int:
    from jupyter_core.utils import run_sync

    return run_sync(started.provisioner.wait)()


def test_a_template_that_ends_while_it_is_asked_is_asked_again(
    monkeypatch, tmp_path, caplog
):
    real, asked = TemplateProgram.connect, []

    def connect(program):
        asked.append(program)
        if len(asked) > 1:
            return real(program)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.close()
        return ours

    monkeypatch.setattr(TemplateProgram, "connect", connect)
    with kernel("warm", tmp_path) as started:
        assert started.run("6 * 7")[0] == "42"
        assert started.provisioner.lease is not None
    assert len(asked) == 2
    assert "cold" not in caplog.text


def test_a_template_outlives_the_folder_that_it_was_started_in(monkeypatch, tmp_path):
    folder = tmp_path / "removed"
    folder.mkdir()
    here = Path.cwd()
    monkeypatch.setenv("TZ", "Europe/Vienna")  # a template of its own
    monkeypatch.chdir(folder)
    with kernel("warm", tmp_path) as started:
        os.chdir(here)
        folder.rmdir()
        assert started.run("6 * 7")[0] == "42"
        template = psutil.Process(started.provisioner.pid).parent().parent()
        assert template.cwd() == "/"
