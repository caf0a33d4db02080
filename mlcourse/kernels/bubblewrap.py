"""The outer wall: a template inside bubblewrap, which sees Python and nothing else.

https://github.com/containers/bubblewrap
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["HOME", "USER_ID", "WORK", "command", "missing", "readable_folders"]

HOME, WORK = "/sandbox", "/sandbox/work"
# In the sandbox everybody is this user; outside it is the user who grades.
USER_ID = 1000
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32")
_CONFIGURATION = (
    "alternatives",
    "ca-certificates",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "protocols",
    "services",
    "ssl/certs",
    "timezone",
)
# What programs look up about the user and this machine.
_WRITTEN = {
    "passwd": f"learner:x:{USER_ID}:{USER_ID}::{HOME}:/bin/sh\n",
    "group": f"learner:x:{USER_ID}:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
}
_END = ("--remount-ro", "/", "--chdir", "/")
_FIX = "Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)"


def readable_folders() -> tuple[str, ...]:
    """Return the folders that this Python needs, real paths, outer ones only.

    The folder of the checkout is not among them: of an editable install only the
    package itself is shown.
    """
    package = Path(__file__).resolve().parents[1]
    found = {
        Path(place).resolve()
        for place in (sys.prefix, sys.base_prefix, sys.exec_prefix, package)
    }
    wanted = sorted(path for path in found if not path.is_relative_to("/usr"))
    return tuple(
        str(path)
        for path in wanted
        if not any(path != other and path.is_relative_to(other) for other in wanted)
    )


def command(
    program: Sequence[str], *, shared: Path, readable: Sequence[str] = ()
) -> list[str]:
    """Return a command line that runs a program behind the outer wall.

    The program sees /usr, its Python, a few files of /etc and one folder that it shares
    with the world. It has no network, no capability and no other user's process. It may
    make namespaces of its own, which is how each kernel gets its inner wall.

    Args:
        program: The command line, with an absolute path first.
        shared: The one folder that both sides may write to.
        readable: More folders to show, read-only.
    """
    # --bind of the real /proc: in a process namespace of its own, the kernel behind the
    # inner wall may only mount /proc where one without covers is in sight.
    line = [
        "bwrap",
        *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-net", "--unshare-cgroup-try", "--cap-drop", "ALL"),
        *("--uid", str(USER_ID), "--gid", str(USER_ID), "--hostname", "sandbox"),
        *("--new-session", "--ro-bind", "/usr", "/usr"),
    ]
    for place in map(Path, _SYSTEM):
        if place.is_symlink():
            line += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            line += ["--ro-bind", str(place), str(place)]
    for name in _CONFIGURATION:
        line += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name, text in _WRITTEN.items():
        file = shared / name
        file.write_text(text)
        line += ["--ro-bind", str(file), f"/etc/{name}"]
    for folder in (*readable_folders(), *readable):
        line += ["--ro-bind", folder, folder]
    line += [*("--bind", "/proc", "/proc"), *("--dev", "/dev"), *("--tmpfs", "/tmp")]
    for folder in (HOME, "/run", "/var/tmp"):
        line += ["--dir", folder]
    return [*line, "--bind", str(shared), str(shared), *_END, *program]


@functools.cache
def missing() -> str:
    """Return why there can be no sandbox here, with the fix; empty if there can.

    It is tried rather than guessed: a wall inside a wall, as a kernel gets it.
    """
    if sys.platform != "linux":
        return "A sandbox needs Linux. Grade in a Linux container or virtual machine."
    if shutil.which("bwrap") is None:
        return f"There is no bubblewrap on this machine. {_FIX}."
    for folder in readable_folders():
        if folder.startswith("/tmp/"):  # noqa: S108
            return (
                f"{folder} stands in /tmp, which a sandbox covers. Move it elsewhere."
            )
    trial = (
        "import os; from mlcourse.kernels.isolation import enclose, furnish, see_own;"
        "enclose(); furnish(); p = os.fork();"
        "p or see_own(); p or os._exit(0); os._exit(os.waitpid(p, 0)[1] != 0)"
    )
    try:
        with tempfile.TemporaryDirectory(prefix="mlcourse-") as folder:
            done = subprocess.run(
                command([sys.executable, "-c", trial], shared=Path(folder)),
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here: {error}."
    if done.returncode == 0:
        return ""
    said = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
    return (
        f"bubblewrap does not work here: {said}. Unprivileged user namespaces may be "
        "switched off (sysctl kernel.unprivileged_userns_clone, or "
        "kernel.apparmor_restrict_unprivileged_userns); in a container, /proc must not "
        "be masked."
    )
