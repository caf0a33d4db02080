"""A graded notebook as one page for its learner: marks, comments, no hidden tests."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from nbformat import NotebookNode

from mlcourse.grading import outputs as shown
from mlcourse.grading.redaction import (
    LIMITS,
    Delimiters,
    Messages,
    Secrets,
    error_name,
)
from mlcourse.grading.sanitize import OWN, POLICY, clean_markdown, plain_text

__all__ = ["RAISED", "Mark", "Part", "Sheet", "as_page", "message_of", "parts_of"]

TEMPLATE = Path(__file__).with_name("feedback.html.j2")
MESSAGE = 600  # characters that a check may say
OWN_OUTPUT = (
    "Your own output, as you handed it in. What cells print while they are graded "
    "beside hidden tests is not shown."
)
REFUSED = "This output is not shown: it holds text of a hidden test."
FAILED = "What this cell asserts does not hold."
RAISED = "The check ended with an error"
STOPPED = "When it was graded, this cell ended with an error"

Outputs = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a cell was given.

    Args:
        score: Points.
        points: The most there are.
        waiting: Whether a person has yet to grade it.
    """

    score: float
    points: float
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A notebook after grading, and what the gradebook says of it.

    Args:
        notebook: Executed by the grader; its locked cells are the master copy's.
        marks: By grade id.
        comments: Of the person who graded, by grade id.
        handed_in: The outputs of a cell as they were handed in.
        sources: Programs of the author that the tests use; their sentences may be told.
        delimiters: Of hidden regions.
        contained: Whether the kernel could read nothing but what was sent to it. If
            not, any cell can have read the tests.
    """

    notebook: NotebookNode
    marks: Mapping[str, Mark]
    comments: Mapping[str, str]
    handed_in: Callable[[NotebookNode], Outputs] = lambda _: []
    sources: tuple[str, ...] = ()
    delimiters: Delimiters = Delimiters()
    contained: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A cell, ready to show; what is HTML is safe.

    Args:
        anchor: Id on the page.
        name: The grade id, of cells that have one.
        kind: ``text``, ``code``, ``answer``, ``test`` or ``task``.
        source: HTML.
        mark: What it was given, if it is graded.
        message: What the check says, plain.
        outputs: HTML, one each.
        notes: About the outputs, plain.
        comment: Of the person who graded, HTML.
    """

    anchor: str
    name: str
    kind: str
    source: Markup
    mark: Mark | None = None
    message: str = ""
    outputs: tuple[Markup, ...] = ()
    notes: tuple[str, ...] = ()
    comment: Markup = Markup()  # noqa: RUF009 - immutable


def parts_of(sheet: Sheet) -> tuple[Part, ...]:
    """Return the cells of a graded notebook without what must stay hidden.

    Hidden regions are cut. Of a test cell only its points and the author's own words
    are told. A cell that ran when hidden tests were in the kernel can have read them
    and can print them in any code, so its outputs are those that were handed in.
    """
    cells = sheet.notebook.cells
    split = [sheet.delimiters.split(cell.source) for cell in cells]
    hidden = [line for _, lines in split for line in lines]
    secrets = Secrets.of(hidden, (text for text, _ in split))
    first = next((i for i, (_, lines) in enumerate(split) if lines), len(cells))
    fixed = [cell.source for cell in cells if _marks(cell).get("locked")]
    messages = Messages([*fixed, *sheet.sources])
    made = []
    for index, cell in enumerate(cells):
        marks = _marks(cell)
        name = str(marks.get("grade_id", ""))
        kind = _kind(cell, marks)
        free = sheet.contained and index < first
        anchor = f"{OWN}{index}"
        message = ""
        html: list[Markup] = []
        notes: list[str] = []
        if kind == "test":
            message = message_of(cell, None if free else messages)
            if secrets.are_in(message):
                message = ""
        elif cell.cell_type == "code":
            updatable = first < len(cells)
            chosen, notes = _choose(cell, sheet.handed_in(cell), free, updatable)
            if chosen is cell.outputs and secrets.are_in(shown.as_plain(chosen)):
                chosen, notes = [], [REFUSED]
            html = [_framed(one, f"{anchor}-{i}") for i, one in enumerate(chosen)]
        text = split[index][0]
        comment = sheet.comments.get(name) or ""
        made.append(
            Part(
                anchor=anchor,
                name=name if kind not in ("text", "code") else "",
                kind=kind,
                source=_source(cell, text),
                mark=sheet.marks.get(name) if name else None,
                message=message,
                outputs=tuple(filter(None, html)),
                notes=tuple(notes),
                comment=Markup(clean_markdown(comment)) if comment else Markup(),  # noqa: S704
            )
        )
    return tuple(part for part in made if part.source or part.mark or part.outputs)


def as_page(
    parts: Iterable[Part],
    *,
    notebook: str,
    assignment: str,
    student: str,
    penalty: float = 0.0,
) -> str:
    """Return the page: one file, no script, nothing fetched, light and dark.

    Args:
        parts: Of :func:`parts_of`.
        notebook: Its name.
        assignment: Name of the assignment.
        student: Whose it is.
        penalty: Points taken because it was late.
    """
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    parts = tuple(parts)
    marks = [part.mark for part in parts if part.mark]
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["points"] = lambda value: f"{value:.4g}"
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        parts=parts,
        notebook=notebook,
        assignment=assignment,
        student=student,
        penalty=penalty,
        score=max(0.0, sum(mark.score for mark in marks) - penalty),
        points=sum(mark.points for mark in marks),
        waiting=sum(mark.waiting for mark in marks),
        policy=POLICY,
        light=HtmlFormatter(style="default", classprefix=OWN).get_style_defs(),
        dark=HtmlFormatter(style="github-dark", classprefix=OWN).get_style_defs(),
    )
    return str(page)


def _marks(cell: NotebookNode) -> Mapping[str, Any]:
    marks = cell.metadata.get("nbgrader", {})
    return marks if isinstance(marks, Mapping) else {}


def _kind(cell: NotebookNode, marks: Mapping[str, Any]) -> str:
    if marks.get("task"):
        return "task"
    if marks.get("solution"):
        return "answer"
    if marks.get("grade"):
        return "test"
    return "code" if cell.cell_type == "code" else "text"


def _choose(
    cell: NotebookNode, own: Outputs, free: bool, updatable: bool
) -> tuple[Outputs, list[str]]:
    """Return the outputs that may be shown of a cell that is no test, and notes.

    A display can be changed from a later cell (``update_display``), so beside hidden
    tests it is shown only if it is what was handed in.
    """
    graded: Outputs = cell.outputs
    rich = [one.get("data") for one in graded if shown.is_rich(one)]
    same = rich == [one.get("data") for one in own if shown.is_rich(one)]
    if free and (same or not rich or not updatable):
        return graded, []
    notes = [OWN_OUTPUT] if own else []
    ended = [one for one in graded if one.get("output_type") == "error"]
    if ended:
        name = error_name(ended[-1].get("ename"))
        told = LIMITS.get(name, f"{STOPPED}: {name}." if name else f"{STOPPED}.")
        notes.append(told)
    return own, notes


def _framed(output: Mapping[str, Any], anchor: str) -> Markup:
    """Return an output in an element of its own, to which its styles are kept."""
    html = shown.as_html(output, scope=anchor)
    frame = f'<div class="{OWN}out" id="{anchor}">{html}</div>'
    return Markup(frame if html else "")  # noqa: S704


def message_of(cell: NotebookNode, messages: Messages | None = None) -> str:
    """Return what the check in a test cell says, as plain text, at most 600 characters.

    Args:
        cell: Executed.
        messages: If given, only what the author of the tests can have said is told.
    """
    for output in reversed(cell.get("outputs", [])):
        if output.get("output_type") == "error":
            kind, value = str(output.get("ename")), str(output.get("evalue"))
            if kind in LIMITS:
                return LIMITS[kind]
            name = error_name(kind) if messages else kind
            told = messages.known(value) if messages else value
            if kind == "AssertionError":
                return told[:MESSAGE] or FAILED
            return f"{RAISED}: " + ": ".join(filter(None, (name, told)))[:MESSAGE]
        html = output.get("data", {}).get("text/html", "")
        if html:
            text = plain_text("".join(html))
            return (messages.known(text) if messages else text)[:MESSAGE]
    return ""


def _source(cell: NotebookNode, text: str) -> Markup:
    if cell.cell_type == "markdown":
        return Markup(clean_markdown(text, cell.get("attachments")))  # noqa: S704
    if cell.cell_type != "code":
        return Markup("<pre>{}</pre>").format(text) if text.strip() else Markup()
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    if not text.strip():
        return Markup()
    formatter = HtmlFormatter(nowrap=True, classprefix=OWN)
    code = highlight(text, PythonLexer(stripnl=False), formatter)
    return Markup("<pre>{}</pre>").format(Markup(code))  # noqa: S704
