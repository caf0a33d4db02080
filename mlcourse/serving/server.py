"""Run an ASGI application on a real uvicorn server, in a thread of this process."""

import asyncio
import inspect
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
from types import TracebackType
from typing import Any, Self

from mlcourse.errors import ServerError

__all__ = ["Server", "serve"]

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


def serve(app: App, *, startup_timeout: float = 30.0, grace: float = 1.0) -> "Server":
    """Start an ASGI application on 127.0.0.1 and return when it answers.

    The port is chosen by the system. The server has a thread and an event loop of its
    own, so a notebook's running loop does not matter. It stops with ``stop()``, at the
    end of a ``with`` or ``async with`` block, when the last name for it is gone (so a
    cell can be run again), and when the interpreter ends.

    uvicorn's log goes to the logger ``uvicorn.error``; nothing is printed. What the
    handlers raised is kept in ``Server.errors``.

    Args:
        app: An ASGI 3 application, such as a ``FastAPI()`` object.
        startup_timeout: Seconds that the application's lifespan may take to start.
        grace: Seconds that running requests get at the end, before they are cancelled.

    Raises:
        ServerError: If ``app`` is no ASGI application, or its start-up fails or takes
            too long; the application's own exception is the cause.

    Example:
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 204})
        ...     await send({"type": "http.response.body"})
        >>> import httpx
        >>> with serve(app) as server:
        ...     httpx.get(server.url).status_code
        204
    """
    _require_asgi(app)
    for name, seconds in (("startup_timeout", startup_timeout), ("grace", grace)):
        if not seconds > 0:
            raise ValueError(f"{name} == {seconds!r}, must be > 0 seconds.")
    worker = _Worker(app, grace=grace)
    worker.start()
    try:
        worker.ready.result(startup_timeout)
        socket.create_connection((HOST, worker.port), startup_timeout).close()
    except TimeoutError:
        _stop_quietly(worker)
        raise ServerError(
            f"the application did not start in {startup_timeout:g} s: make its "
            "lifespan faster, or raise startup_timeout."
        ) from None
    except BaseException:
        _stop_quietly(worker)
        raise
    return Server(worker)


class Server:
    """A running server; ``serve`` makes it."""

    def __init__(self, worker: "_Worker") -> None:
        self._worker = worker
        # Also called at interpreter exit, which is why there is no atexit here.
        self._finalizer = weakref.finalize(self, _stop_quietly, worker)

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return self._worker.port

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the server still answers."""
        return self._worker.is_alive()

    @property
    def errors(self) -> tuple[str, ...]:
        """The tracebacks of the last exceptions that handlers raised, oldest first."""
        self._worker.settle()
        return tuple(self._worker.errors)

    def stop(self) -> None:
        """Stop the server and free its port; a second call does nothing.

        Running requests get the grace of ``serve`` and are then cancelled. A child
        process made by fork cannot stop its parent's server.

        Raises:
            ServerError: If a handler blocks the event loop. The port is closed even so.
        """
        self._worker.stop()
        self._finalizer.detach()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)

    def __repr__(self) -> str:
        return f"<Server {self.url} {'running' if self.running else 'stopped'}>"


class _Worker(threading.Thread):
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
        if self.ready.done():
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


def _require_asgi(app: object) -> None:
    reason = "is not callable"
    if callable(app):
        try:
            inspect.signature(app).bind({}, None, None)
        except TypeError as error:
            reason = f"cannot be called as app(scope, receive, send): {error}"
        except ValueError:  # a callable without a signature
            return
        else:
            return
    raise ServerError(
        f"app == {app!r} {reason}. Pass an ASGI application, such as FastAPI()."
    )


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


def _stop_quietly(worker: _Worker) -> None:
    try:
        worker.stop()
    except ServerError as error:
        log.warning("%s", error)


def _log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("%s", context["message"], exc_info=context.get("exception"))
