"""The course's own glossary, and ways to change an entry of it."""

import pytest

from mlcourse.glossary.load import build, load, read
from mlcourse.paths import find_course

TERMS = find_course().glossary / "terms"


@pytest.fixture(scope="session")
def glossary():
    return load(TERMS)


@pytest.fixture(scope="session")
def written():
    """The entries as they are written, by slug."""
    return {entry.slug: entry for entry in read(TERMS).entries}


@pytest.fixture
def edited(written):
    """Return a glossary in which one entry has other fields."""

    def edit(slug, **fields):
        entry = written[slug].model_copy(update=fields)
        return build((written | {slug: entry}).values())

    return edit
