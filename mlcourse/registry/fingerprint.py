"""Fingerprints of data and of code: the same content gives the same text."""

import hashlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fingerprint_code", "fingerprint_frame"]


def fingerprint_frame(frame: "pd.DataFrame") -> str:
    """Return a SHA-256 digest of a frame's columns, types and values, in their order.

    The index does not count. Another order of rows is other data: a model that is
    trained in batches sees the difference.

    Args:
        frame: The data; values must be hashable.

    Returns:
        64 hexadecimal digits, the same in each process and on each machine.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"amount_eur": [1.5, 2.5]})
        >>> fingerprint_frame(frame) == fingerprint_frame(frame.iloc[::-1])
        False
    """
    import pandas as pd

    digest = hashlib.sha256()
    for name, values in frame.items():
        head = f"{name}\0{values.dtype}\0{len(values)}\0"
        digest.update(head.encode())
        hashes = pd.util.hash_pandas_object(values, index=False)
        digest.update(hashes.to_numpy().astype("<u8").tobytes())
    return digest.hexdigest()


def fingerprint_code(*functions: Callable[..., Any]) -> str:
    """Return a SHA-256 digest of the source of some functions, in their order.

    In a project the commit is the version of the code. A notebook has no commit, so
    the text of what trained the model stands for it.

    Args:
        *functions: Functions or classes whose source can be read.

    Raises:
        TypeError: If one is built in and has no source.
        ValueError: If none is given.

    Example:
        >>> fingerprint_code(fingerprint_frame) == fingerprint_code(fingerprint_code)
        False
    """
    if not functions:
        raise ValueError("functions == (), must be at least one.")
    sources = [inspect.getsource(inspect.unwrap(each)) for each in functions]
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()
