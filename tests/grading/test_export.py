"""Grades for other programs."""

import csv
import io
import math

import pytest
from typer.testing import CliRunner

from mlcourse.cli import app
from mlcourse.grading.export import FORMATS, as_canvas, as_csv, as_moodle, write_export
from mlcourse.grading.marks import Gradesheet, Grading, Person


def sheet(*people, scores=None):
    everyone = people or (
        Person("ada", "Ada", "Byron", "ada@x.org", "17"),
        Person("bob"),
    )
    given = {"ada": (1.5, 3.0)} if scores is None else scores
    gradings = [
        Grading(student, "nb", cell, score, most, by_hand=cell == "b")
        for student, (one, two) in given.items()
        for cell, score, most in (("a", one, 2.0), ("b", two, 4.0))
    ]
    return Gradesheet(
        "ps1",
        {person.id: person for person in everyone},
        {("nb", "a"): 2.0, ("nb", "b"): 4.0},
        tuple(gradings),
        {("ada", "nb"): 0.25},
    )


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_items_totals_and_everyone():
    ada, bob = rows(as_csv(sheet()))
    assert (ada["nb/a"], ada["nb/b"], ada["score"]) == ("1.5", "3", "4.25")
    assert (ada["late_penalty"], ada["max_score"], ada["by_hand"]) == (
        "0.25",
        "6",
        "yes",
    )
    assert (bob["nb/a"], bob["score"]) == ("", "0")


def test_canvas_gets_its_columns_and_points_possible():
    text = as_canvas(sheet())
    assert text.splitlines()[0] == "Student,ID,SIS User ID,SIS Login ID,Section,ps1"
    assert text.splitlines()[1] == "    Points Possible,,,,,6"
    _, ada, bob = rows(text)
    assert (ada["Student"], ada["ID"], ada["SIS User ID"]) == (
        "Byron, Ada",
        "17",
        "ada",
    )
    assert ada["ps1"] == "4.25"
    assert (bob["Student"], bob["ps1"]) == ("bob", "")


def test_moodle_leaves_out_who_handed_in_nothing():
    (ada,) = rows(as_moodle(sheet()))
    assert ada["Username"] == "ada"
    assert ada["Email address"] == "ada@x.org"
    assert ada["ps1"] == "4.25"


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize(
    "name", ["=cmd()", "+1+1", "-2+3", "@SUM(A1)", "\t=x", " =x", "\uff1dx", "\r\n=x"]
)
def test_no_name_is_a_formula(to, name):
    person = Person("ada", name, name, name, name)
    text = FORMATS[to](sheet(person))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(tuple("=+-@\uff1d"))]
    assert any(name in cell for cell in cells)


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_refused_and_nothing_written(to, score, tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text("old")
    broken = sheet(scores={"ada": (score, 1.0)})
    with pytest.raises(ValueError, match="of ada == .*must be finite"):
        write_export(broken, path, to=to)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_names_of_all_languages_and_commas_stay_whole(tmp_path):
    person = Person("ada", "Zoë, “Z”", 'O"Neil\n李')
    path = write_export(sheet(person), tmp_path / "grades.csv", to="csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    (ada,) = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    assert (ada["first_name"], ada["last_name"]) == ("Zoë, “Z”", 'O"Neil\n李')


def test_a_penalty_never_makes_a_score_negative():
    (ada,) = rows(as_csv(sheet(Person("ada"), scores={"ada": (0.0, 0.0)})))
    assert ada["score"] == "0"


def test_wrong_formats_and_folders_are_told(tmp_path):
    with pytest.raises(ValueError, match="must be one of: csv, canvas, moodle"):
        write_export(sheet(), tmp_path / "x", to="excel")
    with pytest.raises(ValueError, match="cannot be written"):
        write_export(sheet(), tmp_path / "no" / "x", to="csv")


def test_the_command_writes_a_file(course_folder, tmp_path):
    out = tmp_path / "grades.csv"
    words = ["grade", "export", "ps1", "--course", str(course_folder), "--to", "canvas"]
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert out.read_text().splitlines()[1] == "    Points Possible,,,,,15"
