"""The kernel of one notebook, for a grader that does not await."""

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode

from mlcourse.grading.channel import Channel, WireChannel, ZeroChannel
from mlcourse.grading.client import REASONS, KernelLostError
from mlcourse.grading.job import Job
from mlcourse.kernels.bubblewrap import WORK
from mlcourse.kernels.message import LOST, Launch
from mlcourse.kernels.provisioner import SandboxProvisioner, WarmProvisioner
from mlcourse.kernels.wire import Wire

__all__ = ["ProvisionedKernel", "kernel_for"]

_ARGUMENTS = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
_ENVIRONMENT = {"NBGRADER_EXECUTION": "autograde"}
_PYTHON = ("python", "python2", "python3", "mlcourse", "mlcourse-sandbox")
_TICKS = 100.0  # a second, in /proc: sysconf(_SC_CLK_TCK) of every Linux


class _Sandbox(SandboxProvisioner):
    """A sandbox with a wire to its kernel, whose number out here it remembers."""

    kept = ()  # what a job needs, it brings along
    outer_process = 0
    wire: Wire | None = None

    async def _fork(self, launch: Launch, *files: int) -> None:
        if self.wire is not None:
            self.wire.close()
        self.wire, theirs = Wire.pair()
        try:
            await super()._fork(launch, *files, theirs.socket.fileno())
        finally:
            theirs.close()

    def _adopt(self, process: int) -> None:
        self.outer_process = process
        super()._adopt(process)


class _Manager(AsyncKernelManager):
    """A manager that knows its specification, and asks no kernel to end."""

    specification: KernelSpec

    @property
    def kernel_spec(self) -> KernelSpec:
        return self.specification

    def _connect_control_socket(self) -> None:
        """A grader's kernel is killed."""


class ProvisionedKernel:
    """A running kernel, as :class:`mlcourse.grading.client.Kernel` wants it.

    Args:
        spec: What to start.
        folder: Where.
        provisioner: Who starts it; whom the specification names, if None.
        settings: Of the provisioner.

    Raises:
        OSError: If it does not start.
        RuntimeError: If it does not start.
    """

    def __init__(
        self,
        spec: KernelSpec,
        folder: Path,
        provisioner: type[WarmProvisioner] | None = None,
        **settings: Any,
    ) -> None:
        self.started = time.monotonic()
        self._work: int | None = None
        self.manager = _Manager(kernel_id=str(uuid.uuid4()))
        self.manager.specification = spec
        if provisioner is not None:
            self.manager.provisioner = provisioner(
                kernel_id=self.manager.kernel_id,
                kernel_spec=spec,
                parent=self.manager,
                **settings,
            )
        self._loop = asyncio.new_event_loop()
        try:
            self._await(self.manager.start_kernel(cwd=str(folder)))
        except BaseException:
            self.close()
            raise
        self.session = self.manager.session
        self._provisioner: Any = self.manager.provisioner

    @property
    def tier(self) -> str:
        """What holds the kernel."""
        return str(getattr(self._provisioner, "tier", "") or "none")

    def channel(self, most_bytes: int) -> Channel:
        """Return a connection that takes so many bytes from the kernel."""
        if wire := getattr(self._provisioner, "wire", None):
            return WireChannel(wire, most_bytes=most_bytes)
        lease = getattr(self._provisioner, "lease", None)
        return ZeroChannel(
            self.session,
            *(str(self.manager._make_url(name)) for name in ("shell", "iopub")),
            most_bytes=most_bytes,
            lease=None if lease is None else lease.fileno(),
        )

    def work(self) -> int | None:
        """Return its working folder behind walls, open; None if it cannot be seen.

        To be asked before it runs anything, which could put a link there. The folder
        can be read when the kernel is gone, until :meth:`close`.
        """
        process = getattr(self._provisioner, "outer_process", 0)
        if process and self._work is None:
            with contextlib.suppress(OSError):
                place = f"/proc/{process}/root{WORK}"
                self._work = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        return self._work

    def ended(self, patience: float = 0.0) -> str | None:
        """Return why it ended, a key of REASONS; None if it runs after that time.

        Raises:
            KernelLostError: If its supervisor or the template was killed.
        """
        if patience:
            with contextlib.suppress(TimeoutError):
                self._await(asyncio.wait_for(self._provisioner.wait(), patience))
        if self._await(self._provisioner.poll()) is None:
            return None
        farewell = getattr(self._provisioner, "farewell", None) or {}
        reason = str(farewell.get("reason"))
        if reason == LOST:
            raise KernelLostError("The kernel was lost: something outside ended it.")
        return reason if reason in REASONS else "exit"

    def signal(self, number: int) -> None:
        """Send a signal to the kernel and to what it started; SIGKILL waits."""
        if number == signal.SIGKILL:
            self._await(self._provisioner.kill())
        else:
            self._await(self._provisioner.send_signal(number))

    def cpu_seconds(self) -> float | None:
        """Return the CPU time so far in seconds, or None where nobody counts it."""
        if usage := getattr(self._provisioner, "usage", None):
            return float(usage.cpu_seconds)
        if group := getattr(self._provisioner, "_group", None):
            return float(group.cpu_seconds())
        process = getattr(self._provisioner, "outer_process", 0)
        return _cpu_seconds(process) if process else None

    def waited_seconds(self) -> float | None:
        """Return how long its main thread waited for a core, or None if unknown."""
        process = getattr(self._provisioner, "outer_process", 0)
        if not process:
            return None
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
        return None

    def peak_mib(self) -> int:
        """Return the most memory at one moment, in MiB; 0 where nobody counts it."""
        usage = getattr(self._provisioner, "usage", None)
        return 0 if usage is None else int(usage.peak_mib)

    def close(self) -> None:
        """End the kernel at once and remove what it left."""
        try:
            if self.manager.has_kernel:
                self._await(self.manager.provisioner.kill())  # type: ignore[union-attr]
            self._await(self.manager.cleanup_resources())
        finally:
            if self._work is not None:
                os.close(self._work)
                self._work = None
            if wire := getattr(self.manager.provisioner, "wire", None):
                wire.close()
            self._loop.close()

    def _await(self, awaited: Any) -> Any:
        return self._loop.run_until_complete(awaited)


def kernel_for(job: Job, notebook: NotebookNode, folder: Path) -> ProvisionedKernel:
    """Start the kernel that a notebook of a job is to run in.

    Args:
        job: It says whether there must be a sandbox, and its limits.
        notebook: Its kernelspec is the master copy's.
        folder: Where the files of the submission are.

    Raises:
        ValueError: If it would be another kernel than the course means.
        OSError: If it does not start.
        RuntimeError: If it does not start.
    """
    asked = notebook.metadata.get("kernelspec", {})
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
        spec.env = {**other.env, **_ENVIRONMENT}
        return ProvisionedKernel(spec, folder)
    spec = KernelSpec(
        argv=_ARGUMENTS, display_name="grading", language="python", env=_ENVIRONMENT
    )
    # The same job has the same outcome.
    settings: dict[str, Any] = {"seed": int(job.key[:8], 16), "debugger": False}
    spec.env = {**spec.env, **job.variables}
    if not job.sandbox:
        return ProvisionedKernel(spec, folder, WarmProvisioner, **settings)
    return ProvisionedKernel(
        spec, folder, _Sandbox, limits=job.limits.as_json(), **settings
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


def _cpu_seconds(process: int) -> float:
    """Return the CPU time of a process, its children, and theirs."""
    folder = Path(f"/proc/{process}")
    try:
        after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        children = (folder / "task" / str(process) / "children").read_text().split()
    except OSError:
        return 0.0
    used = sum(map(int, after_name[11:15])) / _TICKS
    return used + sum(_cpu_seconds(int(child)) for child in children)
