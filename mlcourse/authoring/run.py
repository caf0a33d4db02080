"""Run a lab as papermill does, in a copy, without a network, and score it as nbgrader.

The kernel is a warm one in a sandbox; where there is none, a cold one is cut off.
``python -m mlcourse.authoring.run TASK`` is the process that holds papermill.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

from mlcourse.authoring.files import read_notebook
from mlcourse.authoring.network import Network, Offline, offline
from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab
from mlcourse.authoring.wrong_answers import WrongAnswer
from mlcourse.errors import LabNotFoundError
from mlcourse.kernels import bubblewrap
from mlcourse.paths import Course

__all__ = ["CellText", "Run", "copy_files", "run_lab", "run_notebook", "score"]

SANDBOX = "mlcourse-sandbox"
START = 120.0
FAREWELL = 15.0
# What stands beside a lab and is not for its learners, as in nbgrader_config.py.
NOT_RELEASED = ("[0-9][0-9]_*.py", "wrong_answers.py", "*.ipynb", ".*", "__pycache__")


@dataclass(frozen=True, slots=True)
class CellText:
    """Something that a cell said.

    Args:
        cell: The cell's place in the notebook, counted from 1.
        name: Its id.
        text: What it said.
    """

    cell: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """A lab after it ran from top to bottom.

    Args:
        notebook: With its outputs.
        errors: The exceptions that cells ended with.
        stderr: What cells wrote there; in a test it costs all points.
        scores: Points earned, by name of the test.
        points: Points to be had, by name of the test.
        seconds: Time in cells, without the start of the kernel.
        network: What cut the network off.
        failure: Why it did not reach the end; empty if it did.
    """

    notebook: NotebookNode
    errors: tuple[CellText, ...]
    stderr: tuple[CellText, ...]
    scores: dict[str, float]
    points: dict[str, float]
    seconds: float
    network: Network
    failure: str

    @property
    def is_full(self) -> bool:
        """Whether every test gave all its points."""
        return not self.failure and self.scores == self.points


def run_lab(
    course: Course,
    lab: str,
    *,
    variant: Literal["reference", "released"] | WrongAnswer = "reference",
    seed: int | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 600.0,
    isolate: bool = True,
) -> Run:
    """Run one variant of a lab.

    Args:
        course: Where the labs are.
        lab: Name or number.
        variant: The model answers, the notebook that learners get, or the model answers
            with one mistake.
        seed: ``MLCOURSE_SEED`` of the run; that of this process if omitted.
        env: More environment variables.
        timeout: Seconds for one cell, and for the whole notebook.
        isolate: Whether to cut the network off.

    Raises:
        LabNotFoundError: If the lab is not released, for that variant.
    """
    name = course.lab_name(lab)
    folder = course.solutions / name
    if variant == "released":
        folder = course.labs / name
        path = folder / f"{name}.ipynb"
        if not path.is_file():
            raise LabNotFoundError(
                f"labs/{name} is not built: mlcourse dev build {lab}."
            )
        notebook = read_notebook(path)
    elif variant == "reference":
        notebook = submission(read_lab(folder))
    else:
        notebook = submission(read_lab(folder), {variant.answer: variant.code})
    return run_notebook(
        notebook, files=folder, seed=seed, env=env, timeout=timeout, isolate=isolate
    )


def run_notebook(
    notebook: NotebookNode | Path,
    *,
    files: Path,
    checks: Path | None = None,
    seed: int | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 600.0,
    isolate: bool = True,
) -> Run:
    """Run a notebook in a copy of its folder, on past errors as nbgrader does.

    Args:
        notebook: The notebook or its path, such as a learner's.
        files: The folder whose files it needs; notebooks and sources stay behind.
        checks: A ``checks.py`` to put beside it, in the place of its own.
        seed: ``MLCOURSE_SEED`` of the run; that of this process if omitted.
        env: More environment variables.
        timeout: Seconds for one cell, and for the whole notebook.
        isolate: Whether to cut the network off.
    """
    node = read_notebook(notebook) if isinstance(notebook, Path) else notebook
    with tempfile.TemporaryDirectory(prefix="mlcourse-run-") as temporary:
        top = Path(temporary).resolve()
        folder = copy_files(files, top / "lab", checks=checks)
        source, result = folder / "lab.ipynb", top / "result.ipynb"
        nbformat.write(node, source)  # type: ignore[no-untyped-call]
        variables = os.environ | {"IPYTHONDIR": str(top / "ipython")} | dict(env or {})
        if seed is not None:
            variables["MLCOURSE_SEED"] = str(seed)
        task = {"source": str(source), "result": str(result), "timeout": timeout}
        start = _start(task, variables, env or {}, top / "guard", isolate=isolate)
        failure = _wait(start.command, start.env, folder, timeout)
        executed = read_notebook(result) if result.is_file() else node
    scores = score(executed)
    return Run(
        notebook=executed,
        errors=_texts(executed, "error"),
        stderr=_texts(executed, "stderr"),
        scores=scores,
        points={
            _test_name(cell): float(cell.metadata.nbgrader.points)
            for cell in _tests(executed)
        },
        seconds=sum(
            cell.metadata.get("papermill", {}).get("duration") or 0.0
            for cell in executed.cells
        ),
        network=start.network,
        failure=failure,
    )


def score(notebook: NotebookNode) -> dict[str, float]:
    """Return the points of each test, by nbgrader's own rule.

    A test that did not run has none; nbgrader would not have graded the notebook.

    Args:
        notebook: An executed notebook.
    """
    from nbgrader.utils import determine_grade  # type: ignore[import-untyped]

    return {
        _test_name(cell): float(determine_grade(cell)[0])
        if cell.execution_count is not None
        else 0.0
        for cell in _tests(notebook)
    }


def copy_files(files: Path, target: Path, *, checks: Path | None = None) -> Path:
    """Copy what a lab's notebook finds beside itself, and return the target.

    Args:
        files: The folder of the lab, or a learner's.
        target: A folder that does not exist.
        checks: A ``checks.py`` that takes the place of the folder's own.
    """
    shutil.copytree(files, target, ignore=shutil.ignore_patterns(*NOT_RELEASED))
    if checks is not None:
        shutil.copyfile(checks, target / "checks.py")
    return target


def _start(
    task: dict[str, Any],
    variables: dict[str, str],
    env: Mapping[str, str],
    guard: Path,
    *,
    isolate: bool,
) -> Offline:
    program = [sys.executable, "-m", __name__]
    if isolate and not bubblewrap.missing():
        inside = json.dumps(task | {"kernel": SANDBOX, "variables": dict(env)})
        return Offline("namespace", [*program, inside], variables)
    if isolate:  # a template would stand outside, with a network
        variables["MLCOURSE_COLD"] = "1"
    command = [*program, json.dumps(task)]
    return offline(command, env=variables, folder=guard, isolate=isolate)


def _wait(command: list[str], env: dict[str, str], folder: Path, timeout: float) -> str:
    with subprocess.Popen(
        command,
        env=env,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            _, said = process.communicate(timeout=START + timeout + FAREWELL)
        except subprocess.TimeoutExpired:
            # An interrupt lets papermill end its kernel.
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=FAREWELL)
            except subprocess.TimeoutExpired:
                process.kill()
            return f"timed out after {timeout:g} s"
    if process.returncode == 0:
        return ""
    return said.strip().rpartition("\n")[2] or f"exit code {process.returncode}"


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.metadata.get("nbgrader", {}).get("grade")
        and not cell.metadata.nbgrader.get("solution")
    ]


def _test_name(cell: NotebookNode) -> str:
    return str(cell.metadata.nbgrader.grade_id).removeprefix("test_")


def _texts(notebook: NotebookNode, kind: str) -> tuple[CellText, ...]:
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if kind == "error" and output.output_type == "error":
                text = f"{output.ename}: {output.evalue}"
            elif output.get("name") == kind:
                text = output.text
            else:
                continue
            found.append(CellText(number, cell.get("id", ""), text))
    return tuple(found)


def _execute(
    source: str,
    result: str,
    timeout: float,
    kernel: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> None:
    import papermill  # type: ignore[import-untyped]
    from papermill.execute import (  # type: ignore[import-untyped]
        remove_error_markers,
    )
    from traitlets.config import Config

    limits = {"wall_seconds": timeout + FAREWELL}
    inside = {"SandboxProvisioner": {"variables": variables or {}, "limits": limits}}
    try:
        papermill.execute_notebook(
            source,
            result,
            kernel_name=kernel,
            progress_bar=False,
            start_timeout=START,
            execution_timeout=timeout,
            iopub_timeout=120,
            allow_errors=True,
            config=Config(inside),
        )
    except papermill.PapermillExecutionError:
        # It ran to the end; papermill put notices above the cells that failed.
        executed = remove_error_markers(read_notebook(Path(result)))
        nbformat.write(executed, result)  # type: ignore[no-untyped-call]
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        sys.exit(f"{type(error).__name__}: {first}")


if __name__ == "__main__":
    _execute(**json.loads(sys.argv[1]))
