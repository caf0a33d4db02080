"""Outputs of a notebook as HTML that is safe to show, whoever made them."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from mlcourse.grading.sanitize import (
    clean_html,
    clean_markdown,
    clean_svg,
    plain_text,
)

__all__ = ["as_html", "as_plain", "is_rich", "text_of"]

TEXT_LIMIT = 20_000  # characters of one output
RICH_LIMIT = 4_000_000
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
SHOWN = re.compile(r"<(img|svg|table|hr)\b")


def as_html(output: Mapping[str, Any], *, scope: str) -> str:
    """Return one output of a code cell as safe HTML; empty if there is nothing in it.

    A page without scripts and network shows no widgets, no interactive charts and no
    formulas: their text stands in for them.

    Args:
        output: nbformat 4.
        scope: Id of the element that will hold it.

    Example:
        >>> as_html({"output_type": "stream", "text": "a < b"}, scope="x")
        '<pre>a &lt; b</pre>'
    """
    if not is_rich(output):
        kind = ' class="mf-stderr"' if _is_bad(output) else ""
        text = text_of(output)
        return f"<pre{kind}>{escape(text, quote=False)}</pre>" if text.strip() else ""
    data = _data(output)
    for kind in ("text/html", "image/svg+xml", "image/png", "image/jpeg"):
        value = data.get(kind, "")
        if not value or len(value) > RICH_LIMIT:
            continue
        if kind == "text/html" and not re.search("(?i)<(input|script)", value):
            html = clean_html(value, scope=scope)
            if plain_text(html) or SHOWN.search(html):
                return html
        elif kind == "image/svg+xml":
            try:
                return clean_svg(value)
            except ValueError:
                continue
        elif kind.startswith("image/") and BASE64.fullmatch(value):
            joined = "".join(value.split())
            return f'<img src="data:{kind};base64,{joined}" alt="picture">'
    if "text/markdown" in data:
        return clean_markdown(data["text/markdown"][:TEXT_LIMIT])
    text = _cut(data.get("text/latex") or data.get("text/plain") or "")
    return f"<pre>{escape(text, quote=False)}</pre>" if text.strip() else ""


def as_plain(outputs: Iterable[Mapping[str, Any]]) -> str:
    """Return everything readable in some outputs, for a search in it."""
    parts: list[str] = []
    for output in outputs:
        parts += [text_of(output)] if not is_rich(output) else _data(output).values()
    return "\n".join(parts)


def text_of(output: Mapping[str, Any]) -> str:
    r"""Return the text of a stream or an error, without colours.

    Example:
        >>> text_of({"output_type": "stream", "text": ["10 %\r", "20 %"]})
        '20 %'
    """
    if output.get("output_type") == "error":
        traceback = output.get("traceback")
        lines = traceback if isinstance(traceback, list) else []
        text = "\n".join(map(str, lines))
        text = text or f"{output.get('ename', '')}: {output.get('evalue', '')}"
    else:
        text = _joined(output.get("text"))
    bare = ESCAPES.sub("", text)
    rows = (row.rstrip("\r").rpartition("\r")[2] for row in bare.split("\n"))
    return _cut("\n".join(rows))


def is_rich(output: Mapping[str, Any]) -> bool:
    """Return whether an output is a display: a picture, a table, a value."""
    return output.get("output_type") in ("display_data", "execute_result")


def _is_bad(output: Mapping[str, Any]) -> bool:
    return output.get("output_type") == "error" or output.get("name") == "stderr"


def _data(output: Mapping[str, Any]) -> dict[str, str]:
    data = output.get("data")
    pairs = data.items() if isinstance(data, Mapping) else ()
    return {str(kind): _joined(value) for kind, value in pairs}


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(map(str, value))
    return "" if value is None else str(value)


def _cut(text: str) -> str:
    if len(text) <= TEXT_LIMIT:
        return text
    return f"{text[:TEXT_LIMIT]}\n[{len(text) - TEXT_LIMIT:,} more characters]"
