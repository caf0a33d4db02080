"""What grading a class costs: stock nbgrader, ours, and the cells themselves.

A class of equal, full submissions: of a real lab, whose cells fit many models; of a
light notebook, which imports what labs import and fits one; and of the assignment that
``nbgrader quickstart`` makes, whose cells cost nothing. Stock nbgrader
grades one notebook after another and takes so long that a few are measured: one, then
the others, which tells its start from the rest, and so what the class would take. The
first row is what nobody can go below: the CPU time of the cells and
of the programs that they start, in a shell that has imported everything, divided by the
cores. The other rows are commands as an instructor types them, with their start.

``python benchmarks/grade.py [--lab 01] [--submissions 60] [--stock 4]``
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from mlcourse.authoring.notebook import submission
from mlcourse.authoring.source import read_lab
from mlcourse.paths import find_course

# Twice, because the first run imports; the second is what the cells cost.
CELLS = """
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for _ in range(2):
    start = sum(os.times()[:4])
    for path in sys.argv[1:]:
        os.chdir(os.path.dirname(path))
        sys.path[0] = os.path.dirname(path)
        for cell in json.load(open(path))["cells"]:
            if cell["cell_type"] == "code":
                shell.run_cell("".join(cell["source"]), store_history=False)
    spent = sum(os.times()[:4]) - start
print("SPENT", spent, file=sys.__stderr__)
"""
QUICKSTART = "ps1"
LIGHT = "light"
LIGHT_CELLS = (
    "import evidently\nimport matplotlib.pyplot as plt\nimport numpy as np\n"
    "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression",
    "rng = np.random.default_rng(0)\nfeatures = rng.normal(size=(5_000, 8))\n"
    "labels = features @ np.arange(8) + rng.normal(size=5_000) > 0\n"
    "frame = pd.DataFrame(features).assign(label=labels)",
    "frame.describe()",
    "frame.groupby('label').mean()",
    "frame.hist(figsize=(8, 6))\nplt.show()",
)
LIGHT_ANSWER = (
    "### BEGIN SOLUTION\nmodel = LogisticRegression(C=0.1).fit(features, labels)\n"
    "### END SOLUTION"
)
LIGHT_TEST = "assert model.score(features[{0}::4], labels[{0}::4]) > 0.9"
TICK = 0.01  # seconds; less is not counted


def run(root: Path, module: str, *words: object) -> float:
    """Return the seconds of a command in a course folder."""
    cold = {"MLCOURSE_COLD": "1"} if module == "nbgrader" else {}
    # nbgrader calls alembic by name.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=root,
        env=os.environ | cold | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} {words} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


@dataclass(frozen=True)
class Class:
    """An assignment of a course, and how many handed it in."""

    root: Path
    assignment: str
    students: int
    submitted: str = "submitted"

    def places(self) -> list[Path]:
        """Return the folder of each submission."""
        names = [f"student{number:04}" for number in range(self.students)]
        return [self.root / self.submitted / name / self.assignment for name in names]


def make_lab(root: Path, students: int, lab: str) -> Class:
    """Release a lab in a course of its own, and hand in its model answers."""
    course = find_course()
    made = Class(root, lab, students, ".grading/submitted")
    root.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", root)
    shutil.copytree(course.solutions / lab, root / "solutions" / lab)
    run(root, "nbgrader", "generate_assignment", lab, "--create")
    notebook = submission(read_lab(course.solutions / lab))
    for place in made.places():
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{lab}.ipynb")
        shutil.copy(course.labs / lab / "checks.py", place)
    return made


def make_quickstart(root: Path, students: int) -> Class:
    """Make the course of ``nbgrader quickstart``, and hand in its own answers."""
    made = Class(root, QUICKSTART, students)
    run(root.parent, "nbgrader", "quickstart", root.name)
    run(root, "nbgrader", "generate_assignment", QUICKSTART, "--create")
    for place in made.places():
        shutil.copytree(root / "source" / QUICKSTART, place)
    return made


def make_light(root: Path, students: int) -> Class:
    """Make a course with the light notebook, and hand in its own answer."""
    made = Class(root, LIGHT, students)
    source = root / "source" / LIGHT
    source.mkdir(parents=True)
    (root / "nbgrader_config.py").touch()
    cells = [nbformat.v4.new_code_cell(code) for code in LIGHT_CELLS]
    marks = {"schema_version": 3, "task": False, "locked": False}
    answer = {"grade_id": "answer", "grade": False, "solution": True}
    cells.append(nbformat.v4.new_code_cell(LIGHT_ANSWER))
    cells[-1].metadata["nbgrader"] = marks | answer
    for number in range(4):
        test = {"grade_id": f"test{number}", "grade": True, "solution": False}
        cells.append(nbformat.v4.new_code_cell(LIGHT_TEST.format(number)))
        cells[-1].metadata["nbgrader"] = marks | test | {"points": 1, "locked": True}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, source / f"{LIGHT}.ipynb")
    run(root, "nbgrader", "generate_assignment", LIGHT, "--create")
    for place in made.places():
        shutil.copytree(source, place)
    return made


def cells_alone(folder: Path) -> float:
    """Return the CPU seconds of the cells of a submission."""
    done = subprocess.run(
        [sys.executable, "-c", CELLS, *sorted(folder.glob("*.ipynb"))],
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(one for one in done.stderr.splitlines() if one.startswith("SPENT"))
    return max(TICK, float(line.split()[1]))


def ours(made: Class, *words: object) -> float:
    """Return the seconds for the whole class, and check that all got the same."""
    spent = run(made.root, "mlcourse.cli", "grade", made.assignment, "--force", *words)
    sheet = made.root / "grades.csv"
    export = ("grade", "export", made.assignment, "--out", sheet)
    run(made.root, "mlcourse.cli", *export)
    with sheet.open(encoding="utf-8-sig") as rows:
        scores = [row["score"] for row in csv.DictReader(rows)]
    if len(scores) != made.students or len(set(scores)) > 1:
        raise SystemExit(f"The class is not graded equally: {scores}.")
    return spent


def stock(made: Class, students: int) -> float:
    """Return stock nbgrader's seconds for a class, from those for fewer students."""
    words = ("nbgrader", "autograde", made.assignment, "--create")
    first = run(made.root, *words, "--student=student0000")
    others = run(made.root, *words)
    each = (others - first) / (made.students - 2)
    return first + (students - 1) * each


def measure(few: Class, many: Class) -> None:
    """Print the table of one assignment; stock nbgrader grades the few."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    alone = cells_alone(many.places()[0])
    rows = [(f"CPU time of the cells / {cores} cores", alone / cores)]
    usual = stock(few, many.students) / many.students
    rows.append((f"stock nbgrader, from {few.students} measured", usual))
    ours(few)  # the template is there from now on
    for name, words in (
        ("1 worker", ("--workers", 1)),
        (f"{cores} workers", ("--workers", cores)),
        (f"Dask, {cores} workers", ("--local-cluster", cores)),
    ):
        rows.append((f"mlcourse grade, {name}", ours(many, *words) / many.students))
    title = f"{many.students} submissions of {many.assignment}, load before: {load:.1f}"
    table = Table(title=title)
    for column in ("", "s a submission", "stock /", "/ cells"):
        table.add_column(column, justify="right" if column else "left")
    for name, spent in rows:
        table.add_row(
            name, f"{spent:.3f}", f"{usual / spent:.1f}", f"{spent * cores / alone:.2f}"
        )
    Console(width=100).print(table)
    print(json.dumps({name: round(spent, 4) for name, spent in rows}), flush=True)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--lab", default="01")
    words.add_argument("--submissions", type=int, default=60)
    words.add_argument("--stock", type=int, default=5, help="3 or more")
    options = words.parse_args()
    lab = find_course().lab_name(options.lab)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        top = Path(folder)
        measure(
            make_quickstart(top / "quick-few", options.stock),
            make_quickstart(top / "quick", options.submissions),
        )
        measure(
            make_light(top / "light-few", options.stock),
            make_light(top / "light", options.submissions),
        )
        measure(
            make_lab(top / "lab-few", options.stock, lab),
            make_lab(top / "lab", options.submissions, lab),
        )


if __name__ == "__main__":
    main()
