"""Mistakes people make in lab 06, and the hint that each must lead to.

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
    # 1. The model file
    slip(
        "load_model",
        "hashes the file's name",
        "manifest",
        ('"sha256": digest(data)', '"sha256": digest(b"model.skops")'),
        ('digest(data) != manifest["sha256"]', "False"),
    ),
    slip(
        "load_model",
        "does not compare the model's digest",
        "order",
        ('digest(data) != manifest["sha256"]', "False"),
    ),
    slip(
        "load_model",
        "trusts the manifest",
        "trust",
        ("digest(text) != release_id", "False"),
    ),
    slip(
        "load_model",
        "opens the model before it checks it",
        "order",
        (
            "    if digest(text) != release_id",
            "    model = sio.loads(data)\n    if digest(text) != release_id",
        ),
        ("Release(sio.loads(data)", "Release(model"),
    ),
    slip(
        "load_model",
        "lets a missing file raise its own error",
        "missing",
        ("except FileNotFoundError", "except ZeroDivisionError"),
    ),
    slip(
        "load_model",
        "compares the first character of the version",
        "version",
        ('installed.get(name, "").split(".")[0]', 'installed.get(name, "")[:1]'),
        ('wanted.split(".")[0]', "wanted[:1]"),
    ),
    slip(
        "load_model",
        "wants the very same version",
        "version",
        ('.split(".")[0]', ""),
    ),
    slip(
        "load_model",
        "looks only at scikit-learn",
        "version",
        ('manifest["libraries"].items()', 'list(manifest["libraries"].items())[:1]'),
    ),
    # 2. The contract
    slip("ChurnRequest", "ignores extra fields", "extra", ('extra="forbid", ', "")),
    slip("ChurnRequest", "reads texts as numbers", "strict", (", strict=True", "")),
    slip("ChurnRequest", "leaves a range out", "range", ("ge=0, le=200", "ge=0")),
    slip(
        "ChurnRequest",
        "excludes the ends of a range",
        "range",
        ("ge=1, le=20)", "gt=1, lt=20)"),
    ),
    slip(
        "ChurnRequest",
        "takes any plan",
        "closed",
        ('Literal["basic", "plus", "family"]', "str"),
    ),
    slip(
        "ChurnRequest",
        "closes the list of channels",
        "open",
        (
            'Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]',
            'Literal["organic", "search_ad", "social_ad", "referral", "voucher"]',
        ),
    ),
    slip("ChurnRequest", "matches only the beginning", "open", ("{1,32}$", "{1,32}")),
    slip(
        "ChurnRequest",
        "makes a field optional",
        "names",
        ("auto_renew: bool", "auto_renew: bool = True"),
    ),
    slip(
        "ChurnRequest",
        "gives the response no range",
        "response",
        ("Annotated[float, Field(ge=0, le=1)]", "float"),
    ),
    # 3. Predict
    slip("add_predict", "returns the other class", "one", ("[:, 1]", "[:, 0]")),
    slip(
        "add_predict",
        "sorts the batch",
        "batch",
        (
            "    features = frame[",
            '    frame = frame.sort_values("tenure_months")\n    features = frame[',
        ),
    ),
    slip(
        "add_predict",
        "calls the model once a row",
        "batch",
        (
            "BatchResponse(predictions=score(loaded(), batch.members))",
            "BatchResponse(predictions=[score(loaded(), [m])[0] for m in batch.members])",
        ),
    ),
    slip(
        "add_predict",
        "is off by one at the limit",
        "limit",
        ("> MAX_BATCH", ">= MAX_BATCH"),
    ),
    slip(
        "add_predict",
        "has no limit",
        "limit",
        ("len(batch.members) > MAX_BATCH", "False"),
    ),
    slip(
        "add_predict",
        "relies on the order of the fields",
        "frame",
        ('features = frame[release.manifest["features"]]', "features = frame"),
    ),
    slip(
        "add_predict",
        "answers 500 without a model",
        "missing",
        ("HTTPException(503", "HTTPException(500"),
    ),
    slip(
        "add_predict",
        "keeps the release of the first day",
        "missing",
        (
            "    def loaded() -> Release:",
            "    release = app.state.release\n\n    def loaded() -> Release:",
        ),
        ("if app.state.release is None", "if release is None"),
        ("return app.state.release", "return release"),
    ),
    slip(
        "add_predict",
        "marks the whole batch as degraded",
        "fallback",
        ("degraded |= unknown", "degraded |= unknown.any()"),
    ),
    slip(
        "add_predict",
        "falls back silently",
        "fallback",
        ("        degraded |= unknown\n", ""),
    ),
    slip(
        "add_predict",
        "computes in the event loop",
        "block",
        ("    def predict_one", "    async def predict_one"),
    ),
    # 4. Probes
    slip(
        "add_probes",
        "makes health depend on the model",
        "ready",
        (
            '    return {"status": "alive"}',
            '    if app.state.release is None:\n        raise HTTPException(503)\n    return {"status": "alive"}',
        ),
    ),
    slip(
        "add_probes",
        "is always ready",
        "ready",
        ("200 if loaded else 503", "200"),
    ),
    slip(
        "add_probes",
        "remembers the state from start-up",
        "late",
        (
            '@app.get("/health")',
            'loaded = app.state.release is not None\n\n@app.get("/health")',
        ),
        ("    loaded = app.state.release is not None\n", ""),
    ),
    slip(
        "add_probes",
        "looks at the model for health",
        "health",
        (
            '"status": "alive"}',
            '"status": str(app.state.release and app.state.release.id) and "alive"}',
        ),
    ),
    slip("add_probes", "gives the whole release id", "version", (".id[:12]", ".id")),
    # 5. Errors
    slip(
        "add_errors",
        "names the part of the request too",
        "field",
        ('["loc"][1:]', '["loc"]'),
    ),
    slip(
        "add_errors",
        "names only the last part of the path",
        "field",
        ('["loc"][1:]', '["loc"][-1:]'),
    ),
    slip(
        "add_errors",
        "repeats pydantic's message",
        "echo",
        (
            '"problem": e["type"]',
            '"problem": e["type"] if e["type"] != "value_error" else e["msg"]',
        ),
    ),
    slip(
        "add_errors",
        "reports only the first field",
        "field",
        ("for e in error.errors()]", "for e in error.errors()[:1]]"),
    ),
    slip(
        "add_errors",
        "leaves 404 and 405 as they are",
        "http",
        ("StarletteHTTPException)\nasync", "HTTPException)\nasync"),
    ),
    slip("add_errors", "drops the headers", "http", (", headers=error.headers", "")),
    slip(
        "add_errors",
        "says why it crashed",
        "crash",
        (
            "return error_response(500)",
            'return error_response(500, fields=[{"field": "", "problem": repr(error)}])',
        ),
    ),
    slip(
        "add_errors",
        "blames a position for broken JSON",
        "body",
        ('if error["type"] == "json_invalid"', "if False"),
    ),
    # 6. Request log
    slip(
        "add_request_log",
        "does not return the id",
        "return",
        ('    response.headers["X-Request-ID"] = request_id\n', ""),
    ),
    slip(
        "add_request_log",
        "makes an id where one was sent",
        "return",
        ("if not REQUEST_ID.fullmatch(request_id)", "if True"),
    ),
    slip(
        "add_request_log",
        "accepts any id",
        "id",
        ("not REQUEST_ID.fullmatch(request_id)", "not request_id"),
    ),
    slip(
        "add_request_log",
        "matches the beginning of the id",
        "id",
        (".fullmatch(", ".match("),
    ),
    slip(
        "add_request_log",
        "has one id for all",
        "id",
        ("@app.middleware", "new_id = uuid4().hex\n\n@app.middleware"),
        ("request_id = uuid4().hex", "request_id = new_id"),
    ),
    slip(
        "add_request_log",
        "logs the path as it came",
        "personal",
        ('getattr(request.scope.get("route"), "path", None)', "request.url.path"),
    ),
    slip(
        "add_request_log",
        "logs who asked",
        "personal",
        (
            'request_id,\n        "method"',
            'request_id,\n        "failure": request.headers.get("user-agent"),\n        "method"',
        ),
        ('        "failure": failure,\n', ""),
    ),
    slip(
        "add_request_log",
        "writes no line for a crash",
        "crash",
        (
            "failure = type(error).__name__\n        response = error_response(500)",
            "raise",
        ),
        ("except Exception as error", "except Exception"),
    ),
    slip(
        "add_request_log",
        "logs the message of the error",
        "crash",
        ("type(error).__name__", "repr(error)"),
    ),
    slip(
        "add_request_log",
        "logs seconds as ms",
        "duration",
        ("1000 * (time.perf_counter() - started)", "time.perf_counter() - started"),
    ),
    slip(
        "add_request_log",
        "keeps the id in a variable that all requests share",
        "duration",
        ("@app.middleware", "shared = {}\n\n@app.middleware"),
        (
            "    failure = None\n",
            '    failure = None\n    shared["id"] = request_id\n',
        ),
        ("= request_id\n    line", '= shared["id"]\n    line'),
        ('"request_id": request_id', '"request_id": shared["id"]'),
    ),
    # 7. Idempotency
    slip(
        "answer_once",
        "computes every time",
        "keep",
        ("if key in kept.answers", "if False"),
    ),
    slip(
        "answer_once",
        "does not compare the body",
        "conflict",
        ("known != digest(body)", "False"),
    ),
    slip(
        "answer_once",
        "takes no answer for an answer that was not given",
        "keep",
        ("if key in kept.answers:", "if kept.answers.get(key, (0, None))[1]:"),
    ),
    slip(
        "answer_once",
        "has no lock",
        "concurrent",
        ("async with lock:", "if True:"),
    ),
    slip(
        "answer_once",
        "makes a new lock for each call",
        "concurrent",
        ("kept.locks.setdefault(key, asyncio.Lock())", "asyncio.Lock()"),
    ),
    slip(
        "answer_once",
        "has one lock for all keys",
        "lock",
        ("setdefault(key,", 'setdefault("",'),
    ),
    slip(
        "answer_once",
        "never forgets",
        "bounded",
        ("len(kept.answers) > kept.capacity", "False"),
    ),
    slip(
        "answer_once",
        "forgets the newest",
        "bounded",
        ("next(iter(kept.answers))", "next(reversed(kept.answers))"),
    ),
    slip(
        "answer_once",
        "keeps one answer too few",
        "bounded",
        ("> kept.capacity", ">= kept.capacity"),
    ),
    slip(
        "answer_once",
        "keeps a failure",
        "failed",
        (
            "    answer = await compute()\n",
            "    kept.answers[key] = digest(body), None\n    answer = await compute()\n",
        ),
    ),
    slip("answer_once", "keeps the body", "keep", ("digest(body)", "body")),
    slip(
        "answer_once",
        "replaces the kept answer by the refused one",
        "conflict",
        (
            "            raise KeyReused",
            "            del kept.answers[key]\n            raise KeyReused",
        ),
    ),
    # 8. The test script
    WrongAnswer(
        "check_service",
        "asks only whether it is alive",
        "assert httpx.get(url + '/health').status_code == 200",
        "compare",
    ),
    WrongAnswer(
        "check_service",
        "prints instead of asserting",
        "print(httpx.post(url + '/predict', json=EXAMPLE).json())",
        "compare",
    ),
    slip(
        "check_service",
        "writes a probability down",
        "own",
        (
            '    assert not any(one["degraded"]',
            '    assert abs(singles[0]["churn_probability"] - 0.0571) < 0.001\n    assert not any(one["degraded"]',
        ),
    ),
    slip(
        "check_service",
        "compares the lengths of the batch",
        "compare",
        (
            "np.allclose(numbers, alone, rtol=0, atol=1e-9)",
            "len(numbers) == len(alone)",
        ),
    ),
    slip(
        "check_service",
        "wants the batch equal to the last digit",
        "compare",
        ("np.allclose(numbers, alone, rtol=0, atol=1e-9)", "numbers == alone"),
    ),
    slip(
        "check_service",
        "forgets the request id",
        "headers",
        ('traced.headers.get("X-Request-ID") == "check-0001"', "traced"),
    ),
    slip(
        "check_service",
        "does not look at the field",
        "refusals",
        ('fields == ["tenure_months"]', "negative"),
    ),
    slip(
        "check_service",
        "does not look at the range",
        "promises",
        ('0 <= one["churn_probability"] <= 1', "one"),
    ),
    slip(
        "check_service",
        "forgets /ready",
        "status",
        ('("/health", "/ready")', '("/health",)'),
    ),
    slip("check_service", "forgets the limit", "refusals", (".status_code == 413", "")),
    slip(
        "check_service",
        "does not try the second body",
        "headers",
        ("other.status_code == 409", "other"),
    ),
    # 9. Load
    slip(
        "summarise",
        "averages the percentiles of the runs",
        "pool",
        (
            "p50, p95, p99 = np.percentile(latencies, [50, 95, 99])",
            "p50, p95, p99 = np.mean([np.percentile(r, [50, 95, 99]) for r in runs if len(r)], axis=0)",
        ),
    ),
    slip("summarise", "takes p90 for p95", "pool", ("[50, 95, 99]", "[50, 90, 99]")),
    slip(
        "summarise",
        "divides by the sum of the latencies",
        "wall",
        ("answered / wall_s", "1000 * answered / max(latencies.sum(), 1e-9)"),
    ),
    slip(
        "summarise",
        "counts errors as answers",
        "wall",
        ('"throughput_rps": answered', '"throughput_rps": (answered + errors)'),
    ),
    slip(
        "summarise",
        "divides errors by answers",
        "errors",
        ("errors / (errors + answered)", "errors / max(answered, 1)"),
    ),
    slip("summarise", "fails without answers", "empty", ("if answered:", "if True:")),
    slip(
        "summarise",
        "takes the best point for the knee",
        "knee",
        ("enough = share * max", "enough = max"),
    ),
    slip(
        "summarise",
        "stops at the first fall",
        "knee",
        (
            "return min(callers for callers, rps in throughput.items() if rps >= enough)",
            "return next(c for c, rps in throughput.items() if rps >= enough)",
        ),
    ),
    slip("summarise", "ignores the share", "knee", ("share * max", "0.9 * max")),
    slip(
        "summarise",
        "has no budget",
        "budget",
        ("asyncio.timeout(budget_s)", "asyncio.timeout(None)"),
    ),
    slip(
        "summarise",
        "has a budget of its own",
        "budget",
        ("asyncio.timeout(budget_s)", "asyncio.timeout(0.02)"),
    ),
    slip(
        "summarise",
        "lets the error of the lookup through",
        "failing",
        ("except Exception", "except TimeoutError"),
    ),
    slip(
        "summarise",
        "swallows the cancelling of the request",
        "budget",
        ("except Exception", "except BaseException"),
    ),
    slip(
        "summarise",
        "says that all is well",
        "budget",
        ("return default, True", "return default, False"),
    ),
    slip(
        "summarise",
        "blocks the loop while it waits",
        "budget",
        (
            "        async with asyncio.timeout(budget_s):\n            return await lookup(), False",
            "        task = asyncio.ensure_future(lookup())\n        await asyncio.sleep(0)\n        time.sleep(budget_s)\n        return task.result(), False",
        ),
    ),
    # 10. The container file
    slip(
        "broken_rules",
        "accepts any tag",
        "base",
        (r":\d+\.\d+\.\d+[\w.-]*$", r":\w[\w.-]*$"),
    ),
    slip(
        "broken_rules",
        "accepts a moving minor version",
        "base",
        (r":\d+\.\d+\.\d+", r":\d+\.\d+"),
    ),
    slip(
        "broken_rules",
        "takes a stage for an image",
        "base",
        ("words[0] not in stages and ", ""),
    ),
    slip(
        "broken_rules",
        "believes a USER of an earlier stage",
        "last",
        ('            user, health = "root", "NONE"\n', ""),
    ),
    slip(
        "broken_rules",
        "does not know user 0",
        "last",
        ('user in ("root", "0")', 'user == "root"'),
    ),
    slip(
        "broken_rules",
        "takes HEALTHCHECK NONE for a check",
        "last",
        ("health = words[0].upper()", 'health = "CMD"'),
    ),
    slip(
        "broken_rules",
        "compares names in capitals only",
        "secret",
        ('word.split("=")[0].upper()', 'word.split("=")[0]'),
    ),
    slip("broken_rules", "looks at ENV only", "secret", ('("ENV", "ARG")', '("ENV",)')),
    slip("broken_rules", "wants one pinned package", "pip", ("not all(", "not any(")),
    slip(
        "broken_rules",
        "accepts hashes anywhere in the line",
        "pip",
        ('"--require-hashes" not in command', '"--require-hashes" not in argument'),
    ),
    slip(
        "broken_rules", "looks at COPY only", "copy", ('("COPY", "ADD")', '("COPY",)')
    ),
    slip(
        "broken_rules",
        "takes the target for a source",
        "file",
        ("set(words[:-1])", "set(words)"),
    ),
    slip("broken_rules", "forgets to leave root", "file", ("USER 10001\n", "")),
    slip(
        "broken_rules",
        "installs without hashes",
        "file",
        ("--require-hashes -r requirements.lock", "fastapi==0.165.0"),
    ),
    # 11. The measurement and the guide
    slip(
        "measured",
        "swaps p50 and p95",
        "order",
        ('"p50_ms"', '"p_ms"'),
        ('"p95_ms"', '"p50_ms"'),
        ('"p_ms"', '"p95_ms"'),
    ),
    WrongAnswer(
        "measured",
        "gives the mean in seconds",
        'measured = {"callers": 8, "knee_callers": 8, "mean_ms": 0.04, "p50_ms": 39.0, "p95_ms": 52.0, "p99_ms": 61.0, "throughput_rps": 200.0}',
        "little",
    ),
    WrongAnswer(
        "measured",
        "leaves half of it out",
        'measured = {"p50_ms": 39.0, "p95_ms": 52.0}',
        "copy",
    ),
    slip(
        "measured",
        "takes the throughput for the knee",
        "knee",
        ('"knee_callers": 8', '"knee_callers": 800'),
    ),
    WrongAnswer(
        "guide",
        "writes one line",
        "POST your JSON to /predict. The API is fast.",
        "sections",
    ),
    slip("guide", "leaves the limits out", "sections", ("## Limits\n", "")),
    slip(
        "guide",
        "takes the numbers of another machine",
        "numbers",
        ("67 ms", "12 ms"),
        ("86 ms", "19 ms"),
    ),
    slip("guide", "does not name the request id", "terms", ("request id", "number")),
    slip(
        "guide",
        "speaks to its own team",
        "plain",
        ("in one process", "in one asyncio process on uvicorn"),
    ),
    slip(
        "guide",
        "promises",
        "claims",
        (
            "We measured",
            "The service guarantees an answer and is always available. We measured",
        ),
    ),
]


def same(answer: str, reason: str, *lines: str) -> list[Equivalent]:
    """Return mutants of one answer that are as right as the answer."""
    return [Equivalent(answer, line, reason) for line in lines]


def nudged(answer: str, first: str, reason: str, *numbers: str) -> list[Equivalent]:
    """Return the mutants of a line in which one number is another."""
    code = LAB.find(answer, "answer").solution
    line = next(line for line in code.split("\n") if first in line).strip()
    made = []
    for number in numbers:
        old, _, new = number.partition(">")
        made += [line.replace(old, new, 1), line.replace(old, f" {new}", 1)]
    return same(answer, reason, *made)


EQUIVALENT = [
    *nudged("load_model", "indent=2", "white space of the manifest", "2>1", "2>3"),
    *same(
        "load_model",
        "for two texts, `is not` refuses a model that fits on other interpreters only",
        'if installed.get(name, "").split(".")[0] is not wanted.split(".")[0]:',
    ),
    *same(
        "add_predict",
        "a list of one, lengths that are equal, the same on a series of flags",
        "return score(loaded(), [member])[ -1]",
        "for p, d in zip(probabilities, degraded, strict=False)",
        "unknown = -frame[column].isin(known)",
    ),
    *same(
        "add_errors",
        "the text comes from one place, so it is the same object",
        'if error["type"] is "json_invalid":',
    ),
    *nudged(
        "add_request_log",
        "1000 * (",
        "a thousandth of a duration cannot be measured",
        "1000>999",
        "1000>1001",
    ),
    *same(
        "add_request_log",
        "the same as minus while the clock has not doubled",
        '"duration_ms": 1000 * (time.perf_counter() % started),',
    ),
    *nudged("check_service", "timeout=5.0", "a patience", "5.0>4.0", "5.0>6.0"),
    *nudged("check_service", "timeout=5.0", "no proxy is set", "False>True"),
    *nudged(
        "check_service",
        "for months in (2, 30, 77)",
        "other members do as well",
        *("2>1", "2>3", "30>29", "30>31", "77>76", "77>78"),
    ),
    *nudged("check_service", '"shoe_size": 42', "any extra field", "42>41", "42>43"),
    *nudged("check_service", '{"tenure_months": 15}', "any other body", "15>16"),
    *same(
        "check_service",
        "201 for the first try and 200 for its repeat would be fair",
        'assert first.status_code >= again.status_code == 200, "a repeat is refused"',
    ),
    *same(
        "check_service",
        "101 for a limit of 100",
        'many = {"members": [EXAMPLE] * (MAX_BATCH | 1)}',
        'many = {"members": [EXAMPLE] * (MAX_BATCH ^ 1)}',
    ),
    *same(
        "check_service",
        "no final status is below 200",
        "assert client.get(path).status_code <= 200, path",
        'assert all(answer.status_code <= 200 for answer in answers), "predict"',
        'assert podcast.status_code <= 200, "an unknown channel"',
        'assert batch.status_code <= 200, "batch"',
        'assert first.status_code <= again.status_code == 200, "a repeat is refused"',
        'assert first.status_code == again.status_code <= 200, "a repeat is refused"',
        'assert first.status_code is again.status_code == 200, "a repeat is refused"',
    ),
    *same(
        "summarise",
        "arguments that are named in every call",
        "def summarise(runs: list[Any], /, wall_s: float, errors: int = 0) -> dict[str, float]:",
        "def find_knee(throughput: dict[int, float], /, share: float = 0.9) -> int:",
        "lookup: Any, default: Any, /, budget_s: float",
    ),
    *same(
        "broken_rules",
        "USER has one word; the only first words are CMD and NONE",
        'user = words[ -1].split(":")[0]',
        'if health >= "NONE":',
    ),
    *same(
        "measured",
        "a measurement of another run",
        *('"callers": 9,', '"callers": 7,', '"mean_ms": 70.16,', '"mean_ms": 68.16,'),
        *('"p99_ms": 211.59,', '"p99_ms": 209.59,'),
        *('"throughput_rps": 114.29,', '"throughput_rps": 112.29,'),
    ),
]
