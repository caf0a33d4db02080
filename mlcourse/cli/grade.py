"""``mlcourse grade``: a class graded, and what a human should look at."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from contextlib import ExitStack

    from mlcourse.grading.commit import Graded
    from mlcourse.grading.workers import Executor

__all__ = ["app"]

STOPPED = 130  # what a shell says of a command that Ctrl-C ended
NAMES = 12


class Words(TyperGroup):
    """A first word that is no subcommand is an assignment."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the subcommand, or else the one that grades."""
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return None, self.commands["run"], args

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leave the help to the command that grades; it names the others."""
        if not args or args[0] not in self.commands:
            ctx._protected_args, ctx.args = args[:1], args[1:]
            return args
        return super().parse_args(ctx, args)


class Grading(TyperCommand):
    """The command that grades; its help names those beside it."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write it without a name of its own."""
        words = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path.strip(), words)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the subcommands under the options."""
        beside = ctx.parent.command.commands if ctx.parent else {}
        rows = [
            (name, command.get_short_help_str())
            for name, command in beside.items()
            if not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


# Commands beside `run` register themselves here: @app.command() in cli/grade_report.py.
app = typer.Typer(cls=Words, rich_markup_mode=None)


@app.command(cls=Grading, hidden=True)
def run(
    assignment: Annotated[str, typer.Argument(help="nbgrader's name of it.")],
    course: Annotated[Path, typer.Option(help="The nbgrader course.")] = Path(),
    student: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be given again.")
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Processes; 0: as many as there are cores.")
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what is graded.")
    ] = False,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Run submissions as yourself, with no walls around."
        ),
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(help="Seconds for one cell; the course's own setting if omitted."),
    ] = None,
    memory: Annotated[int, typer.Option(help="Of one notebook, in MiB.")] = 2048,
    scheduler: Annotated[
        str, typer.Option(help="Address of a Dask scheduler whose workers grade.")
    ] = "",
    local_cluster: Annotated[
        int, typer.Option(help="Dask workers on this machine, to try it.")
    ] = 0,
) -> None:
    """Grade the submissions of an assignment, as nbgrader autograde would.

    Each notebook runs in a sandbox. Submissions that are graded and not newer are
    skipped. After Ctrl-C or a crash, start it again: it goes on where it was.

    Exits 1 if the grader could not work; what submissions do wrong is in the summary.

    Example: mlcourse grade ps1 --course ~/courses/stats --workers 4
    """
    from contextlib import ExitStack

    from mlcourse.grading.course import Course
    from mlcourse.grading.run import GRADER_ERROR, grade, pending
    from mlcourse.kernels.limits import Limits

    if scheduler and local_cluster:
        raise ValueError("--scheduler and --local-cluster: give only one of them.")
    opened = Course.open(course)
    opened.check(assignment)
    students = student or None
    total = len(pending(opened, assignment, students=students, force=force))
    graded: list[Graded] = []
    stopped = False
    with ExitStack() as stack:
        executor = _executor(stack, scheduler, local_cluster, sandbox=not no_sandbox)
        count = stack.enter_context(_progress(total))

        def tell(one: "Graded") -> None:
            graded.append(one)
            count()

        try:
            grade(
                opened,
                assignment,
                students=students,
                force=force,
                sandbox=not no_sandbox,
                limits=Limits(memory_mib=memory),
                cell_seconds=timeout,
                executor=executor,
                workers=workers,
                tell=tell,
            )
        except KeyboardInterrupt:
            stopped = True
    typer.echo(summary(graded))
    if stopped:
        left = total - len(graded)
        typer.echo(f"Stopped; {left} to do. Start it again to go on.", err=True)
        raise typer.Exit(STOPPED)
    if any(flag.kind == GRADER_ERROR for one in graded for flag in one.outcome.flags):
        raise typer.Exit(1)


def summary(graded: "Iterable[Graded]") -> str:
    """Return what came out, and every submission that a human should look at.

    Args:
        graded: One a submission.
    """
    from mlcourse.cli.terminal import columns

    every = sorted(graded, key=lambda one: one.outcome.student)
    scores = [one.score for one in every if one.score is not None]
    lines = [f"Graded: {len(scores)} of {len(every)}."]
    if scores:
        mean, most = sum(scores) / len(scores), max(one.max_score for one in every)
        lines.append(f"Mean score: {mean:.2f} of {most:g}.")
    rows = [(one.outcome.student, why) for one in every for why in reasons(one)]
    if rows:
        lines += ["", columns([("student", "to look at"), *rows])]
    by_hand: dict[tuple[str, ...], list[str]] = {}
    for one in every:
        if one.by_hand:
            by_hand.setdefault(one.by_hand, []).append(one.outcome.student)
    if by_hand:
        lines += [
            "",
            columns([("cells to grade by hand", "students"), *_wrap(by_hand)]),
        ]
    return "\n".join(lines)


def reasons(graded: "Graded") -> list[str]:
    """Return why a human should look at a submission, other than cells by hand.

    Args:
        graded: The submission.
    """
    outcome = graded.outcome
    found = [f"not graded: {outcome.failure}"] if outcome.failure else []
    for one in outcome.executions:
        if one.reason:
            found.append(f"{one.name}: the {one.reason} limit ended it")
        if one.tier == "none":
            found.append(f"{one.name}: ran without a sandbox")
    for flag in outcome.flags:
        place = "/".join(part for part in (flag.notebook, flag.cell) if part)
        found.append(f"{flag.kind}{place and f' in {place}'}: {flag.message}")
    return [" ".join(why.split()) for why in found]


def _wrap(by_hand: dict[tuple[str, ...], list[str]]) -> "Iterable[tuple[str, str]]":
    """Yield rows of cells and of the students in whose submissions they wait."""
    from itertools import zip_longest

    for cells, students in by_hand.items():
        names = [
            " ".join(students[start : start + NAMES])
            for start in range(0, len(students), NAMES)
        ]
        yield from zip_longest(cells, names, fillvalue="")


def _executor(
    stack: "ExitStack", scheduler: str, workers: int, *, sandbox: bool
) -> "Executor | None":
    if not scheduler and not workers:
        return None
    from mlcourse.grading.cluster import Cluster, local_cluster

    if scheduler:
        return stack.enter_context(Cluster(scheduler, sandbox=sandbox))
    return stack.enter_context(local_cluster(workers, sandbox=sandbox))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar with the time left on a terminal; nothing in a pipe."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
