"""The gate that every change goes through, step by step: ``mlcourse dev check``."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Step", "run_gate", "steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the gate.

    Args:
        name: What it looks at.
        command: The program, a name in this environment, and its arguments.
        shown: Whether its output is shown while it runs, not only when it fails.
    """

    name: str
    command: tuple[str, ...]
    shown: bool = False

    @property
    def arguments(self) -> list[str]:
        """The command with the program's place in this environment."""
        return [str(Path(sys.executable).parent / self.command[0]), *self.command[1:]]

    def __str__(self) -> str:
        return " ".join([f".venv/bin/{self.command[0]}", *self.command[1:]])


def steps(*, fast: bool = False) -> list[Step]:
    """Return the steps in their order; the fast gate leaves the tests out."""
    quick = [
        Step("format", ("ruff", "format", "--check", ".")),
        Step("style", ("ruff", "check", ".")),
        Step("types", ("mypy",)),
        Step("floors", ("lint-imports",)),
        Step("spelling", ("codespell",)),
        Step("built files", ("mlcourse", "dev", "build", "--check")),
        Step("lock", ("python", "-m", "mlcourse.authoring.lock", "--check")),
        Step("labs", ("mlcourse", "dev", "lint")),
    ]
    tests = Step("tests", ("pytest", "-n", "2"), shown=True)
    return quick if fast else [*quick, tests]


def run_gate(
    root: Path, todo: Sequence[Step], *, say: Callable[[str], None] = print
) -> bool:
    """Run all steps, also after one that fails, and tell what each came to.

    Args:
        root: The folder of the course.
        todo: The steps in their order.
        say: Takes each line of the report.

    Returns:
        Whether all passed.
    """
    failed = []
    for step in todo:
        begun = time.perf_counter()
        if step.shown:
            say(f"...   {step.name}: {step}")
        done = subprocess.run(
            step.arguments,
            cwd=root,
            check=False,
            text=True,
            stdout=None if step.shown else subprocess.PIPE,
            stderr=None if step.shown else subprocess.STDOUT,
        )
        seconds = time.perf_counter() - begun
        if done.returncode:
            failed.append(step)
            if done.stdout:
                say(done.stdout.rstrip())
        word = "FAIL" if done.returncode else "ok"
        say(f"{word:4}  {step.name:12} {seconds:6.1f} s   {step}")
    for step in failed:
        say(f"Repeat: {step}")
    return not failed
