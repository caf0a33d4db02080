"""Is this machine ready for the labs? Each finding that is wrong names its fix.

Every check is a function of what it looks at, so that each failure can be shown in a
test; `examine` gives them the real machine.
"""

import ast
import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlcourse.cli.terminal import columns
from mlcourse.kernels import bubblewrap
from mlcourse.kernels.cgroup import ControlGroup
from mlcourse.kernels.connection import why_cold
from mlcourse.paths import Course

__all__ = [
    "Finding",
    "as_text",
    "browser",
    "built_labs",
    "disk",
    "environment",
    "examine",
    "git",
    "kernel",
    "kernels",
    "pandas",
    "port",
    "python",
    "versions",
    "workbook",
]

SETUP = "make setup"
VERSIONS = ((3, 11), (3, 13))
ROOM = 1.0  # gigabytes: an executed course with its models and pictures
KERNEL = "mlcourse"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Args:
        name: What was looked at.
        state: ``ok``; ``fix``, which the labs need; or ``note``, which they do not.
        text: What is there.
        fix: The command to type, or the thing to do; empty if ok.
    """

    name: str
    state: Literal["ok", "fix", "note"]
    text: str
    fix: str = ""


def examine(course: Course) -> list[Finding]:
    """Look at this machine.

    Args:
        course: The course that shall run on it.
    """
    lock = course.root / "requirements.lock"
    return [
        python(sys.version_info[:3]),
        environment(sys.prefix, sys.base_prefix, os.environ),
        versions(
            lock.read_text("utf-8") if lock.is_file() else "", _installed, _needed()
        ),
        pandas(_installed("pandas")),
        kernel(_kernel_prefix, sys.prefix),
        kernels(why_cold(), bubblewrap.missing(), has_groups=ControlGroup.available()),
        workbook(course.workbook),
        port(_bind),
        browser(_browser, os.environ),
        git(shutil.which("git")),
        disk(shutil.disk_usage(course.root).free),
        built_labs(lambda: _stale(course)),
    ]


def as_text(findings: Iterable[Finding]) -> str:
    """Return the findings as a table, with a last line that says what it means."""
    findings = list(findings)
    rows: list[tuple[str, str, str]] = []
    for finding in findings:
        rows.append((finding.state, finding.name, finding.text))
        if finding.fix:
            rows.append(("", "", f"-> {finding.fix}"))
    broken = sum(finding.state == "fix" for finding in findings)
    last = f"{broken} to fix: do what stands after the arrow, then run it again."
    return f"{columns(rows)}\n\n{last if broken else 'This machine is ready.'}"


def python(version: tuple[int, ...]) -> Finding:
    """Check the version of Python."""
    text = ".".join(map(str, version))
    if VERSIONS[0] <= version[:2] <= VERSIONS[1]:
        return Finding("Python", "ok", text)
    return Finding(
        "Python",
        "fix",
        f"{text}, must be 3.11, 3.12 or 3.13",
        "rm -rf .venv && make setup PYTHON=python3.12",
    )


def environment(prefix: str, base: str, variables: Mapping[str, str]) -> Finding:
    """Check that the course runs in an environment of its own."""
    conda = variables.get("CONDA_PREFIX")
    if prefix != base or (conda and Path(prefix) == Path(conda)):
        return Finding("environment", "ok", Path(prefix).name)
    return Finding(
        "environment",
        "fix",
        "the Python of the system",
        f"{SETUP} && .venv/bin/mlcourse doctor",
    )


def versions(
    lock: str, installed: Callable[[str], str | None], needed: Iterable[str] = ()
) -> Finding:
    """Compare what is installed with the lock.

    Args:
        lock: Text of requirements.lock; empty where a course comes without one.
        installed: Gives the version of a distribution, or None.
        needed: Distributions that may not be missing.
    """
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    if not pins:
        return Finding("versions", "note", "no requirements.lock to compare with")
    # A package of another platform or of an extra is not installed, and need not be.
    found = {name: installed(name) for name in pins}
    wrong = [
        f"{name} {version} (lock: {' or '.join(sorted(pins[name]))})"
        for name, version in found.items()
        if version and version not in pins[name]
    ]
    missing = [f"{name} is missing" for name in needed if not installed(name)]
    if not wrong and not missing:
        count = sum(version is not None for version in found.values())
        return Finding("versions", "ok", f"{count} packages are those of the lock")
    listed = [*missing, *wrong]
    more = f", and {len(listed) - 5} more" if len(listed) > 5 else ""
    return Finding(
        "versions",
        "fix",
        ", ".join(listed[:5]) + more,
        f"touch requirements.lock && {SETUP}",
    )


def pandas(version: str | None) -> Finding:
    """Check that pandas is below 3, which evidently cannot be imported with."""
    if version and int(version.split(".")[0]) < 3:
        return Finding("pandas", "ok", version)
    return Finding(
        "pandas",
        "fix",
        f"{version or 'not installed'}, must be below 3",
        f"touch requirements.lock && {SETUP}",
    )


def kernel(started: Callable[[], str], prefix: str) -> Finding:
    """Check that the kernel of the labs starts this very environment.

    Args:
        started: Starts the kernel and returns its ``sys.prefix``; raises if it cannot.
        prefix: The environment that it must be.
    """
    fix = f"rm -f .venv/.ready && {SETUP}"
    try:
        found = started()
    except Exception as error:
        text = f"{KERNEL} does not start: {type(error).__name__}: {error}"
        return Finding("kernel", "fix", " ".join(text.split())[:200], fix)
    if Path(found).resolve() == Path(prefix).resolve():
        return Finding("kernel", "ok", f"{KERNEL} starts this environment")
    return Finding(
        "kernel", "fix", f"{KERNEL} starts {found}, not this environment", fix
    )


def kernels(cold: str, unsafe: str, *, has_groups: bool) -> Finding:
    """Tell which kernels this machine has: warm ones, and sandboxed ones for grading.

    Args:
        cold: Why kernels start cold; empty if they are forked from a template.
        unsafe: Why there is no sandbox; empty if there is one.
        has_groups: Whether a sandbox limits all processes of a kernel together.
    """
    tier = "namespaces+cgroup" if has_groups else "namespaces+rlimits"
    warm = f"cold ({cold})" if cold else "warm"
    if not unsafe:
        return Finding("start", "ok", f"{warm}; sandbox for grading: {tier}")
    text, _, fix = unsafe.partition(". ")
    fix = fix or "see docs/grading.md"
    return Finding("start", "note", f"{warm}; no sandbox for grading: {text}", fix)


def workbook(folder: Path) -> Finding:
    """Check that the learner's folder, or the one it will be made in, takes files."""
    place = folder
    while not place.exists():
        place = place.parent
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".doctor-") as file:
            file.write(b"1")
    except OSError as error:
        return Finding(
            "workbook",
            "fix",
            f"{place.name} cannot be written to: {error.strerror}",
            f"chmod -R u+w {place.name}",
        )
    return Finding("workbook", "ok", "can be written to")


def port(bind: Callable[[], int]) -> Finding:
    """Check that a server can listen on this machine's own address."""
    try:
        return Finding("port", "ok", f"127.0.0.1:{bind()} was free")
    except OSError as error:
        return Finding(
            "port",
            "fix",
            f"no server can listen on 127.0.0.1: {error.strerror}",
            "bring up the loopback interface: sudo ip link set lo up",
        )


def browser(get: Callable[[], object], variables: Mapping[str, str]) -> Finding:
    """Check for a browser; without one the address can be opened elsewhere."""
    from mlcourse.cli.jupyterlab import browser_wanted

    if browser_wanted(dict(variables)):
        try:
            get()
        except webbrowser.Error:
            pass
        else:
            return Finding("browser", "ok", "found")
    return Finding(
        "browser",
        "note",
        "none to open here",
        "mlcourse lab --no-browser, then open the address that it prints",
    )


def git(path: str | None) -> Finding:
    """Check for git, which updates the course."""
    if path:
        return Finding("git", "ok", "found")
    return Finding("git", "note", "not found", "install git to update the course")


def disk(free: int) -> Finding:
    """Check that there is room.

    Args:
        free: Free bytes where the course is.
    """
    text = f"{free / 1e9:.1f} GB free"
    if free >= ROOM * 1e9:
        return Finding("disk", "ok", text)
    return Finding(
        "disk",
        "fix",
        f"{text}, the labs need {ROOM:g} GB",
        "delete what you no longer need, such as workbook/.backup",
    )


def built_labs(stale: Callable[[], list[str] | None]) -> Finding:
    """Check that the built labs are those of their sources.

    Args:
        stale: Gives the stale files, or None where a course has no sources or no tools
            to build them.
    """
    try:
        found = stale()
    except Exception as error:
        text = f"cannot be checked: {type(error).__name__}: {error}"
        return Finding(
            "labs", "fix", " ".join(text.split())[:200], "mlcourse dev build"
        )
    if found is None:
        return Finding(
            "labs", "ok", "come without sources or without the author's tools"
        )
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        text = f"stale: {', '.join(found[:3])}{more}"
        return Finding("labs", "fix", text, "mlcourse dev build")
    return Finding("labs", "ok", "built from their sources")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _needed() -> list[str]:
    requirements = importlib.metadata.requires("mlcourse") or []
    return [
        re.split(r"[^\w.-]", requirement)[0].lower()
        for requirement in requirements
        if "extra ==" not in requirement
    ]


def _kernel_prefix() -> str:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name=KERNEL,
        startup_timeout=60,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asked = {"prefix": "__import__('sys').prefix"}
        reply = client.execute("", user_expressions=asked, reply=True, timeout=60)
        text = reply["content"]["user_expressions"]["prefix"]["data"]["text/plain"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return str(ast.literal_eval(text))


def _bind() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen(1)
        number: int = probe.getsockname()[1]
        return number


def _browser() -> object:
    return webbrowser.get()


def _stale(course: Course) -> list[str] | None:
    if not course.solutions.is_dir() or not _installed("nbgrader"):
        return None
    from mlcourse.authoring.build import check

    return [item.path.as_posix() for item in check(course)]
