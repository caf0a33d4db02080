import random
from datetime import datetime, timedelta

import pytest

from mlcourse.flashcards.log import Event
from mlcourse.flashcards.schedule import Schedule
from mlcourse.flashcards.state import (
    SNAPSHOT,
    State,
    counted,
    load_state,
    replay,
    study_day,
)

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")


@pytest.fixture
def filled(log):
    rng = random.Random(1)
    for number in range(60):
        log.append(
            "review",
            now=NOON + timedelta(hours=7 * number),
            card=f"t{rng.randrange(9)}:rec",
            rating=rng.choice((1, 3, 3, 3)),
            mode="today",
        )
    log.append("suspend", now=NOON + timedelta(days=20), card="t1:rec", on=True)
    log.append("flag", now=NOON + timedelta(days=20), card="t2:rec", note="unclear")
    log.append("hologram", now=NOON + timedelta(days=20), card="t3:rec")
    return log


def test_a_replay_does_not_depend_on_the_order_of_reading(filled):
    events = list(filled.read().events)
    expected = replay(events)
    for seed in range(5):
        random.Random(seed).shuffle(events)
        assert replay(events) == expected
    assert expected.memories
    assert (expected.suspended, expected.flags) == ({"t1:rec"}, {"t2:rec": "unclear"})


def test_events_taken_in_one_by_one_give_the_state_of_a_replay(filled):
    state, events = State(), filled.read().events
    for event in events:
        state.apply(event)
    assert state == replay(events)


def test_what_is_undone_or_overridden_does_not_count(log):
    first = log.append("review", now=NOON, card="a:rec", rating=1, mode="today")
    log.append("void", now=NOON, of=[first.id])
    wrong = log.append("review", now=NOON, card="b:rec", rating=1, mode="today")
    right = log.append(
        "review", now=NOON, card="b:rec", rating=3, mode="today", replaces=wrong.id
    )
    events = log.read().events
    assert [e.id for e in counted(events) if e.kind == "review"] == [right.id]
    assert replay(events).memories["b:rec"].stage == "review"
    log.append("void", now=NOON, of=[right.id])
    assert replay(log.read().events).memories["b:rec"].stage == "learning"


def test_practice_is_logged_and_leaves_no_memory(log):
    for mode in ("cram", "test", "match", "confusables", "browse", "say-it"):
        log.append("review", now=NOON, card="a:say:1", rating=1, mode=mode)
    state = replay(log.read().events)
    assert state.memories == {}
    assert state.said == {"a:say:1": study_day(NOON)}


def test_the_last_parameters_count_and_impossible_ones_do_not(log):
    log.append("params", now=NOON, retention=0.85)
    log.append("params", now=NOON, retention=0.2)
    log.append("params", now=NOON, weights=[1, 2])
    assert replay(log.read().events).schedule == Schedule(0.85)


@pytest.mark.parametrize(
    "data",
    [{"card": "a:rec"}, {"card": 7, "rating": 3}, {"card": "a:rec", "rating": 9},
     {"card": "a:rec", "rating": "good", "tz": "nonsense"}],
)  # fmt: skip
def test_a_review_that_says_nothing_sensible_changes_nothing(data):
    event = Event("2026-11-21T11:00:00.000Z", "x", "review", data)
    assert replay([event]).memories == {}


def test_a_study_day_ends_at_four_in_the_morning():
    late = datetime.fromisoformat("2026-11-22T03:59+01:00")
    assert study_day(late) == study_day(NOON)
    assert study_day(late + timedelta(minutes=1)) == study_day(NOON) + 1


def test_a_study_day_is_that_of_the_place_where_the_card_was_answered(log):
    tokyo = datetime.fromisoformat("2026-11-22T05:00+09:00")
    log.append("review", now=tokyo, card="a:rec", rating=3, mode="today")
    assert replay(log.read().events).memories["a:rec"].day == study_day(tokyo)


def test_a_snapshot_gives_the_state_of_a_replay(filled):
    expected = replay(filled.read().events)
    assert load_state(filled) == (expected, ())
    assert (filled.folder / SNAPSHOT).is_file()
    assert load_state(filled) == (expected, ())


def test_a_snapshot_counts_only_for_the_log_it_was_made_of(filled):
    load_state(filled)
    filled.append("suspend", now=NOON + timedelta(days=30), card="t5:rec", on=True)
    assert "t5:rec" in load_state(filled)[0].suspended
    assert load_state(filled, schedule=Schedule(0.8))[0].schedule == Schedule(0.8)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', "\x00"])
def test_a_spoilt_snapshot_is_made_again(filled, content):
    expected, _ = load_state(filled)
    (filled.folder / SNAPSHOT).write_text(content)
    assert load_state(filled)[0] == expected


def test_a_torn_line_is_reported_with_and_without_a_snapshot(filled):
    with filled.path.open("ab") as file:
        file.write(b'{"v":1,"id"')
    fresh, kept = load_state(filled), load_state(filled)
    assert fresh == kept
    assert [torn.text for torn in fresh[1]] == ['{"v":1,"id"']
