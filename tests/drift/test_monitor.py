"""Scores by day, and pages against the truth."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from mlcourse.datasets import Incident, make_payments
from mlcourse.drift import Judgement, Page, daily_scores, judge_pages, psi

DAY = date(2026, 2, 2)


def days_later(n):
    return DAY + timedelta(days=n)


def test_scores_have_a_row_a_day_and_a_column_a_feature():
    frame = make_payments(2_000, rng=np.random.default_rng(0), days=7).frame
    asked = []

    def reference(day):
        asked.append(day)
        return frame

    scores = daily_scores(
        frame, reference, features=["amount_eur", "channel"], distance=psi
    )
    assert scores.shape == (7, 2)
    assert list(scores.index) == asked == sorted(asked)
    monday = frame[frame["paid_at"].dt.dayofweek == 0]
    assert scores.iloc[0]["channel"] == psi(frame["channel"], monday["channel"])


def test_a_scripted_fault_is_seen_from_its_first_day_on():
    fault = Incident("sudden", DAY, columns=("delivery_distance_km",), size=2.0)
    frame = make_payments(
        28_000, rng=np.random.default_rng(1), incidents=(fault,)
    ).frame
    early = frame[frame["paid_at"].dt.date < DAY]
    scores = daily_scores(
        frame, lambda day: early, features=["delivery_distance_km"], distance=psi
    )["delivery_distance_km"]
    before = scores.index < pd.Timestamp(DAY)
    assert scores[~before].min() > 2 * scores[before].max()


def test_pages_are_judged_by_feature_and_day():
    pages = [
        Page("amount_eur", days_later(1), days_later(2)),
        Page("amount_eur", days_later(1), days_later(9)),
        Page("hour", DAY, days_later(1)),
        Page("device", days_later(-4), days_later(-3)),
    ]
    drifts = {"amount_eur": DAY, "device": DAY, "channel": DAY}
    assert judge_pages(pages, drifts) == Judgement(
        delays={"amount_eur": 2}, missed=("channel", "device"), false_pages=2
    )
    assert judge_pages(pages[::-1], drifts) == judge_pages(pages, drifts)


def test_a_page_on_the_first_day_has_no_delay():
    assert judge_pages([Page("hour", DAY, DAY)], {"hour": DAY}).delays == {"hour": 0}


@pytest.mark.parametrize("drifts", [{}, {"hour": DAY}])
def test_no_page_is_no_false_page(drifts):
    assert judge_pages([], drifts) == Judgement({}, tuple(drifts), 0)
