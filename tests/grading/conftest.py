"""A small nbgrader course, released and in its gradebook, and students who hand in.

Solved, `problem1` is worth 7 points by machine and 2 by hand, `problem2` 1 by machine
and 5 by hand.
"""

import os
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT = "ps1"
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "toy"
"""
HIDDEN = "assert squares(11)[-1] == 121  # a hidden test"


def cell(kind: str, source: str, name: str = "", **marks: Any) -> NotebookNode:
    """Return a cell with nbgrader's metadata, where it has a name."""
    new = new_code_cell if kind == "code" else new_markdown_cell
    ident = name or f"plain-{zlib.crc32(source.encode())}"
    made: NotebookNode = new(source, id=ident)
    if name:
        plain = {"grade": False, "locked": False, "solution": False, "task": False}
        nbgrader = plain | {"grade_id": name, "schema_version": 3} | marks
        made.metadata["nbgrader"] = NotebookNode(nbgrader)
    return made


def problem1() -> NotebookNode:
    """Return a notebook with hidden tests, partial credit, a file, code by hand."""
    return notebook(
        cell("markdown", "# Squares\n![](picture.png)", "intro", locked=True),
        cell(
            "code",
            "def squares(n):\n"
            '    """Return the squares of 1 to n."""\n'
            "    ### BEGIN SOLUTION\n"
            "    if n < 1:\n"
            '        raise ValueError("n must be at least 1")\n'
            "    return [i**2 for i in range(1, n + 1)]\n"
            "    ### END SOLUTION",
            "squares",
            solution=True,
        ),
        cell("markdown", "Try it:"),
        cell("code", "print('tried')"),
        cell(
            "code",
            "assert squares(1) == [1]\n"
            "assert squares(2) == [1, 4]\n"
            f"### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS",
            "test_squares",
            grade=True,
            locked=True,
            points=2,
        ),
        cell(
            "code",
            "points = 0\n"
            "for n in (1, 2, 3):\n"
            "    points += squares(n) == [i**2 for i in range(1, n + 1)]\n"
            "points",
            "test_partial",
            grade=True,
            locked=True,
            points=3,
        ),
        cell(
            "code",
            "def total(path):\n"
            "    ### BEGIN SOLUTION\n"
            "    with open(path) as file:\n"
            "        return sum(int(line) for line in file)\n"
            "    ### END SOLUTION",
            "total",
            solution=True,
        ),
        cell(
            "code",
            'assert total("data/numbers.txt") == 6',
            "test_total",
            grade=True,
            locked=True,
            points=2,
        ),
        cell(
            "code",
            "### BEGIN SOLUTION\npyramid = sum(squares(3))\n### END SOLUTION",
            "application",
            grade=True,
            solution=True,
            points=2,
        ),
    )


def problem2() -> NotebookNode:
    """Return a notebook with an answer in words, a small test and a task."""
    return notebook(
        cell(
            "markdown",
            "It doubles.",
            "explain",
            grade=True,
            solution=True,
            points=1,
        ),
        cell(
            "code",
            "def double(x):\n"
            "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
            "double",
            solution=True,
        ),
        cell(
            "code",
            "assert double(4) == 8",
            "test_double",
            grade=True,
            locked=True,
            points=1,
        ),
        cell(
            "markdown",
            "Verify the formula for an example of your choice.",
            "formula",
            task=True,
            locked=True,
            points=4,
        ),
    )


def notebook(*cells: NotebookNode) -> NotebookNode:
    """Return a notebook for a Python kernel."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return new_notebook(cells=list(cells), metadata=metadata)


def generate(root: Path, assignment: str = ASSIGNMENT, db_url: str = "") -> None:
    """Release an assignment with stock nbgrader, in this process."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    # nbgrader calls `alembic` by name for a new gradebook; it stands beside Python.
    with pytest.MonkeyPatch.context() as patch:
        beside = str(Path(sys.executable).parent)
        patch.setenv("PATH", beside + os.pathsep + os.environ["PATH"])
        config = Config()
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.course_id = "toy"
        if db_url:
            config.CourseDirectory.db_url = db_url
        course = CourseDirectory(config=config)
        done = NbGraderAPI(course, config=config).generate_assignment(assignment)
    assert done["success"], done


@pytest.fixture(scope="session")
def _released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("released") / "course"
    source = root / "source" / ASSIGNMENT
    (source / "data").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(problem1(), source / "problem1.ipynb")
    nbformat.write(problem2(), source / "problem2.ipynb")
    (source / "data" / "numbers.txt").write_text("1\n2\n3\n")
    (source / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n not really")
    generate(root)
    return root


@pytest.fixture
def course_folder(_released: Path, tmp_path: Path) -> Iterator[Path]:
    """A course whose assignment `ps1` is released; nobody has handed in yet."""
    root = tmp_path / "course"
    shutil.copytree(_released, root)
    yield root
    for path in root.rglob("*"):  # pytest could not remove read-only folders
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def hand_in(
    course: Path,
    student: str,
    *,
    assignment: str = ASSIGNMENT,
    solved: bool = True,
    answers: Mapping[str, str] | None = None,
    edit: Callable[[str, NotebookNode], None] | None = None,
    files: Mapping[str, bytes | str] | None = None,
    remove: tuple[str, ...] = (),
    timestamp: str = "2026-03-01 12:00:00.000000 UTC",
) -> Path:
    """Put a submission into ``submitted/`` and return its folder.

    Args:
        course: The course folder.
        student: nbgrader's student id.
        assignment: Which of the course's.
        solved: Whether the answers are the instructor's, or the release's stubs.
        answers: Other sources of cells, by grade id.
        edit: Called with each notebook's name and content, to change the content.
        files: Written last, by relative path; so a notebook's raw text, too.
        remove: Relative paths of files to leave out.
        timestamp: For ``timestamp.txt``; empty for none.
    """
    folder = course / "submitted" / student / assignment
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(course / "release" / assignment, folder)
    for path in sorted(folder.glob("*.ipynb")):
        content = nbformat.read(path, as_version=4)
        master = nbformat.read(course / "source" / assignment / path.name, 4)
        wanted = dict(solutions(master)) if solved else {}
        wanted |= answers or {}
        for one in content.cells:
            name = one.metadata.get("nbgrader", {}).get("grade_id")
            if name in wanted:
                one.source = wanted[name]
        if edit:
            edit(path.stem, content)
        nbformat.write(content, path)
    for name in remove:
        (folder / name).unlink()
    for name, data in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)
    return folder


def solutions(master: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield grade id and answer of each cell that students write in."""
    for one in master.cells:
        marks = one.metadata.get("nbgrader", {})
        if marks.get("solution"):
            lines = one.source.splitlines()
            yield (
                marks["grade_id"],
                "\n".join(
                    line for line in lines if not line.lstrip().startswith("###")
                ),
            )


@pytest.fixture
def submit() -> Callable[..., Path]:
    """The function :func:`hand_in`."""
    return hand_in
