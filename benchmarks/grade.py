"""What grading a class costs: stock nbgrader, ours, and the cells themselves.

A class of equal, full submissions of one real lab. Stock nbgrader grades one notebook
after another and takes so long that a few are measured, and told per submission. The
first row is what nobody can go below: the CPU time of the cells, in a shell that has
imported everything, divided by the cores.

``python benchmarks/grade.py [--lab 06] [--submissions 60] [--stock 4]``
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab
from mlcourse.grading.cluster import local_cluster
from mlcourse.grading.course import Course
from mlcourse.grading.run import grade
from mlcourse.paths import find_course

# Twice, because the first run imports; the second is what the cells cost.
CELLS = """
import json, os, sys, time
from IPython.core.interactiveshell import InteractiveShell
os.chdir(sys.argv[1])
sys.path.insert(0, sys.argv[1])
shell = InteractiveShell.instance()
cells = [c for c in json.load(open(sys.argv[2]))["cells"] if c["cell_type"] == "code"]
for _ in range(2):
    start = time.process_time()
    for cell in cells:
        shell.run_cell("".join(cell["source"]), store_history=False)
    spent = time.process_time() - start
print("SPENT", spent, file=sys.__stderr__)
"""


def prepare(root: Path, lab: str, students: int) -> Path:
    """Release a lab in a course of its own, and hand in; return one submission."""
    course = find_course()
    shutil.copy(course.root / "nbgrader_config.py", root)
    shutil.copytree(course.solutions / lab, root / "solutions" / lab)
    nbgrader(root, "generate_assignment", lab, "--create")
    notebook = submission(read_lab(course.solutions / lab))
    for number in range(students):
        place = root / ".grading" / "submitted" / f"student{number:04}" / lab
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{lab}.ipynb")
        shutil.copy(course.labs / lab / "checks.py", place)
    return place / f"{lab}.ipynb"


def nbgrader(root: Path, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=root,
        env=os.environ | {"MLCOURSE_COLD": "1"},
        capture_output=True,
        check=True,
    )


def cells_alone(notebook: Path) -> float:
    """Return the CPU seconds of a notebook's cells."""
    done = subprocess.run(
        [sys.executable, "-c", CELLS, notebook.parent, notebook],
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(one for one in done.stderr.splitlines() if one.startswith("SPENT"))
    return float(line.split()[1])


def ours(root: Path, lab: str, **settings: object) -> float:
    """Return the seconds of a run over the whole class, and check that it is right."""
    start = time.perf_counter()
    done = grade(Course.open(root), lab, force=True, **settings)
    spent = time.perf_counter() - start
    scores = {(one.score, one.outcome.failure, len(one.outcome.flags)) for one in done}
    if len(scores) != 1 or next(iter(scores))[1:] != ("", 0):
        raise SystemExit(f"The class is not graded equally: {scores}.")
    return spent


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--lab", default="06")
    words.add_argument("--submissions", type=int, default=60)
    words.add_argument("--stock", type=int, default=4)
    options = words.parse_args()
    lab, number = find_course().lab_name(options.lab), options.submissions
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    rows: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        few, root = Path(folder, "few"), Path(folder, "all")
        few.mkdir()
        root.mkdir()
        prepare(few, lab, options.stock)
        alone = cells_alone(prepare(root, lab, number))
        rows.append((f"CPU time of the cells / {cores} cores", alone / cores))
        start = time.perf_counter()
        nbgrader(few, "autograde", lab, "--create")
        stock = (time.perf_counter() - start) / options.stock
        rows.append((f"stock nbgrader, {options.stock} measured", stock))
        ours(few, lab, workers=1)  # the template is there, as for every class but one
        for workers in dict.fromkeys((1, cores)):
            spent = ours(root, lab, workers=workers) / number
            rows.append((f"mlcourse grade, workers: {workers}", spent))
        with local_cluster(cores) as cluster:
            spent = ours(root, lab, executor=cluster) / number
        rows.append((f"mlcourse grade, Dask workers: {cores}", spent))
    table = Table(title=f"{number} submissions of {lab}, load before: {load:.1f}")
    for column in ("", "s a submission", "stock /", "/ cells"):
        table.add_column(column, justify="right" if column else "left")
    for name, spent in rows:
        table.add_row(
            name, f"{spent:.2f}", f"{stock / spent:.1f}", f"{spent * cores / alone:.2f}"
        )
    Console(width=100).print(table)
    print(json.dumps({name: round(spent, 3) for name, spent in rows}))


if __name__ == "__main__":
    main()
