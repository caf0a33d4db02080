"""Mistakes that people make in the first toy lab."""

from mlcourse.authoring.wrong_answers import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        answer="greeting",
        mistake="takes another greeting",
        code='greeting = "good day"',
        hint="word",
    ),
    WrongAnswer(
        answer="greeting",
        mistake="takes a greeting that is too short",
        code='greeting = "hi"',
        hint="word",
    ),
]
