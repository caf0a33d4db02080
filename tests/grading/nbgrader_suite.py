"""nbgrader's own tests of autograde, unchanged, on what is ours.

``python tests/grading/nbgrader_suite.py stock|kernels|preprocessors|scores [-k WORDS]``

- ``stock``: nbgrader alone, to compare; without the test that fills all memory.
- ``kernels``: nbgrader's steps; every Python kernel is one of the sandbox.
- ``preprocessors``: our steps, named in a configuration file.
- ``scores``: the tests of the step SaveAutoGrades, with ours in its place.

The two tests that nbgrader skips run, too. As a plugin of pytest this file defeats the
skip, starts the PostgreSQL server that one of them asks for, and prints a table. The
exit code is 0 if the tests that fail are those in ``KNOWN``.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

SUITE = "nbgrader.tests.apps.test_nbgrader_autograde"
STEP = "nbgrader.tests.preprocessors.test_saveautogrades"
MANY, BOMB = "test_many_students", "test_infinite_loop_with_output"
GRADED = (
    "it asks for no grade at all; here the cell ends with a MemoryError at the limit "
    "and the submission is graded"
)
KNOWN = {
    "stock": {},
    "kernels": {
        BOMB: GRADED,
        "test_side_effects": "no file leaves the sandbox; our preprocessors keep them",
    },
    "preprocessors": {BOMB: GRADED},
    "scores": {
        "test_grade_correct_code": "its test cell never ran: 0 points here, and a flag"
    },
}
WAY = "MLCOURSE_NBGRADER_SUITE"
PORT = 5432  # the test's own
CONFIG = """\
from mlcourse.grading.preprocessors import STEPS

c = get_config()
c.Autograde.autograde_preprocessors = STEPS
"""


def run(way: str, *words: str) -> int:
    """Run the suite and return pytest's exit code."""
    # Far from this project's own settings of pytest.
    with tempfile.TemporaryDirectory(prefix="nbs") as folder:
        env = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "JUPYTER_CONFIG_DIR": folder,
            "PGUSER": "grader",
            WAY: way,
        }
        if way == "kernels":
            env["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "mlcourse-sandbox"
        elif way == "preprocessors":
            Path(folder, "nbgrader_config.py").write_text(CONFIG)
        line = [sys.executable, __file__, "-q", "--tb=short", "-W", "ignore"]
        line += ["-p", "no:cacheprovider", "-p", "nbgrader_suite", "-c", "/dev/null"]
        line += ["--rootdir", folder, *words, "--pyargs"]
        line += [STEP if way == "scores" else SUITE]
        return subprocess.run(line, cwd=folder, env=env, check=False).returncode


# --- what follows runs inside of pytest


def pytest_configure() -> None:
    """Put our step where the tests of nbgrader's take it from."""
    if os.environ[WAY] == "scores":
        import nbgrader.preprocessors

        from mlcourse.grading.preprocessors import SaveAutoGrades

        nbgrader.preprocessors.SaveAutoGrades = SaveAutoGrades


@pytest.fixture(autouse=True)
def unskipped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the two tests run that nbgrader skips."""
    if request.node.name == MANY:
        request.getfixturevalue("postgresql")
        folder = request.getfixturevalue("temp_cwd")
        # PostgreSQL, unlike SQLite, refuses an assignment of a course without a name.
        with Path(folder, "nbgrader_config.py").open("a") as config:
            config.write("c.CourseDirectory.course_id = 'many'\n")
        original = request.module.run_nbgrader

        def run_nbgrader(words: list[str], **settings: object) -> str:
            # The test was never run: it has a value between `--duedate` and its date.
            if "--duedate" in words:
                words.remove("--duedate")
                words.insert(-1, "--duedate")
            return original(words, **settings)

        monkeypatch.setattr(request.module, "run_nbgrader", run_nbgrader)
    names = (MANY,) if os.environ[WAY] == "stock" else (MANY, BOMB)
    if request.node.name in names:
        monkeypatch.setattr(pytest, "skip", lambda *_: None)


@pytest.fixture
def postgresql() -> Iterator[None]:
    """A server where the test looks for it, with as few connections as it asks for."""
    from sqlalchemy.dialects import registry

    # `postgresql://` means psycopg2 to SQLAlchemy; psycopg 3 is what is installed.
    registry.register(
        "postgresql", "sqlalchemy.dialects.postgresql.psycopg", "PGDialect_psycopg"
    )
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    with closing(socket.socket()) as trial:
        if trial.connect_ex(("127.0.0.1", PORT)) == 0:
            pytest.skip(f"something listens on port {PORT}")
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="mlpg", dir="/tmp"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def call(name: str, *words: str) -> None:
        program = str(found[-1].with_name(name))
        subprocess.run(
            [program, *words],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    data = f"{folder}/data"
    few = "-c max_connections=5 -c superuser_reserved_connections=0"
    call("initdb", "-D", data, "-U", "grader", "-A", "trust", "--no-sync")
    control = ("-D", data, "-w", "-l", f"{folder}/log")
    options = f"-c listen_addresses=127.0.0.1 -p {PORT} -k {folder} {few}"
    call("pg_ctl", *control, "-o", options, "start")
    call("createdb", "-h", str(folder), "-U", "grader", "gradebook")
    yield
    call("pg_ctl", *control, "-m", "immediate", "stop")
    shutil.rmtree(folder)


found: dict[str, tuple[str, float]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what became of a test, and how long it took."""
    if report.when == "call" or report.outcome != "passed":
        found[report.nodeid.rpartition("::")[2]] = (report.outcome, report.duration)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let the known failures be no failure."""
    failed = {name for name, (outcome, _) in found.items() if outcome == "failed"}
    session.exitstatus = int(failed != KNOWN[os.environ[WAY]].keys() & found.keys())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    known = KNOWN[os.environ[WAY]]
    for name, (outcome, seconds) in found.items():
        why = f"  {known[name]}" if outcome == "failed" and name in known else ""
        terminalreporter.write_line(f"{outcome:8}{seconds:6.1f} s  {name}{why}")


if __name__ == "__main__":
    # Python finds this file's folder, and with it the plugin.
    sys.exit(pytest.main(sys.argv[1:]) if WAY in os.environ else run(*sys.argv[1:]))
