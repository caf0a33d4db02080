"""A real server and a real load test, on this machine only.

FastAPI, uvicorn and httpx keep their own names in a lab; this part starts an
application so that it stops again, and measures it from another process.
"""

from mlcourse.serving.load import load_test, sweep
from mlcourse.serving.report import LoadReport, Sweep
from mlcourse.serving.server import Server, serve

__all__ = ["LoadReport", "Server", "Sweep", "load_test", "serve", "sweep"]
