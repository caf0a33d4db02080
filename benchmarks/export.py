"""Limits of the exports against what is measured, all from one run.

Run it with ``python benchmarks/export.py``. The glossary is repeated under other names
until it has 5,000 notes; Anki itself imports the package.
"""

import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from anki.collection import (
    Collection,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)
from rich.console import Console
from rich.table import Table

from mlcourse.flashcards.cards import CODES
from mlcourse.flashcards.export import to_anki, to_csv, to_markdown, to_myst, to_skos
from mlcourse.glossary.load import Glossary, build, read
from mlcourse.paths import find_course

NOTES = 5_000
TIMESTAMP = 1_760_000_000
RUNS = 3


class Spent(NamedTuple):
    """Seconds on the clock, and of the processor: far apart on a busy machine."""

    clock: float
    processor: float


def measure(call, *arguments, **options) -> Spent:
    begin = time.perf_counter(), time.process_time()
    call(*arguments, **options)
    return Spent(time.perf_counter() - begin[0], time.process_time() - begin[1])


def large(count: int) -> Glossary:
    """Return the course's entries again and again, each time under other names."""
    written = read(find_course().glossary / "terms").entries
    entries = []
    for number in range(count):
        entry, copy = written[number % len(written)], number // len(written)
        name = f"{entry.slug}-{copy}"
        fields = {"id": name, "slug": name, "term": f"{entry.term} {copy}"}
        pairs = [
            pair.model_copy(update={"other": f"{pair.other}-{copy}"})
            for pair in entry.confusions
        ]
        entries.append(entry.model_copy(update=fields | {"confusions": pairs}))
    return build(entries)


def import_into_anki(package: bytes) -> tuple[Spent, int, int]:
    """Return what an import takes, and the notes and cards it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mlgloss.apkg")
        path.write_bytes(package)
        collection = Collection(str(Path(folder, "collection.anki2")))
        request = ImportAnkiPackageRequest(
            package_path=str(path), options=ImportAnkiPackageOptions()
        )
        spent = measure(collection.import_anki_package, request)
        counts = collection.note_count(), collection.card_count()
        collection.close()
    return spent, *counts


def main() -> None:
    glossary = large(NOTES)
    usual = to_anki(glossary, timestamp=TIMESTAMP)
    every = to_anki(glossary, timestamp=TIMESTAMP, codes=CODES)
    rows = []
    for name, options, package in (
        ("usual cards", {}, usual),
        ("all cards", {"codes": CODES}, every),
    ):
        spent = min(
            measure(to_anki, glossary, timestamp=TIMESTAMP, **options)
            for _ in range(RUNS)
        )
        taken, notes, cards = import_into_anki(package)
        size = f"{len(package) / 1e6:.1f} MB, {notes:,} notes, {cards:,} cards"
        rows.append((f"Anki export, {name}", size, spent, 2.0))
        rows.append((f"Anki's own import, {name}", size, taken, 2.0))
    for export in (to_csv, to_markdown, to_myst, to_skos):
        size = f"{len(export(glossary).encode()) / 1e6:.1f} MB, {NOTES:,} terms"
        rows.append((export.__name__, size, measure(export, glossary), None))
    table = Table(title="Exports: limits against one run")
    for column in ("what", "size"):
        table.add_column(column)
    for column in ("seconds", "processor", "limit", "share of it"):
        table.add_column(column, justify="right")
    for what, size, spent, limit in rows:
        limits = (f"{limit:.1f}", f"{spent.clock / limit:.0%}") if limit else ("", "")
        times = f"{spent.clock:.2f}", f"{spent.processor:.2f}"
        table.add_row(what, size, *times, *limits)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
