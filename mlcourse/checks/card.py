"""The card a learner sees below a check, as HTML and as text.

Colours are inline and half transparent, and the text takes the colour of the page, so
one card is readable in JupyterLab's light and dark theme, in VS Code and on GitHub.
Words carry the meaning; colour only repeats it.
"""

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcourse.checks.result import Evidence, Result

__all__ = ["as_html", "as_text", "frame", "next_step", "title"]

# Mid tones: at least 3:1 against white and against JupyterLab's dark grey.
COLOURS = {
    "passed": "#2e9e5b",
    "failed": "#c77d0a",
    "raised": "#d0583f",
    "not attempted": "#8a8f98",
}
WORDS = {
    "passed": "Passed",
    "failed": "Not yet",
    "raised": "Your code raised an error",
    "not attempted": "Not attempted",
}
MARKS = {"passed": "ok", "failed": "not yet", "raised": "error", "not attempted": "-"}


def title(result: "Result") -> str:
    """Return the headline: what came of the check, and the points."""
    most = f"{result.points:g} point{'' if result.points == 1 else 's'}"
    if result.outcome == "not attempted":
        score = most
    elif result.outcome == "passed" and not result.graded:
        score = f"{most}, if the hidden tests agree"
    else:
        score = f"{float(result):.4g} of {most}"
    return f"{WORDS[result.outcome]}: {result.task} ({score})"


def next_step(result: "Result") -> str:
    """Return one sentence that says what to do now."""
    if result.outcome == "not attempted":
        names = " and ".join(result.missing)
        return f"Write {names} in the cell above, run it, then run this cell again."
    if result.outcome == "passed":
        return (
            ""
            if result.graded
            else "Hidden tests try the same idea on other data "
            "when the notebook is graded."
        )
    if result.graded:
        return f"Hint: {result.hint}" if result.hint else ""
    return f"checks.{result.task}.hint() gives a hint."


def _details(result: "Result") -> list[tuple["Evidence", list[tuple[str, str]]]]:
    """Return each property with what there is to say of it; nothing is said twice."""
    said: set[str] = set()
    rows = []
    for item in result.evidence:
        details = [("Your value", item.got)] if item.got else []
        if item.message and not (item.outcome == "raised" and item.message in said):
            label = "Error" if item.outcome == "raised" else "Why"
            details.append((label, item.message))
        said.add(item.message)
        rows.append((item, details))
    return rows


def as_text(result: "Result") -> str:
    """Return the card for a terminal."""
    lines = [title(result)]
    for item, details in _details(result):
        lines.append(f"  [{MARKS[item.outcome]}] {item.sentence}")
        for label, text in details:
            lines.append(f"      {label}: " + text.replace("\n", "\n      "))
    if result.noise:
        lines.append(f"  Your code wrote to stderr: {result.noise}")
    step = next_step(result)
    return "\n".join([*lines, f"  {step}"] if step else lines)


def frame(outcome: str, heading: str, body: str) -> str:
    """Return a framed card in the colour of an outcome.

    Args:
        outcome: One of the four outcomes.
        heading: Plain text; escaped here.
        body: HTML.
    """
    colour = COLOURS[outcome]
    return (
        f'<div role="status" style="border-left:5px solid {colour};'
        "background:rgba(128,128,128,0.09);color:inherit;padding:8px 14px;"
        'margin:4px 0;max-width:54em;line-height:1.5">'
        f'<div style="font-weight:600">{escape(heading)}</div>{body}</div>'
    )


def as_html(result: "Result") -> str:
    """Return the card for a notebook."""
    items = []
    for item, details in _details(result):
        rows = "".join(
            f'<div style="margin:1px 0 3px 5em;opacity:0.92">{escape(label)}: '
            f"{_code(text) if label != 'Why' else escape(text)}</div>"
            for label, text in details
        )
        items.append(
            '<li style="margin:2px 0">'
            '<span style="display:inline-block;min-width:5em;'
            f'color:{COLOURS[item.outcome]};font-weight:600">{MARKS[item.outcome]}</span>'
            f"{escape(item.sentence)}{rows}</li>"
        )
    style = "list-style:none;margin:6px 0;padding-left:0"
    body = f'<ul style="{style}">{"".join(items)}</ul>' if items else ""
    if result.noise:
        body += f"<div>Your code wrote to stderr: {_code(result.noise)}</div>"
    step = escape(next_step(result))
    if step:
        call = f"checks.{result.task}.hint()"
        step = step.replace(call, _code(call))
        body += f'<div style="margin-top:4px">{step}</div>'
    return frame(result.outcome, title(result), body)


def _code(text: str) -> str:
    style = "white-space:pre-wrap;background:transparent;color:inherit"
    return f'<code style="{style}">{escape(text)}</code>'
