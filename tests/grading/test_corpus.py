"""A class of honest, odd and hostile students, graded in one go.

None forges, steals or harms, and honest work gets exactly its points.
"""

import hashlib
import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from grading.conftest import ASSIGNMENT, HIDDEN, hand_in
from grading.corpus.breakers import BREAKERS
from grading.corpus.case import FULL, HUMAN, Case
from grading.corpus.forgers import FORGERS
from grading.corpus.malformed import MALFORMED
from grading.corpus.odd import ODD
from grading.corpus.thieves import THIEVES

from mlcourse.grading.course import Course
from mlcourse.grading.run import grade
from mlcourse.kernels.limits import Limits

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
]
ATTACKS = [*FORGERS, *THIEVES, *BREAKERS, *MALFORMED]
CASES = {case.name: case for case in [*ODD, *ATTACKS]}
SECRET = "hunter2-is-no-password"
LIMITS = Limits(
    memory_mib=600, processes=64, scratch_mib=64, output_mib=8, wall_seconds=60.0
)


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of each file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def students_files(course: Path, case: Case, port: int) -> None:
    folder = hand_in(
        course,
        case.name,
        answers=case.answers,
        edit=case.edit,
        files=case.files,
        remove=case.remove,
    )
    if case.arrange:
        case.arrange(folder, course)
    path = folder / "problem1.ipynb"
    if case.name == "calls-out":
        path.write_text(path.read_text().replace("{port}", str(port)))


@pytest.fixture(scope="module")
def graded(_released, tmp_path_factory):
    """Grade everybody once; more than one case looks at what came of it."""
    root = tmp_path_factory.mktemp("corpus") / "course"
    shutil.copytree(_released, root)
    before = digests(root / "source")
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        for case in CASES.values():
            students_files(root, case, server.getsockname()[1])
        patch.setenv("MLCOURSE_TEST_SECRET_TOKEN", SECRET)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        course = Course.open(root)
        done = grade(course, ASSIGNMENT, limits=LIMITS, cell_seconds=3.0, workers=2)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()
    yield SimpleNamespace(
        course=course,
        root=root,
        done={one.outcome.student: one.outcome for one in done},
        before=before,
    )
    for path in root.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def rows(course: Course, student: str) -> dict[str, SimpleNamespace]:
    """Return what the gradebook holds for each test cell of a student."""
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, student)
        return {
            grade.name: SimpleNamespace(
                score=grade.auto_score, human=grade.needs_manual_grade
            )
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.name in FULL
        }


def outputs(course: Course, student: str) -> str:
    folder = course.autograded(student, ASSIGNMENT)
    return "\n".join(
        str(cell.outputs)
        for path in sorted(folder.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )


@pytest.mark.parametrize("name", [case.name for case in ODD])
def test_honest_work_gets_exactly_its_points(graded, name):
    found = rows(graded.course, name)
    assert {cell: row.score for cell, row in found.items()} == CASES[name].scores
    assert not graded.done[name].failure


@pytest.mark.parametrize("name", [case.name for case in ATTACKS])
def test_an_attack_earns_nothing_that_no_human_sees(graded, name):
    case, done = CASES[name], graded.done[name]
    if done.failure:
        assert case.failure, done.failure
        return
    if case.flag is not None:
        assert bool(done.flags) is case.flag
    found = rows(graded.course, name)
    for cell, wanted in (case.scores or {}).items():
        row = found[cell]
        if wanted == HUMAN:
            assert row.human or row.score == 0, (cell, row)
        else:
            assert row.score == wanted, (cell, row, done.flags)


@pytest.mark.parametrize("name", list(CASES))
def test_nobody_sees_what_is_not_his(graded, name):
    if graded.done[name].failure:
        return
    shown = outputs(graded.course, name)
    assert HIDDEN not in shown
    assert SECRET not in shown
    for word in ("CONNECTED", "WROTE", "BOOM", "SQLite format"):
        assert word not in shown


def test_the_course_is_as_it_was(graded):
    assert digests(graded.root / "source") == graded.before
    with graded.course.gradebook() as gradebook:
        assert {one.id for one in gradebook.students} <= set(CASES)
    for path in graded.course.root.glob(f"autograded/*/{ASSIGNMENT}/**/*"):
        assert not path.is_symlink(), path


def test_no_process_stays_behind(graded):
    listed = subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True
    )
    assert "sleep 98765" not in listed.stdout
