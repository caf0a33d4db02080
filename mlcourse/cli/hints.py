"""The next hint of a task, for a terminal; the ledger knows which were given."""

import importlib.util
import sys

from mlcourse.checks import Checks, Ledger
from mlcourse.errors import LabNotFoundError
from mlcourse.paths import Course

__all__ = ["give_hint", "load_checks"]


def load_checks(course: Course, lab: str) -> Checks:
    """Return the checks of a released lab.

    Raises:
        LabNotFoundError: If the lab has none.
    """
    path = course.labs / lab / "checks.py"
    spec = importlib.util.spec_from_file_location(f"checks_of_{lab}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise LabNotFoundError(f"labs/{lab}/checks.py is missing: mlcourse dev build.")
    module = importlib.util.module_from_spec(spec)
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # labs/ stays clean
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = kept
    checks: Checks = module.checks
    return checks


def give_hint(course: Course, lab: str, task: str, ledger: Ledger) -> str:
    """Return the next hint and write it down.

    Args:
        course: The course.
        lab: Full name of the lab.
        task: Name of the task.
        ledger: The learner's ledger.

    Raises:
        ValueError: If the lab has no such task.
    """
    tasks = load_checks(course, lab).tasks
    if task not in tasks:
        raise ValueError(f"task == {task!r}, must be one of: {', '.join(tasks)}.")
    return str(tasks[task].hint(ledger=ledger))
