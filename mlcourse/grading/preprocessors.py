# nbformat and nbgrader are not typed.
# mypy: disable-error-code="no-untyped-call,import-untyped"
"""nbgrader's own ``autograde``, and formgrader's button, with our sandbox and scores.

In a course's ``nbgrader_config.py``::

    from mlcourse.grading.preprocessors import STEPS

    c.Autograde.autograde_preprocessors = STEPS

Settings of nbgrader's steps go on working, such as ``c.Execute.timeout``. ``mlcourse
grade`` does more: it repairs malformed submissions, and uses all cores.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader import preprocessors as stock
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Dict

from mlcourse.grading.execute import execute_in
from mlcourse.grading.job import Execution, Flag, Job, Notebook
from mlcourse.grading.score import score_cell
from mlcourse.kernels.limits import Limits
from mlcourse.kernels.provisioner import SandboxUnavailableError

__all__ = ["STEPS", "Execute", "SaveAutoGrades"]

T = TypeVar("T")
_FLAGS = "mlcourse_flags"
_TRAITS = ("timeout_func", "error_on_timeout", "record_timing", "store_widget_state")


class Execute(stock.Execute):  # type: ignore[misc]
    """Run the notebook in the sandbox, with controls between its tests.

    When a limit is hit, the cells that ran keep their outputs and the others say which
    limit; nbgrader's own step would drop the submission.

    Raises:
        SandboxUnavailableError: If this machine has no sandbox; it says what to do.
        ValueError: If there are links in the submission.
    """

    sandbox = Bool(True, help="Refuse to run where there is no sandbox.").tag(
        config=True
    )
    limits = Dict({}, help="Fields of mlcourse.kernels.limits.Limits.").tag(config=True)
    keep_files = Bool(
        True, help="Keep new files that a notebook makes, as stock nbgrader does."
    ).tag(config=True)

    def preprocess(
        self,
        nb: NotebookNode,
        resources: Any = None,
        km: Any = None,  # noqa: ARG002 - nbconvert's signature
    ) -> tuple[NotebookNode, Any]:
        """Run all cells; outputs are entered into the notebook."""
        about = resources["nbgrader"]
        who = "/".join(about[key] for key in ("student", "assignment", "notebook"))
        self._refuse_links(about)
        if not self.sandbox:
            self.log.warning("%s runs without a sandbox, as you.", who)
        seconds = self.timeout if self.timeout and self.timeout > 0 else 0
        notebook = Notebook(about["notebook"], self._text(nb), _points(nb))
        job = Job(
            about["assignment"],
            about["student"],
            (notebook,),
            limits=Limits(**self.limits),
            cell_seconds=float(seconds),
            sandbox=self.sandbox,
        )
        folder = Path(resources.get("metadata", {}).get("path") or ".").resolve()
        traits = {name: getattr(self, name) for name in _TRAITS}
        run = partial(execute_in, folder, job, notebook, keep=self.keep_files, **traits)
        try:
            execution, flags = _off_the_loop(run)
        except SandboxUnavailableError as error:
            error.add_note("To run students' code as you: c.Execute.sandbox = False")
            raise
        self._tell(who, execution, flags)
        resources[_FLAGS] = flags
        done = nbformat.reads(execution.text, as_version=nbformat.NO_CONVERT)
        nb.cells = done.cells
        for key in ("language_info", "widgets"):
            if key in done.metadata:
                nb.metadata[key] = done.metadata[key]
        return nb, resources

    def _refuse_links(self, about: Mapping[str, str]) -> None:
        """Refuse links: nbgrader has already copied what they lead to."""
        converter = getattr(self.parent, "parent", None)
        course = getattr(converter, "coursedir", None)
        if course is None:
            return
        folder = course.format_path(
            course.submitted_directory, about["student"], about["assignment"]
        )
        for path in Path(folder).rglob("*"):
            if path.is_symlink():
                raise ValueError(
                    f"{path} is a symbolic link; remove it and grade again."
                )

    def _text(self, nb: NotebookNode) -> str:
        """Return the notebook as JSON, for the kernel that the course may name."""
        if self.kernel_name:
            spec = {"name": self.kernel_name, "language": ""}
            metadata = {**nb.metadata, "kernelspec": spec}
            nb = nbformat.from_dict({**nb, "metadata": metadata})
        text: str = nbformat.writes(nb, version=nbformat.NO_CONVERT)
        return text

    def _tell(self, who: str, execution: Execution, flags: list[Flag]) -> None:
        self.log.info(
            "%s: %s, %.1f s, of which %.1f s CPU time, %d MiB",
            *(who, execution.tier, execution.wall_seconds),
            *(execution.cpu_seconds, execution.peak_mib),
        )
        if execution.reason:
            self.log.warning("%s did not run to its end: %s.", who, execution.reason)
        for flag in flags:
            _warn(self.log, who, flag)


class SaveAutoGrades(stock.SaveAutoGrades):  # type: ignore[misc]
    """Enter the scores that :func:`mlcourse.grading.score.score_cell` gives.

    A cell of which a flag tells waits for a human in formgrader.
    """

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score, flag = score_cell(cell)
        touched = {seen.cell for seen in resources.get(_FLAGS) or ()}
        if flag is not None:
            who = f"{self.student_id}/{self.assignment_id}/{self.notebook_id}"
            _warn(self.log, who, flag)
        grade.needs_manual_grade = (
            grade.manual_score is not None
            or grade.auto_score is None
            or flag is not None
            or name in touched
        )
        self.gradebook.db.commit()


# nbgrader's own, with ours in place of two.
STEPS = [
    Execute,
    stock.IgnorePattern,
    ClearMetadataPreprocessor,
    stock.LimitOutput,
    SaveAutoGrades,
    stock.AssignLatePenalties,
    stock.CheckCellMetadata,
]


def _points(nb: NotebookNode) -> dict[str, float]:
    """Return the most points of each cell that is graded by machine."""
    return {
        cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
        for cell in nb.cells
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)
    }


def _off_the_loop(run: Callable[[], T]) -> T:
    """Call in a thread if this one is busy with an event loop, as formgrader's is."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run).result()


def _warn(log: Any, who: str, flag: Flag) -> None:
    cell = f", cell {flag.cell}" if flag.cell else ""
    log.warning("%s%s: %s (%s)", who, cell, flag.message, flag.kind)
