"""A quiz on the vocabulary of some labs, as a notebook that nbgrader grades.

The notebook is a source: put it into a folder of its own in the source folder of any
nbgrader course, and let nbgrader make the release. A question is three cells: its text,
the answer, a test. Card ids and answers stand in solution regions and hidden tests, so
the release holds neither. It holds no hash either: what can be guessed from a list of
488 terms is found from its hash at once.

Who has the glossary can look answers up; that is true of every quiz at home. The grader
needs the glossary too: it is that of the course which the package is installed from, or
which ``MLCOURSE_HOME`` names. A term must not be retired while a quiz asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode, from_dict

from mlcourse.authoring.notebook import KERNEL, SCHEMA
from mlcourse.flashcards.quiz import LETTERS, Question, draw
from mlcourse.glossary.markdown import escape

if TYPE_CHECKING:
    from mlcourse.glossary.load import Glossary

__all__ = ["make_quiz"]

POINTS = 1
HELP = """\
# {title}

{count} questions, a point each. Write your answer between the quotation marks below \
each question: words, or a letter.

UK and US spelling, capital letters and small slips of the finger do not matter. \
Another term is wrong, however near it is."""


def make_quiz(
    glossary: Glossary,
    *,
    seed: int,
    slugs: Iterable[str] | None = None,
    categories: Iterable[str] | None = None,
    questions: int = 20,
    title: str = "Vocabulary quiz",
) -> NotebookNode:
    """Return a quiz as the source notebook of an nbgrader assignment.

    The seed is not in the notebook: with it, one could make the quiz again.

    Args:
        glossary: Where the terms are.
        seed: Decides questions and choices; another seed gives another quiz.
        slugs: Terms by their slugs, such as those of some labs; all if omitted.
        categories: Only terms of these categories.
        questions: How many, at least 1; each is worth a point.
        title: The heading.

    Raises:
        ValueError: If a slug or a category is unknown, or the terms have too few cards.
    """
    drawn = draw(
        glossary, seed=seed, slugs=slugs, categories=categories, questions=questions
    )
    text = HELP.format(title=escape(title), count=len(drawn))
    cells = [_cell("quiz", "markdown", text)]
    for number, question in enumerate(drawn, start=1):
        cells += _cells(question, f"{number:02d}")
    metadata = {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    notebook: NotebookNode = from_dict(content)  # type: ignore[no-untyped-call]
    return notebook


def _cells(question: Question, number: str) -> list[dict[str, Any]]:
    name = f"answer_{number}"
    blank = "a letter" if question.choices else "words"
    wanted = question.answer if question.choices else question.card
    mark = "mark_letter" if question.choices else "mark_words"
    answer = f"""\
{name} = ""  # {blank}
### BEGIN SOLUTION
{name} = {_quoted(question.answer)}
### END SOLUTION"""
    test = f"""\
# Question {int(number)} is marked when you have handed in.
### BEGIN HIDDEN TESTS
from mlcourse.flashcards.quiz import {mark}
{mark}({name}, {_quoted(wanted)}, points={POINTS})
### END HIDDEN TESTS"""
    return [
        _cell(f"question_{number}", "markdown", _text(question, int(number))),
        _cell(name, "code", answer, solution=True),
        _cell(f"test_{number}", "code", test, points=POINTS),
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(question: Question, number: int) -> str:
    parts = [f"**{number}. {escape(question.prompt)}**", *map(escape, question.lines)]
    choices = zip(LETTERS, question.choices, strict=False)
    parts += [f"{letter}) {escape(choice)}" for letter, choice in choices]
    return "\n\n".join(parts)


def _cell(
    identity: str,
    kind: str,
    source: str,
    *,
    solution: bool = False,
    points: int | None = None,
) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "id": identity,  # by its number: a hash of the content would tell the answer
        "cell_type": kind,
        "metadata": {},
        "source": source,
    }
    if kind == "markdown":
        cell["metadata"] = {"deletable": False, "editable": False}
        return cell
    cell |= {"execution_count": None, "outputs": []}
    grading: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": identity,
        "locked": points is not None,
        "schema_version": SCHEMA,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        grading["points"] = points
    cell["metadata"]["nbgrader"] = grading
    return cell
