"""The deck as people use it: by keyboard, by touch, wide, narrow, light, dark, cut off.

Pictures for people are left in .artefacts/browser/.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from browser.chromium import FLAGS, find

from mlcourse.flashcards import Plan, ReviewLog, Session, load_deck, replay
from mlcourse.flashcards.web.dialogue import Dialogue
from mlcourse.flashcards.web.server import create_app
from mlcourse.paths import find_course
from mlcourse.serving import serve

COURSE = find_course()
PICTURES = COURSE.root / ".artefacts" / "browser"
NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")
WIDE, NARROW = (1200, 800), (360, 640)
# Their first cards were yesterday, so today brings the card that asks for the term.
BEGUN = ("data-drift", "latency")
TERMS = (*BEGUN, "recall", "feature-store")

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def deck():
    return load_deck(COURSE.glossary / "terms")


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    path = find()
    assert path, "no Chromium: install it with `make browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def log(tmp_path) -> ReviewLog:
    return ReviewLog(tmp_path / "reviews", "laptop")


@pytest.fixture
def sitting(deck, log):
    """Serve a sitting; give the server and the address."""

    @contextmanager
    def run(**plan):
        yesterday = NOON - timedelta(days=1)
        if not log.path.is_file():
            for slug in BEGUN:
                log.append(
                    "review",
                    now=yesterday,
                    card=deck.recognition(slug).id,
                    rating=3,
                    mode="today",
                )
        state = replay(log.read().events)
        session = Session(deck, log, state, Plan(**{"terms": TERMS} | plan), now=NOON)
        app = create_app(Dialogue(session, now=lambda: NOON), token="token")  # noqa: S106
        with serve(app) as server:
            yield server, f"{server.url}/token/"

    return run


@pytest.fixture
def open_page(chromium):
    contexts = []

    def show(address, size=WIDE, theme="light", **options):
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        page.wait_for_selector(".mlcards-prompt, .mlcards-term")
        return page

    yield show
    for context in contexts:
        context.close()


def picture(page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"cards-{name}.png", full_page=True)


def phase(page, wanted: str) -> None:
    page.wait_for_selector(f".mlcards-card[data-phase={wanted}]")


def press(page, keys: str, then: str) -> None:
    """Press a key, and wait until the next view is there."""
    page.keyboard.press(keys)
    phase(page, then)


def reviews(log) -> list[tuple[str, int, str]]:
    return [
        (event.data["card"], event.data["rating"], event.data["by"])
        for event in log.read().events
        if event.kind == "review" and "by" in event.data
    ]


def focused(page) -> str:
    return page.evaluate(
        "(document.activeElement.getAttribute('aria-label')"
        " || document.activeElement.innerText).split('\\n')[0]"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_whole_session_by_keyboard(sitting, open_page, log, size, theme):
    name = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    with sitting() as (_, address):
        page = open_page(address, size, theme)
        picture(page, f"{name}-1-type")
        page.keyboard.type("data drfit")
        press(page, "Enter", "verdict")
        assert page.locator(".mlcards-verdict strong").inner_text() == (
            "Right, with a slip."
        )
        picture(page, f"{name}-2-slip")
        press(page, "Space", "front")
        picture(page, f"{name}-3-recall")
        press(page, "Space", "back")
        picture(page, f"{name}-4-back")
        press(page, "3", "front")
        page.keyboard.type("throughput")
        press(page, "Enter", "verdict")
        picture(page, f"{name}-5-other")
        press(page, "o", "verdict")
        page.get_by_text("Counted as right.").first.wait_for()
        press(page, "Enter", "front")
        press(page, "Enter", "back")
        press(page, "1", "front")
        press(page, "Space", "back")
        press(page, "Space", "end")
        picture(page, f"{name}-6-end")
        assert page.complaints == []
        wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert wide
    assert reviews(log) == [
        ("data-drift:prod", 3, "auto"),
        ("recall:rec", 3, "self"),
        ("latency:prod", 1, "auto"),
        ("latency:prod", 3, "override"),
        ("feature-store:rec", 1, "self"),
        ("feature-store:rec", 3, "self"),
    ]


def test_a_card_by_touch_on_a_phone(sitting, open_page, log):
    with sitting(new=1, terms=("recall",)) as (_, address):
        page = open_page(address, NARROW, has_touch=True, is_mobile=True)
        small = page.evaluate(
            "[...document.querySelectorAll('.mlcards button')].filter(b =>"
            " b.checkVisibility() && b.getBoundingClientRect().height < 36"
            ").map(b => b.innerText)"
        )
        assert small == []
        page.get_by_role("button", name="Show the answer").tap()
        phase(page, "back")
        page.get_by_role("button", name="Forgotten").tap()
        phase(page, "front")
        page.get_by_role("button", name="Show the answer").tap()
        page.get_by_role("button", name="Remembered").tap()
        phase(page, "end")
    assert [rating for _, rating, _ in reviews(log)] == [1, 3]


def test_undo_takes_the_answer_back_and_a_flag_keeps_its_note(sitting, open_page, log):
    with sitting(terms=("recall",)) as (_, address):
        page = open_page(address)
        press(page, "Space", "back")
        press(page, "1", "front")
        assert "1 done" in page.locator(".mlcards-count").inner_text()
        page.keyboard.press("u")
        page.get_by_text("The last answer was taken back.").wait_for()
        assert "0 done" in page.locator(".mlcards-count").inner_text()
        page.keyboard.press("f")
        page.keyboard.type("the note is 1 letter short u s ?")
        picture(page, "flag")
        page.keyboard.press("Enter")
        page.get_by_text("Flagged.").wait_for()
        assert focused(page) == "Show the answer Space"
        page.keyboard.press("s")
        phase(page, "end")
    kinds = [event.kind for event in log.read().events]
    assert kinds[len(BEGUN) :] == ["review", "void", "flag", "suspend"]
    assert "the note is 1 letter short u s ?" in log.path.read_text()


def test_a_lost_server_is_said_and_nothing_is_lost(sitting, open_page, log):
    with sitting() as (server, address):
        page = open_page(address)
        page.keyboard.type("data drift")
        server.stop()
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("cannot be reached").wait_for()
        assert page.locator(".mlcards-input").input_value() == "data drift"
        picture(page, "lost")
    assert reviews(log) == []


def test_a_reply_that_was_lost_is_not_counted_twice(sitting, open_page, log):
    with sitting() as (_, address):
        page = open_page(address)
        page.keyboard.type("data drift")

        def lose(route):
            route.fetch()  # it is done, and nobody hears of it
            route.abort()

        page.route("**/intent", lose)
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("cannot be reached").wait_for()
        page.unroute("**/intent")
        page.get_by_role("button", name="Try again").click()
        phase(page, "verdict")
    assert reviews(log) == [("data-drift:prod", 3, "auto")]


def test_a_second_window_does_not_count_twice(sitting, open_page, log):
    with sitting() as (_, address):
        first, second = open_page(address), open_page(address)
        for page in (first, second):
            page.keyboard.type("data drift")
        press(first, "Enter", "verdict")
        press(second, "Enter", "verdict")
        second.get_by_text("This deck went on in another window.").wait_for()
    assert reviews(log) == [("data-drift:prod", 3, "auto")]


def test_focus_goes_through_the_deck_in_order_and_is_never_lost(sitting, open_page):
    with sitting() as (_, address):
        page = open_page(address)
        order = [focused(page)]
        for _ in range(4):
            page.keyboard.press("Tab")
            order.append(focused(page))
        assert [name.split(" ")[0] for name in order[1:]] == [
            "Check", "Flag", "Suspend", "Keys",
        ]  # fmt: skip
        page.keyboard.press("Enter")
        page.get_by_role("dialog").wait_for()
        picture(page, "keys")
        page.keyboard.press("Escape")
        page.locator(".mlcards-input:focus").wait_for()
        # In the text field letters are letters; after Esc they are keys.
        page.keyboard.type("s")
        page.keyboard.press("Escape")
        press(page, "s", "front")
        page.get_by_text("This card will not come again.").wait_for()
        page.locator(".mlcards:focus, .mlcards :focus").first.wait_for()


def test_text_of_a_card_is_never_markup(sitting, open_page):
    with sitting() as (_, address):
        page = open_page(address)
        page.keyboard.type("<img src=x onerror=alert(1)>")
        press(page, "Enter", "verdict")
        assert page.locator(".mlcards img").count() == 0
        assert "<img" in page.locator(".mlcards-diff").inner_text()
        assert page.complaints == []


@pytest.mark.parametrize("mode", ["match", "say-it", "confusables"])
def test_other_modes_can_be_played(sitting, open_page, mode):
    with sitting(mode=mode, terms=None) as (_, address):
        page = open_page(address, NARROW)
        picture(page, f"{mode}-front")
        if mode == "say-it":
            page.keyboard.type("We saw a drift in the distribution.")
            press(page, "Enter", "back")
        else:
            page.keyboard.press("Escape")
            press(page, "1", "verdict")
        picture(page, f"{mode}-back")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
