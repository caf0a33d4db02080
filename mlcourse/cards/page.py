"""A card as one HTML page: readable in light and dark, on paper and by a machine."""

import re
from html import escape

from mlcourse.cards.schema import Card

__all__ = ["to_html"]

STYLE = """\
:root { color-scheme: light dark; --ink: #1d2330; --page: #ffffff; --line: #767c89;
  --soft: #f1f3f6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --page: #171a21; --line: #8d94a3; --soft: #232833; }
}
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { line-height: 1.2; }
h2 { margin-top: 2.2rem; padding-top: .8rem; border-top: 1px solid var(--line); }
code { background: var(--soft); padding: .1em .3em; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .9rem .35rem 0;
  border-bottom: 1px solid var(--line); }
@media print { :root { --ink: #000; --page: #fff; } h2 { break-after: avoid; } }
"""
SCROLL = '<div class="scroll" role="region" aria-label="Table" tabindex="0">'


def to_html(card: Card) -> str:
    """Return a card as one HTML page that needs no other file.

    Headings, lists and tables are marked up as such; header cells have a scope, wide
    tables scroll and can be reached by keyboard. HTML in the card's text is escaped.

    Args:
        card: The card, filled.

    Example:
        >>> "<h2>Intended use</h2>" in to_html(Card("Fraud", {"use": "For payments."}))
        True
    """
    title = escape(card.title)
    body = _marked_up(card.body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Model card: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _marked_up(markdown: str) -> str:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    html = parser.render(markdown)
    # Whatever the writer typed is escaped, so these tags are the renderer's own.
    html = re.sub(r"<th(?=[ >])", '<th scope="col"', html)
    return html.replace("<table>", SCROLL + "<table>").replace(
        "</table>", "</table></div>"
    )
