"""Code that must end with one error, which nobody can foretell."""

import secrets
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Control", "control_of", "must_fail"]


@dataclass(frozen=True, slots=True)
class Control:
    """Code that must end with one error.

    Args:
        code: It leaves no name behind.
        error: Name of the exception.
        token: What the exception says, at least at its beginning.
    """

    code: str
    error: str
    token: str

    def answer(self, reply: Mapping[str, Any] | None) -> str | None:
        """Return what the error says after the token; None if it did not fail so."""
        if reply is None or reply["status"] != "error" or reply["ename"] != self.error:
            return None
        said = str(reply["evalue"])
        return said[len(self.token) :] if said.startswith(self.token) else None


def must_fail() -> Control:
    """Return a control with a test that fails.

    Example:
        >>> control = must_fail()
        >>> try:
        ...     exec(control.code, {})
        ... except Exception as error:
        ...     type(error).__name__ == control.error, str(error) == control.token
        (True, True)
    """
    return control_of(f"assert {_word()!r} == {_word()!r}")


def control_of(body: str) -> Control:
    """Return a control from code that ends with an assertion that fails.

    Args:
        body: It may set ``said``, which is told after the token. It knows ``builtins``.
    """
    # Students name variables str, list and type: nothing here looks there.
    name, error, token = _word(), _word().title(), _word()
    inner = textwrap.indent(body, "        ")
    code = f"""\
def {name}():
    import builtins
    class {error}(builtins.Exception):
        def _render_traceback_(self): return []
    said = ""
    try:
{inner}
    except builtins.AssertionError:
        raise {error}({token!r} + said) from None
try: {name}()
finally: del {name}
"""
    return Control(code, error, token)


def _word() -> str:
    return "k" + secrets.token_hex(8)
