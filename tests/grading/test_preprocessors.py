"""Stock nbgrader's own autograde with our steps: sandbox, strict scores, flags."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from grading.conftest import ASSIGNMENT, HIDDEN, cell, hand_in, notebook
from grading.test_commit import rows
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from mlcourse.grading.preprocessors import STEPS, Execute
from mlcourse.kernels import bubblewrap, connection

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
    # nbgrader's own, of rows that are half made.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
MAKES = """\
import os
os.makedirs("made/deep")
open("made/deep/table.csv", "w").write("1,2")
open("made/copy.ipynb", "w").write("{}")
open("data/numbers.txt", "a").write("100")
os.symlink("/etc/passwd", "made/link")
os.mkfifo("made/pipe")
"""
READS = """\
import os
for folder in (".", "..", {root!r}, {root!r} + "/autograded/spy/ps1"):
    for place, _, names in os.walk(folder):
        for name in names:
            print(name, open(place + "/" + name, errors="replace").read())
"""
FORGES = """\
import sys
def squares(n):
    sys.displayhook("2")
    return []
"""
SWITCHES_OFF = """\
get_ipython().input_transformers_post.append(lambda lines: [])
def squares(n): return []
"""


@pytest.fixture(scope="module", autouse=True)
def templates_end_with_these_tests():
    yield
    while connection._held:
        connection._held.popitem()[1].close()


def autograde(root: Path, *students: str, ours: bool = True, **traits: object):
    """Grade in this process, as formgrader does: while an event loop runs."""
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "toy"
    if ours:
        config.Autograde.autograde_preprocessors = STEPS
    for name, value in traits.items():
        config.Execute[name] = value
    course = CourseDirectory(config=config)
    api = NbGraderAPI(course, config=config)

    async def press() -> list[dict[str, object]]:
        return [api.autograde(ASSIGNMENT, student) for student in students]

    return asyncio.run(press())


def graded(root: Path, student: str) -> dict[str, tuple[float | None, bool]]:
    """Return score and whether a human is asked, by grade id."""
    found = rows(root)["grade"]
    return {
        name: (auto, bool(by)) for who, _, name, auto, *_, by in found if who == student
    }


def outputs(root: Path, student: str) -> str:
    folder = root / "autograded" / student / ASSIGNMENT
    return "\n".join(
        str(one.outputs)
        for path in folder.glob("*.ipynb")
        for one in nbformat.read(path, as_version=4).cells
        if one.cell_type == "code"
    )


def test_honest_work_is_graded_as_by_stock_nbgrader(course_folder, tmp_path):
    hand_in(course_folder, "ada")
    hand_in(course_folder, "bob", solved=False, answers={"double": "double = abs"})
    stock = tmp_path / "stock"
    shutil.copytree(course_folder, stock)
    mine = autograde(course_folder, "ada", "bob")
    theirs = autograde(stock, "ada", "bob", ours=False)

    assert [one["success"] for one in mine + theirs] == [True] * 4
    assert rows(course_folder) == rows(stock)
    assert "namespaces+" in mine[0]["log"]
    names, expected = (
        {str(path.relative_to(root)) for path in root.glob("autograded/**/*")}
        for root in (course_folder, stock)
    )
    assert names == expected


def test_hostile_work_finds_nothing_and_a_human_is_asked(course_folder):
    hand_in(
        course_folder, "spy", answers={"squares": READS.format(root=f"{course_folder}")}
    )
    hand_in(course_folder, "cat", answers={"squares": FORGES})
    hand_in(course_folder, "dan", answers={"squares": SWITCHES_OFF})
    hand_in(course_folder, "eve", answers={"total": "import os\nos._exit(0)"})
    done = autograde(course_folder, "spy", "cat", "dan", "eve")

    assert all(one["success"] for one in done), done
    assert "numbers.txt" in outputs(course_folder, "spy")
    assert HIDDEN not in outputs(course_folder, "spy")
    assert "SQLite format" not in outputs(course_folder, "spy")
    assert graded(course_folder, "cat")["test_squares"] == (0, False)
    assert "canary-survived" in done[2]["log"]
    assert graded(course_folder, "dan")["test_squares"][1]
    # What ran before the end counts.
    scores = graded(course_folder, "eve")
    assert scores["test_squares"] == (2, False)
    assert scores["test_partial"] == (3, False)
    assert scores["test_total"] == (0, False)
    assert scores["test_double"] == (1, False)
    assert "did not run to its end: exit" in done[3]["log"]


def test_files_that_a_notebook_makes_come_out_but_no_links(course_folder):
    hand_in(course_folder, "ada", answers={"application": MAKES})
    (done,) = autograde(course_folder, "ada")
    assert done["success"], done
    folder = course_folder / "autograded" / "ada" / ASSIGNMENT
    assert (folder / "made" / "deep" / "table.csv").read_text() == "1,2"
    assert {path.name for path in (folder / "made").iterdir()} == {"deep"}
    assert (folder / "data" / "numbers.txt").read_text() == "1\n2\n3\n"


def test_a_link_is_refused_before_anything_runs(course_folder):
    folder = hand_in(course_folder, "ada")
    (folder / "own").symlink_to(course_folder / "gradebook.db")
    (done,) = autograde(course_folder, "ada")
    assert not done["success"]
    assert "own is a symbolic link" in done["log"]
    assert not (course_folder / "autograded" / "ada" / ASSIGNMENT).exists()


def test_without_a_sandbox_nothing_is_graded(course_folder, monkeypatch):
    monkeypatch.setattr(bubblewrap, "missing", lambda: "Install bubblewrap.")
    hand_in(course_folder, "ada")
    (done,) = autograde(course_folder, "ada")
    assert not done["success"]
    assert "SandboxUnavailableError: Install bubblewrap." in done["log"]
    assert "c.Execute.sandbox = False" in done["log"]
    assert not (course_folder / "autograded" / "ada" / ASSIGNMENT).exists()


def test_settings_of_the_stock_step_go_on_working(tmp_path):
    loop = "while True: pass"
    config = Config()
    config.Execute.timeout_func = lambda one: 1 if one.source == loop else None
    config.Execute.error_on_timeout = {"ename": "Late", "evalue": "", "traceback": []}
    config.Execute.limits = {"memory_mib": 300}
    config.ExecutePreprocessor.record_timing = False
    nb = notebook(
        cell("code", loop),
        cell("code", "x = bytearray(1 << 30)"),
        cell("code", "import os; os.environ['NBGRADER_EXECUTION']"),
    )
    about = {"student": "ada", "assignment": "ps1", "notebook": "problem1"}
    resources = {"nbgrader": about, "metadata": {"path": str(tmp_path)}}
    done, _ = Execute(config=config)(nb, resources)
    late, large, last = (one.outputs[-1] for one in done.cells)
    assert (late.ename, large.ename) == ("Late", "MemoryError")
    assert last.data["text/plain"] == "'autograde'"
    assert not any("execution" in one.metadata for one in done.cells)
    assert done.metadata.kernelspec.name == "python3"


def test_a_kernel_that_the_course_names_and_nobody_has_is_refused(tmp_path):
    nb = notebook(cell("code", "1"))
    about = {"student": "ada", "assignment": "ps1", "notebook": "problem1"}
    resources = {"nbgrader": about, "metadata": {"path": str(tmp_path)}}
    with pytest.raises(ValueError, match="'nonsense'"):
        Execute(kernel_name="nonsense")(nb, resources)


def test_who_wants_no_sandbox_is_told_so(course_folder):
    hand_in(course_folder, "ada")
    (done,) = autograde(course_folder, "ada", sandbox=False)
    assert done["success"], done
    assert "ada/ps1/problem1 runs without a sandbox, as you." in done["log"]
    assert graded(course_folder, "ada")["test_squares"] == (2, False)


def test_a_score_that_a_human_gave_stays(course_folder):
    hand_in(course_folder, "ada")
    autograde(course_folder, "ada", enabled=False)
    with closing(sqlite3.connect(course_folder / "gradebook.db")) as base, base:
        base.execute("UPDATE grade SET manual_score = 1")
    autograde(course_folder, "ada", enabled=False)
    found = rows(course_folder)["grade"]
    assert {(manual, by_hand) for *_, manual, _, by_hand in found} == {(1, 1)}
