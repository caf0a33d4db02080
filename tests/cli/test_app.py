import subprocess
import sys

import pytest
import typer

from mlcourse.cli import app

LEARNER = ("lab", "doctor", "status", "portfolio", "check", "hint", "reset", "submit")
LEARNER += ("term", "cards")
INSTRUCTOR = ("grade",)
AUTHOR = ("new", "build", "adopt", "lint", "mutants", "seeds", "check")
AUTHOR += ("quiz",)
HEAVY = {"pandas", "sklearn", "nbgrader", "jupyter", "jupyterlab", "IPython", "numpy"}
HEAVY |= {"nbformat", "papermill", "yaml", "rich", "httpx", "fastapi"}
HEAVY |= {"jinja2", "markdown_it", "scipy"}


def modules_after(code):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; before = set(sys.modules)\n{code}\n"
            "new = set(sys.modules) - before\n"
            "print(*sorted({name.partition('.')[0] for name in new}))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_mlcourse_loads_no_third_party_package():
    loaded = modules_after("import mlcourse")
    assert loaded <= set(sys.stdlib_module_names) | {"mlcourse"}


@pytest.mark.parametrize("words", [["--help"], ["dev", "--help"], ["check", "--help"]])
def test_help_loads_nothing_heavy(words):
    code = (
        f"sys.argv[1:] = {words!r}\n"
        "from mlcourse.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    loaded = modules_after(code)
    assert "typer" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    "words",
    [
        *[(name,) for name in (*LEARNER, *INSTRUCTOR)],
        *[("dev", name) for name in AUTHOR],
    ],
)
def test_every_command_has_help_with_an_example(run, words):
    done = run(*words, "--help")
    assert done.exit_code == 0
    assert f"Example: mlcourse {' '.join(words)}" in " ".join(done.stdout.split())


def test_no_command_is_forgotten():
    root = typer.main.get_command(app)
    assert set(root.commands) == {*LEARNER, *INSTRUCTOR, "dev"}
    assert set(root.commands["dev"].commands) == set(AUTHOR)


def test_an_unknown_lab_is_one_line_on_stderr(course, run):
    done = run("check", "77")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "mlcourse: lab == '77', must be one of: 01_toy.\n"


def test_no_course_is_one_line_on_stderr(tmp_path, monkeypatch, run):
    monkeypatch.setenv("MLCOURSE_HOME", str(tmp_path))
    done = run("status")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "labs/" in done.stderr


def test_an_author_command_fails_in_one_line_too(course, run):
    done = run("dev", "adopt", "77")
    assert done.exit_code == 1
    assert done.stderr.startswith("mlcourse: lab == '77'")


def test_status_of_a_fresh_course(course, run):
    done = run("status")
    assert done.exit_code == 0
    assert "01_toy  not started" in done.stdout


def test_hint_and_status_agree(started, run):
    assert "Add it." in run("hint", "1", "double").stdout
    assert "Try 0." in run("hint", "toy", "double").stdout
    assert run("status").stdout.splitlines()[1].split()[-1] == "2"


def test_reset_says_where_the_work_is(started, run):
    done = run("reset", "01")
    assert "Your work is kept in workbook/.backup/01_toy-" in done.stdout


def test_a_course_without_a_glossary_says_so(course, run):
    done = run("term", "data", "drift")
    assert done.exit_code == 1
    assert "glossary" in done.stderr


def test_a_command_whose_extra_is_not_installed_names_it(run, monkeypatch):
    def fail(*_):
        raise ModuleNotFoundError("No module named 'nbgrader'", name="nbgrader")

    monkeypatch.setattr("mlcourse.paths.find_course", fail)
    done = run("status")
    assert done.exit_code == 1
    assert "pip install 'mlcourse[grading]'" in done.stderr
    assert "Traceback" not in done.stderr
