import os
import shutil

import pytest

from mlcourse.flashcards import load_deck
from mlcourse.glossary.load import GlossaryError
from mlcourse.paths import find_course

SOURCE = find_course().glossary / "terms"


@pytest.fixture
def terms(tmp_path):
    folder = tmp_path / "terms"
    folder.mkdir()
    for slug in ("data-drift", "domain-shift", "endpoint"):
        shutil.copy(SOURCE / f"{slug}.yaml", folder)
    return folder


def edit(terms, old, new):
    path = terms / "endpoint.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    os.utime(path, ns=(1, 1))


def test_a_kept_glossary_gives_the_same_cards(terms, tmp_path):
    plain = load_deck(terms)
    first = load_deck(terms, cache=tmp_path / "cache")
    kept = load_deck(terms, cache=tmp_path / "cache")
    assert plain.cards == first.cards == kept.cards
    assert dict(plain.glossary.entries) == dict(kept.glossary.entries)
    assert list(plain.terms) == list(kept.terms)


def test_an_edited_term_is_read_anew_and_the_old_copy_goes(terms, tmp_path):
    load_deck(terms, cache=tmp_path / "cache")
    edit(terms, "term: endpoint", "term: end point")
    deck = load_deck(terms, cache=tmp_path / "cache")
    assert deck.glossary.entries["endpoint"].term == "end point"
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_spoilt_copy_is_read_anew(terms, tmp_path):
    expected = load_deck(terms, cache=tmp_path / "cache").cards
    (copy,) = (tmp_path / "cache").iterdir()
    copy.write_text("{torn")
    assert load_deck(terms, cache=tmp_path / "cache").cards == expected


def test_a_copy_that_cannot_be_kept_does_no_harm(terms, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert load_deck(terms, cache=tmp_path / "cache").cards


def test_a_broken_or_empty_glossary_is_said_with_or_without_a_cache(terms, tmp_path):
    edit(terms, "term: endpoint", "term: on")
    for cache in (None, tmp_path / "cache"):
        with pytest.raises(GlossaryError, match="endpoint.yaml"):
            load_deck(terms, cache=cache)
    (tmp_path / "empty").mkdir()
    with pytest.raises(GlossaryError, match="no entry"):
        load_deck(tmp_path / "empty", cache=tmp_path / "cache")
