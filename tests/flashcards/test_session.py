from datetime import datetime, timedelta

import pytest

from mlcourse.flashcards import LogError, Plan, Rating, ReviewLog, Session
from mlcourse.flashcards.speech import mark
from mlcourse.flashcards.state import replay

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")
FAR = timedelta(days=400)


def at(minutes=0.0, *, day=0):
    return NOON + timedelta(days=day, minutes=minutes)


@pytest.fixture
def typed(deck, log, sit, finish):
    """A sitting whose first card asks to type a term."""
    finish(sit(terms=("data-drift",)))
    return sit(1, terms=("data-drift",))


def test_a_card_stays_until_it_is_answered(sit):
    session = sit()
    card = session.next(now=at())
    assert session.next(now=at(5)) is card
    session.grade(3, now=at(5))
    assert session.next(now=at(5)) is not card


def test_every_answer_is_in_the_log_before_the_next_card(sit, log):
    session, ids = sit(), []
    while card := session.next(now=at()):
        ids.append(card.id)
        session.grade(3, now=at(), ms=1200)
        assert [event.data["card"] for event in log.read().events] == ids
    event = log.read().events[-1].data
    assert (event["mode"], event["by"], event["ms"]) == ("today", "self", 1200)
    assert event["sched"].startswith("fsrs-6@")
    assert len(event["content"]) == 6


def test_the_state_of_a_sitting_is_the_replay_of_its_log(sit, finish, log):
    for day in range(12):
        session = sit(day)
        finish(session, day, wrong={card.id for card in session._waiting[::3]})
        assert session.state.memories == replay(log.read().events).memories


def test_a_forgotten_card_comes_back_after_ten_minutes_or_at_the_end(sit):
    session = sit()
    first = session.next(now=at())
    session.grade(1, now=at())
    second = session.next(now=at(1))
    assert second is not first
    session.grade(3, now=at(1))
    assert session.next(now=at(11)) is first
    session.grade(1, now=at(11))
    left = set()
    while card := session.next(now=at(12)):
        left.add(card.id)
        session.grade(3, now=at(12))
    assert first.id in left
    assert session.next(now=at(60)) is None


def test_a_card_that_is_passed_does_not_come_again_that_day(sit, finish):
    seen = finish(sit())
    assert len(seen) == len(set(seen)) == 10
    assert finish(sit()) == []


def test_quitting_midway_loses_nothing(sit, finish):
    session = sit()
    session.next(now=at())
    session.grade(1, now=at())
    forgotten = [*session.state.memories]
    again = sit()
    assert again.progress.left == 10
    assert forgotten[0] in finish(again)


def test_a_typed_answer_is_judged_and_recorded(typed, log):
    card = typed.next(now=at(day=1))
    assert card.id == "data-drift:prod"
    verdict = typed.answer("data drfit", now=at(day=1))
    assert verdict.right
    event = log.read().events[-1].data
    assert (event["rating"], event["match"], event["by"]) == (3, "typo", "auto")
    assert event["answer"] == "data drfit"


def test_an_override_counts_as_right_and_both_stand_in_the_log(typed, log):
    typed.next(now=at(day=1))
    assert not typed.answer("shift of inputs", now=at(day=1)).right
    typed.override(now=at(0.1, day=1))
    wrong, right = (event.data for event in log.read().events[-2:])
    assert (wrong["rating"], right["rating"], right["by"]) == (1, 3, "override")
    assert right["replaces"] == wrong["id"]
    assert typed.verdict.right
    assert typed.progress[:3] == (1, 1, 0)
    assert typed.state.memories == replay(log.read().events).memories
    with pytest.raises(ValueError, match="no answer that was judged wrong"):
        typed.override(now=at(day=1))


def test_an_overridden_card_that_is_shown_again_already_is_done(typed):
    typed.next(now=at(day=1))
    typed.answer("nonsense", now=at(day=1))
    assert typed.next(now=at(day=1)).id == "data-drift:prod"
    typed.override(now=at(day=1))
    assert typed.next(now=at(day=1)) is None


def test_an_override_needs_a_wrong_judgement(typed, sit):
    with pytest.raises(ValueError, match="no answer"):
        typed.override(now=at(day=1))
    typed.next(now=at(day=1))
    typed.answer("data drift", now=at(day=1))
    with pytest.raises(ValueError, match="no answer"):
        typed.override(now=at(day=1))


def test_undo_takes_back_one_answer_after_the_other(sit, log):
    session = sit()
    cards = []
    for _ in range(3):
        cards.append(session.next(now=at()))
        session.grade(1, now=at())
    session.next(now=at(1))
    for card in reversed(cards):
        assert session.undo(now=at(1)) is card
        assert session.next(now=at(1)) is card
    assert session.undo(now=at(1)) is None
    assert session.state.memories == replay(log.read().events).memories == {}
    assert session.progress == (0, 0, 10, 10)
    assert len({c.id for c in [session.card, *session._waiting]}) == 10


def test_undo_of_an_override_takes_both_back(typed, log):
    typed.next(now=at(day=1))
    typed.answer("nonsense", now=at(day=1))
    typed.override(now=at(day=1))
    assert typed.undo(now=at(day=1)).id == "data-drift:prod"
    assert "data-drift:prod" not in replay(log.read().events).memories
    assert typed.answer("data drift", now=at(day=1)).right


def test_a_suspended_card_is_gone_for_good(sit, finish):
    session = sit()
    card = session.next(now=at())
    session.suspend(now=at())
    assert session.next(now=at()) is not card
    assert card.id not in finish(sit())


def test_a_flag_is_kept_and_the_card_stays(sit, log):
    session = sit()
    card = session.next(now=at())
    session.flag("two answers fit", now=at())
    assert session.next(now=at()) is card
    assert replay(log.read().events).flags == {card.id: "two answers fit"}


@pytest.mark.parametrize("mode", ["cram", "test", "match", "confusables", "browse"])
def test_practice_is_logged_and_leaves_the_schedule_alone(sit, finish, log, mode):
    finish(sit())
    before = replay(log.read().events).memories
    session = sit(1, mode=mode, limit=5)
    assert finish(session, 1)
    assert session.state.memories == before == replay(log.read().events).memories
    assert log.read().events[-1].data["mode"] == mode
    assert "sched" not in log.read().events[-1].data


def test_cramming_repeats_what_was_wrong_until_it_is_right(sit, finish):
    session = sit(mode="cram", limit=4)
    wrong = {card.id for card in session._waiting[:2]}
    seen = finish(session, wrong=wrong)
    assert len(seen) == 6
    assert set(seen[4:]) == wrong


def test_a_test_gives_a_score_and_repeats_nothing(sit):
    session, now = sit(mode="test"), at()
    while card := session.next(now=now):
        right = card.code == "prod"
        session.answer(card.back.answer if right else "nonsense", now=now)
    assert session.progress.done == 20
    assert 0 < session.progress.right < 20
    missed = session.summary(now=now).missed
    assert len(missed) == 20 - session.progress.right


def test_a_spoken_answer_is_marked_and_graded(sit, log):
    session = sit(mode="say-it", terms=("data-drift",))
    card = session.next(now=at())
    assert card.code == "say"
    marks = session.marks("We see drift. " + "word " * 45)
    assert (marks.jargon, marks.too_long, marks.passed) == (("drift",), True, False)
    assert session.marks(card.back.answer).passed
    session.grade(3, now=at(), answer="We see younger visitors.")
    assert log.read().events[-1].data["answer"] == "We see younger visitors."
    assert session.next(now=at()) is None


def test_model_answers_pass_their_own_marks(deck):
    for card in deck.cards.values():
        if card.code == "say":
            assert mark(card.back.answer, card).jargon == (), card.id


def test_the_buttons_show_what_each_grade_would_do(sit):
    session = sit()
    session.next(now=at())
    after = session.intervals(now=at())
    assert session.buttons == (Rating.AGAIN, Rating.GOOD)
    session.grade(4, now=at())
    (memory,) = session.state.memories.values()
    assert memory.due - memory.last == after[Rating.EASY]
    practice = sit(mode="cram")
    practice.next(now=at())
    assert practice.intervals(now=at()) == {}


def test_an_answer_that_is_not_saved_changes_nothing(sit, monkeypatch):
    session = sit()
    card = session.next(now=at())

    def fail(*_, **__):
        raise LogError("the review was not saved")

    monkeypatch.setattr(ReviewLog, "append", fail)
    for act in (
        lambda: session.grade(3, now=at()),
        lambda: session.suspend(now=at()),
        lambda: session.flag(now=at()),
    ):
        with pytest.raises(LogError):
            act()
    monkeypatch.undo()
    assert session.next(now=at()) is card
    assert session.progress == (0, 0, 10, 10)
    session.grade(3, now=at())
    assert session.progress.done == 1


def test_a_clock_that_is_set_back_moves_nothing_into_the_past(sit, log):
    session = sit()
    session.next(now=at())
    session.grade(3, now=at())
    session.next(now=at() - FAR)
    session.grade(3, now=at() - FAR)
    first, second = replay(log.read().events).memories.values()
    assert second.last > first.last
    assert second.due > first.last
    assert sit(-300).progress.left == 8


def test_a_summary_tells_what_was_missed_and_what_comes(sit, finish):
    session = sit()
    first = session.next(now=at())
    finish(session, wrong={first.id})
    summary = session.summary(now=at(30))
    assert (summary.done, summary.right, summary.new) == (11, 10, 10)
    assert summary.missed == (first.term,)
    assert summary.tomorrow >= 1


def test_a_lab_is_studied_alone(deck, log):
    state, plan = replay([]), Plan("learn", terms=("endpoint", "latency"))
    session = Session(deck, log, state, plan, now=NOON)
    assert [card.term for card in session._waiting] == ["endpoint", "latency"]


def test_misuse_is_said(sit):
    session = sit()
    with pytest.raises(ValueError, match="no card is shown"):
        session.grade(3, now=at())
    session.next(now=at())
    with pytest.raises(ValueError, match="rating == 0"):
        session.grade(0, now=at())
    with pytest.raises(ValueError, match="time zone"):
        session.grade(3, now=at().replace(tzinfo=None))
    with pytest.raises(ValueError, match="the learner grades"):
        session.answer("x", now=at())
    assert session.progress.done == 0


def test_skipping_records_nothing(sit, log):
    session = sit(mode="browse", limit=3)
    while session.next(now=at()):
        session.skip()
    assert log.read().events == ()
