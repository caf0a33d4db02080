"""Submissions made into jobs: what stock nbgrader would execute, or why not."""

import contextlib
import os
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from nbformat import NotebookNode, from_dict
from nbgrader.converters import Autograde  # type: ignore[import-untyped]
from nbgrader.nbgraderformat import (  # type: ignore[import-untyped]
    MetadataValidator,
)
from nbgrader.preprocessors import (  # type: ignore[import-untyped]
    CheckCellMetadata,
    Execute,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)
from traitlets.utils.importstring import import_item

from mlcourse.grading.course import AssignmentNotFoundError, Course
from mlcourse.grading.hooks import Hooks
from mlcourse.grading.intake import NOTEBOOK, Submission, read_folder, shadowed
from mlcourse.grading.job import Flag, Job, Notebook, Outcome
from mlcourse.grading.master import Master, MasterNotebook, read_master
from mlcourse.grading.notebook import parse_notebook
from mlcourse.grading.repair import grade_ids, repair_notebook
from mlcourse.kernels.limits import Limits

__all__ = ["plan"]


def plan(
    course: Course,
    assignment: str,
    *,
    students: Collection[str] | None = None,
    force: bool = False,
    limits: Limits | None = None,
    cell_seconds: float | None = None,
    variables: Mapping[str, str] | None = None,
    sandbox: bool = True,
    hooks: Hooks | None = None,
) -> Iterator[Job | Outcome]:
    """Make a job of each submission that nbgrader would grade now.

    The course is read when this is called, each submission when its job is asked for.
    Whatever a submission holds, it is repaired and flagged, or becomes an outcome with
    a failure; it is never another student's problem.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
        students: Only these; all who handed in, if None.
        force: Whether to grade again what is graded.
        limits: For each notebook; the usual ones if None.
        cell_seconds: Wall time for one cell, 0 for no limit; the course's own
            ``c.ExecutePreprocessor.timeout`` if None.
        variables: More variables of the kernels' environment; the seed of this
            process, if None and if it has one.
        sandbox: Whether a sandbox is required.
        hooks: The course's own; the first is called before a submission is read.

    Returns:
        Jobs in the order of the students' ids, and outcomes for those that failed.

    Raises:
        AssignmentNotFoundError: If there is no such assignment or student.
        GradebookError: If the gradebook cannot be read.
    """
    master = read_master(course, assignment)
    handed_in = course.submissions(assignment)
    unknown = sorted(set(students or ()).difference(handed_in))
    if unknown:
        raise AssignmentNotFoundError(
            f"No submission of {assignment!r} by {', '.join(unknown)}; "
            f"it would be in {course.submitted(unknown[0], assignment)}."
        )
    if cell_seconds is None:
        timeout = Execute(config=course.config).timeout
        cell_seconds = float(timeout) if timeout and timeout > 0 else 0.0
    settings = Job(
        assignment,
        student="",
        notebooks=(),
        limits=limits or Limits(),
        cell_seconds=cell_seconds,
        variables=_seed() if variables is None else variables,
        sandbox=sandbox,
    )
    planner = _Planner(course, master, settings, hooks)
    return (
        planner.job(student)
        for student in handed_in
        if students is None or student in students
        if force or not course.is_done(student, assignment)
    )


def _seed() -> dict[str, str]:
    """Return what the outcome of our labs depends on beside the submission."""
    name = "MLCOURSE_SEED"
    return {name: os.environ[name]} if name in os.environ else {}


@dataclass(frozen=True, slots=True)
class _Planner:
    course: Course
    master: Master
    settings: Job
    hooks: Hooks | None = None

    def job(self, student: str) -> Job | Outcome:
        """Return the job of one student, or why there is none."""
        try:
            return self._job(student)
        except Exception as error:
            # A stranger's files: what no repair foresaw is this submission's alone.
            reason = str(error) if type(error) is ValueError else repr(error)
            known = Flag("failure", reason[:2000])
            key = replace(self.settings, student=student, flags=(known,)).key
            return Outcome(key, student, failure=known.message)

    def _job(self, student: str) -> Job:
        if self.hooks is not None:
            self.hooks.before(student)
        folder = self.course.submitted(student, self.settings.assignment)
        if folder.parent.name == student and folder.parent.is_symlink():
            raise ValueError(f"{folder.parent} is a symbolic link; use a real folder.")
        coursedir = self.course.coursedir
        found = read_folder(
            folder,
            ignore=coursedir.ignore,
            file_bytes=coursedir.max_file_size * 1000,
            total_bytes=coursedir.max_dir_size * 1000,
        )
        contents, flags = self._notebooks(found)
        notebooks = []
        for name, nb in sorted(contents.items()):
            master = self.master.notebooks[name]
            flags += repair_notebook(nb, master, restore=self._restores)
            text = self._sanitized(nb, student, name)
            notebooks.append(Notebook(name, text, master.points))
        own = found.files.keys() - self.master.files.keys()
        flags += [*found.flags, *shadowed(sorted(own))]
        return replace(
            self.settings,
            student=student,
            notebooks=tuple(notebooks),
            files=found.files | dict(self.master.files),
            flags=tuple(flags),
        )

    def _notebooks(
        self, found: Submission
    ) -> tuple[dict[str, NotebookNode], list[Flag]]:
        """Return the notebooks of the assignment by their right names."""
        wanted = self.master.notebooks
        contents, flags = {}, []
        for name in wanted:
            if name in found.broken:
                raise ValueError(f"{name}.ipynb cannot be read: {found.broken[name]}.")
            if name in found.notebooks:
                contents[name], more = _parse(name, found.notebooks[name])
                flags += [replace(flag, notebook=name) for flag in more]
        missing = [name for name in wanted if name not in contents]
        others = sorted((found.notebooks.keys() | found.broken) - wanted.keys())
        copies = dict(_copies(found, others, wanted))
        if len(missing) == len(copies) == 1:
            (right,), ((name, nb),) = missing, copies.items()
            if _is_copy(nb, wanted[right]):
                contents[right] = nb
                others.remove(name)
                message = f"{name + NOTEBOOK!r} was taken for {right}.ipynb."
                flags.append(Flag("renamed-notebook", message, right))
        named = ", ".join(f"{name + NOTEBOOK!r}" for name in others)[:500]
        for name in wanted:
            if name not in contents and others:
                message = f"{name}.ipynb is missing, but there is {named}."
                flags.append(Flag("missing-notebook", message, name))
        if not contents:
            expected = ", ".join(f"{name}.ipynb" for name in wanted)
            there = f" It holds {named}." if named else ""
            raise ValueError(f"The submission has no notebook of {expected}.{there}")
        for name in () if missing else copies:
            message = f"{name + NOTEBOOK!r} holds graded cells, but is not graded."
            flags.append(Flag("other-notebook", message))
        return contents, flags

    @property
    def _restores(self) -> bool:
        # Off by default in nbgrader, where a deleted test cannot be passed.
        return bool(self.course.config.OverwriteCells.get("add_missing_cells", True))

    def _sanitized(self, nb: NotebookNode, student: str, name: str) -> str:
        """Take a notebook through the course's own steps before execution."""
        settings = Autograde(coursedir=self.course.coursedir, config=self.course.config)
        exporter = settings.exporter_class(parent=settings, config=settings.config)
        exporter._preprocessors = []
        exporter.optimistic_validation = True  # at the end, not after each step
        for step in settings.sanitize_preprocessors:
            kind = import_item(step) if isinstance(step, str) else step
            exporter.register_preprocessor(_FROM_MASTER.get(kind, kind))
        about = {
            "student": student,
            "assignment": self.settings.assignment,
            "notebook": name,
            "db_url": self.course.db_url,
            "master": self.master.notebooks[name],
        }
        resources = {
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "nbgrader": about,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat's, on what students wrote
            text, _ = exporter.from_notebook_node(nb, resources)
        return str(text)


def _parse(name: str, data: bytes) -> tuple[NotebookNode, list[Flag]]:
    try:
        return parse_notebook(data)
    except ValueError as error:
        raise ValueError(f"{name}.ipynb cannot be read: {error}.") from error


def _copies(
    found: Submission, others: list[str], wanted: Mapping[str, MasterNotebook]
) -> Iterator[tuple[str, NotebookNode]]:
    """Yield the notebooks of other names that hold cells of the assignment."""
    known = {cell for notebook in wanted.values() for cell in notebook.cells}
    for name in others:
        with contextlib.suppress(ValueError):
            nb, _ = parse_notebook(found.notebooks.get(name, b""))
            if grade_ids(nb) & known:
                yield name, nb


def _is_copy(nb: NotebookNode, master: MasterNotebook) -> bool:
    """Tell whether most of the master's cells are there."""
    return len(grade_ids(nb) & master.cells.keys()) * 2 > len(master.cells)


class _CellsFromMaster(OverwriteCells):  # type: ignore[misc]
    """nbgrader's OverwriteCells, asking the master copy instead of a database."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> Any:
        """Overwrite locked cells; missing ones were added before."""
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        self.gradebook = resources["nbgrader"]["master"]
        return NbGraderPreprocessor.preprocess(self, nb, resources)


class _KernelspecFromMaster(OverwriteKernelspec):  # type: ignore[misc]
    """nbgrader's OverwriteKernelspec, asking the master copy."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> Any:
        """Overwrite the kernelspec where the master has one."""
        kernelspec = resources["nbgrader"]["master"].kernelspec
        if kernelspec:
            nb.metadata["kernelspec"] = from_dict(dict(kernelspec))  # type: ignore[no-untyped-call]
        return nb, resources


class _CheckedOnce(CheckCellMetadata):  # type: ignore[misc]
    """nbgrader's CheckCellMetadata; jsonschema checks the schema once, not each cell's.

    What else nbgrader checks is so after the repairs.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> Any:
        """Raise ValidationError if nbgrader's metadata has another form."""
        for cell in nb.cells:
            if "nbgrader" in cell.metadata:
                _SCHEMA.validate(cell.metadata["nbgrader"])
        return nb, resources


_SCHEMA = Draft4Validator(MetadataValidator().schema)
_FROM_MASTER = {
    CheckCellMetadata: _CheckedOnce,
    OverwriteCells: _CellsFromMaster,
    OverwriteKernelspec: _KernelspecFromMaster,
}
