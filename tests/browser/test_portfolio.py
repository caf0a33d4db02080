"""A portfolio in headless Chromium: wide and narrow, light and dark, on paper."""

import base64
import io

import pytest
from browser.chromium import FLAGS, find

from mlcourse.cli.portfolio import (
    Chapter,
    Guess,
    LeftOut,
    Number,
    Picture,
    Piece,
    Portfolio,
)
from mlcourse.cli.portfolio_page import as_page
from mlcourse.paths import find_course

PICTURES = find_course().root / ".artefacts" / "browser"
TEXT = """# What the service can take

We measured one process on one laptop, with eight callers who each waited for an answer
before they asked again. **Half of the calls took up to 67 ms.**

| status | what to do |
|---|---|
| 422 | mend the request, do not send it again as it is |
| 503 | wait for the seconds in `Retry-After`, then try again |

![tracker](https://example.org/tracker.png) <script>document.title = "taken"</script>

averyveryverylongwordaveryveryverylongwordaveryveryverylongwordaveryveryverylongword
"""

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def drawing() -> Picture:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4))
    axes = figure.subplots()
    axes.plot([1, 2, 4, 8, 16, 32], [17, 27, 60, 113, 110, 108], marker="o")
    axes.set_xlabel("callers")
    axes.set_ylabel("requests per second")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    data = base64.b64encode(file.getvalue()).decode()
    return Picture(f"data:image/png;base64,{data}", "How much, and when it is too much")


def chapter(lab: str, title: str) -> Chapter:
    return Chapter(
        lab,
        title,
        goals=("serve it over HTTP with a contract", "test and load a real server"),
        checks=12,
        date="2026-11-21",
        pictures=(drawing(),),
        numbers=(
            Number("p50", "67.2", "ms"),
            Number("p95", "86.4", "ms"),
            Number("throughput", "113", "1/s"),
            Number("visitors in each group of the test", "12,345", "visitors"),
        ),
        guesses=(Guess("gain from 1 to 8 callers", "3 times", "6.7 times. Too low."),),
        pieces=(Piece("The guide", TEXT),),
    )


@pytest.fixture
def address(tmp_path):
    portfolio = Portfolio(
        (
            chapter("06_rest_service", "A model behind a REST service"),
            chapter("11_ab_test", "An A/B test that you can defend"),
        ),
        (LeftOut("12_data_drift", "When the world moves", "not started"),),
    )
    path = tmp_path / "portfolio.html"
    path.write_text(as_page(portfolio, name="Mira Okafor", date="2026-11-21"), "utf-8")
    return path.as_uri()


def test_the_page_fits_each_screen_and_asks_nobody_for_anything(address):
    from playwright.sync_api import sync_playwright

    browser_path = find()
    assert browser_path, "no Chromium: install it with `make browser`"
    PICTURES.mkdir(parents=True, exist_ok=True)
    asked: list[str] = []
    backgrounds = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for width in (1200, 390):
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=scheme
                )
                page.on("request", lambda request: asked.append(request.url))
                page.goto(address)
                fits = "document.documentElement.scrollWidth <= window.innerWidth"
                assert page.evaluate(fits)
                drawn = "[...document.images].every(i => i.naturalWidth > 0)"
                assert page.evaluate(drawn)
                assert page.title().startswith("Mira Okafor, portfolio")
                colour = "getComputedStyle(document.body).backgroundColor"
                backgrounds.add((scheme, page.evaluate(colour)))
                page.screenshot(
                    path=PICTURES / f"portfolio-{width}-{scheme}.png", full_page=True
                )
                page.close()
        page = browser.new_page(color_scheme="dark")
        page.goto(address)
        page.emulate_media(media="print")
        white = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.pdf(path=PICTURES / "portfolio.pdf", format="A4", print_background=True)
        browser.close()
    assert len(backgrounds) == 2
    assert white == "rgb(255, 255, 255)"
    assert {url for url in asked if not url.startswith("data:")} == {address}
