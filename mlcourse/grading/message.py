"""What may stand in the message of a kernel that runs a student's code."""

import math
from typing import Any

__all__ = ["check"]

_DISPLAYS = ("display_data", "execute_result", "update_display_data")
_PARTS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "status": {"execution_state": str},
    "error": {"ename": str, "evalue": str, "traceback": list},
    "execute_reply": {"status": str},
    **{kind: {"data": dict, "metadata": dict} for kind in _DISPLAYS},
}
_DEEPEST = 60


def check(kind: str, content: Any) -> None:
    """Refuse what a notebook cannot hold. A reply that is not ok gets an error's parts.

    Args:
        kind: The message's type.
        content: Its content, as it was read from JSON.

    Raises:
        KeyError: If a part is missing.
        TypeError: If a part is of another type.
        ValueError: If it is nested too deep, or holds a number that JSON has not.

    Example:
        >>> check("stream", {"name": "stdout", "text": 5})
        Traceback (most recent call last):
            ...
        TypeError: text of stream is a int.
    """
    _check_parts(kind, content, kind)
    if kind == "execute_reply" and content["status"] != "ok":
        # "aborted" has neither name nor traceback.
        content["status"] = "error"
        for name, default in (("ename", "Aborted"), ("evalue", ""), ("traceback", [])):
            content.setdefault(name, default)
    if kind == "error" or content.get("status") == "error":
        _check_parts("error", content, kind)
        if not all(isinstance(line, str) for line in content["traceback"]):
            raise TypeError(f"traceback of {kind} is no text.")
    if kind == "stream":
        if content["name"] not in ("stdout", "stderr"):
            raise ValueError(f"name of stream == {content['name']!r:.40}.")
    elif kind != "status":
        _check_json(content)
    if kind in _DISPLAYS:
        for name, value in content["data"].items():
            if not name.endswith("json") and not isinstance(value, str):
                raise TypeError(f"{name!r:.80} of {kind} is no text.")


def _check_parts(parts: str, content: Any, kind: str) -> None:
    for name, wanted in _PARTS.get(parts, {}).items():
        if not isinstance(content[name], wanted):
            raise TypeError(f"{name} of {kind} is a {type(content[name]).__name__}.")


def _check_json(value: Any, depth: int = _DEEPEST) -> None:
    if depth == 0:
        raise ValueError(f"nested deeper than {_DEEPEST}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON.")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return
    for one in value:
        _check_json(one, depth - 1)
