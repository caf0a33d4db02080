"""JupyterLab for a learner: one process, on this machine only, without grader tools."""

import contextlib
import os
import secrets
import signal
import sys
from pathlib import Path
from urllib.parse import quote

from mlcourse.paths import Course

__all__ = ["browser_wanted", "environment", "serve"]

LINGER = 0.0  # the template of the labs' kernels ends with JupyterLab


def browser_wanted(variables: dict[str, str], platform: str = sys.platform) -> bool:
    """Tell whether a browser can be opened: not in CI, and not without a display.

    Example:
        >>> browser_wanted({"CI": "true"}), browser_wanted({}, "darwin")
        (False, True)
    """
    if variables.get("CI"):
        return False
    shown = variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY")
    return bool(shown) or platform in ("darwin", "win32")


def environment(course: Course, variables: dict[str, str]) -> dict[str, str]:
    """Return what JupyterLab and its terminals need on top of an environment.

    The learner's JupyterLab settings live in the workbook, so that those of the machine
    are neither used nor changed; kernels are found where they always are.

    Args:
        course: The course whose workbook is opened.
        variables: The environment so far.
    """
    scripts = str(Path(sys.executable).parent)
    return {
        "JUPYTER_CONFIG_DIR": str(course.workbook / ".jupyter"),
        "JUPYTER_CONFIG_PATH": str(Path(__file__).with_name("jupyter")),
        "PATH": os.pathsep.join([scripts, variables.get("PATH", os.defpath)]),
    }


def serve(
    course: Course, *, lab: str = "", port: int = 0, browser: bool = True
) -> None:
    """Run JupyterLab in the workbook until it is stopped, by Ctrl-C or a signal.

    Args:
        course: A course whose workbook is there.
        lab: Name of the lab to open, empty for the list of files.
        port: The port on 127.0.0.1; 0 lets the system choose.
        browser: Whether to open a browser, where there is one.

    Raises:
        ValueError: If the port cannot be had.
    """
    os.environ.update(environment(course, dict(os.environ)))
    _warm_up()
    # Its grammar is compiled at import and takes a third of the whole start. Only the
    # formats of events that nobody listens to would be checked with it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    page = quote(f"/lab/tree/{lab}/{lab}.ipynb") if lab else "/lab"
    settings = {
        "Application.log_level": "ERROR",
        "IdentityProvider.token": secrets.token_hex(16),
        "LabApp.default_url": page,
        "LabApp.extension_manager": "readonly",
        "ServerApp.allow_root": "True",  # containers; it is bound to this machine
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.open_browser": "False",
        "ServerApp.port": str(port),
        "ServerApp.port_retries": "0" if port else "50",
        "ServerApp.root_dir": str(course.workbook),
        "WarmProvisioner.linger": f"{LINGER:g}",
    }
    os.chdir(course.workbook)
    try:
        app = LabApp.initialize_server(
            argv=[f"--{name}={value}" for name, value in settings.items()]
        )
    except SystemExit as error:
        if not port:
            raise
        raise ValueError(
            f"port == {port}, must be a free one: leave --port out and the system "
            "chooses."
        ) from error
    app.io_loop.add_callback(_announce, app.connection_url, page, app.token, browser)
    # Jupyter's own answer to Ctrl-C stops the server from a thread beside its loop.
    signal.signal(signal.SIGINT, lambda *_: app.stop(from_signal=True))
    if hasattr(signal, "SIGHUP"):  # the terminal was closed: stop, do not just die
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    app.start()


def _warm_up() -> None:
    """Start the template of the labs; it imports while JupyterLab starts."""
    from mlcourse.kernels.connection import TemplateProgram, why_cold

    if not why_cold():
        # Where it cannot start, the first kernel says so and is a cold one.
        with contextlib.suppress(OSError):
            TemplateProgram(linger=LINGER).connect().close()


def _announce(base: str, page: str, token: str, browser: bool) -> None:
    url = f"{base.rstrip('/')}{page}?token={token}"
    print(f"JupyterLab is ready: {url}\nCtrl-C stops it.", flush=True)  # noqa: T201
    if browser and browser_wanted(dict(os.environ)):
        import threading
        import webbrowser

        # A browser of the terminal would hold the server up.
        threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()
