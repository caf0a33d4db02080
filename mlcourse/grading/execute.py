# nbformat is not typed.
# mypy: disable-error-code="no-untyped-call"
"""Run one job: each notebook in a kernel of its own, behind walls.

:func:`execute` is what a worker process calls. It needs neither the course nor the
gradebook, and nothing that a submission does makes it fail.
"""

import contextlib
import fcntl
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode

from mlcourse.grading.canary import watch
from mlcourse.grading.client import GradingClient, KernelEndedError
from mlcourse.grading.job import Execution, Flag, Job, Notebook, Outcome
from mlcourse.grading.kernel import kernel_for
from mlcourse.grading.products import read_products
from mlcourse.kernels import bubblewrap, connection
from mlcourse.kernels.provisioner import SandboxUnavailableError

__all__ = ["execute", "execute_in"]


def execute(job: Job) -> Outcome:
    """Run a job's notebooks and return them with outputs.

    What a submission does ends up in the notebooks: a limit that was hit is an error
    output that names it. A notebook whose time was over while it waited for a core, or
    whose kernel was ended from outside, is run once more, alone on this machine, so
    that trouble of the machine costs no points.

    Args:
        job: From :func:`mlcourse.grading.plan.plan`.

    Returns:
        The notebooks with outputs, and flags; or a failure, if there was no kernel for
        it.

    Raises:
        SandboxUnavailableError: If a sandbox is wanted and this machine has none.
    """
    if job.sandbox:
        _require_sandbox()
    executions: list[Execution] = []
    flags = list(job.flags)
    try:
        for notebook in job.notebooks:
            execution, seen = _in_turn(partial(_run, job, notebook))
            executions.append(execution)
            flags += seen
    except Exception as error:  # one submission must not stop a class
        failure = f"{type(error).__name__}: {error}"
        return Outcome(job.key, job.student, (), tuple(flags), failure)
    return Outcome(job.key, job.student, tuple(executions), tuple(flags))


def execute_in(
    folder: Path, job: Job, notebook: Notebook, *, keep: bool = False, **traits: Any
) -> tuple[Execution, list[Flag]]:
    """Run one notebook in a folder that is there already, with the files it needs.

    Behind walls the folder is copied, without the notebooks in it.

    Args:
        folder: Where.
        job: For the limits.
        notebook: To run.
        keep: Whether new files that the notebook makes behind walls come out; see
            :func:`mlcourse.grading.products.read_products`. Without walls they are
            made in the folder.
        traits: Of :class:`mlcourse.grading.client.GradingClient`.

    Returns:
        The notebook with outputs, and flags.

    Raises:
        RuntimeError: If the kernel does not start.
        SandboxUnavailableError: If a sandbox is wanted and this machine has none.
        ValueError: If it would be another kernel than the course means.
    """
    if job.sandbox:
        _require_sandbox()
    made: dict[str, bytes] = {}
    run = partial(_run_in, folder, job, notebook, made=made if keep else None)
    execution, flags = _in_turn(partial(run, **traits))
    for name, data in made.items():
        with contextlib.suppress(OSError):  # a file may have the name of its folder
            _write({name: data}, folder)
    return execution, flags


def _require_sandbox() -> None:
    """Do nothing, if this machine has a sandbox.

    Raises:
        SandboxUnavailableError: It says why there is none, and what to do.
    """
    if why := bubblewrap.missing():
        raise SandboxUnavailableError(why)


Run = tuple[Execution, list[Flag], bool]


def _in_turn(run: Callable[[], Run]) -> tuple[Execution, list[Flag]]:
    """Run with others, and once more alone if that failed without its own fault.

    The machine was too busy, or somebody ended the kernel, its supervisor or the
    template, perhaps while it started.
    """
    with contextlib.suppress(OSError, RuntimeError), _room(alone=False):
        execution, seen, starved = run()
        if not starved:
            return execution, seen
    with _room(alone=True):
        execution, seen, _ = run()
    return execution, seen


def _run(job: Job, notebook: Notebook) -> Run:
    with tempfile.TemporaryDirectory(prefix="mlcourse-job-") as folder:
        _write(job.files, Path(folder))
        return _run_in(Path(folder), job, notebook)


def _run_in(
    folder: Path,
    job: Job,
    notebook: Notebook,
    *,
    made: dict[str, bytes] | None = None,
    **traits: Any,
) -> Run:
    """Return the notebook with outputs, flags, and whether the machine was too busy."""
    node = nbformat.reads(notebook.text, as_version=nbformat.NO_CONVERT)
    limits = job.limits
    kernel = kernel_for(job, node, folder)
    try:
        work = kernel.work() if made is not None else None
        client = GradingClient(
            node,
            kernel,
            cell_seconds=job.cell_seconds,
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=limits.wall_seconds,
            most_bytes=limits.output_mib << 20,
            **traits,
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
        if made is not None and work is not None:
            kernel.signal(signal.SIGKILL)
            made.clear()
            flags += read_products(work, made, known=folder)
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
