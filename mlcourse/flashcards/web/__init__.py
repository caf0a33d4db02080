"""The deck as a page on 127.0.0.1; the notebook's deck shares its dialogue and module.

``serve`` is loaded on use, as the notebook's deck needs no web server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlcourse.flashcards.web.server import serve

__all__ = ["serve"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mlcourse.flashcards.web import server

    return getattr(server, name)
