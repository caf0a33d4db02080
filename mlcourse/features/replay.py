"""Production played again: what a store really held at the moment of each request."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["replay"]

KEYS = ("member_id", "event_timestamp", "created_timestamp")


def replay(
    requests: "pd.DataFrame", features: "pd.DataFrame", *, ttl: timedelta
) -> "pd.DataFrame":
    """Return what an online store would have answered to each request.

    The rows go into a store one by one as they arrive, and each request is answered
    from what is there. A row replaces that of its member unless it is about an earlier
    moment. An answer older than ``ttl`` counts as missing. There is no join in it, so
    it can judge one.

    Args:
        requests: One row a request: ``member_id``, ``event_timestamp`` (when it was
            asked), and any other columns.
        features: One row a value: ``member_id``, ``event_timestamp`` (the moment the
            value is about), ``created_timestamp`` (its arrival), and the features. All
            times have a zone, or none has.
        ttl: Greatest age of a value, counted from its event to the request.

    Returns:
        The requests with a column for each feature, in their order, with their index;
        NaN where the store had nothing.

    Raises:
        ValueError: If ``ttl`` is negative, or a row arrived before its event.

    Source:
        Transaction time and valid time: Snodgrass and Ahn 1985, A taxonomy of time in
        databases, ACM SIGMOD.

    Example:
        >>> import pandas as pd
        >>> day = lambda *days: pd.to_datetime([f"2026-01-{d:02}" for d in days])
        >>> rows = pd.DataFrame({"member_id": "M1", "event_timestamp": day(1, 2),
        ...     "created_timestamp": day(1, 5), "orders": [3, 4]})
        >>> asked = pd.DataFrame({"member_id": "M1", "event_timestamp": day(4, 5)})
        >>> replay(asked, rows, ttl=timedelta(days=9))["orders"].tolist()
        [3, 4]
    """
    import pandas as pd

    if ttl < timedelta(0):
        raise ValueError(f"ttl == {ttl!r}, must be >= 0.")
    late = features["created_timestamp"] >= features["event_timestamp"]
    if not late.all():
        first = features[~late].iloc[0].to_dict()
        raise ValueError(f"features == {first!r}, must arrive after the event.")

    names = [name for name in features if name not in KEYS]
    arrivals = features.sort_values(["created_timestamp", "event_timestamp"])
    rows = zip(*(arrivals[name] for name in (*KEYS, *names)), strict=True)
    asked = list(zip(requests["member_id"], requests["event_timestamp"], strict=True))
    held: dict[Any, tuple[Any, ...]] = {}
    answers: list[tuple[Any, ...]] = [()] * len(asked)
    nothing = (float("nan"),) * len(names)
    row: tuple[Any, ...] | None = next(rows, None)
    for position in requests["event_timestamp"].argsort(kind="stable"):
        member, now = asked[position]
        while row is not None and row[2] <= now:
            if row[0] not in held or row[1] >= held[row[0]][0]:
                held[row[0]] = (row[1], row[3:])
            row = next(rows, None)
        event, values = held.get(member, (None, nothing))
        fresh = event is not None and now - event <= ttl
        answers[position] = values if fresh else nothing
    found = pd.DataFrame(answers, columns=names, index=requests.index)
    return pd.concat([requests, found], axis=1)
