# ---
# jupyter:
#   mlcourse:
#     title: Double, and say so
#     minutes: 10
#     needs:
#     - 00_hello
#     goals:
#     - Double a number and read a range.
#     leaves_out:
#     - Every larger number.
#     terms:
#       defines:
#       - range
#       requires:
#       - mean
# ---

# %% [markdown]
# # 01 Double, and say so
#
# ## Scenario
#
# *Ada, Tuesday, 9:12.* Our counters run at half their speed. Please double the numbers,
# tell me how far they reach, and write two sentences for the board.

# %%
from checks import checks
from IPython.display import SVG, display
from mlcourse.checks import TODO, expect, predict

readings = [3, 1, 4, 1, 5]

# %% guess="reach"
predict("how far the true readings reach", TODO)

# %% [markdown]
# ## 1. Double
#
# The counter shows half of what passed. Two times its reading is the truth.


# %% answer="double"
def double(x):
    """Return two times a number."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% test="double" points=8
### BEGIN HIDDEN TESTS
@checks.double.hidden("It doubles what is below zero.", hint="any")
def _(double):
    expect(double(-3) == -6, got=double(-3))


### END HIDDEN TESTS

# %% needs="double"
true_readings = [double(x) for x in readings]
bars = "".join(
    f'<rect x="{12 * n}" y="{60 - 5 * y}" width="10" height="{5 * y}"/>'
    for n, y in enumerate(true_readings)
)
display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" height="60">{bars}</svg>'))

# %% [markdown]
# The bars show five doubled readings.
#
# ## 2. How far they reach
#
# The {term}`range` is the distance from the least to the greatest.

# %% answer="reach"
reach = TODO
### BEGIN SOLUTION
reach = max(true_readings) - min(true_readings)
### END SOLUTION


# %% test="reach" points=8
### BEGIN HIDDEN TESTS
@checks.reach.hidden("It is eight.", hint="ends")
def _(reach):
    expect(reach == 8, got=reach)


### END HIDDEN TESTS

# %% [markdown]
# ## 3. Tell the board

# %% written="memo" points=3
### BEGIN SOLUTION
# # What the counters say
#
# The true readings reach over 8 units, twice what the counters show.
### END SOLUTION

# %% [markdown] rubric="memo"
# | points | the memo |
# |---|---|
# | 1 | gives the range |
# | 2 | says what was doubled |


# %% test="memo" points=1
### BEGIN HIDDEN TESTS
@checks.memo.hidden("The memo gives the range.", hint="number")
def _(memo):
    expect("8" in str(memo), got=str(memo))


### END HIDDEN TESTS

# %% needs="double,reach"
display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" width="{double(reach)}"/>'))

# %% [markdown]
# Why did {term}`the reach <range>` double too? Answer below.

# %% [markdown] written="why" points=3
# ### BEGIN SOLUTION
# Both ends were multiplied by the same factor.
# ### END SOLUTION

# %% [markdown] rubric="why"
# Full points for naming both ends.

# %% [markdown]
# ## Interview question
#
# When does doubling not double the range?

# %% [markdown]
# ## Flashcards
#
# - What is a range? The distance from the least to the greatest.
# - Does it depend on the {term}`mean`, or on `{term}`? No.
# - What doubles it? Doubling every value.

# %% [markdown]
# ## Elsewhere
#
# | here | there |
# |---|---|
# | `double` | multiply by two |
