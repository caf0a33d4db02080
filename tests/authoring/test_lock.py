# ruff: noqa: E501 - a table of faults reads best with a line for each
import shutil
from pathlib import Path

import pytest

from mlcourse.authoring.lock import constraints, disagreements, main

ROOT = Path(__file__).resolve().parents[2]
FILES = ["requirements.lock", "constraints.txt", "environment.yml", "pyproject.toml"]


@pytest.fixture
def root(tmp_path):
    for name in FILES:
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def test_pyproject_lock_copy_and_environment_agree():
    assert disagreements(ROOT) == []


def test_markers_stay_and_hashes_go():
    lock = (
        "uvloop==0.22 ; sys_platform != 'win32' \\\n"
        "    --hash=sha256:aa \\\n    --hash=sha256:bb\nrich==14.0 \\\n    --hash=sha256:cc\n"
    )

    assert constraints(lock) == "uvloop==0.22 ; sys_platform != 'win32'\nrich==14.0\n"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("constraints.txt", "httpx==", "httpx==9", "is not requirements.lock without"),
        ("requirements.lock", "\nhttpx==", "\nhttpy==", "lacks httpx"),
        ("requirements.lock", "\npandas==2", "\npandas==3", "has pandas 3"),
        ("requirements.lock", "\nhttpx==", "\n--index-url https://x.org\nhttpx==", "an address"),
        ("pyproject.toml", '"fastapi",', '"fastapi>=99",', "wants 'fastapi>=99'"),
        ("pyproject.toml", '"fastapi",', '"no-such-thing",', "lacks no-such-thing"),
        ("environment.yml", "python=3.12", "python=3.14", "pyproject.toml excludes it"),
        ("environment.yml", "  - pip\n", "  - pip\n  - numpy\n", "must be python=X.Y and pip"),
        ("environment.yml", "      - --editable", "      - rich\n      - --editable", "installs"),
    ],
)  # fmt: skip
def test_a_disagreement_is_named(root, edit, name, old, new, message):
    edit(root / name, old, new)

    assert any(message in fault for fault in disagreements(root)), disagreements(root)


def test_the_command_writes_the_copy_and_checks_it(root, capsys):
    (root / "constraints.txt").unlink()

    assert main(["--check"], root=root) == 1
    assert "python -m mlcourse.authoring.lock" in capsys.readouterr().err
    assert main([], root=root) == 0
    assert main(["--check"], root=root) == 0
