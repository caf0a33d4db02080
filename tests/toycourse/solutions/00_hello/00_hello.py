# ---
# jupyter:
#   mlcourse:
#     title: Say hello
#     minutes: 5
#     needs: []
#     goals:
#     - Fill in a blank and check it.
#     leaves_out:
#     - Everything else.
#     terms:
#       defines: []
#       requires: []
# ---

# %% [markdown]
# # 00 Say hello
#
# A check that fails, a hint, a check that passes.

# %%
from checks import checks
from mlcourse.checks import TODO, expect

# %% answer="greeting"
greeting = TODO
### BEGIN SOLUTION
greeting = "hello"
### END SOLUTION


# %% test="greeting" points=1
### BEGIN HIDDEN TESTS
@checks.greeting.hidden("It has five letters.", hint="word")
def _(greeting):
    expect(len(greeting) == 5, got=greeting)


### END HIDDEN TESTS
