"""One number of an evaluation, with what it is the number of."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

__all__ = ["Estimate", "worst_of"]

SHARE = "%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number that a card may state, and how it is written there.

    In a text for ``str.format_map`` it shows itself as a value with its unit, and by
    ``{key:interval}`` as both ends, by ``{key:n}`` as the number of cases behind it,
    by ``{key:slice}`` as the name of its slice.

    Args:
        metric: What it measures, in the words a sentence uses, such as ``"recall"``.
        value: A share from 0 to 1 if the unit is ``"%"``, else in the unit.
        unit: ``"%"``, ``"€"``, a counted noun such as ``"days"``, or empty.
        slice: The part of the data it holds for, in words; empty for all of it.
        low: Lower end of its interval, if it has one.
        high: Upper end of its interval, if it has one.
        n: Cases that it rests on, if it is an estimate.

    Raises:
        ValueError: If the value is not finite, or lies outside of its interval.

    Example:
        >>> recall = Estimate(metric="recall", value=0.614, low=0.52, high=0.7, n=88)
        >>> "{r}, 95 % interval {r:interval}, {r:n} cases".format_map({"r": recall})
        '61.4 %, 95 % interval 52.0 to 70.0 %, 88 cases'
    """

    metric: str
    value: float
    unit: str = SHARE
    slice: str = ""
    low: float | None = None
    high: float | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        if not isfinite(self.value):
            raise ValueError(f"value == {self.value!r}, must be finite.")
        if (self.low is None) != (self.high is None):
            raise ValueError(f"low == {self.low!r}, high == {self.high!r}, give both.")
        if (
            self.low is not None
            and self.high is not None
            and not self.low <= self.value <= self.high
        ):
            raise ValueError(
                f"value == {self.value!r}, must lie in {self.low!r} to {self.high!r}."
            )

    def __format__(self, spec: str) -> str:
        if spec in ("", "value"):
            return self._written(self.value)
        if spec == "interval" and self.low is not None and self.high is not None:
            low = self._number(self.low)
            return f"{low} to {self._written(self.high)}"
        if spec == "n" and self.n is not None:
            return f"{self.n:,}"
        if spec == "slice" and self.slice:
            return self.slice
        raise ValueError(
            f"spec == {spec!r}, must be value, interval, n or slice, and "
            f"{self.metric} must have it."
        )

    def _number(self, value: float) -> str:
        if self.unit == SHARE:
            return f"{100 * value:.1f}"
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"

    def _written(self, value: float) -> str:
        return f"{self._number(value)} {self.unit}".strip()


def worst_of(
    numbers: Mapping[str, Estimate], metric: str, *, higher_is_better: bool = True
) -> Estimate:
    """Return the estimate of the slice where a metric is worst.

    Args:
        numbers: The evaluation.
        metric: As in ``Estimate.metric``.
        higher_is_better: Whether the lowest value is the worst.

    Raises:
        ValueError: If no slice has that metric.

    Example:
        >>> numbers = {
        ...     slice: Estimate(metric="recall", value=value, slice=slice)
        ...     for slice, value in (("north", 0.8), ("south", 0.6))
        ... }
        >>> worst_of(numbers, "recall").slice
        'south'
    """
    found = [e for e in numbers.values() if e.metric == metric and e.slice]
    if not found:
        raise ValueError(f"metric == {metric!r}, no slice of the evaluation has it.")
    sign = 1 if higher_is_better else -1
    return min(found, key=lambda estimate: sign * estimate.value)
