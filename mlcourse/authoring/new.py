"""A new lab: one folder with three files, ready to fill in."""

import re
from pathlib import Path
from string import Template

from mlcourse.errors import BuildError
from mlcourse.files import write_whole
from mlcourse.paths import Course

__all__ = ["new_lab"]

_SOURCE = Template('''\
# ---
# jupyter:
#   mlcourse:
#     title: $title
#     minutes: 60
#     needs: []
#     goals:
#     - Say what a learner can do afterwards.
#     leaves_out:
#     - Say what a reader might expect and will not find.
#     terms:
#       defines: []
#       requires: []
# ---

# %% [markdown]
# # $number $title
#
# ## Scenario
#
# *Who, when.* What a colleague asks for, in 120 words at most.

# %%
from checks import checks
from mlcourse.checks import TODO, expect, predict, reveal

# %% [markdown]
# ## Predict first
#
# What a learner guesses before the number is shown.
#
# <!-- Link a term: {term}`data drift`, or {term}`the inputs moved <data-drift>`.
# Its slug goes on the card, under defines or requires. -->

# %% guess="greatest"
predict("greatest of three", TODO)

# %% [markdown]
# ## 1. First task
#
# Why it matters, in two to four sentences.


# %% answer="first"
def first(values):
    """Return the greatest of some values."""
    ### BEGIN SOLUTION
    return max(values)
    ### END SOLUTION


# %% test="first" points=3
### BEGIN HIDDEN TESTS
@checks.first.hidden("It works below zero.", hint="sign")
def _(first):
    expect(first([-2, -1]) == -1, got=first([-2, -1]))


### END HIDDEN TESTS

# %% needs="first"
reveal("greatest of three", first([3, 1, 2]))

# %% [markdown]
# What the number means, in one sentence.
#
# ## 2. Tell a colleague
#
# For whom, how long, and what it must hold.

# %% [markdown] written="message" points=4
# ### BEGIN SOLUTION
# The model answer.
# ### END SOLUTION

# %% [markdown] rubric="message"
# | points | the text |
# |---|---|
# | 4 | what earns them |

# %% [markdown]
# ## Interview question
#
# One question, and what a good answer holds.

# %% [markdown]
# ## Flashcards
#
# - A question? Its answer.

# %% [markdown]
# ## Elsewhere
#
# | here | there |
# |---|---|
# | a part of this lab | its name in SageMaker, Vertex AI, Azure ML, Kubeflow |
''')

_CHECKS = Template('''\
"""Checks of lab $name."""

from mlcourse.checks import Checks, expect

checks = Checks("$name")

first = checks.task(
    "first",
    hints={
        "order": "Which of the values would stand last if they were sorted?",
        "sign": "What does your answer say when every value is below zero?",
    },
)


@first.expects("It finds the greatest of three.", hint="order")
def _(first):
    expect(first([3, 1, 2]) == 3, got=first([3, 1, 2]))
''')

_WRONG = Template('''\
"""Mistakes that people make in lab $name."""

from mlcourse.authoring.wrong_answers import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        answer="first",
        mistake="takes the last value",
        code="return values[-1]",
        hint="order",
    ),
    WrongAnswer(
        answer="first",
        mistake="begins at zero",
        code="return max([0, *values])",
        hint="sign",
    ),
]
''')


def new_lab(course: Course, name: str) -> Path:
    """Write the three files of a new lab, which build and name what is left to do.

    Args:
        course: Where it goes.
        name: ``NN_slug``, such as ``17_llm_ops``.

    Returns:
        The folder.

    Raises:
        BuildError: If the name has another form, or the number is taken.
    """
    if not re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", name):
        raise BuildError(f"lab == {name!r}, must be NN_slug, such as 17_llm_ops.")
    taken = [known for known in course.lab_names() if known[:2] == name[:2]]
    if taken:
        raise BuildError(
            f"lab == {name!r}, but {taken[0]} has that number: take another."
        )
    folder = course.solutions / name
    folder.mkdir(parents=True, exist_ok=True)
    title = name[3:].replace("_", " ").capitalize()
    for path, template in (
        (folder / f"{name}.py", _SOURCE),
        (folder / "checks.py", _CHECKS),
        (folder / "wrong_answers.py", _WRONG),
    ):
        text = template.substitute(name=name, number=name[:2], title=title)
        write_whole(path, text)
    return folder
