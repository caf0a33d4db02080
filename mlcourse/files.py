"""Files that are there whole or not at all."""

import os
from pathlib import Path

__all__ = ["sweep", "write_output", "write_whole"]


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file in one step: a reader sees the old content or the new, never half.

    That holds after a power cut, too.

    Args:
        path: The file; one that is there is replaced.
        content: All of it; text becomes UTF-8, its line ends stay as they are.

    Returns:
        The path.

    Raises:
        OSError: If it cannot be written; then nothing has changed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_whole(Path(folder, "notes.txt"), "drift").read_text()
        'drift'
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path


def sweep(folder: Path) -> None:
    """Remove what writers of whole files left in a folder when they were killed.

    Args:
        folder: Nobody else writes in it now.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, ".notes.txt.4711.part").write_text("dri")
        ...     sweep(Path(folder))
        ...     list(Path(folder).iterdir())
        []
    """
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)


def write_output(path: Path, content: str | bytes) -> Path:
    """Write a file that somebody named on the command line, whole or not at all.

    Args:
        path: The file; one that is there is replaced.
        content: All of it.

    Returns:
        The path.

    Raises:
        ValueError: If it cannot be written.
    """
    try:
        return write_whole(path, content)
    except OSError as error:
        raise ValueError(
            f"out == {str(path)!r} cannot be written ({error.strerror}): name a file "
            "in a folder that is there."
        ) from error
