"""Kernels for the tests of this folder, by the names that Jupyter would use."""

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

FORKS = pytest.mark.skipif(
    sys.platform != "linux", reason="forks are used on Linux only"
)
NOISE = [
    # jupyter_core keeps the event loop of its synchronous calls.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    # jupyter_client's heartbeat may meet a socket that is being closed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
PROVISIONERS = {"warm": "mlcourse-warm", "walled": "mlcourse-sandbox"}


@dataclass(frozen=True)
class Kernel:
    manager: KernelManager
    client: BlockingKernelClient

    def run(self, code: str, *, timeout: float = 60.0) -> tuple[str, str]:
        """Run a cell, and return what it said and its error, if any."""
        said: list[str] = []
        error: list[str] = []

        def hear(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                error.append(f"{content['ename']}: {content['evalue']}")
            elif "data" in content:
                said.append(content["data"].get("text/plain", ""))

        self.client.execute_interactive(code, timeout=timeout, output_hook=hear)
        return "".join(said).strip(), "".join(error)

    @property
    def provisioner(self):
        return self.manager.provisioner


@contextlib.contextmanager
def kernel(kind: str, folder: Path, **settings) -> Iterator[Kernel]:
    """Start a kernel in a folder, and end it."""
    specs = Path(tempfile.mkdtemp(prefix="specs"))
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": kind,
        "language": "python",
        "metadata": {
            "kernel_provisioner": {
                "provisioner_name": PROVISIONERS[kind],
                "config": settings,
            }
        },
    }
    (specs / kind).mkdir()
    (specs / kind / "kernel.json").write_text(json.dumps(spec))
    manager = KernelManager(
        kernel_name=kind,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)]),
    )
    try:
        manager.start_kernel(cwd=str(folder))
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=120)
            yield Kernel(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
    finally:
        shutil.rmtree(specs)
