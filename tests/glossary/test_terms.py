"""The entries of the course themselves, judged by every rule."""

from pathlib import Path

from mlcourse.glossary.lint import lint_folder
from mlcourse.glossary.load import load
from mlcourse.glossary.pages import render

FOLDER = Path(__file__).parents[2] / "glossary"


def test_no_entry_breaks_a_rule():
    faults = [str(fault) for fault in lint_folder(FOLDER) if not fault.warning]
    assert not faults, "\n".join(["see: python -m mlcourse.glossary lint", *faults])


def test_every_term_stands_in_the_pages():
    glossary = load(FOLDER / "terms")
    pages = render(glossary, {})
    assert glossary.entries
    for entry in glossary.entries.values():
        assert pages["A-Z.md"].count(f"#{entry.slug})") >= 1
        assert f"{entry.category}.md" in pages
