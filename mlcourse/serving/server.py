"""Run an ASGI application on a real uvicorn server, in a thread of this process."""

import asyncio
import inspect
import socket
import weakref
from types import TracebackType
from typing import Self

from mlcourse.errors import ServerError
from mlcourse.serving._worker import HOST, App, Worker, log

__all__ = ["Server", "serve"]


def serve(app: App, *, startup_timeout: float = 30.0, grace: float = 1.0) -> "Server":
    """Start an ASGI application on 127.0.0.1 and return when it answers.

    The port is chosen by the system. The server has a thread and an asyncio loop of its
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
        ValueError: If a time is not positive.
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
    worker = Worker(app, grace=grace)
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

    def __init__(self, worker: Worker) -> None:
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


def _stop_quietly(worker: Worker) -> None:
    try:
        worker.stop()
    except ServerError as error:
        log.warning("%s", error)
