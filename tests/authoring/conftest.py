import shutil
from pathlib import Path

import pytest

from mlcourse.authoring.build import build
from mlcourse.paths import Course

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def course(tmp_path):
    """A toy course that has not been built yet."""
    root = tmp_path / "toycourse"
    shutil.copytree(ROOT / "tests" / "toycourse", root)
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    return Course(root)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    root = tmp_path_factory.mktemp("built") / "toycourse"
    shutil.copytree(ROOT / "tests" / "toycourse", root)
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    build(Course(root))
    return root


@pytest.fixture
def built(built_once, tmp_path):
    """A toy course of its own, built."""
    root = tmp_path / "toycourse"
    shutil.copytree(built_once, root)
    return Course(root)


@pytest.fixture
def edit():
    """Replace a text that stands once in a file."""

    def replace(path, old, new):
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
