"""Files of a course, read with an error that helps and written in one step."""

import tempfile
from pathlib import Path

from nbformat import NotebookNode

from mlcourse.errors import BuildError

__all__ = ["read_notebook", "write_file"]


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises:
        BuildError: If it is missing, or is not a notebook.
    """
    import nbformat

    if not path.is_file():
        raise BuildError(f"{path.name} is missing: mlcourse dev build.")
    try:
        node: NotebookNode = nbformat.read(  # type: ignore[no-untyped-call]
            path, as_version=4
        )
    except (ValueError, KeyError, AttributeError) as error:
        raise BuildError(f"{path.name} is not a notebook: {error}.") from None
    return node


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=".build-", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
