"""Planted wrong answers of a lab: the mistakes that people really make."""

import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mlcourse.errors import SourceError

__all__ = ["Equivalent", "WrongAnswer", "read_equivalents", "read_wrong_answers"]

FILE = "wrong_answers.py"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A mistake, and the hint that it must lead to.

    Args:
        answer: The answer cell that it replaces.
        mistake: What the learner did, in a few words.
        code: The whole content of the solution region, indented or not.
        hint: Key of the hint that the failed check must give.
        test: The test that must notice; the one of the same name if omitted.
    """

    answer: str
    mistake: str
    code: str
    hint: str
    test: str = ""

    @property
    def judged_by(self) -> str:
        """The test that must notice."""
        return self.test or self.answer


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that no test can tell from the right answer.

    Args:
        answer: The answer cell.
        line: The changed line, without white space around it.
        reason: Why it does not matter.
    """

    answer: str
    line: str
    reason: str


def read_wrong_answers(folder: Path) -> list[WrongAnswer]:
    """Return the planted wrong answers in the folder of a lab; none without a file.

    Raises:
        SourceError: If the file cannot be run, or holds something else.
    """
    return _read(folder, "WRONG_ANSWERS", WrongAnswer)


def read_equivalents(folder: Path) -> list[Equivalent]:
    """Return the mutants that need not be noticed; none without a file.

    Raises:
        SourceError: If the file cannot be run, or holds something else.
    """
    return _read(folder, "EQUIVALENT", Equivalent)


def _read(folder: Path, name: str, kind: type[T]) -> list[T]:
    path = folder / FILE
    if not path.is_file():
        return []
    try:
        # runpy leaves no bytecode beside the source.
        found = runpy.run_path(str(path)).get(name, [])
    except Exception as error:
        raise SourceError(f"{folder.name}/{FILE} does not run: {error!r}.") from error
    for item in found:
        if not isinstance(item, kind):
            raise SourceError(
                f"{folder.name}/{FILE}: {name} holds {item!r}, "
                f"must be {kind.__name__}(...)."
            )
    return list(found)
