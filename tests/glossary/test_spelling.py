import sys

import pytest

from mlcourse.glossary.spelling import is_known, known_words, misspellings


def test_words_of_the_language_of_the_terms_and_of_the_list_are_known(make_entry):
    words = known_words([make_entry(term="gRPC", inflections=[])], extra=["Reranker"])
    assert {"service", "grpc", "drift", "reranker"} <= words
    assert "sevrice" not in words


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("classify", True),
        ("behaviour", True),
        ("recomputing", True),
        ("entities", True),
        ("untested", True),
        ("tset", False),
    ],
)
def test_a_word_regularly_formed_from_a_known_one_is_known(word, known):
    words = frozenset({"classify", "behavior", "compute", "entity", "test"})
    assert is_known(word, words) is known


def test_usual_misspellings_have_their_correction():
    wrong = "occur" + "ed"  # in two, or codespell corrects it here
    assert misspellings()[wrong] == "occurred"


def test_without_codespell_no_misspelling_is_known(monkeypatch):
    monkeypatch.setitem(sys.modules, "codespell_lib", None)
    assert misspellings() == {}
