"""Distances between two samples of one feature."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["EMPTY", "bin_shares", "js_distance", "psi", "psi_noise"]

Floats = NDArray[np.float64]

EMPTY = 1e-4  # what an empty bin counts as


def psi(reference: ArrayLike, current: ArrayLike, *, bins: int = 10) -> float:
    """Return the population stability index of one feature.

    The sum over all bins of (c - r) ln(c / r), where r and c are the shares of the
    reference and of the current sample.

    Args:
        reference: Numbers, flags or categories, shape (n,), without missing values.
        current: The same kind, shape (m,).
        bins: Bins of a number, cut at quantiles of the reference; a category and a
            flag have one bin for each value of either sample.

    Returns:
        The index, from 0, without a unit. An empty bin counts as a share of 0.0001.

    Raises:
        ValueError: If a sample is empty or ``bins`` is below 2.

    Source:
        Siddiqi 2006, Credit Risk Scorecards, Wiley. It is the Jeffreys divergence:
        Jeffreys 1946, Proceedings of the Royal Society A 186.

    Example:
        >>> round(psi(["a", "b"], ["a", "b", "b", "b"]), 4)
        0.2747
    """
    r, c = (shares.clip(EMPTY) for shares in bin_shares(reference, current, bins=bins))
    return float(np.sum((c - r) * np.log(c / r)))


def js_distance(reference: ArrayLike, current: ArrayLike, *, bins: int = 10) -> float:
    """Return the Jensen-Shannon distance of one feature, in the bins of ``psi``.

    The root of the mean of the two Kullback-Leibler divergences from the mixture, with
    logarithms to base 2.

    Args:
        reference: As in ``psi``.
        current: As in ``psi``.
        bins: As in ``psi``.

    Returns:
        From 0 for equal shares to 1 for samples that share no bin.

    Raises:
        ValueError: If a sample is empty or ``bins`` is below 2.

    Source:
        Lin 1991, IEEE Transactions on Information Theory 37(1). The root is a metric:
        Endres and Schindelin 2003, IEEE Transactions on Information Theory 49(7).

    Example:
        >>> js_distance(["a"], ["b"])
        1.0
    """
    r, c = bin_shares(reference, current, bins=bins)
    middle = (r + c) / 2
    divergence = (_kl(r, middle) + _kl(c, middle)) / 2
    return float(np.sqrt(np.maximum(divergence, 0.0)))


def psi_noise(
    n_reference: int, n_current: int, *, bins: int = 10, alpha: float = 0.05
) -> float:
    """Return the PSI that two samples of the same data exceed by chance.

    Without drift PSI / (1 / n + 1 / m) follows about a chi-squared distribution with
    ``bins - 1`` degrees of freedom, as long as every bin is well filled.

    Args:
        n_reference: Rows of the reference.
        n_current: Rows of the current sample.
        bins: Bins, at least 2.
        alpha: How often it may be exceeded, between 0 and 1.

    Raises:
        ValueError: If an argument is out of range.

    Source:
        Yurdakul 2018, Statistical Properties of Population Stability Index, Western
        Michigan University.

    Example:
        >>> round(psi_noise(100_000, 100), 3)
        0.169
    """
    from scipy.stats import chi2  # type: ignore[import-untyped]

    for name, count, least in (
        ("n_reference", n_reference, 1),
        ("n_current", n_current, 1),
        ("bins", bins, 2),
    ):
        if count < least:
            raise ValueError(f"{name} == {count!r}, must be >= {least}.")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha == {alpha!r}, must be between 0 and 1.")
    return float(chi2.isf(alpha, bins - 1) * (1 / n_reference + 1 / n_current))


def bin_shares(
    reference: ArrayLike, current: ArrayLike, *, bins: int
) -> tuple[Floats, Floats]:
    """Return the share of each bin in both samples.

    A number on an edge belongs to the bin below it, so that a value that many rows
    share gets a bin of its own; the outer bins are open.

    Args:
        reference: As in ``psi``.
        current: As in ``psi``.
        bins: As in ``psi``.

    Returns:
        Two arrays of the same shape (bins,), or fewer where quantiles coincide.

    Raises:
        ValueError: If a sample is empty or ``bins`` is below 2.

    Example:
        >>> bin_shares([1, 2, 3, 4], [0, 9, 9, 9], bins=2)
        (array([0.5, 0.5]), array([0.25, 0.75]))
    """
    if bins < 2:
        raise ValueError(f"bins == {bins!r}, must be >= 2.")
    old, new = pd.Series(reference), pd.Series(current)
    for name, values in (("reference", old), ("current", new)):
        if values.empty:
            raise ValueError(f"{name} has 0 rows, must have >= 1.")
    if old.dtype.kind in "if":
        edges = np.unique(np.quantile(old, np.arange(1, bins) / bins))
        old_bin, new_bin = np.searchsorted(edges, old), np.searchsorted(edges, new)
        k = len(edges) + 1
    else:
        both = pd.concat([old, new]).astype(str)
        codes, values = pd.factorize(both)
        old_bin, new_bin, k = codes[: len(old)], codes[len(old) :], len(values)
    r, c = np.bincount(old_bin, minlength=k), np.bincount(new_bin, minlength=k)
    return r / len(old), c / len(new)


def _kl(p: Floats, q: Floats) -> float:
    """Return the Kullback-Leibler divergence in bits; what p lacks adds nothing."""
    kept = p > 0
    return float(np.sum(p[kept] * np.log2(p[kept] / q[kept])))
