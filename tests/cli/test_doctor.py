import json
import sys
import webbrowser
from pathlib import Path

import pytest

from mlcourse.cli import doctor

LOCK = """\
pandas==2.3.3 \\
    --hash=sha256:aa
numpy==2.4.6 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
numpy==2.2.0 ; python_full_version < '3.12' \\
    --hash=sha256:cc
pywin32==311 ; sys_platform == 'win32' \\
    --hash=sha256:dd
"""


def fail(error):
    def call():
        raise error

    return call


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 9)])
def test_a_supported_python_is_ok(version):
    assert doctor.python(version).state == "ok"


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0)])
def test_another_python_must_be_changed(version):
    finding = doctor.python(version)
    assert finding.state == "fix"
    assert "make setup PYTHON=" in finding.fix


def test_an_environment_of_its_own_is_asked_for():
    assert doctor.environment("/c/.venv", "/usr", {}).state == "ok"
    assert doctor.environment("/o/x", "/o/x", {"CONDA_PREFIX": "/o/x"}).state == "ok"
    system = doctor.environment("/usr", "/usr", {"CONDA_PREFIX": "/o/x"})
    assert (system.state, "make setup" in system.fix) == ("fix", True)


def test_versions_of_the_lock_are_ok():
    assert (
        doctor.versions(LOCK, {"pandas": "2.3.3", "numpy": "2.2.0"}.get).state == "ok"
    )


def test_a_version_that_differs_is_named_with_the_one_of_the_lock():
    finding = doctor.versions(LOCK, {"pandas": "3.0.1", "numpy": "2.4.6"}.get)
    assert finding.state == "fix"
    assert "pandas 3.0.1 (lock: 2.3.3)" in finding.text
    assert "numpy" not in finding.text
    assert "make setup" in finding.fix


def test_a_package_that_the_course_needs_may_not_be_missing():
    needed = ["pandas", *"abcdef"]
    finding = doctor.versions(LOCK, {"pandas": "2.3.3"}.get, needed)
    assert finding.state == "fix"
    assert finding.text.startswith("a is missing, b is missing")
    assert finding.text.endswith("and 1 more")


def test_the_needs_of_this_package_are_its_plain_dependencies():
    assert {"jupyterlab", "pandas", "typer"} <= set(doctor._needed())
    assert not {"pytest", "nbgrader"} & set(doctor._needed())


def test_a_course_without_a_lock_is_noted():
    assert doctor.versions("", {}.get).state == "note"


@pytest.mark.parametrize(
    ("version", "state"), [("2.3.3", "ok"), ("3.0.0", "fix"), (None, "fix")]
)
def test_pandas_must_be_below_three(version, state):
    assert doctor.pandas(version).state == state


def test_the_kernel_must_start_this_environment(tmp_path):
    assert doctor.kernel(lambda: str(tmp_path), str(tmp_path)).state == "ok"
    other = doctor.kernel(lambda: "/elsewhere", str(tmp_path))
    assert (other.state, "/elsewhere" in other.text) == ("fix", True)
    missing = doctor.kernel(fail(KeyError("mlcourse")), str(tmp_path))
    assert (missing.state, "make setup" in missing.fix) == ("fix", True)


@pytest.mark.parametrize(
    ("cold", "unsafe", "has_groups", "text"),
    [
        ("", "", True, "warm; sandbox for grading: namespaces+cgroup"),
        ("no fork", "", False, "cold (no fork); sandbox for grading: namespaces+rlim"),
        ("", "No bubblewrap. Install it.", True, "warm; no sandbox for grading: No bu"),
    ],
)
def test_which_kernels_there_are_is_told(cold, unsafe, has_groups, text):
    found = doctor.kernels(cold, unsafe, has_groups=has_groups)
    assert found.text.startswith(text)
    assert (found.state, found.fix) == (
        ("note", "Install it.") if unsafe else ("ok", "")
    )


def test_the_workbook_must_take_files(tmp_path, monkeypatch):
    assert doctor.workbook(tmp_path / "not" / "yet").state == "ok"
    assert not list(tmp_path.iterdir())
    refuse = fail(PermissionError(13, "Permission denied"))
    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", lambda **_: refuse())
    finding = doctor.workbook(tmp_path)
    assert (finding.state, finding.fix) == ("fix", f"chmod -R u+w {tmp_path.name}")


def test_a_port_must_be_free():
    assert doctor.port(lambda: 8000).state == "ok"
    assert doctor.port(fail(OSError(99, "Cannot assign"))).state == "fix"


def test_a_missing_browser_or_git_is_only_noted():
    display = {"DISPLAY": ":0"}
    assert doctor.browser(lambda: None, display).state == "ok"
    assert doctor.browser(fail(webbrowser.Error()), display).state == "note"
    assert "--no-browser" in doctor.browser(lambda: None, {"CI": "1"}).fix
    assert (doctor.git("/bin/git").state, doctor.git(None).state) == ("ok", "note")


def test_there_must_be_room():
    assert (doctor.disk(10**10).state, doctor.disk(10**8).state) == ("ok", "fix")


def test_stale_labs_are_named():
    assert doctor.built_labs(list).state == "ok"
    assert doctor.built_labs(lambda: None).state == "ok"
    stale = doctor.built_labs(lambda: ["labs/a", "labs/b", "labs/c", "labs/d"])
    assert (stale.state, stale.fix) == ("fix", "mlcourse dev build")
    assert "labs/c and 1 more" in stale.text
    assert doctor.built_labs(fail(ValueError("bad"))).state == "fix"


def test_the_table_shows_the_fix_below_what_is_wrong():
    findings = [doctor.git("/bin/git"), doctor.disk(0)]
    lines = doctor.as_text(findings).splitlines()
    assert lines[1].startswith("fix  disk")
    assert lines[2].split()[0] == "->"
    assert lines[-1].startswith("1 to fix")
    assert doctor.as_text(findings[:1]).endswith("This machine is ready.")


def test_this_machine_starts_its_own_kernel():
    assert Path(doctor._kernel_prefix()).resolve() == Path(sys.prefix).resolve()


def test_the_command_fails_when_something_must_be_fixed(course, run, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda _: [doctor.disk(0)])
    done = run("doctor", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["state"] == "fix"
    monkeypatch.setattr(doctor, "examine", lambda _: [doctor.git(None)])
    assert run("doctor").exit_code == 0


def test_a_whole_examination_of_this_machine_has_every_finding(course):
    names = [finding.name for finding in doctor.examine(course)]
    assert len(names) == len(set(names)) == 12
