"""Commands for authors: ``mlcourse dev``."""

import re
from typing import Annotated

import typer

__all__ = ["app"]

GOAL = 0.9  # of the mutants that must lose points

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Lab = Annotated[str, typer.Argument(help="Number or name of the lab, such as 06.")]
Labs = Annotated[list[str] | None, typer.Argument(help="Labs; all if omitted.")]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Folder of the lab: NN_slug.")],
) -> None:
    """Begin a lab: a folder that builds, with the places to fill in marked.

    Example: mlcourse dev new 07_inference_modes
    """
    from mlcourse.authoring.new import new_lab
    from mlcourse.paths import find_course

    course = find_course()
    folder = new_lab(course, name)
    typer.echo(f"{folder.relative_to(course.root)} is there. What is left to do:")
    typer.echo(f"mlcourse dev build {name[:2]} && mlcourse dev lint {name[:2]}")


@app.command()
def build(
    labs: Labs = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell.")] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Lose edits of built notebooks.")
    ] = False,
) -> None:
    """Write the notebooks for instructors and learners from the sources.

    With --check nothing is written; stale files are named, and the exit code is 1.

    Example: mlcourse dev build 06
    """
    from mlcourse.authoring import build as builder
    from mlcourse.paths import find_course

    course = find_course()
    if check and discard:
        raise ValueError("--check writes nothing, leave out --check or --discard.")
    if check:
        stale = builder.check(course, labs or None)
        for item in stale:
            typer.echo(str(item))
        raise typer.Exit(bool(stale))
    for path in builder.build(course, labs or None, discard=discard):
        typer.echo(path.relative_to(course.root))


@app.command()
def adopt(lab: Lab) -> None:
    """Bring an edit of the notebook in solutions/ back into its source.

    Example: mlcourse dev adopt 06
    """
    from mlcourse.authoring.adopt import adopt as adopt_lab
    from mlcourse.paths import find_course

    course = find_course()
    source = adopt_lab(course, lab)
    if source is None:
        typer.echo("The notebook holds no edit.")
    else:
        typer.echo(f"{source.relative_to(course.root)} has the edit, and is built.")


@app.command()
def lint(labs: Labs = None) -> None:
    """Name what a lab lacks: hints, wrong answers, pictures, a card.

    Example: mlcourse dev lint 06
    """
    from mlcourse.authoring.lint import lint as lint_labs
    from mlcourse.paths import find_course

    course = find_course()
    faults = [f for lab in labs or course.lab_names() for f in lint_labs(course, lab)]
    for fault in faults:
        typer.echo(f"{fault.lab}  {fault}")
    raise typer.Exit(bool(faults))


@app.command()
def mutants(lab: Lab) -> None:
    """Change the reference answers in small ways and count what the tests notice.

    Exits 1 if fewer than nine in ten lose points.

    Example: mlcourse dev mutants 06
    """
    from mlcourse.authoring.mutants import mutate
    from mlcourse.cli.terminal import waiting
    from mlcourse.paths import find_course

    with waiting(f"Trying mutants of {lab}"):
        found = mutate(find_course(), lab)
    typer.echo(str(found))
    raise typer.Exit(found.share < GOAL)


@app.command()
def seeds(
    lab: Lab,
    seeds: Annotated[int, typer.Option(help="How many seeds.")] = 200,
    first: Annotated[int, typer.Option(help="The first of them.")] = 0,
    workers: Annotated[int, typer.Option(help="How many run at a time.")] = 2,
    timeout: Annotated[float, typer.Option(help="Seconds for one seed.")] = 300.0,
) -> None:
    """Run the reference answers on many seeds; name each check that takes a point away.

    Prints how many seeds fail and the upper bound of the failure rate (Wilson, 95 %).
    Exits 1 if any seed loses a graded point, raises an error or takes too long.

    Example: mlcourse dev seeds 06 --seeds 20
    """
    from rich.console import Console
    from rich.progress import Progress

    from mlcourse.authoring.seeds import try_seeds
    from mlcourse.paths import find_course

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"Seeds of {lab}", total=seeds)
        found = try_seeds(
            find_course(),
            lab,
            range(first, first + seeds),
            workers=workers,
            timeout=timeout,
            tell=lambda done: bar.update(task, completed=done),
        )
    typer.echo(str(found))
    raise typer.Exit(bool(found.losses))


@app.command()
def quiz(
    name: Annotated[str, typer.Argument(help="Its folder, such as quiz_drift.")],
    seed: Annotated[int, typer.Option(help="Another seed gives another quiz.")],
    lab: Annotated[
        list[str] | None, typer.Option(help="Terms of this lab; may be given again.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only this category; likewise.")
    ] = None,
    term: Annotated[
        list[str] | None, typer.Option(help="A term by its slug; likewise.")
    ] = None,
    questions: Annotated[int, typer.Option(help="How many, each a point.")] = 20,
    title: Annotated[str, typer.Option(help="The heading.")] = "Vocabulary quiz",
) -> None:
    """Make a quiz on the vocabulary, as a notebook that nbgrader grades by itself.

    Keep the seed to yourself: with it, anybody can make the quiz again.

    Example: mlcourse dev quiz quiz_serving --seed 31 --lab 06
    """
    import nbformat

    from mlcourse.authoring.quiz import make_quiz
    from mlcourse.authoring.terms import read_glossary
    from mlcourse.errors import BuildError
    from mlcourse.files import write_whole
    from mlcourse.flashcards.vocabulary import lab_terms
    from mlcourse.paths import find_course

    # A folder NN_slug would be taken for a lab.
    if not re.fullmatch(r"[A-Za-z][\w-]*", name, re.ASCII):
        raise ValueError(
            f"name == {name!r}, must begin with a letter and hold letters, digits, "
            "- and _ alone."
        )
    course = find_course()
    path = course.solutions / name / f"{name}.ipynb"
    if path.exists():
        raise BuildError(
            f"{path.relative_to(course.root)} is there already: delete it first, or "
            "give another name."
        )
    slugs = (*(lab_terms(course, lab) if lab else ()), *(term or ()))
    notebook = make_quiz(
        read_glossary(course),
        seed=seed,
        slugs=slugs or None,
        categories=category or None,
        questions=questions,
        title=title,
    )
    content: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f"{content}\n")
    typer.echo(
        f"{path.relative_to(course.root)} has {questions} questions. Release it:"
    )
    typer.echo(f"nbgrader generate_assignment {name}")


@app.command()
def check(
    fast: Annotated[bool, typer.Option("--fast", help="Without the tests.")] = False,
) -> None:
    """Run every check of the project, and name the command that repeats each.

    Example: mlcourse dev check --fast
    """
    from mlcourse.cli.gate import run_gate, steps
    from mlcourse.paths import find_course

    if not run_gate(find_course().root, steps(fast=fast), say=typer.echo):
        raise typer.Exit(1)
