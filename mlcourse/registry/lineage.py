"""Where a version of a model came from, read from the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

__all__ = ["CODE_TAG", "DATA_TAG", "Lineage", "read_lineage"]

DATA_TAG = "data_hash"
CODE_TAG = "code_version"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What made one version of a registered model.

    Args:
        name: The registered model.
        version: Its version, from 1.
        aliases: Names that point to this version now, sorted.
        run_id: The run that trained it.
        data_hash: Fingerprint of the training data, empty if the run has none.
        code_version: Version of the training code, empty if the run has none.
        parameters: Of the run, as MLflow keeps them: text.
        metrics: Of the run, the last value of each.
        created: When the version was registered, in UTC.
    """

    name: str
    version: int
    aliases: tuple[str, ...]
    run_id: str
    data_hash: str
    code_version: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    created: datetime

    @property
    def gaps(self) -> tuple[str, ...]:
        """What an auditor would ask for and the registry does not hold."""
        asked = ("run_id", "data_hash", "code_version", "parameters", "metrics")
        return tuple(name for name in asked if not getattr(self, name))


def read_lineage(
    name: str, *, alias: str | None = None, version: int | None = None
) -> Lineage:
    """Read where a version of a model came from.

    Args:
        name: The registered model.
        alias: The alias whose version is meant, or
        version: The version itself.

    Returns:
        The record; what the run does not hold is empty and named in ``gaps``.

    Raises:
        ValueError: If not exactly one of alias and version is given.
        mlflow.exceptions.MlflowException: If there is no such model or version.
    """
    if (alias is None) == (version is None):
        raise ValueError(
            f"alias == {alias!r} and version == {version!r}, give exactly one of them."
        )
    from mlflow import MlflowClient

    client = MlflowClient()
    if alias is not None:
        version = int(client.get_model_version_by_alias(name, alias).version)
    # An alias lookup leaves the other aliases out; this one has them all.
    found = client.get_model_version(name, str(version))
    run = client.get_run(found.run_id).data if found.run_id else None
    tags = run.tags if run else {}
    return Lineage(
        name=name,
        version=int(found.version),
        aliases=tuple(sorted(found.aliases)),
        run_id=found.run_id or "",
        data_hash=tags.get(DATA_TAG, ""),
        code_version=tags.get(CODE_TAG, ""),
        parameters=MappingProxyType(dict(run.params) if run else {}),
        metrics=MappingProxyType(dict(run.metrics) if run else {}),
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
    )
