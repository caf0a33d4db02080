"""The client against a kernel that is a script: every message can be told to lie."""

import signal
import threading
import time

import pytest
import zmq
from jupyter_client.session import Session
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mlcourse.grading.channel import ZeroChannel
from mlcourse.grading.client import GradingClient, KernelEndedError

OK = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
ERROR = {"status": "error", "ename": "E", "evalue": "no", "traceback": ["E: no"]}


class ScriptedKernel:
    """A kernel whose answers are functions of a request: ``answer(say, code)``."""

    def __init__(self, answer):
        self.session = Session(key=b"k")
        self._answer = answer
        self._context = zmq.Context()
        self._shell = self._context.socket(zmq.ROUTER)
        self._iopub = self._context.socket(zmq.XPUB)
        self._ports = {
            "shell": self._shell.bind_to_random_port("tcp://127.0.0.1"),
            "iopub": self._iopub.bind_to_random_port("tcp://127.0.0.1"),
        }
        self.reason = None
        self.signals = []
        self.used = self.waited = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def channel(self, most_bytes):
        places = (f"tcp://127.0.0.1:{port}" for port in self._ports.values())
        return ZeroChannel(self.session, *places, most_bytes=most_bytes)

    def ended(self, patience=0.0):
        return self.reason

    def signal(self, number):
        self.signals.append(number)
        if number == signal.SIGKILL:
            self.reason = "exit"

    def cpu_seconds(self):
        return self.used

    def waited_seconds(self):
        return self.waited

    def close(self):
        self._over.set()
        self._thread.join()
        self._context.destroy(linger=0)

    def _serve(self):
        session = Session(key=b"k")
        self._iopub.poll(5000)  # the subscription
        while not self._over.is_set():
            if not self._shell.poll(20):
                continue
            ident, parts = session.feed_identities(self._shell.recv_multipart())
            request = session.deserialize(parts)

            def say(kind, content, parent=request, ident=ident):
                shell = kind.endswith("_reply")
                socket = self._shell if shell else self._iopub
                session.send(
                    socket, kind, content, parent, ident=ident if shell else None
                )

            if request["msg_type"] == "kernel_info_request":
                say("kernel_info_reply", {"language_info": {"name": "python"}})
                say("status", {"execution_state": "idle"})
            else:
                self._answer(say, request["content"]["code"])


def idle(say):
    say("status", {"execution_state": "idle"})


def obey(say, code):
    say("execute_input", {"code": code, "execution_count": 1})
    say("stream", {"name": "stdout", "text": f"ran {code}"})
    say("execute_reply", OK)
    idle(say)


@pytest.fixture
def client_of():
    made = []

    def make(answer, *cells, **limits):
        kernel = ScriptedKernel(answer)
        notebook = new_notebook(cells=[new_code_cell(text) for text in cells])
        client = GradingClient(notebook, kernel, **limits)
        made.append((client, kernel))
        client.connect()
        return client, kernel

    yield make
    for client, kernel in made:
        client.close()
        kernel.close()


def run_all(client):
    return [client.run(cell, index) for index, cell in enumerate(client.nb.cells)]


def names(cell):
    return [output.ename for output in cell.outputs if output.output_type == "error"]


def test_outputs_and_counts_are_kept(client_of):
    client, _ = client_of(obey, "one", "two")
    assert run_all(client) == [True, True]
    assert [cell.outputs[0].text for cell in client.nb.cells] == ["ran one", "ran two"]
    assert client.nb.cells[0].execution_count == 1
    assert client.nb.metadata.language_info.name == "python"
    assert client.flags == []


def test_text_and_empty_cells_are_not_run(client_of):
    client, _ = client_of(obey, " \n")
    client.nb.cells.append(new_markdown_cell("text"))
    assert run_all(client) == [True, True]
    assert client.nb.cells[0].outputs == []


def test_an_error_that_no_output_tells_of_is_added(client_of):
    def hide(say, code):
        say("execute_reply", {**ERROR, "traceback": []})
        idle(say)

    client, _ = client_of(hide, "x")
    assert run_all(client) == [False]
    assert names(client.nb.cells[0]) == ["E"]
    assert "showtraceback was disabled" in client.nb.cells[0].outputs[0].traceback[0]


def test_an_error_that_an_output_tells_of_is_not_told_twice(client_of):
    def fail(say, code):
        say("error", ERROR)
        say("execute_reply", ERROR)
        idle(say)

    client, _ = client_of(fail, "x")
    run_all(client)
    assert names(client.nb.cells[0]) == ["E"]


def test_the_number_of_the_next_request_cannot_be_foretold(client_of):
    seen = []

    def note(say, code):
        seen.append(say.__defaults__[0]["header"]["msg_id"])
        obey(say, code)

    client, _ = client_of(note, "a", "b")
    run_all(client)
    assert len(set(seen)) == 2
    assert not any(client._kernel.session.session in ident for ident in seen)


def test_a_forged_reply_is_told_and_the_real_error_counts(client_of):
    real = []

    def forge(say, code):
        if code == "test":
            say("execute_reply", OK)
            idle(say)
            real.append(say)
            return
        real[0]("error", ERROR)
        real[0]("execute_reply", ERROR)
        idle(real[0])
        obey(say, code)

    client, _ = client_of(forge, "test", "next")
    assert run_all(client) == [True, True]
    assert names(client.nb.cells[0]) == ["E"]
    assert {flag.kind for flag in client.flags} == {"forged-reply"}
    assert client.flags[0].cell == client.nb.cells[0].id


def test_outputs_after_a_forged_end_still_count(client_of):
    def forge(say, code):
        idle(say)
        say("error", ERROR)
        say("execute_reply", ERROR)
        idle(say)

    client, _ = client_of(forge, "test")
    assert run_all(client) == [False]
    assert names(client.nb.cells[0]) == ["E"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": 5}),
        ("stream", {"name": "stdlog", "text": "x"}),
        ("stream", {"name": "stdout"}),
        ("execute_result", {"data": {"text/plain": 5}, "metadata": {}}),
        ("execute_result", {"metadata": {}}),
        ("display_data", {"data": {"text/plain": ["x"]}, "metadata": []}),
        ("error", {"ename": "E", "evalue": 1, "traceback": []}),
        ("error", {"ename": "E", "evalue": "", "traceback": [1]}),
        ("status", {"execution_state": 7}),
        ("comm_open", {"comm_id": 5, "data": 5}),
    ],
)
def test_a_malformed_message_is_left_out_and_told(client_of, kind, content):
    def lie(say, code):
        say(kind, content)
        obey(say, code)

    client, _ = client_of(lie, "x")
    assert run_all(client) == [True]
    assert [output.output_type for output in client.nb.cells[0].outputs] == ["stream"]
    assert [flag.kind for flag in client.flags] == ["forged-message"]


@pytest.mark.parametrize(
    "value", [b"NaN", b"[1, Infinity]", b"[" * 100 + b"]" * 100, b'"\\ud800']
)
def test_values_that_a_notebook_cannot_hold_are_left_out(client_of, value):
    def lie(say, code):
        session, parent = Session(key=b"k"), say.__defaults__[0]
        message = session.msg("display_data", {}, parent)
        parts = session.serialize(message)
        content = b'{"metadata": {}, "data": {"application/json": ' + value + b"}}"
        parts[-1] = content
        parts[1] = session.sign(parts[2:])
        kernel._iopub.send_multipart(parts)
        obey(say, code)

    client, kernel = client_of(lie, "x")
    assert run_all(client) == [True]
    assert len(client.nb.cells[0].outputs) == 1
    assert [flag.kind for flag in client.flags] == ["forged-message"]


def test_frames_that_are_no_message_are_left_out(client_of):
    def lie(say, code):
        kernel._iopub.send_multipart([b"noise"])
        kernel._iopub.send_multipart([b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"])
        obey(say, code)

    client, kernel = client_of(lie, "x")
    assert run_all(client) == [True]
    assert [flag.kind for flag in client.flags] == ["forged-message"]


def test_too_much_output_ends_the_kernel_and_earlier_cells_keep_theirs(client_of):
    def talk(say, code):
        if code == "talk":
            for _ in range(40):
                data = {"text/plain": "x" * 50_000}
                say("display_data", {"data": data, "metadata": {}})
        obey(say, code)

    client, kernel = client_of(talk, "good", "talk", "later", most_bytes=1 << 20)
    assert run_all(client) == [True, False, False]
    assert kernel.signals == [signal.SIGKILL]
    assert client.reason == "output"
    good, talked, later = client.nb.cells
    assert names(good) == []
    assert names(talked) == names(later) == ["OutputLimitExceeded"]
    assert sum(len(str(output)) for output in talked.outputs) < 2 << 20


def test_one_giant_message_is_not_received(client_of, monkeypatch):
    monkeypatch.setattr("mlcourse.grading.client._IOPUB_SECONDS", 0.3)

    def talk(say, code):
        data = {"text/plain": "x" * (8 << 20)}
        say("display_data", {"data": data, "metadata": {}})
        obey(say, code)

    client, _ = client_of(talk, "talk", most_bytes=1 << 20)
    assert run_all(client) == [False]
    assert names(client.nb.cells[0]) == ["OutputLimitExceeded"]


def test_a_kernel_that_dies_keeps_what_it_said_before(client_of):
    def die(say, code):
        if code == "die":
            say("stream", {"name": "stdout", "text": "last words"})
            kernel.reason = "memory"
        else:
            obey(say, code)

    client, kernel = client_of(die, "good", "die", "later")
    assert run_all(client) == [True, False, False]
    good, died, later = client.nb.cells
    assert died.outputs[0].text == "last words"
    assert names(died) == names(later) == ["MemoryLimitExceeded"]
    assert "did not run" in later.outputs[0].evalue


def test_a_cell_over_its_time_is_interrupted_as_nbgrader_tells_it(client_of):
    def wait(say, code):
        if code == "wait":
            kernel.waited = 0.2
            while not kernel.signals:
                pass
            error = {"ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
            say("error", error)
            say("execute_reply", {**error, "status": "error"})
            idle(say)
        else:
            obey(say, code)

    client, kernel = client_of(wait, "wait", "later", cell_seconds=0.3)
    assert run_all(client) == [False, True]
    assert kernel.signals == [signal.SIGINT]
    assert names(client.nb.cells[0]) == ["KeyboardInterrupt", "CellTimeoutError"]
    assert client.starved


def test_a_cell_that_ignores_the_interrupt_ends_the_kernel(client_of, monkeypatch):
    monkeypatch.setattr("mlcourse.grading.client._GRACE", 0.2)
    client, kernel = client_of(lambda say, code: None, "wait", cell_seconds=0.2)
    assert run_all(client) == [False]
    assert kernel.signals == [signal.SIGINT, signal.SIGKILL]
    assert client.reason == "time"


def test_a_cell_that_only_slept_was_not_starved(client_of, monkeypatch):
    monkeypatch.setattr("mlcourse.grading.client._GRACE", 0.2)
    client, _ = client_of(lambda say, code: None, "wait", cell_seconds=0.2)
    run_all(client)
    assert not client.starved


def test_cpu_time_is_limited_whatever_the_wall_clock_says(client_of):
    def burn(say, code):
        kernel.used += 3.0
        if code == "good":
            obey(say, code)

    client, kernel = client_of(burn, "good", "bad", "later", cpu_seconds=5.0)
    assert run_all(client) == [True, False, False]
    assert client.reason == "cpu"
    assert names(client.nb.cells[1]) == ["CpuTimeLimitExceeded"]


def test_all_cells_together_have_a_wall_clock(client_of):
    client, kernel = client_of(lambda say, code: None, "wait", wall_seconds=0.5)
    kernel.waited = 0.3
    assert run_all(client) == [False]
    assert names(client.nb.cells[0]) == ["TimeLimitExceeded"]
    assert client.starved


def test_a_control_leaves_no_trace(client_of):
    client, _ = client_of(obey, "one")
    run_all(client)
    before = str(client.nb)
    assert client.control("secret", 5)["status"] == "ok"
    assert str(client.nb) == before


def test_a_control_of_a_dead_kernel_has_no_answer(client_of):
    def die(say, code):
        kernel.reason = "exit"

    client, kernel = client_of(die, "one")
    assert client.control("x", 5) is None
    assert client.control("x", 5) is None
    assert client.reason == "exit"


def test_a_kernel_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr("mlcourse.grading.client._START_SECONDS", 0.1)
    monkeypatch.setattr(ScriptedKernel, "_serve", lambda self: None)
    kernel = ScriptedKernel(obey)
    client = GradingClient(new_notebook(), kernel)
    try:
        start = time.monotonic()
        with pytest.raises(KernelEndedError, match="time"):
            client.connect()
        assert time.monotonic() > start
    finally:
        client.close()
        kernel.close()
