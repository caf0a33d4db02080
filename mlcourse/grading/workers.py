"""Worker processes of this machine: each runs one job at a time, and dies with us."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, Protocol, Self

__all__ = ["Executor", "Workers", "run_job"]


class Executor(Protocol):
    """Who runs jobs: this machine's processes, or a cluster's."""

    @property
    def size(self) -> int:
        """How many jobs run at the same time."""

    def submit(self, run: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Have a function called somewhere, and return what will hold its result."""


class Workers:
    """A pool of processes that survives the death of one.

    Args:
        size: Number of processes; 0 for one on each core this process may use.
    """

    def __init__(self, size: int = 0) -> None:
        if size < 0:
            raise ValueError(f"workers == {size!r}, must be >= 0.")
        self._size = size or len(os.sched_getaffinity(0))
        self._pool = self._start()

    @property
    def size(self) -> int:
        """How many jobs run at the same time."""
        return self._size

    def submit(self, run: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Have a function called in a process; a pool that broke is replaced first."""
        try:
            return self._pool.submit(run, *args)
        except BrokenProcessPool:
            self._pool = self._start()
            return self._pool.submit(run, *args)

    def processes(self) -> list[int]:
        """Return the process ids of the workers that have started."""
        return list(self._pool._processes or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes: at once, if an error or Ctrl-C ended the run."""
        if kind is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        # A fork would inherit the gradebook's connection and the writer's lock.
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._size, spawn, initializer=_begin)


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    """Execute a job, in a worker; plain JSON values go in and come out.

    It stands here because a worker loads the module of what it runs: this one loads
    neither nbgrader nor the gradebook.
    """
    from mlcourse.grading.execute import execute
    from mlcourse.grading.job import Job

    outcome: dict[str, Any] = execute(Job.from_json(job)).as_json()
    return outcome


def _begin() -> None:
    """Leave Ctrl-C to the grader, and end when it ends, however it does."""
    # A function and not SIG_IGN, which the kernels would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
