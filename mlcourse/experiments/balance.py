"""Whether the groups have the sizes that were planned."""

from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc  # type: ignore[import-untyped]

__all__ = ["mismatch_p_value"]


def mismatch_p_value(counts: Sequence[int], *, shares: Sequence[float]) -> float:
    """Return how likely counts this far from the plan are if the plan was followed.

    Pearson's chi-squared test with one degree of freedom less than there are groups:
    Fabijan et al. 2019, Diagnosing Sample Ratio Mismatch in Online Controlled
    Experiments, KDD.

    Args:
        counts: Units seen in each group, at least one in all.
        shares: Planned share of each group, each greater than 0, of any sum.

    Raises:
        ValueError: If the two differ in length, or hold values out of range.

    Example:
        >>> round(mismatch_p_value([821_588, 815_482], shares=[0.5, 0.5]), 9)
        1.822e-06
    """
    seen = np.asarray(counts, dtype=np.float64)
    planned = np.asarray(shares, dtype=np.float64)
    if seen.shape != planned.shape or seen.ndim != 1 or len(seen) < 2:
        raise ValueError(
            f"counts == {counts!r}, must be as many as shares, two or more."
        )
    if not (seen >= 0).all() or not seen.sum() > 0:
        raise ValueError(f"counts == {counts!r}, must be >= 0 and not all 0.")
    if not (planned > 0).all():
        raise ValueError(f"shares == {shares!r}, must be > 0.")
    expected = planned / planned.sum() * seen.sum()
    statistic = float(((seen - expected) ** 2 / expected).sum())
    return float(chdtrc(len(seen) - 1, statistic))
