"""The client process of a load test: a job as JSON on stdin, the result on stdout.

It is a process of its own because a client in the server's process would share its
interpreter lock, and would be measured with it.
"""

import asyncio
import json
import ssl
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import httpx

__all__: list[str] = []


class Round:
    """One closed loop: workers that take numbers from a counter and send requests."""

    def __init__(self, job: dict[str, Any], *, total: int, deadline: float) -> None:
        self.job = job
        self.total = total
        self.deadline = deadline
        self.numbers = count()
        self.latencies: list[float] = []
        self.errors: Counter[str] = Counter()

    async def run(self, clients: list[httpx.AsyncClient]) -> dict[str, Any]:
        """Send the requests, one worker for each client, and return what was seen."""
        started, busy = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(self._work(client))
        seconds = time.perf_counter() - started
        return {
            "latencies_ms": self.latencies,
            "errors": self.errors,
            "seconds": seconds,
            "client_busy": (time.process_time() - busy) / seconds,
        }

    async def _work(self, client: httpx.AsyncClient) -> None:
        job = self.job
        requests = [
            client.build_request(
                job["method"], job["url"], content=body, headers=job["headers"]
            )
            for body in job["bodies"]
        ]
        while (number := next(self.numbers)) < self.total:
            # The first ones are sent in any case, so that there is a result.
            if number >= job["concurrency"] and time.perf_counter() > self.deadline:
                return
            started = time.perf_counter()
            error = await self._send(client, requests[number % len(requests)])
            if error:
                self.errors[error] += 1
            else:
                self.latencies.append((time.perf_counter() - started) * 1000)

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request) -> str:
        """Send a request and read the whole answer; return the kind of error, or ''."""
        try:
            async with asyncio.timeout(self.job["timeout"]):
                response = await client.send(request)
        except TimeoutError:
            return "timeout"
        except httpx.ConnectError:
            return "refused"
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            return "disconnected"
        return "" if response.is_success else str(response.status_code)


async def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Warm up, then measure on the same connections."""
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # else each client makes its own
    deadline = time.perf_counter() + job["max_seconds"]
    async with AsyncExitStack() as stack:
        # A client for each worker: httpx's pool slows down with many connections.
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(verify=unused, timeout=None, trust_env=False)
            )
            for _ in range(job["concurrency"])
        ]
        await Round(job, total=job["warmup"], deadline=deadline).run(clients)
        return await Round(job, total=job["requests"], deadline=deadline).run(clients)


if __name__ == "__main__":
    json.dump(asyncio.run(measure(json.load(sys.stdin))), sys.stdout)
