"""Packing a learner's notebook the way nbgrader collects it."""

import getpass
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mlcourse.checks.ledger import Ledger
from mlcourse.cli.attempt import (
    Attempt,
    attempt,
    read_own,
    read_released,
    record_attempt,
)
from mlcourse.cli.tamper import restore
from mlcourse.cli.workbook import stamp
from mlcourse.files import write_whole
from mlcourse.paths import LEDGER, Course

__all__ = ["Submission", "exchange_root", "learner", "submit_lab"]


@dataclass(frozen=True, slots=True)
class Submission:
    """A packed notebook.

    Args:
        path: The file for the instructor.
        attempt: What the notebook gave when it was run.
    """

    path: Path
    attempt: Attempt


def learner(user: str = "") -> str:
    """Return the name that a submission carries.

    Args:
        user: The name; that of the system's user if empty.

    Raises:
        ValueError: If nbgrader's pattern for file names would not find it again.

    Example:
        >>> learner("mira7")
        'mira7'
    """
    name = user or getpass.getuser()
    if not re.fullmatch(r"[A-Za-z0-9]{1,60}", name):
        raise ValueError(
            f"user == {name!r}, must be letters and digits only: add --user YOURNAME."
        )
    return name


def submit_lab(
    course: Course, lab: str, *, user: str = "", now: datetime | None = None
) -> Submission:
    """Pack a notebook, run it once, and write both down in the ledger.

    The lab's own cells go in as released, whatever the learner did to them.

    Args:
        course: The course.
        lab: Full name of the lab.
        user: The learner's name in the class; that of the system's user if empty.
        now: The moment of the submission, in UTC if omitted.

    Returns:
        The file and the preview of the grade.

    Raises:
        ValueError: If the name does not fit, or the notebook is none.
    """
    name = learner(user)
    notebook = restore(read_released(course, lab), read_own(course, lab))
    folder = course.workbook / "submitted"
    folder.mkdir(exist_ok=True)
    path = folder / f"{lab}_{name}_attempt_{stamp(now)}_{lab}.ipynb"
    write_whole(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    result = attempt(course, lab)
    ledger = Ledger(course.workbook / LEDGER)
    record_attempt(ledger, result)
    ledger.append(
        "submit", lab=lab, file=path.name, points=result.points, most=result.most
    )
    return Submission(path, result)


def exchange_root() -> Path | None:
    """Return the folder of this machine's nbgrader exchange, if learners can use it."""
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    root = Path("/usr/local/share/nbgrader/exchange")
    for place in reversed(jupyter_config_path()):
        try:
            config = PyFileConfigLoader("nbgrader_config.py", place).load_config()
        except ConfigFileNotFound:
            continue
        root = Path(config.get("Exchange", {}).get("root", root))
    return root if root.is_dir() and os.access(root, os.W_OK) else None
