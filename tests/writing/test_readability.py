import pytest

from mlcourse.writing.readability import reading_level, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1),
        ("model", 2),
        ("latency", 3),
        ("reliability", 6),
        ("don't", 1),
        ("don’t", 1),
        ("Python", 2),
        ("JSON", 1),
        ("API", 1),
        ("idempotency", 5),  # not in the dictionary from here on
        ("autoscaler", 4),
        ("zxqrt", 1),
        ("unbatched", 2),
        ("retokenize", 4),
        ("日本", 1),
    ],
)
def test_syllables_of_a_word(word, count):
    assert syllables(word) == count


def test_the_grade_is_the_published_formula():
    # 9 words and 14 syllables in one sentence, four times.
    text = "The service answers quickly and the members are happy."
    found = reading_level([text] * 4)
    assert found.words == 36
    assert found.grade == pytest.approx(0.39 * 9 + 11.8 * 14 / 9 - 15.59)


def test_a_short_text_is_not_judged():
    assert reading_level(["One two three."] * 9) is None
    assert reading_level([]) is None


def test_numbers_code_and_words_with_digits_cost_nothing():
    plain = reading_level(["The slow calls take a long time to end."] * 5)
    dense = reading_level(
        ["The slow p95 calls \ufffc take 12.3 a long time to end."] * 5
    )
    assert plain.grade == dense.grade


def test_sentences_without_words_do_not_lower_the_grade():
    real = ["The slow calls take a long time to end."] * 5
    assert reading_level([*real, "12.", "\ufffc"]) == reading_level(real)


def test_hard_text_has_a_higher_grade_and_names_its_hardest_sentence():
    easy = ["We saw no faults this week."] * 6
    hard = "Organisational interdependencies necessitate comprehensive reconciliation."
    assert reading_level([*easy, hard]).grade > reading_level(easy).grade
    assert reading_level([*easy, hard]).hardest == 6
