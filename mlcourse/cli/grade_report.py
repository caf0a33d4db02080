"""``mlcourse grade feedback``, ``report`` and ``export``: what follows grading."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mlcourse.cli.grade import app

__all__ = ["app", "export", "feedback", "report"]

Assignment = Annotated[str, typer.Argument(help="nbgrader's name of it.")]
Folder = Annotated[Path, typer.Option(help="The nbgrader course.")]


@app.command()
def feedback(
    assignment: Assignment,
    course: Folder = Path(),
    student: Annotated[str, typer.Option(help="Only this one.")] = "",
) -> None:
    """Write feedback without hidden tests.

    They stand where nbgrader generate_feedback would write its own, and nbgrader
    release_feedback hands them out. Older pages are replaced.

    Exits 1 if feedback of a student could not be written; the others have theirs.

    Example: mlcourse grade feedback ps1 --course ~/courses/stats
    """
    from rich.console import Console
    from rich.progress import track

    from mlcourse.cli.terminal import columns
    from mlcourse.grading.course import Course
    from mlcourse.grading.feedback import graded, write_feedback

    opened = Course.open(course)
    students = graded(opened, assignment, student=student)
    every = write_feedback(opened, assignment, students)
    done = list(
        track(every, "Feedback", total=len(students), console=Console(stderr=True))
    )
    failed = [one for one in done if one.failure]
    pages = sum(len(one.pages) for one in done)
    typer.echo(f"Written: {pages} pages for {len(done) - len(failed)} students.")
    if failed:
        rows = [("student", "no feedback because")]
        typer.echo(columns([*rows, *((one.student, one.failure) for one in failed)]))
        raise typer.Exit(1)


@app.command()
def report(
    assignment: Assignment,
    course: Folder = Path(),
    out: Annotated[
        Path | None, typer.Option(help="Write a page too, such as report.html.")
    ] = None,
) -> None:
    """Show scores, items, costs, flags.

    Example: mlcourse grade report ps1 --course ~/courses/stats --out report.html
    """
    from rich.console import Console

    from mlcourse.cli.terminal import waiting
    from mlcourse.grading.course import Course
    from mlcourse.grading.report import make_report
    from mlcourse.grading.report_page import print_report, write_page

    with waiting(f"Reading {assignment}"):
        made = make_report(Course.open(course), assignment)
    print_report(made, Console())
    if out:
        today = datetime.now().astimezone()  # noqa: TID251 - here the time enters
        typer.echo(f"\nWritten: {write_page(made, out, date=f'{today:%Y-%m-%d}')}")


@app.command()
def export(
    assignment: Assignment,
    out: Annotated[Path, typer.Option(help="The file; an older one is replaced.")],
    course: Folder = Path(),
    to: Annotated[str, typer.Option(help="csv, canvas or moodle.")] = "csv",
) -> None:
    """Write grades as CSV, for Canvas or Moodle.

    Example: mlcourse grade export ps1 --to canvas --out ps1.csv
    """
    from mlcourse.grading.course import Course
    from mlcourse.grading.export import write_export
    from mlcourse.grading.marks import read_grades

    opened = Course.open(course)
    opened.check(assignment)
    with opened.gradebook() as gradebook:
        sheet = read_grades(gradebook, assignment)
    typer.echo(f"Written: {write_export(sheet, out, to=to)}")
    waiting = {one.student for one in sheet.gradings if one.by_hand}
    if waiting:
        typer.echo(
            f"{len(waiting)} of them still wait for a person: mlcourse grade report "
            f"{assignment} names them."
        )
