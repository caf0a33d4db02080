"""A run without kernels: every cell counts as run, without outputs."""

import os
import signal
from concurrent.futures import Future
from pathlib import Path

import nbformat

from mlcourse.grading.job import Execution, Job, Outcome


def pretend(job, *, log, endings=None):
    """Run a job; note the student in a file; end badly for whom it is told to."""
    job = Job.from_json(job)
    with Path(log).open("a") as file:
        file.write(f"{job.student}\n")
    times, ending = (endings or {}).get(job.student, (0, ""))
    if Path(log).read_text().splitlines().count(job.student) <= times:
        if ending == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        raise RuntimeError(ending)
    executions = []
    for notebook in job.notebooks:
        content = nbformat.reads(notebook.text, as_version=4)
        for number, cell in enumerate(content.cells):
            if cell.cell_type == "code":
                cell.execution_count = number + 1
        text = nbformat.writes(content)
        executions.append(Execution(notebook.name, text, "namespaces+rlimits"))
    return Outcome(job.key, job.student, tuple(executions), job.flags).as_json()


class Inline:
    """An executor in this process."""

    size = 1

    def submit(self, run, /, *args):
        future = Future()
        try:
            future.set_result(run(*args))
        except Exception as error:
            future.set_exception(error)
        return future
