import re

import pytest
from markdown_it import MarkdownIt

from mlcourse.glossary.load import build
from mlcourse.glossary.markdown import anchors, escape
from mlcourse.glossary.pages import anchor, render

LABS = {"data-drift": ["32_psi", "12_data_drift"]}


@pytest.fixture
def pages(make_entry, plain_entry):
    glossary = build(
        [
            make_entry(),
            plain_entry("concept-drift"),
            plain_entry("a-b-testing", "A/B testing", category="ab-testing"),
            plain_entry("old", status="retired", related=["concept-drift"]),
            plain_entry("skew", id="slant", renamed_from=["slant"]),
        ]
    )
    return render(glossary, LABS)


def ids(page):
    """The ids that GitHub and JupyterLab both make of a page."""
    explicit = set(re.findall(r'<a id="([^"]+)"></a>', page))
    headings = {h.replace(" ", "-") for h in re.findall(r"^#+ (.+)$", page, re.M)}
    return explicit | {h for h in headings if re.fullmatch(r"[a-z0-9-]+", h)}


def test_there_is_a_page_for_each_category_in_use(pages):
    assert sorted(pages) == [
        "A-Z.md",
        "ab-testing.md",
        "by-category.md",
        "monitoring-and-reliability.md",
    ]


def test_every_link_between_the_pages_leads_to_an_anchor(pages):
    links = [
        (name, target or name, fragment)
        for name, page in pages.items()
        for target, fragment in re.findall(r"\]\(([\w-]+\.md)?#([^)]+)\)", page)
    ]
    assert len(links) >= 20
    for name, target, fragment in links:
        assert fragment in ids(pages[target]), (name, target, fragment)


def test_a_lab_can_link_to_every_term_and_to_former_slugs(pages):
    for slug in ("data-drift", "a-b-testing", "old", "skew", "slant"):
        page, fragment = anchor(slug).split("#")
        assert fragment in ids(pages[page])


def test_an_anchor_is_written_where_the_heading_does_not_make_it(plain_entry):
    assert anchors(plain_entry("data-drift")) == ""
    assert anchors(plain_entry("a-b", "A/B")) == '<a id="a-b"></a>\n'
    assert anchors(plain_entry("t5", "T5")) == '<a id="t5"></a>\n'
    renamed = plain_entry("skew", id="slant", renamed_from=["slant"])
    assert anchors(renamed) == '<a id="slant"></a>\n'


def test_letters_follow_the_alphabet_and_lead_to_their_terms(pages):
    letters = re.findall(r"^## (.+)$", pages["A-Z.md"], re.M)
    assert letters == ["A", "C", "D", "O", "S"]


def test_the_short_entry_says_what_a_reader_of_a_lab_needs(pages):
    page = pages["A-Z.md"]
    entry = page[page.index("### data drift") : page.index("## O")]
    for text in (
        "*noun, uncountable* · /ˈdeɪtə drɪft/",
        "A change over time in how the inputs of a model are spread",
        "**In plain words:** The customers we see today",
        "> We saw **data drift** in the basket-size field",
        "(stakeholder)",
        "[concept drift](#concept-drift)",
        "[12\\_data\\_drift](../12_data_drift/12_data_drift.ipynb), [32\\_psi]",
        "[Full entry](monitoring-and-reliability.md#data-drift)",
    ):
        assert text in entry
    assert "severe / gradual" not in entry


def test_the_full_entry_says_everything(pages):
    page = pages["monitoring-and-reliability.md"]
    entry = page[page.index("### data drift") : page.index("### old")]
    for text in (
        "Also: feature drift, input drift.",
        "Avoid: data derivation.",
        "US speakers also say",
        "severe / gradual / seasonal + data drift: *gradual data drift over",
        "[concept drift](#concept-drift): Data drift: the inputs moved.",
        "training serving skew: Skew is a mismatch",
        "Not: *We have a data drift.* But: *We have data drift.*",
        "es: *deriva*",
        "**Say it** to: product manager.",
        "Without: distribution, PSI, covariate, statistically.",
        "Visitors since Monday are younger",
        "Labs: [12",
    ):
        assert text in entry


def test_both_entries_of_a_pair_show_it(pages):
    page = pages["monitoring-and-reliability.md"]
    entry = page[page.index("### concept drift") : page.index("### data drift")]
    assert "[data drift](#data-drift): Data drift: the inputs moved." in entry


def test_a_retired_term_keeps_its_place_and_leads_on(pages):
    page = pages["A-Z.md"]
    entry = page[page.index("### old") : page.index("### skew")]
    assert "This term is retired" in entry
    assert "[concept drift](#concept-drift)" in entry
    assert "In plain words" not in entry


def test_the_index_by_category_leads_to_the_full_entries(pages):
    page = pages["by-category.md"]
    assert "- [A/B testing](ab-testing.md#a-b-testing): A change over time" in page
    assert page.index("## Monitoring and rel") < page.index("## A/B testing of models")


def test_the_same_glossary_gives_the_same_bytes(pages, make_entry, plain_entry):
    again = build([plain_entry("concept-drift"), make_entry()])
    once = build([make_entry(), plain_entry("concept-drift")])
    assert render(again, LABS) == render(once, LABS)


@pytest.mark.parametrize(
    "text",
    [
        "p_95 and q_95",
        "2 * 3 * 4",
        "from $5 to $9",
        "a < b > c & d &amp; e",
        "[field] | `x` ~y~ \\z",
    ],
)
def test_a_text_is_shown_as_it_is_written(text):
    import html

    shown = MarkdownIt("js-default").renderInline(escape(text))
    assert html.unescape(shown) == text
    assert "$" not in escape(text)
