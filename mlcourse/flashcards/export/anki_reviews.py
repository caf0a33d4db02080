"""Reviews that were made in Anki, as lines for the log.

Anki writes them into a package when *Include scheduling information* and *Support older
Anki versions* are ticked on export. An event is known by its note, card and moment, so
taking in a package twice adds nothing::

    log.add(read_anki_reviews(Path("mlgloss.apkg"), zone=now.tzinfo))
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from mlcourse.errors import MlcourseError
from mlcourse.flashcards.export.note_type import FIELDS, NAMESPACE, SLOTS

__all__ = ["AnkiFileError", "read_anki_reviews"]

MODERN, OLDER, OLDEST = "collection.anki21b", "collection.anki21", "collection.anki2"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CRAM = 3  # a filtered deck: Anki's schedule does not hear of it either
QUERY = """
SELECT revlog.id, ease, time, revlog.type, cards.ord, notes.guid, notes.flds
FROM revlog
JOIN cards ON cards.id = revlog.cid
JOIN notes ON notes.id = cards.nid
WHERE ease BETWEEN 1 AND 4
ORDER BY revlog.id
"""


class AnkiFileError(MlcourseError):
    """A file is no package of Anki from which reviews can be read."""


def read_anki_reviews(path: Path, *, zone: tzinfo = UTC) -> list[bytes]:
    """Return the reviews of our notes in an Anki package, as lines for the log.

    Notes of other decks are left out. A card is the one whose id stands in the note, so
    a history stays right when a later version fills a slot with another card.

    Args:
        path: A package (.apkg, .colpkg) that Anki exported with its scheduling.
        zone: Where the learner studied, since a study day ends at night.

    Raises:
        AnkiFileError: If it is no such package; the message says what to tick.
    """
    from genanki import guid_for  # type: ignore[import-untyped]

    found = []
    for moment, ease, spent, kind, slot, guid, fields in _rows(_collection(path)):
        note = dict(zip(FIELDS, fields.split("\x1f"), strict=False))
        ids = note.get("Cards", "").split()
        ours = guid == guid_for(NAMESPACE, note.get("Id", "")) and len(ids) == len(
            SLOTS
        )
        if not ours or ids[slot] == "-":
            continue
        at = EPOCH + timedelta(milliseconds=moment)
        event = {
            "v": 1,
            "id": f"anki-{guid}-{slot}-{moment}",
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "tz": at.astimezone(zone).isoformat()[-6:],
            "kind": "review",
            "card": ids[slot],
            "rating": ease,
            "ms": spent,
            "mode": "cram" if kind == CRAM else "anki",
            "by": "self",
        }
        found.append(json.dumps(event, separators=(",", ":")).encode())
    return found


def _collection(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if MODERN in names:
                raise AnkiFileError(
                    f"{path.name} is in Anki's newer format: export it again, with "
                    "'Support older Anki versions' ticked."
                )
            for name in (OLDER, OLDEST):
                if name in names:
                    return archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise AnkiFileError(
            f"{path.name} cannot be read: {error}. Give a file that Anki exported."
        ) from error
    raise AnkiFileError(f"{path.name} holds no collection: export it from Anki.")


def _rows(collection: bytes) -> list[tuple[int, int, int, int, int, str, str]]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(collection)
        return connection.execute(QUERY).fetchall()
    except sqlite3.Error as error:
        raise AnkiFileError(
            f"the collection cannot be read: {error}. Export it from Anki again."
        ) from error
    finally:
        connection.close()
