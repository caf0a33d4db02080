"""Weights of the schedule that fit one learner, found from the learner's own log.

Three numbers are sought, not twenty-one: how stable a new memory is, how fast it grows,
and how much of it is lost by forgetting. A few hundred reviews can tell these apart;
all weights need the optimiser of FSRS, which needs torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import exp
from typing import TYPE_CHECKING

from fsrs.scheduler import LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

from mlcourse.flashcards.schedule import Schedule
from mlcourse.flashcards.statistics import measure

if TYPE_CHECKING:
    from datetime import datetime

    from mlcourse.flashcards.log import Event

__all__ = ["FEWEST", "tune"]

FEWEST = 400
"""Judged reviews below which weights are not worth fitting, as Anki found."""

STEPS = 60
GROWTH, FORGETTING = 8, 11  # places among the weights of FSRS-6
SIMPLEX = ((0.0, 0.0, 0.0), (-0.7, 0.0, 0.0), (0.0, -0.4, 0.0), (0.0, 0.0, -0.4))


def tune(
    events: Iterable[Event],
    *,
    now: datetime,
    schedule: Schedule | None = None,
    steps: int = STEPS,
) -> Schedule:
    """Return the schedule with weights that predict a log better, or as it was.

    Write the weights with a ``params`` event to put them in force.

    Args:
        events: All events of a learner.
        now: The time, in the learner's zone.
        schedule: The rules to begin with.
        steps: The most replays of the log.

    Raises:
        ValueError: If there are fewer than 400 reviews to learn from.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    events, begin = [e for e in events if e.kind != "params"], schedule or Schedule()
    found = measure(events, now=now, schedule=begin)
    if found.judged < FEWEST:
        raise ValueError(f"judged reviews == {found.judged}, must be >= {FEWEST}.")

    def loss(shifts: Iterable[float]) -> float:
        rules = replace(begin, weights=_shifted(begin.weights, *shifts))
        return measure(events, now=now, schedule=rules).log_loss

    best = minimize(
        loss, (0.0, 0.0, 0.0), method="Nelder-Mead",
        options={"maxfev": steps, "initial_simplex": SIMPLEX},
    )  # fmt: skip
    if best.fun >= found.log_loss:
        return begin
    return replace(begin, weights=_shifted(begin.weights, *best.x))


def _shifted(
    weights: tuple[float, ...], start: float, growth: float, forgetting: float
) -> tuple[float, ...]:
    """Scale the first four weights by e to the ``start``, and shift two others."""
    moved = [weight * exp(start) for weight in weights[:4]] + list(weights[4:])
    moved[GROWTH] += growth
    moved[FORGETTING] *= exp(forgetting)
    bounds = zip(moved, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS, strict=True)
    return tuple(float(min(max(weight, low), high)) for weight, low, high in bounds)
