"""Build the notebooks of a course from its sources, and tell which are stale."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcourse.authoring.files import read_notebook
from mlcourse.authoring.notebook import BUILT, fingerprint, to_notebook
from mlcourse.authoring.readme import MARKERS, write_table
from mlcourse.authoring.source import read_lab
from mlcourse.authoring.terms import read_glossary
from mlcourse.errors import BuildError, SourceError
from mlcourse.files import write_whole
from mlcourse.glossary.load import Glossary
from mlcourse.glossary.pages import render
from mlcourse.paths import Course

__all__ = ["REPAIR", "Stale", "build", "check", "fresh_files"]

CONFIG = "nbgrader_config.py"
GLOSSARY = "glossary"  # beside the labs, so that one link works from every copy of them
REPAIR = "mlcourse dev build"


@dataclass(frozen=True, slots=True)
class Stale:
    """A file that is not what a build would leave there.

    Args:
        path: The file or folder, from the root of the course.
        reason: What is wrong with it.
        fix: The command that repairs it.
    """

    path: Path
    reason: str
    fix: str = REPAIR

    def __str__(self) -> str:
        return f"{self.path.as_posix()} {self.reason}: {self.fix}"


def build(
    course: Course, labs: Iterable[str] | None = None, *, discard: bool = False
) -> list[Path]:
    """Write the notebooks of some labs, the README's table and the glossary's pages.

    Only files whose bytes change are written, each in one step.

    Args:
        course: Where the sources are.
        labs: Names or numbers of labs, all if omitted.
        discard: Whether to lose edits of the built solutions notebooks.

    Returns:
        The files that were written.

    Raises:
        SourceError: If a source breaks a rule; nothing is written then.
        BuildError: If a solutions notebook was edited and not adopted, or if nbgrader
            refuses; nothing is written then.
        GlossaryError: If an entry of the glossary cannot be read; likewise.
    """
    names = _names(course, labs)
    glossary = read_glossary(course)
    files = fresh_files(course, names, glossary)
    if not discard:
        for name in names:
            _refuse_edited(course, name, glossary)
    changed = [path for path, content in files.items() if _bytes(path) != content]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, files[path])
    return changed


def check(course: Course, labs: Iterable[str] | None = None) -> list[Stale]:
    """Return the files that a build would change, and what does not belong.

    Args:
        course: Where the sources are.
        labs: Names or numbers of labs, all if omitted.
    """
    names = _names(course, labs)
    files = fresh_files(course, names, read_glossary(course))
    found = []
    for path, content in files.items():
        actual = _bytes(path)
        if actual != content:
            reason = "is missing" if actual is None else "is not what its source says"
            found.append(Stale(path.relative_to(course.root), reason))
    gone = {*course.lab_names(), GLOSSARY} - set(_names(course, None))
    for name in sorted({*names, *(gone if labs is None else ())}):
        for path in sorted((course.labs / name).rglob("*")):
            if path.is_file() and path not in files and not _is_hidden(path):
                relative = path.relative_to(course.root)
                found.append(
                    Stale(relative, "comes from no source", f"rm {relative.as_posix()}")
                )
    return found


def fresh_files(
    course: Course, names: Sequence[str], glossary: Glossary
) -> dict[Path, bytes]:
    """Return what a build would write, by path.

    nbgrader's own GenerateAssignment makes the released part, in a folder of its own.

    Args:
        course: Where the sources are.
        names: Full names of labs.
        glossary: Where the terms in their texts are.

    Raises:
        SourceError: If a source breaks a rule.
        BuildError: If nbgrader refuses a lab.
    """
    files = _fresh_pages(course, names, glossary)
    with tempfile.TemporaryDirectory(prefix="mlcourse-build-") as folder:
        staging = Path(folder).resolve()
        for name in names:
            notebook = _notebook_bytes(course, name, glossary)
            files[course.solutions / name / f"{name}.ipynb"] = notebook
            stage = staging / "solutions" / name
            shutil.copytree(
                course.solutions / name,
                stage,
                ignore=shutil.ignore_patterns("*.ipynb", ".*", "__pycache__"),
            )
            (stage / f"{name}.ipynb").write_bytes(notebook)
        if names:
            _generate(course, staging)
            for path in sorted((staging / "labs").rglob("*")):
                if path.is_file():
                    relative = path.relative_to(staging / "labs")
                    files[course.labs / relative] = path.read_bytes()
    return files


def _names(course: Course, labs: Iterable[str] | None) -> list[str]:
    if labs is not None:
        return [course.lab_name(lab) for lab in labs]
    return [name for name in course.lab_names() if (course.solutions / name).is_dir()]


def _fresh_pages(
    course: Course, names: Sequence[str], glossary: Glossary
) -> dict[Path, bytes]:
    labs = []
    for name in _names(course, None):
        try:
            labs.append(read_lab(course.solutions / name))
        except SourceError:
            if name in names:
                raise
            return {}  # another lab is being written: the pages wait for it
    pages: dict[Path, bytes] = {}
    readme = course.root / "README.md"
    text = (_bytes(readme) or b"").decode()
    if MARKERS[0] in text:
        pages[readme] = write_table(text, labs).encode()
    if glossary.entries:
        used: dict[str, list[str]] = {}
        for lab in labs:
            for slug in (*lab.card.defines, *lab.card.requires):
                used.setdefault(slug, []).append(lab.name)
        for page, content in render(glossary, used).items():
            pages[course.labs / GLOSSARY / page] = content.encode()
    return pages


def _notebook_bytes(course: Course, name: str, glossary: Glossary) -> bytes:
    import nbformat

    notebook = to_notebook(read_lab(course.solutions / name), glossary)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return f"{text.rstrip()}\n".encode()


def _generate(course: Course, staging: Path) -> None:
    from nbgrader.converters import (  # type: ignore[import-untyped]
        GenerateAssignment,
        NbGraderException,
    )
    from nbgrader.coursedir import CourseDirectory  # type: ignore[import-untyped]
    from traitlets.config.loader import PyFileConfigLoader

    if not (course.root / CONFIG).is_file():
        raise BuildError(
            f"{CONFIG} is missing beside solutions/: copy it from mlcourse."
        )
    config = PyFileConfigLoader(CONFIG, str(course.root)).load_config()
    config.CourseDirectory.root = str(staging)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "labs"
    config.CourseDirectory.assignment_id = "*"
    config.SaveCells.enabled = False
    config.GenerateAssignment.no_database = True
    log, messages = _listener()
    directory = CourseDirectory(config=config, log=log)
    converter = GenerateAssignment(coursedir=directory, config=config, log=log)
    try:
        converter.start()
    except NbGraderException as error:
        raise BuildError("\n".join([str(error), *messages()])) from None


def _listener() -> tuple[logging.Logger, Callable[[], list[str]]]:
    # nbgrader explains a failure only in its log.
    records: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage())

    log = logging.Logger("mlcourse.authoring.build", level=logging.ERROR)
    log.addHandler(Listener())
    return log, lambda: records


def _refuse_edited(course: Course, name: str, glossary: Glossary) -> None:
    path = course.solutions / name / f"{name}.ipynb"
    if not path.is_file():
        return
    adopt, discard = (
        f"`mlcourse dev adopt {name[:2]}` keeps the edit",
        f"`{REPAIR} {name[:2]} --discard` loses it",
    )
    try:
        notebook = read_notebook(path)
    except BuildError as error:
        raise BuildError(f"{error} {discard}.") from None
    meaning = fingerprint(notebook)
    if meaning == notebook.metadata.get("mlcourse", {}).get(BUILT):
        return
    if meaning != fingerprint(to_notebook(read_lab(path.parent), glossary)):
        raise BuildError(
            f"{path.name} was edited after it was built: {adopt}, {discard}."
        )


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.parent.name in (
        ".ipynb_checkpoints",
        "__pycache__",
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
