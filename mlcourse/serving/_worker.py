"""The thread in which uvicorn runs, with an event loop of its own."""

import asyncio
import logging
import os
import socket
import threading
import traceback
import weakref
from collections import deque
from collections.abc import Callable, MutableMapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from mlcourse.errors import ServerError

__all__ = ["HOST", "App", "Worker", "log"]

HOST = "127.0.0.1"
KEPT_ERRORS = 20
SLACK = 1.0  # seconds for uvicorn's own steps, over and above the grace
BUSY = (
    "the server did not stop: a handler is blocking the event loop. The port is "
    "closed; the thread ends when the handler returns. In an `async def` handler "
    "await what takes long, or write the handler with `def`."
)

App = Callable[..., Any]
Message = MutableMapping[str, Any]

log = logging.getLogger("mlcourse.serving")
_SILENCE = logging.NullHandler()  # else Python prints what an unset logger warns of
log.addHandler(_SILENCE)

_listeners: weakref.WeakSet[socket.socket] = weakref.WeakSet()


class Worker(threading.Thread):
    """The thread of uvicorn. It does not know its Server, which can so be collected."""

    def __init__(self, app: App, *, grace: float) -> None:
        super().__init__(name="mlcourse-server", daemon=True)
        import uvicorn

        logging.getLogger("uvicorn").addHandler(_SILENCE)
        self.app = app
        self.grace = grace
        self.listener = _bind()
        self.port: int = self.listener.getsockname()[1]
        self.ready: Future[None] = Future()
        self.errors: deque[str] = deque(maxlen=KEPT_ERRORS)
        self.failure: BaseException | str = "it ended before it was ready"
        self.loop = asyncio.new_event_loop()
        self.uvicorn = uvicorn.Server(
            uvicorn.Config(
                self._call,
                interface="asgi3",
                log_config=None,
                access_log=False,
                callback_notify=self._report_ready,
                timeout_graceful_shutdown=grace,  # type: ignore[arg-type]
            )
        )
        self.task = self.loop.create_task(self._serve())

    def run(self) -> None:
        """Run the loop until the server has ended, and leave nothing open."""
        self.loop.set_exception_handler(_log_loop_error)
        try:
            self.loop.run_until_complete(self.task)
        except BaseException as error:
            self.failure = error
            log.debug("the server ended", exc_info=True)
        finally:
            self.listener.close()
            self.loop.close()
            if not self.ready.done():
                self.ready.set_exception(self._startup_error())

    def stop(self) -> None:
        """End gracefully, else by cancelling, else close the port and say why."""
        if not self.is_alive():  # nor is it in a forked child, which is left alone
            return
        self.uvicorn.should_exit = True
        if threading.current_thread() is self:
            return
        if self.ready.done():  # uvicorn heeds should_exit only once it is up
            self.join(self.grace + SLACK)
        if self.is_alive():
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.task.cancel)
            self.join(self.grace + SLACK)
        if self.is_alive():
            self.listener.close()
            raise ServerError(BUSY)

    def settle(self) -> None:
        """Wait until the loop has finished its current step.

        A framework answers 500 first and raises after it, within one step.
        """
        if threading.current_thread() is self:
            return
        done = threading.Event()
        with suppress(RuntimeError):  # the loop is closed, so all steps are done
            self.loop.call_soon_threadsafe(done.set)
            done.wait(SLACK)

    async def _serve(self) -> None:
        try:
            await self.uvicorn.serve(sockets=[self.listener])
        except SystemExit:  # how uvicorn says that the lifespan failed
            log.debug("the application did not start", exc_info=True)
        finally:
            await self._clear()

    async def _clear(self) -> None:
        """Cancel what uvicorn left behind, within the grace."""
        for connection in list(self.uvicorn.server_state.connections):
            connection.transport.abort()
        tasks = asyncio.all_tasks() - {self.task}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self.grace)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.loop.shutdown_asyncgens(), self.grace)

    async def _report_ready(self) -> None:
        """Note that uvicorn listens; it calls this once up, and then now and again."""
        if not self.ready.done():
            self.ready.set_result(None)

    async def _call(self, scope: Message, receive: App, send: App) -> None:
        """Pass a call on to the application, and remember what it raises."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self._remember(error)
            raise

    async def _lifespan(self, scope: Message, receive: App, send: App) -> None:
        """Run the lifespan, and tell a failure from an application that has none.

        By the ASGI specification an exception means that the application has no
        lifespan. One that took the start-up message has one, and failed.
        """
        asked = answered = False

        async def asking() -> Message:
            nonlocal asked
            message: Message = await receive()
            asked = True
            return message

        async def answering(message: Message) -> None:
            nonlocal answered
            answered = True
            if message["type"] == "lifespan.startup.failed":
                self.failure = message.get("message") or "it gave no reason"
            await send(message)

        try:
            await self.app(scope, asking, answering)
        except Exception as error:
            if asked:
                self.failure = error
                self._remember(error)
            if asked and not answered:
                await send({"type": "lifespan.startup.failed"})
            raise

    def _remember(self, error: Exception) -> None:
        self.errors.append("".join(traceback.format_exception(error)))

    def _startup_error(self) -> ServerError:
        failure = self.failure
        if isinstance(failure, BaseException):
            reason = f"{type(failure).__name__}: {failure}"
        else:
            reason = failure.strip().splitlines()[-1]
        error = ServerError(
            f"the application did not start: {reason}. Correct its lifespan, then "
            "call serve again."
        )
        error.__cause__ = failure if isinstance(failure, BaseException) else None
        return error


def _bind() -> socket.socket:
    """Return a socket on a free loopback port; it listens once uvicorn says so."""
    # The protocol is named because asyncio switches Nagle's delay off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((HOST, 0))
    if os.name == "posix":
        # After bind, for with it the system may give one port to two sockets; set at
        # all, because without it closed connections would hold the port for a minute.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _listeners.add(listener)
    return listener


def _close_in_child() -> None:
    """Close the sockets that a forked child inherited, or they would hold the port."""
    for listener in _listeners:
        listener.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


def _log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("%s", context["message"], exc_info=context.get("exception"))
