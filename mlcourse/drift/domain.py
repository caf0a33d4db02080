"""Can a model tell today's rows from others: a test that sees all columns at once."""

import numpy as np
import pandas as pd

__all__ = ["domain_auc"]


def domain_auc(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    rng: np.random.Generator,
    folds: int = 3,
) -> float:
    """Return how well a classifier tells current rows from reference rows.

    Gradient-boosted trees are trained to tell the two apart, and judged on rows they
    were not trained on. 0.5 means no difference that they can find, 1 a full one.

    Args:
        reference: Features, one row a case; numbers, flags and categories.
        current: The same columns.
        rng: Source of the folds.
        folds: Folds of the cross-validation, at least 2.

    Returns:
        Area under the ROC curve of the out-of-fold scores, from 0 to 1.

    Raises:
        ValueError: If the columns differ, or a frame has fewer rows than folds.

    Source:
        Lopez-Paz and Oquab 2017, Revisiting Classifier Two-Sample Tests, ICLR.
        Rabanser, Günnemann and Lipton 2019, Failing Loudly, NeurIPS.

    Example:
        >>> frame = pd.DataFrame({"x": np.arange(200.0)})
        >>> domain_auc(frame, frame + 1000, rng=np.random.default_rng(0)) > 0.99
        True
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
    from sklearn.model_selection import (  # type: ignore[import-untyped]
        StratifiedKFold,
        cross_val_predict,
    )

    if list(reference) != list(current):
        raise ValueError(f"current has columns {list(current)}, must be as reference.")
    if folds < 2 or min(len(reference), len(current)) < folds:
        fewest = min(len(reference), len(current))
        raise ValueError(f"folds == {folds!r}, must be >= 2 and <= rows ({fewest}).")
    rows = pd.concat([reference, current], ignore_index=True)
    is_current = np.repeat([0, 1], [len(reference), len(current)])
    model = HistGradientBoostingClassifier(
        max_iter=60, categorical_features="from_dtype", random_state=0
    )
    split = StratifiedKFold(folds, shuffle=True, random_state=int(rng.integers(2**31)))
    score = cross_val_predict(
        model, rows, is_current, cv=split, method="predict_proba"
    )[:, 1]
    return float(roc_auc_score(is_current, score))
