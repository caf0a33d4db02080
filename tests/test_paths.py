import pytest

from mlcourse.errors import CourseNotFoundError, LabNotFoundError
from mlcourse.paths import Course, find_course, find_workbook


@pytest.fixture
def course(tmp_path):
    for name in ("00_preflight", "06_rest_service"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
    (tmp_path / "labs" / "06_rest_service").mkdir(parents=True)
    (tmp_path / "solutions" / "notes").mkdir()
    return Course(tmp_path)


def test_labs_are_listed_in_order_and_other_folders_left_out(course):
    assert course.lab_names() == ["00_preflight", "06_rest_service"]


@pytest.mark.parametrize(
    "word", ["6", "06", "rest_service", "06_rest_service", "06_rest_service/"]
)
def test_a_lab_is_found_by_number_slug_or_name(course, word):
    assert course.lab_name(word) == "06_rest_service"


@pytest.mark.parametrize("word", ["7", "rest", "", "notes"])
def test_an_unknown_lab_is_refused_with_the_known_ones(course, word):
    with pytest.raises(LabNotFoundError, match="00_preflight, 06_rest_service"):
        course.lab_name(word)


def test_the_course_is_found_from_below(course):
    inside = course.solutions / "06_rest_service"
    assert find_course(inside).root == course.root


def test_a_named_course_wins_and_must_be_one(course, tmp_path, monkeypatch):
    monkeypatch.setenv("MLCOURSE_HOME", str(tmp_path))
    assert find_course(tmp_path.parent).root == course.root
    monkeypatch.setenv("MLCOURSE_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(CourseNotFoundError, match="MLCOURSE_HOME"):
        find_course()


def test_a_workbook_is_known_by_its_ledger(tmp_path):
    lab = tmp_path / "workbook" / "06_rest_service"
    lab.mkdir(parents=True)
    assert find_workbook(lab) is None
    (tmp_path / "workbook" / "ledger.jsonl").touch()
    assert find_workbook(lab) == tmp_path / "workbook"
