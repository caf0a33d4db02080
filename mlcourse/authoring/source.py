"""The source of a lab: one py:percent file, read strictly and written exactly."""

import ast
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from mlcourse.authoring.card import FENCE, read_card, write_card
from mlcourse.authoring.lab import Cell, Kind, Lab
from mlcourse.authoring.regions import HIDDEN, SOLUTION
from mlcourse.errors import SourceError

__all__ = ["blank_lines", "parse_source", "read_lab", "to_source", "write_cell"]

Role = Literal["answer", "test", "needs", "written", "rubric"]
ROLES: tuple[Role, ...] = ("answer", "test", "needs", "written", "rubric")

_MARKER = re.compile(r"# %%(?P<markdown> \[markdown\])?(?P<options>(?: \w+=\S+)*)\s*")
# As jupytext reads it, so that `# %%time` is a magic; `# %%answer=` is a slip.
_START = re.compile(r"# ?%%(\s|$|\w+=)")
_OPTION = re.compile(r"(\w+)=(\S+)")
_BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def read_lab(folder: Path) -> Lab:
    """Read the source of the lab in a folder.

    Args:
        folder: ``solutions/NN_slug``; its source is ``NN_slug.py``.

    Raises:
        SourceError: If the source is missing or breaks a rule.
    """
    path = folder / f"{folder.name}.py"
    if not path.is_file():
        raise SourceError(
            f"{path.name} is missing: make it with `mlcourse dev new {folder.name}`."
        )
    return parse_source(path.read_text(encoding="utf-8"), name=folder.name)


def parse_source(text: str, *, name: str = "lab") -> Lab:
    r"""Read the text of a source.

    Args:
        text: A py:percent file with the lab card in its header.
        name: The name of the lab, for the result and for errors.

    Raises:
        SourceError: If it breaks a rule; the error names the line and the fix.

    Example:
        >>> lab = parse_source("# ---\n# ---\n\n# %% [markdown]\n# Hello\n")
        >>> lab.cells[0].kind, lab.cells[0].source
        ('text', 'Hello')
    """
    try:
        return _parse(text.replace("\r\n", "\n").split("\n"), name)
    except _LineError as error:
        raise SourceError(f"{name}.py:{error.line}: {error}.") from None


def to_source(lab: Lab) -> str:
    """Write a lab as the text of its source, in the canonical form.

    Args:
        lab: The lab; the lines that it was read from are not used.

    Returns:
        Text that `parse_source` reads as the same lab.
    """
    text = write_card(lab.card) + "\n"
    for before, cell in zip([None, *lab.cells], lab.cells, strict=False):
        text += "\n" * blank_lines(before, cell) + write_cell(cell) + "\n"
    return text


def write_cell(cell: Cell) -> str:
    """Write one cell as lines of a source, without a newline at the end."""
    role = "written" if cell.kind == "memo" else cell.kind
    marker = "# %% [markdown]" if cell.is_markdown else "# %%"
    if cell.kind not in ("text", "code"):
        marker += f' {role}="{cell.name}"'
    if cell.points is not None:
        marker += f" points={cell.points:g}"
    return "\n".join([marker, *_write_body(cell)])


def blank_lines(before: Cell | None, cell: Cell) -> int:
    """Return how many blank lines stand above a cell, as ruff formats them."""
    opens = _opens(cell)
    if before is None:
        return 2 if opens else 1
    statements = _statements(before)
    indented = before.source.split("\n")[-1].startswith(" ")
    closes = bool(statements) and isinstance(statements[-1], _BLOCKS) and indented
    return 2 if opens or closes else 1


class _LineError(Exception):
    """What is wrong in one line of a source, and what to do about it."""

    def __init__(self, line: int, message: object) -> None:
        super().__init__(message)
        self.line = line


def _parse(lines: list[str], name: str) -> Lab:
    if lines[0] != FENCE or FENCE not in lines[1:]:
        raise _LineError(1, f"the file must start with a header between two {FENCE!r}")
    first = lines.index(FENCE, 1) + 1
    try:
        card = read_card("\n".join(lines[:first]))
    except (TypeError, ValueError) as error:
        raise _LineError(1, error) from None
    starts = [n for n, line in enumerate(lines) if _START.match(line)]
    for number in range(first, starts[0] if starts else len(lines)):
        if lines[number].strip():
            raise _LineError(
                number + 1, "text before the first cell, put '# %%' above it"
            )
    ends = [*starts[1:], len(lines)]
    cells = [
        _read_cell(lines[start:end], start + 1)
        for start, end in zip(starts, ends, strict=True)
    ]
    _check_names(cells)
    return Lab(name, card, tuple(cells), "\n".join(lines[: ([*starts, len(lines)])[0]]))


def _read_cell(lines: list[str], line: int) -> Cell:
    marker = _MARKER.fullmatch(lines[0])
    if marker is None:
        raise _LineError(
            line,
            f"{lines[0]!r} is no cell marker, must be '# %%' or '# %% [markdown]', "
            'then options such as answer="psi"',
        )
    options = _read_options(marker["options"], line)
    roles = [role for role in ROLES if role in options]
    if len(roles) > 1:
        raise _LineError(line, f"{' and '.join(roles)} in one cell, make two cells")
    markdown = marker["markdown"] is not None
    kind: Kind = roles[0] if roles else "text" if markdown else "code"
    if kind in ("answer", "test", "needs") and markdown:
        raise _LineError(line, f"{kind} is a code cell, remove [markdown]")
    if kind == "rubric" and not markdown:
        raise _LineError(line, "a rubric is text, write '# %% [markdown] rubric=...'")
    if kind == "written" and not markdown:
        kind = "memo"
    name = _read_name(options[roles[0]], kind, line) if roles else ""
    points = _read_points(options, kind, line)
    source = _read_body(lines[1:], kind, line + 1)
    if not source.strip() and kind != "test":
        raise _LineError(line, "the cell is empty, fill it or remove it")
    cell = Cell(kind, name, source, points, line, "\n".join(lines))
    _check_regions(cell)
    return cell


def _read_options(text: str, line: int) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for key, value in _OPTION.findall(text):
        if key not in (*ROLES, "points"):
            known = ", ".join((*ROLES, "points"))
            raise _LineError(line, f"unknown key {key!r}, must be one of: {known}")
        if key in options:
            raise _LineError(line, f"{key} is given twice, leave one")
        try:
            options[key] = json.loads(value)
        except ValueError:
            raise _LineError(line, f'{key}={value}, put it in quotes: "..."') from None
    return options


def _read_name(value: object, kind: Kind, line: int) -> str:
    names = str(value).split(",") if kind == "needs" else [str(value)]
    for name in names:
        if not isinstance(value, str) or not (name.isidentifier() and name.isascii()):
            raise _LineError(line, f"{name!r} is no name, must be a Python identifier")
    return ",".join(names)


def _read_points(options: dict[str, Any], kind: Kind, line: int) -> float | None:
    points = options.get("points")
    if kind not in ("test", "written", "memo"):
        if "points" in options:
            raise _LineError(
                line, f"points on {kind}, move them to a test or a written answer"
            )
        return None
    if "points" not in options:
        raise _LineError(line, "points are missing, add points=3")
    if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
        raise _LineError(line, f"points == {points!r}, must be a number above 0")
    return points


def _read_body(lines: list[str], kind: Kind, line: int) -> str:
    from jupytext.magics import uncomment_magic  # type: ignore[import-untyped]

    while lines and not lines[-1].strip():
        lines = lines[:-1]
    if kind in ("answer", "test", "needs", "code"):
        return "\n".join(uncomment_magic(list(lines), "python"))
    body = []
    for number, text in enumerate(lines):
        if kind == "memo" and (not text or text.startswith(("### BEGIN", "### END"))):
            body.append(text)
        elif text == "#" or text.startswith("# "):
            body.append(text[2:])
        else:
            raise _LineError(line + number, f"{text!r} is text, must start with '# '")
    return "\n".join(body)


def _write_body(cell: Cell) -> list[str]:
    from jupytext.magics import comment_magic

    if not cell.source:
        return []
    lines = cell.source.split("\n")
    if not cell.is_markdown and cell.kind != "memo":
        return list(comment_magic(lines, "python"))
    kept: set[int] = set()
    if cell.kind == "memo":
        kept = {number for found in cell.regions for number in (found.begin, found.end)}
    return [
        text if number in kept else f"# {text}" if text else "#"
        for number, text in enumerate(lines)
    ]


def _check_regions(cell: Cell) -> None:
    try:
        regions = cell.regions
    except ValueError as error:
        message, number = error.args
        raise _LineError(cell.line + 1 + number, message) from None
    solutions = sum(region.kind == SOLUTION for region in regions)
    hidden = sum(region.kind == HIDDEN for region in regions)
    if cell.kind in ("answer", "memo") and solutions != 1:
        raise _LineError(
            cell.line,
            f"{cell.name!r} has {solutions} solution regions, must be one between "
            "'### BEGIN SOLUTION' and '### END SOLUTION'",
        )
    if cell.kind == "written" and solutions > 1:
        raise _LineError(
            cell.line,
            f"{cell.name!r} has {solutions} solution regions, must be one at most",
        )
    if cell.kind not in ("answer", "memo", "written") and solutions:
        raise _LineError(
            cell.line, 'a solution outside of an answer, begin it: # %% answer="name"'
        )
    if cell.kind != "test" and hidden:
        raise _LineError(
            cell.line,
            'hidden tests outside of a test, begin it: # %% test="name" points=3',
        )
    if cell.kind == "test" and re.search(
        rf"^checks\.{cell.name}\(", cell.source, re.MULTILINE
    ):
        raise _LineError(
            cell.line,
            f"the builder adds checks.{cell.name}(points=...), remove that line",
        )


def _check_names(cells: Sequence[Cell]) -> None:
    seen: dict[str, int] = {}
    answers: set[str] = set()
    for cell in cells:
        if cell.kind in ("answer", "written", "memo"):
            identity = cell.name
            answers.add(cell.name)
        elif cell.kind in ("test", "rubric"):
            identity = f"{cell.kind}_{cell.name}"
        else:
            identity = f"cell {cell.line}"
        if identity in seen:
            raise _LineError(
                cell.line,
                f"{identity!r} is used in line {seen[identity]}, choose another name",
            )
        seen[identity] = cell.line
        if cell.kind in ("test", "needs", "rubric"):
            for name in cell.name.split(","):
                if name not in answers:
                    raise _LineError(
                        cell.line,
                        f"{cell.kind} {name!r} has no answer above it, "
                        f'add one: # %% answer="{name}"',
                    )


def _opens(cell: Cell) -> bool:
    # A block counts if nothing but comments stands between it and the marker.
    statements = _statements(cell)
    if not statements or not isinstance(statements[0], _BLOCKS):
        return False
    block = statements[0]
    first = min([block.lineno, *(item.lineno for item in block.decorator_list)])
    return all(line.strip() for line in cell.source.split("\n")[: first - 1])


def _statements(cell: Cell) -> list[ast.stmt]:
    if cell.is_markdown or cell.kind == "memo":
        return []
    try:
        return ast.parse(cell.source).body
    except SyntaxError:
        return []
