"""Negative controls: code that must fail, between cells that are graded.

Tests run in the interpreter of the student, who may have switched off the tests: by a
transformer that empties cells, a patched shell, or an object that equals everything. A
test that cannot fail proves nothing. After each run of test cells a control asks for an
error that nobody can foretell, and a last one asks whether the answers equal a
stranger. A control that does not fail as it must is a reason to look, not to take
points.
"""

import ast
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from nbformat import NotebookNode

from mlcourse.grading.client import GradingClient
from mlcourse.grading.control import Control, control_of, must_fail
from mlcourse.grading.job import Flag
from mlcourse.grading.unmet import task_of, unmet

__all__ = ["comparisons", "stranger", "watch"]

T = TypeVar("T")
_MOST_COMPARISONS = 200
_SECONDS = 30.0
_QUICK_SECONDS = 2.0
_CHANGING = (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def stranger(comparisons: Sequence[str]) -> Control:
    """Return a control that says which expressions are true of a stranger.

    The stranger is an object that equals nothing but itself. The numbers of the
    expressions that are true stand after the token, with commas between.

    Args:
        comparisons: Expressions, in which ``_`` is the stranger.

    Example:
        >>> control = stranger(["_ == 3", "_ == _"])
        >>> try:
        ...     exec(control.code, {})
        ... except Exception as error:
        ...     str(error).removeprefix(control.token)
        '1'
    """
    tests = "".join(f"lambda _: {text}, " for text in comparisons)
    return control_of(
        "class Stranger: pass\n"
        "found = []\n"
        f"for number, test in builtins.enumerate([{tests}]):\n"
        "    try:\n"
        "        if test(Stranger()): found.append(builtins.str(number))\n"
        "    except builtins.BaseException: pass\n"
        "said = ','.join(found)\n"
        "assert False"
    )


def comparisons(source: str) -> list[str]:
    """Return expressions that must not be true of a stranger, from a test's source.

    Looked at is what the cell does by itself, not inside functions and classes: each
    side of ``assert a == b``, and functions such as ``assert_equal`` and ``isclose``.

    Args:
        source: Of a test cell.

    Example:
        >>> comparisons("assert f(2) == 4")
        ['(f(2)) == _']
        >>> comparisons("np.testing.assert_allclose(y, [1, 2])")
        ['np.testing.assert_allclose(0, 1) is None', '(y) == _']
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    found: list[str] = []
    for node in _own(tree):
        if isinstance(node, ast.Assert):
            for part in ast.walk(node.test):
                if isinstance(part, ast.Compare):
                    sides = [part.left, *part.comparators]
                    for place, operator in enumerate(part.ops):
                        if isinstance(operator, ast.Eq):
                            found += _questions(sides[place : place + 2])
        for part in _calls(node):
            name = ast.unparse(part.func)
            passes = " is None" if "assert" in name.lower() else ""
            found.append(f"{name}(0, 1){passes}")
            found += _questions(part.args[:2])
    return list(dict.fromkeys(found))


def watch(client: GradingClient, points: Mapping[str, float]) -> tuple[str, list[Flag]]:
    """Run all cells of a client's notebook, with controls between them.

    Args:
        client: It is connected.
        points: The most points of each test cell, by grade id.

    Returns:
        Why the kernel ended before the last cell had run, a key of
        :data:`mlcourse.grading.client.REASONS`, or an empty text; and what a human
        should look at.
    """
    passed: dict[str, str] = {}
    unsure: dict[str, str] = {}
    flags: list[Flag] = []
    cells = [
        (index, cell, _test_name(cell, points))
        for index, cell in enumerate(client.nb.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    quick = _QUICK_SECONDS
    for place, (index, cell, test) in enumerate(cells):
        start = time.monotonic()
        is_good = client.run(cell, index)
        if not test:
            continue
        if is_good:
            unsure[test] = cell.source
            quick -= time.monotonic() - start
            if quick > 0:
                passed[test] = cell.source
        if unsure and not (place + 1 < len(cells) and cells[place + 1][2]):
            flags += _challenge(client, unsure)
            unsure = {}
    reason = client.reason
    questions = [
        (test, text) for test, source in passed.items() for text in comparisons(source)
    ][:_MOST_COMPARISONS]
    if questions:
        control = stranger([text for _, text in questions])
        answer = control.answer(client.control(control.code, _SECONDS)) or ""
        flags += _equal(questions, answer)
    return reason, [*client.flags, *flags]


def _challenge(client: GradingClient, tests: Mapping[str, str]) -> list[Flag]:
    """Ask for an error, and whether tasks of this course can still give no points."""
    tasks = {test: task for test, text in tests.items() if (task := task_of(text))}
    control = unmet(list(tasks.values())) if tasks else must_fail()
    reply = client.control(control.code, _SECONDS)
    answer = control.answer(reply)
    if answer is None:
        return _survived(list(tests), reply)
    forged = _chosen(list(tasks), answer)
    text = "gives points although nothing holds: it is not the course's check any more."
    return [Flag("check-replaced", f"`{tasks[t]}` {text}", cell=t) for t in forged]


def _survived(tests: Sequence[str], reply: Mapping[str, Any] | None) -> list[Flag]:
    text = (
        "After this test a control that must fail did not: the tests may be switched "
        "off."
        if reply is not None
        else "After this test the kernel did not answer a control any more."
    )
    return [Flag("canary-survived", text, cell=test) for test in tests]


def _equal(questions: Sequence[tuple[str, str]], answer: str) -> list[Flag]:
    found = dict(_chosen(questions, answer))
    return [
        Flag(
            "equals-everything",
            f"`{text}` is true, although `_` is an object that equals nothing: a "
            "comparison of this test cannot fail.",
            cell=test,
        )
        for test, text in found.items()
    ]


def _chosen(asked: Sequence[T], answer: str) -> list[T]:
    """Return what the numbers of an answer stand for; a forged number for nothing."""
    numbers = [int(part) for part in answer.split(",") if part.isdecimal()]
    return [asked[number] for number in numbers if number < len(asked)]


def _test_name(cell: NotebookNode, points: Mapping[str, float]) -> str:
    mark = cell.metadata.get("nbgrader", {})
    name = str(mark.get("grade_id", ""))
    is_test = mark.get("grade") and not mark.get("solution") and name in points
    return name if is_test else ""


def _own(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield statements, without those of functions and classes."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(node, ast.stmt):
            yield node
        yield from _own(node)


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """Yield calls that compare: an expression statement, or inside an assert."""
    if not isinstance(node, (ast.Expr, ast.Assert)):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and len(part.args) >= 2:
            name = ast.unparse(part.func).rpartition(".")[2].lower()
            if ("equal" in name or "close" in name) and not any(
                word in name for word in ("not", "less", "greater")
            ):
                yield part


def _questions(sides: Sequence[ast.expr]) -> list[str]:
    """Return expressions that compare each side with the stranger."""
    return [
        f"({ast.unparse(side)}) == _"
        for side in sides
        if any(isinstance(part, ast.Name) for part in ast.walk(side))
        and not any(isinstance(part, _CHANGING) for part in ast.walk(side))
        and not ast.unparse(side).endswith("ANY")
    ]
