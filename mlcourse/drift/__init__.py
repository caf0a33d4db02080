"""How far the data of today is from the data a model learned from.

All functions are pure, all results plain numbers or frozen, and each formula names its
source.
"""

from mlcourse.drift.distance import js_distance, psi, psi_noise
from mlcourse.drift.domain import domain_auc
from mlcourse.drift.pages import Judgement, Page, judge_pages
from mlcourse.drift.scores import daily_scores

__all__ = [
    "Judgement",
    "Page",
    "daily_scores",
    "domain_auc",
    "js_distance",
    "judge_pages",
    "psi",
    "psi_noise",
]
