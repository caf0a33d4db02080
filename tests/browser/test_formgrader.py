"""An instructor grades a written answer in formgrader in headless Chromium."""

import shutil

import pytest
from browser.chromium import FLAGS, find
from browser.formgrader import TOKEN, grade, hand_in, nbgrader, serving

from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab
from mlcourse.paths import Course, find_course

COURSE = find_course()
PICTURES = COURSE.root / ".artefacts" / "browser"
LAB = "06_rest_service"
SHORT = "00_preflight"
GUIDE = """# Churn service

Send `POST /predict/by-key` with a `member_id`. You get a probability. If there is an
error, try again. The API is fast: 95 of 100 calls take up to 86 ms (p95)."""

pytestmark = [pytest.mark.slow, pytest.mark.browser]


OURS = """
from mlcourse.grading.preprocessors import STEPS as OURS

c.Autograde.autograde_preprocessors = OURS
"""
HOSTILE = """import contextlib, os, pathlib

with contextlib.suppress(OSError):
    pathlib.Path({evidence!r}).write_text("No wall here.")
os._exit(0)"""


@pytest.fixture
def course(tmp_path):
    """The course as an instructor has it, with two labs."""
    for folder in (COURSE.solutions, COURSE.labs):
        for lab in (LAB, SHORT):
            shutil.copytree(folder / lab, tmp_path / "course" / folder.name / lab)
    shutil.copy(COURSE.root / "nbgrader_config.py", tmp_path / "course")
    return Course(tmp_path / "course")


def open_page(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    page.set_default_timeout(60_000)
    page.set_extra_http_headers({"Authorization": f"token {TOKEN}"})
    page.goto(address)
    return page


def test_the_rubric_is_read_and_points_are_given(course, tmp_path):
    from playwright.sync_api import sync_playwright

    notebook = submission(read_lab(COURSE.solutions / LAB), {"guide": GUIDE})
    identity = grade(course, LAB, notebook, "--no-execute")
    browser_path = find()
    assert browser_path, "no Chromium: install it with `make browser`"
    with (
        serving(course, tmp_path / "settings") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = open_page(browser, f"{address}/formgrader/submissions/{identity}/")
        rubric = page.locator('[data-rubric="guide"]')
        rubric.wait_for()
        assert rubric.locator("td").count() >= 16
        assert page.locator(".mlcourse-rubric").count() == 1
        assert not rubric.get_by_text("What it answers").is_visible()

        panel = page.locator(".nbgrader_cell", has=page.locator("#guide"))
        bottom = rubric.bounding_box()["y"] + rubric.bounding_box()["height"]
        assert 0 <= panel.bounding_box()["y"] - bottom < 60  # pixels
        assert page.evaluate(
            "document.documentElement.scrollWidth <= window.innerWidth"
        )

        PICTURES.mkdir(parents=True, exist_ok=True)
        rubric.evaluate(
            "e => window.scrollTo(0, scrollY + e.getBoundingClientRect().top - 70)"
        )
        page.screenshot(path=PICTURES / "formgrader-rubric.png")
        rubric.locator("summary").click()
        rubric.get_by_text("What it answers").wait_for()
        page.screenshot(path=PICTURES / "formgrader-model-answer.png")
        score = panel.locator("#guide")
        score.fill("1")
        with page.expect_response("**/formgrader/api/grade/*") as saved:
            score.press("Tab")
        assert saved.value.ok
        browser.close()


@pytest.mark.sandbox
def test_the_button_autograde_grades_in_our_sandbox(course, tmp_path):
    from playwright.sync_api import sync_playwright

    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(OURS)
    lab = read_lab(COURSE.solutions / SHORT)
    answer = lab.of("answer")[0].name
    evidence = tmp_path / "evidence"
    hand_in(course, SHORT, "mira", submission(lab))
    hostile = submission(lab, {answer: HOSTILE.format(evidence=str(evidence))})
    hand_in(course, SHORT, "noor", hostile)
    nbgrader(course, "generate_assignment", SHORT, "--create", "--force")
    with (
        serving(course, tmp_path / "settings") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = open_page(browser, f"{address}/formgrader/manage_submissions/{SHORT}")
        log = {}
        for student in ("mira", "noor"):
            row = page.locator("tr", has=page.get_by_text(student, exact=True))
            row.get_by_text("needs autograding").wait_for()
            row.locator(".autograde a").click()
            page.get_by_text("Successfully autograded").wait_for()
            log[student] = page.locator("#success-modal").inner_text()
            page.get_by_role("button", name="OK").click()
            page.locator("#success-modal").wait_for(state="detached")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "formgrader-autograde.png")
        rows = page.locator("tbody tr").all_inner_texts()
        browser.close()
    assert not evidence.exists()
    assert [row.split("\t")[1:5] for row in rows] == [
        ["mira", "None", "graded", "1 / 1"],
        ["noor", "None", "graded", "0 / 1"],
    ]
    assert all("00_preflight: namespaces" in text for text in log.values())
    assert "did not run to its end: exit" in log["noor"]
