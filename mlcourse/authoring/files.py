"""Files of a course, read with an error that helps."""

from pathlib import Path

from nbformat import NotebookNode

from mlcourse.errors import BuildError

__all__ = ["read_notebook"]


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
