"""Build the toy course and keep what comes out: python tests/golden/refresh.py."""

import shutil
import tempfile
from pathlib import Path

from mlcourse.authoring.build import build
from mlcourse.paths import Course

GOLDEN = Path(__file__).resolve().parent
ROOT = GOLDEN.parents[1]


def refresh():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "toycourse"
        shutil.copytree(ROOT / "tests" / "toycourse", root)
        shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
        for path in build(Course(root)):
            kept = GOLDEN / path.relative_to(root)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)


if __name__ == "__main__":
    refresh()
