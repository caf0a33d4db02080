"""``mlcourse cards``: the flashcards in the terminal, as lines, as a page, as files."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mlcourse.flashcards.plan import Plan
    from mlcourse.paths import Course

__all__ = ["cards"]

FILES = ("--export", "--import", "--restore")
REPORTS = ("stats", "flags", "suspended", "tune")


def cards(
    mode: Annotated[
        str,
        typer.Argument(
            help="today, learn, review, test, match, confusables, say-it, cram or "
            "browse; or stats, flags, suspended or tune. today if omitted."
        ),
    ] = "",
    lab: Annotated[
        list[str] | None,
        typer.Option(help="Keep to the terms of this lab; may be given again."),
    ] = None,
    category: Annotated[str, typer.Option(help="Keep to this category.")] = "",
    new: Annotated[int, typer.Option(help="The most new cards a day.")] = 10,
    limit: Annotated[int, typer.Option(help="The most cards a day.")] = 100,
    retention: Annotated[
        float | None,
        typer.Option(help="Wanted share of right answers, 0.80 to 0.95; is kept."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Mixes the cards of a practice.")] = 0,
    simple: Annotated[
        bool, typer.Option("--simple", help="Plain lines, for screen readers.")
    ] = False,
    web: Annotated[
        bool, typer.Option("--web", help="A page in the browser, on this machine.")
    ] = False,
    port: Annotated[int, typer.Option(help="Of the page; 0: the system chooses.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
    export: Annotated[
        str, typer.Option(help="Write a file for others: anki, csv, md or skos.")
    ] = "",
    out: Annotated[str, typer.Option(help="The file of --export.")] = "",
    take: Annotated[
        str,
        typer.Option(
            "--import", help="Take in reviews: an Anki package, or a log (.jsonl)."
        ),
    ] = "",
    back: Annotated[
        str, typer.Option("--restore", help="Bring the suspended cards of a term back.")
    ] = "",
    picture: Annotated[
        str, typer.Option(help="With stats: a picture too, as .png, .svg or .pdf.")
    ] = "",
) -> None:
    """Study the words of the course with flashcards.

    today brings what is due and some new cards, learn the same for a lab, review only
    what is due. test, match, confusables, say-it, cram and browse are practice: they do
    not change when cards come back.

    stats shows how well you remember and the work ahead; with --new or --retention it
    shows the work as if. flags lists the cards you flagged, suspended those that you
    suspended; --restore TERM brings them back. tune fits the schedule to
    you, once you have 400 reviews.

    Every answer is saved before the next card shows.

    Example: mlcourse cards --lab 06

    Example: mlcourse cards stats --picture recall.png

    Example: mlcourse cards --export anki --out mlgloss.apkg
    """
    from mlcourse.paths import find_course

    given = {
        "--export": export,
        "--import": take,
        "--restore": back,
        "--web": web,
        "--simple": simple,
    }
    chosen = [name for name, value in given.items() if value]
    if mode in REPORTS or (mode and chosen and chosen[0] in FILES):
        chosen.insert(0, mode)
    if len(chosen) > 1:
        raise ValueError(f"{' and '.join(chosen)}: give only one of them.")
    if picture and mode != "stats":
        raise ValueError("--picture goes with stats: mlcourse cards stats --picture F.")
    if out and not export:
        raise ValueError("--out goes with --export: name what to export.")
    course = find_course()
    if export:
        _export(course, export, out, lab or [], category)
    elif take:
        _import(Path(take))
    elif back:
        _restore(course, back)
    elif mode == "flags":
        _flags(course)
    elif mode == "suspended":
        _suspended(course)
    elif mode == "tune":
        _tune()
    else:
        from mlcourse.flashcards import MODES, Plan
        from mlcourse.flashcards.vocabulary import lab_terms

        if mode and mode not in (*MODES, *REPORTS):
            known = ", ".join((*MODES, *REPORTS))
            raise ValueError(f"mode == {mode!r}, must be one of: {known}.")
        terms = lab_terms(course, lab) if lab else None
        usual: Any = "learn" if lab else "today"
        what: Any = "today" if mode == "stats" else mode or usual
        plan = Plan(what, terms, category or None, new, limit, seed=seed)
        if mode == "stats":
            _stats(course, plan, retention, picture)
        else:
            _study(course, plan, retention, simple, web, port, browser)


def _study(
    course: "Course",
    plan: "Plan",
    retention: float | None,
    simple: bool,
    web: bool,
    port: int,
    browser: bool,
) -> None:
    from mlcourse.flashcards import forecast, start
    from mlcourse.flashcards.wording import count, ending

    if web:
        from mlcourse.flashcards.web import serve

        if retention is not None:
            start(course, plan, now=_clock(), retention=retention)
        serve(course, plan, port=port, browser=browser)
        return
    session = start(course, plan, now=_clock(), retention=retention)
    if retention is not None:
        ahead = forecast(session.deck, session.state, plan, now=_clock())
        typer.echo(
            f"Wanted recall from now on: {retention:.0%}, about {ahead.mean:.0f} "
            f"answers and {count(round(ahead.minutes), 'minute')} a day."
        )
    edit = _editor(course)
    if simple or not _is_rich():
        from mlcourse.flashcards.simple import study

        study(session, clock=_clock, edit=edit)
    else:
        from mlcourse.flashcards.terminal import CardsApp

        CardsApp(session, clock=_clock, edit=edit).run()
        # The program has left the screen: what it came to stays on it.
        for line in ending(session, now=_clock()):
            typer.echo(line)


def _export(
    course: "Course", kind: str, out: str, labs: list[str], category: str
) -> None:
    from mlcourse.cli.card_files import export
    from mlcourse.files import write_output

    path = Path(out) if out else None
    content, name = export(course, kind, labs=labs, category=category)
    typer.echo(f"Written: {write_output(path or Path(name), content)}")


def _import(path: Path) -> None:
    from mlcourse.cli.card_files import take_in
    from mlcourse.flashcards import default_home
    from mlcourse.flashcards.wording import count

    new = take_in(path, default_home().log(), now=_clock())
    typer.echo(f"{count(new, 'new event')} taken in from {path.name}.")


def _flags(course: "Course") -> None:
    from mlcourse.cli.card_report import flags
    from mlcourse.flashcards import default_home

    home = default_home()
    state, _ = home.state()
    typer.echo(flags(state, home.deck(course), course))


def _suspended(course: "Course") -> None:
    from mlcourse.cli.card_suspension import suspended
    from mlcourse.flashcards import default_home

    home = default_home()
    typer.echo(suspended(home.state()[0], home.deck(course)))


def _restore(course: "Course", words: str) -> None:
    from mlcourse.cli.card_suspension import restore
    from mlcourse.flashcards import default_home
    from mlcourse.flashcards.wording import count

    home = default_home()
    number = restore(home, home.deck(course), words, now=_clock())
    typer.echo(f"{count(number, 'card')} will come again.")


def _tune() -> None:
    from mlcourse.cli.card_report import fit
    from mlcourse.flashcards import default_home

    typer.echo(fit(default_home(), now=_clock()))


def _stats(
    course: "Course", plan: "Plan", retention: float | None, picture: str
) -> None:
    from mlcourse.cli.card_report import draw, look, stats
    from mlcourse.files import write_output

    report = look(course, plan, now=_clock(), retention=retention)
    image = draw(report, Path(picture).suffix) if picture else b""
    typer.echo(stats(report))
    if picture:
        typer.echo(f"\nWritten: {write_output(Path(picture), image)}")


def _clock() -> datetime:
    return datetime.now().astimezone()  # noqa: TID251 - here the time enters


def _is_rich() -> bool:
    """Return whether this terminal can do more than lines."""
    seen = sys.stdin.isatty() and sys.stdout.isatty()
    return seen and os.environ.get("TERM", "") not in ("dumb", "unknown")


def _editor(course: "Course") -> Callable[[str], str]:
    def edit(slug: str) -> str:
        path = course.glossary / "terms" / f"{slug}.yaml"
        program = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not program or not sys.stdin.isatty():
            return f"The file is {path}"
        try:
            subprocess.run([*shlex.split(program), str(path)], check=False)
        except (OSError, ValueError) as error:
            return f"{program} does not start: {error}. The file is {path}"
        return f"A change of {path.name} shows when you start again."

    return edit
