"""The difference between two arms, with what it is worth: its interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]

__all__ = ["Effect", "cuped_effect", "mean_effect", "ratio_effect"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference, treatment minus control, in the unit of the metric.

    Args:
        estimate: The difference that was seen.
        se: Its standard error.
        low: Lower end of the interval.
        high: Upper end of the interval.
        p_value: Chance of a difference at least as far from zero if there is none.
    """

    estimate: float
    se: float
    low: float
    high: float
    p_value: float

    @classmethod
    def normal(cls, estimate: float, *, se: float, alpha: float = 0.05) -> "Effect":
        """Return the effect whose estimate varies as a normal variable.

        Args:
            estimate: The difference.
            se: Its standard error, greater than 0.
            alpha: One minus the level of the interval, between 0 and 1.

        Raises:
            ValueError: If ``se`` or ``alpha`` is out of range.

        Example:
            >>> effect = Effect.normal(0.012, se=0.004)
            >>> print(effect)
            0.012 [0.00416, 0.0198], p = 0.0027
        """
        if not se > 0:
            raise ValueError(f"se == {se!r}, must be > 0: do the values vary?")
        if not 0 < alpha < 1:
            raise ValueError(f"alpha == {alpha!r}, must be between 0 and 1.")
        half = -float(ndtri(alpha / 2)) * se
        p_value = 2 * float(ndtr(-abs(estimate / se)))
        return cls(
            float(estimate),
            float(se),
            float(estimate - half),
            float(estimate + half),
            p_value,
        )

    def __str__(self) -> str:
        ends = f"[{self.low:.3g}, {self.high:.3g}]"
        return f"{self.estimate:.3g} {ends}, p = {self.p_value:.2g}"


def mean_effect(
    treatment: ArrayLike, *, control: ArrayLike, alpha: float = 0.05
) -> Effect:
    """Compare two means without assuming equal variances; a share is a mean too.

    The variance is ``s_t**2 / n_t + s_c**2 / n_c``: Welch 1947, Biometrika 34. With
    the thousands of units of an online experiment the normal distribution stands for
    Student's.

    Args:
        treatment: One number or truth value a unit, at least two.
        control: The same for the other arm.
        alpha: One minus the level of the interval.

    Raises:
        ValueError: If an arm is too small, not one-dimensional or not finite.

    Example:
        >>> print(mean_effect([3.0, 4.0, 5.0], control=[1.0, 2.0, 3.0]))
        2 [0.4, 3.6], p = 0.014
    """
    t, c = _arm(treatment, "treatment"), _arm(control, "control")
    return Effect.normal(t.mean() - c.mean(), se=_se(t, c), alpha=alpha)


def ratio_effect(
    treatment: tuple[ArrayLike, ArrayLike],
    *,
    control: tuple[ArrayLike, ArrayLike],
    alpha: float = 0.05,
) -> Effect:
    """Compare two ratios of totals, such as revenue per session, by the delta method.

    To first order, the ratio R of two means varies as the mean of
    ``(numerator - R * denominator) / mean(denominator)``: Deng, Knoblich and Lu 2018,
    Applying the Delta Method in Metric Analytics, KDD.

    Args:
        treatment: Numerator and denominator, one number a unit each.
        control: The same for the other arm.
        alpha: One minus the level of the interval.

    Raises:
        ValueError: If an arm is not usable, its two parts differ in length, or its
            denominators add up to 0.

    Example:
        >>> one = ([2.0, 0.0, 9.0], [1, 2, 3])
        >>> ratio_effect(one, control=([2.0, 1.0, 3.0], [1, 2, 3])).estimate
        0.8333333333333333
    """
    t_ratio, t_parts = _linear(treatment, "treatment")
    c_ratio, c_parts = _linear(control, "control")
    return Effect.normal(t_ratio - c_ratio, se=_se(t_parts, c_parts), alpha=alpha)


def cuped_effect(
    treatment: tuple[ArrayLike, ArrayLike],
    *,
    control: tuple[ArrayLike, ArrayLike],
    alpha: float = 0.05,
) -> Effect:
    """Compare two means after taking away what was known before the experiment.

    ``y - theta * (x - mean(x))`` with one ``theta = cov(x, y) / var(x)`` for both arms,
    estimated within them: Deng, Xu, Kohavi and Walker 2013, Improving the Sensitivity
    of Online Controlled Experiments by Utilizing Pre-Experiment Data, WSDM.
    The variance falls by the square of the correlation of x and y.

    Args:
        treatment: Outcome and covariate; the covariate from before the experiment.
        control: The same for the other arm.
        alpha: One minus the level of the interval.

    Raises:
        ValueError: If an arm is not usable, its two parts differ in length, or the
            covariate does not vary.

    Example:
        >>> one = ([3.0, 5.0, 8.0], [1, 2, 3])
        >>> round(cuped_effect(one, control=([1.0, 3.0, 5.0], [1, 2, 3])).se, 3)
        0.264
    """
    (t_y, t_x), (c_y, c_x) = _pair(treatment, "treatment"), _pair(control, "control")
    t_cov, c_cov = np.cov(t_x, t_y), np.cov(c_x, c_y)
    t_weight, c_weight = len(t_y) - 1, len(c_y) - 1
    pooled = t_weight * t_cov + c_weight * c_cov
    if not pooled[0, 0] > 0:
        raise ValueError("var(covariate) == 0, must be > 0: take another one.")
    theta = pooled[0, 1] / pooled[0, 0]
    t, c = t_y - theta * t_x, c_y - theta * c_x
    return Effect.normal(t.mean() - c.mean(), se=_se(t, c), alpha=alpha)


def _se(treatment: Floats, control: Floats) -> float:
    return float(
        np.sqrt(
            treatment.var(ddof=1) / len(treatment) + control.var(ddof=1) / len(control)
        )
    )


def _arm(values: ArrayLike, name: str) -> Floats:
    arm = np.asarray(values, dtype=np.float64)
    if arm.ndim != 1 or len(arm) < 2:
        raise ValueError(f"{name} has shape {arm.shape}, must be (n,) with n >= 2.")
    if not np.isfinite(arm).all():
        raise ValueError(f"{name} holds NaN or infinity: drop or fill these units.")
    return arm


def _pair(values: tuple[ArrayLike, ArrayLike], name: str) -> tuple[Floats, Floats]:
    first, second = _arm(values[0], name), _arm(values[1], name)
    if len(first) != len(second):
        raise ValueError(
            f"{name} has {len(first)} and {len(second)} values, must be as many."
        )
    return first, second


def _linear(
    values: tuple[ArrayLike, ArrayLike], name: str
) -> tuple[np.float64, Floats]:
    above, below = _pair(values, name)
    if below.sum() == 0:
        raise ValueError(f"sum of the denominators of {name} == 0, must not be.")
    ratio = above.sum() / below.sum()
    return ratio, (above - ratio * below) / below.mean()
