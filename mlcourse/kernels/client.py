"""Clients that ask a kernel whether it is ready, and do not sleep meanwhile.

Jupyter's own client waits another 0.2 s after the answer, for messages still under way.
To wait for our request's own "idle" gives the same certainty.
"""

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_core.utils import ensure_async, run_sync

__all__ = ["AsyncClient", "BlockingClient"]

_ROUND = 1.0


async def _wait_for_ready(self: Any, timeout: float | None = None) -> None:
    deadline = time.monotonic() + (timeout or float("inf"))
    while True:
        request = self.kernel_info()
        try:
            reply = await _answer(self.shell_channel, request)
            self._handle_kernel_info_reply(reply)
            while True:
                message = await _answer(self.iopub_channel, request)
                if message["content"].get("execution_state") == "idle":
                    return
        except Empty:
            pass  # it was not connected yet when it spoke
        if not await self._async_is_alive():
            raise RuntimeError("Kernel died before replying to kernel_info")
        if time.monotonic() > deadline:
            raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")


async def _answer(channel: Any, request: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = await ensure_async(channel.get_msg(timeout=_ROUND))
        if message["parent_header"].get("msg_id") == request:
            return message


class AsyncClient(AsyncKernelClient):
    """As Jupyter's, ready sooner."""

    _async_wait_for_ready = _wait_for_ready
    wait_for_ready = _wait_for_ready


class BlockingClient(BlockingKernelClient):
    """As Jupyter's, ready sooner."""

    wait_for_ready = run_sync(_wait_for_ready)
