"""Measure a server of this machine under load, from a process of its own."""

import json as jsonlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlcourse.errors import ServerError
from mlcourse.serving.report import LoadReport, Sweep

__all__ = ["load_test", "sweep"]

CLIENT = Path(__file__).with_name("_load.py")  # by path, so that it imports only httpx
CLIENT_START = 30.0  # seconds in which the client process must have started
MOST_AT_ONCE = 512  # below the usual limit of 1024 open files


def load_test(
    url: str,
    *,
    method: str = "GET",
    json: Any = None,
    payloads: Sequence[Any] | None = None,
    headers: Mapping[str, str] | None = None,
    concurrency: int = 8,
    requests: int = 400,
    warmup: int = 40,
    timeout: float = 2.0,
    max_seconds: float = 60.0,
) -> LoadReport:
    """Send many requests to a server of this machine and report the latencies.

    The client is another process, because in the kernel it would share the interpreter
    lock with a server that runs there, and its work could not be told from the
    server's: see ``LoadReport.client_busy``. It can be called while a loop is running.

    It is a closed loop: ``concurrency`` workers, each of which sends its next request
    when the last one is answered. While the server hangs, nobody sends, so a pause is
    seen by ``concurrency`` requests and not by all that users would have sent in it
    ("coordinated omission": Tene, How NOT to Measure Latency, 2015). The high
    percentiles are therefore kinder than those of users who come at their own pace
    (Schroeder, Wierman, Harchol-Balter, Open Versus Closed, NSDI 2006).

    Errors are counted by kind and never raised: a status outside 200 to 299 by its
    number, and ``timeout``, ``refused``, ``disconnected``.

    Args:
        url: Where to send; its host must be this machine.
        method: The HTTP method.
        json: One body for all requests.
        payloads: Bodies to send in turn, instead of ``json``.
        headers: Headers of every request.
        concurrency: Workers, each with a connection that it keeps.
        requests: How many requests to measure.
        warmup: How many requests to send first, which are not counted.
        timeout: Seconds from sending to the last byte of the answer.
        max_seconds: After this time, warm-up included, no further request is sent.

    Raises:
        ValueError: If an argument is out of its bounds, or the host is another machine.
        ServerError: If the client process fails.

    Example:
        >>> load_test("http://example.org")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: url == 'http://example.org', must be http on 127.0.0.1, ...
    """
    _require_loopback(url)
    for name, value, least in (
        ("concurrency", concurrency, 1),
        ("requests", requests, 1),
        ("warmup", warmup, 0),
    ):
        if value < least:
            raise ValueError(f"{name} == {value!r}, must be >= {least}.")
    if concurrency > MOST_AT_ONCE:
        raise ValueError(f"concurrency == {concurrency!r}, must be <= {MOST_AT_ONCE}.")
    for name, seconds in (("timeout", timeout), ("max_seconds", max_seconds)):
        if not seconds > 0:
            raise ValueError(f"{name} == {seconds!r}, must be > 0 seconds.")
    bodies = _bodies(json, payloads)
    kind = {} if bodies == [None] else {"content-type": "application/json"}
    result = _run_client(
        {
            "url": url,
            "method": method,
            "bodies": bodies,
            "headers": {**kind, **(headers or {})},
            "concurrency": concurrency,
            "requests": requests,
            "warmup": warmup,
            "timeout": timeout,
            "max_seconds": max_seconds,
        },
        # One request may be on its way when time is up, in the warm-up and after it.
        seconds=CLIENT_START + max_seconds + 2 * timeout,
    )
    return LoadReport(
        url=url,
        method=method,
        concurrency=concurrency,
        seconds=result["seconds"],
        latencies_ms=result["latencies_ms"],
        errors=Counter(result["errors"]),
        client_busy=result["client_busy"],
    )


def sweep(
    url: str,
    *,
    concurrency: Iterable[int] = (1, 2, 4, 8, 16, 32),
    **options: Any,
) -> Sweep:
    """Run ``load_test`` at several levels of concurrency, one after another.

    Args:
        url: Where to send; its host must be this machine.
        concurrency: The levels, each tested once, in rising order.
        **options: What else ``load_test`` takes, the same for every level.

    Raises:
        ValueError: If there is no level, or ``load_test`` refuses an argument.
        ServerError: If the client process fails.
    """
    levels = sorted(set(concurrency))
    if not levels:
        raise ValueError("concurrency == (), must hold at least one level.")
    return Sweep(
        tuple(load_test(url, concurrency=level, **options) for level in levels)
    )


def _require_loopback(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, not an address
        local = False
    if not local or parts.scheme != "http":
        raise ValueError(
            f"url == {url!r}, must be http on 127.0.0.1, localhost or [::1]. "
            "A load test of another machine is an attack on it."
        )


def _bodies(json: Any, payloads: Sequence[Any] | None) -> list[str | None]:
    if payloads is None:
        payloads = [json]
    elif json is not None:
        raise ValueError("json and payloads are both given, must be one of them.")
    if not len(payloads):
        raise ValueError("payloads == [], must hold at least one body.")
    return [
        None if body is None else jsonlib.dumps(body, allow_nan=False)
        for body in payloads
    ]


def _run_client(job: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    # -P: a file of the learner's folder must not stand in for a module of the client.
    command = [sys.executable, "-P", str(CLIENT)]
    try:
        done = subprocess.run(
            command,
            input=jsonlib.dumps(job),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServerError(
            f"the load client did not end in {seconds:g} s: the machine may be "
            "overloaded; send fewer requests."
        ) from None
    if done.returncode:
        raise ServerError(
            f"the load client ended with code {done.returncode}: {done.stderr.strip()}"
        )
    result: dict[str, Any] = jsonlib.loads(done.stdout)
    return result
