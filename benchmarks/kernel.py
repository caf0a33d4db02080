"""What a kernel costs: to start, to give a first result, to end.

Cold is ipykernel as it comes; warm is forked from a template; the sandbox is warm, with
namespaces and limits of its own. The templates are there already, as they are for every
kernel but the first; what they cost is told below the table.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

from jupyter_client.manager import KernelManager
from rich.console import Console
from rich.table import Table

ROUNDS = 9
FIRST = "import evidently"
KINDS = {
    "cold": ("mlcourse", {"MLCOURSE_COLD": "1"}),
    "warm": ("mlcourse", {}),
    "warm, sandbox": ("mlcourse-sandbox", {}),
}
STAGES = ("start", "ready", "first result", "shutdown", "total")


def kernel(name: str, folder: str) -> list[float]:
    """Return the milliseconds of each stage of one kernel."""
    times = [time.perf_counter()]

    def note() -> None:
        times.append(time.perf_counter())

    manager = KernelManager(kernel_name=name)
    manager.start_kernel(cwd=folder)
    note()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    note()
    client.execute_interactive(FIRST, timeout=120)
    note()
    client.stop_channels()
    manager.shutdown_kernel()
    note()
    parts = [b - a for a, b in zip(times, times[1:], strict=False)]
    return [1000 * part for part in (*parts, times[-1] - times[0])]


def measure(rounds: int = ROUNDS) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the median of each stage of each kind, and the first kernel's time."""
    every: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    template: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for kind, (name, env) in KINDS.items():
                times = within(env, lambda name=name: kernel(name, folder))
                if number:
                    every[kind].append(times)
                else:
                    template[kind] = times[-1]
    medians = {
        kind: [statistics.median(column) for column in zip(*runs, strict=True)]
        for kind, runs in every.items()
    }
    return medians, template


def within(env: dict[str, str], call: Callable[[], list[float]]) -> list[float]:
    before = dict(os.environ)
    os.environ.update(env)
    try:
        return call()
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    os.environ["MLCOURSE_RUN_DIR"] = tempfile.mkdtemp(prefix="mlk", dir="/tmp")
    medians, template = measure()
    title = f"Milliseconds, median of {ROUNDS}; first result: {FIRST}"
    table = Table(title=title)
    table.add_column("stage")
    for kind in KINDS:
        table.add_column(kind, justify="right")
        if kind != "cold":
            table.add_column("cold /", justify="right")
    for place, stage in enumerate(STAGES):
        cold = medians["cold"][place]
        row = [stage, f"{cold:.0f}"]
        for kind in list(KINDS)[1:]:
            ours = medians[kind][place]
            row += [f"{ours:.0f}", f"{cold / ours:.1f}"]
        table.add_row(*row)
    Console().print(table)
    for kind in list(KINDS)[1:]:
        print(f"{kind}: the first kernel of all took {template[kind] / 1000:.1f} s.")


if __name__ == "__main__":
    main()
