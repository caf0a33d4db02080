"""The cards as a table in CSV, for other flashcard programs and for spreadsheets.

One row a card, not a term: ``front`` and ``back`` are what such programs import. A card
keeps its id, so a table that is imported again can update what is there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mlcourse.flashcards.export.selection import USUAL, cards_of, select

if TYPE_CHECKING:
    from mlcourse.glossary.load import Glossary

__all__ = ["COLUMNS", "to_csv"]

COLUMNS = (
    "id",
    "term",
    "type",
    "front",
    "back",
    "note",
    "category",
    "deck",
    "level",
    "labs",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(
    glossary: Glossary,
    *,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    codes: Iterable[str] = USUAL,
    labs: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """Return cards as CSV (RFC 4180): UTF-8, a header, lines that end in CR LF.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.

    Args:
        glossary: Where the terms are.
        slugs: Terms by their slugs, in the order of the rows; all if omitted.
        categories: Only terms of these categories.
        codes: Types of cards: recognise, produce and cloze if omitted.
        labs: Names of the labs that use a term, by its slug.

    Raises:
        ValueError: If a slug, a category or a code is unknown, or no term is left.
    """
    entries = select(glossary, slugs=slugs, categories=categories)
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for entry, cards in zip(
        entries, cards_of(entries, glossary, codes=codes), strict=True
    ):
        for card in cards:
            front, back = card.front, card.back
            asked = [*map(str, front.lines), " / ".join(front.choices), front.audience]
            row = (
                card.id,
                entry.term,
                card.code,
                "\n".join(filter(None, (front.prompt, *asked))),
                back.answer,
                back.note,
                entry.category,
                entry.deck,
                entry.level or "",
                " ".join(sorted((labs or {}).get(entry.slug, ()))),
            )
            rows.writerow(map(_guarded, row))
    return text.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
