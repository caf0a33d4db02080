"""The content linter: what a lab must have before anybody learns from it."""

import ast
import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcourse.authoring import prose
from mlcourse.authoring.files import read_notebook
from mlcourse.authoring.lab import Cell, Lab
from mlcourse.authoring.prose import Complaint
from mlcourse.authoring.regions import HIDDEN, SOLUTION
from mlcourse.authoring.source import find_oddity, read_lab
from mlcourse.authoring.terms import find_uses, read_glossary
from mlcourse.authoring.wrong_answers import read_wrong_answers
from mlcourse.errors import BuildError, MlcourseError, SourceError
from mlcourse.paths import Course

if TYPE_CHECKING:
    from mlcourse.glossary.load import Glossary

__all__ = ["Fault", "lint"]

WRONG_ANSWERS = 2
PREFLIGHT = "00"

_TELLING = 16  # characters: a shorter line says nothing about an answer
_COMMON = (
    *("import ", "from ", "def _(", "async def _(", "class ", "with ", "async with "),
    *("except ", "@", "#", '"""', "return None"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that an author must mend.

    Args:
        lab: The name of the lab.
        where: The line or the file.
        what: What is wrong.
        fix: What to do.
    """

    lab: str
    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.fix}"


def lint(
    course: Course, lab: str, *, glossary: "Glossary | None" = None
) -> list[Fault]:
    """Return the faults of a lab; none if it is ready for learners.

    Args:
        course: Where the lab is.
        lab: Its name or number.
        glossary: Where its terms are; that of the course if omitted.
    """
    name = course.lab_name(lab)
    folder = course.solutions / name
    try:
        known = read_glossary(course) if glossary is None else glossary
        return [Fault(name, *complaint) for complaint in _all(course, folder, known)]
    except MlcourseError as error:
        return [
            Fault(
                name,
                f"{name}.py",
                str(error).rstrip("."),
                "mend it, the rest is not judged",
            )
        ]


def _all(course: Course, folder: Path, glossary: "Glossary") -> Iterator[Complaint]:
    lab = read_lab(folder)
    tasks = _read_tasks(folder)
    yield from _form(lab, folder)
    yield from _files(folder)
    yield from _card(lab)
    yield from _terms(lab, glossary)
    yield from _tests(lab, tasks)
    yield from _hints(lab, tasks)
    yield from _planted(lab, folder, tasks)
    yield from _stubs(lab)
    yield from _leaks(lab, course.labs / lab.name)
    if not lab.name.startswith(PREFLIGHT):
        yield from prose.anatomy(lab)
    for cell in lab.cells:
        if cell.is_markdown or cell.kind == "memo":
            yield from prose.style(_where(lab, cell), cell.source)
    for name, task in tasks.items():
        texts = [*task.hints.values(), *(item.sentence for item in task.properties)]
        yield from prose.style(f"checks.py, {name}", "\n".join(texts))


def _form(lab: Lab, folder: Path) -> Iterator[Complaint]:
    name = f"{lab.name}.py"
    oddity = find_oddity((folder / name).read_text(encoding="utf-8"), lab)
    if oddity is not None:
        line, own = oddity
        yield Complaint(
            f"{name}:{line}", "not as jupytext writes it", f"make it {own!r}"
        )


def _where(lab: Lab, cell: Cell) -> str:
    return f"{lab.name}.py:{cell.line}"


def _read_tasks(folder: Path) -> dict[str, Any]:
    path = folder / "checks.py"
    if not path.is_file():
        raise SourceError(f"{folder.name}/checks.py is missing: write it.")
    try:
        # runpy leaves no bytecode beside the source.
        return dict(runpy.run_path(str(path))["checks"].tasks)
    except Exception as error:
        raise SourceError(
            f"{folder.name}/checks.py does not run: {error!r}."
        ) from error


def _files(folder: Path) -> Iterator[Complaint]:
    known = {f"{folder.name}.py", f"{folder.name}.ipynb", "checks.py"}
    known |= {"wrong_answers.py", "__pycache__", ".ipynb_checkpoints"}
    for path in sorted(folder.iterdir()):
        if path.name not in known:
            yield Complaint(path.name, "a file that no lab has", "remove it")


def _card(lab: Lab) -> Iterator[Complaint]:
    where = f"{lab.name}.py:1"
    for field in ("title", "minutes", "goals", "leaves_out"):
        if not getattr(lab.card, field):
            yield Complaint(where, f"the card has no {field}", f"add {field}: ...")


def _terms(lab: Lab, glossary: "Glossary") -> Iterator[Complaint]:
    card = f"{lab.name}.py:1"
    declared = dict.fromkeys((*lab.card.defines, *lab.card.requires))
    linked = set()
    for cell in lab.cells:
        for use in find_uses(cell.source) if cell.is_markdown else ():
            where = f"{lab.name}.py:{cell.line + 1 + use.line}"
            try:
                slug = use.slug(glossary)
            except ValueError as error:
                what, _, fix = str(error).partition(", ")
                yield Complaint(where, what, fix)
                continue
            linked.add(slug)
            if slug not in declared:
                yield Complaint(
                    where,
                    f"the term {slug!r} is not on the card",
                    "add it to terms, under defines or requires",
                )
    for slug in declared:
        if slug not in glossary.entries:
            yield Complaint(
                card, f"unknown term {slug!r}", f"write glossary/terms/{slug}.yaml"
            )
        elif slug not in linked:
            yield Complaint(
                card,
                f"the term {slug!r} is on the card and linked nowhere",
                f"write {{term}}`{glossary.entries[slug].term}` where it is used",
            )


def _tests(lab: Lab, tasks: dict[str, Any]) -> Iterator[Complaint]:
    tested = {cell.name for cell in lab.of("test")}
    used = {name for test in tested if test in tasks for name in tasks[test].names}
    for cell in lab.of("answer"):
        if cell.name not in tested and not used & _assigned(cell.source):
            yield Complaint(
                _where(lab, cell),
                f"no test depends on the answer {cell.name!r}",
                f'add # %% test="{cell.name}" points=3',
            )
    for cell in lab.of("test"):
        if not any(found.kind == HIDDEN and found.code for found in cell.regions):
            yield Complaint(
                _where(lab, cell),
                f"the test {cell.name!r} has no hidden tests",
                "add them between '### BEGIN HIDDEN TESTS' and '### END HIDDEN TESTS'",
            )
        if cell.name not in tasks:
            yield Complaint(
                _where(lab, cell),
                f"checks.py has no task {cell.name!r}",
                f'add {cell.name} = checks.task("{cell.name}", hints=...)',
            )


def _hints(lab: Lab, tasks: dict[str, Any]) -> Iterator[Complaint]:
    tested = {cell.name for cell in lab.of("test")}
    for name, task in tasks.items():
        where = f"checks.py, {name}"
        if not task.hints or not all(text.strip() for text in task.hints.values()):
            yield Complaint(where, "a check without hints", "add hints={...}")
        if not any(not item.hidden for item in task.properties):
            yield Complaint(
                where,
                "a check with no visible property",
                f"add @{name}.expects(...)",
            )
        if name not in tested:
            yield Complaint(where, "no test calls it", f'add # %% test="{name}"')


def _planted(lab: Lab, folder: Path, tasks: dict[str, Any]) -> Iterator[Complaint]:
    wrongs = read_wrong_answers(folder)
    tested = {cell.name for cell in lab.of("test")}
    answers = {cell.name: cell for cell in lab.of("answer", "memo")}
    for name, cell in answers.items():
        number = sum(wrong.answer == name for wrong in wrongs)
        if number < WRONG_ANSWERS and (cell.kind == "answer" or name in tested):
            yield Complaint(
                _where(lab, cell),
                f"{number} planted wrong answers for {name!r}",
                f"add {WRONG_ANSWERS} to wrong_answers.py",
            )
    for wrong in wrongs:
        where = f"wrong_answers.py, {wrong.answer}: {wrong.mistake}"
        if wrong.answer not in answers:
            yield Complaint(where, "no such answer", f"use {', '.join(answers)}")
        elif wrong.code.strip() == answers[wrong.answer].solution.strip():
            yield Complaint(where, "it is the model answer", "plant a mistake")
        if wrong.judged_by not in tested:
            yield Complaint(
                where, f"no test {wrong.judged_by!r}", "name one with test=..."
            )
        elif wrong.judged_by in tasks:
            hints = tasks[wrong.judged_by].hints
            if wrong.hint not in hints:
                yield Complaint(
                    where, f"no hint {wrong.hint!r}", f"use {', '.join(hints)}"
                )


def _stubs(lab: Lab) -> Iterator[Complaint]:
    known: set[str] = set()
    for position, cell in enumerate(lab.cells):
        if cell.kind == "answer":
            where = _where(lab, cell)
            region = next(found for found in cell.regions if found.kind == SOLUTION)
            if not _has_code(region.code):
                yield Complaint(where, "the answer is empty", "write the model answer")
            lines = cell.source.split("\n")
            outside = [*lines[: region.begin], *lines[region.end + 1 :]]
            if any(re.match(r"\s*raise\b", line) for line in outside):
                yield Complaint(
                    where,
                    "a stub that raises stops an untouched lab",
                    "leave the blank to the builder",
                )
            known |= _assigned("\n".join(lines[: region.begin]))
            inside = _assigned(region.code) if not region.indent else set()
            for name in sorted(inside - known):
                if any(
                    later.kind in ("code", "guess") and _uses(later.source, name)
                    for later in lab.cells[position + 1 :]
                ):
                    yield Complaint(
                        where,
                        f"later code uses {name!r}, which an untouched lab has not",
                        f"write `{name} = TODO` above the region, or needs=... below",
                    )
        elif cell.kind in ("code", "needs", "guess"):
            known |= _assigned(cell.source)


def _leaks(lab: Lab, released: Path) -> Iterator[Complaint]:
    path = released / f"{lab.name}.ipynb"
    try:
        notebook = read_notebook(path)
    except BuildError as error:
        yield Complaint(
            f"labs/{lab.name}", str(error), f"mlcourse dev build {lab.name}"
        )
        return
    shown = {
        line.strip() for cell in notebook.cells for line in cell.source.split("\n")
    }
    checks = {
        line.strip()
        for file in released.rglob("*.py")
        for line in file.read_text(encoding="utf-8").split("\n")
    }
    for cell in lab.of("answer", "memo", "written", "test"):
        declared = _outside(cell)
        for region in cell.regions:
            lines = {line.strip() for line in region.code.split("\n")} - declared
            lines = {line for line in lines if _is_telling(line)}
            # A hidden test may prepare its case as a visible check does.
            seen = (
                lines & shown - checks
                if region.kind == HIDDEN
                else lines & (shown | checks)
            )
            for line in sorted(seen):
                yield Complaint(
                    _where(lab, cell),
                    f"learners see a line of it: {line!r}",
                    f"write it differently there, or outside of the {region.kind}",
                )


def _outside(cell: Cell) -> set[str]:
    """Return the lines around the regions: what a blank declares is no secret."""
    inside = {n for found in cell.regions for n in range(found.begin, found.end + 1)}
    lines = enumerate(cell.source.split("\n"))
    return {line.strip() for number, line in lines if number not in inside}


def _is_telling(line: str) -> bool:
    return (
        len(line) >= _TELLING
        and not line.startswith(_COMMON)
        and len(re.findall(r"\w+", line)) >= 3
    )


def _has_code(code: str) -> bool:
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return True
    return any(
        not isinstance(statement, ast.Pass)
        and not (isinstance(statement, ast.Expr) and _is_constant(statement.value))
        for statement in body
    )


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _tree(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def _assigned(source: str) -> set[str]:
    names: set[str] = set()
    for statement in _tree(source):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).partition(".")[0])
    return names


def _uses(source: str, name: str) -> bool:
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
        for statement in _tree(source)
        for node in ast.walk(statement)
    )
