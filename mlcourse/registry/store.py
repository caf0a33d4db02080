"""An MLflow store on sqlite in a folder: opened quietly, closed cleanly."""

import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

__all__ = ["Store", "open_store"]

# Each connection is closed after use, so that a forked process inherits none and the
# folder can be removed on any system.
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
}
LOUD = ("mlflow", "alembic")  # they tell of each migration on stderr


@dataclass(frozen=True, slots=True)
class Store:
    """Where runs and models are kept while it is open.

    Args:
        folder: The folder that holds ``mlflow.db`` and ``artifacts``.
        uri: What MLflow tracks to and registers in.
        experiment_id: The experiment that new runs belong to.
        before: Tracking and registry URI that `close` goes back to.
    """

    folder: Path
    uri: str
    experiment_id: str
    before: tuple[str, str]

    def close(self) -> None:
        """Point MLflow to where it pointed before; the folder stays."""
        import mlflow

        if mlflow.get_tracking_uri() == self.uri:
            tracking, registry = self.before
            mlflow.set_tracking_uri(tracking)
            mlflow.set_registry_uri(registry)

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(folder: Path, *, experiment: str = "tidemark") -> Store:
    """Open an MLflow store in a folder, and make it the one that MLflow uses.

    Tracking and registry share one sqlite file; nothing runs in the background and
    nothing leaves the machine. A folder that holds a store is opened again.

    Args:
        folder: Made if needed; its parent must exist.
        experiment: The experiment that new runs belong to; made if needed.

    Returns:
        The open store; close it, or use it in a ``with`` statement.

    Raises:
        FileNotFoundError: If the parent of the folder does not exist.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place, open_store(Path(place)) as store:
        ...     store.uri.startswith("sqlite:///")
        True
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    folder = Path(folder).resolve()
    folder.mkdir(exist_ok=True)
    uri = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
    with warnings.catch_warnings():
        # What MLflow's own imports say about sqlalchemy is nothing a caller can mend.
        warnings.simplefilter("ignore")
        before = _point_to(uri)
        identity = _experiment(experiment, folder / "artifacts")
    return Store(folder, uri, identity, before)


def _point_to(uri: str) -> tuple[str, str]:
    """Make a store the one that MLflow uses, and return the ones before."""
    import mlflow

    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    before = (mlflow.get_tracking_uri(), mlflow.get_registry_uri())
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    mlflow.MlflowClient().search_registered_models(max_results=1)
    return before


def _experiment(name: str, artifacts: Path) -> str:
    """Make an experiment the one that runs belong to, and return its id."""
    import mlflow

    found = mlflow.get_experiment_by_name(name)
    identity: str = (
        found.experiment_id
        if found
        else mlflow.create_experiment(name, artifact_location=artifacts.as_uri())
    )
    mlflow.set_experiment(experiment_id=identity)
    return identity
