"""What a memo is made of: headings, sentences and table cells, each with its line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from mlcourse.writing.sentences import sentence_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["CODE", "Passage", "passages"]

CODE = "\ufffc"  # one character in place of a code span, so that positions stay
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---(?=\n|\Z)", re.DOTALL)
_URL = re.compile(r"(?:https?|ftp)://[^\s)>\]]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading, a sentence or a table cell.

    Args:
        kind: ``"heading"``, ``"sentence"`` or ``"cell"``.
        text: Its words; each code span is one character, ``CODE``.
        line: Where it starts, counted from 1.
        place: The same for the cells of one table row, else a number of its own.
        code: The code spans, in order.
        level: Of a heading, 1 to 6; else 0.
        quoted: Whether it stands in a block quote.
        labels: Of a cell, the header of its column and the first cell of its row.
    """

    kind: str
    text: str
    line: int
    place: int
    code: tuple[str, ...] = ()
    level: int = 0
    quoted: bool = False
    labels: str = ""

    @property
    def with_code(self) -> str:
        """The text with its code spans put back."""
        spans = iter(self.code)
        return re.sub(CODE, lambda _: next(spans, ""), self.text)

    def line_at(self, position: int) -> int:
        """Return the line of the memo that a position of ``text`` stands on."""
        return self.line + self.text.count("\n", 0, position)


def passages(text: str) -> tuple[Passage, ...]:
    r"""Split Markdown into its headings, sentences and table cells, in reading order.

    Code blocks, HTML, front matter, images and addresses are left out.

    Args:
        text: A memo in CommonMark, with pipe tables.

    Example:
        >>> [(p.kind, p.line) for p in passages("# Errors\n\nNo body. See `/docs`.")]
        [('heading', 1), ('sentence', 3), ('sentence', 3)]
    """
    text = text.replace(CODE, " ").replace("\r\n", "\n").replace("\r", "\n")
    text = _FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)
    return tuple(_walk(_parser().parse(text)))


def _walk(tokens: list["Token"]) -> Iterator[Passage]:
    places = count()
    quotes = level = row_line = row_place = 0
    headers: list[str] = []
    row: list[str] = []
    parent = ""
    for token in tokens:
        if token.type == "blockquote_open":
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif token.type == "table_open":
            headers = []
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "tr_open":
            row, row_place = [], next(places)
            row_line = token.map[0] + 1 if token.map else 1
        elif token.type == "inline":
            line = token.map[0] + 1 if token.map else row_line
            words, code = _plain(token.children or ())
            if parent in ("th_open", "td_open"):
                header = headers[len(row)] if len(row) < len(headers) else ""
                labels = f"{header} | {row[0]}" if row else header
                cell = Passage(
                    "cell", words, row_line, row_place, code, 0, quotes > 0, labels
                )
                (headers if parent == "th_open" else row).append(cell.with_code)
                yield cell
            elif parent == "heading_open":
                yield Passage("heading", words, line, next(places), code, level)
            else:
                for start, end in sentence_spans(words):
                    first = words.count(CODE, 0, start)
                    yield Passage(
                        kind="sentence",
                        text=words[start:end],
                        line=line + words.count("\n", 0, start),
                        place=next(places),
                        code=code[first : first + words.count(CODE, start, end)],
                        quoted=quotes > 0,
                    )
        parent = token.type


def _plain(children: Iterable["Token"]) -> tuple[str, tuple[str, ...]]:
    """Return the words of inline tokens, and the code spans taken out of them."""
    words: list[str] = []
    code: list[str] = []
    for token in children:
        if token.type in ("text", "text_special"):
            masked, addresses = _URL.subn(CODE, token.content)
            words.append(masked)
            code += [""] * addresses
        elif token.type == "code_inline":
            words.append(CODE)
            code.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append("\n")
    return "".join(words), tuple(code)


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")
