"""What was reviewed in Anki reaches the log, once."""

import json
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import pytest
from anki.collection import DeckIdLimit, ExportAnkiPackageOptions

from mlcourse.flashcards.export import AnkiFileError, read_anki_reviews, to_anki
from mlcourse.flashcards.log import ReviewLog
from mlcourse.flashcards.state import replay

TERMS = ["data-drift", "recall", "mlflow"]


@pytest.fixture
def studied(glossary, collection, take, study):
    """Four reviews of our cards in Anki."""
    take(to_anki(glossary, timestamp=1_760_000_000, slugs=TERMS))
    return study(4)


@pytest.fixture
def export(collection, tmp_path):
    def export(*, legacy=True):
        path = tmp_path / "out.apkg"
        deck = collection.decks.id_for_name("ML Glossary")
        options = ExportAnkiPackageOptions(with_scheduling=True, legacy=legacy)
        collection.export_anki_package(
            out_path=str(path), limit=DeckIdLimit(deck), options=options
        )
        return path

    return export


def test_each_review_becomes_an_event_of_its_card(studied, export, collection):
    events = [json.loads(line) for line in read_anki_reviews(export())]
    assert len(events) == len(studied) == 4
    for event, (moment, card_id, ease, _) in zip(events, studied, strict=True):
        card = collection.get_card(card_id)
        assert event["card"] == card.note()["Cards"].split()[card.ord]
        assert event["rating"] == ease == 3
        at = datetime.fromisoformat(event["at"])
        assert at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)


def test_a_package_that_is_taken_in_twice_adds_nothing(studied, export, tmp_path):
    log = ReviewLog(tmp_path / "reviews", "laptop")
    path = export()
    assert log.add(read_anki_reviews(path)) == 4
    assert log.add(read_anki_reviews(path)) == 0
    events = log.read().events
    assert len(events) == 4
    assert set(replay(events).memories) == {event.data["card"] for event in events}


def test_the_zone_of_the_learner_is_kept(studied, export):
    zone = timezone(timedelta(hours=5, minutes=30))
    events = [json.loads(line) for line in read_anki_reviews(export(), zone=zone)]
    assert {event["tz"] for event in events} == {"+05:30"}


def test_notes_of_other_decks_are_left_out(studied, export, collection):
    note = collection.find_notes("Id:recall")[0]
    changed = collection.get_note(note)
    collection.db.execute("update notes set guid = 'theirs' where id = ?", changed.id)
    cards = {json.loads(line)["card"] for line in read_anki_reviews(export())}
    assert cards
    assert not any(card.startswith("recall:") for card in cards)


def test_the_newer_format_is_told_apart_and_explained(studied, export):
    with pytest.raises(AnkiFileError, match="'Support older Anki versions' ticked"):
        read_anki_reviews(export(legacy=False))


def test_a_package_without_reviews_gives_none(glossary, tmp_path):
    path = tmp_path / "ours.apkg"
    path.write_bytes(to_anki(glossary, timestamp=1, slugs=TERMS))
    assert read_anki_reviews(path) == []


@pytest.mark.parametrize(
    ("member", "content", "message"),
    [
        (None, b"no archive", "cannot be read"),
        ("readme.txt", b"hello", "holds no collection"),
        ("collection.anki21", b"no database" * 100, "the collection cannot be read"),
    ],
)
def test_another_file_is_an_error_that_says_what_to_do(
    tmp_path, member, content, message
):
    path = tmp_path / "other.apkg"
    if member is None:
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, content)
    with pytest.raises(AnkiFileError, match=message):
        read_anki_reviews(path)
