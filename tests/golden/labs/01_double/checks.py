"""Checks of the second toy lab."""

from mlcourse.checks import Checks, expect

checks = Checks("01_double")

double = checks.task(
    "double",
    hints={"two": "Two times three is six.", "any": "Numbers may be below zero."},
)


@double.expects("Three becomes six.", hint="two")
def _(double):
    expect(double(3) == 6, got=double(3))


reach = checks.task("reach", hints={"ends": "Greatest less least."})


@reach.expects("It is a positive number.", hint="ends")
def _(reach):
    expect(reach > 0, got=reach)


memo = checks.task("memo", hints={"number": "How far do the readings reach?"})


@memo.expects("The memo has a heading.", hint="number")
def _(memo):
    expect(str(memo).lstrip().startswith("#"), got=str(memo))
