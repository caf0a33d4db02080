"""The lock of the environment, its copy for conda, and whether all of them agree.

``python -m mlcourse.authoring.lock`` writes ``constraints.txt``; ``--check`` compares.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["constraints", "disagreements", "main"]

LOCK, COPY = "requirements.lock", "constraints.txt"
REPAIR = "python -m mlcourse.authoring.lock"

_HASH = re.compile(r"\s*\\?\s*--hash=\S+")
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")


def constraints(lock: str) -> str:
    r"""Return a lock without its hashes: pip refuses them beside a local package.

    Args:
        lock: The text of ``requirements.lock``.

    Example:
        >>> constraints("rich==14.0 \\\n    --hash=sha256:0a1b\n")
        'rich==14.0\n'
    """
    joined = re.sub(r"\\\n", " ", lock)
    lines = (_HASH.sub("", line).strip() for line in joined.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#"))


def disagreements(root: Path) -> list[str]:
    """Return where pyproject.toml, the lock, its copy and environment.yml disagree.

    Args:
        root: The folder that holds them.

    Returns:
        A sentence for each; none where all agree.
    """
    lock = (root / LOCK).read_text(encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return [
        *_copy_faults(root, lock),
        *_lock_faults(lock, project["project"]),
        *_environment_faults(root, project["project"]),
    ]


def _copy_faults(root: Path, lock: str) -> list[str]:
    path = root / COPY
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if text != constraints(lock):
        return [f"{COPY} is not {LOCK} without its hashes: {REPAIR}."]
    return []


def _lock_faults(lock: str, project: dict[str, Any]) -> list[str]:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = [
        f"{LOCK} holds an address, {line.strip()!r}: make lock."
        for line in lock.splitlines()
        if "://" in line or "--index" in line or "--find-links" in line
    ]
    pins: dict[str, list[str]] = {}
    for line in constraints(lock).splitlines():
        pin = _PIN.match(line)
        if pin is None:
            found.append(f"{LOCK} holds {line!r}, must be name==version: make lock.")
        else:
            pins.setdefault(canonicalize_name(pin["name"]), []).append(pin["version"])
    if lock.count("==") and "--hash=" not in lock:
        found.append(f"{LOCK} has no hashes: make lock.")
    extras = project.get("optional-dependencies", {})
    for text in [*project["dependencies"], *(t for e in extras.values() for t in e)]:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        if name == canonicalize_name(project["name"]):
            continue
        if name not in pins:
            found.append(f"{LOCK} lacks {name}: make lock.")
        found += [
            f"{LOCK} has {name} {version}, pyproject.toml wants {text!r}: make lock."
            for version in pins.get(name, [])
            if not requirement.specifier.contains(version, prereleases=True)
        ]
    return found


def _environment_faults(root: Path, project: dict[str, Any]) -> list[str]:
    import yaml
    from packaging.specifiers import SpecifierSet

    path = root / "environment.yml"
    parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
    dependencies = parsed.get("dependencies", [])
    names = [item for item in dependencies if isinstance(item, str)]
    lists = [item for item in dependencies if not isinstance(item, str)]
    found = []
    python = [item for item in names if re.fullmatch(r"python=[\d.]+", item)]
    if len(python) != 1 or [item for item in names if item not in python] != ["pip"]:
        found.append(f"environment.yml holds {names}, must be python=X.Y and pip.")
    for item in python:
        version = item.removeprefix("python=")
        if not SpecifierSet(project["requires-python"]).contains(version):
            found.append(f"environment.yml has {item}, pyproject.toml excludes it.")
    wanted = [f"--constraint {COPY}", r"--editable ."]
    lines = lists[0].get("pip", []) if len(lists) == 1 else []
    plain = [re.sub(r"\[[\w,]+\]$", "", line) for line in lines]
    if plain != wanted or any(set(item) != {"pip"} for item in lists):
        found.append(f"environment.yml installs {lists}, must be pip: {wanted}.")
    return found


def main(arguments: list[str] | None = None, *, root: Path | None = None) -> int:
    """Write the copy of the lock, or check that everything agrees.

    Args:
        arguments: Those of the command line if omitted.
        root: The folder that holds the files, the working directory if omitted.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog=REPAIR, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(arguments)
    folder = root or Path.cwd()
    if not options.check:
        text = constraints((folder / LOCK).read_text(encoding="utf-8"))
        (folder / COPY).write_text(text, encoding="utf-8", newline="\n")
    faults = disagreements(folder)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
