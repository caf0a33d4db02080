import random
from datetime import UTC, datetime, timedelta

import fsrs
import pytest

from mlcourse.flashcards.schedule import Rating, Schedule, utc

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = AT.toordinal()
STEP = timedelta(minutes=10)


def reference(retention):
    """The scheduler of py-fsrs itself, without fuzz."""
    return fsrs.Scheduler(
        desired_retention=retention,
        learning_steps=(STEP,),
        relearning_steps=(STEP,),
        maximum_interval=365,
        enable_fuzzing=False,
    )


def histories(count):
    """Yield ratings with gaps: minutes, hours, days on time, early and late."""
    for seed in range(count):
        rng = random.Random(seed)
        yield [
            (
                rng.choices((1, 2, 3, 4), (20, 10, 60, 10))[0],
                rng.choice((
                    timedelta(minutes=rng.randrange(1, 60)),
                    timedelta(hours=rng.randrange(1, 30)),
                    timedelta(days=rng.randrange(1, 9), hours=rng.randrange(24)),
                    timedelta(days=rng.randrange(20, 500)),
                )),
            )
            for _ in range(rng.randrange(1, 25))
        ]  # fmt: skip


def test_200_histories_equal_those_of_py_fsrs():
    compared = 0
    for history in histories(200):
        retention = (0.80, 0.85, 0.90, 0.95)[len(history) % 4]
        scheduler, schedule = reference(retention), Schedule(retention, fuzz=False)
        card, memory, at, day = fsrs.Card(card_id=1, due=AT), None, AT, DAY
        for rating, gap in history:
            # Whole days of 24 hours, as py-fsrs counts them.
            at, day = at + gap, day + gap.days
            card, _ = scheduler.review_card(card, fsrs.Rating(rating), at)
            memory = schedule.review("a:rec", memory, rating, at=at, day=day)
            assert memory.stability == card.stability
            assert memory.difficulty == card.difficulty
            assert memory.due == card.due
            assert memory.stage == card.state.name.lower()
            recall = schedule.recall(memory, day=day + 5)
            later = at + timedelta(days=5)
            assert recall == scheduler.get_card_retrievability(card, later)
            compared += 1
    assert compared > 2000


def test_an_evening_and_the_next_morning_are_a_day_apart():
    schedule = Schedule(fuzz=False)
    first = schedule.review("a:rec", None, 3, at=AT, day=DAY)
    morning = schedule.review(
        "a:rec", first, 3, at=AT + timedelta(hours=15), day=DAY + 1
    )
    whole = schedule.review("a:rec", first, 3, at=AT + timedelta(days=1), day=DAY + 1)
    assert morning.stability == whole.stability > first.stability


def test_a_forgotten_card_comes_back_in_ten_minutes_and_a_known_one_on_another_day():
    after = Schedule().intervals("a:rec", None, at=AT, day=DAY)
    assert after[Rating.AGAIN] == STEP
    assert after[Rating.GOOD] >= timedelta(days=1)
    assert list(after.values()) == sorted(after.values())


def test_fuzz_hangs_on_the_card_and_the_number_of_the_review():
    def dues(card):
        memory, found = None, []
        for number in range(6):
            at = memory.due if memory else AT
            memory = Schedule().review(card, memory, 3, at=at, day=DAY + number * 40)
            found.append((memory.due - at).days)
        return found

    assert dues("a:rec") == dues("a:rec")
    assert len({tuple(dues(f"{n}:rec")) for n in range(20)}) > 10


def test_fuzz_stays_near_and_within_the_longest_interval():
    for n in range(200):
        plain = fuzzy = None
        for at in (AT, AT + timedelta(days=3), AT + timedelta(days=300)):
            day = at.toordinal()
            plain = Schedule(fuzz=False).review(f"{n}", plain, 4, at=at, day=day)
            fuzzy = Schedule().review(f"{n}", fuzzy, 4, at=at, day=day)
        days, spread = (plain.due - plain.last).days, (fuzzy.due - fuzzy.last).days
        assert spread <= 365
        assert abs(spread - days) <= 0.15 * days + 2
        assert (plain.stability, plain.difficulty) == fuzzy[1:3]


def test_a_clock_that_is_set_back_does_not_move_a_card_into_the_past():
    first = Schedule().review("a:rec", None, 3, at=AT, day=DAY)
    back = Schedule().review("a:rec", first, 3, at=AT - timedelta(days=9), day=DAY - 9)
    assert back.last == AT
    assert back.due > AT


def test_a_lapse_is_counted_once_and_only_after_learning():
    schedule, memory = Schedule(), None
    for rating in (1, 1, 3, 1, 1, 3):
        memory = schedule.review("a:rec", memory, rating, at=AT, day=DAY)
    assert (memory.lapses, memory.reviews) == (1, 6)


@pytest.mark.parametrize("retention", [0.79, 0.96, -1])
def test_a_retention_out_of_range_is_refused(retention):
    with pytest.raises(ValueError, match=r"must be from 0\.8 to 0\.95"):
        Schedule(retention)


def test_wrong_weights_ratings_and_zones_are_refused():
    with pytest.raises(ValueError, match="parameters"):
        Schedule(weights=(1.0,))
    with pytest.raises(ValueError, match="rating == 5"):
        Schedule().review("a", None, 5, at=AT, day=DAY)
    with pytest.raises(ValueError, match="longest == 0"):
        Schedule(longest=0)
    with pytest.raises(ValueError, match="time zone"):
        utc(datetime(2026, 11, 21))  # noqa: DTZ001
    with pytest.raises(ValueError, match="UTC"):
        Schedule().review("a", None, 3, at=AT.replace(tzinfo=None), day=DAY)


def test_the_log_names_algorithm_release_and_weights():
    assert Schedule().name.startswith("fsrs-6@6.3")
    assert Schedule().name.endswith("/d0")
    other = Schedule(weights=(0.3, *Schedule().weights[1:]))
    assert not other.name.endswith("/d0")
