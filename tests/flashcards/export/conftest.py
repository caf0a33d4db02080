"""The course's own glossary, ways to change an entry of it, and Anki itself."""

import pytest
from anki.collection import (
    Collection,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)
from anki.scheduler.v3 import CardAnswer

from mlcourse.glossary.load import build, load, read
from mlcourse.paths import find_course

TERMS = find_course().glossary / "terms"


@pytest.fixture(scope="session")
def glossary():
    return load(TERMS)


@pytest.fixture(scope="session")
def written():
    """The entries as they are written, by slug."""
    return {entry.slug: entry for entry in read(TERMS).entries}


@pytest.fixture
def edited(written):
    """Return a glossary in which one entry has other fields."""

    def edit(slug, **fields):
        entry = written[slug].model_copy(update=fields)
        return build((written | {slug: entry}).values())

    return edit


@pytest.fixture
def collection(tmp_path):
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture
def take(collection, tmp_path):
    """Import a package as a person does who accepts Anki's own choices."""

    def take(package):
        path = tmp_path / "mlgloss.apkg"
        path.write_bytes(package)
        options = ImportAnkiPackageOptions()
        return collection.import_anki_package(
            ImportAnkiPackageRequest(package_path=str(path), options=options)
        ).log

    return take


@pytest.fixture
def study(collection):
    """Answer some new cards with Good; return what their history says."""

    def study(count):
        for deck in collection.decks.all_names_and_ids():
            if deck.name == "ML Glossary":
                collection.decks.select(deck.id)
        for _ in range(count):
            queued = collection.sched.get_queued_cards().cards[0]
            card = collection.get_card(queued.card.id)
            card.start_timer()
            answer = collection.sched.build_answer(
                card=card, states=queued.states, rating=CardAnswer.GOOD
            )
            collection.sched.answer_card(answer)
        return collection.db.all("select id, cid, ease, ivl from revlog order by id")

    return study
