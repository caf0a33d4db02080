import pytest

from mlcourse.writing.memo import read_memo
from mlcourse.writing.structure import length, reading, sections

BODY = "one two three four five six seven eight nine ten eleven twelve a b c"
EASY = "We saw no faults this week. The calls were fast. The team was glad. "
HARD = (
    "Notwithstanding considerable organisational heterogeneity, interdepartmental "
    "collaboration substantially facilitated comprehensive reconciliation of "
    "methodological incompatibilities throughout experimental implementation phases, "
    "necessitating additional retrospective investigation of the documentation "
    "infrastructure underlying contemporary operational responsibilities."
)


@pytest.mark.parametrize(
    "heading",
    ["# Errors", "## ERRORS", "#### What errors mean", "Errors\n---", "## **Errors**"],
)
def test_a_heading_of_any_level_and_case_is_found(heading):
    verdict = sections(read_memo(f"{heading}\n\n{BODY}"), ["Errors"])
    assert verdict == (1.0, ())


def test_any_of_the_alternatives_will_do():
    memo = read_memo(f"## Error-handling\n\n{BODY}")
    assert sections(memo, [("Failures", "Error handling")]).share == 1


@pytest.mark.parametrize("text", [f"**Errors**\n\n{BODY}", f"Errors\n\n{BODY}", ""])
def test_a_missing_section_is_named(text):
    verdict = sections(read_memo(text), ["Errors"])
    assert verdict.share == 0
    assert 'no section "Errors"' in verdict.faults[0].message


def test_sections_give_partial_credit():
    text = f"## Errors\n\n{BODY}\n\n## Limits\n\n{EASY} {EASY}"
    verdict = sections(read_memo(text), ["Errors", "Limits", "Access", "Owner"])
    assert verdict.share == pytest.approx((1 + 14 / 15) / 4)
    assert len(verdict.faults) == 3


def test_a_heading_without_text_is_named_with_its_line():
    verdict = sections(
        read_memo("# T\n\nx\n\n## Errors\n\nonly three words"), ["Errors"]
    )
    assert verdict.share == pytest.approx(3 / 15)
    (fault,) = verdict.faults
    assert (fault.line, fault.quote) == (5, "Errors")
    assert "at least 15" in fault.message


def test_one_heading_for_two_sections_needs_twice_the_words():
    memo = read_memo(f"## Errors and limits\n\n{BODY}")
    verdict = sections(memo, ["Errors", "Limits"])
    assert verdict.share == 0.5
    assert "at least 30" in verdict.faults[0].message


def test_the_fullest_of_two_matching_headings_counts():
    memo = read_memo(f"## Errors\n\nx\n\n## Errors again\n\n{BODY}")
    assert sections(memo, ["Errors"]).share == 1


def test_a_missing_section_goes_by_its_first_name():
    verdict = sections(read_memo("x"), [("Errors", "Failures")])
    assert 'no section "Errors"' in verdict.faults[0].message


def test_code_below_a_heading_does_not_fill_a_section():
    memo = read_memo(f"## Errors\n\n```\n{BODY}\n```")
    assert sections(memo, ["Errors"]).share == 0


def test_a_table_fills_a_section():
    rows = "".join(f"| {i}00 | the field number {i} is wrong |\n" for i in range(3, 7))
    memo = read_memo(f"## Errors\n\n| code | meaning |\n|---|---|\n{rows}")
    assert sections(memo, ["Errors"]).share == 1


@pytest.mark.parametrize(
    ("words", "share"), [((15, 20), 1), ((10, 15), 1), ((30, 40), 0.5), ((2, 10), 0.5)]
)
def test_length_earns_its_part(words, share):
    verdict = length(read_memo(BODY), words)
    assert verdict.share == pytest.approx(share)
    assert bool(verdict.faults) == (share < 1)


def test_far_too_long_earns_nothing():
    assert length(read_memo(BODY), (1, 5)).share == 0


def test_easy_text_passes_the_reading_level():
    verdict, level = reading(read_memo(EASY * 3), 8)
    assert verdict == (1.0, ())
    assert level.grade < 4


def test_hard_text_names_the_heaviest_sentence_and_its_line():
    verdict, _ = reading(read_memo(f"{EASY}\n\n{EASY}\n\n{HARD}"), 4)
    (fault,) = verdict.faults
    assert verdict.share < 1
    assert fault.line == 5
    assert fault.quote.startswith("Notwithstanding")


def test_reading_level_falls_by_the_grade():
    memo = read_memo(EASY + HARD)
    _, level = reading(memo, 100)
    assert reading(memo, level.grade - 1)[0].share == pytest.approx(0.8)
    assert reading(memo, level.grade - 9)[0].share == 0


def test_a_short_text_has_no_reading_level():
    assert reading(read_memo("Too short."), 8) is None
