"""What must not be told of a graded notebook: hidden tests and what may hold them."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlcourse.grading.client import REASONS
from mlcourse.grading.sanitize import plain_text

__all__ = ["LIMITS", "Delimiters", "Messages", "Secrets", "error_name"]

SHORTEST = 8  # characters of a line that says something of its own
HOLE = "\N{HORIZONTAL ELLIPSIS}"
HOLES = re.compile(r"\{[^{}]*\}|%[-+ #0-9.]*[diouxXeEfgGcrsa]")
LETTERS = 4  # that a sentence has at least
OPEN_LETTERS = 8  # besides the values that are put into it
MARK = re.compile(r"\[?(ok|not yet|error|-)\]?:? (?=\S)")
LABEL = re.compile(r"(Why|Hint|Error): ")
# What the grader itself says of a cell: by the name of the error.
LIMITS = dict(REASONS.values()) | {"CellTimeoutError": "The cell took too long."}


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Marks around what only the grader has; a line that holds a mark counts.

    Args:
        begin: nbgrader's ``ClearHiddenTests.begin_test_delimeter``.
        end: nbgrader's ``ClearHiddenTests.end_test_delimeter``.
        begin_scheme: nbgrader's ``ClearMarkScheme.begin_mark_scheme_delimeter``.
        end_scheme: nbgrader's ``ClearMarkScheme.end_mark_scheme_delimeter``.
    """

    begin: str = "BEGIN HIDDEN TESTS"
    end: str = "END HIDDEN TESTS"
    begin_scheme: str = "BEGIN MARK SCHEME"
    end_scheme: str = "END MARK SCHEME"

    def split(self, source: str) -> tuple[str, tuple[str, ...]]:
        r"""Return a cell without its hidden regions, and the lines of these.

        A region that is never closed goes to the end of the cell.

        Example:
            >>> Delimiters("{", "}").split("a\n# {\nb\n# }")
            ('a', ('b',))
        """
        shown, hidden, closing = [], [], ""
        for line in source.splitlines():
            if closing:
                if closing in line:
                    closing = ""
                else:
                    hidden.append(line)
            elif self.begin in line:
                closing = self.end
            elif self.begin_scheme in line:
                closing = self.end_scheme
            else:
                shown.append(line)
        return "\n".join(shown), tuple(hidden)

    def has_hidden(self, source: str) -> bool:
        """Return whether a cell has hidden tests."""
        return self.begin in source


@dataclass(frozen=True, slots=True)
class Secrets:
    """Lines that stand in hidden regions and nowhere that a learner can see.

    Args:
        lines: With single spaces between words.
    """

    lines: frozenset[str]

    @classmethod
    def of(cls, hidden: Iterable[str], shown: Iterable[str]) -> "Secrets":
        """Take hidden lines, less the short ones and those that are shown anyway."""
        known = {_line(line) for text in shown for line in text.splitlines()}
        lines = {_line(line) for line in hidden}
        return cls(frozenset(a for a in lines - known if len(a) >= SHORTEST))

    def are_in(self, text: str) -> bool:
        """Return whether a text, or HTML, holds one of the lines.

        Example:
            >>> secrets = Secrets.of(["    assert f(2) == 4"], [])
            >>> secrets.are_in("<b>assert</b> f(2) == 4")
            True
        """
        bare = text.replace("\\n", "\n").replace("\\", "")  # as a repr shows it
        forms = {_line(form) for form in (text, plain_text(text), bare)}
        return any(line in form for line in self.lines for form in forms)


class Messages:
    """What the author of the tests can have said, word for word.

    A check runs beside the learner's code, so the text of an error can be the learner's
    own: it could hold the tests, encoded. Only sentences that stand in the author's
    sources pass; a value that was put into one becomes an ellipsis.

    Args:
        sources: Python: the test cells and the modules that they use.

    Example:
        >>> known = Messages(['assert x, f"It must be near 3, not {x}."'])
        >>> known.known("It must be near 3, not aW1w."), known.known("aW1wb3J0")
        ('It must be near 3, not ….', '')
    """

    def __init__(self, sources: Iterable[str]) -> None:
        sentences: set[tuple[str, ...]] = set()
        for source in sources:
            sentences |= set(_sentences(source))
        whole = {_line(parts[0]) for parts in sentences if len(parts) == 1}
        self._whole = {line for line in whole if _letters(line) >= LETTERS}
        self._open = [_pattern(parts) for parts in sentences if len(parts) > 1]

    def known(self, text: str) -> str:
        """Return the lines of a text that the author wrote."""
        lines = (self._known(_line(line)) for line in text.splitlines())
        return "\n".join(line for line in lines if line)

    def _known(self, line: str) -> str:
        if line in self._whole:
            return line
        for opening in (MARK, LABEL):
            match = opening.match(line)
            if match and (rest := self._known(line[match.end() :])):
                return f"{match[1]}: {rest}"
        name = line.partition(":")[0]
        if error_name(name):
            return name
        for pattern, told in self._open:
            if pattern.fullmatch(line):
                return told
        return ""


def error_name(name: object) -> str:
    """Return the name of an error if it says no more than which; else nothing.

    Example:
        >>> error_name("KeyError"), error_name("aW1wb3J0IG9z")
        ('KeyError', '')
    """
    kind = getattr(builtins, name, None) if isinstance(name, str) else None
    is_error = isinstance(kind, type) and issubclass(kind, BaseException)
    return str(name) if is_error or name in LIMITS else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _sentences(source: str) -> Iterator[tuple[str, ...]]:
    """Yield each string of a program as its fixed parts, between values put into it."""
    lines = source.splitlines()
    python = "\n".join(a for a in lines if not a.lstrip().startswith(("%", "!")))
    try:
        tree = ast.parse(python)
    except (SyntaxError, ValueError, RecursionError):
        return  # another language
    for node in ast.walk(tree):
        parts = _parts(node)
        if parts is None:
            continue
        for line in "\0".join(parts).split("\n"):
            yield tuple(HOLES.sub("\0", line).split("\0"))


def _parts(node: ast.AST) -> Sequence[str] | None:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return [
            "".join(
                str(value.value) if isinstance(value, ast.Constant) else "\0"
                for value in node.values
            )
        ]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = _parts(node.left), _parts(node.right)
        if sides != (None, None):
            return ["".join("\0" if side is None else side[0] for side in sides)]
    return None


def _pattern(parts: tuple[str, ...]) -> tuple[re.Pattern[str], str]:
    fixed = [_line(part) for part in parts]
    if _letters("".join(fixed)) < OPEN_LETTERS:
        return re.compile(r"(?!)"), ""
    spaced = [
        (" " if part[:1].isspace() else "")
        + text
        + (" " if part[-1:].isspace() else "")
        if text
        else " "
        if part
        else ""
        for part, text in zip(parts, fixed, strict=True)
    ]
    return re.compile(".*?".join(map(re.escape, spaced)), re.DOTALL), HOLE.join(spaced)
