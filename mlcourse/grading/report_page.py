"""The report of an assignment as one page for instructors, and as text."""

import base64
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from mlcourse.files import write_output
from mlcourse.grading.report import Report
from mlcourse.grading.sanitize import POLICY

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["as_page", "print_report", "write_page"]

TEMPLATE = Path(__file__).with_name("report.html.j2")
HARD, EASY = 0.3, 0.95
WEAK = 0.2  # Ebel and Frisbie: an item below tells learners hardly apart


def as_page(report: Report, *, date: str = "") -> str:
    """Return the report as HTML: one file, nothing runs, nothing is fetched.

    Args:
        report: What there is to say.
        date: The day of the page; left out if empty.
    """
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": _number, "share": _share}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        date=date,
        policy=POLICY,
        picture=base64.b64encode(_distribution(report)).decode(),
        summary=_summary(report),
        notes={
            item.name: _note(item.difficulty, item.item_total) for item in report.items
        },
    )


def write_page(report: Report, path: Path, *, date: str = "") -> Path:
    """Write the page, whole or not at all.

    Raises:
        ValueError: If the file cannot be written.
    """
    return write_output(path, as_page(report, date=date))


def print_report(report: Report, console: "Console") -> None:
    """Print the report on a terminal.

    Args:
        report: What there is to say.
        console: Where.
    """
    from rich.markup import escape
    from rich.table import Column, Table

    console.print(f"[bold]{escape(report.assignment)}[/bold]", highlight=False)
    for name, value in _summary(report):
        console.print(f"{name}: {value}", highlight=False)
    if report.items:
        names = ("points", "share", "r", "27 %", "lost", "commonest failure")
        table = Table(Column("item", no_wrap=True), *names)
        for item in report.items:
            said = item.failing[0][0] if item.failing else ""
            table.add_row(
                escape(item.name),
                _number(item.points),
                _share(item.difficulty),
                _number(item.item_total),
                _number(item.upper_lower),
                str(item.lost),
                escape(said),
            )
        console.print()
        console.print(table)
    if report.costs:
        table = Table("cost of a submission", "median", "p95", "most")
        for one in report.costs:
            numbers = map(_number, (one.median, one.p95, one.most))
            table.add_row(f"{one.name} ({one.unit})", *numbers)
        console.print(table)
    notes = [
        *(f"{student}: not graded: {why}" for student, why in report.failures),
        *(
            f"{s}: {notebook}: the {why} limit ended it"
            for s, notebook, why in report.ended
        ),
        *(f"{student}: {_place(flag)}{flag.message}" for student, flag in report.flags),
    ]
    for title, lines in (
        ("To look at", notes),
        (
            "Waits for a person",
            [f"{', '.join(c)}: {' '.join(s)}" for c, s in report.waiting.items()],
        ),
        (
            "Alike (look at both before you say anything)",
            [f"{p.left}, {p.right}: {p.score:.0%}" for p in report.pairs],
        ),
    ):
        if lines:
            console.print(f"\n[bold]{title}[/bold]")
            for line in lines:
                console.print(escape(line), highlight=False, soft_wrap=True)


def _summary(report: Report) -> list[tuple[str, str]]:
    import numpy as np

    lines = [("Handed in and graded", f"{len(report.scores)} of {report.students}")]
    if report.scores:
        scores = np.array(list(report.scores.values()))
        lines += [
            ("Mean", f"{scores.mean():.2f} of {report.points:g}"),
            ("Median", f"{np.median(scores):.2f}"),
            ("Standard deviation", f"{scores.std(ddof=1):.2f}")
            if len(scores) > 1
            else ("Standard deviation", "-"),
        ]
    if report.failures:
        lines.append(("Could not be graded", str(len(report.failures))))
    if report.waiting:
        count = sum(map(len, report.waiting.values()))
        lines.append(("Wait for a person", str(count)))
    for tier, count in report.tiers:
        held = "no sandbox" if tier == "none" else f"sandbox ({tier})"
        lines.append(("Notebooks run in", f"{held}: {count}"))
    return lines


def _distribution(report: Report) -> bytes:
    """Return the histogram of the totals as PNG."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7.2, 2.6), layout="constrained")
    axes = figure.subplots()
    most = max([report.points, *report.scores.values(), 1.0])
    bins = min(20, max(4, math.ceil(most)))
    axes.hist(list(report.scores.values()), bins=bins, range=(0, most), color="#0b6e6a")
    axes.set_xlabel(f"points of {report.points:g}")
    axes.set_ylabel("submissions")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=200, metadata={"Software": None})
    return file.getvalue()


def _note(share: float, r: float) -> str:
    if r < 0:
        return "stronger learners do worse: is the test right?"
    if share < HARD:
        return "hard"
    if share > EASY:
        return "nearly everyone has it"
    return "tells learners hardly apart" if r < WEAK else ""


def _place(flag: object) -> str:
    parts = (getattr(flag, name) for name in ("notebook", "cell"))
    place = "/".join(part for part in parts if part)
    return f"{getattr(flag, 'kind', '')}{f' in {place}' if place else ''}: "


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}".rstrip("0").rstrip(".")


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
