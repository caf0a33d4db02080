# ---
# jupyter:
#   mlcourse:
#     title: A model behind a REST service
#     minutes: 90
#     needs:
#     - 00_preflight
#     - 01_frame_the_problem
#     goals:
#     - ship a model as a file that the service can trust
#     - serve it over HTTP with a contract, clear errors and safe repeats
#     - test and load a real server, and say how many callers it can take
#     - write the guide for the team that will call it
#     leaves_out:
#     - authentication and encryption, which the gateway in front of the service does
#     - more than one process, autoscaling, and roll-out (labs 09 and 10)
#     - batch jobs and streams (lab 07)
#     terms:
#       defines:
#       - endpoint
#       - rest-api
#       - serialization
#       - model-artifact
#       - model-signature
#       - health-check
#       - idempotent
#       - timeout
#       - fallback
#       - graceful-degradation
#       - load-test
#       - throughput
#       - dependency-pinning
#       - container
#       - test-script
#       requires:
#       - latency
#       - model-serving
# ---

# %% [markdown]
# # 06 A model behind a REST service
#
# ## Scenario
#
# > **Ines, membership team:** When somebody opens "cancel my membership", the web shop asks you, and offers a rebate if the risk is high. Our developers need an address to call, and a page that says how.
# >
# > Please do not make it fragile. Last spring a supplier's service sent us error pages with customers' names in them, and billed a retry as a second order. On sale days we have many more visitors. How many calls at once can you take?

# %% [markdown]
# By the end the model of lab 01 answers over HTTP on a real server, you know how much load it takes, and Ines's developers have their page. Ten functions, one guide.

# %%
import asyncio
import hashlib
import json
import re
import time
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from uuid import uuid4

import httpx
import numpy as np
import pandas as pd
from checks import EXAMPLE, MAX_BATCH, ask, checks

from mlcourse.checks import TODO, predict, record, reveal

# %% [markdown]
# ## Predict first
#
# To answer a request, the service waits 15 ms for another team's system, then computes for some milliseconds. One caller sends its requests one after another. Then eight callers do so at the same time, to the same server in one process. How many times more requests are answered in a second? 1 means no gain, 8 means perfect gain. Put your number in place of `TODO`; the first guess counts.

# %% guess="gain"
predict("gain from 1 to 8 callers", TODO, unit="times")

# %% [markdown]
# ## The model
#
# This is the churn model of lab 01 on eight of its features. It is trained on five months of members; the sixth is kept aside.

# %%
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlcourse.datasets import make_members
from mlcourse.seed import course_rng

FEATURES = list(EXAMPLE)
CATEGORIES = ["plan", "acquisition_channel"]

members = make_members(12_000, rng=course_rng("06 members"), months=6)
frame = members.frame.astype(dict.fromkeys(CATEGORIES, str))
last_month = frame["decision_date"] == frame["decision_date"].max()
train, holdout = frame[~last_month], frame.loc[last_month, FEATURES]

numbers = [name for name in FEATURES if name not in [*CATEGORIES, "auto_renew"]]
pipeline = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
        (StandardScaler(), numbers),
        remainder="passthrough",
    ),
    LogisticRegression(max_iter=1000),
).fit(train[FEATURES], train["churned"])

auc = roc_auc_score(
    frame.loc[last_month, "churned"], pipeline.predict_proba(holdout)[:, 1]
)
print(f"{len(train):,} members to train on, AUC of the month kept aside: {auc:.2f}")

# %% [markdown]
# A service needs more than the model. `about` is what somebody must know to use it: the order of the features, the time it learned from, which sales channels it knows, what to take for a channel that it does not know, and what to take when nothing is known about a member.

# %%
days = train["decision_date"].dt.date
about = {
    "features": FEATURES,
    "training_window": {"from": str(days.min()), "until": str(days.max())},
    "categories": {
        "acquisition_channel": sorted(train["acquisition_channel"].unique())
    },
    "fallback": {"acquisition_channel": train["acquisition_channel"].mode()[0]},
    "defaults": json.loads(train[FEATURES].mode().iloc[0].to_json()),
}
about["defaults"] |= {
    name: int(train[name].median()) for name in numbers if name != "monthly_fee_eur"
}
about

# %% [markdown]
# ## 1. A file that the service can trust
#
# Training and {term}`serving <model-serving>` are two programs on two machines, and between them travels a file: the {term}`model artifact`. Writing an object as bytes is {term}`serialization`. If the wrong file arrives, nothing crashes. The service answers, with the wrong numbers.
#
# So the file travels with a manifest, and the service refuses what does not fit. `skops` reads and writes scikit-learn models; unlike a pickle, its file cannot run code when it is opened. But it cannot know whether this is *your* file. A digest can. The digest of the manifest, the **release id**, is kept elsewhere, in the settings of the deployment.

# %%
import skops.io as sio


class ModelRefused(Exception):
    """The files are not the release that was asked for. The message says why."""


@dataclass(frozen=True)
class Release:
    """A model as it was released."""

    model: Any  # has predict_proba(frame)
    manifest: dict[str, Any]
    id: str  # digest of manifest.json


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def installed_libraries() -> dict[str, str]:
    return {name: version(name) for name in ("scikit-learn", "numpy", "skops")}


installed_libraries()

# %% [markdown]
# Write the two functions of the next cell. Bytes that are refused are never opened as a model: `sio.loads(data)` comes last.


# %% answer="load_model"
def save_model(model: Any, folder: Path, about: dict[str, Any]) -> str:
    """Write a model and its manifest, and return the release id.

    - ``model.skops``: the bytes of ``sio.dumps(model)``.
    - ``manifest.json``: everything in ``about``, and two more keys: ``sha256``, the
      digest of ``model.skops``, and ``libraries``, the installed libraries.

    Args:
        model: A fitted scikit-learn model.
        folder: Where the two files go; made if needed.
        about: What somebody must know to use the model.

    Returns:
        The digest of ``manifest.json``.
    """
    ...  # YOUR CODE HERE


def load_model(folder: Path, release_id: str) -> Release:
    """Read what ``save_model`` wrote.

    Raises:
        ModelRefused: With the reason, if a file is missing; if the digest of
            ``manifest.json`` is not ``release_id``; if the digest of ``model.skops`` is
            not the one in the manifest; if a library of the manifest is not installed,
            or has another major version (the first number).
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def save_model(model: Any, folder: Path, about: dict[str, Any]) -> str:
    data = sio.dumps(model)
    manifest = about | {"sha256": digest(data), "libraries": installed_libraries()}
    text = json.dumps(manifest, indent=2).encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.skops").write_bytes(data)
    (folder / "manifest.json").write_bytes(text)
    return digest(text)


def load_model(folder: Path, release_id: str) -> Release:
    try:
        text = (folder / "manifest.json").read_bytes()
        data = (folder / "model.skops").read_bytes()
    except FileNotFoundError as error:
        raise ModelRefused(f"{error.filename} is missing") from None
    if digest(text) != release_id:
        raise ModelRefused("manifest.json is not the one that was released")
    manifest = json.loads(text)
    if digest(data) != manifest["sha256"]:
        raise ModelRefused("model.skops is not the file of this manifest")
    installed = installed_libraries()
    for name, wanted in manifest["libraries"].items():
        if installed.get(name, "").split(".")[0] != wanted.split(".")[0]:
            raise ModelRefused(f"the model needs {name} {wanted}")
    return Release(sio.loads(data), manifest, release_id)


### END SOLUTION

# %% test="load_model" points=2
### BEGIN HIDDEN TESTS
from tempfile import TemporaryDirectory

from sklearn.dummy import DummyClassifier

from mlcourse.checks import expect, expect_error


def saved(place, **changes):
    """Save a small model, change its manifest, and return the new release id."""
    model = DummyClassifier(strategy="prior").fit([[0], [1], [2]], [0, 1, 1])
    save_model(model, place, {"training_window": {"from": "2026-01-01"}})
    manifest = json.loads((place / "manifest.json").read_bytes())
    manifest["libraries"] |= changes
    text = json.dumps(manifest).encode()
    (place / "manifest.json").write_bytes(text)
    return digest(text)


@checks.load_model.hidden(
    "The release id is the digest of the manifest.", hint="manifest"
)
def _(save_model):
    with TemporaryDirectory() as place:
        place = Path(place) / "deep" / "down"
        save_model(DummyClassifier().fit([[0]], [1]), place, {"note": "é"})
        again = save_model(DummyClassifier().fit([[0]], [1]), place, {"note": "é"})
        expect(again == digest((place / "manifest.json").read_bytes()), got=again)
        manifest = json.loads((place / "manifest.json").read_bytes())
    expect(manifest["libraries"] == installed_libraries(), got=manifest["libraries"])
    expect(manifest["note"] == "é", got=manifest)


@checks.load_model.hidden("The release says what the manifest says.", hint="manifest")
def _(load_model):
    with TemporaryDirectory() as place:
        identity = saved(Path(place))
        shipped = load_model(Path(place), identity)
    expect(shipped.id == identity, got=shipped.id)
    expect(
        shipped.manifest["training_window"] == {"from": "2026-01-01"},
        got=shipped.manifest,
    )
    expect(shipped.model.predict_proba([[5]])[0, 1] > 0.6, got=shipped.model)


@checks.load_model.hidden("An edited manifest is refused.", hint="trust")
def _(load_model):
    with TemporaryDirectory() as place:
        identity = saved(Path(place))
        file = Path(place) / "manifest.json"
        text = file.read_text()
        for day in range(10, 28):
            file.write_text(text.replace("2026-01-01", f"2026-02-{day}"))
            expect_error(ModelRefused, load_model, Path(place), identity)


@checks.load_model.hidden(
    "Another model with its own valid file is refused.", hint="order"
)
def _(load_model, save_model, pipeline):
    with TemporaryDirectory() as place, TemporaryDirectory() as other:
        identity = saved(Path(place))
        save_model(pipeline, Path(other), {})
        (Path(place) / "model.skops").write_bytes(
            (Path(other) / "model.skops").read_bytes()
        )
        expect_error(ModelRefused, load_model, Path(place), identity)


@checks.load_model.hidden(
    "A file that is no model is refused before it is opened.", hint="order"
)
def _(load_model):
    with TemporaryDirectory() as place:
        identity = saved(Path(place))
        (Path(place) / "model.skops").write_bytes(b"not a model")
        expect_error(ModelRefused, load_model, Path(place), identity)


@checks.load_model.hidden("A missing file is refused, whichever it is.", hint="missing")
def _(load_model):
    for name in ("manifest.json", "model.skops"):
        with TemporaryDirectory() as place:
            identity = saved(Path(place))
            (Path(place) / name).unlink()
            expect_error(ModelRefused, load_model, Path(place), identity)


@checks.load_model.hidden(
    "Another major version of any library is refused.", hint="version"
)
def _(load_model):
    major = version("numpy").split(".")[0]
    for changes in (
        {"scikit-learn": "0.24.2"},
        {"numpy": f"{major}0.0.1"},
        {"skops": "7.0"},
        {"a-library-nobody-has": "1.0"},
    ):
        with TemporaryDirectory() as place:
            identity = saved(Path(place), **changes)
            expect_error(
                ModelRefused, load_model, Path(place), identity, message=f"{changes}"
            )


@checks.load_model.hidden("Another minor version is accepted.", hint="version")
def _(load_model):
    major = version("scikit-learn").split(".")[0]
    with TemporaryDirectory() as place:
        identity = saved(Path(place), **{"scikit-learn": f"{major}.99.7"})
        expect(load_model(Path(place), identity).id == identity)


### END HIDDEN TESTS

# %% needs="load_model"
release_folder = Path("release")
release_id = save_model(pipeline, release_folder, about)
release = load_model(release_folder, release_id)
print(f"release {release.id[:12]}, trained on {release.manifest['training_window']}")
print(
    f"model.skops has {(release_folder / 'model.skops').stat().st_size / 1000:.0f} kB"
)

# %% [markdown]
# The twelve characters name exactly one model. They will stand in every response, so that six months from now an odd score can be traced to the file that gave it.
#
# ## 2. The contract
#
# A model takes what it gets: a tenure of minus one month, a fee in cents, a text for a number. It never complains. The contract, its {term}`model signature` as HTTP sees it, must complain instead, before a bad input becomes a good-looking score.
#
# | field | JSON type | allowed |
# |---|---|---|
# | `tenure_months` | integer | 0 to 120 |
# | `plan` | text | `basic`, `plus`, `family`: a closed list, a new plan is a new contract |
# | `monthly_fee_eur` | number | 1 to 20 |
# | `orders_90d` | integer | 0 to 200 |
# | `days_since_last_order` | integer | 1 to 3660 |
# | `payment_failures_90d` | integer | 0 to 3 |
# | `acquisition_channel` | text | an open list, marketing invents new ones: 1 to 32 characters from `a` to `z` and `_` |
# | `auto_renew` | true or false | |
#
# Write two pydantic models in the next cell.
#
# `ChurnRequest` has these eight fields, all required. It refuses any other field, and takes no text for a number and no number for a flag.
#
# `ChurnResponse` has `churn_probability` (0 to 1), `degraded` (true or false) and `model_version` (text).

# %%
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# %% answer="ChurnRequest"
ChurnRequest = ChurnResponse = TODO
### BEGIN SOLUTION


class ChurnRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    tenure_months: Annotated[int, Field(ge=0, le=120)]
    plan: Literal["basic", "plus", "family"]
    monthly_fee_eur: Annotated[float, Field(ge=1, le=20)]
    orders_90d: Annotated[int, Field(ge=0, le=200)]
    days_since_last_order: Annotated[int, Field(ge=1, le=3660)]
    payment_failures_90d: Annotated[int, Field(ge=0, le=3)]
    acquisition_channel: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
    auto_renew: bool


class ChurnResponse(BaseModel):
    churn_probability: Annotated[float, Field(ge=0, le=1)]
    degraded: bool
    model_version: str


### END SOLUTION

# %% test="ChurnRequest" points=2
### BEGIN HIDDEN TESTS

RANGES = {
    "tenure_months": (0, 120),
    "monthly_fee_eur": (1, 20),
    "orders_90d": (0, 200),
    "days_since_last_order": (1, 3660),
    "payment_failures_90d": (0, 3),
}


def accepts(model, **changes):
    try:
        return model.model_validate(EXAMPLE | changes)
    except ValueError:
        return None


@checks.ChurnRequest.hidden("Every range holds, its ends included.", hint="range")
def _(ChurnRequest):
    for name, (low, high) in RANGES.items():
        step = 0.01 if name == "monthly_fee_eur" else 1
        for value in (low, high):
            expect(
                accepts(ChurnRequest, **{name: value}),
                got={name: value},
                message="This is allowed.",
            )
        for value in (low - step, high + step, 10**400):
            expect(
                not accepts(ChurnRequest, **{name: value}),
                got=f"{name}: {str(value)[:9]}",
                message="This is not allowed.",
            )


@checks.ChurnRequest.hidden("NaN and infinity are no numbers.", hint="range")
def _(ChurnRequest):
    for name in RANGES:
        for value in (float("nan"), float("inf"), -float("inf")):
            expect(not accepts(ChurnRequest, **{name: value}), got={name: value})


@checks.ChurnRequest.hidden(
    "No text for a number, no number for a flag.", hint="strict"
)
def _(ChurnRequest):
    for name in (*RANGES, "auto_renew"):
        for value in ("3", [3], {"value": 3}, None):
            expect(not accepts(ChurnRequest, **{name: value}), got={name: value})
    expect(not accepts(ChurnRequest, tenure_months=True), got={"tenure_months": True})
    for value in (1, 0, "true", "yes"):
        expect(not accepts(ChurnRequest, auto_renew=value), got={"auto_renew": value})


@checks.ChurnRequest.hidden("Every field is required.", hint="names")
def _(ChurnRequest):
    for name in EXAMPLE:
        rest = {key: value for key, value in EXAMPLE.items() if key != name}
        expect_error(
            ValueError,
            ChurnRequest.model_validate,
            rest,
            message=f"{name} is missing here.",
        )


@checks.ChurnRequest.hidden("The list of plans is closed.", hint="closed")
def _(ChurnRequest):
    for plan in ("basic", "plus", "family"):
        expect(accepts(ChurnRequest, plan=plan), got=plan)
    for plan in ("gold", "Plus", "PLUS", "plus ", "", None, 1, ["plus"]):
        expect(not accepts(ChurnRequest, plan=plan), got=plan)


@checks.ChurnRequest.hidden("The list of channels is open, but bounded.", hint="open")
def _(ChurnRequest):
    for channel in ("podcast", "a", "z_" * 16):
        expect(accepts(ChurnRequest, acquisition_channel=channel), got=channel)
    for channel in (
        "",
        "Podcast",
        "a b",
        "a\n",
        "a1",
        "é",
        "x" * 33,
        "' OR 1=1 --",
        "<b>",
        "../../etc",
    ):
        expect(not accepts(ChurnRequest, acquisition_channel=channel), got=channel)


@checks.ChurnRequest.hidden("The response keeps its promises too.", hint="response")
def _(ChurnResponse):
    good = {"churn_probability": 0.5, "degraded": False, "model_version": "v"}
    for value in (0, 1, 0.5):
        expect(
            ChurnResponse(**good | {"churn_probability": value}).churn_probability
            == value
        )
    for value in (-0.001, 1.001, float("nan"), None):
        expect_error(ValueError, ChurnResponse, **good | {"churn_probability": value})
    for name in good:
        rest = {key: value for key, value in good.items() if key != name}
        expect_error(
            ValueError, ChurnResponse, **rest, message=f"{name} is missing here."
        )


### END HIDDEN TESTS

# %% needs="ChurnRequest"
limits = pd.DataFrame(ChurnRequest.model_json_schema()["properties"]).T
limits.reindex(columns=["type", "minimum", "maximum", "enum", "pattern"]).fillna("")

# %% [markdown]
# This table was not written by hand. FastAPI publishes it as `/openapi.json`, and the shop's developers can generate a client from it. A limit that stands in the type is at once check and documentation.
#
# ## 3. Predict, one and many
#
# The {term}`endpoint` `POST /predict` answers for one member, `POST /predict/batch` for up to `MAX_BATCH`. A {term}`REST API` with two routes to one model has a classic fault: two pieces of code that differ a little. Here both go through one function, `score`.
#
# A new sales channel will arrive before a new model does. To refuse would mean no score for every member who came that way. So the service falls back: it takes the channel named in the manifest, and says `degraded: true`. A {term}`fallback` that nobody can see would be a silent error.

# %%
from fastapi import FastAPI, HTTPException, Request, Response

# %% needs="ChurnRequest"


class BatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    members: Annotated[list[ChurnRequest], Field(min_length=1)]


class BatchResponse(BaseModel):
    predictions: list[ChurnResponse]


# %% [markdown]
# Write the two functions of the next cell. The model learned its columns in one order and knows one set of channels; both stand in the manifest.


# %% answer="add_predict"
def score(release: Release, members: "list[ChurnRequest]") -> "list[ChurnResponse]":
    """Score members with one call of the model.

    For each column of ``release.manifest["categories"]``, a value that is not in its
    list is replaced by ``release.manifest["fallback"][column]``, and that member is
    ``degraded``. The columns go to the model in the order of
    ``release.manifest["features"]``.

    Returns:
        A response a member, in the same order: the probability is column 1 of
        ``predict_proba``, ``model_version`` is ``release.id[:12]``.
    """
    ...  # YOUR CODE HERE


def add_predict(app: FastAPI) -> None:
    """Add ``POST /predict`` and ``POST /predict/batch`` to an app.

    - ``/predict`` takes a ``ChurnRequest`` and returns a ``ChurnResponse``;
      ``/predict/batch`` takes a ``BatchRequest`` and returns a ``BatchResponse``.
    - The release is ``app.state.release``, and it may change while the service runs.
      While it is None, both answer 503 with the header ``Retry-After: 5``.
    - More than ``MAX_BATCH`` members are answered with 413.
    - Other requests must be answered while a prediction runs.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def score(release: Release, members: list[ChurnRequest]) -> list[ChurnResponse]:
    frame = pd.DataFrame([member.model_dump() for member in members])
    degraded = pd.Series(False, index=frame.index)
    for column, known in release.manifest["categories"].items():
        unknown = ~frame[column].isin(known)
        frame.loc[unknown, column] = release.manifest["fallback"][column]
        degraded |= unknown
    features = frame[release.manifest["features"]]
    probabilities = release.model.predict_proba(features)[:, 1]
    return [
        ChurnResponse(churn_probability=p, degraded=d, model_version=release.id[:12])
        for p, d in zip(probabilities, degraded, strict=True)
    ]


def add_predict(app: FastAPI) -> None:
    def loaded() -> Release:
        if app.state.release is None:
            raise HTTPException(503, headers={"Retry-After": "5"})
        return app.state.release

    @app.post("/predict")
    def predict_one(member: ChurnRequest) -> ChurnResponse:
        return score(loaded(), [member])[0]

    @app.post("/predict/batch")
    def predict_batch(batch: BatchRequest) -> BatchResponse:
        if len(batch.members) > MAX_BATCH:
            raise HTTPException(413)
        return BatchResponse(predictions=score(loaded(), batch.members))


### END SOLUTION

# %% test="add_predict" points=3
### BEGIN HIDDEN TESTS
import threading

from checks import StubModel, answer_of, app_with, stub_release

from mlcourse.checks import run_coroutine


def batch_of(*tenures):
    return {"members": [EXAMPLE | {"tenure_months": t} for t in tenures]}


@checks.add_predict.hidden("A batch of the real model equals one by one.", hint="batch")
def _(score, add_predict, pipeline, holdout):
    shipped = stub_release(
        pipeline, categories=about["categories"], fallback=about["fallback"]
    )
    rows = json.loads(holdout.iloc[:60].to_json(orient="records"))
    app = app_with(add_predict, release=shipped)
    reply = ask(app, "POST", "/predict/batch", json={"members": rows})
    expect(reply.status_code == 200, got=answer_of(reply))
    several = [p["churn_probability"] for p in reply.json()["predictions"]]
    truth = pipeline.predict_proba(holdout.iloc[:60])[:, 1]
    expect(len(several) == 60, got=len(several))
    expect(
        max(abs(truth - several)) < 1e-12,
        got=max(abs(truth - several)),
        message="The largest difference.",
    )
    for row, number in list(zip(rows, several, strict=True))[:3]:
        one = ask(app, "POST", "/predict", json=row).json()["churn_probability"]
        expect(abs(one - number) < 1e-12, got=(one, number))


@checks.add_predict.hidden("One batch is one call of the model.", hint="batch")
def _(score, add_predict):
    model = StubModel()
    ask(
        app_with(add_predict, release=stub_release(model)),
        "POST",
        "/predict/batch",
        json=batch_of(*range(40)),
    )
    expect(
        len(model.frames) == 1,
        got=len(model.frames),
        message="So often the model was called.",
    )


@checks.add_predict.hidden(
    "The model gets its features in the order of its manifest.", hint="frame"
)
def _(score, add_predict):
    order = ["auto_renew", "tenure_months", "plan"]
    model = StubModel()
    app = app_with(add_predict, release=stub_release(model, features=order))
    reply = ask(app, "POST", "/predict", json=EXAMPLE)
    expect(model.frames and list(model.frames[0]) == order, got=answer_of(reply))


@checks.add_predict.hidden(
    "A batch of exactly the limit is fine, one more is 413.", hint="limit"
)
def _(score, add_predict):
    model = StubModel()
    app = app_with(add_predict, release=stub_release(model))
    for size, status in ((1, 200), (MAX_BATCH, 200), (MAX_BATCH + 1, 413), (0, 422)):
        reply = ask(app, "POST", "/predict/batch", json=batch_of(*[5] * size))
        expect(
            reply.status_code == status,
            got=f"{size} members: {answer_of(reply)}",
        )
    expect(
        len(model.frames) == 2,
        got=len(model.frames),
        message="The model was called for a refused batch.",
    )


@checks.add_predict.hidden(
    "Without a model both routes answer 503 and say when to come back.", hint="missing"
)
def _(score, add_predict):
    app = app_with(add_predict, release=None)
    for path, body in (("/predict", EXAMPLE), ("/predict/batch", batch_of(1))):
        reply = ask(app, "POST", path, json=body)
        expect(reply.status_code == 503, got=f"{path}: {answer_of(reply)}")
        expect(reply.headers.get("Retry-After") == "5", got=dict(reply.headers))


@checks.add_predict.hidden(
    "A model that arrives or changes later is used.", hint="missing"
)
def _(score, add_predict):
    app = app_with(add_predict, release=None)
    for shipped in (
        stub_release(defaults={"a": 1}),
        stub_release(defaults={"a": 2}),
    ):
        app.state.release = shipped
        reply = ask(app, "POST", "/predict", json=EXAMPLE)
        expect(reply.status_code == 200, got=answer_of(reply))
        expect(reply.json()["model_version"] == shipped.id[:12], got=answer_of(reply))


@checks.add_predict.hidden(
    "An unknown category falls back, and only that row is degraded.", hint="fallback"
)
def _(score, add_predict):
    model = StubModel()
    shipped = stub_release(
        model,
        categories={"acquisition_channel": ["voucher"], "plan": ["basic", "plus"]},
        fallback={"acquisition_channel": "voucher", "plan": "basic"},
    )
    app = app_with(add_predict, release=shipped)
    rows = [
        EXAMPLE | {"acquisition_channel": channel, "plan": plan}
        for channel, plan in (
            ("voucher", "plus"),
            ("podcast", "plus"),
            ("voucher", "family"),
            ("podcast", "family"),
        )
    ]
    reply = ask(app, "POST", "/predict/batch", json={"members": rows})
    expect(reply.status_code == 200, got=answer_of(reply))
    expect(
        [p["degraded"] for p in reply.json()["predictions"]]
        == [False, True, True, True],
        got=reply.json(),
    )
    expect(
        list(model.frames[0]["acquisition_channel"]) == ["voucher"] * 4,
        got=model.frames[0],
    )
    expect(
        list(model.frames[0]["plan"]) == ["plus", "plus", "basic", "basic"],
        got=model.frames[0],
    )


@checks.add_predict.hidden(
    "Other requests are answered while a prediction runs.", hint="block"
)
def _(score, add_predict):
    answered = threading.Event()
    in_time = []

    def ping(app):
        @app.get("/ping")
        async def pong() -> None:
            answered.set()

    model = StubModel(lambda frame: in_time.append(answered.wait(1.0)))
    app = app_with(add_predict, ping, release=stub_release(model))

    async def both():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://service"
        ) as client:
            slow = asyncio.create_task(client.post("/predict", json=EXAMPLE))
            while not model.frames and not slow.done():
                await asyncio.sleep(0.001)
            await client.get("/ping")
            await slow

    run_coroutine(both())
    expect(
        in_time == [True], message="The other request had to wait for the prediction."
    )


### END HIDDEN TESTS

# %% needs="load_model,add_predict"
app = FastAPI()
app.state.release = release
add_predict(app)
for channel in ("referral", "podcast"):
    print(
        ask(
            app, "POST", "/predict", json=EXAMPLE | {"acquisition_channel": channel}
        ).json()
    )

# %% [markdown]
# The second number is a guess with a label on it. Count the labels: when `degraded` answers rise from one in a thousand to one in ten, it is time for a new model.
#
# ## 4. Alive, ready, which version
#
# Three people ask about a running service. The platform asks whether to **kill** it: that is `/health`. The load balancer asks whether to **send traffic**: that is `/ready`. A colleague at night asks **what is running**: that is `/version`. A {term}`health check` that looks at the model mixes up the first two: the model is late, the platform kills the process, it starts again, the model is late.

# %%
SERVICE_VERSION = "1.0.0"


# %% answer="add_probes"
def add_probes(app: "FastAPI") -> None:
    """Add three GET routes that tell how the service is.

    The release is ``app.state.release``; while it is None there is no model yet.

    - ``/health``: 200 and ``{"status": "alive"}`` as long as the process answers. It
      looks at nothing else.
    - ``/ready``: 200 and ``{"ready": true}`` with a model, else 503 and
      ``{"ready": false}``.
    - ``/version``: always 200 and ``{"service": SERVICE_VERSION, "model": ...,
      "trained_until": ...}``: the first 12 characters of the release id and the end of
      the training window; both None while there is no model.
    """
    ### BEGIN SOLUTION

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/ready")
    def ready(response: Response) -> dict[str, bool]:
        loaded = app.state.release is not None
        response.status_code = 200 if loaded else 503
        return {"ready": loaded}

    @app.get("/version")
    def running() -> dict[str, str | None]:
        known = app.state.release
        return {
            "service": SERVICE_VERSION,
            "model": known.id[:12] if known else None,
            "trained_until": known.manifest["training_window"]["until"]
            if known
            else None,
        }

    ### END SOLUTION


# %% test="add_probes" points=1
### BEGIN HIDDEN TESTS


class Explosive:
    """A release that fails as soon as anybody looks at it."""

    def __getattribute__(self, name):
        raise RuntimeError("somebody looked at the model")


@checks.add_probes.hidden("The bodies say what the docstring says.", hint="version")
def _(add_probes):
    shipped = stub_release(
        training_window={"from": "2025-01-01", "until": "2025-07-01"}
    )
    app = app_with(add_probes, release=shipped)
    bodies = [
        ask(app, "GET", path).json() for path in ("/health", "/ready", "/version")
    ]
    version = {
        "service": SERVICE_VERSION,
        "model": shipped.id[:12],
        "trained_until": "2025-07-01",
    }
    expect(bodies == [{"status": "alive"}, {"ready": True}, version], got=bodies)


@checks.add_probes.hidden(
    "Without a model it is alive, not ready, and of a known version.", hint="ready"
)
def _(add_probes):
    app = app_with(add_probes, release=None)
    seen = [ask(app, "GET", path) for path in ("/health", "/ready", "/version")]
    expect(
        [r.status_code for r in seen] == [200, 503, 200],
        got=[answer_of(r) for r in seen],
    )
    expect(seen[1].json() == {"ready": False}, got=answer_of(seen[1]))
    expect(
        seen[2].json()
        == {"service": SERVICE_VERSION, "model": None, "trained_until": None},
        got=answer_of(seen[2]),
    )


@checks.add_probes.hidden("A model that arrives later makes it ready.", hint="late")
def _(add_probes):
    app = app_with(add_probes, release=None)
    app.state.release = stub_release()
    expect(
        ask(app, "GET", "/ready").status_code == 200,
        got=answer_of(ask(app, "GET", "/ready")),
    )
    app.state.release = None  # and gone again
    expect(
        ask(app, "GET", "/ready").status_code == 503,
        got=answer_of(ask(app, "GET", "/ready")),
    )


@checks.add_probes.hidden("/health does not look at the model.", hint="health")
def _(add_probes):
    reply = ask(app_with(add_probes, release=Explosive()), "GET", "/health")
    expect(reply.status_code == 200, got=answer_of(reply))


### END HIDDEN TESTS

# %% needs="load_model,add_predict,add_probes"
app = FastAPI()
app.state.release = None
add_predict(app)
add_probes(app)
for moment in ("while the model is loading", "with the model"):
    states = {
        path: ask(app, "GET", path).status_code
        for path in ("/health", "/ready", "/version")
    }
    print(
        f"{moment}: {states}, /predict: {ask(app, 'POST', '/predict', json=EXAMPLE).status_code}"
    )
    app.state.release = release

# %% [markdown]
# Only `/ready` and `/predict` changed. A platform that restarts on `/health` and routes on `/ready` lets this service load in peace.
#
# ## 5. Errors that help, and tell nothing
#
# An error body is read by a developer at the other end, and by whoever finds the log. It must name the field, in a form that a program can read and that stays the same. It must not repeat what was sent: that is somebody's data. FastAPI's own 422 does repeat it. It even breaks on it: send `NaN`, and the echo of the NaN cannot be written as JSON, so the caller's mistake becomes *your* error 500.

# %%
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

PROBLEMS = {
    400: ("bad_request", "The request cannot be read."),
    404: ("not_found", "There is no such path."),
    405: ("method_not_allowed", "This path does not take that method."),
    409: ("key_reused", "This Idempotency-Key was used for another request."),
    413: ("too_large", f"At most {MAX_BATCH} members a request."),
    422: ("validation_failed", "Some fields are not valid."),
    503: ("unavailable", "The model is not loaded yet."),
}


def error_response(
    status: int,
    *,
    fields: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return an error in the one shape that callers know."""
    code, message = PROBLEMS.get(
        status, ("internal_error", "Something went wrong here.")
    )
    body = {"error": {"code": code, "message": message, "fields": fields or []}}
    return JSONResponse(body, status, headers=headers)


# %% answer="add_errors"
def add_errors(app: "FastAPI") -> None:
    """Make every error of an app come in the shape of ``error_response``.

    Use ``@app.exception_handler(KIND)`` on functions ``(request, error)`` for three
    kinds:

    - ``RequestValidationError``: 422. ``fields`` has one ``{"field": ...,
      "problem": ...}`` for each of ``error.errors()``. The field is its ``loc`` without
      the first part, joined by dots: ``members.3.plan``. It is ``body`` where nothing
      is left of the path, and for broken JSON (type ``json_invalid``). The problem is
      its ``type``. Nothing else of the error is used: it may hold what was sent.
    - ``StarletteHTTPException``: its own status and headers.
    - ``Exception``: 500, and nothing about the reason.
    """
    ### BEGIN SOLUTION

    def name_of(error: dict[str, Any]) -> str:
        if error["type"] == "json_invalid":
            return "body"
        return ".".join(str(part) for part in error["loc"][1:]) or "body"

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        fields = [{"field": name_of(e), "problem": e["type"]} for e in error.errors()]
        return error_response(422, fields=fields)

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, error: StarletteHTTPException) -> Response:
        return error_response(error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    async def crashed(request: Request, error: Exception) -> Response:
        return error_response(500)

    ### END SOLUTION


# %% test="add_errors" points=3
### BEGIN HIDDEN TESTS
from pydantic import field_validator


class Owner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: str

    @field_validator("name")
    @classmethod
    def no_address(cls, value):
        if "@" in value:
            raise ValueError(f"{value} is an address")
        return value


class Parcel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    weight_kg: Annotated[float, Field(gt=0, le=30)]
    size: Literal["s", "m"] = "s"
    owners: list[Owner] = []


def parcel_app(add_errors):
    def routes(app):
        @app.post("/parcel")
        def send(parcel: Parcel, depth_cm: Annotated[int, Field(le=9)] = 1) -> float:
            return parcel.weight_kg

        @app.get("/broken")
        def broken():
            raise KeyError("anna@example.org")

        @app.get("/status/{status}")
        def status(status: int):
            raise HTTPException(
                status, "anna@example.org", headers={"Retry-After": "7"}
            )

    return app_with(add_errors, routes)


def error_of(reply):
    expect(reply.headers["content-type"] == "application/json", got=answer_of(reply))
    body = reply.json()
    expect(
        set(body) == {"error"} and set(body["error"]) == {"code", "message", "fields"},
        got=answer_of(reply),
    )
    return body["error"]


AS_JSON = {"content-type": "application/json"}

# What arrives at an open port, sooner or later.
HOSTILE = {
    "NaN": b'{"weight_kg": NaN}',
    "infinity": b'{"weight_kg": -Infinity}',
    "too large for a float": b'{"weight_kg": 1e999}',
    "an integer of 6000 digits": b'{"weight_kg": ' + b"9" * 6000 + b"}",
    "a text for a number": b'{"weight_kg": "3"}',
    "a flag for a number": b'{"weight_kg": true}',
    "null": b'{"weight_kg": null}',
    "a missing field": b"{}",
    "an extra field": b'{"weight_kg": 3, "is_admin": true}',
    "an enum in capitals": b'{"weight_kg": 3, "size": "S"}',
    "an injection": b'{"weight_kg": 3, "size": "s\'; DROP TABLE parcels; --"}',
    "a list for an object": b"[1, 2, 3]",
    "a bare word": b"weight",
    "half a document": b'{"weight_kg": 3',
    "no body": b"",
    "invalid UTF-8": b'{"weight_kg": 3, "size": "\xff\xfe"}',
    "JSON 50,000 deep": b"[" * 50_000,
    "a nested object for a text": b'{"weight_kg": 3, "owners": [{"name": {"$gt": ""}}]}',
    "duplicate keys, the last one wrong": b'{"weight_kg": 3, "weight_kg": 99}',
    "two documents": b'{"weight_kg": 3}{"weight_kg": 3}',
}


@checks.add_errors.hidden(
    "Twenty hostile bodies: each is the caller's error, in one shape.", hint="shape"
)
def _(add_errors):
    app = parcel_app(add_errors)
    for name, body in HOSTILE.items():
        reply = ask(
            app,
            "POST",
            "/parcel",
            content=body,
            headers=AS_JSON,
        )
        expect(reply.status_code in (400, 422), got=f"{name}: {answer_of(reply)}")
        error = error_of(reply)
        expect(
            (reply.status_code == 422) == bool(error["fields"]),
            got=f"{name}: {answer_of(reply)}",
        )
        expect(error["code"] == PROBLEMS[reply.status_code][0], got=error["code"])


@checks.add_errors.hidden(
    "A wrong content type is the caller's error too.", hint="shape"
)
def _(add_errors):
    app = parcel_app(add_errors)
    for kind in (
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "application/json; charset=\x00",
        "",
    ):
        reply = ask(
            app,
            "POST",
            "/parcel",
            content=b"weight_kg=3",
            headers={"content-type": kind},
        )
        expect(400 <= reply.status_code < 500, got=f"{kind!r}: {answer_of(reply)}")
        error_of(reply)


@checks.add_errors.hidden(
    "Each wrong field is named by its path, with pydantic's name of the problem.",
    hint="field",
)
def _(add_errors):
    body = {
        "weight_kg": 31,
        "size": "xl",
        "owners": [{"name": "a"}, {"name": 3}, {"nam": "c"}],
    }
    reply = ask(parcel_app(add_errors), "POST", "/parcel?depth_cm=12", json=body)
    expect(reply.status_code == 422, got=answer_of(reply))
    seen = {(f["field"], f["problem"]) for f in error_of(reply)["fields"]}
    wanted = {
        ("weight_kg", "less_than_equal"),
        ("size", "literal_error"),
        ("owners.1.name", "string_type"),
        ("owners.2.name", "missing"),
        ("owners.2.nam", "extra_forbidden"),
        ("depth_cm", "less_than_equal"),
    }
    expect(seen == wanted, got=sorted(seen))


@checks.add_errors.hidden("Where no field is to blame, it is the body.", hint="body")
def _(add_errors):
    for body in (b"", b'{"weight_kg": ', b"[]", b"null"):
        reply = ask(
            parcel_app(add_errors),
            "POST",
            "/parcel",
            content=body,
            headers=AS_JSON,
        )
        names = [f["field"] for f in error_of(reply)["fields"]]
        expect(names == ["body"], got=f"{body!r}: {names}")


@checks.add_errors.hidden("Nothing that was sent comes back.", hint="echo")
def _(add_errors):
    app = parcel_app(add_errors)
    for body in (
        {"weight_kg": "anna@example.org"},
        {"weight_kg": 3, "size": "anna@example.org"},
        {"weight_kg": 3, "owners": [{"name": "anna@example.org"}]},
        {"weight_kg": 3, "owners": "anna@example.org"},
    ):
        reply = ask(app, "POST", "/parcel", json=body)
        expect(reply.status_code == 422, got=answer_of(reply))
        expect("anna" not in reply.text, got=answer_of(reply))
    reply = ask(app, "GET", "/anna@example.org")
    expect("anna" not in reply.text, got=answer_of(reply))


@checks.add_errors.hidden(
    "404, 405, 413, 503 keep status and headers, and not the detail.", hint="http"
)
def _(add_errors):
    app = parcel_app(add_errors)
    for status in (400, 404, 409, 413, 503):
        reply = ask(app, "GET", f"/status/{status}")
        expect(reply.status_code == status, got=answer_of(reply))
        expect(error_of(reply)["code"] == PROBLEMS[status][0], got=answer_of(reply))
        expect(reply.headers.get("Retry-After") == "7", got=dict(reply.headers))
        expect("anna" not in reply.text, got=answer_of(reply))
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        reply = ask(app, method, "/parcel")
        expect(reply.status_code == 405, got=f"{method}: {answer_of(reply)}")
        expect(reply.headers.get("Allow") == "POST", got=dict(reply.headers))


@checks.add_errors.hidden("A crash is 500 without its reason.", hint="crash")
def _(add_errors):
    reply = ask(parcel_app(add_errors), "GET", "/broken")
    expect(reply.status_code == 500, got=answer_of(reply))
    expect(error_of(reply)["code"] == "internal_error", got=answer_of(reply))
    expect(not error_of(reply)["fields"], got=answer_of(reply))
    for word in ("anna", "KeyError", "Traceback"):
        expect(word not in reply.text, got=answer_of(reply))


@checks.add_errors.hidden("The whole service answers the same way.", hint="shape")
def _(add_errors):
    app = app_with(add_predict, add_errors, release=stub_release())
    hostile = [
        ("/predict", EXAMPLE | {"tenure_months": "14"}, 422, "tenure_months"),
        ("/predict", EXAMPLE | {"plan": "PLUS"}, 422, "plan"),
        ("/predict", EXAMPLE | {"tenure_months": 10**30}, 422, "tenure_months"),
        ("/predict/batch", {"members": []}, 422, "members"),
        (
            "/predict/batch",
            {"members": [EXAMPLE, EXAMPLE | {"email": "x"}]},
            422,
            "members.1.email",
        ),
        ("/predict/batch", {"members": [EXAMPLE] * (MAX_BATCH + 1)}, 413, None),
    ]
    for path, body, status, blamed in hostile:
        reply = ask(app, "POST", path, json=body)
        expect(reply.status_code == status, got=answer_of(reply))
        expect(
            [f["field"] for f in error_of(reply)["fields"]]
            == ([blamed] if blamed else []),
            got=answer_of(reply),
        )


### END HIDDEN TESTS

# %% needs="add_predict,add_errors"
app = FastAPI()
app.state.release = None
add_predict(app)
add_errors(app)
for body in (
    b'{"tenure_months": NaN}',
    json.dumps(EXAMPLE | {"plan": "gold"}),
    json.dumps(EXAMPLE),
):
    response = ask(
        app,
        "POST",
        "/predict",
        content=body,
        headers={"content-type": "application/json"},
    )
    error = response.json()["error"]
    print(response.status_code, error["code"], error["fields"][:2])

# %% [markdown]
# 422 says "change the request", 503 says "send it again later". A program can act on the difference, so a wrong status costs more than a wrong sentence.
#
# ## 6. One id a request, one line a request
#
# "At 14:03 your service was slow for one of our members." To find that call among thousands, both sides need the same id. The caller sends `X-Request-ID`, or gets one; it stands in the response and in the log. The log line is JSON, so that a program can count it, and it holds nothing about a person. A path can be personal too, so the line has the *template* of the route: `/members/{email}` and not the address.

# %%
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


# %% answer="add_request_log"
def add_request_log(app: "FastAPI", write: Any) -> None:
    """Give each request an id, and write one line about it.

    Use ``@app.middleware("http")`` on ``async def (request, call_next)``.

    The id is the header ``X-Request-ID`` if ``REQUEST_ID`` matches all of it, else a new
    ``uuid4().hex``. It is returned in the header ``X-Request-ID`` of every response.

    ``write`` is called once a request with a text: JSON with exactly the keys

    - ``request_id``, ``method``, ``status``,
    - ``route``: ``request.scope["route"].path`` once the request was routed, None where
      no route fits,
    - ``duration_ms``: milliseconds by ``time.perf_counter``,
    - ``failure``: None, or the name of the exception's type if the route crashed.

    A route that crashes is answered with ``error_response(500)``.
    """
    ### BEGIN SOLUTION

    @app.middleware("http")
    async def log(request: Request, call_next: Any) -> Response:
        request_id = request.headers.get("X-Request-ID", "")
        if not REQUEST_ID.fullmatch(request_id):
            request_id = uuid4().hex
        failure = None
        started = time.perf_counter()
        try:
            response = await call_next(request)
        except Exception as error:
            failure = type(error).__name__
            response = error_response(500)
        response.headers["X-Request-ID"] = request_id
        line = {
            "request_id": request_id,
            "method": request.method,
            "route": getattr(request.scope.get("route"), "path", None),
            "status": response.status_code,
            "duration_ms": 1000 * (time.perf_counter() - started),
            "failure": failure,
        }
        write(json.dumps(line))
        return response

    ### END SOLUTION


# %% test="add_request_log" points=2
### BEGIN HIDDEN TESTS

from checks import logged_app, talk


def line_of(add_request_log, method, path, **options):
    written = []
    reply = ask(logged_app(add_request_log, written), method, path, **options)
    expect(len(written) == 1, got=written)
    return reply, json.loads(written[0])


@checks.add_request_log.hidden("Ids that are made are all different.", hint="id")
def _(add_request_log):
    silent = logged_app(add_request_log, [])
    ids = [
        ask(silent, "GET", "/parcel/7").headers.get("X-Request-ID", "")
        for _ in range(5)
    ]
    expect(len(set(ids)) == 5 and all(REQUEST_ID.fullmatch(i) for i in ids), got=ids)


@checks.add_request_log.hidden(
    "An id that is no id is replaced, whoever sent it.", hint="id"
)
def _(add_request_log):
    for bad in (
        "short-1",
        "x" * 65,
        "has a space in it",
        'quote"-and-brace}',
        "shop-0001\\nERROR",
        "anna@example.org",
        "<script>alert",
    ):
        reply, line = line_of(
            add_request_log, "GET", "/parcel/7", headers={"X-Request-ID": bad}
        )
        expect(reply.headers["X-Request-ID"] != bad, got=bad, message="This came back.")
        expect(line["request_id"] == reply.headers["X-Request-ID"], got=line)
    for good in ("x" * 8, "X-9" + "y" * 61):
        reply, line = line_of(
            add_request_log, "GET", "/parcel/7", headers={"X-Request-ID": good}
        )
        expect(reply.headers["X-Request-ID"] == line["request_id"] == good, got=line)


@checks.add_request_log.hidden(
    "Nothing about a person is in the line.", hint="personal"
)
def _(add_request_log):
    secrets = {
        "Authorization": "Bearer anna",
        "Cookie": "session=anna",
        "User-Agent": "anna",
    }
    for path in ("/parcel/anna@example.org?email=anna", "/anna?anna=1"):
        line = line_of(add_request_log, "GET", path, headers=secrets)[1]
        expect("anna" not in json.dumps(line), got=line)
    line = line_of(add_request_log, "POST", "/parcel/anna", json={"name": "anna"})[1]
    expect("anna" not in json.dumps(line), got=line)


@checks.add_request_log.hidden(
    "Method, route and status are those of the request.", hint="line"
)
def _(add_request_log):
    wanted = {
        ("GET", "/parcel/7"): ("GET", "/parcel/{owner}", 200, None),
        ("GET", "/nowhere"): ("GET", None, 404, None),
    }
    for (method, path), values in wanted.items():
        line = line_of(add_request_log, method, path)[1]
        expect(
            (line["method"], line["route"], line["status"], line["failure"]) == values,
            got=line,
        )
    expect(line_of(add_request_log, "POST", "/parcel/7")[1]["status"] == 405)


@checks.add_request_log.hidden(
    "A crash leaves a line, an id and a clean 500.", hint="crash"
)
def _(add_request_log):
    reply, line = line_of(
        add_request_log, "GET", "/broken", headers={"X-Request-ID": "shop-0002"}
    )
    expect(reply.status_code == 500, got=reply.status_code)
    expect(reply.headers.get("X-Request-ID") == "shop-0002", got=dict(reply.headers))
    expect(reply.json() == json.loads(error_response(500).body), got=reply.text)
    expect("anna" not in json.dumps(line), got=line)
    expect(
        (line["status"], line["failure"], line["request_id"])
        == (500, "KeyError", "shop-0002"),
        got=line,
    )


@checks.add_request_log.hidden(
    "Two requests at once keep their ids and their times.", hint="duration"
)
def _(add_request_log):
    written = []

    def routes(app):
        add_request_log(app, written.append)
        first_waits, second_came = asyncio.Event(), asyncio.Event()

        @app.get("/first")
        async def first() -> None:
            first_waits.set()
            await second_came.wait()
            await asyncio.sleep(0.03)

        @app.get("/second")
        async def second() -> None:
            await first_waits.wait()
            second_came.set()

    async def both():
        app = app_with(routes)
        started = time.perf_counter()
        answers = await asyncio.gather(
            *(
                talk(app, "GET", f"/{n}", headers={"X-Request-ID": f"{n}-request"})
                for n in ("first", "second")
            )
        )
        return [a.headers["X-Request-ID"] for a in answers], 1000 * (
            time.perf_counter() - started
        )

    ids, elapsed_ms = run_coroutine(both())
    expect(ids == ["first-request", "second-request"], got=ids)
    seen = {line["request_id"]: line for line in map(json.loads, written)}
    expect(
        {i: line["route"] for i, line in seen.items()}
        == {"first-request": "/first", "second-request": "/second"},
        got=seen,
    )
    duration = seen["first-request"]["duration_ms"]
    expect(
        29 <= duration <= elapsed_ms,
        got=duration,
        message=f"The request took less than {elapsed_ms:.0f} ms and more than 29.",
    )


### END HIDDEN TESTS

# %% needs="add_predict,add_errors,add_request_log"
app = FastAPI()
app.state.release = None
add_predict(app)
add_errors(app)
add_request_log(app, print)
ask(
    app,
    "POST",
    "/predict?email=anna@example.org",
    json=EXAMPLE,
    headers={"X-Request-ID": "shop-2026-0001"},
).json()

# %% [markdown]
# That line answers "when, what, how long, how did it end", and it would not matter if it leaked.
#
# ## 7. The same request twice
#
# A network can lose the answer after the work is done. The shop sees a {term}`timeout` and asks again. For Tidemark each prediction is an entry in the log that decides about rebates, and in between a new model may have come: the same click must not get two answers. A request that can be repeated without further effect is {term}`idempotent`.
#
# The usual way is a header: the caller makes up an `Idempotency-Key` for each click and sends it with every try. The service keeps the answer under that key. Three things go wrong in practice: the repeat arrives *while* the first is still being computed, a key is used again for another request, and the memory of all keys grows until the process dies.

# %%
from weakref import WeakValueDictionary


class KeyReused(Exception):
    """The key came before, with another body."""


@dataclass
class Kept:
    """Answers by key, oldest first, and a lock for each key that is being answered."""

    capacity: int = 10_000
    answers: dict[str, tuple[str, Any]] = field(default_factory=dict)
    locks: WeakValueDictionary = field(default_factory=WeakValueDictionary)


# %% answer="answer_once"
async def answer_once(kept: Kept, key: str, body: bytes, compute: Any) -> Any:
    """Return the answer to a request, computing it at most once for each key.

    - A new key: ``await compute()``, and keep ``(digest(body), answer)`` in
      ``kept.answers`` under the key. The body itself is not kept.
    - A key that came before, with the same body: the kept answer, even if it is None.
    - A key that came before, with another body: raise ``KeyReused``.
    - Two calls with one key at the same time: one computes, the other waits for it.
      Calls with different keys do not wait for each other.
    - If ``compute`` raises, nothing is kept and the error goes to the caller. The next
      call with that key computes.
    - At most ``kept.capacity`` answers are kept; the oldest goes first.

    ``kept.locks`` forgets a lock as soon as nobody holds or awaits it, so it may have
    one ``asyncio.Lock`` for each key.
    """
    ### BEGIN SOLUTION
    lock = kept.locks.setdefault(key, asyncio.Lock())
    async with lock:
        if key in kept.answers:
            known, answer = kept.answers[key]
            if known != digest(body):
                raise KeyReused
            return answer
        answer = await compute()
        kept.answers[key] = digest(body), answer
        while len(kept.answers) > kept.capacity:
            del kept.answers[next(iter(kept.answers))]
        return answer
    ### END SOLUTION


# %% test="answer_once" points=2
### BEGIN HIDDEN TESTS
import pickle

from checks import Counted


class Gate:
    """A computation that waits until it is let through."""

    def __init__(self, answer):
        self.calls, self.answer = 0, answer
        self.started, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self):
        self.calls += 1
        self.started.set()
        await self.open.wait()
        return self.answer


@checks.answer_once.hidden("Another key is another answer.", hint="keep")
def _(answer_once):
    async def go():
        memory, compute = Kept(), Counted()
        return [
            await answer_once(memory, key, b"{}", compute)
            for key in ("a", "b", "a", "b")
        ]

    seen = run_coroutine(go())
    expect(seen == ["first", "second", "first", "second"], got=seen)


@checks.answer_once.hidden("An answer of None or nothing is an answer.", hint="keep")
def _(answer_once):
    async def go(answer):
        memory, compute = Kept(), Counted(answer, "computed again")
        return [await answer_once(memory, "a", b"", compute) for _ in range(3)]

    for answer in (None, {}, 0):
        expect(run_coroutine(go(answer)) == [answer] * 3, got=run_coroutine(go(answer)))


@checks.answer_once.hidden(
    "After a refusal the first answer is still there.", hint="conflict"
)
def _(answer_once):
    async def go():
        memory, compute, seen = Kept(), Counted(), []
        for body in (b"x", b"y", b"x"):
            try:
                seen.append(await answer_once(memory, "a", body, compute))
            except KeyReused:
                seen.append("refused")
        return seen, compute.calls

    seen, calls = run_coroutine(go())
    expect(seen == ["first", "refused", "first"], got=seen)
    expect(calls == 1, got=calls, message="So often it was computed.")


@checks.answer_once.hidden(
    "Two repeats at once: one computes, both get the answer.", hint="concurrent"
)
def _(answer_once):
    async def go():
        memory, gate = Kept(), Gate("only")
        tries = [
            asyncio.create_task(answer_once(memory, "a", b"x", gate)) for _ in range(5)
        ]
        await gate.started.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        gate.open.set()
        return await asyncio.gather(*tries), gate.calls

    seen, calls = run_coroutine(go(), timeout=5)
    expect(seen == ["only"] * 5, got=seen)
    expect(calls == 1, got=calls, message="So often it was computed.")


@checks.answer_once.hidden("Different keys do not wait for each other.", hint="lock")
def _(answer_once):
    async def go():
        memory, gate = Kept(), Gate("slow")
        slow = asyncio.create_task(answer_once(memory, "slow", b"x", gate))
        await gate.started.wait()
        try:
            quick = await asyncio.wait_for(
                answer_once(memory, "quick", b"x", Counted()), 1.0
            )
        except TimeoutError:
            quick = "it had to wait"
        gate.open.set()
        return quick, await slow

    seen = run_coroutine(go(), timeout=5)
    expect(seen == ("first", "slow"), got=seen)


@checks.answer_once.hidden(
    "What failed is not kept, and the next try may work.", hint="failed"
)
def _(answer_once):
    async def go():
        memory, compute, seen = Kept(), Counted(OSError("no"), "second", "third"), []
        for _ in range(3):
            try:
                seen.append(
                    await asyncio.wait_for(answer_once(memory, "a", b"x", compute), 1.0)
                )
            except (OSError, TimeoutError) as error:
                seen.append(type(error).__name__)
        return seen

    seen = run_coroutine(go())
    expect(seen == ["OSError", "second", "second"], got=seen)


@checks.answer_once.hidden(
    "The oldest answer goes first when the memory is full.", hint="bounded"
)
def _(answer_once):
    async def go():
        memory, compute = Kept(capacity=3), Counted(*range(1, 20))
        sizes = []
        for key in "abcd":
            await answer_once(memory, key, b"x", compute)
            sizes.append(len(memory.answers))
        again = [await answer_once(memory, key, b"x", compute) for key in "bcda"]
        return sizes, again

    sizes, again = run_coroutine(go())
    expect(
        sizes == [1, 2, 3, 3],
        got=sizes,
        message="So many answers were kept, capacity 3.",
    )
    expect(again == [2, 3, 4, 5], got=again)


@checks.answer_once.hidden("The body is not kept.", hint="keep")
def _(answer_once):
    async def go():
        memory = Kept()
        await answer_once(memory, "a", b'{"email": "anna@example.org"}', Counted())
        return pickle.dumps(dict(memory.answers))

    expect(
        b"anna" not in run_coroutine(go()), message="The body stands in kept.answers."
    )


### END HIDDEN TESTS

# %% [markdown]
# The rest is plumbing, so it is given: a middleware that calls `answer_once`, and one function that puts all parts together. The service loads its model in its *lifespan*, when the server starts. If the release is refused, it stays alive and not ready, and says so in the log: an old version goes on serving while somebody looks.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once"
from contextlib import asynccontextmanager

from fastapi.concurrency import run_in_threadpool


class Unfinished(Exception):
    """A 5xx response, which must not be kept."""


def add_idempotency(app: FastAPI, kept: Kept) -> None:
    @app.middleware("http")
    async def replay(request: Request, call_next: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST":
            return await call_next(request)

        async def compute() -> tuple[bytes, int, dict[str, str]]:
            first = await call_next(request)
            content = b"".join([part async for part in first.body_iterator])
            answer = content, first.status_code, dict(first.headers)
            if first.status_code >= 500:
                raise Unfinished(answer)
            return answer

        body = request.url.path.encode() + b"\n" + await request.body()
        try:
            return Response(*await answer_once(kept, key, body, compute))
        except KeyReused:
            return error_response(409)
        except Unfinished as unfinished:
            return Response(*unfinished.args[0])


def make_service(load: Any, *, write: Any) -> FastAPI:
    """Return the churn service; load() gives its release when the server starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        try:
            app.state.release = await run_in_threadpool(load)
        except ModelRefused as reason:
            write(json.dumps({"event": "model refused", "reason": str(reason)}))
        yield

    app = FastAPI(title="Tidemark churn", version=SERVICE_VERSION, lifespan=lifespan)
    app.state.release = None
    for part in (add_errors, add_probes, add_predict):
        part(app)
    add_idempotency(app, Kept())
    add_request_log(app, write)  # added last, so it is outside and sees everything
    return app


def load_release() -> Release:
    return load_model(release_folder, release_id)


log: list[str] = []
app = make_service(load_release, write=log.append)
for plan in ("plus", "plus", "basic"):
    response = ask(
        app,
        "POST",
        "/predict",
        json=EXAMPLE | {"plan": plan},
        headers={"Idempotency-Key": "click-77"},
    )
    print(response.status_code, response.json())

# %% [markdown]
# The second call got the first one's answer; the third tried to use the key for something else and was refused. 409 tells the shop's developers of a bug that would otherwise show as a wrong rebate.
#
# ## 8. A test against the real server
#
# So far nothing left this process. Now `serve` starts uvicorn on 127.0.0.1, on a port that the system chooses, and the requests go through a real socket. A {term}`test script` that runs from outside is what you want before each release, and what the shop's developers will ask you for. It must pass a good service, and it must *fail* a broken one. The second half is the one that people forget to try.

# %%

from mlcourse.serving import load_test, serve, sweep


# %% answer="check_service"
def check_service(url: str) -> None:
    """Test a running churn service from outside; raise AssertionError if it is broken.

    The promises, with ``EXAMPLE`` as a good request:

    1. ``GET /health`` and ``GET /ready`` answer 200.
    2. ``POST /predict`` answers 200 with a ``churn_probability`` from 0 to 1 that is not
       ``degraded``. An ``acquisition_channel`` of ``"podcast"`` is degraded.
    3. ``POST /predict/batch`` gives the numbers of one by one, in the same order and
       within 1e-9 (a computer adds in another order for many rows).
    4. A ``tenure_months`` of -1 answers 422, and ``error.fields`` names just that
       ``field``. A field that nobody knows answers 422 too.
    5. ``MAX_BATCH + 1`` members answer 413.
    6. The header ``X-Request-ID`` comes back as it was sent.
    7. An ``Idempotency-Key`` sent again with the same body gets the same answer, with
       another body 409.

    Each model gives other probabilities, so none is written down here.

    Args:
        url: Such as ``"http://127.0.0.1:8000"``.
    """
    ### BEGIN SOLUTION
    with httpx.Client(base_url=url, timeout=5.0, trust_env=False) as client:
        for path in ("/health", "/ready"):
            assert client.get(path).status_code == 200, path

        def predict(member, **headers):
            return client.post("/predict", json=member, headers=headers)

        members = [EXAMPLE | {"tenure_months": months} for months in (2, 30, 77)]
        answers = [predict(member) for member in members]
        assert all(answer.status_code == 200 for answer in answers), "predict"
        singles = [answer.json() for answer in answers]
        assert all(0 <= one["churn_probability"] <= 1 for one in singles), "range"
        assert not any(one["degraded"] for one in singles), "degraded without a reason"
        podcast = predict(EXAMPLE | {"acquisition_channel": "podcast"})
        assert podcast.status_code == 200, "an unknown channel"
        assert podcast.json()["degraded"], "degraded is not said"

        batch = client.post("/predict/batch", json={"members": members})
        assert batch.status_code == 200, "batch"
        numbers = [one["churn_probability"] for one in batch.json()["predictions"]]
        alone = [one["churn_probability"] for one in singles]
        assert np.allclose(numbers, alone, rtol=0, atol=1e-9), "batch differs"

        negative = predict(EXAMPLE | {"tenure_months": -1})
        assert negative.status_code == 422, "a negative tenure"
        fields = [field["field"] for field in negative.json()["error"]["fields"]]
        assert fields == ["tenure_months"], "the wrong field is named"
        assert predict(EXAMPLE | {"shoe_size": 42}).status_code == 422, "an extra field"
        many = {"members": [EXAMPLE] * (MAX_BATCH + 1)}
        assert client.post("/predict/batch", json=many).status_code == 413, (
            "batch limit"
        )

        traced = predict(EXAMPLE, **{"X-Request-ID": "check-0001"})
        assert traced.headers.get("X-Request-ID") == "check-0001", "request id"
        key = {"Idempotency-Key": uuid4().hex}
        first, again = predict(EXAMPLE, **key), predict(EXAMPLE, **key)
        assert first.status_code == again.status_code == 200, "a repeat is refused"
        assert first.json() == again.json(), "a repeat gets another answer"
        other = predict(EXAMPLE | {"tenure_months": 15}, **key)
        assert other.status_code == 409, "a key for two requests"
    ### END SOLUTION


# %% test="check_service" points=3
### BEGIN HIDDEN TESTS
from checks import StubService, verdicts


def good(check_service, *services):
    judged = verdicts(check_service, list(services))
    expect(not any(judged), got=judged, message="Each of these servers is good.")


def broken(check_service, *faults):
    judged = verdicts(check_service, [StubService(fault) for fault in faults])
    expect(all(judged), got=judged, message="Where it says '', a broken one passed.")


def holds(query, text):
    return text in query.body


def known(query):
    """A good single request without a key."""
    good_one = not any(word in query.body for word in (b"podcast", b"-1", b"shoe"))
    return (
        query.path == "/predict" and good_one and "idempotency-key" not in query.headers
    )


def status(new, condition):
    """A fault: another status under a condition, the body as it was."""

    def change(query, answer):
        if condition(query, answer):
            answer.status = new

    return change


def accept(condition):
    """A fault: what must be refused is answered."""

    def change(query, answer):
        if condition(query, answer):
            one = {"churn_probability": 0.5, "degraded": False, "model_version": "m9"}
            answer.status, answer.body = 200, one | {"predictions": [one]}

    return change


def each(**values):
    """A fault: other values in every prediction, alone or in a batch."""

    def change(query, answer):
        if answer.status == 200:
            for one in answer.body.get("predictions", [answer.body]):
                one.update(values if "degraded" in one else {})

    return change


def blame(fields):
    """A fault: a 422 that names other fields."""

    def change(query, answer):
        if answer.status == 422:
            answer.body["error"]["fields"] = [{"field": name} for name in fields]

    return change


def shift(amount):
    def change(query, answer):
        for one in answer.body.get("predictions", []):
            one["churn_probability"] += amount

    return change


def request_id(text):
    def change(query, answer):
        answer.headers["x-request-id"] = text

    return change


def repeated(spoil):
    """A fault in the second answer to a key; the first one is good."""
    before = []

    def change(query, answer):
        if "idempotency-key" in query.headers and answer.status == 200:
            if query.body in before:
                spoil(answer)
            before.append(query.body)

    return change


def is_negative(query, answer):
    return answer.status == 422 and holds(query, b"-1")


def is_extra(query, answer):
    return answer.status == 422 and not holds(query, b"-1")


def is_key_reused(query, answer):
    return answer.status == 409


def is_batch(query, answer):
    return query.path == "/predict/batch" and answer.status == 200


def is_podcast(query, answer):
    return holds(query, b"podcast")


def is_too_large(query, answer):
    return answer.status == 413


def is_one_too_large(query, answer):
    return answer.status == 413 and query.body.count(b"tenure_months") == MAX_BATCH + 1


@checks.check_service.hidden("It passes good services with other numbers.", hint="own")
def _(check_service):
    good(check_service, *(StubService(slope=slope) for slope in (0.002, 0.0, 1.0)))


@checks.check_service.hidden(
    "It passes a batch that differs in the last digit, and fails one that differs in the third.",
    hint="compare",
)
def _(check_service):
    good(check_service, StubService(shift(1e-12)))
    broken(check_service, shift(1e-3), status(500, is_batch))


@checks.check_service.hidden(
    "It fails a service that is not ready, or not healthy.", hint="status"
)
def _(check_service):
    broken(
        check_service,
        status(503, lambda query, answer: query.path == "/ready"),
        status(500, lambda query, answer: query.path == "/health"),
    )


@checks.check_service.hidden(
    "It fails a prediction under a wrong status.", hint="status"
)
def _(check_service):
    broken(
        check_service,
        status(201, lambda query, answer: known(query)),
        status(500, lambda query, answer: known(query)),
        status(201, is_podcast),
        status(201, is_batch),
    )


@checks.check_service.hidden(
    "It fails a service whose probability is no probability.", hint="promises"
)
def _(check_service):
    broken(check_service, each(churn_probability=1.25), each(churn_probability=-0.25))


@checks.check_service.hidden(
    "It fails a service that degrades always, never, or refuses.", hint="promises"
)
def _(check_service):
    broken(
        check_service,
        each(degraded=True),
        each(degraded=False),
        status(422, is_podcast),
    )


@checks.check_service.hidden(
    "It fails a service that accepts what it must refuse.", hint="refusals"
)
def _(check_service):
    broken(
        check_service,
        *(accept(c) for c in (is_negative, is_extra, is_too_large, is_one_too_large)),
    )


@checks.check_service.hidden("It fails a refusal with a wrong status.", hint="refusals")
def _(check_service):
    conditions = (is_negative, is_extra, is_too_large)
    broken(check_service, *(status(new, c) for c in conditions for new in (400, 500)))


@checks.check_service.hidden(
    "It fails a 422 that names no field, all of them, or another.", hint="refusals"
)
def _(check_service):
    broken(check_service, blame([]), blame(EXAMPLE), blame(["plan"]), blame(["zone"]))


@checks.check_service.hidden(
    "It fails a service that loses the request id.", hint="headers"
)
def _(check_service):
    def lost(query, answer):
        del answer.headers["x-request-id"]

    broken(check_service, lost, request_id("generated-1"), request_id("0000-0001"))


@checks.check_service.hidden(
    "It fails a service that takes a key for two requests.", hint="headers"
)
def _(check_service):
    broken(
        check_service,
        accept(is_key_reused),
        status(400, is_key_reused),
        status(500, is_key_reused),
    )


@checks.check_service.hidden(
    "It fails a service that refuses an honest repeat, or answers it anew.",
    hint="headers",
)
def _(check_service):
    broken(
        check_service,
        repeated(lambda answer: setattr(answer, "status", 409)),
        repeated(lambda answer: setattr(answer, "status", 201)),
        repeated(lambda answer: answer.body.update(churn_probability=0.99)),
        status(
            201,
            lambda query, answer: (
                "idempotency-key" in query.headers and answer.status == 200
            ),
        ),
    )


### END HIDDEN TESTS

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,check_service"
with serve(make_service(load_release, write=log.append)) as server:
    check_service(server.url)
print(f"{server.url} keeps its promises; the log has {len(log)} lines, the last one:")
print(log[-1])

# %% [markdown]
# The same script runs against your laptop, the staging server and the real one: it knows nothing but an address.
#
# ## 9. How much, and what when it is too much
#
# A {term}`load test` asks two questions. How long does a caller wait ({term}`latency`), and how many are served in a second ({term}`throughput`)? More callers raise both, until the server is busy all the time. From there on more callers only wait longer. That point is the **knee**, and it is the answer to Ines's question.
#
# The service has a neighbour, which it asks for a member's features. When that neighbour hangs, every caller hangs with it, unless waiting has a budget. Answering less well instead of not at all is {term}`graceful degradation`.
#
# Write the three functions of the next cell.


# %% answer="summarise"
def summarise(runs: list[Any], *, wall_s: float, errors: int = 0) -> dict[str, float]:
    """Describe a load test that took several runs.

    Args:
        runs: An array for each run: the latencies in ms of the answered requests.
        wall_s: Seconds that all runs took by the clock.
        errors: Number of requests that failed.

    Returns:
        ``mean_ms``, ``p50_ms``, ``p95_ms`` and ``p99_ms`` over all requests together
        (NaN if nothing was answered), ``throughput_rps`` (answered requests a second)
        and ``error_share`` (0 to 1).
    """
    ...  # YOUR CODE HERE


def find_knee(throughput: dict[int, float], *, share: float = 0.9) -> int:
    """Return the smallest number of callers that gets nearly the best throughput.

    Args:
        throughput: Requests a second by number of callers, in any order.
        share: How much of the best throughput is nearly; exactly as much is enough.
    """
    ...  # YOUR CODE HERE


async def within_budget(
    lookup: Any, default: Any, *, budget_s: float
) -> tuple[Any, bool]:
    """Await ``lookup()`` for at most ``budget_s`` seconds.

    Returns:
        ``(value, False)``; or ``(default, True)`` if it takes longer or raises an
        ``Exception``. A lookup that is too late is cancelled, and the event loop is
        free while it waits.
    """
    ...  # YOUR CODE HERE


### BEGIN SOLUTION


def summarise(runs: list[Any], *, wall_s: float, errors: int = 0) -> dict[str, float]:
    latencies = np.concatenate([[], *runs])
    answered = latencies.size
    times = dict.fromkeys(("mean_ms", "p50_ms", "p95_ms", "p99_ms"), np.nan)
    if answered:
        p50, p95, p99 = np.percentile(latencies, [50, 95, 99])
        times = {
            "mean_ms": latencies.mean(),
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
        }
    error_share = errors / (errors + answered)
    return times | {"throughput_rps": answered / wall_s, "error_share": error_share}


def find_knee(throughput: dict[int, float], *, share: float = 0.9) -> int:
    enough = share * max(throughput.values())
    return min(callers for callers, rps in throughput.items() if rps >= enough)


async def within_budget(
    lookup: Any, default: Any, *, budget_s: float
) -> tuple[Any, bool]:
    try:
        async with asyncio.timeout(budget_s):
            return await lookup(), False
    except Exception:
        return default, True


### END SOLUTION


# %% test="summarise" points=3
### BEGIN HIDDEN TESTS
@checks.summarise.hidden(
    "Runs of different lengths count by their requests.", hint="pool"
)
def _(summarise, rng):
    runs = [rng.gamma(2, 10, 900), rng.gamma(2, 100, 90), rng.gamma(2, 1000, 10)]
    seen = summarise(runs, wall_s=10)
    pooled = np.concatenate(runs)
    for key, q in (("p50_ms", 50), ("p95_ms", 95), ("p99_ms", 99)):
        low, high = (np.percentile(pooled, q, method=m) for m in ("lower", "higher"))
        expect(low <= seen[key] <= high, got={key: seen[key]})
    expect(np.isclose(seen["mean_ms"], pooled.mean()), got=seen["mean_ms"])


@checks.summarise.hidden("Throughput is by the clock.", hint="wall")
def _(summarise):
    for wall_s, wanted in ((2.0, 150.0), (0.5, 600.0), (0.7, 300 / 0.7)):
        seen = summarise(
            [np.full(100, 40.0), np.full(200, 40.0)], wall_s=wall_s, errors=25
        )
        expect(np.isclose(seen["throughput_rps"], wanted), got=seen["throughput_rps"])


@checks.summarise.hidden("Errors are a share of all requests.", hint="errors")
def _(summarise):
    seen = [
        summarise([np.ones(n)], wall_s=1.0, errors=e)["error_share"]
        for n, e in ((75, 25), (10, 0), (1, 99))
    ]
    expect(np.allclose(seen, [0.25, 0.0, 0.99]), got=seen)
    expect(summarise([np.ones(3)], wall_s=1.0)["error_share"] == 0)


@checks.summarise.hidden("A test without any answer has no percentiles.", hint="empty")
def _(summarise):
    for runs in ([], [np.array([])], [[], []]):
        seen = summarise(runs, wall_s=3.0, errors=7)
        expect(
            all(np.isnan(seen[k]) for k in ("mean_ms", "p50_ms", "p95_ms", "p99_ms")),
            got=seen,
        )
        expect((seen["throughput_rps"], seen["error_share"]) == (0, 1), got=seen)


@checks.summarise.hidden(
    "The knee is found on other curves, in any order.", hint="knee"
)
def _(find_knee):
    curves = [
        ({1: 50.0, 2: 100.0, 4: 200.0, 8: 400.0}, 8),
        ({8: 380.0, 1: 100.0, 16: 200.0, 2: 345.0, 4: 400.0}, 4),
        ({32: 90.0, 16: 100.0, 8: 99.0, 4: 89.9, 2: 50.0}, 8),
        ({3: 7.0}, 3),
        ({1: 90.0, 2: 100.0}, 1),
    ]
    for curve, knee in curves:
        expect(find_knee(curve) == knee, got={"curve": curve, "knee": find_knee(curve)})


@checks.summarise.hidden("The share can be chosen.", hint="knee")
def _(find_knee):
    curve = {1: 100.0, 2: 180.0, 4: 290.0, 8: 300.0}
    seen = [find_knee(curve, share=s) for s in (0.3, 0.6, 0.95, 1.0)]
    expect(seen == [1, 2, 4, 8], got=seen)


@checks.summarise.hidden(
    "A lookup in time is passed on, whatever it says.", hint="budget"
)
def _(within_budget):
    async def lookup(value):
        await asyncio.sleep(0)
        return value

    for value in ({"plan": "plus"}, None, 0):
        seen = run_coroutine(
            within_budget(lambda v=value: lookup(v), "default", budget_s=2.0)
        )
        expect(seen == (value, False), got=seen)


@checks.summarise.hidden(
    "A lookup that fails is as good as one that is late.", hint="failing"
)
def _(within_budget):
    async def broken():
        raise ConnectionError("refused")

    seen = run_coroutine(within_budget(broken, "default", budget_s=2.0))
    expect(seen == ("default", True), got=seen)


@checks.summarise.hidden(
    "A late lookup is cancelled, at its own budget, and blocks nobody.", hint="budget"
)
def _(within_budget):
    ended = []

    async def late(name):
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(name)

    async def go():
        short = asyncio.create_task(
            within_budget(lambda: late("short"), 1, budget_s=0.02)
        )
        long = asyncio.create_task(
            within_budget(lambda: late("long"), 2, budget_s=20.0)
        )
        seen = await short
        state = seen, list(ended), long.done()
        long.cancel()
        try:
            await long
        except asyncio.CancelledError:
            return (*state, "cancelled")
        return (*state, "swallowed")

    seen = run_coroutine(go(), timeout=10)
    expect(seen == ((1, True), ["short"], False, "cancelled"), got=seen)


### END HIDDEN TESTS

# %% [markdown]
# In production the shop does not know the eight features. It sends a member's key to `POST /predict/by-key`, and the service asks the profile service of another team, 15 ms away. (The key travels in the body: what stands in a path ends in somebody's access log.)

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
from collections.abc import Callable
from itertools import count

payloads = json.loads(holdout.head(50).to_json(orient="records"))


class MemberKey(BaseModel):
    model_config = ConfigDict(extra="forbid")
    member_id: Annotated[str, StringConstraints(pattern=r"^M[0-9]{7}$")]


def profile_service(*, hangs: bool = False) -> Callable[[str], Any]:
    """Return a stand-in for the other team's service; it may hang one time in five."""
    calls = count(1)

    async def profile(member_id: str) -> dict[str, Any]:
        late = hangs and next(calls) % 5 == 0
        await asyncio.sleep(0.5 if late else 0.015)
        return payloads[int(member_id[1:]) % len(payloads)]

    return profile


def add_lookup(app: FastAPI, profile: Callable[[str], Any], *, budget_s: float) -> None:
    @app.post("/predict/by-key")
    async def by_key(key: MemberKey) -> ChurnResponse:
        release = app.state.release
        if release is None:
            raise HTTPException(503)
        features, late = await within_budget(
            lambda: profile(key.member_id),
            release.manifest["defaults"],
            budget_s=budget_s,
        )
        found = await run_in_threadpool(score, release, [ChurnRequest(**features)])
        return found[0].model_copy(update={"degraded": late or found[0].degraded})


app = make_service(load_release, write=log.append)
add_lookup(app, profile_service(), budget_s=1.0)
server = serve(app)

# %% [markdown]
# First the wait. Eight callers, each sends its next request as soon as the last one is answered. The load generator runs in a process of its own, so that it does not slow down what it measures.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
by_key = {
    "url": f"{server.url}/predict/by-key",
    "method": "POST",
    "payloads": [{"member_id": f"M{number:07}"} for number in range(50)],
    "timeout": 10.0,
}
reports = [load_test(**by_key, concurrency=8, requests=160) for _ in range(2)]
busy = summarise(
    [report.latencies_ms for report in reports],
    wall_s=sum(report.seconds for report in reports),
    errors=sum(sum(report.errors.values()) for report in reports),
)
replace(
    reports[0], latencies_ms=np.concatenate([r.latencies_ms for r in reports])
).plot()
pd.Series(busy).round(3)

# %% [markdown]
# **Read the picture.** How many times further right than the green line is the dotted one? One call in a hundred waits that long or longer. A page that makes ten such calls meets it in one visit of ten: 1 - 0.99^10 is about 0.1. You will put p50 and p95 into the guide. The mean stays out: nobody waited the mean.
#
# Now the load. Each point below is a load test of its own.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
levels = sweep(**by_key, concurrency=(1, 2, 4, 8, 16, 32), requests=72, warmup=16)
throughput = {callers: report.throughput_rps for callers, report in levels.items()}
knee = find_knee(throughput)
for ax in levels.plot():
    ax.axvline(knee, color="black", linestyle="--", linewidth=1)
reveal("gain from 1 to 8 callers", throughput[8] / throughput[1], unit="times")

# %% [markdown]
# **Read the picture.** Left of the dashed line more callers get more done: while one waits for the profile, the processor works for another. Right of it, what does the upper curve do, and what does the lower one do? The processor is never idle there, so twice the callers means twice the wait.
#
# The same test on `/predict`, which only computes, shows where the gain came from.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
alone, eight = (
    load_test(
        f"{server.url}/predict",
        method="POST",
        payloads=payloads,
        concurrency=callers,
        requests=64,
        timeout=10.0,
    ).throughput_rps
    for callers in (1, 8)
)
print(f"gain from 1 to 8 callers, only computing:     {eight / alone:.1f} times")
print(
    f"gain from 1 to 8 callers, waiting in between: {throughput[8] / throughput[1]:.1f} times"
)
server.stop()

# %% [markdown]
# One Python process computes on one core at a time. Waiting can be shared among callers, computing cannot; more of that needs more processes. These numbers go to the ledger, and later labs compare with them.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
for name, unit in (
    ("p50_ms", "ms"),
    ("p95_ms", "ms"),
    ("p99_ms", "ms"),
    ("throughput_rps", "1/s"),
):
    record(name, busy[name], unit=unit)
record("knee_callers", knee, unit="callers")
levels.frame().round(2)

# %% [markdown]
# Now the profile service has a bad day: one lookup in five hangs for half a second. With a budget of 60 ms these members are scored from the manifest's `defaults`, and the answer says `degraded`.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
waits = {}
for name, budget_s in (("no limit", 60.0), ("budget", 0.06)):
    app = make_service(load_release, write=log.append)
    add_lookup(app, profile_service(hangs=True), budget_s=budget_s)
    with serve(app) as server:
        by_key["url"] = f"{server.url}/predict/by-key"
        waits[name] = load_test(**by_key, concurrency=4, requests=60, warmup=0)
ratio = waits["no limit"].p95_ms / waits["budget"].p95_ms
print(
    f"With the budget p95 is {ratio:.1f} times shorter; at least one answer in five is degraded."
)
record("p95_ratio_with_budget", ratio)

# %% [markdown]
# The neighbour is as slow as before. What changed is who pays: without a budget every fifth caller waits, with it every fifth caller gets a rougher number at once. Which of the two is better is a question for Ines, not for you. Ask before you choose.
#
# ## 10. A container file, and the test for it
#
# The service will run in a {term}`container`. Its recipe is ten lines that nobody reads again, which is how a base image without a version, a root user or a token gets into production. So the recipe gets tests. The rules:
#
# | name | broken if |
# |---|---|
# | `base` | the image of a `FROM` has neither a digest (`@sha256:` and 64 hex digits) nor a tag that begins with three numbers (`3.12.7`, `3.12.7-slim`). The name of an earlier stage and `scratch` are fine |
# | `root` | the last stage has no `USER`, or its last one is `root` or `0`, also as `root:group` |
# | `secret` | an `ENV` or `ARG` has a name with PASSWORD, SECRET, TOKEN or KEY in it, in any case |
# | `health` | the last stage has no `HEALTHCHECK`, or `HEALTHCHECK NONE` |
# | `unpinned` | a `pip install` has neither `--require-hashes` nor `==` in every package. This is {term}`dependency pinning` |
# | `copy_all` | a source of a `COPY` or `ADD` is `.`, `./` or `*`, and so takes `.env` and `.git` along |


# %%
class Instruction(NamedTuple):
    keyword: str  # in capitals
    argument: str  # the rest of the line
    words: list[str]  # of the argument, without leading --flags


def instructions(text: str) -> list[Instruction]:
    """Split a container file into instructions: no comments, lines joined at backslashes."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            keyword, _, argument = line.strip().partition(" ")
            words = argument.split()
            while words and words[0].startswith("--"):
                words = words[1:]
            found.append(Instruction(keyword.upper(), argument.strip(), words))
    return found


instructions('FROM --platform=linux/amd64 python:3.12.7 AS base\nCMD ["python"]')

# %% [markdown]
# Write the function and the container file of the next cell.
#
# `DOCKERFILE` is a text: the container file for this service. It copies `requirements.lock` and installs it with `--require-hashes`, copies `service/` and `release/`, runs as another user than root, has a `HEALTHCHECK` on `/health`, and starts `uvicorn service.main:app` on port 8000. It breaks none of the rules.


# %% answer="broken_rules"
def broken_rules(text: str) -> set[str]:
    """Return the names of the rules that a container file breaks.

    Args:
        text: The container file; ``instructions(text)`` splits it.
    """
    ...  # YOUR CODE HERE


DOCKERFILE = TODO
### BEGIN SOLUTION
EXACT = re.compile(r"@sha256:[0-9a-f]{64}$|:\d+\.\d+\.\d+[\w.-]*$")
SECRETS = ("PASSWORD", "SECRET", "TOKEN", "KEY")


def broken_rules(text: str) -> set[str]:
    broken, stages = set(), {"scratch"}
    user, health = "root", "NONE"
    for keyword, argument, words in instructions(text):
        if keyword == "FROM":
            if words[0] not in stages and not EXACT.search(words[0]):
                broken.add("base")
            stages.add(words[-1])
            user, health = "root", "NONE"
        elif keyword == "USER":
            user = words[0].split(":")[0]
        elif keyword == "HEALTHCHECK":
            health = words[0].upper()
        elif keyword in ("ENV", "ARG"):
            names = [word.split("=")[0].upper() for word in words if "=" in word] or [
                words[0].upper()
            ]
            if any(secret in name for name in names for secret in SECRETS):
                broken.add("secret")
        elif keyword in ("COPY", "ADD") and {".", "./", "*"} & set(words[:-1]):
            broken.add("copy_all")
        elif keyword == "RUN":
            for command in re.split(r"&&|;", argument):
                if "pip install" in command and "--require-hashes" not in command:
                    packages = command.split("pip install")[1].split()
                    if not all("==" in p for p in packages if not p.startswith("-")):
                        broken.add("unpinned")
    if user in ("root", "0"):
        broken.add("root")
    if health == "NONE":
        broken.add("health")
    return broken


DOCKERFILE = """
FROM python:3.12.7-slim-bookworm
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY service/ service/
COPY release/ release/
RUN useradd --system --uid 10001 service
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s \\
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
CMD ["uvicorn", "service.main:app", "--host", "0.0.0.0", "--port", "8000"]
"""
### END SOLUTION

# %% test="broken_rules" points=2
### BEGIN HIDDEN TESTS

SHA = "@sha256:" + "0123456789abcdef" * 4
GOOD = """# syntax
FROM python:3.12.7-slim AS build
RUN pip install --no-cache-dir build==1.2.2 && pip install wheel==0.44.0
FROM --platform=linux/amd64 gcr.io/distroless/python3{sha}
COPY --from=build /app /app
ENV MODE=token-free LEVEL=keynote
ENV GREETING secret-free key
user app:root
healthcheck --interval=5s CMD curl -f http://127.0.0.1/health
CMD ["python"]
""".replace("{sha}", SHA)


def judge(broken_rules, rule, **changes):
    """A good file is clean; each change of one line breaks just this rule."""
    expect(
        broken_rules(GOOD) == set(),
        got=broken_rules(GOOD),
        message="This file is good.",
    )
    for old, new in changes.values():
        assert old in GOOD, old
        seen = broken_rules(GOOD.replace(old, new))
        expect(seen == {rule}, got=f"{new!r}: {sorted(seen)}")


def fine(broken_rules, *changes):
    for old, new in changes:
        assert old in GOOD, old
        seen = broken_rules(GOOD.replace(old, new))
        expect(seen == set(), got=f"{new!r}: {sorted(seen)}")


@checks.broken_rules.hidden("Every image has an exact version.", hint="base")
def _(broken_rules):
    first, second = "python:3.12.7-slim", f"gcr.io/distroless/python3{SHA}"
    judge(
        broken_rules,
        "base",
        none=(first, "python"),
        latest=(first, "python:latest"),
        minor=(first, "python:3.12-slim"),
        later=(second, "debian:12"),
        port=(second, "localhost:5000/python"),
        short=(SHA, "@sha256:0123"),
    )
    fine(
        broken_rules,
        (first, "python:3.12.7"),
        (second, "build AS final"),
        (second, "scratch"),
        (second, "localhost:5000/python:3.12.7"),
    )


@checks.broken_rules.hidden(
    "The last stage decides who runs and who asks.", hint="last"
)
def _(broken_rules):
    judge(
        broken_rules,
        "root",
        none=("user app:root", ""),
        root=("user app:root", "USER root"),
        zero=("user app:root", "USER 0"),
        group=("user app:root", "USER root:app"),
        back=("user app:root", "USER app\nUSER 0:0"),
        comment=("user app:root", "# USER app"),
        workdir=("user app:root", "WORKDIR /app"),
    )
    fine(broken_rules, ("user app:root", "USER root\nUSER 10001"))
    moved = GOOD.replace("user app:root\n", "").replace("RUN pip", "USER app\nRUN pip")
    expect(broken_rules(moved) == {"root"}, got=sorted(broken_rules(moved)))


@checks.broken_rules.hidden(
    "A health check is there, and in the last stage.", hint="last"
)
def _(broken_rules):
    check = "healthcheck --interval=5s CMD curl -f http://127.0.0.1/health"
    judge(
        broken_rules,
        "health",
        none=(check, ""),
        off=(check, "HEALTHCHECK NONE"),
        low=(check, "HEALTHCHECK none"),
    )
    fine(broken_rules, (check, "HEALTHCHECK CMD probe --proxy none"))
    moved = GOOD.replace(check + "\n", "").replace("RUN pip", check + "\nRUN pip")
    expect(broken_rules(moved) == {"health"}, got=sorted(broken_rules(moved)))


@checks.broken_rules.hidden("No secret by name, in any case and place.", hint="secret")
def _(broken_rules):
    env = "ENV MODE=token-free LEVEL=keynote"
    judge(
        broken_rules,
        "secret",
        password=(env, "ENV DB_PASSWORD=x"),
        secret=(env, "ENV client_secret=x"),
        token=(env, "ARG GITHUB_TOKEN"),
        key=(env, "ENV API_KEY abc"),
        second=(env, "ENV MODE=a api_Key=b"),
        default=(env, "ARG TOKEN=x"),
    )


@checks.broken_rules.hidden("Every package that pip installs is pinned.", hint="pip")
def _(broken_rules):
    run = "RUN pip install --no-cache-dir build==1.2.2 && pip install wheel==0.44.0"
    judge(
        broken_rules,
        "unpinned",
        bare=(run, "RUN pip install fastapi"),
        file=(run, "RUN pip install -r requirements.txt"),
        one=(run, "RUN pip install a==1 b"),
        second=(run, "RUN pip install a==1 && pip install b"),
        range=(run, "RUN apt-get update; python -m pip install 'b>=2'"),
        wrapped=(run, "RUN pip install \\\n  b"),
        mixed=(run, "RUN pip install b && pip install --require-hashes -r lock"),
    )
    fine(
        broken_rules,
        (run, "RUN pip install --require-hashes -r lock"),
        (run, "RUN echo done"),
        (run, "# RUN pip install b"),
        (run, 'LABEL usage="pip install b"'),
        (run, 'SHELL ["sh", "-c", "pip install b"]'),
    )


@checks.broken_rules.hidden("Nothing copies the whole folder.", hint="copy")
def _(broken_rules):
    copy = "COPY --from=build /app /app"
    judge(
        broken_rules,
        "copy_all",
        dot=(copy, "COPY . /app"),
        slash=(copy, "COPY ./ /app"),
        add=(copy, "ADD . ."),
        flag=(copy, "COPY --chown=app . ."),
        star=(copy, "COPY * /app/"),
        many=(copy, "COPY a.txt . /app/"),
        low=(copy, "copy . ."),
    )
    fine(broken_rules, (copy, "COPY service/ ."), (copy, "COPY requirements.lock ./"))


@checks.broken_rules.hidden(
    "Your container file is clean by the course's rules and starts the service.",
    hint="file",
)
def _(DOCKERFILE):
    seen = instructions(DOCKERFILE)
    text = {
        keyword: " ".join(i.argument for i in seen if i.keyword == keyword)
        for keyword, *_ in seen
    }
    first = text.get("FROM", "")
    expect(re.search(r":\d+\.\d+\.\d+|@sha256:[0-9a-f]{64}", first), got=first)
    expect("--require-hashes" in text.get("RUN", ""), got=text.get("RUN", ""))
    expect(
        not {"root", "0"} & set(text.get("USER", "root").split()[-1].split(":")[:1]),
        got=text.get("USER", "no USER"),
    )
    expect(
        "/health" in text.get("HEALTHCHECK", ""),
        got=text.get("HEALTHCHECK", "no HEALTHCHECK"),
    )
    copied = text.get("COPY", "")
    expect(
        all(name in copied for name in ("requirements.lock", "service", "release")),
        got=copied,
    )
    expect(
        not any(
            {".", "./", "*"} & set(i.words[:-1])
            for i in seen
            if i.keyword in ("COPY", "ADD")
        ),
        got=copied,
    )
    start = text.get("CMD", "") + text.get("ENTRYPOINT", "")
    expect(
        "uvicorn" in start and "service.main:app" in start and "8000" in start,
        got=start,
    )


### END HIDDEN TESTS

# %% needs="broken_rules"
careless = """
FROM python:3.12
COPY . /app
ARG REGISTRY_TOKEN
RUN pip install -r /app/requirements.txt
CMD ["uvicorn", "service.main:app"]
"""
print("careless:", sorted(broken_rules(careless)))
print("yours:   ", sorted(broken_rules(DOCKERFILE)))

# %% [markdown]
# Five lines, six rules broken, and it would have worked on the first day. Lab 09 runs your rules on each change, before anybody can merge it.
#
# ## 11. The guide
#
# Ines's developers will read one page. They will use `POST /predict/by-key`. First write down what you measured: this cell prints it, from your machine and your run. The grader's machine is another one, so the numbers must stand in your notebook.

# %% needs="load_model,add_predict,add_probes,add_errors,add_request_log,answer_once,summarise"
print(
    "measured =",
    json.dumps(
        {"callers": 8, "knee_callers": knee}
        | {
            k: round(float(busy[k]), 2)
            for k in ("mean_ms", "p50_ms", "p95_ms", "p99_ms", "throughput_rps")
        }
    ),
)

# %% answer="measured"
measured = TODO  # paste the dictionary that the cell above prints
### BEGIN SOLUTION
measured = {
    "callers": 8,
    "knee_callers": 8,
    "mean_ms": 69.16,
    "p50_ms": 67.21,
    "p95_ms": 86.36,
    "p99_ms": 210.59,
    "throughput_rps": 113.29,
}
### END SOLUTION


# %% test="measured" points=1
### BEGIN HIDDEN TESTS
@checks.measured.hidden("The percentiles are in order.", hint="order")
def _(measured):
    expect(measured["p50_ms"] <= measured["p95_ms"] <= measured["p99_ms"], got=measured)


@checks.measured.hidden("Little's law holds within a factor of 1.5.", hint="little")
def _(measured):
    at_work = measured["throughput_rps"] * measured["mean_ms"] / 1000
    expect(
        1 / 1.5 <= at_work / measured["callers"] <= 1.5,
        got=f"{at_work:.3g} callers at work, {measured['callers']} were there",
    )


@checks.measured.hidden("The knee is one of the levels that you tried.", hint="knee")
def _(measured):
    expect(
        measured["knee_callers"] in (1, 2, 4, 8, 16, 32), got=measured["knee_callers"]
    )


### END HIDDEN TESTS

# %% [markdown]
# A check that needs no second machine: on average, *callers at work = throughput x mean latency* (Little's law). It finds a swapped unit at once.
#
# Now the page itself, 250 to 700 words, for developers who build a web shop and have never trained a model. These sections: what it answers, how to call it, errors, retries, speed, limits. Give p50, p95 and the number of callers from `measured`, and say how they were measured. Use the words *request id*, *idempotency key*, *timeout*, *degraded* and *p95*, and explain each once. Name the paths that a caller needs: both for predictions, and `/openapi.json`. Promise nothing that you have not measured.

# %% written="guide" points=4
### BEGIN SOLUTION
# # Churn service: how to call it
#
# ## What it answers
#
# You name a member, or send eight facts about one. You get back the chance that this member leaves within 60 days, as a number from 0 to 1. Use it to decide whether to offer a rebate on the cancel page. It does not tell you why somebody leaves.
#
# ## How to call it
#
# Send `POST /predict/by-key` with a JSON body that holds the `member_id`. We look the facts up. If you have them yourself, send them to `POST /predict`. All eight fields are needed then, and the unit is part of each name: `tenure_months`, `monthly_fee_eur`, `days_since_last_order`. The full list with limits is at `/openapi.json`. For up to 100 members at once, send `POST /predict/batch` with a list under `members`; the answers come in the same order.
#
# Each answer has three fields. `churn_probability` is the score. `degraded` is true when a fact was late or unknown to the model, such as a new sales channel, and a common value was used in its place. Treat a degraded score as a rough one. `model_version` says which model answered; please keep it with the score.
#
# ## Errors
#
# Every error has the same shape, with a code for your program and a list of fields.
#
# | status | meaning | what to do |
# |---|---|---|
# | 422 | a field is wrong; the body names it | mend the request, do not send it again as it is |
# | 413 | more than 100 members | send smaller batches |
# | 409 | the key was used for another request | mend your code |
# | 503 | no model is loaded yet | wait for the seconds in `Retry-After`, then try again |
#
# Send a request id with each call, in the header `X-Request-ID`: 8 to 64 letters, digits or dashes. It comes back with the answer and stands in our log. Give it to us when you ask about a call.
#
# ## Retries
#
# Set a timeout of one second. If it passes, or you get a 503, try once more with the same idempotency key: a text that you make up for each click and send in the header `Idempotency-Key`. A repeat with the same key gets the first answer again, so one click never counts twice. We keep the last 10,000 keys in the memory of one process; after a restart they are gone. If the second try fails too, show the page without an offer.
#
# ## Speed
#
# We measured `POST /predict/by-key` in one process on one laptop, with eight callers who each waited for an answer before they asked again. Half of the calls took up to 67 ms (p50). 95 of 100 took up to 86 ms (p95, which leaves out the slowest five). Up to 8 callers at once, more callers got more done. Beyond that they only waited longer. On sale days you will need more than one process, so tell us the numbers you expect.
#
# ## Limits
#
# The model learned from members up to early 2026 and knows nothing later. It has not been tested on members of other shops. The speed was measured without a network between us. The service has no login of its own: call it through the gateway. Do not send names or mail addresses; they are refused.
### END SOLUTION

# %% [markdown] rubric="guide"
# **Rubric, 4 points: one for each criterion, halves allowed.**
#
# | criterion | 1 point | half a point | 0 points |
# |---|---|---|---|
# | A developer can make the first call | path, body, units, meaning of each field of the answer, where the full contract is | one of these is missing | the reader must look into the notebook |
# | A developer knows what to do on each failure | for 422, 413, 409, 503 and a timeout: repeat, mend or give up | lists statuses without actions, or misses two | only says that errors can occur |
# | The speed is said honestly | p50 and p95, callers, the set-up of the measurement, and what happens beyond the knee | the numbers without the set-up | a single "fast" number, or a promise |
# | Limits are said, and `degraded` is explained as something to act on | at least three limits that matter to the shop; what to do with a degraded score | limits that would fit any service | none |
#
# **Sample, 4 points:** the text above.
#
# **Sample, 3 points:** as above, but "95 of 100 calls take up to 86 ms" without saying how many callers, on which machine (speed: half) and "degraded: something was unknown" without advice (limits: half).
#
# **Sample, 2 points:** a correct list of fields and statuses copied from the code, no advice on repeats, one sentence on speed with both numbers, "the model may be wrong" as its only limit (failure: half, speed: half, limits: 0, first call: 1).
#
# **Sample, 1 point:** "POST your JSON to /predict. You get a probability. If there is an error, try again. The API is fast (86 ms)." (first call: half, failure: half)
#
# **Sample, 0 points:** a description of logistic regression.

# %% needs="guide,measured"
from checks import review

review(guide, measured)


# %% test="guide" points=2
### BEGIN HIDDEN TESTS
@checks.guide.hidden("It names the paths that a developer calls.", hint="sections")
def _(guide):
    missing = {"/predict", "/predict/batch", "/openapi.json"}
    missing -= set(re.findall(r"/[a-z/.]*[a-z]", guide))
    expect(not missing, got=f"{len(missing)} of 3 are missing")


### END HIDDEN TESTS

# %% [markdown]
# ## Interview question
#
# *"Your prediction service has a p95 of 50 ms in the load test. In production the shop sees 900 ms on sale days. Walk me through how you find out why, and what you do meanwhile."* Take five minutes, aloud.
#
# <details><summary>What a good answer has</summary>
#
# | level | signs |
# |---|---|
# | strong | Asks first where the 900 ms were measured: at the shop or at the service. Compares concurrency with the knee: a closed-loop test with eight callers says little about an open stream of visitors. Follows one request id through both logs. Names queueing as the first suspect, and says how the picture would differ for a slow dependency (some calls slow) and for overload (all calls slow). Meanwhile: shed or degrade, shorter timeouts, fewer retries, more processes. |
# | fair | Suggests more instances and looks at CPU, but does not separate waiting from working. |
# | weak | Optimises the model, or quotes the load test as proof that the service is fine. |
# </details>
#
# ## Flashcards
#
# Say the answer before you open it.
#
# <details><summary>The model file is damaged. What do /health and /ready say, and why do they differ?</summary>
#
# Health says 200, ready says 503. To restart would not repair the file, so the platform must not kill the process; but it must send traffic elsewhere.
# </details>
#
# <details><summary>Why does a 422 name the field but not the value?</summary>
#
# The name helps the caller's developer. The value is somebody's data, and error bodies end in logs, tickets and screenshots.
# </details>
#
# <details><summary>Two runs have a p95 of 40 ms and 80 ms. What is the p95 of both together?</summary>
#
# It cannot be told from these two numbers. Pool the latencies, or merge histograms; percentiles do not average.
# </details>
#
# ## Elsewhere
#
# What you built by hand is, on the platforms:
#
# | platform | where the parts are |
# |---|---|
# | Amazon SageMaker | an endpoint runs your container; it must answer `GET /ping` and `POST /invocations` on port 8080 |
# | Google Vertex AI | a custom container names its health route and its predict route when the model is uploaded |
# | Azure Machine Learning | a managed online endpoint calls `init()` and `run()` of your scoring script; its deployments share the traffic by percent |
# | KServe, Seldon Core | the Open Inference Protocol: `/v2/health/live`, `/v2/health/ready`, `/v2/models/NAME/infer` |
# | BentoML | a class with typed methods becomes the service; readiness and batching are settings |
# | NVIDIA Triton | a folder of models with versions; dynamic batching and metrics come with it |
# | TorchServe | model archives and three ports; its repository was archived in 2025, so do not start with it |
#
# **What comes next.** Lab 07 serves the same model in batch and as a stream. Lab 09 builds and gates the container. Lab 10 puts two releases behind one address.
