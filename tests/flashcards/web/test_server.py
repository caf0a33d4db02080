from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from mlcourse.flashcards.web.dialogue import Dialogue
from mlcourse.flashcards.web.server import create_app

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")


@pytest.fixture
def client(sit):
    times = (NOON + timedelta(seconds=10 * step) for step in range(10_000))
    dialogue = Dialogue(sit(terms=("recall", "latency")), now=lambda: next(times))
    app = create_app(dialogue, token="token")  # noqa: S106
    return TestClient(app, base_url="http://127.0.0.1:80/token/")


def say(client, seq: int, do: str, tab: str = "a", **more):
    reply = client.post("intent", json={"seq": seq, "do": do, "tab": tab, **more})
    return reply.json()


def test_an_intent_is_done_once_however_often_it_is_sent(client, log):
    assert say(client, 0, "turn")["phase"] == "back"
    assert say(client, 1, "grade", rating=3)["progress"]["done"] == 1
    assert say(client, 1, "grade", rating=3)["notice"] == ""
    other = say(client, 1, "grade", tab="b", rating=1)
    assert other["notice"].startswith("This deck went on in another window.")
    assert [event.data["rating"] for event in log.read().events] == [3]


def test_the_front_gives_nothing_of_the_answer_away(client):
    view = say(client, 0, "show")
    assert "back" not in view
    assert "id" not in view["card"]


@pytest.mark.parametrize(
    ("seq", "do", "status"), [(0, "grade", 409), (0, "dance", 422), ("x", "turn", 422)]
)
def test_a_bad_intent_gives_one_clear_error(client, seq, do, status):
    reply = client.post("intent", json={"seq": seq, "do": do})
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("http://127.0.0.1/", {}, 403),
        ("http://127.0.0.1/other/deck.js", {}, 403),
        ("http://127.0.0.1/token/", {"host": "evil.example"}, 400),
        ("http://127.0.0.1/token/", {"host": "evil.example:80"}, 400),
        ("http://127.0.0.1/token/missing", {}, 404),
    ],
)
def test_nothing_is_given_without_token_and_host(client, path, headers, status):
    reply = client.get(path, headers=headers)
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


def test_another_site_cannot_answer(client, log):
    body = {"seq": 0, "do": "turn"}
    cross = client.post("intent", json=body, headers={"sec-fetch-site": "cross-site"})
    plain = client.post("intent", content="{}", headers={"content-type": "text/plain"})
    assert (cross.status_code, plain.status_code) == (403, 415)


def test_the_page_allows_no_inline_script(client):
    page = client.get("")
    assert "'unsafe-inline'" not in page.headers["content-security-policy"]
    assert "access-control-allow-origin" not in page.headers
