from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcourse.glossary.shingles import borrowed, shingles, shingles_text

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BRIEF = Path(__file__).parents[2] / "glossary" / "schema" / "brief-shingles.txt"
WORDS = st.lists(st.text("abcdef", min_size=1, max_size=5), min_size=8, max_size=20)


@UNTIMED
@given(words=WORDS, data=st.data())
def test_eight_words_in_a_row_are_found_in_any_dress(words, data):
    start = data.draw(st.integers(0, len(words) - 8))
    run = words[start : start + 8]
    found = borrowed(
        "Well, " + ", ".join(run).upper() + ".", shingles([" ".join(words)])
    )
    assert found is not None


def test_seven_words_in_a_row_are_free():
    references = shingles(["a b c d e f g h"])
    assert borrowed("x a b c d e f g y", references) is None


def test_a_run_does_not_cross_from_text_to_text():
    assert shingles(["a b c d", "e f g h"]) == frozenset()


def test_the_list_is_sorted_and_holds_no_word():
    text = shingles_text(["one two three four five six seven eight nine ten"])
    lines = text.splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) == 3
    assert "one" not in text


def test_the_list_of_the_brief_is_well_formed():
    lines = BRIEF.read_text("ascii").splitlines()
    assert len(lines) > 3000
    assert lines == sorted(set(lines))
    assert all(len(line) == 12 and int(line, 16) >= 0 for line in lines)
