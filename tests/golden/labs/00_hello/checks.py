"""Checks of the first toy lab."""

from mlcourse.checks import Checks, expect

checks = Checks("00_hello")
greeting = checks.task("greeting", hints={"word": "What do you say when you meet?"})


@greeting.expects("It begins with an h.", hint="word")
def _(greeting):
    expect(greeting.startswith("h"), got=greeting)
