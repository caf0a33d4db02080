"""Limits for a test statistic that is looked at more than once."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]

__all__ = ["always_valid_limit", "obrien_fleming_limits"]

Floats = NDArray[np.float64]

GRID = 401  # points of the density; the limits are then right to about 1e-4


def always_valid_limit(share: float, *, alpha: float = 0.05) -> float:
    """Return the limit for |z| that may be looked at after every unit, for ever.

    Robbins' normal mixture, ``sqrt((1 + 1/r) * log((1 + r) / alpha**2))`` with
    ``r = rho**2 * n``: Robbins 1970, Annals of Mathematical Statistics 41(5); as a
    confidence sequence Howard, Ramdas, McAuliffe and Sekhon 2021, Annals of Statistics
    49(2), and for estimated variances Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
    2024, Annals of Statistics 52(6), whose rho is taken: the one that makes the limit
    about the narrowest at the planned size.

    Args:
        share: Units seen so far over units planned, greater than 0; may pass 1.
        alpha: Chance of ever crossing the limit where there is no effect.

    Returns:
        The limit, in standard errors of the estimate at that moment.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> round(always_valid_limit(1.0), 2)
        3.04
    """
    if not 0 < share < math.inf:
        raise ValueError(f"share == {share!r}, must be > 0 and finite.")
    _check_alpha(alpha)
    wide = -2 * math.log(alpha)
    r = share * (wide + math.log(wide) + 1)
    return math.sqrt((1 + 1 / r) * math.log((1 + r) / alpha**2))


def obrien_fleming_limits(looks: int, *, alpha: float = 0.05) -> Floats:
    """Return the limits for |z| at planned looks, strict early and mild at the end.

    Up to the share t of the units, each side may spend ``2 - 2 * Phi(z / sqrt(t))`` of
    error, where z is the quantile of ``1 - alpha / 4``: Lan and DeMets 1983, Biometrika
    70(3), in the shape of O'Brien and Fleming 1979, Biometrics 35(3). The chance to get
    to a look is integrated numerically, as in Jennison and Turnbull 2000, Group
    Sequential Methods, chapter 19.

    Args:
        looks: Number of looks, after equal parts of the units, 1 to 100.
        alpha: Chance of crossing any limit where there is no effect.

    Returns:
        One limit a look, shape (looks,), in standard errors at that look.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> obrien_fleming_limits(5).round(2)
        array([4.88, 3.36, 2.68, 2.29, 2.03])
    """
    if not 1 <= looks <= 100:
        raise ValueError(f"looks == {looks!r}, must be 1 to 100.")
    _check_alpha(alpha)
    times = np.arange(1, looks + 1) / looks
    budget = 2 * ndtr(ndtri(alpha / 4) / np.sqrt(times))
    step = math.sqrt(1 / looks)
    limits = np.empty(looks)
    at, density = np.zeros(1), np.ones(1)  # where the sum is, and how likely
    for look, time in enumerate(times):
        spend = budget[look] - (budget[look - 1] if look else 0.0)
        edge = _edge(at, density, step, spend)
        limits[look] = edge / math.sqrt(time)
        grid = np.linspace(-edge, edge, GRID)
        jumps = (grid[:, None] - at) / step
        weights = np.full(GRID, grid[1] - grid[0])
        weights[[0, -1]] /= 2
        arrive = np.exp(-(jumps**2) / 2) @ density / (step * math.sqrt(2 * math.pi))
        at, density = grid, arrive * weights
    return limits


def _edge(at: Floats, density: Floats, step: float, spend: float) -> float:
    """Return the upper edge that this look's error crosses."""
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        above = float(ndtr((at - middle) / step) @ density)
        low, high = (middle, high) if above > spend else (low, middle)
    return high


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise ValueError(f"alpha == {alpha!r}, must be between 0 and 1.")
