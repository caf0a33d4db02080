"""What starting costs: each command against an empty Python, in one run."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

RUNS = 9
BIN = Path(sys.executable).parent
EMPTY = [sys.executable, "-c", ""]
COMMANDS = {
    "import mlcourse": [sys.executable, "-c", "import mlcourse"],
    "import mlcourse.checks": [sys.executable, "-c", "import mlcourse.checks"],
    "import mlcourse.writing": [sys.executable, "-c", "import mlcourse.writing"],
    "import mlcourse.serving": [sys.executable, "-c", "import mlcourse.serving"],
    "import mlcourse.datasets": [sys.executable, "-c", "import mlcourse.datasets"],
    "import pandas": [sys.executable, "-c", "import pandas"],
    "mlcourse --help": [str(BIN / "mlcourse"), "--help"],
    "mlcourse check --help": [str(BIN / "mlcourse"), "check", "--help"],
    "mlcourse term latency": [str(BIN / "mlcourse"), "term", "latency"],
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    table = Table(title=f"Start against an empty Python, median of {RUNS} pairs")
    table.add_column("command")
    table.add_column("ratio", justify="right")
    table.add_column("more than Python (ms)", justify="right")
    for name, command in COMMANDS.items():
        seconds(command)
        pairs = [(seconds(command), seconds(EMPTY)) for _ in range(RUNS)]
        ratio = statistics.median(a / b for a, b in pairs)
        more = statistics.median(a - b for a, b in pairs) * 1000
        table.add_row(name, f"{ratio:.1f}", f"{more:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
