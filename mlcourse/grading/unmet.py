"""A negative control for labs of this course: a check with a property that never holds.

A lab's tests end with ``checks.psi(points=3)``. A submission that binds ``checks`` or
``expect`` anew, or patches them, would have its own say in that. So each task that gave
points is asked once more, with nothing to try but a property that cannot hold: whatever
still gives points is not the course's check.
"""

import ast

from mlcourse.grading.control import Control, control_of

__all__ = ["task_of", "unmet"]


def task_of(source: str) -> str:
    r"""Return the task that a test ends with, as it stands there; empty if none does.

    Args:
        source: Of a test cell.

    Example:
        >>> task_of("x = 1\nchecks.psi(points=3)"), task_of("assert psi(1) == 1")
        ('checks.psi', '')
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return ""
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if not isinstance(last, ast.Call) or last.args:
        return ""
    task = ast.unparse(last.func)
    is_ours = task.startswith("checks.") and [k.arg for k in last.keywords] == [
        "points"
    ]
    return task if is_ours else ""


def unmet(tasks: list[str]) -> Control:
    """Return a control that says which tasks give points for a property that fails.

    Their numbers stand after the token, with commas between.

    Args:
        tasks: From :func:`task_of`.

    Example:
        >>> class checks:
        ...     forged = lambda points: points
        >>> control = unmet(["checks.forged"])
        >>> try:
        ...     exec(control.code, {"checks": checks})
        ... except Exception as error:
        ...     str(error).removeprefix(control.token)
        '0'
    """
    named = "".join(f"lambda: {task}, " for task in tasks)
    return control_of(
        "from mlcourse.checks import expect\n"
        "from mlcourse.checks.task import Property\n"
        "def fails(): expect(False)\n"
        "def score(task):\n"
        "    kept = task._properties\n"
        "    hint = builtins.next(builtins.iter(task.hints))\n"
        "    task._properties = {'': Property('', hint, fails, False, False)}\n"
        "    try: return builtins.float(task(points=1))\n"
        "    finally: task._properties = kept\n"
        "found = []\n"
        f"for number, task in builtins.enumerate([{named}]):\n"
        "    try:\n"
        "        if score(task()) != 0: found.append(builtins.str(number))\n"
        "    except builtins.BaseException: found.append(builtins.str(number))\n"
        "said = ','.join(found)\n"
        "assert 'this' == 'that'"
    )
