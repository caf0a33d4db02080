"""What an experiment showed: effects with intervals, the split, and looking early.

Arms are arrays with one value a randomised unit, such as a visitor. All functions are
pure, all results frozen, and each formula names its source.
"""

from mlcourse.experiments.balance import mismatch_p_value
from mlcourse.experiments.effect import Effect, cuped_effect, mean_effect, ratio_effect
from mlcourse.experiments.sequential import always_valid_limit, obrien_fleming_limits

__all__ = [
    "Effect",
    "always_valid_limit",
    "cuped_effect",
    "mean_effect",
    "mismatch_p_value",
    "obrien_fleming_limits",
    "ratio_effect",
]
