"""How long each lab runs, against the 60 s that a lab may take."""

from rich.console import Console
from rich.table import Table

from mlcourse.authoring.run import run_lab
from mlcourse.paths import find_course

LIMIT = 60.0


def main() -> None:
    course = find_course()
    table = Table(
        title=f"Seconds in cells, warm kernel in the sandbox, share of {LIMIT:g} s"
    )
    for column in ("lab", "reference", "share", "untouched", "share"):
        table.add_column(column, justify="left" if column == "lab" else "right")
    for lab in course.lab_names():
        row = [lab]
        for variant in ("reference", "released"):
            seconds = run_lab(course, lab, variant=variant).seconds
            row += [f"{seconds:.1f}", f"{seconds / LIMIT:.0%}"]
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
