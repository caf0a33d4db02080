"""Mistakes people make in lab 00, and the hint that each must lead to."""

from mlcourse.authoring.wrong_answers import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        answer="slow_share",
        mistake="counts the slow requests",
        code="return sum(t > limit_ms for t in times_ms)",
        hint="count",
    ),
    WrongAnswer(
        answer="slow_share",
        mistake="returns a percentage",
        code="""
            if not times_ms:
                return 0.0
            return 100 * sum(t > limit_ms for t in times_ms) / len(times_ms)
        """,
        hint="count",
    ),
    WrongAnswer(
        answer="slow_share",
        mistake="returns the share of fast requests",
        code="""
            if not times_ms:
                return 0.0
            return sum(t <= limit_ms for t in times_ms) / len(times_ms)
        """,
        hint="which",
    ),
    WrongAnswer(
        answer="slow_share",
        mistake="counts a request that takes exactly the limit as slow",
        code="""
            if not times_ms:
                return 0.0
            return sum(t >= limit_ms for t in times_ms) / len(times_ms)
        """,
        hint="limit",
    ),
    WrongAnswer(
        answer="slow_share",
        mistake="divides by zero when there are no requests",
        code="return sum(t > limit_ms for t in times_ms) / len(times_ms)",
        hint="empty",
    ),
    WrongAnswer(
        answer="slow_share",
        mistake="takes the ten requests of the notebook, not the argument",
        code="return sum(t > limit_ms for t in [38, 41, 2000]) / 3",
        hint="which",
    ),
    WrongAnswer(
        answer="slow_share",
        mistake="says whether the mean is too long",
        code="""
            if not times_ms:
                return 0.0
            return float(sum(times_ms) / len(times_ms) > limit_ms)
        """,
        hint="count",
    ),
]
