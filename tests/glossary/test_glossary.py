import subprocess
import sys

import pytest
import yaml

from mlcourse.glossary import find, slugs
from mlcourse.glossary.load import GlossaryError
from mlcourse.paths import Course


@pytest.fixture
def course(tmp_path, fields):
    terms = tmp_path / "glossary" / "terms"
    terms.mkdir(parents=True)
    (terms / "data-drift.yaml").write_text(yaml.safe_dump(fields), "utf-8")
    return Course(tmp_path)


def test_the_slugs_of_a_course_are_the_names_of_its_files(course):
    assert slugs(course) == {"data-drift"}


def test_a_course_without_a_glossary_has_no_slugs(tmp_path):
    assert slugs(Course(tmp_path)) == frozenset()


def test_a_term_of_a_course_is_found(course):
    assert [match.term for match in find(course, "Input Drift")] == ["data drift"]


def test_a_course_without_a_glossary_says_so(tmp_path):
    with pytest.raises(GlossaryError, match="glossary is not there yet"):
        find(Course(tmp_path), "drift")


def test_the_slugs_cost_no_third_party_import():
    code = (
        "import sys, mlcourse.glossary; "
        "print({'pydantic', 'yaml', 'rapidfuzz'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
