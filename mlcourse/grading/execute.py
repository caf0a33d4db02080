# nbformat is not typed.
# mypy: disable-error-code="no-untyped-call"
"""Run one job: each notebook in a kernel of its own, behind walls.

:func:`execute` is what a worker process calls. It needs neither the course nor the
gradebook, and nothing that a submission does makes it fail.
"""

import contextlib
import fcntl
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode

from mlcourse.grading.canary import watch
from mlcourse.grading.client import GradingClient, KernelEndedError
from mlcourse.grading.job import Execution, Flag, Job, Notebook, Outcome
from mlcourse.grading.kernel import kernel_for
from mlcourse.kernels import bubblewrap, connection
from mlcourse.kernels.provisioner import SandboxUnavailableError

__all__ = ["execute"]


def execute(job: Job) -> Outcome:
    """Run a job's notebooks and return them with outputs.

    What a submission does ends up in the notebooks: a limit that was hit is an error
    output that names it. A notebook whose time was over while it waited for a core is
    run once more, alone on this machine, so that a busy machine costs no points.

    Args:
        job: From :func:`mlcourse.grading.plan.plan`.

    Returns:
        The notebooks with outputs, and flags; or a failure, if there was no kernel for
        it.

    Raises:
        SandboxUnavailableError: If a sandbox is wanted and this machine has none.
    """
    if job.sandbox and (why := bubblewrap.missing()):
        raise SandboxUnavailableError(why)
    executions: list[Execution] = []
    flags = list(job.flags)
    try:
        for notebook in job.notebooks:
            with _room(alone=False):
                execution, seen, starved = _run(job, notebook)
            if starved:
                with _room(alone=True):
                    execution, seen, _ = _run(job, notebook)
            executions.append(execution)
            flags += seen
    except Exception as error:  # one submission must not stop a class
        failure = f"{type(error).__name__}: {error}"
        return Outcome(job.key, job.student, (), tuple(flags), failure)
    return Outcome(job.key, job.student, tuple(executions), tuple(flags))


def _run(job: Job, notebook: Notebook) -> tuple[Execution, list[Flag], bool]:
    """Return the notebook with outputs, flags, and whether the machine was too busy."""
    node = nbformat.reads(notebook.text, as_version=nbformat.NO_CONVERT)
    limits = job.limits
    with tempfile.TemporaryDirectory(prefix="mlcourse-job-") as folder:
        _write(job.files, Path(folder))
        kernel = kernel_for(job, node, Path(folder))
        try:
            client = GradingClient(
                node,
                kernel,
                cell_seconds=job.cell_seconds,
                cpu_seconds=limits.cpu_seconds,
                wall_seconds=limits.wall_seconds,
                most_bytes=limits.output_mib << 20,
            )
            try:
                client.connect()
                reason, flags = watch(client, notebook.points)
                client.set_widgets_metadata()
            except KernelEndedError as ended:
                raise RuntimeError(f"The kernel did not start: {ended}.") from ended
            finally:
                client.close()
            wall = time.monotonic() - kernel.started
        finally:
            kernel.close()
    execution = Execution(
        name=notebook.name,
        text=_text(node),
        tier=kernel.tier,
        reason=reason,
        wall_seconds=round(wall, 3),
        cpu_seconds=round(kernel.cpu_seconds() or 0.0, 3),
        peak_mib=kernel.peak_mib(),
    )
    flags = [replace(flag, notebook=notebook.name) for flag in flags]
    return execution, flags, client.starved


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"file == {name!r}, must be inside the submission.")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _text(node: NotebookNode) -> str:
    """Return what can be written to a file: a kernel may send half a character."""
    text: str = nbformat.writes(node, version=nbformat.NO_CONVERT)
    return text.encode("utf-8", "replace").decode()


@contextlib.contextmanager
def _room(*, alone: bool) -> Iterator[None]:
    """Be with others, or alone, while a notebook runs on this machine.

    Who wants to be alone shuts the door, and waits until the others have left.
    """
    folder = connection.run_folder(walls=False)
    with (
        (folder / "door.lock").open("w") as door,
        (folder / "room.lock").open("w") as room,
    ):
        fcntl.flock(door, fcntl.LOCK_EX)
        if alone:
            fcntl.flock(room, fcntl.LOCK_EX)
        else:
            fcntl.flock(room, fcntl.LOCK_SH)
            fcntl.flock(door, fcntl.LOCK_UN)
        yield
