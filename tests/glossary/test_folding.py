import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcourse.glossary.folding import contains, fold, phrases, plural

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Data Drift", "data-drift"),
        ("data  drift ", "data_drift"),
        ("A/B testing", "AB testing"),
        ("CI/CD", "ci cd"),
        ("Simpson's paradox", "Simpson\u2019s paradox"),
        ("Kolmogorov\u2013Smirnov test", "kolmogorov-smirnov test"),
        ("standardisation", "standardization"),
        ("labelled data", "labeled data"),
        ("the model artefact", "model artifact"),
        ("naïve forecast", "naive forecast"),
        ("feature catalogue", "feature catalog"),
        ("customer behaviour", "customer behavior"),
        ("\uff46eature", "feature"),
    ],
)
def test_two_spellings_of_the_same_words_fold_to_one(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rollback", "roll back"),
        ("regression", "regression (model)"),
        ("SLA", "SLO"),
        ("C", "C++"),
        ("four", "for"),
        ("data", "date"),
        ("precision", "recall"),
    ],
)
def test_two_terms_stay_two(one, other):
    assert fold(one) != fold(other)


@UNTIMED
@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@UNTIMED
@given(st.text())
def test_case_and_spaces_around_never_count(text):
    assert fold(f"  {text.upper().lower()} ") == fold(text.upper().lower())


@UNTIMED
@given(st.lists(st.text("abcdefgh", min_size=2, max_size=6), min_size=1, max_size=5))
def test_a_hyphen_is_a_space(words):
    assert fold("-".join(words)) == fold(" ".join(words))


@UNTIMED
@given(st.lists(st.sampled_from(["drift", "store", "test", "view"]), min_size=1))
def test_phrases_hold_every_run_of_words(words):
    runs = phrases(" ".join(words), longest=3)
    assert sum(runs[word] for word in set(words)) == len(words)
    assert " ".join(words[:3]) in runs
    assert all(len(run.split()) <= 3 for run in runs)


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [
        ("We saw data drift.", "data drift", True),
        ("Two data contracts broke.", "data contract", True),
        ("Drifting data.", "data drift", False),
        ("We retested it.", "test", False),
        ("The batches are late.", "batch", True),
    ],
)
def test_a_text_contains_whole_words_only(text, phrase, held):
    assert contains(text, phrase) is held


def test_plurals_are_regular():
    assert [plural(word) for word in ("key", "query", "bus")] == [
        "keys",
        "queries",
        "buses",
    ]
