# The manager that a provisioner belongs to is never None once a kernel is asked for.
# mypy: disable-error-code="union-attr"
"""Kernel provisioners: Jupyter asks for a kernel by name, and gets a warm one."""

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Dict, Float, Integer, Unicode

from mlcourse.errors import MlcourseError
from mlcourse.kernels import bubblewrap, connection, remains
from mlcourse.kernels.cgroup import ControlGroup, Usage
from mlcourse.kernels.limits import Limits
from mlcourse.kernels.message import LOST, Launch
from mlcourse.kernels.preload import THREADS

__all__ = ["SandboxProvisioner", "SandboxUnavailableError", "WarmProvisioner"]

START = 180.0
FAREWELL = 2.0
_CREDENTIALS = struct.Struct("3i")
_CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class SandboxUnavailableError(MlcourseError):
    """A sandbox was asked for on a machine that has none."""


class WarmProvisioner(LocalProvisioner):
    """A kernel forked from a template; where that cannot be, a cold one.

    It is chosen by name in a kernel specification (``kernel_provisioner``), and works
    for JupyterLab, nbclient, papermill and nbgrader. Linux only; elsewhere the cold
    kernel of the same specification starts, and the log says so.
    """

    walls = False
    eager = Bool(False, help="Import everything before the first kernel.").tag(
        config=True
    )
    linger = Float(60.0, help="Seconds that a template nobody holds stays.").tag(
        config=True
    )
    debugger = Bool(True, help="Offer JupyterLab's debugger.").tag(config=True)
    seed = Integer(None, allow_none=True, help="Of global generators.").tag(config=True)

    lease: socket.socket | None = None
    exit_code: int | None = None
    farewell: dict[str, Any] | None = None
    _sockets: Path | None = None
    _is_cold = False

    @property
    def has_process(self) -> bool:
        """Whether a kernel runs."""
        return bool(super().has_process) if self._is_cold else self.lease is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose Unix sockets instead of ports, and a client that does not wait."""
        if why := self._refusal():
            self._go_cold(why)
        if self._is_cold:
            return dict(await super().pre_launch(**kwargs))
        manager = self.parent
        if self._sockets is None:
            folder = connection.run_folder(walls=self.walls)
            made = tempfile.mkdtemp(prefix=remains.prefix(), dir=folder)
            self._sockets = Path(made)
            manager.transport = "ipc"
            manager.ip = str(self._sockets / "s")  # a socket's path has 108 bytes
            for number, channel in enumerate(_CHANNELS, start=1):
                setattr(manager, f"{channel}_port", number)
        manager.cache_ports = False
        self._use_quick_client()
        return dict(await super().pre_launch(**kwargs))

    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        """Have a kernel forked, and return where it listens.

        Raises:
            RuntimeError: If a sandboxed kernel did not start.
        """
        if self._is_cold:
            return await super().launch_kernel(cmd, **kwargs)
        self.exit_code = self.farewell = None
        self.cwd = os.path.realpath(kwargs.get("cwd") or Path.cwd())
        try:
            await self._fork_again(self._launch(kwargs["env"]))
        except (OSError, RuntimeError, TimeoutError) as error:
            self._close()
            if self.walls:
                await self.cleanup()
                raise
            self._go_cold(str(error))
            return await super().launch_kernel(cmd, **kwargs)
        return self.connection_info

    async def poll(self) -> int | None:
        """Return None while the kernel runs, else its exit code."""
        if self._is_cold:
            return await super().poll()
        if self.lease is None:
            return 0 if self.exit_code is None else self.exit_code
        try:
            data = self.lease.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        lost = {"exit": -signal.SIGKILL, "reason": LOST}
        self.farewell = json.loads(data) if data else lost
        self.exit_code = cast("int", self.farewell["exit"])
        self._note_usage()
        self._close()
        return self.exit_code

    async def wait(self) -> int | None:
        """Wait for the end of the kernel and return its exit code."""
        if self._is_cold:
            return await super().wait()
        while (code := await self.poll()) is None:
            await self._hears_something()
        return code

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and to what it started."""
        if self._is_cold:
            await super().send_signal(signum)
        elif self.lease is not None:
            with contextlib.suppress(OSError):
                self.lease.send(json.dumps({"signal": int(signum)}).encode())

    async def kill(self, restart: bool = False) -> None:
        """End the kernel at once."""
        if self._is_cold:
            await super().kill(restart)
        else:
            await self.send_signal(signal.SIGKILL)
            await self.wait()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        if self._is_cold:
            await super().terminate(restart)
        else:
            await self.send_signal(signal.SIGTERM)

    async def shutdown_requested(self, restart: bool = False) -> None:  # noqa: ARG002
        """Wait here for the end: Jupyter would look every tenth of a second."""
        if not self._is_cold:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), FAREWELL)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what this kernel left."""
        if self._is_cold:
            await super().cleanup(restart)
        elif not restart:
            self._close()
        if not restart and self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def _refusal(self) -> str:
        return connection.why_cold()

    def _go_cold(self, why: str) -> None:
        self._is_cold = True
        logging.getLogger("mlcourse").warning("A cold kernel starts: %s.", why)

    def _use_quick_client(self) -> None:
        from mlcourse.kernels.client import AsyncClient, BlockingClient

        manager = self.parent
        if manager.client_factory.__module__.startswith("jupyter_client."):
            is_async = isinstance(manager, AsyncKernelManager)
            manager.client_factory = AsyncClient if is_async else BlockingClient

    def _launch(self, env: dict[str, str]) -> Launch:
        info = dict(self.parent.get_connection_info())
        info = {k: v.decode() if isinstance(v, bytes) else v for k, v in info.items()}
        return Launch(
            connection=info,
            sockets=str(self._sockets),
            folder=str(self.cwd),
            env={name: str(value) for name, value in env.items()},
            debugger=self.debugger,
            seed=self.seed,
        )

    async def _fork_again(self, launch: Launch) -> None:
        """Have a kernel forked, by another template if this one is just ending."""
        try:
            await self._fork(launch)
        except ConnectionError:
            self._close()
            await self._fork(launch)

    async def _fork(self, launch: Launch, *files: int) -> None:
        loop = asyncio.get_running_loop()
        program = connection.TemplateProgram(
            walls=self.walls, eager=self.eager, linger=self.linger
        )
        self.lease = await loop.run_in_executor(None, program.connect)
        self.lease.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        launch.send(self.lease, *files)
        while True:
            answer = await asyncio.wait_for(
                loop.run_in_executor(None, self._hear), START
            )
            if "ready" in answer:
                break
            if "born" not in answer:
                if not answer:
                    raise ConnectionResetError("The template ended.")
                raise RuntimeError(f"No kernel was started: {answer.get('error')}")
            await loop.run_in_executor(None, self._adopt, answer["born"])
        self.pid = answer["ready"]
        self.lease.setblocking(False)

    async def _hears_something(self) -> None:
        """Return when the lease has news; several may wait for that."""
        assert self.lease is not None  # noqa: S101 - for the type checker
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        ear = os.dup(self.lease.fileno())  # a loop calls one for each descriptor
        loop.add_reader(ear, news.set)
        try:
            await news.wait()
        finally:
            loop.remove_reader(ear)
            os.close(ear)

    def _hear(self) -> dict[str, Any]:
        """Return the next answer; a birth comes with the process's number out here."""
        assert self.lease is not None  # noqa: S101 - for the type checker
        self.lease.settimeout(START)
        space = socket.CMSG_SPACE(_CREDENTIALS.size)
        data, extra, _, _ = self.lease.recvmsg(1 << 16, space)
        if not data:
            return {}
        answer: dict[str, Any] = json.loads(data)
        if "born" in answer and extra:
            answer["born"] = _CREDENTIALS.unpack(extra[0][2][: _CREDENTIALS.size])[0]
        return answer

    def _adopt(self, process: int) -> None:
        """Be told the number of the kernel's process outside of its walls."""

    def _note_usage(self) -> None:
        """Note what the kernel used, before it is forgotten."""

    def _close(self) -> None:
        if self.lease is not None:
            self.lease.close()
            self.lease = None


class SandboxProvisioner(WarmProvisioner):
    """A warm kernel behind two walls, with limits. It is never cold.

    Raises:
        SandboxUnavailableError: On launch, where there can be no sandbox; it says why
            and what to do.
    """

    walls = True
    # Of the environment of whoever asks nothing else is seen behind the walls.
    kept: tuple[str, ...] = (
        "MLCOURSE_SEED",
        "NBGRADER_EXECUTION",
        "NBGRADER_VALIDATING",
    )
    eager = Bool(True, help="Import everything before the first kernel.").tag(
        config=True
    )
    debugger = Bool(False, help="Offer JupyterLab's debugger.").tag(config=True)
    limits = Dict({}, help="Fields of mlcourse.kernels.limits.Limits.").tag(config=True)
    variables = Dict({}, help="More variables of the environment.").tag(config=True)
    tier = Unicode("", help="What held the kernel; set at launch.")

    usage: Usage | None = None
    _group: ControlGroup | None = None

    async def shutdown_requested(self, restart: bool = False) -> None:
        """End the kernel at once: of a sandbox nothing stays that it could tidy up."""
        await self.kill(restart)

    def _refusal(self) -> str:
        if why := bubblewrap.missing():
            raise SandboxUnavailableError(why)
        return ""

    def _launch(self, env: dict[str, str]) -> Launch:
        limits = Limits(**self.limits)
        assert self._sockets is not None  # noqa: S101 - for the type checker
        self._group = ControlGroup.create(self._sockets.name, limits)
        self.tier = "namespaces+cgroup" if self._group else "namespaces+rlimits"
        kept = {name: env[name] for name in self.kept if name in env}
        variables = {
            "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": bubblewrap.HOME,
            "IPYTHONDIR": f"{bubblewrap.HOME}/.ipython",
            "MPLCONFIGDIR": f"{bubblewrap.HOME}/.matplotlib",
            "DO_NOT_TRACK": "1",
            **THREADS,
            **kept,
            **self.kernel_spec.env,
            **self.variables,
        }
        launch = super()._launch(variables)
        return Launch(
            **{
                name: getattr(launch, name)
                for name in ("connection", "sockets", "folder", "env", "seed")
            },
            limits=limits,
        )

    async def _fork(self, launch: Launch, *files: int) -> None:
        folder = os.open(str(self.cwd), os.O_RDONLY | os.O_DIRECTORY)
        try:
            await super()._fork(launch, folder, *files)
        finally:
            os.close(folder)

    def _adopt(self, process: int) -> None:
        if self._group is not None:
            self._group.attach(process)

    def _note_usage(self) -> None:
        if self._group is not None:
            self.usage = self._group.usage()
            assert self.farewell is not None  # noqa: S101 - poll sets it
            if self.usage.out_of_memory and not self.farewell.get("reason"):
                self.farewell["reason"] = "memory"
        elif self.farewell and "cpu_seconds" in self.farewell:
            used = self.farewell
            self.usage = Usage(used["cpu_seconds"], used["peak_mib"], False)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what this kernel left."""
        await super().cleanup(restart)
        if self._group is not None:
            for _ in range(50):
                if self._group.remove():
                    break
                await asyncio.sleep(0.005)
            self._group = None
