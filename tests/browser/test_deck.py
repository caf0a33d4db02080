"""The deck in a real JupyterLab.

It stands apart from test_cards.py, whose Chromium stays open from test to test.
"""

import shutil

import nbformat
import pytest
from browser.test_cards import picture, press
from browser.test_jupyterlab import execute, lab_running, page_of

from mlcourse.paths import Course, find_course

COURSE = find_course()

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_a_card_is_answered_in_jupyterlab_and_the_notebook_opens_again(
    tmp_path, monkeypatch
):
    lab = "06_rest_service"
    monkeypatch.setenv("MLCOURSE_DATA", str(tmp_path / "data"))
    shutil.copytree(COURSE.labs / lab, tmp_path / "labs" / lab)
    shutil.copytree(COURSE.labs / lab, tmp_path / "workbook" / lab)
    shutil.copytree(COURSE.glossary, tmp_path / "glossary")
    settings = tmp_path / "workbook" / ".jupyter" / "jupyter_server_config.json"
    settings.parent.mkdir()
    settings.write_text('{"LabApp": {"expose_app_in_browser": true}}')
    path = tmp_path / "workbook" / lab / f"{lab}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cells = (
        "from mlcourse.flashcards import deck\ndeck('06')",
        "deck(terms=['latency'], mode='browse')",
    )
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, path)
    with lab_running(Course(tmp_path), "06") as address, page_of(address) as page:
        execute(page, "notebook:run-all-cells")
        page.locator(".mlcards-term").nth(1).wait_for()
        page.locator(".mlcards-card").first.click()
        press(page, "Space", "back")
        page.keyboard.press("x")  # would cut the cell in the notebook's command mode
        page.keyboard.press("3")
        page.get_by_text("1 done").wait_for()
        assert page.locator(".jp-Notebook .jp-Cell").count() == 2
        assert page.locator(".mlcards-asleep:visible").count() == 0
        picture(page, "jupyterlab")
        execute(page, "docmanager:save")
        page.evaluate(
            "async () => { const { sessions } = window.jupyterapp.serviceManager;"
            " for (const one of sessions.running()) await sessions.shutdown(one.id) }"
        )
        page.reload()
        page.locator(".mlcards-asleep:visible").nth(1).wait_for()
        page.get_by_text("Error displaying widget").nth(1).wait_for(state="attached")
        assert page.locator("text=Error displaying widget >> visible=true").count() == 0
        picture(page, "jupyterlab-reopened")
    (saved,) = (tmp_path / "data" / "reviews").glob("*.jsonl")
    assert saved.read_text().count('"kind":"review"') == 1
