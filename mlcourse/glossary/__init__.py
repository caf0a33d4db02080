"""The glossary: a learner's dictionary of production machine learning.

One YAML file a term under ``glossary/terms``. :func:`mlcourse.glossary.load.load` reads
them, ``lint`` judges them, ``search`` finds them, ``pages`` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcourse.glossary.search import Match
    from mlcourse.paths import Course

__all__ = ["find", "slugs"]


def slugs(course: Course) -> frozenset[str]:
    """Return the slugs of all terms; none where there is no glossary yet.

    Reads no file: the name of a file is the slug.

    Args:
        course: The course whose glossary is meant.
    """
    return frozenset(path.stem for path in (course.glossary / "terms").glob("*.yaml"))


def find(course: Course, words: str) -> list[Match]:
    """Find terms by name, synonym or misspelling, the best first.

    Args:
        course: The course whose glossary is meant.
        words: What a reader types.

    Raises:
        GlossaryError: If the course has no glossary, or a file of it cannot be read.
        ValueError: If ``words`` is empty.
    """
    # Pydantic and the YAML parser load here, so that slugs stays free of both.
    from mlcourse.glossary.load import load
    from mlcourse.glossary.search import find as search

    return search(words, load(course.glossary / "terms"))
