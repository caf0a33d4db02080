"""The terms of a lab, as its card names them.

They are read from the released notebook, which every learner has: the builder copies
the card of the source into its metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlcourse.errors import LabNotFoundError

if TYPE_CHECKING:
    from mlcourse.paths import Course

__all__ = ["lab_terms", "lab_uses"]


def lab_terms(course: Course, labs: Iterable[str]) -> tuple[str, ...]:
    """Return the slugs that some labs define or require, each once.

    Args:
        course: The course.
        labs: Each by its number, slug or full name.

    Raises:
        LabNotFoundError: If there is no such lab, or it names no term.
    """
    found: dict[str, None] = {}
    for lab in labs:
        name = course.lab_name(lab)
        slugs = _on_card(course, name)
        if not slugs:
            raise LabNotFoundError(f"lab == {lab!r}, must be one that names its terms.")
        found |= dict.fromkeys(slugs)
    return tuple(found)


def lab_uses(course: Course) -> dict[str, list[str]]:
    """Return by slug the names of the released labs that define or require a term.

    Args:
        course: The course.
    """
    uses: dict[str, list[str]] = {}
    for name in course.lab_names():
        if (course.labs / name).is_dir():
            for slug in _on_card(course, name):
                uses.setdefault(slug, []).append(name)
    return uses


def _on_card(course: Course, name: str) -> tuple[str, ...]:
    path = course.labs / name / f"{name}.ipynb"
    try:
        notebook = json.loads(path.read_text("utf-8"))
        terms = notebook["metadata"].get("mlcourse", {}).get("terms", {})
    except (OSError, ValueError, KeyError) as error:
        raise LabNotFoundError(
            f"{path.name} cannot be read: {error}. Build it: mlcourse dev build "
            f"{name[:2]}"
        ) from error
    return tuple(dict.fromkeys((*terms.get("defines", ()), *terms.get("requires", ()))))
