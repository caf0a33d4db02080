import pickle
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcourse.writing import OVERCLAIMS, Brief, Number

CRITERIA = {
    "sections",
    "length",
    "numbers",
    "intervals",
    "unsupported",
    "terms",
    "jargon",
    "reading",
    "claims",
}
LONG_WORDS = (
    "Notwithstanding considerable organisational heterogeneity, interdepartmental "
    "collaboration substantially facilitated comprehensive reconciliation of "
    "methodological incompatibilities throughout experimental implementation phases, "
    "necessitating additional retrospective investigation of the documentation "
    "infrastructure underlying contemporary operational responsibilities, and "
    "considerable supplementary administrative deliberation. "
)
COMMON = ["we", "saw", "the", "page", "and", "told", "a", "friend", "on", "one", "day"]


def test_a_good_memo_earns_everything(brief, good, values):
    review = brief.review(good, values=values)
    assert review.findings == ()
    assert review.score == 1.0
    assert set(review.by_criterion) == CRITERIA
    assert set(review.by_criterion.values()) == {1.0}


@pytest.mark.parametrize(
    ("old", "new", "criterion", "share"),
    [
        ("## Errors", "**Errors**", "sections", 3 / 4),
        ("## Speed", "## The end", "sections", 3 / 4),
        ("12.3 ms", "12.3 seconds", "numbers", 2 / 3),
        ("6.2 ms", "a moment", "numbers", 2 / 3),
        (" (95 % interval: 0.9 % to 1.8 %)", "", "intervals", 0),
        ("0.9 % to 1.8 %", "0.9 % to 2.8 %", "intervals", 0),
        ("busy day", "busy day of 45 ms", "unsupported", 2 / 3),
        ("an idempotency key", "a mark", "terms", 2 / 3),
        ("Set a timeout", "Stop", "terms", 2 / 3),
        ("with each call. A", "with each payload. A", "jargon", 2 / 3),
        ("do not guarantee", "guarantee", "claims", 2 / 3),
    ],
)
def test_a_fault_costs_the_criterion_concerned_and_no_other(
    brief, good, values, old, new, criterion, share
):
    assert good.count(old) == 1
    review = brief.review(good.replace(old, new), values=values)
    lost = {name: part for name, part in review.by_criterion.items() if part < 1}
    assert lost == {criterion: pytest.approx(share)}
    assert review.score < 1
    assert {finding.criterion for finding in review.findings} == {criterion}
    assert all(finding.share == lost[criterion] for finding in review.findings)


def test_a_long_memo_loses_length_only(brief, good, values):
    rng = random.Random(5)
    more = [" ".join(rng.choices(COMMON, k=9)).capitalize() + ".\n" for _ in range(40)]
    review = brief.review(good + "".join(more), values=values)
    assert [k for k, share in review.by_criterion.items() if share < 1] == ["length"]


def test_hard_sentences_lose_the_reading_level_only(brief, good, values):
    hard = good.replace("Keep it out of your code.", LONG_WORDS)
    review = brief.review(hard, values=values)
    assert [k for k, share in review.by_criterion.items() if share < 1] == ["reading"]
    assert review.findings[0].quote.startswith("Notwithstanding")


def test_a_short_memo_loses_length_and_what_it_leaves_out(brief, good, values):
    cut = good[: good.index("## Speed")]
    review = brief.review(cut, values=values)
    lost = {name for name, share in review.by_criterion.items() if share < 1}
    assert lost == {"length", "sections", "numbers", "intervals", "terms"}


def test_weights_shift_the_score(good, values):
    claims_only = Brief(words=(1, 9), weights={"claims": 9.0})
    review = claims_only.review("It always works. " + "word " * 30)
    length, claims = review.by_criterion.values()
    assert review.score == pytest.approx((length + 9 * claims) / 10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "Write here.",
        "TODO",
        "# Access\n\n# Making a call\n\n# Errors\n\n# Speed",
        "## Access\n\nWrite here.\n\n## Errors\n\nWrite here.",
        "```\np95 is 12.3 ms, retry the timeout with an idempotency key\n```",
        "Write a guide for the team that builds the member page. Say how fast.",
        "Lorem ipsum dolor sit amet.",
    ],
)
def test_an_untouched_memo_earns_nothing_and_says_why(brief, values, text):
    review = brief.review(text, values=values)
    assert review.score == 0.0
    assert review.findings[0].criterion == "text"


@pytest.mark.parametrize(
    "text",
    [
        "Send an idempotency key and retry after a timeout: 6.2 ms, 12.3 ms. " * 40,
        "p95 12.3 ms 6.2 ms idempotency key retry timeout 1.3 % 0.9 % to 1.8 % " * 40,
        "## Access\n## Errors\n## Speed\n## Request\n" + "We retry each call. " * 90,
    ],
)
def test_the_same_words_again_and_again_earn_no_content(brief, values, text):
    review = brief.review(text, values=values)
    content = ("sections", "length", "numbers", "intervals", "terms")
    assert [review.by_criterion[name] for name in content] == [0] * 5
    assert review.score < 0.1
    assert "repeat others" in review.findings[0].message


def test_other_criteria_count_in_full_from_half_the_length():
    brief = Brief(words=(20, 50))
    text = "We saw it and told them so on the day"
    assert brief.review(text).by_criterion["claims"] == 1
    review = brief.review(text.removesuffix(" day"))
    assert review.by_criterion["claims"] == pytest.approx(0.9)
    assert "in full from 10 words" in review.findings[-1].message


def test_a_brief_without_length_still_gives_an_empty_memo_nothing():
    assert Brief().review("").score == 0.0
    assert Brief().review("Fine.").score < 0.1


def test_a_short_text_has_no_reading_level():
    review = Brief(words=(5, 50), max_grade=8).review("We saw no faults at all.")
    assert "reading" not in review.by_criterion
    assert review.grade is None


def test_a_score_exists_where_nothing_could_be_judged():
    assert Brief(overclaims={}, max_grade=8).review("Too short.").score == 0.0


def test_a_number_that_may_be_left_out_supports_but_is_not_asked():
    numbers = {"p95": Number("ms"), "limit": Number("ms", required=False)}
    brief = Brief(numbers=numbers, strict_units=("ms",))
    text = "The p95 is 12.3 ms, and the limit is 500 ms."
    values = {"p95": 12.3456, "limit": 500}
    assert brief.review(text, values=values).by_criterion["unsupported"] > 0
    assert not [f for f in brief.review(text, values=values).findings if f.quote]
    assert brief.review("It is 12.3 ms.", values=values).by_criterion["numbers"] == 1


def test_findings_come_in_the_order_of_the_criteria(brief, values):
    review = brief.review(
        "The payload always arrives, and it took 45 ms.", values=values
    )
    order = [finding.criterion for finding in review.findings]
    ranks = [list(review.by_criterion).index(name) for name in order]
    assert ranks == sorted(ranks)


def test_a_review_is_the_same_twice_and_survives_pickling(brief, good, values):
    first = brief.review(good[:900], values=values)
    assert first == brief.review(good[:900], values=values)
    assert pickle.loads(pickle.dumps(first)) == first


@pytest.mark.parametrize(
    "asked",
    [
        {"words": (0, 5)},
        {"words": (9, 5)},
        {"max_grade": 0},
        {"sections": ("",)},
        {"terms": ("...",)},
        {"terms": ("drift",), "avoid": {"drift": "say change"}},
        {"strict_units": ("ms",)},
        {"weights": {"style": 1.0}},
        {"weights": {"claims": 0.0}},
        {"overclaims": {}},
    ],
)
def test_a_brief_that_cannot_be_met_is_refused(asked):
    with pytest.raises(ValueError, match=r"must be|remove|add some|give it"):
        Brief(**asked)


@pytest.mark.parametrize("name", ["sections", "terms", "strict_units", "given"])
def test_one_text_in_place_of_a_tuple_is_refused(name):
    with pytest.raises(TypeError, match="must be a tuple"):
        Brief(**{name: "Errors"})


def test_what_is_not_text_is_refused(brief, values):
    with pytest.raises(TypeError, match="must be a str"):
        brief.review(None, values=values)


def test_a_missing_value_is_an_error_of_the_lab(brief, good, values):
    with pytest.raises(ValueError, match="p95"):
        brief.review(good, values=values | {"p95": float("nan")})
    with pytest.raises(ValueError, match="p50"):
        brief.review(good)


def test_the_default_claims_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        OVERCLAIMS["new"] = "x"


markup = st.text(
    alphabet=string.printable + "–±€\u202f\ufffc\x00\u2028é日", max_size=400
)
pieces = st.lists(
    st.sampled_from(
        ["# Errors\n", "12.3 ms ", "p95 ", "1e", "±", "- ", "> ", "|a|b|\n|--|--|\n"]
        + ["```\n", "`", "**", "not ", "always ", '"', "1,234.5", "e.g. ", "\n\n", "% "]
        + ["---\n", "<b>", "[x](", "\ud800", "to 3.4 % ", "idempotency key ", "'"]
    ),
    max_size=60,
).map("".join)


@given(text=st.one_of(st.text(), markup, pieces))
@settings(max_examples=300, deadline=None)
def test_any_text_has_a_review_that_can_be_shown(text):
    brief = Brief(
        sections=("Errors",),
        words=(10, 100),
        numbers={"p95": Number("ms"), "rate": Number("%", interval=True)},
        strict_units=("ms", "%"),
        terms=("idempotency key",),
        avoid={"p95": "say nine calls in ten"},
        max_grade=10,
    )
    review = brief.review(text, values={"p95": 12.3456, "rate": (1.2, 2.3, 3.4)})
    assert 0.0 <= review.score <= 1.0
    assert all(0.0 <= share <= 1.0 for share in review.by_criterion.values())
    assert str(review).encode("utf-8")
    assert review._repr_html_().encode("utf-8")
    lines = text.count("\n") + text.count("\r") + 1
    assert all(f.line is None or 1 <= f.line <= lines for f in review.findings)
    if review.score < 1:
        assert review.findings
