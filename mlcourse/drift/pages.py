"""Pages of a drift monitor, judged against what really happened."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

__all__ = ["Judgement", "Page", "judge_pages"]


class Page(NamedTuple):
    """One call of a person to the screen.

    Args:
        feature: What has drifted.
        since: The first day that it is seen on.
        paged: The day of the call, not before ``since``.
    """

    feature: str
    since: date
    paged: date


class Judgement(NamedTuple):
    """How a monitor did in a period whose truth is known.

    Args:
        delays: For each feature that was found, days from its first day to the page.
        missed: Features that drifted without a page, in alphabetical order.
        false_pages: Pages for what had not drifted on that day.
    """

    delays: dict[str, int]
    missed: tuple[str, ...]
    false_pages: int


def judge_pages(pages: Iterable[Page], drifts: Mapping[str, date]) -> Judgement:
    """Judge pages against the first day of each drift.

    A page for a drifted feature from its first day on is right, and the first of them
    gives the delay; any other page is false.

    Args:
        pages: In any order.
        drifts: First day of the drift of each feature that drifted.

    Example:
        >>> first, second = date(2026, 3, 2), date(2026, 3, 4)
        >>> pages = [Page("hour", first, first), Page("amount_eur", first, second)]
        >>> judge_pages(pages, {"amount_eur": first})
        Judgement(delays={'amount_eur': 2}, missed=(), false_pages=1)
    """
    delays: dict[str, int] = {}
    false_pages = 0
    for page in sorted(pages, key=lambda page: page.paged):
        first = drifts.get(page.feature)
        if first is None or page.paged < first:
            false_pages += 1
        else:
            delays.setdefault(page.feature, (page.paged - first).days)
    return Judgement(delays, tuple(sorted(set(drifts) - set(delays))), false_pages)
