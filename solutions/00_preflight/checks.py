"""Checks of lab 00: one small function, so that the way of working is the only news."""

from mlcourse.checks import Checks, expect

checks = Checks("00_preflight")

slow_share = checks.task(
    "slow_share",
    hints={
        "count": "You know how many requests were slow. Out of how many? A share of a "
        "half is 0.5.",
        "which": "Take [20, 30, 40] and a limit of 250 by hand. How many of the three "
        "are slow? Follow these three through your code.",
        "limit": "Read the docstring once more: is a request that takes exactly "
        "limit_ms slow? Look at your comparison.",
        "empty": "At night a minute can pass without a request. What does your "
        "division do with an empty list? Decide that case first.",
    },
)


@slow_share.expects("The share is between 0 and 1.", hint="count")
def _(slow_share):
    value = slow_share([20, 300, 700, 900], 250)
    expect(isinstance(value, int | float), got=value, message="It must be a number.")
    expect(0 <= value <= 1, got=value)


@slow_share.expects("It is 0 if all are fast, and 1 if all are slow.", hint="which")
def _(slow_share):
    values = slow_share([20, 30, 40], 250), slow_share([300, 700, 900], 250)
    expect(values == (0, 1), got=values)
