from datetime import datetime

import pytest

from mlcourse.flashcards import Plan, State, forecast

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")


def test_equal_seeds_give_equal_forecasts(deck):
    first, again, other = (
        forecast(deck, State(), now=NOON, days=10, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_forecast_keeps_to_the_limits_and_leaves_the_state_alone(deck):
    state = State()
    found = forecast(deck, state, Plan(new=6, limit=20), now=NOON, days=30)
    assert state == State()
    assert all(day.new <= 6 and day.new + day.due <= 20 for day in found.days)
    assert found.days[0].date.isoformat() == "2026-11-21"
    assert len(found.days) == 30


def test_more_is_asked_where_more_is_to_be_remembered(deck):
    low, high = (
        forecast(deck, State(), now=NOON, days=45, retention=retention)
        for retention in (0.80, 0.95)
    )
    assert low.mean < high.mean
    assert low.peak <= high.peak
    assert low.minutes < high.minutes


def test_work_of_200_terms_is_as_large_as_fsrs_itself_foresees(deck):
    # fsrs-rs 0.9.3, 200 terms with 3 cards, 180 days: mean 26, peak 63 a day.
    plan = Plan(terms=tuple(deck.terms)[:200], codes=("rec", "prod", "cloze"))
    found = forecast(deck, State(), plan, now=NOON, days=180)
    assert sum(day.new for day in found.days) == 600
    assert 18 < found.mean < 36
    assert 45 < found.peak < 90


def test_impossible_values_are_refused(deck):
    with pytest.raises(ValueError, match="days == 0"):
        forecast(deck, State(), now=NOON, days=0)
    with pytest.raises(ValueError, match="retention == 0.5"):
        forecast(deck, State(), now=NOON, retention=0.5)
