import pytest

from mlcourse.writing.phrases import phrase_pattern


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("idempotency key", "Idempotency-Keys"),
        ("idempotency key", "the idempotency\nkey"),
        ("idempotency key", "the idempotency key's life"),
        ("roll back", "a rollback"),
        ("roll back", "we rolled back"),
        ("time out", "it timed out"),
        ("retry", "retries and retrying"),
        ("retry", "it was retried"),
        ("stop", "stopped"),
        ("batch", "two batches"),
        ("hypothesis", "two hypotheses"),
        ("p-value", "P values"),
        ("95th percentile", "the 95th-percentile"),
        ("100 % accurate", "100% accurate"),
        ("100 % accurate", "100 percent accurate"),
        ("% of users", "5 % of users"),
        ("C++", "in C++ only"),
        ("SLO", "our SLOs"),
        ("feature store", "the **feature store**".replace("*", "")),
        ("prove", "proven"),
        ("guarantee", "guaranteeing"),
    ],
)
def test_a_phrase_is_found_in_the_forms_writers_use(phrase, text):
    assert phrase_pattern(phrase).search(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("key", "monkey"),
        ("rate", "rather"),
        ("prove", "improve and approve"),
        ("cat", "category"),
        ("p-value", "a step value"),
        ("drift", "adrift"),
        ("retry", "re-entry"),
        ("a.b", "axb"),
    ],
)
def test_a_phrase_is_not_found_inside_other_words(phrase, text):
    assert not phrase_pattern(phrase).search(text)
