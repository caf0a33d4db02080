# Dask's client has no types.
# mypy: disable-error-code="no-untyped-call"
"""Grading on many machines: Dask hands jobs out, each machine has its own sandbox.

A Dask worker only supervises: what crosses the network is a job or an outcome, as plain
values; a submission's code runs in that machine's sandbox. A job whose worker dies is
given to another by Dask's scheduler.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from distributed import Client, LocalCluster

from mlcourse.errors import MlcourseError
from mlcourse.kernels import bubblewrap

__all__ = ["Cluster", "ClusterError", "local_cluster"]

START = 30.0  # seconds to wait for the scheduler, and for a first worker


class ClusterError(MlcourseError):
    """The cluster cannot be reached, or cannot grade."""


class Cluster:
    """An executor for :func:`mlcourse.grading.run.grade`: the workers of a scheduler.

    Args:
        address: Of the scheduler, such as ``tcp://10.0.0.1:8786``.
        sandbox: Whether each worker's machine must have a sandbox.

    Raises:
        ClusterError: If there is no scheduler, no worker, or a worker that lacks
            mlcourse or a sandbox.
    """

    def __init__(self, address: str, *, sandbox: bool = True) -> None:
        try:
            self._client = Client(address, timeout=START, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address}: {error}. Start one with "
                "`dask scheduler`, and `dask worker ADDRESS --nthreads 1` on each "
                "machine."
            ) from error
        try:
            self._examine(address, sandbox=sandbox)
        except BaseException:
            self._client.close()
            raise
        # Not pure: Dask would hash each job to see whether it had run already.
        self._executor = self._client.get_executor(pure=False)

    @property
    def size(self) -> int:
        """How many jobs run at the same time; it follows the workers that are there."""
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, run: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Have a function called on a worker."""
        future: Future[Any] = self._executor.submit(run, *args)
        return future

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; what it still runs for us is cancelled."""
        self._executor.shutdown(wait=False)
        self._client.close()

    def _examine(self, address: str, *, sandbox: bool) -> None:
        try:
            self._client.wait_for_workers(1, timeout=START)
            found = self._client.run(bubblewrap.missing, on_error="return")
        except TimeoutError as error:
            raise ClusterError(
                f"The scheduler at {address} has no worker. Start one on each machine: "
                f"`dask worker {address} --nthreads 1`."
            ) from error
        for worker, why in found.items():
            if isinstance(why, Exception):
                raise ClusterError(f"The worker {worker} cannot load mlcourse: {why!r}")
            if why and sandbox:
                raise ClusterError(f"The worker {worker} has no sandbox. {why}")


@contextlib.contextmanager
def local_cluster(workers: int, *, sandbox: bool = True) -> Iterator[Cluster]:
    """Start a scheduler and workers on this machine, to try what a cluster does.

    Args:
        workers: Number of worker processes.
        sandbox: Whether a sandbox is required.
    """
    if workers < 1:
        raise ValueError(f"local_cluster == {workers!r}, must be >= 1.")
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            # Kernels are not the worker's children: their limits are the sandbox's.
            memory_limit=None,
            dashboard_address=None,
            silence_logs=logging.ERROR,  # it warns of each worker that it ends
        ) as cluster,
        Cluster(cluster.scheduler_address, sandbox=sandbox) as executor,
    ):
        yield executor
