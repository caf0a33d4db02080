import math
import random
from datetime import datetime, timedelta

import pytest
from fsrs.scheduler import DEFAULT_PARAMETERS

from mlcourse.flashcards import Event, Plan, Session, forecast, measure, picture, replay
from mlcourse.flashcards.schedule import Schedule
from mlcourse.flashcards.tuning import tune

NOON = datetime.fromisoformat("2026-11-21T12:00+00:00")


class Pages:
    """A log in memory."""

    def __init__(self):
        self.events = []

    def append(self, kind, *, now, **fields):
        at = now + timedelta(milliseconds=len(self.events))
        data = {"tz": "+00:00", **{k: v for k, v in fields.items() if v is not None}}
        event = Event(
            at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            f"{len(self.events):09}", kind, data,
        )  # fmt: skip
        self.events.append(event)
        return event


def learner(deck, *, days, weights=DEFAULT_PARAMETERS, skill=None, missed=0.15, seed=0):
    """Study with a learner who recalls as FSRS-6 with some weights says.

    Returns the log, the true probability of each answer on a later day, and the cards
    of each day. The learner's own memory is computed here from the formula of FSRS-6,
    apart from the engine.
    """
    rng, log, truth, sittings = random.Random(seed), Pages(), [], []
    mind = Schedule(weights=weights, fuzz=False)
    minds: dict[str, object] = {}
    state = replay([])
    for offset in range(days):
        if rng.random() < missed:
            continue
        now = NOON + timedelta(days=offset)
        day = now.toordinal()
        session = Session(deck, log, state, Plan(new=15), now=now)
        seen = []
        while card := session.next(now=now):
            now += timedelta(seconds=10)
            known = minds.get(card.id)
            if known is None or known.day == day:
                chance = 0.8
            else:
                factor = 0.9 ** (-1 / weights[20]) - 1
                gone = day - known.day
                chance = (1 + factor * gone / known.stability) ** -weights[20]
            chance = chance if skill is None else skill
            right = rng.random() < chance
            if known is not None and known.stage == "review" and known.day < day:
                truth.append((chance, right))
            rating = 3 if right else 1
            minds[card.id] = mind.review(card.id, known, rating, at=now, day=day)
            session.grade(rating, now=now)
            seen.append((card.id, right))
        sittings.append(seen)
    return log, truth, sittings


def loss(pairs):
    return sum(-math.log(p if right else 1 - p) for p, right in pairs) / len(pairs)


def test_log_loss_is_that_of_the_true_learner_and_below_the_constant(deck):
    # The learner of FSRS-6 with the default weights, who often stays away.
    log, truth, _ = learner(deck, days=120, missed=0.5)
    found = measure(log.events, now=NOON)
    assert found.judged == len(truth) > 1500
    assert found.log_loss < found.constant_log_loss
    assert abs(found.log_loss - loss(truth)) < 0.01


def test_with_the_weights_of_another_learner_log_loss_is_again_the_true_one(deck):
    weights = (0.1, 0.6, 1.1, 4.0, *DEFAULT_PARAMETERS[4:])
    log, truth, _ = learner(deck, days=90, weights=weights, missed=0.4)
    wrong = measure(log.events, now=NOON)
    right = measure(log.events, now=NOON, schedule=Schedule(weights=weights))
    assert abs(right.log_loss - loss(truth)) < 0.01
    assert right.log_loss < wrong.log_loss
    assert right.log_loss < right.constant_log_loss


@pytest.mark.parametrize("seed", range(3))
def test_nobody_sees_a_card_again_on_the_day_it_was_passed(deck, seed):
    _, _, sittings = learner(deck, days=60, skill=0.9, seed=seed)
    for cards in sittings:
        passed = set()
        for card, right in cards:
            assert card not in passed
            if right:
                passed.add(card)
        assert len({card for card, _ in cards}) <= 100


def test_predictions_stand_in_ten_bins_that_hold_every_review_once(deck):
    log, _, _ = learner(deck, days=60)
    found = measure(log.events, now=NOON)
    assert len(found.bins) == 10
    assert sum(inside.reviews for inside in found.bins) == found.judged
    for inside in found.bins:
        if inside.reviews:
            assert inside.low <= inside.predicted <= inside.high
            assert 0 <= inside.recalled <= 1
        else:
            assert math.isnan(inside.predicted)


def test_a_streak_counts_days_in_a_row_up_to_today_or_yesterday():
    log = Pages()
    for day in (0, 1, 4, 5, 6):
        now = NOON + timedelta(days=day)
        log.append("review", now=now, card="a:rec", rating=3, mode="cram")

    def streak(day):
        return measure(log.events, now=NOON + timedelta(days=day)).streak

    assert [streak(day) for day in (0, 1, 2, 3, 5, 6, 7, 8)] == [1, 2, 2, 0, 2, 3, 3, 0]


def test_what_was_undone_is_not_measured(deck):
    log, _, _ = learner(deck, days=20)
    before = measure(log.events, now=NOON)
    event = log.append("review", now=NOON + timedelta(days=30), card="a:rec", rating=3)
    log.append("void", now=NOON + timedelta(days=30), of=[event.id])
    assert measure(log.events, now=NOON) == before


def test_an_empty_log_has_no_numbers_and_still_a_picture():
    found = measure([], now=NOON)
    assert (found.answers, found.judged, found.streak) == (0, 0, 0)
    assert math.isnan(found.log_loss)
    assert picture(found).axes


def test_the_picture_shows_recall_and_the_work_ahead(deck):
    log, _, _ = learner(deck, days=40)
    state = replay(log.events)
    figure = picture(
        measure(log.events, now=NOON), forecast(deck, state, now=NOON, days=14)
    )
    left, right = figure.axes
    assert left.get_xlabel() == "predicted recall"
    assert len(right.patches) == 28
    figure.canvas.draw()


def test_tuning_lowers_the_log_loss_of_a_learner_who_forgets_faster(deck):
    weights = (0.1, 0.5, 0.9, 3.0, *DEFAULT_PARAMETERS[4:])
    log, truth, _ = learner(deck, days=50, weights=weights, missed=0.3)
    before = measure(log.events, now=NOON)
    schedule = tune(log.events, now=NOON, steps=30)
    after = measure(log.events, now=NOON, schedule=schedule)
    assert after.log_loss < before.log_loss
    assert after.log_loss - loss(truth) < (before.log_loss - loss(truth)) / 2


def test_tuning_wants_enough_reviews():
    with pytest.raises(ValueError, match="judged reviews == 0, must be >= 400"):
        tune([], now=NOON)
