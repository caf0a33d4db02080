"""The glossary as an Anki package: one note a term, one deck a category.

A note is known by the id of its entry, so a package that is imported again updates the
texts and keeps the history of reviews. Anki takes an edited note only if it is newer
than its own, hence the timestamp: see :func:`content_time`.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlcourse.flashcards.export.note_type import (
    FIELDS,
    NAMESPACE,
    SLOTS,
    make_model,
)
from mlcourse.flashcards.export.selection import USUAL, cards_of, select
from mlcourse.glossary.pages import TITLES

if TYPE_CHECKING:
    from genanki import Deck, Package  # type: ignore[import-untyped]

    from mlcourse.flashcards.cards import Card
    from mlcourse.glossary.entry import Entry
    from mlcourse.glossary.load import Glossary

__all__ = ["content_time", "to_anki"]

ROOT = "ML Glossary"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
LINE, NEWLINE = "<br>", "\n"
MARKED = re.compile(r"\[\[(.+?)\]\]")


def to_anki(
    glossary: Glossary,
    *,
    timestamp: int,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    codes: Iterable[str] = USUAL,
    labs: Mapping[str, Iterable[str]] | None = None,
    root: str = ROOT,
) -> bytes:
    """Return an Anki package (.apkg); the same arguments give the same bytes.

    Args:
        glossary: Where the terms are.
        timestamp: When the content last changed, in seconds since 1970 UTC: Anki keeps
            its own text of a note that is as new as this. See :func:`content_time`.
        slugs: Terms by their slugs, in the order in which they are to be learned; all
            if omitted.
        categories: Only terms of these categories.
        codes: Types of cards: recognise, produce and cloze if omitted.
        labs: Names of the labs that use a term, by its slug; they become tags.
        root: Name of the deck above those of the categories.

    Raises:
        ValueError: If a slug, a category or a code is unknown, or no term is left.
    """
    from genanki import Note, Package, guid_for

    entries = select(glossary, slugs=slugs, categories=categories)
    decks: dict[str, Deck] = {}
    model = make_model()
    pairs = zip(entries, cards_of(entries, glossary, codes=codes), strict=True)
    for position, (entry, cards) in enumerate(pairs, start=1):
        names = sorted((labs or {}).get(entry.slug, ()))
        note = Note(
            model,
            _fields(entry, glossary, cards, names),
            guid=guid_for(NAMESPACE, entry.id),
            tags=_tags(entry, names),
            due=position,
        )
        name = f"{root}::{TITLES[entry.category]}"
        decks.setdefault(name, _deck(name)).add_note(note)
    return _zip(_collection(Package(list(decks.values())), timestamp))


def content_time(*paths: Path) -> int:
    """Return when some files last changed, in seconds since 1970 UTC.

    That is the time of the newest commit that touched them, so that one commit gives
    one package on every machine. Where files are not committed, or git is missing, it
    is the newest time of a file.

    Args:
        paths: Files, or folders whose files count.
    """
    times = [
        _commit_time(path) or max(file.stat().st_mtime_ns for file in _files(path))
        for path in paths
    ]
    return max(times) // 10**9


def _fields(
    entry: Entry, glossary: Glossary, cards: Iterable[Card], labs: Iterable[str]
) -> list[str]:
    """Return the fields of a note in the order of the note type, as HTML."""
    said = entry.pronunciation
    kinds = filter(None, (entry.part_of_speech, entry.countable, entry.register_))
    others = (*entry.broader, *entry.related)
    terms = glossary.entries
    slots = list(zip(SLOTS, _place(cards), strict=True))
    fields = {
        "Term": _html(entry.term),
        "Id": _html(entry.id),
        "Definition": _html(entry.definition),
        "Plain words": _html(entry.plain),
        "IPA US": _html(said.us),
        "IPA UK": _html(said.uk if said.uk != said.us else ""),
        "Pronunciation": _html(said.note or ""),
        "Grammar": _html(", ".join(kinds)),
        "Forms": _html(", ".join(entry.inflections)),
        "Also": _html(", ".join(entry.labels.alt)),
        "Avoid": _html(", ".join(entry.labels.avoid)),
        "Examples": _html(*(example.text for example in entry.examples)),
        "Goes with": _html(*(f"{c.pattern}: {c.example}" for c in entry.collocations)),
        "Not to confuse": _html(
            *(
                f"{terms[c.other].term}: {c.difference}"
                for c in entry.confusions
                if c.other in terms
            )
        ),
        "Common errors": _html(
            *(f"Not: {g.wrong} But: {g.right} {g.why}" for g in entry.grammar)
        ),
        "False friends": _html(
            *(f"{f.lang}: {f.word}, {f.trap}" for f in entry.false_friends)
        ),
        "See also": _html(
            ", ".join(dict.fromkeys(terms[s].term for s in others if s in terms))
        ),
        "Labs": _html(", ".join(labs)),
        "Level": _html(entry.level or ""),
        "Cards": " ".join(card.id if card else "-" for _, card in slots),
    }
    for slot, card in slots:
        if card:
            fields |= _card_fields(slot.name, card)
    return [fields.get(name, "") for name in FIELDS]


def _card_fields(name: str, card: Card) -> dict[str, str]:
    front, back = card.front, card.back
    prompt = front.prompt + (front.audience and f" To: {front.audience}.")
    answer = back.answer.split(" (")[0] if card.code == "prod" else back.answer
    checks = " ".join(back.checks)
    if card.code == "say":
        checks = f"Mention: {', '.join(back.checks)}."
    avoid = f"Without: {', '.join(back.avoid)}." if back.avoid else ""
    return {
        f"{name} front": f"<small>{_html(prompt)}</small>{LINE}"
        + _html(*map(str, front.lines), " / ".join(front.choices)),
        f"{name} answer": _html(answer),
        f"{name} note": _html(*filter(None, (back.note, checks, avoid))),
    }


def _place(cards: Iterable[Card]) -> list[Card | None]:
    """Return the card of each slot: the cards of a type fill its slots in order."""
    waiting: dict[str, list[Card]] = {}
    for card in cards:
        waiting.setdefault(card.code, []).append(card)
    return [
        waiting[slot.code].pop(0) if waiting.get(slot.code) else None for slot in SLOTS
    ]


def _tags(entry: Entry, labs: Iterable[str]) -> list[str]:
    level = [f"level::{entry.level}"] if entry.level else []
    return [f"deck::{entry.deck}", *level, *(f"lab::{lab}" for lab in labs)]


def _html(*lines: str) -> str:
    text = html.escape(NEWLINE.join(filter(None, lines)), quote=False)
    if "[" in text:
        # A bracket that is left may begin a sound or a formula of Anki's.
        text = MARKED.sub(r"<b>\1</b>", text).replace("[", "&#91;")
    return text.replace(NEWLINE, LINE)


def _commit_time(path: Path) -> int | None:
    folder = path if path.is_dir() else path.parent
    git = ("git", "-C", str(folder))
    try:
        edited = subprocess.run(
            [*git, "status", "--porcelain", "--", path], capture_output=True, check=True
        )
        newest = subprocess.run(
            [*git, "log", "-1", "--format=%ct", "--", path],
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    seconds = newest.stdout.strip()
    return int(seconds) * 10**9 if seconds and not edited.stdout else None


def _files(path: Path) -> list[Path]:
    return [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]


def _deck(name: str) -> Deck:
    from genanki import Deck

    digest = hashlib.blake2b(name.encode(), digest_size=6).digest()
    return Deck(int.from_bytes(digest) | 1 << 40, name)


def _collection(package: Package, timestamp: int) -> bytes:
    # genanki would leave a temporary file behind for each export.
    connection = sqlite3.connect(":memory:")
    try:
        package.write_to_db(
            connection.cursor(), timestamp, itertools.count(timestamp * 1000)
        )
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _zip(collection: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("collection.anki2", collection), ("media", b"{}")):
            member = zipfile.ZipInfo(name, date_time=ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return packed.getvalue()
