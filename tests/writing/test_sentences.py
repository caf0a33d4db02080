import pytest

from mlcourse.writing.sentences import sentence_spans, words_of


def split(text):
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Use a store, e.g. Redis, for this.",
        "Use a store, e.g. The one you have.",
        "That is, i.e. Nothing else, the end.",
        "Old vs. New is the question.",
        "It takes 12.3 ms at 1.5 times the load.",
        "At p95. of the calls it is slow.",
        "See Fig. 3 and No. 12 for details.",
        "As Kincaid et al. 1975 write.",
        "J. Smith wrote it.",
        "It waits... and goes on",
        "Call approx. 200 of them.",
        "no full stop at all",
    ],
)
def test_this_is_one_sentence(text):
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("One. ", ["One."]),
        ("Is it? It is! Good.", ["Is it?", "It is!", "Good."]),
        ("It is 12 ms. Then it stops.", ["It is 12 ms.", "Then it stops."]),
        ("It is slow. p95 is 3 s.", ["It is slow.", "p95 is 3 s."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Send it. \ufffc takes it.", ["Send it.", "\ufffc takes it."]),
        ("The answer is no. We stop.", ["The answer is no.", "We stop."]),
        ("It has retries, etc. We stop.", ["It has retries, etc.", "We stop."]),
        ("Two\nlines. Of\ntext.", ["Two\nlines.", "Of\ntext."]),
        ("  ", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_stops(text, sentences):
    assert split(text) == sentences


def test_words_keep_apostrophes_and_hyphens_and_drop_signs():
    assert words_of("Don't re-send 2 % — ever.") == ["don't", "re-send", "2", "ever"]
