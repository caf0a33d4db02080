import json

import pytest

from mlcourse.errors import LabNotFoundError
from mlcourse.flashcards.vocabulary import lab_terms, lab_uses
from mlcourse.paths import Course


def release(course, name, **terms):
    folder = course.labs / name
    folder.mkdir(parents=True)
    notebook = {"metadata": {"mlcourse": {"terms": terms} if terms else {}}}
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook))


@pytest.fixture
def course(tmp_path):
    course = Course(tmp_path)
    release(course, "01_a", defines=["recall"], requires=["psi", "recall"])
    release(course, "02_b", defines=["psi", "lift"], requires=[])
    release(course, "03_c")
    return course


def test_a_lab_has_the_terms_that_it_defines_and_those_that_it_requires(course):
    assert lab_terms(course, ["1"]) == ("recall", "psi")


def test_terms_of_several_labs_come_once(course):
    assert lab_terms(course, ["b", "01_a"]) == ("psi", "lift", "recall")


def test_a_term_knows_the_labs_that_use_it(course):
    assert lab_uses(course) == {
        "recall": ["01_a"],
        "psi": ["01_a", "02_b"],
        "lift": ["02_b"],
    }


@pytest.mark.parametrize("lab", ["03", "77"])
def test_a_lab_without_terms_or_of_no_name_is_refused(course, lab):
    with pytest.raises(LabNotFoundError, match=f"lab == '{lab}'"):
        lab_terms(course, [lab])


def test_a_lab_that_is_not_built_says_how(course):
    (course.solutions / "04_d").mkdir(parents=True)
    with pytest.raises(LabNotFoundError, match="mlcourse dev build 04"):
        lab_terms(course, ["04"])
    assert "psi" in lab_uses(course)
