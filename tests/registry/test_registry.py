"""The registry: quiet, clean, and honest about what it does not hold."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mlcourse.registry import (
    CODE_TAG,
    DATA_TAG,
    fingerprint_code,
    fingerprint_frame,
    open_store,
    read_lineage,
)

FRAME = pd.DataFrame(
    {
        "amount_eur": [1.5, np.nan, 3.0],
        "channel": pd.Categorical(["web", "app", "web"]),
        "paid_at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]),
    }
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("registry") / "store") as store:
        yield store


def registered(name, *, tags=None, params=None, metrics=None):
    import mlflow
    from mlflow import MlflowClient

    client = MlflowClient()
    with mlflow.start_run() as run:
        mlflow.set_tags(tags or {})
        mlflow.log_params(params or {})
        mlflow.log_metrics(metrics or {})
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    source = f"runs:/{run.info.run_id}/model"
    made = client.create_model_version(name, source, run_id=run.info.run_id)
    return client, run.info.run_id, int(made.version)


def test_lineage_says_which_data_code_and_parameters_made_a_version(store):
    client, run_id, version = registered(
        "fraud",
        tags={DATA_TAG: "d1", CODE_TAG: "c1"},
        params={"penalty": 0.5},
        metrics={"recall": 0.7},
    )
    client.set_registered_model_alias("fraud", "champion", version)
    client.set_registered_model_alias("fraud", "audited", version)
    found = read_lineage("fraud", alias="champion")
    assert found == read_lineage("fraud", version=version)
    assert (found.version, found.run_id) == (version, run_id)
    assert found.aliases == ("audited", "champion")
    assert (found.data_hash, found.code_version) == ("d1", "c1")
    assert found.parameters == {"penalty": "0.5"}
    assert found.metrics == {"recall": 0.7}
    assert found.created.utcoffset().total_seconds() == 0
    assert found.gaps == ()


def test_an_alias_that_moved_leads_to_the_new_version(store):
    client, _, first = registered("moved", tags={DATA_TAG: "old"})
    _, run_id, second = registered("moved", tags={DATA_TAG: "new"})
    client.set_registered_model_alias("moved", "champion", first)
    client.set_registered_model_alias("moved", "champion", second)
    assert read_lineage("moved", alias="champion").data_hash == "new"
    assert read_lineage("moved", version=first).aliases == ()


def test_what_the_run_does_not_hold_is_named(store):
    _, _, version = registered("bare")
    found = read_lineage("bare", version=version)
    assert found.gaps == ("data_hash", "code_version", "parameters", "metrics")


@pytest.mark.parametrize("chosen", [{}, {"alias": "champion", "version": 1}])
def test_one_of_alias_and_version_is_wanted(chosen):
    with pytest.raises(ValueError, match="give exactly one"):
        read_lineage("fraud", **chosen)


def test_the_record_cannot_be_changed(store):
    _, _, version = registered("frozen", params={"a": 1})
    found = read_lineage("frozen", version=version)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.version = 2
    with pytest.raises(TypeError):
        found.parameters["a"] = "2"


def test_a_store_opens_again_with_what_it_held(store):
    registered("kept")
    with open_store(store.folder) as again:
        assert again.uri == store.uri
        assert again.experiment_id == store.experiment_id
        assert read_lineage("kept", version=1).name == "kept"


def test_closing_goes_back_to_the_store_before(store, tmp_path):
    import mlflow

    with open_store(tmp_path / "other") as other:
        assert mlflow.get_tracking_uri() == other.uri
    assert mlflow.get_tracking_uri() == mlflow.get_registry_uri() == store.uri


def test_nothing_is_written_to_stderr_and_no_thread_stays(tmp_path):
    code = f"""if True:
        import threading
        from pathlib import Path
        from mlcourse.registry import open_store
        with open_store(Path({str(tmp_path / "quiet")!r})):
            import mlflow
            with mlflow.start_run():
                mlflow.log_params({{"a": 1}})
        print(threading.active_count())
        """
    env = os.environ | {"PYTHONWARNINGS": "ignore"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env
    )
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "1", "")


def test_equal_frames_have_equal_fingerprints():
    assert fingerprint_frame(FRAME) == fingerprint_frame(FRAME.copy())
    assert fingerprint_frame(FRAME) == fingerprint_frame(FRAME.set_axis([7, 8, 9]))
    assert len(fingerprint_frame(FRAME)) == 64


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.iloc[::-1],
        lambda f: f.iloc[:2],
        lambda f: f.rename(columns={"channel": "way"}),
        lambda f: f[["channel", "amount_eur", "paid_at"]],
        lambda f: f.assign(amount_eur=f["amount_eur"].fillna(0.0)),
        lambda f: f.assign(amount_eur=f["amount_eur"].astype("float32")),
        lambda f: f.assign(channel=["web", "app", "app"]),
    ],
)
def test_another_frame_has_another_fingerprint(change):
    assert fingerprint_frame(change(FRAME)) != fingerprint_frame(FRAME)


def test_another_process_gives_the_same_fingerprint():
    code = (
        "import pandas as pd\n"
        "from mlcourse.registry import fingerprint_frame\n"
        "frame = pd.DataFrame({'a': ['x', 'y'], 'b': [1, 2]})\n"
        "print(fingerprint_frame(frame))"
    )
    env = os.environ | {"PYTHONHASHSEED": "5"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env
    )
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, 2]})
    assert run.stdout.strip() == fingerprint_frame(frame)


def test_the_code_version_follows_the_source_and_the_order():
    one, two = fingerprint_frame, fingerprint_code
    assert fingerprint_code(one, two) == fingerprint_code(one, two)
    assert fingerprint_code(one, two) != fingerprint_code(two, one)
    with pytest.raises(ValueError, match="at least one"):
        fingerprint_code()
    with pytest.raises(TypeError):
        fingerprint_code(len)
