"""Commands for learners; each loads what it needs when it runs."""

import re
from typing import Annotated, Any

import typer

from mlcourse.cli import dev
from mlcourse.errors import MlcourseError

__all__ = ["app"]


class Commands(typer.core.TyperGroup):
    """Commands whose errors are one line that says what to do."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of ours, or a bad value, is told and exits 1."""
        try:
            return super().invoke(ctx)
        except (MlcourseError, ValueError) as error:
            raise typer.Exit(_say(str(error))) from error
        except ModuleNotFoundError as error:
            extra = extra_of(error.name or "")
            if not extra:
                raise
            message = f"{error.name} is missing: pip install 'mlcourse[{extra}]'."
            raise typer.Exit(_say(message)) from error


def extra_of(module: str) -> str:
    """Return the extra of this package that brings a module, empty if none does.

    Example:
        >>> extra_of("nbgrader.utils"), extra_of("numpy")
        ('grading', '')
    """
    from importlib.metadata import requires

    name = module.partition(".")[0].replace("_", "-")
    members: dict[str, list[str]] = {}
    for requirement in requires("mlcourse") or []:
        found = re.match(r"([\w.-]+).*extra == ['\"](\w+)", requirement)
        if found:
            members.setdefault(found[2], []).append(found[1])
    having = [extra for extra, names in members.items() if name in names]
    return min(having, key=lambda extra: len(members[extra]), default="")


# Rich would draw boxes around the help and cost 0.1 s at each start.
PLAIN: dict[str, Any] = {
    "cls": Commands,
    "add_completion": False,
    "no_args_is_help": True,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
app = typer.Typer(help="Graded labs in production machine learning.", **PLAIN)
app.add_typer(dev.app, name="dev", help="For authors: build and check labs.")

Lab = Annotated[str, typer.Argument(help="Number or name of the lab, such as 06.")]
User = Annotated[str, typer.Option(help="Your name in the class: letters and digits.")]


@app.command()
def lab(
    lab: Annotated[str, typer.Argument(help="Opens this lab; all if omitted.")] = "",
    port: Annotated[int, typer.Option(help="0: the system chooses one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Open the labs in JupyterLab.

    Copies new labs to workbook/ first and never overwrites a file there.

    Example: mlcourse lab 06
    """
    from mlcourse.cli.jupyterlab import serve
    from mlcourse.cli.workbook import copy_labs
    from mlcourse.paths import find_course

    course = find_course()
    name = course.lab_name(lab) if lab else ""
    for copied in copy_labs(course):
        if copied.new:
            typer.echo(f"New in workbook/{copied.lab}: {', '.join(copied.new)}")
        if copied.changed:
            typer.echo(
                f"The course has a newer {', '.join(copied.changed)} of {copied.lab}. "
                f"Your copy is unchanged; `mlcourse reset {copied.lab[:2]}` takes the "
                "new one and keeps a backup of yours."
            )
    serve(course, lab=name, port=port, browser=browser)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Look at everything the labs need and name the fix of what is wrong.

    Example: mlcourse doctor
    """
    import json
    from dataclasses import asdict

    from mlcourse.cli.doctor import as_text, examine
    from mlcourse.cli.terminal import waiting
    from mlcourse.paths import find_course

    with waiting("Looking at this machine"):
        findings = examine(find_course())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        typer.echo(as_text(findings))
    if any(finding.state == "fix" for finding in findings):
        raise typer.Exit(1)


@app.command()
def status() -> None:
    """Show what you have done: tasks, points and hints of each lab.

    Example: mlcourse status
    """
    from mlcourse.checks.ledger import Ledger
    from mlcourse.cli.progress import as_text, progress
    from mlcourse.paths import LEDGER, find_course

    course = find_course()
    events = Ledger(course.workbook / LEDGER).events()
    typer.echo(as_text(progress(course, events)))


@app.command()
def portfolio(
    out: Annotated[
        str, typer.Option(help="The file; workbook/portfolio.html if omitted.")
    ] = "",
    name: Annotated[str, typer.Option(help="Your name, as it shall stand there.")] = "",
) -> None:
    """Show your pictures, key numbers and texts of finished labs on one page.

    A lab is finished once its checks are passed and its texts are written. The page is
    one file without scripts; pictures are those in your saved notebooks.

    Example: mlcourse portfolio --name "Mira Okafor"
    """
    from pathlib import Path

    from mlcourse.checks.ledger import Ledger
    from mlcourse.cli.portfolio import as_text, collect
    from mlcourse.cli.portfolio_page import write_page
    from mlcourse.paths import LEDGER, find_course

    course = find_course()
    found = collect(course, Ledger(course.workbook / LEDGER).events())
    path = Path(out) if out else course.workbook / "portfolio.html"
    write_page(found, path, name=name)
    typer.echo(f"{as_text(found)}\n\nWritten: {path}")


@app.command()
def check(lab: Lab) -> None:
    """Run your notebook from the top, as the grader will, without its hidden tests.

    Exits 1 if a cell raises an error or a locked cell was changed.

    Example: mlcourse check 06
    """
    from mlcourse.checks.ledger import Ledger
    from mlcourse.cli.attempt import as_text, attempt, record_attempt
    from mlcourse.cli.terminal import waiting
    from mlcourse.paths import LEDGER, find_course

    course = find_course()
    name = course.lab_name(lab)
    with waiting(f"Running {name} in a copy"):
        result = attempt(course, name)
    record_attempt(Ledger(course.workbook / LEDGER), result)
    typer.echo(as_text(result))
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def hint(
    lab: Lab,
    task: Annotated[str, typer.Argument(help="Name of the task.")],
) -> None:
    """Give the next hint of a task; the one that fits your last check comes first.

    Example: mlcourse hint 00 slow_share
    """
    from mlcourse.checks.ledger import Ledger
    from mlcourse.cli.hints import give_hint
    from mlcourse.paths import LEDGER, find_course

    course = find_course()
    ledger = course.workbook / LEDGER
    kept = Ledger(ledger if ledger.is_file() else None)
    typer.echo(give_hint(course, course.lab_name(lab), task, kept))


@app.command()
def reset(lab: Lab) -> None:
    """Take a fresh copy of a lab; your own is kept in workbook/.backup.

    Example: mlcourse reset 06
    """
    from mlcourse.cli.workbook import reset_lab
    from mlcourse.paths import find_course

    course = find_course()
    name = course.lab_name(lab)
    backup = reset_lab(course, name)
    if backup:
        typer.echo(f"Your work is kept in {backup.relative_to(course.root)}")
    typer.echo(f"workbook/{name} is as released. Reload it where it is open.")


@app.command()
def submit(lab: Lab, user: User = "") -> None:
    """Pack your notebook for the instructor, and show the points so far.

    Example: mlcourse submit 06 --user mira
    """
    from mlcourse.cli.attempt import as_text
    from mlcourse.cli.submission import exchange_root, submit_lab
    from mlcourse.cli.terminal import waiting
    from mlcourse.paths import find_course

    course = find_course()
    name = course.lab_name(lab)
    with waiting(f"Running {name} in a copy"):
        submission = submit_lab(course, name, user=user)
    typer.echo(as_text(submission.attempt))
    typer.echo(f"\nSubmitted: {submission.path.relative_to(course.root)}")
    if root := exchange_root():
        typer.echo(
            f"Your class has an nbgrader exchange at {root}. Send it with: "
            f"cd workbook && nbgrader submit {name}"
        )
    else:
        typer.echo("Give this file to your instructor. You may submit again.")


@app.command()
def term(words: Annotated[list[str], typer.Argument(help="A word or two.")]) -> None:
    """Look a term up in the glossary, by any of its names, also misspelt.

    Example: mlcourse term data drift
    """
    from mlcourse.glossary import find
    from mlcourse.paths import find_course

    entries = find(find_course(), " ".join(words))
    if not entries:
        raise typer.Exit(_say(f"The glossary has no term like {' '.join(words)!r}."))
    for entry in entries:
        typer.echo(f"{entry.term}\n  {entry.definition}")


def _say(message: str) -> int:
    typer.echo(f"mlcourse: {message}", err=True)
    return 1
