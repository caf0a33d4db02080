"""The card: numbers come from the evaluation, and an auditor's questions are asked."""

import dataclasses
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from huggingface_hub import EvalResult, ModelCard, ModelCardData

from mlcourse.cards import (
    SECTIONS,
    Card,
    Estimate,
    describe_lineage,
    read_card,
    review_card,
    stray_figures,
    to_html,
    to_markdown,
    typed_figures,
    worst_of,
)
from mlcourse.registry import Lineage

PICTURES = Path(__file__).parents[2] / ".artefacts" / "cards"
NUMBERS = {
    "recall": Estimate(metric="recall", value=0.7214, low=0.69, high=0.75, n=812),
    "recall/young": Estimate(
        metric="recall", slice="age 18-24", value=0.5512, low=0.47, high=0.63, n=131
    ),
    "recall/old": Estimate(
        metric="recall", slice="age 65 and over", value=0.781, low=0.7, high=0.85, n=102
    ),
    "alarms/young": Estimate(
        metric="false alarm rate", slice="age 18-24", value=0.0213, n=5120
    ),
    "retention": Estimate(metric="retention", value=180, unit="days"),
    "cost": Estimate(metric="cost", value=1234.5, unit="€"),
}
WORST = NUMBERS["recall/young"]
TEXTS = {
    "details": "A logistic regression that the payments team made in spring, with its "
    "lineage below.",
    "use": "It ranks card payments for a second look by a person. It is not meant to "
    "refuse a payment by itself.",
    "factors": "Age band and region of the cardholder, and the device that was used "
    "to pay, since fraud differs between them.",
    "metrics": "Recall and false alarm rate at one threshold, each with a 95 % "
    "bootstrap interval that resamples payments.",
    "evaluation": "Payments of one later month, whose labels had time to arrive, "
    "drawn without any further selection.",
    "training": "Payments of the months before. The same columns and the same rules "
    "as in the evaluation data.",
    "analyses": "Overall, recall is {recall} ({recall:interval}, {recall:n} frauds).\n"
    "\n| slice | recall | cases |\n|---|---|---|\n"
    "| age 18-24 | {recall/young} | {recall/young:n} |\n"
    "| age 65 and over | {recall/old} | {recall/old:n} |\n\n"
    "The false alarm rate for age 18-24 is {alarms/young}.",
    "ethics": "Young people are stopped more often than they should be; a person "
    "looks at each of these payments. Retention is {retention}.",
    "caveats": "We do not know how it does for payments abroad, nor for accounts of "
    "companies. A mistake here has a cost of {cost}.",
}


def card(**changes):
    texts = {k: v.format_map(NUMBERS) for k, v in (TEXTS | changes).items()}
    return Card("Fraud score", texts)


def review(**changes):
    return review_card(card(**changes), NUMBERS, worst=WORST)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{recall}", "72.1 %"),
        ("{recall:value}", "72.1 %"),
        ("{recall:interval}", "69.0 to 75.0 %"),
        ("{recall/young:slice}", "age 18-24"),
        ("{alarms/young:n}", "5,120"),
        ("{retention}", "180 days"),
        ("{cost}", "1,234.50 €"),
    ],
)
def test_a_text_is_filled_by_the_key_of_a_number(template, text):
    assert template.format_map(NUMBERS) == text


@pytest.mark.parametrize("template", ["{cost:interval}", "{cost:n}", "{recall:slice}"])
def test_a_number_does_not_say_what_it_does_not_have(template):
    with pytest.raises(ValueError, match="must have it"):
        template.format_map(NUMBERS)


def test_a_number_that_nobody_measured_is_refused():
    with pytest.raises(KeyError):
        "{precision}".format_map(NUMBERS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": float("nan")}, "finite"),
        ({"low": 0.1}, "give both"),
        ({"low": 0.6, "high": 0.7}, "must lie in"),
    ],
)
def test_an_estimate_is_checked(change, words):
    with pytest.raises(ValueError, match=words):
        Estimate(**{"metric": "recall", "value": 0.5} | change)


def test_the_worst_slice_depends_on_what_is_good():
    assert worst_of(NUMBERS, "recall") == WORST
    best = worst_of(NUMBERS, "recall", higher_is_better=False)
    assert best.slice == "age 65 and over"
    with pytest.raises(ValueError, match="no slice"):
        worst_of(NUMBERS, "cost")


@pytest.mark.parametrize(
    "text",
    [
        "Recall is {recall}, with {recall:n} frauds and 95 % bootstrap intervals.",
        "Article 17 of Regulation 2016/679, as in Mitchell et al. 2019.",
        "Nine sections in 2026, and version 31.",
        "Two groups of 12, said `0.51`.",
    ],
)
def test_what_is_no_measurement_may_be_typed(text):
    assert typed_figures(text) == ()


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Recall is 72 %.", ("72 %",)),
        ("Recall is 0.72 on 812 frauds.", ("0.72", "812")),
        ("Kept for 180 days, {recall}, 5 %.", ("180 days", "5 %")),
        ("95 % of frauds are found.", ("95 %",)),
        ("| a | b |\n|---|---|\n| x | 3.5 |", ("3.5",)),
    ],
)
def test_typed_figures_are_found(text, figures):
    assert typed_figures(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "Recall is 72.1 % overall, and for age 18-24 recall is 55.1 %.",
        "Recall for age 18-24 lies between 47 and 63 %.",
        "Recall rests on 812 frauds.",
        "The retention is 180 days.",
        "| slice | recall |\n|---|---|\n| age 18-24 | 55.1 % |",
    ],
)
def test_a_figure_that_says_what_it_is_passes(text):
    assert list(stray_figures(text, NUMBERS)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Recall is 73.1 %.", '"73.1 %" is no number of the evaluation'),
        ("Precision is 72.1 %.", '"72.1 %" is recall, and the sentence'),
        ("Recall is 55.1 %.", '"55.1 %" is recall of age 18-24, and'),
        ("Recall for age 65 and over is 55.1 %.", '"55.1 %" is recall of age 18-24'),
        ("Recall for age 18-24 is 72.1 %.", '"72.1 %" is recall, and the sentence'),
        ("| slice | recall |\n|---|---|\n| age 65 and over | 55.1 % |", '"55.1 %" is'),
        ("It rests on 813 cases of recall.", '"813" is no number'),
    ],
)
def test_a_figure_that_says_something_else_is_found(text, fault):
    found = list(stray_figures(text, NUMBERS))
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_a_complete_card_is_clean():
    assert [str(fault) for fault in review(ethics=TEXTS["use"]).faults] == []
    assert review(ethics=TEXTS["use"]).is_clean


@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
def test_a_section_that_is_missing_or_empty_is_named(section):
    for text in ("", "To be done."):
        faults = review(**{section: text}).of("sections")
        headings = [fault.section for fault in faults]
        assert headings == [s.heading for s in SECTIONS if s.name == section]


def test_a_worst_slice_that_is_left_out_is_noticed():
    text = "Recall is {recall} overall, and {recall/old} for age 65 and over, we found."
    assert len(review(analyses=text).of("worst")) == 1
    named = text + " The weakest slice is age 18-24."
    assert len(review(analyses=named).of("worst")) == 1
    given = text + " For age 18-24, recall is {recall/young}."
    assert review(analyses=given).of("worst") == ()


@pytest.mark.parametrize(
    ("sentence", "faults"),
    [
        ("The model is accurate.", 1),
        ("Recall is worse than before for many people.", 1),
        ("Recall is worse than that for age 18-24: {recall/young}.", 0),
        ("We do not know whether it is accurate abroad.", 0),
        ("Reviewers must be accurate.", 0),
        ("It is used by a team of nine.", 0),
    ],
)
def test_a_claim_owes_a_number(sentence, faults):
    text = TEXTS["caveats"] + " " + sentence
    assert len(review(caveats=text).of("claims")) == faults


def test_the_review_shows_itself_without_running_html():
    shown = review(caveats="The score of <i>honest</i> & other people is 99.5 %.")
    assert "99.5 %" in str(shown)
    assert "<i>" not in shown._repr_html_()
    assert "The worst slice is named: nothing to mend" in str(shown)
    with pytest.raises(ValueError, match="must be one of"):
        shown.of("style")


def test_the_worst_must_be_a_slice():
    with pytest.raises(ValueError, match="must be the estimate of a slice"):
        review_card(card(), NUMBERS, worst=NUMBERS["recall"])


def test_a_card_goes_to_markdown_and_back():
    before = card()
    after = read_card(before.body, title=before.title)
    assert after == before
    assert before.missing == ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.title = "Other"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## Results\nGood.", "is no section"),
        ("## Factors\nOne.\n\n## factors\nTwo.", "stands there twice"),
    ],
)
def test_a_heading_that_no_card_has_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        read_card(text, title="Fraud score")
    with pytest.raises(ValueError, match="is no section"):
        Card("Fraud score", {"result": "Good."})


def test_hugging_face_reads_the_front_matter():
    results = [
        EvalResult(
            task_type="tabular-classification",
            dataset_type="simulated",
            dataset_name="Tidemark payments",
            dataset_config=estimate.slice or "all",
            metric_type="recall",
            metric_name="recall",
            metric_value=estimate.value,
        )
        for estimate in (NUMBERS["recall"], WORST)
    ]
    data = ModelCardData(
        model_name="Fraud score", tags=["tabular"], license="mit", eval_results=results
    )
    text = to_markdown(card(), data)
    back = ModelCard(text)
    values = sorted(result.metric_value for result in back.data.eval_results)
    assert values == [WORST.value, NUMBERS["recall"].value]
    assert back.data.license == "mit"
    assert "## Intended use" in back.text
    assert read_card(back.text, title="Fraud score") == card()


def test_the_lineage_is_said_with_its_gaps():
    lineage = Lineage(
        name="fraud",
        version=3,
        aliases=("champion",),
        run_id="0123456789abcdef",
        data_hash="",
        code_version="f" * 64,
        parameters={"C": "1.0"},
        metrics={},
        created=datetime(2026, 3, 2, tzinfo=UTC),
    )
    text = describe_lineage(lineage)
    assert "`fraud`, version 3" in text
    assert "- Training data: not recorded" in text
    assert "`0123456789ab`" in text
    assert typed_figures(text) == ()


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_page_is_marked_up_for_readers_and_machines():
    page = to_html(
        card(use="It ranks <b>payments</b> & more for the team of Tidemark.")
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / "card.html").write_text(page, encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    names = [tag for tag, _ in tags.seen]
    assert ("html", {"lang": "en"}) in tags.seen
    assert names.count("h1") == names.count("main") == names.count("title") == 1
    assert names.count("h2") == len(SECTIONS)
    assert {a.get("scope") for tag, a in tags.seen if tag == "th"} == {"col"}
    assert "b" not in names
    assert not {"script", "link", "img"} & set(names)
    assert "prefers-color-scheme: dark" in page
    assert all(a.get("tabindex") == "0" for _, a in tags.seen if a.get("role"))
