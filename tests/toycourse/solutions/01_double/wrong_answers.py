"""Mistakes that people make in the second toy lab."""

from mlcourse.authoring.wrong_answers import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        answer="double", mistake="squares the number", code="return x**2", hint="two"
    ),
    WrongAnswer(
        answer="double",
        mistake="takes the number without its sign",
        code="return 2 * abs(x)",
        hint="any",
    ),
    WrongAnswer(
        answer="reach",
        mistake="takes the greatest only",
        code="reach = max(true_readings)",
        hint="ends",
    ),
    WrongAnswer(
        answer="reach",
        mistake="takes the ends the wrong way round",
        code="reach = min(true_readings) - max(true_readings)",
        hint="ends",
    ),
    WrongAnswer(
        answer="memo",
        mistake="leaves the number out",
        code="# What the counters say\n\nThey reach far.",
        hint="number",
    ),
    WrongAnswer(
        answer="memo",
        mistake="has no heading",
        code="The readings reach over 8 units.",
        hint="number",
    ),
]
