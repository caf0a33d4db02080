from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from mlcourse.authoring.terms import (
    collapse,
    drop_definitions,
    expand,
    find_uses,
    resolve,
)
from mlcourse.glossary.entry import Labels
from mlcourse.glossary.load import build, load

TERMS = Path(__file__).resolve().parents[1] / "toycourse" / "glossary" / "terms"


@pytest.fixture(scope="module")
def glossary():
    """The toy glossary, with names that are taken twice and a term that is retired."""
    entries = dict(load(TERMS).entries)
    mean = entries["mean"]

    def entry(slug, term, alt=(), **changes):
        labels = Labels(alt=alt, hidden=(f"{slug}x",), avoid=(f"no {slug}",))
        update = {"id": slug, "slug": slug, "term": term, "labels": labels, **changes}
        return mean.model_copy(update={"inflections": (), **update})

    return build(
        [
            *entries.values(),
            entry("model-regression", "regression (model)"),
            entry("batch", "batch", ["scatter"]),
            entry("category", "category", ["scatter", "span"]),
            entry("old", "old", status="retired"),
            entry("ab", "A/B test", definition='"a" \\ `b` $c | <d> &amp; é'),
        ]
    )


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("mean", "mean"),
        ("The Mean", "mean"),
        ("averages", "mean"),
        ("means", "mean"),
        ("model-regression", "model-regression"),
        ("regression", "model-regression"),
        ("regressions", "model-regression"),
        ("batches", "batch"),
        ("categories", "category"),
        ("A/B tests", "ab"),
    ],
)
def test_a_term_is_found_by_slug_by_name_and_by_plural(glossary, words, slug):
    assert resolve(words, glossary) == slug


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("meen", "unknown term 'meen', did you mean 'mean'"),
        ("meanx", "unknown term 'meanx', did you mean 'mean'"),
        ("no mean", "unknown term 'no mean', did you mean 'mean'"),
        ("old", "unknown term 'old', "),
        ("zebra", "unknown term 'zebra', write its entry in glossary/terms"),
        ("", "unknown term '', write {term}`data drift` or"),
        (
            "scatter",
            "'scatter' may be batch or category, write {term}`scatter <batch>`",
        ),
    ],
)
def test_words_that_name_no_term_or_two_are_refused(glossary, words, message):
    with pytest.raises(ValueError, match="term") as error:
        resolve(words, glossary)

    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "The {term}`mean` and the {term}`averages`.",
        "{term}`The middle\nof all <mean>`, {term}`ranges`",
        "| {term}`A/B tests` |\n|---|",
        "**{term}`mean`** and [a link](x.md#y) and [mean](../glossary/A-Z.md#mean)",
    ],
)
def test_roles_become_links_and_come_back_exactly(glossary, text):
    shown = expand(text, glossary)

    assert "{term}" not in shown
    assert shown.count("(../glossary/A-Z.md#") == shown.count("A-Z.md#")
    assert collapse(shown, glossary) == text


@pytest.mark.parametrize(
    "text",
    [
        "`{term}`",
        "`` {term}`mean` ``",
        "```\n{term}`mean`\n```",
        "> ~~~ text\n> {term}`mean`\n> ~~~",
        "```\n{term}`mean`, to the end",
        "<!-- {term}`mean` -->",
        "\\{term}`mean`",
    ],
)
def test_code_and_comments_are_left_alone(glossary, text):
    assert expand(text, glossary) == text
    assert list(find_uses(text)) == []
    link = text.replace("{term}`mean`", '[mean](../glossary/A-Z.md#mean "x")')
    if "\\" not in text:
        assert collapse(link, glossary) == link


def test_the_definition_is_shown_as_it_is_written(glossary):
    link = expand("{term}`A/B tests`", glossary)

    (paragraph,) = MarkdownIt("js-default").parse(link)[1:2]
    opening = paragraph.children[0]
    assert opening.attrs["title"] == glossary.entries["ab"].definition
    assert opening.attrs["href"] == "../glossary/A-Z.md#ab"
    assert not set("$`|\\") & set(link)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("One.\n\nThe {term}`meen`.", 2, "unknown term 'meen'"),
        (
            "{term}`the middle <average>`",
            0,
            "'average' is no slug, write {term}`the middle <mean>`",
        ),
        ("{term}`a [b] <mean>`", 0, "write {term}`data drift`"),
        ("{term} mean", 0, "write {term}`data drift`"),
    ],
)
def test_a_role_that_names_no_term_is_refused_with_its_line(
    glossary, text, line, message
):
    with pytest.raises(ValueError, match="term") as error:
        expand(text, glossary)

    assert message in error.value.args[0]
    assert error.value.args[1] == line


def test_a_link_that_a_role_cannot_say_otherwise_keeps_its_slug(glossary):
    link = '[scatter](../glossary/A-Z.md#batch "x") [gone](../glossary/A-Z.md#gone "x")'

    assert collapse(link, glossary) == "{term}`scatter <batch>` {term}`gone <gone>`"


def test_definitions_can_be_left_out(glossary):
    text = "The {term}`mean` and `{term}`."

    assert (
        drop_definitions(expand(text, glossary))
        == "The [mean](../glossary/A-Z.md#mean) and `{term}`."
    )
