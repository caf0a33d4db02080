import hashlib
import sqlite3

import httpx
import nbformat
import pytest
from browser.formgrader import TOKEN, grade, nbgrader, serving

from mlcourse.authoring.notebook import submission
from mlcourse.authoring.rubric import Rubric, ShowRubrics, read_rubrics
from mlcourse.authoring.source import read_lab
from mlcourse.errors import BuildError

LAB = "01_double"
CRITERION = "says what was doubled"
MODEL = "twice what the counters show"


@pytest.fixture
def solutions(built):
    return built.solutions / LAB / f"{LAB}.ipynb"


def page(course, lab=LAB, **more):
    """Return a learner's notebook as the exporter would get it after our step."""
    notebook = submission(read_lab(course.solutions / lab), {"memo": "Mine."})
    step = ShowRubrics()
    step.config.CourseDirectory.root = str(course.root)
    step.config.CourseDirectory.source_directory = "solutions"
    return step.preprocess(notebook, more)[0]


def of_formgrader(lab=LAB):
    return {"submission_id": "1", "assignment_id": lab, "notebook_id": lab}


def state(course):
    """Return what grading has written: each graded file, each row of the gradebook."""
    graded = course.grading / "autograded"
    files = {
        str(path.relative_to(graded)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in graded.rglob("*")
        if path.is_file()
    }
    with sqlite3.connect(course.grading / "gradebook.db") as database:
        return files, list(database.iterdump())


def test_a_rubric_comes_with_the_model_answer(solutions):
    rubrics = read_rubrics(solutions)

    assert set(rubrics) == {"memo", "why"}
    assert CRITERION in rubrics["memo"].text
    assert MODEL in rubrics["memo"].answer
    assert "SOLUTION" not in rubrics["memo"].answer


def test_several_rubrics_of_one_answer_are_one_panel(solutions):
    notebook = nbformat.read(solutions, as_version=4)
    more = nbformat.v4.new_markdown_cell(
        "More.", metadata={"mlcourse": {"rubric": "why"}}
    )
    notebook.cells.append(more)
    nbformat.write(notebook, solutions)

    assert read_rubrics(solutions)["why"].text.endswith("both ends.\n\nMore.")


def test_the_panel_stands_right_above_its_answer(built):
    cells = page(built, **of_formgrader()).cells

    for name in ("memo", "why"):
        place = next(n for n, cell in enumerate(cells) if cell.id == name)
        above = cells[place - 1]
        assert f'data-rubric="{name}"' in above.source
        assert "nbgrader" not in above.metadata
    assert sum("data-rubric" in cell.source for cell in cells) == 2


def test_a_page_that_is_not_formgraders_stays_as_it_is(built):
    assert "data-rubric" not in str(page(built))


def test_a_rubric_without_a_model_answer_has_no_fold():
    assert "<details>" not in Rubric("memo", "One point.").as_markdown()


def test_a_lab_whose_solutions_are_gone_is_graded_without_rubrics(built, solutions):
    solutions.write_text("no notebook")
    with pytest.raises(BuildError, match="is not a notebook"):
        read_rubrics(solutions)

    assert "data-rubric" not in str(page(built, **of_formgrader()))
    solutions.unlink()
    assert "data-rubric" not in str(page(built, **of_formgrader()))


@pytest.mark.slow
def test_formgrader_shows_rubrics_and_learners_never_get_them(built, tmp_path):
    mine = {"memo": "# Mine\n\nOver 8 units.", "why": "Both ends moved."}
    notebook = submission(read_lab(built.solutions / LAB), mine)
    identity = grade(built, LAB, notebook)
    before = state(built)

    with serving(built, tmp_path / "settings") as address:
        path = f"{address}/formgrader/submissions/{identity}/"
        answer = httpx.get(path, params={"token": TOKEN}, follow_redirects=True)
        answer.raise_for_status()

    shown = answer.text
    memo, own = shown.index('data-rubric="memo"'), shown.index("Over 8 units.")
    assert memo < shown.index(CRITERION) < own
    assert shown.index(MODEL) < own
    assert shown.index('data-rubric="why"') < shown.index("Both ends moved.")
    assert "<td>says what was doubled</td>" in shown
    assert state(built) == before

    nbgrader(built, "generate_feedback", LAB)
    feedback = built.grading / "feedback" / "mira" / LAB / f"{LAB}.html"
    places = [feedback, *(built.labs / LAB).iterdir()]
    places += (built.grading / "autograded").rglob("*.ipynb")
    for place in places:
        text = place.read_text(encoding="utf-8")
        assert CRITERION not in text, place
        assert "data-rubric" not in text, place
        assert MODEL not in text, place
