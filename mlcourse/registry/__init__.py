"""The MLflow model registry, opened quietly in a folder, and lineage read from it.

A lab calls MLflow by its own names. Here is what stands around it: a store on sqlite
that opens and closes cleanly, fingerprints of data and code, and the record that says
which data, code and parameters a version of a model came from.
"""

from mlcourse.registry.fingerprint import fingerprint_code, fingerprint_frame
from mlcourse.registry.lineage import CODE_TAG, DATA_TAG, Lineage, read_lineage
from mlcourse.registry.store import Store, open_store

__all__ = [
    "CODE_TAG",
    "DATA_TAG",
    "Lineage",
    "Store",
    "fingerprint_code",
    "fingerprint_frame",
    "open_store",
    "read_lineage",
]
