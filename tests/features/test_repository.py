"""A Feast repository in a temporary folder."""

import threading

import pandas as pd
import pytest
from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import Int64

from mlcourse.features import open_repository


def activity(path):
    member = Entity(name="member", join_keys=["member_id"], value_type=ValueType.STRING)
    view = FeatureView(
        name="activity",
        entities=[member],
        schema=[Field(name="orders", dtype=Int64)],
        source=FileSource(path=str(path), timestamp_field="event_timestamp"),
    )
    return [member, view]


@pytest.fixture
def rows():
    times = pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True)
    return pd.DataFrame(
        {"member_id": ["M1", "M1"], "event_timestamp": times, "orders": [3, 4]}
    )


def test_it_joins_materializes_and_reads_without_a_thread_or_a_word(rows, capfd):
    before = threading.active_count()
    with open_repository() as repository:
        store = repository.store
        store.apply(activity(repository.write("activity", rows)))
        asked = rows[["member_id", "event_timestamp"]]
        joined = store.get_historical_features(
            entity_df=asked, features=["activity:orders"]
        ).to_df()
        start, end = (time.to_pydatetime() for time in rows["event_timestamp"])
        store.materialize(start, end)
        online = store.get_online_features(
            features=["activity:orders"], entity_rows=[{"member_id": "M1"}]
        ).to_dict()
    assert joined["orders"].tolist() == [3, 4]
    assert online["orders"] == [4]
    assert threading.active_count() == before
    assert capfd.readouterr().err == ""


def test_its_folder_is_gone_when_it_is_closed_and_closing_twice_is_fine(rows):
    repository = open_repository()
    repository.store.apply(activity(repository.write("activity", rows)))
    assert (repository.folder / "registry.db").exists()
    repository.close()
    assert not repository.folder.exists()
    repository.close()


def test_two_repositories_do_not_know_each_other(rows):
    with open_repository() as first, open_repository() as second:
        first.store.apply(activity(first.write("activity", rows)))
        assert [view.name for view in first.store.list_feature_views()] == ["activity"]
        assert second.store.list_feature_views() == []


def test_the_settings_are_a_file_as_at_work():
    with open_repository(project="shop") as repository:
        text = (repository.folder / "feature_store.yaml").read_text("utf-8")
        assert text.startswith("project: shop\nprovider: local\n")
        assert repository.store.project == "shop"


@pytest.mark.parametrize("name", ["", "a b", "_x", "a-b"])
def test_a_project_name_that_feast_refuses_is_refused_before(name):
    with pytest.raises(ValueError, match=r"^project == "):
        open_repository(project=name)
