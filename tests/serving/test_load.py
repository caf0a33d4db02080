"""A load test counts what really happened, and only on this machine."""

import asyncio
import json
import subprocess
import sys
from itertools import count

import pytest

from mlcourse.errors import ServerError
from mlcourse.serving import load_test, serve, sweep
from mlcourse.serving.load import CLIENT


def answer(status, *, body=b"{}"):
    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status(scope)})
            await send({"type": "http.response.body", "body": body})

    return app


def measure(url, **options):
    """Load without a warm-up, and with patience for a busy machine."""
    return load_test(url, **{"timeout": 30, "warmup": 0, **options})


@pytest.fixture(scope="module")
def url():
    with serve(answer(lambda scope: 200)) as server:
        yield f"{server.url}/predict"


def test_every_request_is_answered_and_the_warm_up_is_not_counted():
    seen = count()
    with serve(answer(lambda scope: 200 + 0 * next(seen))) as server:
        report = measure(server.url, requests=50, warmup=7, concurrency=3)
    assert next(seen) == 57
    assert (report.requests, report.latencies_ms.size, report.errors) == (50, 50, {})
    assert report.latencies_ms.min() > 0
    assert report.throughput_rps == pytest.approx(50 / report.seconds)
    assert (report.method, report.concurrency) == ("GET", 3)


def test_each_fifth_request_fails_and_is_counted_by_its_status():
    seen = count(1)
    with serve(answer(lambda scope: 200 if next(seen) % 5 else 503)) as server:
        report = measure(server.url, requests=100, concurrency=4)
    assert report.errors == {"503": 20}
    assert report.errors["timeout"] == 0
    assert report.error_rate == 0.2
    assert report.latencies_ms.size == 80


def test_a_redirect_is_an_error_and_is_not_followed():
    with serve(answer(lambda scope: 307)) as server:
        assert measure(server.url, requests=3).errors == {"307": 3}


def test_an_answer_that_does_not_come_is_a_timeout():
    async def hang(scope, receive, send):
        if scope["type"] == "http":
            await asyncio.Event().wait()

    with serve(hang, grace=0.05) as server:
        report = measure(server.url, requests=4, timeout=0.05)
    assert report.errors == {"timeout": 4}
    assert report.p50_ms != report.p50_ms  # NaN: nothing to measure


def test_an_answer_that_trickles_is_a_timeout_too():
    async def trickle(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200})
            for _ in range(100):
                part = {"type": "http.response.body", "body": b".", "more_body": True}
                await send(part)
                await asyncio.sleep(0.01)

    with serve(trickle, grace=0.05) as server:
        report = measure(server.url, requests=2, timeout=0.1)
    assert report.errors == {"timeout": 2}


def test_a_server_that_is_gone_refuses_every_request():
    with serve(answer(lambda scope: 200)) as server:
        pass
    report = measure(server.url, requests=6, warmup=2, concurrency=2)
    assert report.errors == {"refused": 6}


def test_a_connection_that_breaks_is_counted():
    async def cut(scope, receive, send):
        if scope["type"] == "http":
            head = [(b"content-length", b"10")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b".", "more_body": True})
            raise RuntimeError

    with serve(cut) as server:
        report = measure(server.url, requests=3)
    assert report.errors == {"disconnected": 3}


def test_bodies_and_headers_arrive_as_they_were_given():
    seen = []

    async def listen(scope, receive, send):
        if scope["type"] == "http":
            body = (await receive())["body"]
            seen.append((scope["method"], dict(scope["headers"]), json.loads(body)))
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})

    with serve(listen) as server:
        measure(
            server.url,
            method="POST",
            payloads=[{"n": 0}, {"n": 1}],
            headers={"x-request-id": "load"},
            requests=5,
            concurrency=1,
        )
    assert [body["n"] for _, _, body in seen] == [0, 1, 0, 1, 0]
    method, headers, _ = seen[0]
    assert method == "POST"
    assert headers[b"x-request-id"] == b"load"
    assert headers[b"content-type"] == b"application/json"


def test_each_worker_keeps_its_connection():
    ports = set()

    def status(scope):
        ports.add(scope["client"][1])
        return 200

    with serve(answer(status)) as server:
        measure(server.url, requests=40, warmup=10, concurrency=3)
    assert len(ports) == 3


def test_a_proxy_of_the_environment_is_not_asked(url, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert measure(url, requests=3).errors == {}


def test_a_file_of_the_learner_cannot_stand_in_for_a_module(url, tmp_path, monkeypatch):
    (tmp_path / "httpx.py").write_text("raise SystemExit('mine')")
    monkeypatch.chdir(tmp_path)
    assert measure(url, requests=3).errors == {}


def test_it_can_be_called_while_a_loop_is_running(url):
    async def cell():
        return measure(url, requests=5)

    assert asyncio.run(cell()).requests == 5


def test_it_ends_when_its_time_is_up(url):
    report = measure(url, requests=10**6, max_seconds=0.1)
    assert 0 < report.requests < 10**6


def test_a_warm_up_that_takes_all_the_time_leaves_one_request_a_worker(url):
    report = measure(url, requests=9, warmup=10**6, concurrency=2, max_seconds=0.1)
    assert report.requests == 2


@pytest.mark.parametrize(
    "target",
    [
        "http://example.org/predict",
        "http://10.0.0.1:8000",
        "http://0.0.0.0:8000",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1@example.org",
        "http://localhost.example.org",
        "https://127.0.0.1",
        "127.0.0.1:8000",
        "",
    ],
)
def test_another_machine_is_refused(target):
    with pytest.raises(ValueError, match="attack"):
        load_test(target)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_this_machine_is_accepted_by_either_name(url, host):
    report = measure(url.replace("127.0.0.1", host), requests=3)
    assert report.errors == {}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"concurrency": 0}, "concurrency == 0, must be >= 1"),
        ({"concurrency": 1000}, "concurrency == 1000, must be <= 512"),
        ({"requests": 0}, "requests == 0, must be >= 1"),
        ({"warmup": -1}, "warmup == -1, must be >= 0"),
        ({"timeout": 0}, "timeout == 0, must be > 0"),
        ({"max_seconds": float("nan")}, "max_seconds == nan, must be > 0"),
        ({"payloads": []}, "must hold at least one"),
        ({"json": 1, "payloads": [1]}, "must be one of them"),
        ({"json": float("nan")}, "not JSON compliant"),
    ],
)
def test_an_argument_out_of_bounds_is_refused(url, options, reason):
    with pytest.raises(ValueError, match=reason):
        measure(url, **options)


def test_a_client_that_fails_is_raised_with_its_own_words(url):
    with pytest.raises(ServerError, match="LocalProtocolError"):
        measure(url, headers={"bad header": "value"}, requests=1)


def test_a_client_that_hangs_is_killed(url, monkeypatch):
    def expire(command, *, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", expire)
    with pytest.raises(ServerError, match="did not end in 91 s"):
        measure(url, max_seconds=1)


def test_the_client_loads_httpx_and_nothing_else_of_the_course():
    code = (
        "import io, runpy, sys; sys.stdin = io.StringIO('{}')\n"
        f"try: runpy.run_path({str(CLIENT)!r}, run_name='__main__')\n"
        "except KeyError: print({'mlcourse', 'uvicorn', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


def test_a_sweep_has_a_report_for_each_level_in_rising_order(url):
    result = sweep(url, concurrency=(4, 1, 4), requests=10)
    assert list(result) == [1, 4]
    assert [report.requests for report in result.values()] == [10, 10]


def test_a_sweep_needs_a_level(url):
    with pytest.raises(ValueError, match="at least one level"):
        sweep(url, concurrency=())
