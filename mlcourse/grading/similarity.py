"""Submissions that resemble each other, for a person to look at; no accusation.

Two learners who were taught together write alike, and a short answer has few forms. So
what was released, and what most of the class wrote, does not count.
"""

import builtins
import hashlib
import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

__all__ = ["Fragment", "Pair", "fingerprints", "similar"]

GRAM = 10  # tokens: a shorter match is never noticed
WINDOW = 8  # a match of GRAM + WINDOW - 1 tokens always is
LEAST = 5  # fingerprints in common: fewer say nothing
FEW = 3  # so many students may share what does not count as common
MANY = 50  # what more students share says nothing of two of them
IGNORED = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fragment:
    """What two submissions share, as each of them has it.

    Args:
        cell: Notebook and grade id of the left one.
        left: Lines of the first submission.
        right: Lines of the second.
    """

    cell: Cell
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two submissions that resemble each other.

    Args:
        left: Student id.
        right: Student id.
        score: Shared fingerprints as a share of those of the shorter submission.
        shared: How many there are.
        fragments: The longest first.
    """

    left: str
    right: str
    score: float
    shared: int
    fragments: tuple[Fragment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    last: int


def similar(
    answers: Mapping[str, Mapping[Cell, str]],
    *,
    released: Iterable[str] = (),
    common: float = 0.5,
    least: float = 0.5,
    most: int = 20,
) -> list[Pair]:
    r"""Return the pairs of submissions that share most, the most alike first.

    Names of variables, numbers, texts and layout do not count, so renaming hides
    nothing.

    Args:
        answers: Python of the answer cells, by student and cell.
        released: Python of the notebook as it was handed out.
        common: What more than this share of the class has, or more than 50 students,
            does not count.
        least: The lowest score of a pair.
        most: How many pairs at most.

    Example:
        >>> code = "total = 0\nfor x in rows:\n    if x > 3:\n        total += x * x"
        >>> more = code + "\nprint(total / len(rows), max(rows), sorted(rows)[:2])"
        >>> cell = ("nb", "answer")
        >>> renamed = more.replace("total", "s")
        >>> similar({"ada": {cell: more}, "bob": {cell: renamed}})[0].score
        1.0
    """
    known = {gram for text in released for gram in _grams(_tokens(text))}
    prints = {
        student: {
            cell: [found for found in fingerprints(text) if found[0] not in known]
            for cell, text in cells.items()
        }
        for student, cells in answers.items()
    }
    sets = {
        student: {gram for found in cells.values() for gram, _, _ in found}
        for student, cells in prints.items()
    }
    having = defaultdict(list)
    for student in sorted(sets):
        for gram in sets[student]:
            having[gram].append(student)
    limit = max(FEW, min(common * len(answers), MANY))
    usual = {gram for gram, students in having.items() if len(students) > limit}
    shared: Counter[tuple[str, str]] = Counter()
    for gram, students in having.items():
        if gram not in usual:
            shared.update(combinations(students, 2))
    pairs = []
    for (left, right), count in shared.items():
        size = min(len(sets[left] - usual), len(sets[right] - usual))
        if count >= LEAST and count / size >= least:
            pairs.append(Pair(left, right, count / size, count))
    pairs.sort(key=lambda pair: (-pair.score, -pair.shared, pair.left, pair.right))
    return [_with_fragments(pair, prints, answers, usual) for pair in pairs[:most]]


def fingerprints(source: str) -> list[tuple[int, int, int]]:
    """Return the winnowed fingerprints of a program, with their first and last line.

    Source: Schleimer, Wilkerson, Aiken (2003), Winnowing: local algorithms for document
    fingerprinting, SIGMOD, section 3: of each window the smallest hash, the rightmost
    one among equals.

    Args:
        source: Python; it need not be without errors.

    Example:
        >>> one, two = fingerprints("f(a, b, c, d, e)"), fingerprints("f(v,w,x,y,z)")
        >>> one == two, len(one) > 0
        (True, True)
    """
    tokens = _tokens(source)
    grams = list(_grams(tokens))
    chosen: dict[int, None] = {}
    for start in range(max(1, len(grams) - WINDOW + 1) if grams else 0):
        window = range(start, min(start + WINDOW, len(grams)))
        chosen[min(window, key=lambda at: (grams[at], -at))] = None
    return [(grams[at], tokens[at].line, tokens[at + GRAM - 1].last) for at in chosen]


def _grams(tokens: Sequence[_Token]) -> Iterator[int]:
    for start in range(len(tokens) - GRAM + 1):
        text = "\0".join(token.text for token in tokens[start : start + GRAM])
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        yield int.from_bytes(digest)


def _tokens(source: str) -> list[_Token]:
    """Return what a program does, without its names, values and layout."""
    found: list[_Token] = []
    lines = io.StringIO(source.replace("\0", "")).readline
    try:
        for token in tokenize.generate_tokens(lines):
            if token.type not in IGNORED:
                attribute = bool(found) and found[-1].text == "."
                text = _normal(token, attribute=attribute)
                found.append(_Token(text, token.start[0], token.end[0]))
    except (tokenize.TokenError, SyntaxError):
        pass  # what stands before the error counts
    return found


def _normal(token: tokenize.TokenInfo, *, attribute: bool) -> str:
    if token.type == tokenize.NAME:
        # A method or a builtin cannot be renamed.
        fixed = attribute or keyword.iskeyword(token.string)
        return token.string if fixed or hasattr(builtins, token.string) else "name"
    if token.type == tokenize.NUMBER:
        return "number"
    return "text" if token.type == tokenize.STRING else token.string


def _with_fragments(
    pair: Pair,
    prints: Mapping[str, Mapping[Cell, list[tuple[int, int, int]]]],
    answers: Mapping[str, Mapping[Cell, str]],
    usual: set[int],
) -> Pair:
    """Return a pair with the text that its fingerprints stand in."""
    places: dict[int, tuple[Cell, int, int]] = {}
    for cell, found in prints[pair.right].items():
        for gram, first, last in found:
            places.setdefault(gram, (cell, first, last))
    fragments = []
    for cell, found in prints[pair.left].items():
        ours = [one for one in found if one[0] in places and one[0] not in usual]
        if not ours:
            continue
        theirs: dict[Cell, list[tuple[int, int]]] = defaultdict(list)
        for gram, _, _ in ours:
            there, first, last = places[gram]
            theirs[there].append((first, last))
        left = _lines(answers[pair.left][cell], [(a, b) for _, a, b in ours])
        right = "\n".join(
            _lines(answers[pair.right][there], spans) for there, spans in theirs.items()
        )
        fragments.append(Fragment(cell, left, right))
    fragments.sort(key=lambda one: -len(one.left))
    return Pair(pair.left, pair.right, pair.score, pair.shared, tuple(fragments))


def _lines(source: str, spans: Iterable[tuple[int, int]]) -> str:
    wanted = {line for first, last in spans for line in range(first, last + 1)}
    lines = source.splitlines()
    return "\n".join(line for at, line in enumerate(lines, 1) if at in wanted)
