"""Mutants of the model answers: small slips that the tests of a lab must notice."""

import ast
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

from mlcourse.authoring.lab import Cell
from mlcourse.authoring.regions import replace_region
from mlcourse.authoring.source import read_lab
from mlcourse.authoring.variants import Trial, try_answers
from mlcourse.authoring.wrong_answers import Equivalent, read_equivalents
from mlcourse.errors import SourceError
from mlcourse.paths import Course

__all__ = ["Mutant", "Mutants", "make_mutants", "mutate"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip in one model answer.

    Args:
        answer: The name of the answer.
        operator: What cosmic-ray calls the slip.
        before: The line as it was, without white space around it.
        line: The line as it is now.
        code: The whole content of the solution region.
        trial: What the tests said; None before they ran.
    """

    answer: str
    operator: str
    before: str
    line: str
    code: str
    trial: Trial | None = None

    @property
    def is_caught(self) -> bool:
        """Whether a test took points away."""
        return self.trial is not None and self.trial.is_caught

    def __str__(self) -> str:
        return f"{self.answer}: {self.before}  ->  {self.line}"


@dataclass(frozen=True, slots=True)
class Mutants:
    """What became of the mutants of a lab.

    Args:
        lab: The name of the lab.
        tried: All of them, with what the tests said.
        equivalent: Those that wrong_answers.py declares not to matter; not tried.
    """

    lab: str
    tried: tuple[Mutant, ...]
    equivalent: tuple[Mutant, ...]

    @property
    def survived(self) -> list[Mutant]:
        """Those that kept all points."""
        return [mutant for mutant in self.tried if not mutant.is_caught]

    @property
    def share(self) -> float:
        """The share that lost points, from 0 to 1; 1 without mutants."""
        return 1 - len(self.survived) / len(self.tried) if self.tried else 1.0

    @property
    def by_answer(self) -> dict[str, tuple[int, int]]:
        """For each answer how many were caught, of how many."""
        found: dict[str, tuple[int, int]] = {}
        for mutant in self.tried:
            caught, number = found.get(mutant.answer, (0, 0))
            found[mutant.answer] = (caught + mutant.is_caught, number + 1)
        return found

    def __str__(self) -> str:
        lines = [f"{self.lab}: {self.share:.0%} of {len(self.tried)} mutants caught"]
        for name, (caught, number) in self.by_answer.items():
            lines.append(f"  {name}: {caught} of {number}")
        lines += [f"  survived  {mutant}" for mutant in self.survived]
        return "\n".join(lines)


def mutate(
    course: Course,
    lab: str,
    *,
    answers: Collection[str] | None = None,
    most: int | None = None,
    timeout: float = 30.0,
    patience: float = 300.0,
    workers: int = 2,
    isolate: bool = True,
) -> Mutants:
    """Try mutants of the model answers of a lab against its tests.

    Args:
        course: Where the lab is.
        lab: Its name or number.
        answers: Names of the answers, all if omitted.
        most: How many mutants of each answer, evenly spread; all if omitted.
        timeout: Seconds from an answer to the end of its own test; a mutant that takes
            longer is caught.
        patience: Seconds from an answer to the end of the lab.
        workers: How many to try at a time.
        isolate: Whether to cut the network off.

    Raises:
        SourceError: If the model answers themselves lose points.
    """
    folder = course.solutions / course.lab_name(lab)
    parsed = read_lab(folder)
    wanted = list(parsed.of("answer"))
    if answers is not None:
        wanted = [parsed.find(name, "answer") for name in answers]
    known = read_equivalents(folder)
    made: list[Mutant] = []
    equivalent: list[Mutant] = []
    for cell in wanted:
        mutants = list(make_mutants(cell))
        equivalent += [one for one in mutants if _is_declared(one, known)]
        mutants = [one for one in mutants if not _is_declared(one, known)]
        step = max(1.0, len(mutants) / most) if most else 1.0
        number = min(len(mutants), most or len(mutants))
        made += [mutants[int(step * position)] for position in range(number)]
    if not made:
        return Mutants(parsed.name, (), tuple(equivalent))
    first = parsed.find(made[0].answer, "answer")
    own = {cell.name for cell in parsed.of("test")}
    run = partial(try_answers, folder, workers=workers, isolate=isolate)
    # The test of an answer's own name takes seconds and notices most; what it lets
    # pass goes through the rest of the lab, with time enough to reach its end.
    (baseline,) = run([(first.name, first.solution, ())], timeout=patience)
    if baseline.is_caught:
        raise SourceError(f"{parsed.name}: the model answers lose points: {baseline}.")
    tries = [
        (one.answer, one.code, (one.answer,) if one.answer in own else ())
        for one in made
    ]
    trials = run(tries, timeout=timeout)
    left = [n for n, trial in enumerate(trials) if not trial.is_caught]
    again = run([(*tries[n][:2], ()) for n in left], timeout=patience)
    trials = list(trials)
    for number, trial in zip(left, again, strict=True):
        trials[number] = trial
    tried = [
        Mutant(one.answer, one.operator, one.before, one.line, one.code, trial)
        for one, trial in zip(made, trials, strict=True)
    ]
    return Mutants(parsed.name, tuple(tried), tuple(equivalent))


def make_mutants(cell: Cell) -> Iterator[Mutant]:
    """Yield the mutants of a model answer that are valid code and differ from it.

    Args:
        cell: An answer.
    """
    from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped]
    from cosmic_ray.operators.provider import (  # type: ignore[import-untyped]
        OperatorProvider,
    )

    provider = OperatorProvider()
    seen = {_meaning(cell, cell.solution)}
    for name in sorted(provider):
        operator = provider[name]
        if operator.arguments():
            continue  # needs names of variables, and makes few slips that people make
        occurrence = 0
        while (code := mutate_code(cell.solution, operator(), occurrence)) is not None:
            occurrence += 1
            meaning = _meaning(cell, code)
            if meaning is None or meaning in seen:
                continue
            seen.add(meaning)
            before, line = _difference(cell.solution, code)
            yield Mutant(cell.name, name, before, line, code)


def _meaning(cell: Cell, code: str) -> str | None:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    source = replace_region(cell.source, code)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `x is 1` is a slip like any other
            compile(source, cell.name, "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return ast.dump(ast.parse(source))


def _difference(before: str, after: str) -> tuple[str, str]:
    for old, new in zip(before.split("\n"), after.split("\n"), strict=False):
        if old != new:
            return old.strip(), new.strip()
    return "", ""


def _is_declared(mutant: Mutant, known: list[Equivalent]) -> bool:
    return any(
        one.answer == mutant.answer and one.line.strip() == mutant.line for one in known
    )
