"""What an answer looks like before anybody has written it."""

import dis
import inspect
from types import CodeType

__all__ = ["TODO", "is_attempted"]


class Todo:
    """The value of an answer that is still to be written.

    Example:
        >>> TODO
        TODO
    """

    def __repr__(self) -> str:
        return "TODO"

    def __reduce__(self) -> str:
        # Pickled and copied by name, so that `value is TODO` stays true.
        return "TODO"


TODO = Todo()

# What a body of `...` compiles to, in Python 3.11 to 3.13, plain or async. The names
# differ by version; what counts is that nothing else is there.
_EMPTY_BODY = {
    "CALL_INTRINSIC_1",
    "CLEANUP_THROW",
    "COPY_FREE_VARS",
    "LOAD_CONST",
    "MAKE_CELL",
    "NOP",
    "POP_TOP",
    "RERAISE",
    "RESUME",
    "RETURN_CONST",
    "RETURN_GENERATOR",
    "RETURN_VALUE",
}


def _is_empty(code: CodeType) -> bool:
    return all(
        step.opname in _EMPTY_BODY
        and (step.opname not in {"LOAD_CONST", "RETURN_CONST"} or step.argval is None)
        for step in dis.get_instructions(code)
    )


def is_attempted(value: object) -> bool:
    """Tell whether an answer has been started.

    Not attempted are ``TODO``, ``...``, a function whose body is only a docstring and
    ``...``, and a memo that still holds its placeholder.

    Args:
        value: What the notebook has under the answer's name.

    Example:
        >>> def psi(reference, current):
        ...     "Compare two samples."
        ...     ...
        >>> is_attempted(psi), is_attempted(lambda: 1), is_attempted(TODO)
        (False, True, False)
    """
    if value is TODO or value is ...:
        return False
    if getattr(value, "is_placeholder", False) is True:
        return False
    if inspect.isfunction(value):
        return not _is_empty(inspect.unwrap(value).__code__)
    return True
