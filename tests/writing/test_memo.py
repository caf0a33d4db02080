import pytest

from mlcourse.writing.memo import read_memo

PARAGRAPH = (
    "The service answers nine in ten calls within a tenth of a second. It keeps "
    "the model in memory, and it reads no file while a member waits for an answer."
)


def test_words_of_code_and_headings_do_not_count():
    memo = read_memo("# Three words here\n\nTwo `code span` words.\n\n```\na b c\n```")
    assert (memo.length, memo.own_length) == (2, 2)


def test_plain_text_is_the_writers_own():
    memo = read_memo(PARAGRAPH)
    assert memo.own_length == memo.length == 31
    assert not memo.copied


@pytest.mark.parametrize("joint", [" ", "\n\n", "\n- ", "\n\n## More\n\n"])
def test_a_text_pasted_many_times_counts_once(joint):
    memo = read_memo(joint.join([PARAGRAPH] * 8))
    assert memo.own_length <= 31
    assert memo.copied


def test_words_repeated_without_full_stops_count_once():
    memo = read_memo("p95 12.3 ms idempotency key retry timeout " * 60)
    assert memo.own_length < 10
    assert memo.copied


def test_half_of_the_words_must_be_the_writers_own():
    task = "one two three four five six seven eight nine ten"
    assert read_memo(f"{task}\n\na b c d e f g h i j", given=[task]).copied
    assert not read_memo(f"{task}\n\na b c d e f g h i j k", given=[task]).copied


def test_what_was_handed_out_is_not_the_writers_own():
    memo = read_memo(f"{PARAGRAPH}\n\nWe add one thing.", given=(PARAGRAPH,))
    assert memo.own_length == 4
    assert memo.copied


def test_a_few_words_in_common_with_the_task_stay_the_writers_own():
    memo = read_memo(PARAGRAPH, given=("Say how the service answers nine calls.",))
    assert memo.own_length == 31


@pytest.mark.parametrize(
    "stub",
    [
        "Write here.",
        "*Write your answer here.*",
        "Your answer here",
        "YOUR ANSWER HERE",
        "TODO",
        "To do.",
        "TBD",
        "...",
        "xxx",
        "[your text]",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "# A heading alone",
        "```\ncode alone\n```",
        "<!-- a comment -->",
        "",
        " \n\t\n",
    ],
)
def test_a_placeholder_is_nobodys_own(stub):
    memo = read_memo(stub)
    assert memo.own_length == 0
    assert memo.copied


@pytest.mark.parametrize(
    "text",
    [
        "Write here when a call fails.",
        "To do this, call twice.",
        "Add text to the log.",
    ],
)
def test_a_sentence_that_begins_like_a_placeholder_counts(text):
    assert read_memo(text).own_length == len(text.split())


def test_sections_hold_their_subsections_and_the_title_is_none():
    text = "# Title\n\na\n\n## One\n\nb c\n\n### Deep\n\nd e f\n\n## Two\n\ng\n"
    sections = [(head.text, words) for head, words in read_memo(text).sections()]
    assert sections == [("One", 5), ("Deep", 3), ("Two", 1)]


def test_equal_top_headings_are_sections():
    sections = [head.text for head, _ in read_memo("# A\n\nx\n\n# B\n\ny").sections()]
    assert sections == ["A", "B"]


def test_a_lone_heading_is_a_section():
    assert [head.text for head, _ in read_memo("# A\n\nx").sections()] == ["A"]


def test_cells_of_a_row_stand_together():
    memo = read_memo("| a | b |\n|---|---|\n| 1 | 2 |\n\nOne. Two.")
    assert [[p.text for p in group] for group in memo.places()] == [
        ["a", "b"],
        ["1", "2"],
        ["One."],
        ["Two."],
    ]


def test_a_surrogate_does_not_reach_the_page():
    memo = read_memo("bad \ud800 character")
    assert memo.passages[0].text.encode("utf-8") == b"bad ? character"
