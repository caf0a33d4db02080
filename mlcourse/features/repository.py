"""A Feast repository in a temporary folder: parquet offline, SQLite online."""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from feast import FeatureStore

__all__ = ["FeatureRepository", "open_repository"]

SETTINGS = """\
project: {project}
provider: local
registry: registry.db
offline_store:
  type: file
online_store:
  type: sqlite
  path: online.db
entity_key_serialization_version: 3
"""


@dataclass(frozen=True, slots=True)
class FeatureRepository:
    """A Feast repository that is gone once it is closed.

    Args:
        store: Feast's own object.
        folder: Where ``feature_store.yaml``, the registry and all data are.
    """

    store: "FeatureStore"
    folder: Path
    _place: "TemporaryDirectory[str]"

    def write(self, name: str, frame: "pd.DataFrame") -> Path:
        """Write a frame as ``NAME.parquet`` into the folder, and return its path.

        Args:
            name: Name of the file without its ending; an older file is replaced.
            frame: The rows, with times to the microsecond.
        """
        path = self.folder / f"{name}.parquet"
        frame.to_parquet(path, index=False)
        return path

    def close(self) -> None:
        """Let go of the databases and remove the folder; again does nothing."""
        if self.folder.exists():
            self.store.teardown()  # type: ignore[no-untyped-call]
            self._place.cleanup()

    def __enter__(self) -> "FeatureRepository":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_repository(*, project: str = "tidemark") -> FeatureRepository:
    """Make an empty Feast repository in a temporary folder and open it.

    Joins run in the calling thread: Dask's pool of threads would outlive them.

    Args:
        project: Name of the project, letters, digits and underscores.

    Returns:
        The repository, also a context manager; close it at the end.

    Raises:
        ValueError: If the name is none that Feast takes.

    Example:
        >>> with open_repository() as repository:
        ...     sorted(path.name for path in repository.folder.iterdir())
        ['feature_store.yaml']
    """
    if not project.isidentifier() or project.startswith("_"):
        raise ValueError(f"project == {project!r}, must be a word such as 'tidemark'.")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    import dask
    from feast import FeatureStore
    from feast.infra.online_stores.sqlite import convert_timestamp

    # IPython's history has another reader for the same kind of column; the last one
    # that was registered in a process wins.
    sqlite3.register_converter("timestamp", convert_timestamp)
    dask.config.set(scheduler="synchronous")
    place = TemporaryDirectory(prefix="feast-", ignore_cleanup_errors=True)
    folder = Path(place.name)
    (folder / "feature_store.yaml").write_text(
        SETTINGS.format(project=project), encoding="utf-8"
    )
    return FeatureRepository(FeatureStore(repo_path=str(folder)), folder, place)
