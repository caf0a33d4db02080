import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def templates_of_this_test():
    """A folder of its own for templates: a socket's path has 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="mlk", dir="/tmp"))
    patch = pytest.MonkeyPatch()
    patch.setenv("MLCOURSE_RUN_DIR", str(folder))
    yield folder
    patch.undo()
    from mlcourse.kernels import connection

    for holder in connection._held.values():
        holder.close()
    connection._held.clear()
    shutil.rmtree(folder, ignore_errors=True)
