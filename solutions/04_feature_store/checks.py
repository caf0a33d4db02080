"""Checks and hints of lab 04. The hidden tests stand in the grader's notebook only."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from mlcourse.checks import Checks, expect
from mlcourse.features import FeatureRepository, open_repository
from mlcourse.writing import Brief, Number

checks = Checks("04_feature_store")


# Small frames that the checks and the hidden tests share ---------------------------


def day(*days: float) -> pd.DatetimeIndex:
    """Return moments: days after 1 January 2026, in UTC."""
    start = pd.Timestamp("2026-01-01", tz="UTC")
    return start + pd.to_timedelta(np.array(days, dtype=float), unit="D").round("s")


def ask(*days: float, member: str = "M1") -> pd.DataFrame:
    """Return requests for one member at some days."""
    return pd.DataFrame({"member_id": member, "event_timestamp": day(*days)})


def rows(*values: tuple[float, float, float], member: str = "M1", name: str = "orders"):
    """Return feature rows of one member from (event day, arrival day, value)."""
    events, arrivals, numbers = zip(*values, strict=True)
    return pd.DataFrame(
        {
            "member_id": member,
            "event_timestamp": day(*events),
            "created_timestamp": day(*arrivals),
            name: numbers,
        }
    )


def plain(values: Iterable[Any]) -> list[float | None]:
    """Return numbers as a learner reads them: None for what is missing."""
    return [None if pd.isna(value) else float(value) for value in values]


def repository_with(
    churn_features: Any, activity: pd.DataFrame, cases: pd.DataFrame
) -> FeatureRepository:
    """Open a Feast repository in which the learner's definitions are applied."""
    repository = open_repository()
    files = repository.write("activity", activity), repository.write("cases", cases)
    repository.store.apply(churn_features(*files))
    return repository


class TickingClock:
    """A clock that moves only when somebody works."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: Iterable[float], calls: list[Any] | None = None) -> Any:
        """Return a function that takes each of these times in turn."""
        waits = iter(seconds)

        def function(key: Any) -> None:
            self.now += next(waits)
            if calls is not None:
                calls.append(key)

        return function


# 1. The naive join -------------------------------------------------------------------

latest_join = checks.task(
    "latest_join",
    hints={
        "latest": "Sort the feature rows by event_timestamp, then by created_timestamp, "
        "and keep the last row of each member.",
        "rows": "A left merge on member_id keeps every request and its order. Drop the "
        "two times of the feature rows before it, so that those of the request stay.",
        "split": "The newest event_timestamp of rows is the test, everything before is "
        "for training. Compare each timestamp with the largest one.",
        "live": "Fit once, on the training rows. Then score the test rows twice: with "
        "their own features, and with those of served in the same places.",
        "class": "roc_auc_score takes the probability of churn, which is column 1 of "
        "predict_proba. The labels are those of rows both times.",
    },
)


@latest_join.expects("Each request gets its member's newest value.", hint="latest")
def _(latest_join):
    found = latest_join(ask(2, 9), rows((8, 9, 7), (8, 8, 6), (1, 1, 5)))
    expect(plain(found["orders"]) == [7, 7], got=plain(found["orders"]))


@latest_join.expects("Two numbers come back, in the order offline, live.", hint="live")
def _(offline_and_live_auc):
    frame = ask(1, 1, 2, 2).assign(x=[0.1, 0.9, 0.2, 0.8], churned=[False, True] * 2)
    served = frame.assign(x=[0.1, 0.9, 0.8, 0.2])
    pair = offline_and_live_auc(frame, served, ["x"], ScoreOfFirst())
    expect(tuple(pair) == (1.0, 0.0), got=pair)


class ScoreOfFirst:
    """A model whose probability is its first feature; it remembers what it saw."""

    def __init__(self) -> None:
        self.fitted: list[Any] = []

    def fit(self, frame: pd.DataFrame, labels: Any) -> "ScoreOfFirst":
        self.fitted.append((frame.copy(), list(labels)))
        return self

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        leave = frame.iloc[:, 0].to_numpy(dtype=float)
        return np.column_stack([1 - leave, leave])


# The first picture -------------------------------------------------------------------

timeline = checks.task(
    "timeline",
    hints={
        "opened": "A case begins at its hollow dot. Count the hollow dots left of the "
        "dashed line.",
        "known": "A case is in the data from its filled dot on. Count the filled dots "
        "left of the dashed line.",
    },
)


@timeline.expects("Both are whole numbers, and one is larger.", hint="known")
def _(opened_cases, known_cases):
    expect(opened_cases > known_cases >= 0, got=(opened_cases, known_cases))


# 2. The point-in-time join -------------------------------------------------------------

point_in_time_join = checks.task(
    "point_in_time_join",
    hints={
        "past": "Pair each request with all rows of its member: a merge on member_id. "
        "Then keep the pairs whose event is not after the request.",
        "arrival": "A row that arrived after the request was not there to be read. Its "
        "created_timestamp must not be after the request either. Leave it out before "
        "you choose the newest: the row before it still counts.",
        "ttl": "The age of a value is the request's time minus event_timestamp. Exactly "
        "ttl is still good.",
        "newest": "Among the pairs that are left, take the latest event_timestamp; where "
        "two are equal, the one that was created later. Sort, then keep the last.",
        "missing": "Whoever has no pair left still gets a row. Join the found values to "
        "the requests from the left.",
        "rows": "Number the requests before you pair them, and use that number to bring "
        "the values back. member_id and time do not identify a request, nor need its "
        "index.",
        "zones": "pd.to_datetime(column, utc=True) makes a moment of every time: zoned "
        "times are converted, those without a zone are read as UTC. Compare moments, and "
        "return the requests as they came.",
    },
)


@point_in_time_join.expects("No value is newer than its request.", hint="past")
def _(point_in_time_join):
    found = point_in_time_join(
        ask(0, 2, 9), rows((1, 1, 5), (8, 8, 7)), ttl=timedelta(days=30)
    )
    expect(plain(found["orders"]) == [None, 5, 7], got=plain(found["orders"]))


@point_in_time_join.expects(
    "Until a late row arrives, the one before it counts.", hint="arrival"
)
def _(point_in_time_join):
    found = point_in_time_join(
        ask(4, 6), rows((1, 1, 5), (3, 5, 7)), ttl=timedelta(days=30)
    )
    expect(plain(found["orders"]) == [5, 7], got=plain(found["orders"]))


# 3. Feast ------------------------------------------------------------------------------

historical = checks.task(
    "historical",
    hints={
        "define": "FeatureView(name=..., entities=[member], ttl=..., schema=[Field(...)], "
        "source=FileSource(...)). The service takes the two views in a list.",
        "source": "FileSource(path=str(file), timestamp_field=..., "
        "created_timestamp_column=...): Feast must know both times.",
        "known": "created_timestamp_column alone only breaks ties. Look at the last "
        "parameter of get_historical_features.",
        "lost": "Ask Feast for one view at a time, as f'{view}:{feature}', and put each "
        "answer beside the requests with a left merge. "
        "store.get_feature_service(name).feature_view_projections lists the views with "
        "their features.",
        "feast": "Let store.get_historical_features do the join; a join of your own is no "
        "second opinion.",
        "rows": "The answer of Feast has another order, and equal requests become one. "
        "Merge it to the requests on member_id and event_timestamp, from the left, and "
        "give the result the index of the requests.",
    },
)


@historical.expects("The definitions are the four that were asked for.", hint="define")
def _(churn_features):
    member, *views, service = churn_features("activity.parquet", "cases.parquet")
    names = [thing.name for thing in (member, *views, service)]
    expect(names == ["member", "activity", "cases", "churn_v1"], got=names)
    got = [{field.name for field in view.schema} - {"member_id"} for view in views]
    expect(got == [{"sessions_28d", "orders_28d"}, {"case_severity"}], got=got)


@historical.expects("Each request comes back, with what was known.", hint="lost")
def _(churn_features, historical):
    activity = rows((1, 1, 4), (8, 8, 6), name="sessions_28d").assign(orders_28d=1)
    cases = rows((2, 2, 3), name="case_severity")
    with repository_with(churn_features, activity, cases) as repository:
        found = historical(repository.store, ask(9, 3, 0))
    got = [plain(found[name]) for name in ("sessions_28d", "case_severity")]
    expect(got == [[6, 4, None], [3, 3, None]], got=got)


@historical.expects("The answers keep the index of the requests.", hint="rows")
def _(churn_features, historical):
    activity = rows((1, 1, 4), name="sessions_28d").assign(orders_28d=1)
    cases = rows((1, 1, 3), name="case_severity")
    with repository_with(churn_features, activity, cases) as repository:
        found = historical(repository.store, ask(3, 2).set_axis([7, 4]))
    expect(list(found.index) == [7, 4], got=list(found.index))


# 4. Online -----------------------------------------------------------------------------

read_online = checks.task(
    "read_online",
    hints={
        "window": "A row may arrive long after its event, and still be within its ttl. "
        "Begin each refresh one ttl before the moment, the longest of all views.",
        "moment": "materialize takes plain datetimes with a zone: moment.to_pydatetime(). "
        "Nothing after the moment may come in.",
        "order": "get_online_features answers in the order of entity_rows, one dict a "
        "member: {'member_id': member}.",
        "ttl": "The online store does not look at the ttl. Take the event time of each "
        "feature from its NAME__ts, and compare its age at the moment with the ttl of the "
        "feature's view: store.get_feature_view(name).ttl.",
        "columns": "to_df(include_event_timestamps=True) adds a time for the key, too. "
        "Return member_id and the features of the service, and nothing else.",
        "online": "A service has no parquet files. Read with get_online_features what "
        "refresh has copied.",
    },
)


@read_online.expects("What was refreshed can be read.", hint="window")
def _(churn_features, refresh, read_online):
    activity = rows((1, 1, 4), name="sessions_28d").assign(orders_28d=1)
    cases = rows((1, 1, 2), name="case_severity")
    with repository_with(churn_features, activity, cases) as repository:
        refresh(repository.store, day(2)[0])
        found = read_online(repository.store, ["M1"], day(2)[0])
    got = [plain(found[name]) for name in ("sessions_28d", "case_severity")]
    expect(got == [[4], [2]], got=got)


@read_online.expects("It gives the key and the features, and no more.", hint="columns")
def _(churn_features, refresh, read_online):
    activity = rows((1, 1, 4), name="sessions_28d").assign(orders_28d=1)
    cases = rows((1, 1, 2), name="case_severity")
    with repository_with(churn_features, activity, cases) as repository:
        refresh(repository.store, day(2)[0])
        found = read_online(repository.store, ["M1"], day(2)[0])
    wanted = ["case_severity", "member_id", "orders_28d", "sessions_28d"]
    expect(sorted(found) == wanted, got=list(found))


# 5. Skew -------------------------------------------------------------------------------

find_skew = checks.task(
    "find_skew",
    hints={
        "evidence": "A request speaks for a transformation if the served value equals "
        "transformation(offline value) and not the offline value. Compare with np.isclose: "
        "some transformations give fractions.",
        "pair": "Count this evidence for each feature and each transformation. The pair "
        "with the most wins; a mere difference from the offline value is no evidence.",
        "change": "Single coincidences happen before the fault too. Look for the moment "
        "at which the rate of evidence changes: the cumulative sum of (evidence minus its "
        "mean) is lowest just before it.",
        "time": "Requests may come in any order. Sort by request_time first.",
    },
)


@find_skew.expects("It names feature, transformation and a moment.", hint="evidence")
def _(find_skew):
    times = pd.date_range("2026-02-01", periods=8, freq="h")
    right = pd.DataFrame({"request_time": times, "x": [1.5, 2.5, 3.5, 4.5] * 2})
    wrong = right.assign(x=[1.5, 2.5, 3.5, 4.5, 150.0, 250.0, 350.0, 450.0])
    ways = {
        "capped at 1000": lambda x: np.minimum(x, 1000),  # leaves each of these alone
        "half": lambda x: x / 2,
        "in cents": lambda x: 100 * x,
    }
    found = find_skew(wrong, right, ["x"], ways)
    expect(tuple(found[:2]) == ("x", "in cents"), got=tuple(found))
    expect(found[2] == times[4], got=found[2])


# 6. Latency ----------------------------------------------------------------------------

compare_latency = checks.task(
    "compare_latency",
    hints={
        "percentile": "Keep one duration for each call. The ratio of percentiles is "
        "np.percentile of the slow ones over np.percentile of the fast ones.",
        "alternate": "For each key call read, then recompute, then take the next key. A "
        "busy minute of the machine then meets both.",
        "warm": "The first calls open files and fill caches. Make warmup calls of each "
        "before the first that counts, with the first key.",
    },
)


@compare_latency.expects(
    "It says how many times slower the second is.", hint="percentile"
)
def _(compare_latency):
    clock = TickingClock()
    fast, slow = clock.work([1.0] * 99), clock.work([5.0] * 99)
    found = compare_latency(fast, slow, list("abcd"), clock=clock)
    expect(set(found) == {"p50_ratio", "p95_ratio"}, got=found)
    expect(all(abs(value - 5) < 1e-9 for value in found.values()), got=found)


# 7. Versions ---------------------------------------------------------------------------

add_version = checks.task(
    "add_version",
    hints={
        "new": "A new meaning needs a new view, activity_v2, with its own source, and a "
        "new service, churn_v2. Who reads churn_v1 must not notice.",
        "same": "Take everything but name and source from the old view: "
        "store.get_feature_view('activity') knows its entities, schema and ttl.",
        "cases": "store.get_feature_view('cases') can be part of two services.",
        "users": "store.list_feature_services() gives the services. Each has "
        "feature_view_projections with the names of the views that it reads.",
    },
)


@add_version.expects("The registry has old and new, side by side.", hint="new")
def _(churn_features, add_version):
    with _two_versions(churn_features, add_version) as repository:
        services = sorted(s.name for s in repository.store.list_feature_services())
        views = sorted(view.name for view in repository.store.list_feature_views())
    expect(services == ["churn_v1", "churn_v2"], got=services)
    expect(views == ["activity", "activity_v2", "cases"], got=views)


@add_version.expects("It says who still reads a view.", hint="users")
def _(churn_features, add_version, users_of):
    with _two_versions(churn_features, add_version) as repository:
        found = users_of(repository.store, "cases")
    expect(found == ["churn_v1", "churn_v2"], got=found)


def _two_versions(churn_features: Any, add_version: Any) -> FeatureRepository:
    activity = rows((1, 1, 4), name="sessions_28d").assign(orders_28d=1)
    cases = rows((1, 1, 2), name="case_severity")
    repository = repository_with(churn_features, activity, cases)
    counted_once = activity.assign(sessions_28d=3)
    add_version(repository.store, repository.write("activity_v2", counted_once))
    return repository


# 8. Streaming --------------------------------------------------------------------------

WindowedCount = checks.task(
    "WindowedCount",
    hints={
        "edge": "An event counts while its age is at least 0 and less than the window. "
        "At the age of exactly one window it is out.",
        "twice": "Keep the event_id of what you hold. The same event_id again, however "
        "late, must not count again.",
        "late": "A late event is put where its own time belongs: keep the time of each "
        "event, not the order of arrival. One that is already too old is not held.",
        "forget": "forget drops all that is held of one member, and of nobody else.",
        "bounded": "What is too old by now can never count again, because now only grows. "
        "Drop it in every update, for all members: a heap knows the oldest event.",
        "future": "A clock that is ahead sends times that are still to come. Hold such an "
        "event, and count it once its time has come. Expire by now, not by event times.",
    },
)


@WindowedCount.expects(
    "It counts what is in the window, member by member.", hint="edge"
)
def _(WindowedCount):
    counter = WindowedCount(window=100)
    for number, (member, when) in enumerate((("M1", 10), ("M1", 50), ("M2", 60))):
        counter.update(f"E{number}", member, when, now=when)
    got = [counter.count(m, now=n) for m, n in (("M1", 60), ("M2", 60), ("M1", 120))]
    expect(got == [2, 1, 1], got=got)


# 9. The design -------------------------------------------------------------------------

BRIEF = Brief(
    sections=(
        ("Entities", "Entity", "Keys"),
        ("Features", "Feature views", "Schema"),
        ("Freshness", "Times", "Time"),
        ("Backfill", "History"),
        ("Deletion", "Personal data", "Erasure"),
        ("Owner", "Ownership", "Changes"),
    ),
    words=(300, 800),
    numbers={
        "auc_naive_offline": Number(),
        "auc_naive_live": Number(),
        "auc_live": Number(),
        "p50_ratio": Number("x"),
    },
    terms=(
        "entity key",
        "feature view",
        "point-in-time join",
        ("time to live", "TTL"),
        "online store",
        "offline store",
        "backfill",
    ),
    max_grade=11.0,
)

design = checks.task(
    "design",
    hints={
        "copy": "Run the cell that prints measured, and paste what it prints.",
        "sections": "Six headings: entities and keys, features, freshness, backfill, "
        "deletion of personal data, owner and changes. At least 300 words in all.",
        "numbers": "Give the three AUCs and the ratio of p50 from measured, with at "
        "least two digits, and say what each one justifies.",
        "terms": "Name the parts by their names: entity key, feature view, point-in-time "
        "join, time to live, online store, offline store, backfill.",
        "plain": "Shorter sentences. A designer from another team must understand each "
        "one at first reading. The review names the heaviest.",
        "claims": "A design says what is checked and what is left, not that nothing can "
        "go wrong.",
    },
)


@design.expects("The design and the numbers behind it are there.", hint="sections")
def _(design, measured):
    score = review(design, measured).score
    message = "Half of the review must be met. The cell above shows what to mend."
    expect(score >= 0.5, got=f"{score:.2f}", message=message)


@design.expects("The numbers can come from this lab.", hint="copy")
def _(measured):
    missing = set(BRIEF.numbers) - set(measured)
    expect(not missing, got=sorted(missing), message="These are missing.")
    aucs = [measured[name] for name in BRIEF.numbers if name.startswith("auc")]
    expect(all(0 <= value <= 1 for value in aucs), got=aucs)
    naive, live = measured["auc_naive_offline"], measured["auc_naive_live"]
    expect(naive > live, got=(naive, live), message="Offline was higher than live.")
    expect(measured["p50_ratio"] > 1, got=measured["p50_ratio"])


for sentence, hint, criteria in (
    ("All six sections are there.", "sections", ("sections", "length")),
    ("The numbers are yours.", "numbers", ("numbers",)),
    ("The parts have their names.", "terms", ("terms",)),
    ("Another team can read it.", "plain", ("reading",)),
    ("It claims no more than was measured.", "claims", ("claims",)),
):

    @design.expects(sentence, hint=hint, part=True)
    def _(design, measured, criteria=criteria):
        met = review(design, measured).by_criterion
        shares = {name: round(met[name], 2) for name in criteria}
        expect(min(shares.values()) > 0.99, got=shares, message="1 is all of it.")


def review(design: str, measured: dict[str, float]) -> Any:
    """Review the design; the result shows what to mend."""
    values = {name: measured.get(name, 0.0) for name in BRIEF.numbers}
    return BRIEF.review(design, values=values)
