import pytest

from mlcourse.writing.memo import read_memo
from mlcourse.writing.terms import jargon, terms

WANTED = ["idempotency key", "timeout"]


@pytest.mark.parametrize(
    "text",
    [
        "Send an idempotency key with every call, so that a timeout does no harm.",
        "Idempotency-Keys make it safe to ask again. Time-outs end a call after 2 s.",
        "- We keep each idempotency key for a day.\n- A **timeout** ends a slow call.",
    ],
)
def test_terms_used_in_sentences_count(text):
    assert (
        terms(read_memo(text), ["idempotency key", ("timeout", "time out")]).share == 1
    )


@pytest.mark.parametrize(
    "text",
    [
        "We use idempotency key, timeout, retry.",  # a list of terms
        "Idempotency key. Timeout.",
        "# Idempotency key and timeout of the calls that you send\n\nNothing.",
        "Here is what `idempotency key` and `timeout` are for the calls you send.",
        "```\nsend an idempotency key with every call and mind the timeout\n```",
        "| idempotency key | timeout |\n|---|---|\n| a key of yours | a limit |",
        "lorem ipsum with an idempotency key and a timeout for the calls you send",
    ],
)
def test_terms_in_lists_headings_code_and_tables_do_not_count(text):
    verdict = terms(read_memo(text), WANTED)
    assert verdict.share == 0
    assert len(verdict.faults) == 2


@pytest.mark.parametrize("name", ["`new_device`", "new_device", "**new_device**"])
def test_a_name_in_code_counts_with_and_without_backticks(name):
    memo = read_memo(f"The share of {name} has risen since the release of the app.")
    assert terms(memo, ["new_device"]).share == 1


@pytest.mark.parametrize(
    "text",
    ["`new_device`, `device`.", "See:\n\n```\nthe share of new_device has risen\n```"],
)
def test_a_name_in_a_list_or_a_block_of_code_does_not_count(text):
    assert terms(read_memo(text), ["new_device"]).share == 0


def test_a_term_in_the_wrong_place_is_told_apart_from_one_not_used():
    memo = read_memo("Fine text.\n\n## The timeout\n\nMore text.")
    first, second = terms(memo, WANTED).faults
    assert first.message.startswith('"idempotency key" is not used.')
    assert "does not count" in second.message
    assert second.line == 3


def test_terms_give_partial_credit():
    memo = read_memo("A timeout ends a call that is slow.")
    assert terms(memo, WANTED).share == 0.5


def test_copied_sentences_do_not_use_a_term():
    task = "Explain to the team how the idempotency key makes a retry safe."
    assert terms(read_memo(task, given=[task]), ["idempotency key"]).share == 0


def test_jargon_is_named_with_its_line_and_what_to_say_instead():
    memo = read_memo("It went well.\n\nThe lift has a\nP-value of 0.03.")
    verdict = jargon(memo, {"p-value": "say how often luck does this"})
    (fault,) = verdict.faults
    assert verdict.share == 0
    assert (fault.line, fault.quote) == (4, "P-value")
    assert "say how often luck does this" in fault.message


def test_each_word_of_jargon_takes_a_third():
    avoid = dict.fromkeys(["alpha", "beta", "gamma", "delta"], "use a plain word")
    shares = [
        jargon(read_memo(text), avoid).share
        for text in ("fine", "alpha, alpha", "alpha beta", "alpha beta gamma delta")
    ]
    assert shares == pytest.approx([1, 2 / 3, 1 / 3, 0])


def test_jargon_in_code_is_let_through():
    assert jargon(read_memo("Call `p-value` now."), {"p-value": "x"}).share == 1
