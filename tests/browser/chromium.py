"""Find headless Chromium for the browser test; with --install, get it first.

The machine's own browser is taken where there is one. Else Debian's package, where this
runs as root on Debian; else the build that Playwright downloads for itself.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",  # root in a container has no user namespaces to drop into
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """Return the path of a browser, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def install() -> str | None:
    """Get a browser by the first way that works here."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if as_root and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | NONINTERACTIVE}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        subprocess.run(
            [*install, "chromium", "fonts-dejavu-core"], check=False, **quiet
        )
    if find() is None:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=False)
    return find()


NONINTERACTIVE = {"DEBIAN_FRONTEND": "noninteractive"}

if __name__ == "__main__":
    browser = find()
    if browser is None and "--install" in sys.argv:
        print("No Chromium here yet; getting one for the browser test.", flush=True)
        browser = install()
    if browser:
        print(f"Browser test: {browser}")
    else:
        print(
            "No Chromium could be had, so the browser test will fail. Install the "
            "package chromium, then run `make test` again."
        )
