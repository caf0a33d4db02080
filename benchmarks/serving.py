"""Ratios of the serving harness: start, throughput, and where the client runs.

Run it with ``python benchmarks/serving.py``. Absolute numbers belong to the machine
and the moment; the ratios come from one run.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from mlcourse.serving import load_test, serve

HERE = Path(__file__).resolve().parent
ROUNDS = 5
REQUESTS = 600
LEVELS = (1, 4, 16)


async def app(scope, _, send):
    """Work for about as long as a small model: some half a millisecond."""
    if scope["type"] == "http":
        sum(range(20_000))
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"{}"})


def ask(url):
    with urlopen(url) as response:
        response.read()


def start_in_thread():
    started = time.perf_counter()
    with serve(app) as server:
        ask(server.url)
        return time.perf_counter() - started


def start_as_process():
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "serving:app", "--port=0", "--no-access-log"],
        cwd=HERE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        line = next(line for line in child.stderr if "running on" in line)
        ask(line.split("running on ")[1].split()[0])
        seconds = time.perf_counter() - started
        child.terminate()
    return seconds


def load_apart(url, concurrency):
    report = load_test(url, concurrency=concurrency, requests=REQUESTS, warmup=100)
    return report.throughput_rps, report.p50_ms, report.client_busy


def load_in_kernel(url, concurrency):
    """Run the same client in the process of the server, as a notebook would."""
    client = import_module("mlcourse.serving._load")
    job = {
        "url": url,
        "method": "GET",
        "bodies": [None],
        "headers": {},
        "concurrency": concurrency,
        "requests": REQUESTS,
        "warmup": 100,
        "timeout": 2.0,
        "max_seconds": 60.0,
    }
    result = asyncio.run(client.measure(job))
    return REQUESTS / result["seconds"], statistics.median(result["latencies_ms"])


def medians(results):
    return [statistics.median(column) for column in zip(*results, strict=True)]


def main():
    table = Table("what", "ratio", "of (medians)")
    start_in_thread()
    starts = [(start_in_thread(), start_as_process()) for _ in range(ROUNDS)]
    thread, process = medians(starts)
    table.add_row(
        "first answer: serve() : python -m uvicorn",
        f"1 : {process / thread:.0f}",
        f"{thread * 1000:.0f} ms, {process * 1000:.0f} ms",
    )
    with serve(app) as server:
        apart = {level: [] for level in LEVELS}
        inside = {level: [] for level in LEVELS}
        for _ in range(ROUNDS):
            for level in LEVELS:
                apart[level].append(load_apart(server.url, level))
                inside[level].append(load_in_kernel(server.url, level))
    one = medians(apart[1])[0]
    for level in LEVELS:
        rps, p50, busy = medians(apart[level])
        table.add_row(
            f"throughput at concurrency {level} : at 1",
            f"{rps / one:.2f} : 1",
            f"{rps:.0f}/s, p50 {p50:.1f} ms, client busy {busy:.0%}",
        )
    for level in LEVELS:
        ours, theirs = medians(apart[level]), medians(inside[level])
        table.add_row(
            f"throughput at {level}, client apart : in the kernel",
            f"{ours[0] / theirs[0]:.2f} : 1",
            f"in the kernel {theirs[0]:.0f}/s, p50 {theirs[1]:.1f} ms",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
