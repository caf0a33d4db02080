"""A portfolio as one page that needs no network and runs no script."""

from datetime import UTC, datetime
from pathlib import Path

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from mlcourse.cli.portfolio import Portfolio
from mlcourse.files import write_output

__all__ = ["as_page", "write_page"]

TEMPLATE = Path(__file__).with_name("portfolio.html.j2")
HEADINGS = 3  # a learner's first level of headings stands below the page's own three


def as_page(portfolio: Portfolio, *, name: str = "", date: str = "") -> str:
    """Return a portfolio as HTML: light and dark, wide and narrow, fit to print.

    What a learner wrote is data: HTML in it is shown as text, pictures in it are named
    and not loaded, and the page's own policy forbids scripts and any address.

    Args:
        portfolio: What there is to show.
        name: Whose it is; left out if empty.
        date: The day of the page, left out if empty.

    Example:
        >>> as_page(Portfolio((), ()), name="<Mira>").count("&lt;Mira&gt;")
        2
    """
    environment = jinja2.Environment(autoescape=True, trim_blocks=True)
    environment.filters["markdown"] = _markdown
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(portfolio=portfolio, name=name, date=date)


def write_page(
    portfolio: Portfolio, path: Path, *, name: str = "", now: datetime | None = None
) -> None:
    """Write a portfolio as a page, whole or not at all.

    Args:
        portfolio: What there is to show.
        path: The file; an older one is replaced.
        name: Whose it is; left out if empty.
        now: The moment of the page, in UTC if omitted.

    Raises:
        ValueError: If there is nothing to show, or the file cannot be written.
    """
    if not portfolio.chapters:
        reasons = "; ".join(map(str, portfolio.left_out)) or "there are no labs"
        raise ValueError(f"no lab is finished yet ({reasons}): mlcourse status.")
    now = now or datetime.now(UTC)  # noqa: TID251 - the command line is where it enters
    page = as_page(portfolio, name=name, date=f"{now:%Y-%m-%d}")
    write_output(path, page)


def _markdown(text: str) -> Markup:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + HEADINGS)}"
        for part in token.children or ():
            if part.type == "image":
                part.type, part.tag, part.content = "text", "", f"[{part.content}]"
    html = parser.renderer.render(tokens, parser.options, {})
    return Markup(html)  # noqa: S704 - markdown-it has escaped it
