# nbformat is not typed.
# mypy: disable-error-code="no-untyped-call"
"""Run one job: each notebook in a kernel of its own, behind walls.

:func:`execute` is what a worker process calls. It needs neither the course nor the
gradebook, and nothing that a submission does makes it fail.
"""

import asyncio
import contextlib
import fcntl
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode

from mlcourse.grading.canary import watch
from mlcourse.grading.client import REASONS, GradingClient, KernelEndedError
from mlcourse.grading.job import Execution, Flag, Job, Notebook, Outcome
from mlcourse.kernels import bubblewrap, connection
from mlcourse.kernels.provisioner import SandboxProvisioner, SandboxUnavailableError

__all__ = ["ProvisionedKernel", "execute"]

_ARGUMENTS = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
_PYTHON = ("python", "python2", "python3", "mlcourse", "mlcourse-sandbox")


class _OneSpec(KernelSpecManager):
    """Knows one kernel, whatever is installed."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002
        return self._spec


class _Manager(AsyncKernelManager):
    """A manager that does not ask the kernel to end: a grader's kernel is ended."""

    def _connect_control_socket(self) -> None:
        pass


class ProvisionedKernel:
    """A kernel of a provisioner, for callers that do not await.

    Args:
        spec: What to start.
        folder: Where.
    """

    def __init__(self, spec: KernelSpec, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._manager = _Manager(
            kernel_name="mlcourse-grading", kernel_spec_manager=_OneSpec(spec)
        )
        self.started = time.monotonic()
        try:
            self._await(self._manager.start_kernel(cwd=str(folder)))
        except BaseException:
            self.close()
            raise
        self.session = self._manager.session
        self.provisioner: Any = self._manager.provisioner

    @property
    def tier(self) -> str:
        """What holds the kernel."""
        return str(getattr(self.provisioner, "tier", "") or "none")

    def address(self, channel: str) -> str:
        """Return where a channel listens, as ZeroMQ writes it."""
        return str(self._manager._make_url(channel))

    def lease(self) -> int | None:
        """Return a descriptor that can be read when the kernel has ended, if any."""
        lease = getattr(self.provisioner, "lease", None)
        return None if lease is None else int(lease.fileno())

    def ended(self) -> str | None:
        """Return None while it runs, else why it ended."""
        if self._await(self.provisioner.poll()) is None:
            return None
        farewell = getattr(self.provisioner, "farewell", None) or {}
        reason = str(farewell.get("reason"))
        return reason if reason in REASONS else "exit"

    def signal(self, number: int) -> None:
        """Send a signal to the kernel and to what it started; SIGKILL waits."""
        if number == signal.SIGKILL:
            self._await(self.provisioner.kill())
        else:
            self._await(self.provisioner.send_signal(number))

    def cpu_seconds(self) -> float | None:
        """Return the CPU time so far in seconds, or None where nobody counts it."""
        group = getattr(self.provisioner, "_group", None)
        if group is None or self.provisioner.lease is None:
            usage = getattr(self.provisioner, "usage", None)
            return None if usage is None else float(usage.cpu_seconds)
        return float(group.cpu_seconds())

    def peak_mib(self) -> int:
        """Return the most memory at one moment, in MiB; 0 where nobody counts it."""
        usage = getattr(self.provisioner, "usage", None)
        return 0 if usage is None else int(usage.peak_mib)

    def close(self) -> None:
        """End the kernel at once and remove what it left."""
        try:
            if self._manager.provisioner is not None:
                if self._manager.has_kernel:
                    self._await(self._manager.provisioner.kill())
                self._await(self._manager.cleanup_resources())
        finally:
            self._loop.close()

    def _await(self, awaited: Any) -> Any:
        return self._loop.run_until_complete(awaited)


def execute(job: Job) -> Outcome:
    """Run a job's notebooks and return them with outputs.

    What a submission does ends up in the notebooks: a limit that was hit is an error
    output that names it. A notebook whose time was over although it had used little
    CPU time is run once more, alone on this machine, so that a busy machine costs no
    points.

    Args:
        job: From :func:`mlcourse.grading.plan.plan`.

    Returns:
        The notebooks with outputs, and flags; or a failure, if no kernel could be
        started for it.

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
    except (OSError, RuntimeError, TimeoutError, ValueError, NoSuchKernel) as error:
        failure = f"{type(error).__name__}: {error}"
        return Outcome(job.key, job.student, (), tuple(flags), failure)
    return Outcome(job.key, job.student, tuple(executions), tuple(flags))


def _run(job: Job, notebook: Notebook) -> tuple[Execution, list[Flag], bool]:
    """Return the notebook with outputs, flags, and whether the machine was too busy."""
    node = nbformat.reads(notebook.text, as_version=nbformat.NO_CONVERT)
    spec = _spec(job, node)
    limits = job.limits
    with tempfile.TemporaryDirectory(prefix="mlcourse-job-") as folder:
        _write(job.files, Path(folder))
        kernel = ProvisionedKernel(spec, Path(folder))
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


def _spec(job: Job, node: NotebookNode) -> KernelSpec:
    """Return how the kernel of a notebook starts.

    Raises:
        ValueError: If it would be another kernel than the course means.
    """
    asked = node.metadata.get("kernelspec", {})
    name = str(asked.get("name", "python3"))
    other = None if name in _PYTHON else _installed(name)
    if other is None and str(asked.get("language", "python")).lower() != "python":
        raise ValueError(f"kernelspec == {name!r}, but no such kernel is installed.")
    if other is not None and not _is_ours(other):
        if job.sandbox:
            raise ValueError(
                f"kernelspec == {name!r}, which is {other.argv[0]}; the sandbox holds "
                f"{sys.executable}. Install mlcourse into that kernel's environment "
                "and grade from there, or grade with --no-sandbox."
            )
        spec = KernelSpec(**other.to_dict())
        spec.env = {**other.env, "NBGRADER_EXECUTION": "autograde"}
        return spec
    config: dict[str, Any] = {
        "seed": int(job.key[:8], 16),  # the same job has the same outcome
        "debugger": False,
        "eager": job.sandbox,
    }
    if job.sandbox:
        config["limits"] = job.limits.as_json()
        if job.folders:
            if not SandboxProvisioner.class_traits().get("readable"):
                raise ValueError(f"folders == {job.folders!r}, must be ().")
            config["readable"] = list(job.folders)
    return KernelSpec(
        argv=_ARGUMENTS,
        display_name="Python 3 (mlcourse grading)",
        language="python",
        env={"NBGRADER_EXECUTION": "autograde"},
        metadata={
            "kernel_provisioner": {
                "provisioner_name": (
                    "mlcourse-sandbox" if job.sandbox else "mlcourse-warm"
                ),
                "config": config,
            }
        },
    )


@cache
def _installed(name: str) -> KernelSpec | None:
    try:
        return KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        return None


def _is_ours(spec: KernelSpec) -> bool:
    program = spec.argv[0]
    if program in ("python", "python3", f"python3.{sys.version_info[1]}"):
        return True
    return Path(program).absolute() == Path(sys.executable).absolute()


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
