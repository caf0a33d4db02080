"""Checks and hints of lab 06. The hidden tests stand in the grader's notebook only."""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np

from mlcourse.checks import Checks, expect, expect_error, run_coroutine
from mlcourse.serving import serve
from mlcourse.writing import Brief, Number

checks = Checks("06_rest_service")

EXAMPLE = {
    "tenure_months": 14,
    "plan": "plus",
    "monthly_fee_eur": 8.99,
    "orders_90d": 3,
    "days_since_last_order": 21,
    "payment_failures_90d": 0,
    "acquisition_channel": "referral",
    "auto_renew": True,
}
MAX_BATCH = 100


# Tools that the checks and the notebook share --------------------------------------


async def talk(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    """Send one request to an app in this process: started, asked, stopped."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        return await client.request(method, path, **options)


def ask(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    """Do the same from a notebook cell, whose event loop is busy."""
    return run_coroutine(talk(app, method, path, **options), timeout=20)


def answer_of(response: httpx.Response) -> str:
    """Show a response the way a learner sees it in a terminal."""
    return f"{response.status_code} {response.text[:200]}"


class StubModel:
    """A model whose answer is known: a hundredth of the tenure, at most 1.

    Args:
        on_call: Called at each prediction, with the frame.
    """

    def __init__(self, on_call: Callable[[Any], None] = lambda frame: None) -> None:
        self.frames: list[Any] = []
        self.on_call = on_call

    def predict_proba(self, frame: Any) -> np.ndarray:
        self.frames.append(frame.copy())
        self.on_call(frame)
        leave = np.minimum(frame["tenure_months"].to_numpy(dtype=float) / 100, 1.0)
        return np.column_stack([1 - leave, leave])


def stub_release(model: Any = None, **changes: Any) -> SimpleNamespace:
    """Return a release around a model with known output."""
    manifest = {
        "features": list(EXAMPLE),
        "training_window": {"from": "2025-09-01", "until": "2026-01-01"},
        "categories": {"acquisition_channel": ["organic", "referral", "voucher"]},
        "fallback": {"acquisition_channel": "organic"},
        "defaults": dict(EXAMPLE),
    }
    identity = hashlib.sha256(json.dumps(changes).encode()).hexdigest()
    return SimpleNamespace(
        model=model or StubModel(), manifest=manifest | changes, id=identity
    )


def app_with(*parts: Callable[[Any], None], release: Any = None) -> Any:
    """Return a FastAPI app with a release and the given parts."""
    from fastapi import FastAPI

    app = FastAPI()
    app.state.release = release
    for part in parts:
        part(app)
    return app


class StubService:
    """A small service that keeps every promise, without FastAPI and without a model.

    Args:
        change: Gets the request and the response and may spoil the response.
        slope: How the probability grows with the tenure.
    """

    def __init__(
        self,
        change: Callable[[SimpleNamespace, SimpleNamespace], None] = lambda q, a: None,
        *,
        slope: float = 0.01,
    ) -> None:
        self.change = change
        self.slope = slope
        self.keys: dict[str, bytes] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self._lifespan(receive, send)
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        query = SimpleNamespace(
            method=scope["method"], path=scope["path"], headers=headers, body=body
        )
        answer = SimpleNamespace(status=200, headers={}, body={})
        answer.headers["x-request-id"] = headers.get("x-request-id", "generated-1")
        self._answer(query, answer)
        self.change(query, answer)
        data = json.dumps(answer.body).encode()
        pairs = {"content-type": "application/json", **answer.headers}
        raw = [(k.encode(), v.encode()) for k, v in pairs.items()]
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": raw}
        )
        await send({"type": "http.response.body", "body": data})
        return None

    @staticmethod
    async def _lifespan(receive: Any, send: Any) -> None:
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})

    def _answer(self, query: SimpleNamespace, answer: SimpleNamespace) -> None:
        if query.path in ("/health", "/ready", "/version"):
            answer.body = {"status": "ok", "ready": True, "service": "9", "model": "m9"}
        elif query.path not in ("/predict", "/predict/batch"):
            answer.status, answer.body = 404, _problem("not_found")
        elif query.method != "POST":
            answer.status, answer.body = 405, _problem("method_not_allowed")
        else:
            self._predict(query, answer)

    def _predict(self, query: SimpleNamespace, answer: SimpleNamespace) -> None:
        key = query.headers.get("idempotency-key")
        if key and self.keys.setdefault(key, query.body) != query.body:
            answer.status, answer.body = 409, _problem("key_reused")
            return
        sent = json.loads(query.body)
        batch = query.path.endswith("batch")
        members = sent.get("members", []) if batch else [sent]
        if len(members) > MAX_BATCH:
            answer.status, answer.body = 413, _problem("too_large")
            return
        fields = [name for member in members for name in _bad_fields(member)]
        if fields or not members:
            answer.status = 422
            answer.body = _problem("validation_failed", fields or ["members"])
            return
        found = [
            {
                "churn_probability": min(1.0, self.slope * member["tenure_months"]),
                "degraded": member["acquisition_channel"] not in CHANNELS,
                "model_version": "m9",
            }
            for member in members
        ]
        answer.body = {"predictions": found} if batch else found[0]


CHANNELS = ("organic", "search_ad", "social_ad", "referral", "voucher")


def _problem(code: str, fields: Any = ()) -> dict[str, Any]:
    named = [{"field": name, "problem": "refused"} for name in fields]
    return {"error": {"code": code, "message": "Refused.", "fields": named}}


def _bad_fields(member: dict[str, Any]) -> list[str]:
    bad = [name for name in EXAMPLE.keys() ^ member.keys()]
    tenure = member.get("tenure_months")
    if type(tenure) is not int or not 0 <= tenure <= 120:
        bad.append("tenure_months")
    return bad


# 1. The model file ------------------------------------------------------------------

load_model = checks.task(
    "load_model",
    hints={
        "bytes": "Hash the bytes that stand in the file. sio.dumps(model) gives bytes: "
        "hash these and write these, so that nothing can come in between.",
        "manifest": "The manifest is about, with two more keys: sha256 and libraries. "
        "json.dumps of it, encoded, is both what you write and what you hash.",
        "trust": "Who can change the model file can change the manifest beside it. The "
        "release id is what the deployment keeps elsewhere: compare the manifest's "
        "digest with it before you believe a word of the manifest.",
        "order": "Read both files as bytes. Check the manifest's digest, then the "
        "model's, then the versions. Call sio.loads on the bytes last.",
        "missing": "A file that is not there raises FileNotFoundError. Catch it and "
        "raise ModelRefused with the name of the file.",
        "version": "The major version is the text before the first dot, as a whole: "
        "'1' and '10' differ. A library that is not installed has no version at all.",
    },
)


@load_model.expects("A saved model comes back with the same answers.", hint="bytes")
def _(save_model, load_model, pipeline, holdout):
    with TemporaryDirectory() as folder:
        identity = save_model(pipeline, Path(folder), {"features": list(holdout)})
        release = load_model(Path(folder), identity)
    same = np.array_equal(
        release.model.predict_proba(holdout), pipeline.predict_proba(holdout)
    )
    expect(same, message="The loaded model gives other probabilities.")


@load_model.expects("The manifest says what the file is.", hint="manifest")
def _(save_model, pipeline):
    with TemporaryDirectory() as folder:
        save_model(pipeline, Path(folder), {"training_window": {"from": "2025-09-01"}})
        manifest = json.loads((Path(folder) / "manifest.json").read_bytes())
        data = (Path(folder) / "model.skops").read_bytes()
    for key in ("sha256", "libraries", "training_window"):
        expect(key in manifest, got=sorted(manifest), message=f"It lacks {key}.")
    digest = hashlib.sha256(data).hexdigest()
    expect(
        manifest["sha256"] == digest,
        got=manifest["sha256"],
        message="This is not the digest of model.skops.",
    )


@load_model.expects("A model file with one changed byte is refused.", hint="order")
def _(save_model, load_model, pipeline, ModelRefused):
    with TemporaryDirectory() as folder:
        identity = save_model(pipeline, Path(folder), {})
        file = Path(folder) / "model.skops"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        expect_error(ModelRefused, load_model, Path(folder), identity)


# 2. The request and the response -----------------------------------------------------

ChurnRequest = checks.task(
    "ChurnRequest",
    hints={
        "names": "One field for each row of the table, with exactly that name: the unit "
        "is part of the name, so nobody sends years for months.",
        "extra": "A misspelt field must not vanish silently: "
        "ConfigDict(extra=..., strict=...) on the request.",
        "range": "Annotated[int, Field(ge=..., le=...)] holds for every value, also for "
        "NaN, which is in no range.",
        "strict": "Without strict=True pydantic turns '14' and True into numbers. The "
        "caller's bug then becomes your prediction.",
        "closed": "A closed list is Literal['basic', ...]: any other text is refused, "
        "also 'Plus'.",
        "open": "An open list cannot be a Literal. Bound it in another way: "
        "StringConstraints(pattern=...) on the whole text, with ^ and $.",
        "response": "The response promises a range too: Field(ge=0, le=1) keeps NaN and "
        "1.2 from ever reaching the shop.",
    },
)


@ChurnRequest.expects("The example is a valid request.", hint="names")
def _(ChurnRequest):
    request = ChurnRequest.model_validate(EXAMPLE)
    expect(request.model_dump() == EXAMPLE, got=request.model_dump())


@ChurnRequest.expects("A field that nobody knows is refused.", hint="extra")
def _(ChurnRequest):
    expect_error(
        ValueError, ChurnRequest.model_validate, EXAMPLE | {"tenure_weeks": 60}
    )


@ChurnRequest.expects("A tenure of minus one month is refused.", hint="range")
def _(ChurnRequest):
    expect_error(
        ValueError, ChurnRequest.model_validate, EXAMPLE | {"tenure_months": -1}
    )


@ChurnRequest.expects(
    "The response carries probability, degraded and version.", hint="response"
)
def _(ChurnResponse):
    fields = {"churn_probability": 0.25, "degraded": False, "model_version": "abc"}
    expect(ChurnResponse(**fields).model_dump() == fields, got=ChurnResponse(**fields))


# 3. Predict, one and many ------------------------------------------------------------

add_predict = checks.task(
    "add_predict",
    hints={
        "one": "score() takes a list. /predict passes a list of one and returns its "
        "first element.",
        "frame": "pd.DataFrame([m.model_dump() for m in members]) is the batch. Take its "
        "columns in the order of release.manifest['features'].",
        "batch": "Call predict_proba once on the whole frame and keep the order of rows. "
        "Both routes then share one piece of code, so they cannot disagree.",
        "limit": "More than MAX_BATCH members: raise HTTPException(413). Exactly "
        "MAX_BATCH is allowed.",
        "missing": "Look at app.state.release inside the route, at each request. While it "
        "is None: raise HTTPException(503, headers={'Retry-After': '5'}).",
        "fallback": "frame[column].isin(known) tells which rows are known. Put the "
        "manifest's fallback into the others, and mark exactly these rows degraded.",
        "block": "A prediction is computing, not waiting. FastAPI runs a route written "
        "with plain def in a thread; one with async def would stop every other request.",
    },
)


@add_predict.expects("POST /predict gives the model's own number.", hint="one")
def _(score, add_predict):
    app = app_with(add_predict, release=stub_release())
    response = ask(app, "POST", "/predict", json=EXAMPLE)
    expect(response.status_code == 200, got=answer_of(response))
    number = response.json()["churn_probability"]
    expect(math.isclose(number, 0.14), got=number, message="The model says otherwise.")


@add_predict.expects(
    "POST /predict/batch gives the same numbers in order.", hint="batch"
)
def _(score, add_predict):
    app = app_with(add_predict, release=stub_release())
    members = [EXAMPLE | {"tenure_months": months} for months in (30, 2, 77)]
    response = ask(app, "POST", "/predict/batch", json={"members": members})
    expect(response.status_code == 200, got=answer_of(response))
    numbers = [p["churn_probability"] for p in response.json()["predictions"]]
    single = [
        ask(app, "POST", "/predict", json=m).json()["churn_probability"]
        for m in members
    ]
    expect(numbers == single, got=numbers, message="One by one they are not the same.")


# 4. Three questions about the service --------------------------------------------------

add_probes = checks.task(
    "add_probes",
    hints={
        "health": "GET /health answers one question: is the process able to answer. It "
        "looks at nothing else, so that a missing model does not get the process killed.",
        "ready": "GET /ready answers: may traffic come. Without a model that is 503.",
        "late": "Read app.state.release inside the route. What add_probes sees while the "
        "app is being built is old news.",
        "version": "GET /version is always 200. model is release.id[:12], or None while "
        "there is no model; trained_until comes from the manifest's training window.",
    },
)


@add_probes.expects("With a model, all three answer 200.", hint="health")
def _(add_probes):
    app = app_with(add_probes, release=stub_release())
    for path in ("/health", "/ready", "/version"):
        response = ask(app, "GET", path)
        expect(response.status_code == 200, got=f"{path}: {answer_of(response)}")


# 5. Errors ------------------------------------------------------------------------------

add_errors = checks.task(
    "add_errors",
    hints={
        "shape": "error_response(status, fields=..., headers=...) makes the body. Each "
        "handler only decides what goes into it.",
        "field": "error.errors() is a list of dicts. 'loc' is a path such as "
        "('body', 'members', 3, 'plan'): drop its first part, join the rest with dots.",
        "body": "When the body is no JSON, or not there, no field is to blame: name it "
        "'body'. Pydantic's type for broken JSON is 'json_invalid'.",
        "echo": "Report error['type'], which is from pydantic's own list. 'msg', 'input' "
        "and 'ctx' may hold what the caller sent.",
        "http": "Register a handler for starlette.exceptions.HTTPException: 404 and 405 "
        "come from there. Pass error.status_code and error.headers on.",
        "crash": "A handler for Exception catches what nobody expected. It says 500 and "
        "nothing about the reason; the reason belongs in the log.",
    },
)


def _toy_app(add_errors: Callable[[Any], None]) -> Any:
    from pydantic import BaseModel, Field

    class Letter(BaseModel):
        weight_g: float = Field(gt=0, le=30)

    def routes(app: Any) -> None:
        @app.post("/letter")
        def send(letter: Letter) -> float:
            return letter.weight_g

    return app_with(routes, add_errors)


@add_errors.expects("422 names the field and the problem.", hint="field")
def _(add_errors):
    response = ask(_toy_app(add_errors), "POST", "/letter", json={"weight_g": 31})
    expect(response.status_code == 422, got=answer_of(response))
    error = response.json().get("error", {})
    expect(
        error.get("fields") == [{"field": "weight_g", "problem": "less_than_equal"}],
        got=answer_of(response),
    )


@add_errors.expects(
    "A path that does not exist answers in the same shape.", hint="http"
)
def _(add_errors):
    response = ask(_toy_app(add_errors), "GET", "/nowhere")
    expect(response.status_code == 404, got=answer_of(response))
    error = response.json().get("error", {})
    expect(error.get("code") == "not_found", got=answer_of(response))


# 6. Request ids and logs ------------------------------------------------------------------

add_request_log = checks.task(
    "add_request_log",
    hints={
        "id": "Take the header X-Request-ID if REQUEST_ID.fullmatch accepts it; "
        "otherwise make one with uuid4().hex.",
        "return": "await call_next(request) gives the response. Set the header on it "
        "before you return it.",
        "line": "write(json.dumps({...})) once for each request, after the answer is known.",
        "personal": "request.scope.get('route') is there after call_next; its .path is "
        "the template. The path itself, the query, the headers and the body stay out.",
        "crash": "Wrap call_next in try/except Exception. Answer error_response(500), and "
        "log the type's name, type(error).__name__, never the message.",
        "duration": "time.perf_counter() before and after, in seconds; times 1000 for ms.",
    },
)


def logged_app(add_request_log: Callable[..., None], lines: list[str]) -> Any:
    """Return an app with three routes and a log that goes into a list."""

    def routes(app: Any) -> None:
        add_request_log(app, lines.append)

        @app.get("/parcel/{owner}")
        def parcel(owner: str) -> dict[str, str]:
            return {"weight": "3 kg"}

        @app.get("/broken")
        def broken() -> None:
            raise KeyError("anna@example.org is unknown")

    return app_with(routes)


@add_request_log.expects("The caller's request id comes back.", hint="return")
def _(add_request_log):
    app = logged_app(add_request_log, [])
    response = ask(app, "GET", "/parcel/7", headers={"X-Request-ID": "shop-2026-0001"})
    expect(
        response.headers.get("X-Request-ID") == "shop-2026-0001",
        got=dict(response.headers),
    )


@add_request_log.expects(
    "One request leaves one line of JSON with its id.", hint="line"
)
def _(add_request_log):
    lines: list[str] = []
    app = logged_app(add_request_log, lines)
    response = ask(app, "GET", "/parcel/7")
    expect(len(lines) == 1, got=lines)
    line = json.loads(lines[0])
    keys = {"request_id", "method", "route", "status", "duration_ms", "failure"}
    expect(set(line) == keys, got=sorted(line), message=f"The keys are {sorted(keys)}.")
    expect(
        line["request_id"] == response.headers.get("X-Request-ID"),
        got=line["request_id"],
        message="The response carries another id.",
    )


# 7. The same request twice ------------------------------------------------------------------

answer_once = checks.task(
    "answer_once",
    hints={
        "keep": "Keep (digest of the body, answer) under the key in kept.answers. A key "
        "that is there already gives its answer back without compute().",
        "conflict": "Same key, other digest: raise KeyReused, and leave what is kept "
        "alone.",
        "concurrent": "Two repeats can arrive before the first is done. A lock for each "
        "key makes the second wait, and it must look again after it has waited.",
        "lock": "lock = kept.locks.setdefault(key, asyncio.Lock()), then async with lock: "
        "look, compute, keep. One lock for all keys would make strangers wait.",
        "bounded": "After keeping: while len(kept.answers) > kept.capacity, remove the "
        "oldest. A dict remembers the order: next(iter(kept.answers)).",
        "failed": "If compute() raises, nothing is kept: let the error pass before the "
        "line that keeps.",
    },
)


class Counted:
    """A computation that counts its calls."""

    def __init__(self, *answers: Any) -> None:
        self.answers = answers or ("first", "second", "third")
        self.calls = 0

    async def __call__(self) -> Any:
        self.calls += 1
        answer = self.answers[min(self.calls, len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


@answer_once.expects("A repeat gets the first answer, computed once.", hint="keep")
def _(answer_once, Kept):
    async def twice():
        kept, compute = Kept(), Counted()
        found = [await answer_once(kept, "key-1", b"{}", compute) for _ in range(2)]
        return found, compute.calls

    found, calls = run_coroutine(twice())
    expect(found == ["first", "first"], got=found)
    expect(calls == 1, got=calls, message="It was computed more than once.")


@answer_once.expects("The same key with another body is refused.", hint="conflict")
def _(answer_once, Kept, KeyReused):
    async def twice():
        kept, compute = Kept(), Counted()
        await answer_once(kept, "key-1", b'{"plan": "plus"}', compute)
        try:
            return await answer_once(kept, "key-1", b'{"plan": "basic"}', compute)
        except KeyReused:
            return "refused"

    found = run_coroutine(twice())
    expect(found == "refused", got=found, message="It must raise KeyReused.")


# 8. A test script against the real server ---------------------------------------------------

check_service = checks.task(
    "check_service",
    hints={
        "promises": "Go through the list of promises. Each is one request and one or two "
        "assert lines.",
        "status": "assert response.status_code == ... first: a body can look right under "
        "a wrong status.",
        "compare": "Ask for the members one by one and as a batch, and compare the two "
        "lists of numbers. Use members that differ.",
        "own": "Do not write a probability into the test: the next model will give "
        "another. Compare answers of the server with each other.",
        "refusals": "For each refusal: send EXAMPLE with one thing changed, and assert "
        "the status. For 422 also assert which field is named.",
        "headers": "Send headers={'X-Request-ID': ...} and assert that it comes back. For "
        "409 send one Idempotency-Key with two bodies.",
    },
)


def verdicts(check_service: Callable[[str], Any], services: list[Any]) -> list[str]:
    """Run a test script against services behind a real port; '' where it passes."""
    current = [services[0]]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await current[0](scope, receive, send)

    said = []
    with serve(app) as server:
        for service in services:
            current[0] = service
            try:
                check_service(server.url)
                said.append("")
            except Exception as reason:
                said.append(f"{type(reason).__name__}: {reason}")
    return said


def verdict(check_service: Callable[[str], Any], service: Any) -> str:
    """Run a test script against one service."""
    return verdicts(check_service, [service])[0]


def differing_batch(query: SimpleNamespace, answer: SimpleNamespace) -> None:
    """Spoil a service: the batch comes back in another order."""
    if answer.status == 200 and query.path == "/predict/batch":
        answer.body["predictions"].reverse()


@check_service.expects("It passes a service that keeps every promise.", hint="own")
def _(check_service):
    found = verdict(check_service, StubService())
    expect(not found, got=found, message="This server is good, yet your test fails it.")


@check_service.expects("It fails a service that mixes up the batch.", hint="compare")
def _(check_service):
    found = verdict(check_service, StubService(differing_batch))
    expect(found, message="This server returns a batch in reverse, and passes.")


# 9. Load ------------------------------------------------------------------------------------

summarise = checks.task(
    "summarise",
    hints={
        "pool": "Join all runs into one list first: np.concatenate(runs). The mean of two "
        "p95 is the p95 of nothing.",
        "wall": "Throughput is how many were answered, divided by the seconds on the "
        "clock. Latencies overlap, so their sum is not the time that passed.",
        "errors": "The share of errors is errors / (errors + answers).",
        "empty": "With no answer at all there is no percentile: return NaN for it, and a "
        "throughput of 0.",
        "knee": "Take the best throughput, then the smallest number of callers that "
        "reaches share times it. The input need not be sorted.",
        "budget": "async with asyncio.timeout(budget_s): await lookup(). It ends the "
        "waiting and cancels the lookup.",
        "failing": "A lookup that raises is as good as one that is late: except Exception, "
        "then the default. A cancelled request is no Exception and passes through.",
    },
)


@summarise.expects("Percentiles are those of all requests together.", hint="pool")
def _(summarise, find_knee, within_budget, rng):
    runs = [rng.exponential(5, 300), rng.exponential(50, 100)]
    found = summarise(runs, wall_s=4.0)
    everything = np.concatenate(runs)
    for key, share in (("p50_ms", 50), ("p95_ms", 95), ("p99_ms", 99)):
        low, high = (
            np.percentile(everything, share, method=m) for m in ("lower", "higher")
        )
        expect(low <= found[key] <= high, got={key: found[key]})


@summarise.expects("The knee is where more callers stop paying.", hint="knee")
def _(summarise, find_knee, within_budget):
    found = find_knee({1: 100.0, 2: 180.0, 4: 290.0, 8: 300.0, 16: 296.0})
    expect(found == 4, got=found)


@summarise.expects("A lookup that never answers is cut off.", hint="budget")
def _(summarise, find_knee, within_budget):
    import asyncio

    async def never():
        await asyncio.Event().wait()

    found = run_coroutine(within_budget(never, "default", budget_s=0.02), timeout=5)
    expect(found == ("default", True), got=found)


# 10. The container file ---------------------------------------------------------------------

broken_rules = checks.task(
    "broken_rules",
    hints={
        "base": "Every FROM counts, not only the first. A tag such as 3.12 or latest "
        "moves; three numbers or @sha256: do not. An earlier stage's name is no image.",
        "last": "Only the last stage runs. Forget USER and HEALTHCHECK at each FROM; the "
        "last USER then decides.",
        "secret": "ARG and ENV both stay in the image's history. Compare the upper-case "
        "name with the four words.",
        "pip": "Split the command at && and ;, keep the parts with 'pip install'. Either "
        "--require-hashes is there, or every package has ==.",
        "copy": "The sources of COPY and ADD are all words but the last, without the "
        "flags. '.', './' and '*' copy everything, .env and .git too.",
        "file": "Run broken_rules(DOCKERFILE): the empty set is the goal. Then it must "
        "still install, copy and start the service.",
    },
)

BAD = """
FROM python:latest
ENV API_TOKEN=abc123
COPY . /app
RUN pip install fastapi uvicorn
CMD ["uvicorn", "service:app"]
"""


@broken_rules.expects("A file that breaks all six rules is told so.", hint="base")
def _(broken_rules, DOCKERFILE):
    found = broken_rules(BAD)
    rules = {"base", "root", "secret", "health", "unpinned", "copy_all"}
    expect(set(found) == rules, got=sorted(found))


@broken_rules.expects("Your own file breaks none of your rules.", hint="file")
def _(broken_rules, DOCKERFILE):
    expect(not broken_rules(DOCKERFILE), got=sorted(broken_rules(DOCKERFILE)))


# 11. The measurement and the guide ------------------------------------------------------------

measured = checks.task(
    "measured",
    hints={
        "copy": "Run the cell that prints the dictionary, and paste what it prints.",
        "order": "Half of all requests are faster than p50, so p50 <= p95 <= p99.",
        "little": "Little's law: callers at work = throughput times mean latency. Put the "
        "latency in seconds. If it is far off, one of the units is wrong.",
        "knee": "Read it from the second picture: the smallest number of callers at which "
        "the curve is within a tenth of its top.",
    },
)


@measured.expects("The six numbers are there.", hint="copy")
def _(measured):
    keys = {"callers", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "throughput_rps"}
    keys |= {"knee_callers"}
    expect(set(measured) == keys, got=sorted(measured))
    for key, value in measured.items():
        expect(value > 0 and math.isfinite(value), got={key: value})


BRIEF = Brief(
    sections=(
        ("What it answers", "What it does", "Purpose"),
        ("How to call it", "Request", "Calling"),
        ("Errors", "When it refuses"),
        ("Retries", "Repeats", "Trying again"),
        ("Speed", "Performance", "Latency"),
        ("Limits", "What it cannot do", "What it does not do"),
    ),
    words=(250, 700),
    numbers={
        "p50_ms": Number("ms"),
        "p95_ms": Number("ms"),
        "knee_callers": Number("callers"),
    },
    terms=("idempotency key", "request id", "timeout", "degraded", "p95"),
    avoid={
        "pickle": "the shop's developers never see the model file",
        "asyncio": "say what the caller notices",
        "thread pool": "say what the caller notices",
        "deserialise": "say: load the model",
        "hyperparameter": "leave it out, it does not change the call",
        "uvicorn": "leave it out, the caller sees only HTTP",
    },
    max_grade=10.0,
)

guide = checks.task(
    "guide",
    hints={
        "sections": "Six headings: what it answers, how to call it, errors, retries, "
        "speed, limits.",
        "numbers": "Give p50, p95 and the number of callers from measured, with units and "
        "at least two digits where there are two.",
        "terms": "A reader of your logs will say request id, idempotency key, timeout, "
        "degraded, p95. Use these words, and explain each once.",
        "plain": "Shorter sentences, fewer words of the trade: the reader writes a web "
        "shop. The review names the places.",
        "claims": "A measurement is no promise. Say under which conditions you measured.",
    },
)


@guide.expects("The guide and the numbers behind it are there.", hint="sections")
def _(guide, measured):
    score = review(guide, measured).score
    message = "Half of the review must be met. The cell above shows what to mend."
    expect(score >= 0.5, got=f"{score:.2f}", message=message)


for sentence, hint, criteria in (
    (
        "All six sections are there, in 250 to 700 words.",
        "sections",
        ("sections", "length"),
    ),
    ("The numbers are yours, with their units.", "numbers", ("numbers",)),
    ("The words that a caller needs are used.", "terms", ("terms",)),
    ("A web developer can read it.", "plain", ("jargon", "reading")),
    ("It promises nothing that was not measured.", "claims", ("claims",)),
):

    @guide.expects(sentence, hint=hint, part=True)
    def _(guide, measured, criteria=criteria):
        met = review(guide, measured).by_criterion
        shares = {name: round(met[name], 2) for name in criteria}
        expect(min(shares.values()) > 0.99, got=shares, message="1 is all of it.")


def values_of(measured: dict[str, float]) -> dict[str, float]:
    """Return the numbers that the guide must give."""
    return {key: measured[key] for key in ("p50_ms", "p95_ms", "knee_callers")}


def review(guide: str, measured: dict[str, float]) -> Any:
    """Review the guide; the result shows what to mend."""
    return BRIEF.review(guide, values=values_of(measured))
