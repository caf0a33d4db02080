"""The page: a FastAPI application on 127.0.0.1 for one learner on this machine.

A random token stands in the address, and nothing is given without it. The ``Host``
header is checked, as another site could point its own name at 127.0.0.1.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from starlette.exceptions import HTTPException

from mlcourse.errors import ServerError
from mlcourse.flashcards.home import start
from mlcourse.flashcards.log import LogError
from mlcourse.flashcards.web.dialogue import Dialogue, Intent, clock

if TYPE_CHECKING:
    from mlcourse.flashcards.home import Home
    from mlcourse.flashcards.plan import Plan
    from mlcourse.paths import Course

__all__ = ["create_app", "serve"]

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
HERE = Path(__file__).parent
FILES = {
    "": ("page.html", "text/html"),
    "deck.js": ("deck.js", "text/javascript"),
    "deck.css": ("deck.css", "text/css"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LARGEST = 65536


def create_app(dialogue: Dialogue, *, token: str) -> FastAPI:
    """Return the application of one sitting.

    Args:
        dialogue: The sitting.
        token: What must stand in the address.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        refusal = _refusal(request, token)
        response = _error(*refusal) if refusal else await call_next(request)
        response.headers.update(HEADERS)
        return response

    for name, (file, kind) in FILES.items():
        app.get(f"/{token}/{name}")(_sender(HERE / file, kind))

    @app.post(f"/{token}/intent")
    def reply(intent: Intent) -> dict[str, Any]:
        return dialogue.reply(intent)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"][1:])) or "the body"
        return _error(422, f"{place}: {first['msg']}.")

    @app.exception_handler(ValueError)
    async def impossible(_: Request, error: ValueError) -> Response:
        return _error(409, str(error))

    @app.exception_handler(LogError)
    async def unsaved(_: Request, error: LogError) -> Response:
        return _error(507, str(error))

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return _error(error.status_code, f"{error.detail}.")

    return app


def serve(
    course: Course,
    plan: Plan,
    *,
    home: Home | None = None,
    port: int = 0,
    browser: bool = True,
) -> None:
    """Serve a sitting as a page until Ctrl-C, and print its address.

    Args:
        course: The course whose glossary is studied.
        plan: What the learner wants.
        home: Where the reviews are kept.
        port: The port; 0 lets the system choose.
        browser: Whether to open the page.

    Raises:
        GlossaryError: If the glossary is missing, or cannot be read.
        LogError: If the log cannot be read.
        ServerError: If the port is taken.
        ValueError: If the plan names an unknown term.
    """
    session = start(course, plan, now=clock(), home=home)
    token = secrets.token_urlsafe(16)
    app = create_app(Dialogue(session), token=token)
    with _listening(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/{token}/"
        print(f"Flashcards: {address}", flush=True)  # noqa: T201
        print("Ctrl-C ends it. Every answer is saved at once.", flush=True)  # noqa: T201
        if browser:
            # The socket listens already; a browser that blocks must not block us.
            threading.Thread(
                target=webbrowser.open, args=(address,), daemon=True
            ).start()
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        # uvicorn ends in order, and then hands the signal on.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    done = session.progress.done
    print(f"Ended. {done} answer{'' if done == 1 else 's'} saved.", flush=True)  # noqa: T201


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise ServerError(
            f"port == {port!r} cannot be used: {error}. Leave it out, and the system "
            "chooses one."
        ) from error


def _refusal(request: Request, token: str) -> tuple[int, str] | None:
    name = request.headers.get("host", "").partition(":")[0]
    if name not in NAMES:
        return 400, "This page is for this machine: open it at 127.0.0.1."
    given = request.url.path.split("/")[1]
    if not secrets.compare_digest(given.encode(), token.encode()):
        return 403, "The token is missing or old: open the address that was printed."
    if request.method == "POST":
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return 403, "Only the page itself may answer cards."
        if request.headers.get("content-type") != "application/json":
            return 415, "The body must be application/json."
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            return 413, f"The body must have a length of at most {LARGEST} bytes."
    return None


def _sender(path: Path, kind: str) -> Callable[[], FileResponse]:
    def send() -> FileResponse:
        return FileResponse(path, media_type=kind)

    return send


def _error(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status_code=status)
