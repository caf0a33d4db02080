import html
import re

from markdown_it import MarkdownIt

from mlcourse.flashcards.export.markdown import to_markdown, to_myst
from mlcourse.glossary.folding import fold


def test_the_page_holds_each_chosen_term_once(glossary):
    page = to_markdown(
        glossary, slugs=["data-drift", "canary-deployment"], title="Lab 12"
    )
    assert page.startswith("# Lab 12\n\n2 terms.\n")
    headings = re.findall(r"^##+ (.+)$", page, re.MULTILINE)
    assert headings == [
        "Model serving and deployment",
        "canary deployment",
        "Monitoring and reliability",
        "data drift",
    ]


def test_every_link_of_the_page_stays_on_it(glossary):
    page = to_markdown(glossary, categories=["monitoring-and-reliability"])
    shown = MarkdownIt().render(page)
    targets = set(re.findall(r'href="([^"]+)"', shown))
    headings = {h.replace(" ", "-") for h in re.findall(r"<h3>(.+?)</h3>", shown)}
    anchors = headings | set(re.findall(r'<a id="([^"]+)"', shown))
    assert targets
    assert {target.removeprefix("#") for target in targets} <= anchors


def test_a_term_of_another_category_is_named_without_a_link(glossary):
    page = to_markdown(glossary, slugs=["data-drift"])
    assert "](#concept-drift)" not in page
    assert "concept drift" in page


def test_texts_are_escaped(edited):
    changed = edited("recall", definition="True <b>positives</b> of_all *real* ones.")
    for page in (
        to_markdown(changed, slugs=["recall"]),
        to_myst(changed, slugs=["recall"]),
    ):
        assert r"\<b\>positives" in page
        assert r"\*real\*" in page


def test_the_myst_glossary_names_no_term_twice(glossary):
    body = to_myst(glossary).split("```{glossary}\n")[1].split("```")[0]
    lines = [html.unescape(line) for line in body.split("\n")]
    names = [fold(line) for line in lines if re.match(r"\S", line)]
    assert len(names) == len(set(names))
    assert {fold(entry.term) for entry in glossary.entries.values()} <= set(names)


def test_other_names_of_a_term_share_its_definition(glossary):
    page = to_myst(glossary, slugs=["population-stability-index"])
    assert re.search(r"^population stability index\nPSI\n  \w", page, re.MULTILINE)
