"""A learner's hour in a real JupyterLab in headless Chromium.

`mlcourse lab` opens a copy of the course; the cells run in the page, the cards are read
from it, and pictures for people are left in .artefacts/browser/.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import nbformat
import pytest
from browser.chromium import FLAGS, find

from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab
from mlcourse.checks import Ledger
from mlcourse.paths import Course, find_course

COURSE = find_course()
PICTURES = COURSE.root / ".artefacts" / "browser"
SECONDS = 1000.0  # Playwright counts in milliseconds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
]


@pytest.fixture
def course(tmp_path) -> Course:
    """A course folder as a learner has it, before the first start."""
    shutil.copytree(COURSE.labs, tmp_path / "labs")
    settings = tmp_path / "workbook" / ".jupyter"
    settings.mkdir(parents=True)
    # The page's own handle, and all cells drawn at once: for the test alone.
    (settings / "jupyter_server_config.json").write_text(
        json.dumps({"LabApp": {"expose_app_in_browser": True}})
    )
    tracker = settings / "lab/user-settings/@jupyterlab/notebook-extension"
    tracker.mkdir(parents=True)
    (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    return Course(tmp_path)


@contextmanager
def lab_running(course: Course, lab: str) -> Iterator[str]:
    """Run `mlcourse lab`, give its address, and see that nothing is left of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mlcourse.cli", "lab", lab, "--no-browser"],
        cwd=course.root,
        env=os.environ | {"MLCOURSE_HOME": str(course.root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    address = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "http://127.0.0.1" in line:
                address = line.split()[-1]
                break
        assert address, "no address was printed"
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=60)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(address).port)) != 0


@contextmanager
def page_of(address: str) -> Iterator["Page"]:  # noqa: F821
    from playwright.sync_api import sync_playwright

    browser_path = find()
    assert browser_path, "no Chromium: install it with `make browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120 * SECONDS)
        page.goto(address)
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.evaluate("async () => { await window.jupyterapp.restored }")
        page.wait_for_selector("text=/^mlcourse.* [|] Idle$/")
        yield page
        browser.close()


def execute(page, command: str, **options: object) -> None:
    page.evaluate(
        "([name, options]) => window.jupyterapp.commands.execute(name, options)",
        [command, options],
    )


def picture(page, name: str, *, of: str = "") -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    if of:
        page.locator(of).first.evaluate("e => e.scrollIntoView({block: 'center'})")
    page.screenshot(path=PICTURES / f"{name}.png")


def cards(page) -> list[str]:
    """Return the headlines of all cards, in order."""
    return page.locator(
        ".jp-OutputArea [role=status] > div:first-child"
    ).all_inner_texts()


def fill(course: Course, lab: str, code: dict[str, str] | None = None) -> None:
    """Write answers into the learner's copy: the reference ones, or those given."""
    reference = submission(read_lab(COURSE.solutions / lab))
    sources = {cell.id: cell.source for cell in reference.cells}
    path = course.workbook / lab / f"{lab}.ipynb"
    shutil.copytree(course.labs / lab, path.parent)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = (code or sources).get(cell.id, cell.source)
    nbformat.write(notebook, path)


def test_lab_06_runs_from_top_to_bottom_and_shows_its_cards(course):
    lab = "06_rest_service"
    fill(course, lab)
    tests = read_lab(COURSE.solutions / lab).of("test")
    with lab_running(course, "06") as address, page_of(address) as page:
        execute(page, "notebook:run-all-cells")
        assert page.locator(".jp-OutputArea [data-mime-type*=error]").count() == 0
        assert page.locator("[data-mime-type*=stderr]").count() == 0
        passed = [text for text in cards(page) if text.startswith("Passed: ")]
        assert [text.split()[1] for text in passed] == [test.name for test in tests]
        assert page.locator(".jp-OutputArea img").count() >= 2
        picture(page, "lab-06-top")
        picture(page, "lab-06-latency", of=".jp-OutputArea img >> nth=0")
        picture(page, "lab-06-throughput", of=".jp-OutputArea img >> nth=-1")
        picture(page, "lab-06-card", of="text=Passed: load_model")
        execute(page, "apputils:change-theme", theme="JupyterLab Dark")
        page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
        picture(page, "lab-06-dark", of="text=Passed: load_model")
    events = Ledger(course.workbook / "ledger.jsonl").events()
    checked = {event["task"] for event in events if event["event"] == "check"}
    assert checked == {test.name for test in tests}


def test_a_failed_check_is_kind_and_offers_a_hint(course):
    lab = "00_preflight"
    counted = (
        "def slow_share(times_ms, limit_ms):\n"
        "    return sum(t > limit_ms for t in times_ms)"
    )
    fill(course, lab, {"slow_share": counted})
    with lab_running(course, "00") as address, page_of(address) as page:
        execute(page, "notebook:run-all-cells")
        page.wait_for_selector("text=Not yet: slow_share (0 of 1 point)")
        page.wait_for_selector("[role=status] >> text=checks.slow_share.hint()")
        picture(page, "failed-check", of="text=Not yet: slow_share")
        assert page.locator("text=Formgrader").count() == 0


def test_an_untouched_lab_shows_no_red_no_grader_tools_and_leads_to_terms(course):
    with lab_running(course, "06") as address, page_of(address) as page:
        assert page.locator("text=Nbgrader").count() == 0
        assert page.locator("text=Create Assignment").count() == 0
        execute(page, "notebook:run-all-cells")
        assert page.locator(".jp-OutputArea [data-mime-type*=error]").count() == 0
        heads = cards(page)
        assert any(text.startswith("Not attempted: ") for text in heads)
        assert not any(text.startswith(("Not yet", "Your code")) for text in heads)
        picture(page, "untouched", of="text=Not attempted:")
        term = page.get_by_role("link", name="model artifact", exact=True)
        assert len(term.get_attribute("title").split()) >= 8
        term.click()
        heading = page.locator(".jp-MarkdownViewer h3").get_by_text("model artifact")
        heading.wait_for()
        page.wait_for_function(
            "e => { const box = e.getBoundingClientRect();"
            " return box.top >= 0 && box.top < window.innerHeight }",
            arg=heading.element_handle(),
        )
        picture(page, "glossary")


@pytest.mark.sandbox
def test_a_notebook_runs_in_the_sandbox_by_its_kernel_s_name(course):
    lab = "00_preflight"
    fill(course, lab)
    path = course.workbook / lab / f"{lab}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = {
        "name": "mlcourse-sandbox",
        "display_name": "mlcourse (sandbox)",
        "language": "python",
    }
    see = "import os, pathlib\nos.getcwd(), pathlib.Path('/sandbox/kept').exists()"
    keep = "pathlib.Path('/sandbox/kept').touch()"
    notebook.cells += [nbformat.v4.new_code_cell(code) for code in (see, keep)]
    nbformat.write(notebook, path)
    here = "text=('/sandbox/work', False)"
    with lab_running(course, "00") as address, page_of(address) as page:
        execute(page, "notebook:run-all-cells")
        page.wait_for_selector("text=Passed: slow_share")
        page.wait_for_selector(here)
        picture(page, "sandbox", of=here)
        # What it wrote is gone with the kernel.
        execute(page, "notebook:clear-all-cell-outputs")
        page.wait_for_selector(here, state="detached")
        restarted = page.evaluate(
            "async () => { const app = window.jupyterapp;"
            " const panel = app.shell.currentWidget;"
            " await panel.sessionContext.session.kernel.restart(); return true }"
        )
        assert restarted
        execute(page, "notebook:run-all-cells")
        page.wait_for_selector(here)
