"""A graded class and formgrader on a server of its own, as an instructor has them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from mlcourse.paths import Course

TOKEN = "of-this-test-only"  # noqa: S105 - opens a server that lives for one test


def nbgrader(course: Course, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def hand_in(
    course: Course, lab: str, student: str, notebook: nbformat.NotebookNode
) -> None:
    """Put a submission where a course collects them."""
    folder = course.grading / "submitted" / student / lab
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{lab}.ipynb")


def grade(course: Course, lab: str, notebook: nbformat.NotebookNode, *more: str) -> str:
    """Grade one submission and return the name of its page in formgrader.

    Args:
        course: The course; its labs are built.
        lab: Full name of the lab.
        notebook: What a learner hands in.
        more: Further words for ``nbgrader autograde``.
    """
    from nbgrader.api import Gradebook

    hand_in(course, lab, "mira", notebook)
    nbgrader(course, "generate_assignment", lab, "--create", "--force")
    nbgrader(course, "autograde", lab, "--create", *more)
    database = f"sqlite:///{course.grading / 'gradebook.db'}"
    with Gradebook(database, "mlcourse") as gradebook:
        return str(gradebook.find_submission_notebook(lab, lab, "mira").id)


@contextmanager
def serving(course: Course, settings: Path) -> Iterator[str]:
    """Run a Jupyter server in the course folder; give its address."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            "--port=0",
            f"--IdentityProvider.token={TOKEN}",
            "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader':True}",
        ],
        cwd=course.root,
        env=os.environ
        | {"JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(settings)},
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []
    try:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if "http://127.0.0.1:" in line:
                yield line[line.index("http") :].split("/?")[0].split("/tree")[0]
                break
        else:
            raise AssertionError("".join(said))
    finally:
        process.terminate()
        process.communicate(timeout=60)
