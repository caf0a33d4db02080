"""Flashcards as files: exports, and reviews taken in."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlcourse.flashcards.log import ReviewLog
from mlcourse.paths import Course

__all__ = ["KINDS", "export", "take_in"]

KINDS = {
    "anki": "mlgloss.apkg",
    "csv": "mlgloss.csv",
    "md": "mlgloss.md",
    "skos": "mlgloss.jsonld",
}


def export(
    course: Course, kind: str, *, labs: Sequence[str] = (), category: str = ""
) -> tuple[bytes, str]:
    """Return the content of an export, and the usual name of its file.

    Args:
        course: The course whose glossary is meant.
        kind: One of :data:`KINDS`.
        labs: Only the terms of these labs; all if empty.
        category: Only the terms of this category; all if empty.

    Raises:
        GlossaryError: If the glossary is missing, or cannot be read.
        LabNotFoundError: If there is no such lab, or it names no term.
        ValueError: If ``kind`` or ``category`` is unknown, or no term is left.
    """
    from mlcourse.flashcards import export as exports
    from mlcourse.flashcards.vocabulary import lab_terms, lab_uses
    from mlcourse.glossary.load import load

    if kind not in KINDS:
        raise ValueError(f"export == {kind!r}, must be one of: {', '.join(KINDS)}.")
    wanted: dict[str, Any] = {
        "slugs": lab_terms(course, labs) if labs else None,
        "categories": [category] if category else None,
    }
    terms = course.glossary / "terms"
    glossary = load(terms)
    if kind in ("anki", "csv"):
        wanted["labs"] = lab_uses(course)
    if kind == "anki":
        wanted["timestamp"] = exports.content_time(terms)
        return exports.to_anki(glossary, **wanted), KINDS[kind]
    writers: dict[str, Callable[..., str]] = {
        "csv": exports.to_csv,
        "md": exports.to_markdown,
        "skos": exports.to_skos,
    }
    return writers[kind](glossary, **wanted).encode(), KINDS[kind]


def take_in(path: Path, log: ReviewLog, *, now: datetime) -> int:
    """Take reviews into a log, and return how many were new.

    Args:
        path: An Anki package, or the log of another device: a file ``.jsonl``.
        log: Where they go.
        now: The time, in the zone where the learner studied.

    Raises:
        AnkiFileError: If it is no package of Anki from which reviews can be read.
        LogError: If they cannot be saved; then none of them is.
        ValueError: If a log cannot be read.
    """
    from mlcourse.flashcards.export import read_anki_reviews

    if path.suffix != ".jsonl":
        return log.add(read_anki_reviews(path, zone=now.tzinfo or UTC))
    try:
        return log.add(path.read_bytes().splitlines())
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
