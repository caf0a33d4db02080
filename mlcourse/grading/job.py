"""What the steps of grading hand to each other: plain data, JSON on every border."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mlcourse.kernels.limits import Limits

__all__ = ["Execution", "Flag", "Job", "Notebook", "Outcome"]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that a human should look at; never by itself a reason to take points.

    Args:
        kind: A short name, such as ``forged-output`` or ``shadows-module``.
        message: What was seen and why it matters, in one or two sentences.
        notebook: The notebook's name, without ``.ipynb``; empty for the submission.
        cell: nbgrader's grade id or the cell's id; empty for the whole notebook.
    """

    kind: str
    message: str
    notebook: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Notebook:
    """One notebook of a job.

    Args:
        name: Without ``.ipynb``.
        text: nbformat JSON: the submission's, sanitized, its locked cells and hidden
            tests those of the master copy.
        points: The most points of each cell that is graded by machine, by grade id.
    """

    name: str
    text: str
    points: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Job:
    """A submission that can be run on any machine: it holds all that the run needs.

    Args:
        assignment: nbgrader's name of it.
        student: nbgrader's student id.
        notebooks: To run, in the order of their names, each in a kernel of its own.
        files: Other files of the submission by relative path, the master copy's in
            place of the submission's where both have one.
        limits: For each notebook.
        cell_seconds: Wall time for one cell; 0 for no limit.
        variables: More variables of the kernels' environment.
        sandbox: Whether a sandbox is required.
        flags: What planning noticed.
    """

    assignment: str
    student: str
    notebooks: tuple[Notebook, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = Limits()
    cell_seconds: float = 30.0
    variables: Mapping[str, str] = field(default_factory=dict)
    sandbox: bool = True
    flags: tuple[Flag, ...] = ()

    @property
    def key(self) -> str:
        """Hexadecimal digest of everything that the outcome depends on."""
        text = json.dumps(self.as_json(), sort_keys=True).encode()
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return the job as JSON values; files are base64."""
        files = {
            name: base64.b64encode(data).decode() for name, data in self.files.items()
        }
        return asdict(self) | {"files": files}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what :meth:`as_json` wrote."""
        return cls(
            **dict(value)
            | {
                "notebooks": tuple(Notebook(**one) for one in value["notebooks"]),
                "files": {
                    name: base64.b64decode(text)
                    for name, text in value["files"].items()
                },
                "limits": Limits(**value["limits"]),
                "flags": tuple(Flag(**one) for one in value["flags"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """One notebook after its run.

    Args:
        name: Without ``.ipynb``.
        text: nbformat JSON with outputs. Cells that did not run because a limit was hit
            carry an error output that names the limit.
        tier: What held the kernel: ``namespaces+cgroup``, ``namespaces+rlimits``, or
            ``none``.
        reason: Which limit ended it: ``memory``, ``cpu``, ``time``, ``output``,
            ``exit``; empty if it reached its end.
        wall_seconds: From the start of the kernel to its end.
        cpu_seconds: Of the kernel and what it started.
        peak_mib: The most memory at one moment, in MiB.
    """

    name: str
    text: str
    tier: str
    reason: str = ""
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    Args:
        key: Of the job.
        student: nbgrader's student id.
        executions: One a notebook.
        flags: What planning and the run noticed.
        failure: Why it could not be run at all, for a human; empty if it ran. Then
            ``executions`` is empty, and nothing is written to the gradebook.
    """

    key: str
    student: str
    executions: tuple[Execution, ...] = ()
    flags: tuple[Flag, ...] = ()
    failure: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what :meth:`as_json` wrote."""
        return cls(
            **dict(value)
            | {
                "executions": tuple(Execution(**one) for one in value["executions"]),
                "flags": tuple(Flag(**one) for one in value["flags"]),
            }
        )
