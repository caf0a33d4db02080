"""The glossary for other programs: Anki, tables, Markdown, MyST and linked data.

Each function takes the glossary and returns text or bytes; ``slugs`` and ``categories``
choose terms, so that a deck may be one lab's or one category's. Writing is up to the
caller::

    package = to_anki(glossary, timestamp=content_time(course.glossary / "terms"))
    Path("mlgloss.apkg").write_bytes(package)
"""

from mlcourse.flashcards.export.anki import content_time, to_anki
from mlcourse.flashcards.export.anki_reviews import AnkiFileError, read_anki_reviews
from mlcourse.flashcards.export.markdown import to_markdown, to_myst
from mlcourse.flashcards.export.skos import to_skos
from mlcourse.flashcards.export.table import to_csv

__all__ = [
    "AnkiFileError",
    "content_time",
    "read_anki_reviews",
    "to_anki",
    "to_csv",
    "to_markdown",
    "to_myst",
    "to_skos",
]
