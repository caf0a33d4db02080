"""A server starts, answers and leaves nothing behind."""

import asyncio
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from fastapi import FastAPI

from mlcourse.errors import ServerError
from mlcourse.serving import serve


async def hello(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"hello"})


def threads_of_servers():
    return [t for t in threading.enumerate() if t.name == "mlcourse-server"]


def refuses(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_answers_as_soon_as_serve_returns():
    with serve(hello) as server:
        assert server.running
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert httpx.get(server.url).text == "hello"
    assert not server.running
    assert refuses(server.port)


def test_twenty_starts_and_stops_leave_no_thread_and_no_port():
    before, ports = threading.active_count(), []
    for _ in range(20):
        with serve(hello) as server:
            assert httpx.get(server.url).status_code == 200
        ports.append(server.port)
    assert threading.active_count() == before
    assert all(refuses(port) for port in ports)


@pytest.mark.skipif(os.name != "posix", reason="the option means another thing there")
def test_the_port_can_be_bound_again_after_stop():
    with serve(hello) as server, httpx.Client() as client:
        client.get(server.url)
        server.stop()
    with socket.create_server(("127.0.0.1", server.port)) as again:
        assert again.getsockname()[1] == server.port


def test_two_servers_run_side_by_side():
    async def other(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})

    with serve(hello) as first, serve(other) as second:
        assert first.port != second.port
        assert httpx.get(first.url).status_code == 200
        assert httpx.get(second.url).status_code == 204


def test_stop_can_be_called_twice():
    server = serve(hello)
    server.stop()
    server.stop()
    assert repr(server) == f"<Server {server.url} stopped>"


def test_it_runs_beside_the_loop_of_a_notebook():
    async def cell():
        server = serve(hello)
        async with httpx.AsyncClient() as client:
            text = (await client.get(server.url)).text
        server.stop()
        return text

    assert asyncio.run(cell()) == "hello"


def test_async_with_does_not_block_the_loop_at_the_end():
    async def cell():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        async with serve(hello) as server:
            ticking = asyncio.create_task(tick())
            await asyncio.sleep(0)
            before = ticks
        ticking.cancel()
        assert ticks > before + 1
        return server

    assert not asyncio.run(cell()).running


def test_a_name_used_again_stops_the_server_before_it():
    server = serve(hello)
    first = server.port
    server = serve(hello)
    gc.collect()
    assert refuses(first)
    assert httpx.get(server.url).status_code == 200
    server.stop()
    assert not threads_of_servers()


def test_a_server_in_a_reference_cycle_stops_when_it_is_collected():
    class Holder:
        pass

    holder = Holder()
    holder.itself, holder.server = holder, serve(hello)
    port = holder.server.port
    del holder
    gc.collect()
    assert refuses(port)


def test_lifespan_runs_before_the_first_request_and_at_the_end():
    steps = []

    @asynccontextmanager
    async def lifespan(app):
        steps.append("started")
        yield
        steps.append("stopped")

    with serve(FastAPI(lifespan=lifespan)) as server:
        assert steps == ["started"]
        assert httpx.get(f"{server.url}/docs").status_code == 200
    assert steps == ["started", "stopped"]


def test_a_failing_lifespan_is_raised_with_its_reason():
    @asynccontextmanager
    async def lifespan(app):
        raise FileNotFoundError("model.skops")
        yield

    with pytest.raises(ServerError, match=r"FileNotFoundError: model\.skops") as caught:
        serve(FastAPI(lifespan=lifespan))
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert not threads_of_servers()


def test_a_plain_application_that_fails_in_its_lifespan_is_raised_too():
    async def app(scope, receive, send):
        await receive()
        raise OSError("no disk")

    with pytest.raises(ServerError, match="OSError: no disk"):
        serve(app)


def test_a_refusal_without_an_exception_gives_the_message_of_the_application():
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no licence"})

    with pytest.raises(ServerError, match="no licence"):
        serve(app)


def test_an_application_without_lifespan_is_served():
    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await hello(scope, receive, send)

    with serve(app) as server:
        assert httpx.get(server.url).text == "hello"


def test_a_lifespan_that_hangs_is_given_up():
    @asynccontextmanager
    async def lifespan(app):
        await asyncio.Event().wait()
        yield

    with pytest.raises(ServerError, match=r"did not start in 0\.05 s"):
        serve(FastAPI(lifespan=lifespan), startup_timeout=0.05)
    assert not threads_of_servers()


def test_a_lifespan_that_blocks_the_loop_is_given_up_and_the_port_closed(
    monkeypatch, caplog
):
    monkeypatch.setattr("mlcourse.serving._worker.SLACK", 0.05)
    finish = threading.Event()

    @asynccontextmanager
    async def lifespan(app):
        finish.wait(30)
        yield

    with pytest.raises(ServerError, match="did not start in"):
        serve(FastAPI(lifespan=lifespan), startup_timeout=0.05, grace=0.05)
    assert "blocking the event loop" in caplog.text
    thread = threads_of_servers()[0]
    finish.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_callable_without_a_signature_is_tried():
    with serve(dict) as server:
        assert httpx.get(server.url).status_code == 500
        assert "TypeError" in server.errors[0]


@pytest.mark.parametrize(
    "app", ["service:app", None, FastAPI, lambda environ, start: []]
)
def test_what_is_no_application_is_refused(app):
    with pytest.raises(ServerError, match="Pass an ASGI application"):
        serve(app)


@pytest.mark.parametrize("name", ["startup_timeout", "grace"])
def test_a_time_must_be_positive(name):
    with pytest.raises(ValueError, match=f"{name} == 0, must be > 0"):
        serve(hello, **{name: 0})


def test_a_running_request_is_cancelled_after_the_grace_and_the_lifespan_ends():
    entered, steps = threading.Event(), []

    @asynccontextmanager
    async def lifespan(app):
        yield
        steps.append("lifespan ended")

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def slow():
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("request cancelled")

    server = serve(app, grace=0.05)
    client = threading.Thread(target=get_quietly, args=(server.url,))
    client.start()
    assert entered.wait(10)
    server.stop()
    client.join(10)
    assert steps == ["request cancelled", "lifespan ended"]
    assert not client.is_alive()
    assert refuses(server.port)


def test_a_handler_that_will_not_be_cancelled_is_left_behind():
    entered = threading.Event()

    async def stubborn(scope, receive, send):
        if scope["type"] == "http":
            entered.set()
            while True:
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()

    server = serve(stubborn, grace=0.05)
    client = threading.Thread(target=get_quietly, args=(server.url,))
    client.start()
    assert entered.wait(10)
    server.stop()
    client.join(10)
    assert not client.is_alive()
    assert not server.running


def test_a_request_that_ends_within_the_grace_is_answered():
    entered, finish = threading.Event(), threading.Event()
    app = FastAPI()

    @app.get("/")
    def slow():
        entered.set()
        assert finish.wait(10)
        return "done"

    answers = []
    server = serve(app, grace=10)
    client = threading.Thread(target=lambda: answers.append(httpx.get(server.url)))
    client.start()
    assert entered.wait(10)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    finish.set()
    stopping.join(10)
    client.join(10)
    assert answers[0].json() == "done"


def test_a_handler_in_a_thread_does_not_hold_up_the_stop():
    entered, finish = threading.Event(), threading.Event()
    app = FastAPI()

    @app.get("/")
    def stuck():
        entered.set()
        finish.wait(30)

    server = serve(app, grace=0.05)
    client = threading.Thread(target=get_quietly, args=(server.url,))
    client.start()
    assert entered.wait(10)
    workers = [t for t in threading.enumerate() if "AnyIO" in t.name]
    server.stop()
    assert not server.running
    assert refuses(server.port)
    finish.set()
    for thread in (client, *workers):
        thread.join(10)
        assert not thread.is_alive()


def test_a_handler_that_blocks_the_loop_is_named_and_the_port_is_closed(monkeypatch):
    monkeypatch.setattr("mlcourse.serving._worker.SLACK", 0.05)
    entered, finish = threading.Event(), threading.Event()

    async def blocking(scope, receive, send):
        if scope["type"] == "http":
            entered.set()
            finish.wait(30)

    server = serve(blocking, grace=0.05)
    client = threading.Thread(target=get_quietly, args=(server.url,))
    client.start()
    assert entered.wait(10)
    thread = threads_of_servers()[0]
    with pytest.raises(ServerError, match="blocking the event loop"):
        server.stop()
    assert refuses(server.port)
    finish.set()
    thread.join(10)
    client.join(10)
    assert not server.running
    server.stop()


def test_a_handler_may_stop_its_own_server():
    async def last_words(scope, receive, send):
        await hello(scope, receive, send)
        if scope["type"] == "http":
            box["server"].stop()

    box = {"server": serve(last_words)}
    thread = threads_of_servers()[0]
    assert httpx.get(box["server"].url).text == "hello"
    thread.join(10)
    assert not box["server"].running
    assert box["server"].errors == ()


def test_what_a_handler_raised_is_kept():
    app = FastAPI()

    @app.get("/")
    def boom():
        raise KeyError("tenure_months")

    with serve(app) as server:
        assert httpx.get(server.url).status_code == 500
        assert "KeyError: 'tenure_months'" in server.errors[0]


def test_what_is_raised_after_the_answer_is_waited_for():
    async def app(scope, receive, send):
        await hello(scope, receive, send)
        if scope["type"] == "http":
            threading.Event().wait(0.2)  # holds the loop while the client reads
            raise KeyError("late")

    with serve(app) as server:
        assert httpx.get(server.url).text == "hello"
        assert "KeyError: 'late'" in server.errors[0]


def test_a_failure_in_the_background_is_logged(caplog):
    async def app(scope, receive, send):
        if scope["type"] == "http":
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            await asyncio.sleep(0)
            await hello(scope, receive, send)

    with serve(app) as server:
        assert httpx.get(server.url).text == "hello"
    assert "ZeroDivisionError" in caplog.text


def test_a_handler_can_read_the_errors_of_its_own_server():
    box = {}

    async def app(scope, receive, send):
        if scope["type"] == "http":
            box["errors"] = box["server"].errors
        await hello(scope, receive, send)

    with serve(app) as box["server"]:
        assert httpx.get(box["server"].url).text == "hello"
    assert box["errors"] == ()


def test_answers_are_sent_without_the_delay_of_nagle():
    with serve(hello) as server, httpx.Client() as client:
        client.get(server.url)
        (connection,) = server._worker.uvicorn.server_state.connections
        plug = connection.transport.get_extra_info("socket")
        assert plug.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_log_of_uvicorn_reaches_whoever_listens(caplog):
    with caplog.at_level(logging.INFO, logger="uvicorn.error"):
        serve(hello).stop()
    assert "Application startup complete." in caplog.text


def test_websockets_are_served_too():
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "hello"})
            await send({"type": "websocket.close"})

    client = pytest.importorskip("websockets.sync.client")
    with (
        serve(app) as server,
        client.connect(server.url.replace("http", "ws"), proxy=None) as connection,
    ):
        assert connection.recv() == "hello"


SCRIPT = """
import httpx
from mlcourse.serving import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("stopped", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"hello"})

server = serve(app)
"""


def run_script(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_process_that_ends_without_stopping_leaves_nothing():
    done = run_script(
        "assert httpx.get(server.url).text == 'hello'; print(server.port)"
    )
    port, stopped = done.stdout.split()
    assert (done.returncode, done.stderr, stopped) == (0, "", "stopped")
    assert refuses(int(port))


def test_a_process_without_logging_prints_nothing():
    done = run_script("""
import asyncio
server.stop()

async def failing(scope, receive, send):
    if scope["type"] == "http":
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)
        raise KeyError

with serve(failing) as server:
    assert httpx.get(server.url).status_code == 500
""")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_neither_stops_nor_holds_the_server_of_its_parent():
    done = run_script("""
import os, socket, sys
reader, writer = os.pipe()
child = os.fork()
if not child:
    server.stop()
    os.close(writer)
    os.read(reader, 1)      # lives until the parent has stopped its server
    os._exit(server.running)
os.close(reader)
assert httpx.get(server.url).text == "hello"
server.stop()
with socket.socket() as probe:
    assert probe.connect_ex(("127.0.0.1", server.port)) != 0
os.close(writer)
assert os.waitpid(child, 0)[1] == 0
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["stopped"]


def get_quietly(url):
    with suppress(httpx.HTTPError):
        httpx.get(url, timeout=30)
