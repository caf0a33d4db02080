"""Mistakes people make in lab 04, and the hint that each must lead to.

Most are the model answer with a slip in it, so that only the mistake is wrong.
"""

from pathlib import Path

from mlcourse.authoring.source import read_lab
from mlcourse.authoring.wrong_answers import Equivalent, WrongAnswer

LAB = read_lab(Path(__file__).parent)


def slip(
    answer: str, mistake: str, hint: str, *changes: tuple[str, str], test: str = ""
) -> WrongAnswer:
    """Return the model answer with each old text replaced by a new one."""
    code = LAB.find(answer, "answer", "memo").solution
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{answer} == {mistake!r}: {old!r} is not in the answer.")
        code = code.replace(old, new)
    return WrongAnswer(answer, mistake, code, hint, test)


WRONG_ANSWERS = [
    # 1. The naive join
    slip(
        "latest_join",
        "takes the first row of each member",
        "latest",
        ('keep="last"', 'keep="first"'),
    ),
    slip(
        "latest_join",
        "takes the row that arrived last",
        "latest",
        (
            '["event_timestamp", "created_timestamp"])\n    newest = newest.drop_dup',
            '["created_timestamp", "event_timestamp"])\n    newest = newest.drop_dup',
        ),
    ),
    slip(
        "latest_join",
        "does not break ties",
        "latest",
        (
            '["event_timestamp", "created_timestamp"])\n    newest = newest.drop_dup',
            '"event_timestamp", kind="stable")\n    newest = newest.drop_dup',
        ),
    ),
    slip(
        "latest_join",
        "does not sort",
        "latest",
        (
            'features.sort_values(["event_timestamp", "created_timestamp"])',
            "features",
        ),
    ),
    slip(
        "latest_join",
        "takes the newest value that is there, from an older row",
        "latest",
        (
            'newest.drop_duplicates("member_id", keep="last")',
            'newest.groupby("member_id", as_index=False).last()',
        ),
    ),
    slip(
        "latest_join",
        "takes the last rows for the newest",
        "live",
        ("frame.loc[test, features]", "frame[features].tail(test.sum())"),
    ),
    slip(
        "latest_join", "drops who has no row", "latest", ('how="left"', 'how="inner"')
    ),
    slip(
        "latest_join",
        "trains on the test rows too",
        "split",
        (
            'model.fit(rows.loc[~test, features], rows.loc[~test, "churned"])',
            'model.fit(rows[features], rows["churned"])',
        ),
    ),
    slip(
        "latest_join",
        "tests on the last row only by position",
        "split",
        (
            '(rows["event_timestamp"] == rows["event_timestamp"].max()).to_numpy()',
            "np.arange(len(rows)) >= len(rows) // 2",
        ),
    ),
    slip(
        "latest_join",
        "fits again on the served values",
        "split",
        (
            "    return offline, live",
            "    model.fit(served.loc[~test, features], labels)\n    return offline, live",
        ),
    ),
    slip("latest_join", "scores the other class", "live", ("[:, 1]", "[:, 0]")),
    slip(
        "latest_join",
        "returns live first",
        "live",
        ("return offline, live", "return live, offline"),
    ),
    # The first picture
    slip(
        "timeline",
        "counts all cases as opened",
        "opened",
        ('(lines["event_timestamp"] <= decision).sum()', "len(lines) + 1"),
    ),
    slip(
        "timeline",
        "takes what had happened for what was known",
        "known",
        ('lines["created_timestamp"] <=', 'lines["event_timestamp"] <='),
    ),
    slip(
        "timeline",
        "says that nothing was known",
        "known",
        ('int((lines["created_timestamp"] <= decision).sum())', "0"),
    ),
    # 2. The point-in-time join
    slip(
        "point_in_time_join",
        "looks into the future",
        "past",
        ("(age >= timedelta(0)) & ", ""),
    ),
    slip(
        "point_in_time_join",
        "leaves the moment itself out",
        "past",
        ("age >= timedelta(0)", "age > timedelta(0)"),
    ),
    slip(
        "point_in_time_join",
        "forgets arrival",
        "arrival",
        (
            '    passed &= pairs["created_timestamp"] <= pairs["asked_at"]\n',
            "",
        ),
    ),
    slip(
        "point_in_time_join",
        "leaves the moment of arrival out",
        "arrival",
        ('["created_timestamp"] <= pairs', '["created_timestamp"] < pairs'),
    ),
    slip("point_in_time_join", "ignores the ttl", "ttl", (" & (age <= ttl)", "")),
    slip(
        "point_in_time_join",
        "lets a value of exactly the ttl expire",
        "ttl",
        ("age <= ttl", "age < ttl"),
    ),
    slip(
        "point_in_time_join",
        "counts the ttl from arrival",
        "ttl",
        (
            "(age <= ttl)",
            '(pairs["asked_at"] - pairs["created_timestamp"] <= ttl)',
        ),
    ),
    slip(
        "point_in_time_join",
        "takes what arrived last",
        "newest",
        (
            'sort_values(["event_timestamp", "created_timestamp"])',
            'sort_values(["created_timestamp", "event_timestamp"])',
        ),
    ),
    slip(
        "point_in_time_join",
        "does not break ties",
        "newest",
        (
            'sort_values(["event_timestamp", "created_timestamp"])',
            'sort_values("event_timestamp", kind="stable")',
        ),
    ),
    slip(
        "point_in_time_join",
        "drops requests without a value",
        "past",
        (
            "    return pd.concat([requests, values], axis=1)",
            "    return pd.concat([requests, values], axis=1).dropna()",
        ),
    ),
    slip(
        "point_in_time_join",
        "fills with zero",
        "past",
        ("set_axis(requests.index)", "set_axis(requests.index).fillna(0)"),
    ),
    slip(
        "point_in_time_join",
        "knows a request by its key and time",
        "rows",
        (
            'best.drop_duplicates("request", keep="last").set_index("request")',
            'best.drop_duplicates(["member_id", "asked_at"], keep="last")'
            '.set_index("request")',
        ),
    ),
    slip(
        "point_in_time_join",
        "drops the zone of a time",
        "zones",
        (
            "pd.to_datetime(times, utc=True).to_numpy()",
            "(times.dt.tz_localize(None) if times.dt.tz else times).to_numpy()",
        ),
    ),
    WrongAnswer(
        "point_in_time_join",
        "uses merge_asof on event times",
        """
def point_in_time_join(requests, features, *, ttl):
    return pd.merge_asof(
        requests.sort_values("event_timestamp"),
        features.sort_values("event_timestamp").drop(columns="created_timestamp"),
        on="event_timestamp",
        by="member_id",
        tolerance=ttl,
    )
""",
        "arrival",
    ),
    WrongAnswer(
        "point_in_time_join",
        "takes the newest and then blanks what was late",
        """
def point_in_time_join(requests, features, *, ttl):
    joined = pd.merge_asof(
        requests.sort_values("event_timestamp"),
        features.sort_values(["event_timestamp", "created_timestamp"]),
        on="event_timestamp",
        by="member_id",
        tolerance=ttl,
    )
    names = features.columns.difference(["member_id", *TIMES])
    late = joined["created_timestamp"] > joined["event_timestamp"]
    joined.loc[late, names] = np.nan
    return joined.drop(columns="created_timestamp")


TIMES = ["event_timestamp", "created_timestamp"]
""",
        "arrival",
    ),
    slip(
        "point_in_time_join",
        "keeps the last correction before it looks at arrival",
        "newest",
        (
            "known = features.assign(",
            'last = features.sort_values("created_timestamp").drop_duplicates(\n'
            '        ["member_id", "event_timestamp"], keep="last"\n    )\n'
            "    known = last.assign(",
        ),
        ('_utc(features["event_timestamp"])', '_utc(last["event_timestamp"])'),
        ('_utc(features["created_timestamp"])', '_utc(last["created_timestamp"])'),
    ),
    # 3. Feast
    slip(
        "historical",
        "does not tell Feast of the created time",
        "source",
        (
            '                created_timestamp_column="created_timestamp",\n',
            "",
        ),
    ),
    slip(
        "historical",
        "takes the arrival for the event",
        "define",
        ('timestamp_field="event_timestamp"', 'timestamp_field="created_timestamp"'),
    ),
    slip(
        "historical",
        "swaps the two ttls",
        "define",
        ("activity_file, 14", "activity_file, 60"),
        ("cases_file, 60", "cases_file, 14"),
    ),
    slip(
        "historical",
        "lets late rows in",
        "known",
        ("            filter_by_created_timestamp=True,\n", ""),
    ),
    slip(
        "historical",
        "asks for the whole service at once",
        "lost",
        (
            'features=[f"{view.name}:{name}" for name in names]',
            "features=store.get_feature_service(service)",
        ),
    ),
    WrongAnswer(
        "historical",
        "returns what Feast returns",
        LAB.find("historical", "answer").solution.partition("def historical")[0]
        + """
def historical(store, requests, *, service="churn_v1"):
    return store.get_historical_features(
        entity_df=requests,
        features=store.get_feature_service(service),
        filter_by_created_timestamp=True,
    ).to_df()
""",
        "lost",
    ),
    WrongAnswer(
        "historical",
        "asks its own join, not Feast",
        LAB.find("historical", "answer").solution.partition("def historical")[0]
        + """
def historical(store, requests, *, service="churn_v1"):
    found = requests
    for read in store.get_feature_service(service).feature_view_projections:
        view = store.get_feature_view(read.name)
        names = ["member_id", *TIMES, *(feature.name for feature in read.features)]
        table = pd.read_parquet(view.batch_source.path)[names]
        found = point_in_time_join(found, table, ttl=view.ttl)
    return found
""",
        "feast",
    ),
    slip(
        "historical",
        "drops the index",
        "rows",
        ("found.set_axis(requests.index)", "found"),
    ),
    slip("historical", "drops who has no value", "lost", ('how="left"', 'how="inner"')),
    # 4. Online
    slip(
        "read_online",
        "refreshes the last day only",
        "window",
        ("(moment - longest)", "(moment - timedelta(days=1))"),
    ),
    slip(
        "read_online",
        "refreshes one week",
        "window",
        ("(moment - longest)", "(moment - timedelta(days=5))"),
    ),
    slip(
        "read_online",
        "refreshes from where the last refresh ended",
        "window",
        (
            "store.materialize((moment - longest).to_pydatetime(), moment.to_pydatetime())",
            "store.materialize_incremental(moment.to_pydatetime())",
        ),
    ),
    slip("read_online", "takes the shortest ttl", "window", ("max(view", "min(view")),
    slip(
        "read_online",
        "knows the longest ttl by heart",
        "ttl",
        (
            "max(view.ttl for view in store.list_feature_views())",
            "timedelta(days=60)",
        ),
    ),
    slip(
        "read_online",
        "knows the ttls by heart",
        "ttl",
        (
            "ttl = store.get_feature_view(view.name).ttl",
            'ttl = timedelta(days=14 if view.name == "activity" else 60)',
        ),
    ),
    slip(
        "read_online",
        "returns the times too",
        "columns",
        (
            'answer[["member_id"]].copy()',
            'answer[["member_id", "member_id__ts"]].copy()',
        ),
    ),
    slip(
        "read_online",
        "copies what is still to come",
        "moment",
        ("moment.to_pydatetime())", "(moment + longest).to_pydatetime())"),
    ),
    slip(
        "read_online",
        "believes the online store",
        "ttl",
        (".where(moment - event <= ttl)", ""),
    ),
    slip(
        "read_online",
        "expires at exactly the ttl",
        "ttl",
        ("moment - event <= ttl", "moment - event < ttl"),
    ),
    slip(
        "read_online",
        "has one ttl for all views",
        "ttl",
        ("store.get_feature_view(view.name).ttl", "timedelta(days=60)"),
    ),
    slip(
        "read_online",
        "leaves unknown members out",
        "order",
        ("    return found", '    return found.dropna(subset=["sessions_28d"])'),
    ),
    slip(
        "read_online",
        "sorts the members",
        "order",
        ("for member in members]", "for member in sorted(members)]"),
    ),
    # 5. Skew
    slip(
        "find_skew",
        "does not ask whether the transformation changes the value",
        "evidence",
        ("speaks = ~np.isclose(wanted, right)", "speaks = np.ones(len(right), bool)"),
    ),
    slip(
        "find_skew",
        "takes the first coincidence for the beginning",
        "change",
        (
            "last_good = int(np.argmin(np.append(0, drop)))",
            "last_good = int(np.argmax(evidence))",
        ),
    ),
    slip(
        "find_skew",
        "takes the transformation that explains least",
        "evidence",
        ("evidence.sum() > most", "evidence.sum() < most or most < 0"),
    ),
    slip(
        "find_skew",
        "counts differences, whatever they are",
        "evidence",
        (
            "(np.isclose(got, wanted) & speaks)[speaks]",
            "(~np.isclose(got, right) & speaks)[speaks]",
        ),
    ),
    slip(
        "find_skew",
        "takes the order of the rows for that of time",
        "time",
        (
            'np.argsort(served["request_time"].to_numpy(), kind="stable")',
            "np.arange(len(served))",
        ),
    ),
    slip(
        "find_skew",
        "names the last request instead of the first",
        "evidence",
        ("times[speaks].iloc[last_good]", "times.iloc[-1]"),
    ),
    # 6. Latency
    slip(
        "compare_latency",
        "divides the wrong way round",
        "percentile",
        (
            "np.percentile(slow, [50, 95]) / np.percentile(fast, [50, 95])",
            "np.percentile(fast, [50, 95]) / np.percentile(slow, [50, 95])",
        ),
    ),
    slip(
        "compare_latency",
        "takes the percentile of the ratios",
        "percentile",
        (
            "np.percentile(slow, [50, 95]) / np.percentile(fast, [50, 95])",
            "np.percentile(np.divide(slow, fast), [50, 95])",
        ),
    ),
    slip(
        "compare_latency",
        "takes the mean for the median",
        "percentile",
        (
            "np.percentile(slow, [50, 95]) / np.percentile(fast, [50, 95])",
            "np.array([np.mean(slow) / np.mean(fast), "
            "np.percentile(slow, 95) / np.percentile(fast, 95)])",
        ),
    ),
    slip(
        "compare_latency",
        "measures one after the other",
        "alternate",
        (
            "    for key in keys:\n        for function, durations in ((read, fast), (recompute, slow)):\n",
            "    for function, durations in ((read, fast), (recompute, slow)):\n        for key in keys:\n",
        ),
    ),
    slip(
        "compare_latency",
        "does not warm up",
        "warm",
        ("range(warmup)", "range(0)"),
    ),
    slip(
        "compare_latency",
        "warms up only the slow one",
        "warm",
        ("        read(keys[0])\n", ""),
    ),
    # 7. Versions
    slip(
        "add_version",
        "changes the old service too",
        "new",
        (
            "    store.apply([new, FeatureService",
            '    store.apply([FeatureService(name="churn_v1", features=[new, cases])])\n'
            "    store.apply([new, FeatureService",
        ),
    ),
    WrongAnswer(
        "add_version",
        "mends the feature in place",
        """
def add_version(store, file):
    view = store.get_feature_view("activity")
    view.batch_source = FileSource(
        path=str(file),
        timestamp_field="event_timestamp",
        created_timestamp_column="created_timestamp",
    )
    cases = store.get_feature_view("cases")
    service = FeatureService(name="churn_v2", features=[view, cases])
    store.apply([view, service])


def users_of(store, view):
    return sorted(
        service.name
        for service in store.list_feature_services()
        if view in [read.name for read in service.feature_view_projections]
    )
""",
        "new",
    ),
    slip(
        "add_version",
        "gives the new view a ttl of its own",
        "same",
        ("ttl=old.ttl", "ttl=timedelta(days=14)"),
    ),
    slip(
        "add_version",
        "forgets the created time",
        "same",
        ('            created_timestamp_column="created_timestamp",\n', ""),
    ),
    slip(
        "add_version",
        "lists all services",
        "users",
        (
            "        if view in [read.name for read in service.feature_view_projections]\n",
            "",
        ),
    ),
    slip(
        "add_version",
        "looks for the name anywhere in a name",
        "users",
        (
            "view in [read.name for read in service.feature_view_projections]",
            "any(view in read.name for read in service.feature_view_projections)",
        ),
    ),
    slip(
        "add_version",
        "looks at the first view of a service only",
        "users",
        (
            "in service.feature_view_projections]",
            "in service.feature_view_projections[:1]]",
        ),
    ),
    # 8. Streaming
    slip(
        "WindowedCount",
        "counts at the age of the window",
        "edge",
        ("0 <= now - when < self.window", "0 <= now - when <= self.window"),
        (
            "now - self.oldest[0][0] >= self.window",
            "now - self.oldest[0][0] > self.window",
        ),
    ),
    slip(
        "WindowedCount",
        "leaves an event of this second out",
        "edge",
        ("0 <= now - when < self.window", "0 < now - when < self.window"),
    ),
    slip(
        "WindowedCount",
        "counts a second delivery",
        "twice",
        (
            "        if event_id not in held:\n",
            "        event_id = f'{event_id} {now}'\n        if event_id not in held:\n",
        ),
    ),
    slip(
        "WindowedCount",
        "lets a second delivery start the window anew",
        "twice",
        (
            "            heappush(self.oldest, (event_time, member, event_id))\n",
            "            heappush(self.oldest, (event_time, member, event_id))\n"
            "        else:\n            held[event_id] = now\n",
        ),
    ),
    slip(
        "WindowedCount",
        "takes the arrival for the event",
        "late",
        (
            "        held = self.times.setdefault",
            "        event_time = now\n        held = self.times.setdefault",
        ),
    ),
    slip(
        "WindowedCount",
        "counts what is still to come",
        "future",
        ("0 <= now - when < self.window", "now - when < self.window"),
    ),
    slip(
        "WindowedCount",
        "never drops anything",
        "bounded",
        ("while self.oldest and now", "while False and now"),
    ),
    slip(
        "WindowedCount",
        "keeps every member for ever",
        "bounded",
        (
            "            if not self.times[gone]:\n                del self.times[gone]\n",
            "",
        ),
    ),
    slip(
        "WindowedCount",
        "expires by the newest event time",
        "future",
        (
            "        while self.oldest and now -",
            "        now = max(now, max(one[0] for one in self.oldest))\n"
            "        while self.oldest and now -",
        ),
    ),
    WrongAnswer(
        "WindowedCount",
        "drops in the order of arrival",
        """
class WindowedCount:
    def __init__(self, window):
        self.window = window
        self.held = []

    def update(self, event_id, member, event_time, now):
        while self.held and now - self.held[0][2] >= self.window:
            del self.held[0]
        seen = event_id in [one[0] for one in self.held]
        if not seen and now - event_time < self.window:
            self.held.append((event_id, member, event_time))

    def count(self, member, now):
        ages = [now - when for _, who, when in self.held if who == member]
        return sum(0 <= age < self.window for age in ages)

    def forget(self, member):
        self.held = [one for one in self.held if one[1] != member]

    def __len__(self):
        return len(self.held)
""",
        "bounded",
    ),
    slip(
        "WindowedCount",
        "forgets nobody",
        "forget",
        ("        self.times.pop(member, None)\n", ""),
    ),
    slip(
        "WindowedCount",
        "keeps the forgotten in the heap",
        "forget",
        (
            "        self.oldest = [one for one in self.oldest if one[1] != member]\n",
            "",
        ),
    ),
    # 9. The design and its numbers
    slip(
        "measured",
        "swaps the two naive numbers",
        "copy",
        ('"auc_naive_offline": 0.97', '"auc_naive_offline": 0.55'),
        ('"auc_naive_live": 0.55', '"auc_naive_live": 0.97'),
        test="design",
    ),
    slip(
        "measured",
        "leaves the ratio out",
        "copy",
        ('    "p50_ratio": 32.8,\n', ""),
        test="design",
    ),
    slip(
        "measured",
        "divides the ratio the wrong way round",
        "copy",
        ('"p50_ratio": 32.8', '"p50_ratio": 0.03'),
        test="design",
    ),
    WrongAnswer(
        "design",
        "writes one line",
        "We use Feast, with parquet offline and SQLite online.",
        "sections",
    ),
    slip(
        "design",
        "leaves the deletion out",
        "sections",
        ("## Deletion of personal data\n", ""),
    ),
    slip(
        "design",
        "quotes the numbers of another run",
        "numbers",
        ("0.97", "0.99"),
        ("33 times", "12 times"),
    ),
    slip(
        "design", "has no word for the time to live", "terms", ("time to live", "limit")
    ),
    slip(
        "design",
        "promises",
        "claims",
        (
            "An alarm goes off",
            "So the two are guaranteed to agree in all cases. An alarm goes off",
        ),
    ),
]


def same(answer: str, reason: str, *lines: str) -> list[Equivalent]:
    """Return mutants of one answer that are as right as the answer."""
    return [Equivalent(answer, line, reason) for line in lines]


EQUIVALENT = [
    *same(
        "latest_join",
        "nothing is later than the latest",
        'test = (rows["event_timestamp"] >= rows["event_timestamp"].max()).to_numpy()',
    ),
    *same(
        "timeline",
        "no case was opened or closed in the minute of the decision",
        'opened_cases = int((lines["event_timestamp"] < decision).sum())',
        'known_cases = int((lines["created_timestamp"] < decision).sum())',
    ),
    *same(
        "point_in_time_join",
        "arguments that are named in every call; a product of truth values is both",
        "requests: pd.DataFrame, features: pd.DataFrame, /, ttl: timedelta",
        "passed = (age >= timedelta(0)) * (age <= ttl)",
    ),
    *same(
        "historical",
        "arguments that are named in every call",
        'store: FeatureStore, requests: pd.DataFrame, /, service: str = "churn_v1"',
    ),
    *same("read_online", "arguments that are named in every call", "/,"),
    *same(
        "find_skew",
        "any start below the evidence of a fault does",
        "most, answer = 1, None",
        "most, answer = ~1, None",
        "most, answer = not 1, None",
        "most, answer = +1, None",
    ),
    *same(
        "compare_latency",
        "two names for two ratios",
        'return dict(zip(("p50_ratio", "p95_ratio"), map(float, ratios), strict=False))',
    ),
]
