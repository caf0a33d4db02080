# ipykernel is not typed.
# mypy: disable-error-code="no-untyped-call,union-attr"
"""ipykernel's application, cut in two where the fork is.

:meth:`WarmKernelApp.prepare` does in the template what needs no thread and no socket;
:meth:`WarmKernelApp.finish` does the rest in the kernel. After a fork each page that is
touched must be copied, so the template also does once what would touch many: it walks
the modules, and it makes a first traceback, table and figure.
"""

import glob
import io
import logging
import os
import sys
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.application import BaseIPythonApplication

from mlcourse.kernels import direct
from mlcourse.kernels.capped import CappedStream
from mlcourse.kernels.wire import Wire

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

__all__ = ["WarmKernelApp"]

_ARGUMENTS = ("--quiet", "--HistoryManager.hist_file=:memory:", "--log-level=ERROR")


class WarmKernelApp(IPKernelApp):
    """A kernel that was set up before the fork and gets its sockets after it."""

    def prepare(self) -> None:
        """Do what needs no thread and no socket: settings, profile, shell."""
        from ipykernel.compiler import XCachingCompiler

        BaseIPythonApplication.initialize(self, list(_ARGUMENTS))
        self.init_pdb()
        _ = self.session  # its traits are resolved here, once
        self._shell = ZMQInteractiveShell.instance(
            parent=self,
            profile_dir=self.profile_dir,
            user_module=None,
            user_ns={},
            kernel=None,
            compiler_class=XCachingCompiler,
        )
        self._rehearse()

    def settle(self) -> None:
        """Note which modules are loaded, so that the kernel need not walk them.

        A first log record asks each abstract mapping whether it knows this type; a
        module that is loaded later makes it ask again.
        """
        for argument in ("", 0, None):
            logging.LogRecord("", 0, "", 0, "", (argument,), None)
        names = ("ipykernel", "ipykernel.ipkernel")
        self._few_modules = {name: sys.modules[name] for name in names}
        self._module_names = set(sys.modules)
        files = (getattr(module, "__file__", None) for module in sys.modules.values())
        self._module_files = [file for file in files if file]  # of no learner's code

    def finish(
        self,
        connection: Mapping[str, Any],
        *,
        debugger: bool,
        most_output: int = 0,
        wire: Wire | None = None,
    ) -> None:
        """Open the sockets, start the threads and be a kernel.

        Args:
            connection: As in a Jupyter connection file.
            debugger: Whether JupyterLab's debugger is offered.
            most_output: Bytes that a kernel may print; 0 for no limit.
            wire: What to speak on, instead of sockets.
        """
        self.load_connection_info(cast("KernelConnectionInfo", dict(connection)))
        self.session.pid = os.getpid()  # else messages of a fork are dropped
        self.session.session = uuid.uuid4().hex
        if most_output:
            CappedStream.most = most_output
            self.outstream_class = f"{CappedStream.__module__}.CappedStream"
        self.init_blackhole()
        self.parent_handle = 0  # the supervisor watches, not a thread
        self.init_poller()
        self._wire = wire
        if wire is None:
            self.init_sockets()
            self.init_heartbeat()
        else:
            direct.connect(self, wire)
        self.init_io()
        self.init_signal()
        self._make_kernel(debugger)
        self._shell.kernel = self.kernel
        self.init_path()
        self.init_shell()
        self.init_gui_pylab()
        self.init_extensions()
        self.init_code()
        sys.stdout.flush()
        sys.stderr.flush()

    def init_kernel(self) -> None:
        """Make the kernel: ipykernel's, or the one that speaks on a wire."""
        if self._wire is None:
            super().init_kernel()
        else:
            self.kernel = direct.make_kernel(self, self._wire)

    def init_code(self) -> None:
        """Run the startup files; the set of module names is the template's."""
        self._run_startup_files()
        self._run_exec_lines()
        self._run_exec_files()
        if self.hide_initial_ns:
            self.shell.user_ns_hidden.update(self.shell.user_ns)
        self._run_cmd_line_code()
        self._run_module()
        self.shell._sys_modules_keys = self._module_names

    def _make_kernel(self, debugger: bool) -> None:
        """Make the kernel, which would walk all modules, and copy their pages."""
        import ipykernel.debugger

        ipykernel.debugger._is_debugpy_available &= debugger
        every = sys.modules
        sys.modules = dict(self._few_modules)
        try:
            self.init_kernel()
        finally:
            every.update(sys.modules)
            sys.modules = every
        if ipykernel.debugger._is_debugpy_available:
            self.kernel._kernel_modules = self._module_files
            self.kernel.debugger.kernel_modules = self._module_files

    def _rehearse(self) -> None:
        """Load what a first traceback, table, figure and shell command load."""
        # The backend shows a figure at the end of a cell only if it finds a shell when
        # it is imported.
        import matplotlib.pyplot as plt
        import matplotlib_inline.backend_inline  # noqa: F401
        import pandas as pd
        import zmq

        # A socket asks each of its classes for annotations. Where there are none they
        # are made, and for typing.Generic that touches every generic class.
        for base in zmq.Socket.mro():
            getattr(base, "__annotations__", None)
        try:
            _divide(1)
        except ZeroDivisionError:
            self._shell.InteractiveTB.text(*sys.exc_info())
        self._shell.display_formatter.format(pd.DataFrame({"a": [1.5, 2.0]}))
        self._shell.transform_cell("!ls\n%time 1\nx = 1")
        self._shell.compile.ast_parse("await x")
        glob.glob("*.py"), glob.glob("*.ipy")
        plt.figure()
        plt.plot([1, 2])
        plt.savefig(io.BytesIO(), format="png")
        plt.close("all")


def _divide(number: float) -> float:
    return number / 0
