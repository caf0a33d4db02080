# ---
# jupyter:
#   mlcourse:
#     title: Preflight
#     minutes: 10
#     needs: []
#     goals:
#     - see that this machine can run every lab
#     - read a check, ask for a hint, and send in a lab
#     leaves_out:
#     - machine learning, which begins in lab 01
#     terms:
#       defines: []
#       requires:
#       - latency
#       - percentile-latency
# ---

# %% [markdown]
# # 00 Preflight
#
# Ten minutes, one practice point. Afterwards you know how every lab of this course works.
#
# > **Mira, platform team:** Welcome to Tidemark. Before you touch a service that wakes people at night, make sure that your own desk works. Run the doctor, answer one small question, send it in.
# >
# > The question is real. Last night ten customers opened their membership page, and somebody told the board that our response time had gone up fivefold. I need one number that says what customers saw.
#
# Put the cursor in a cell and press Shift+Enter to run it. Go from top to bottom. Cells that belong to the lab are locked; cells for your answers are not.

# %% [markdown]
# ## 1. Is the machine ready?
#
# An hour lost to the wrong Python is an hour not spent on the model. The doctor looks at what the labs need. A line is `ok`, or it names the command that repairs it.

# %%
import subprocess
import sys

command = [sys.executable, "-m", "mlcourse.cli", "doctor"]
print(subprocess.run(command, capture_output=True, text=True).stdout)

# %% [markdown]
# A `note` is no problem. If a line says `fix`, open a terminal (File, New, Terminal), type what stands there, and run the cell again. In that terminal the command is simply `mlcourse doctor`.

# %% [markdown]
# ## 2. Predict first
#
# Each lab asks for a guess before it shows a number. A guess costs no points. You remember a number better when you have been wrong about it.
#
# Here are the ten requests of last night, in milliseconds.

# %%
from statistics import mean

from checks import checks

from mlcourse.checks import TODO, predict, reveal

times_ms = [38, 41, 40, 39, 42, 40, 2000, 37, 41, 40]

# %% [markdown]
# What is their mean, without calculating? `TODO` stands for a value that is still to be written. Put your number in its place in the next cell, and run it. The first guess counts.

# %% guess="mean"
predict("mean response time", TODO, unit="ms")

# %%
reveal("mean response time", mean(times_ms), unit="ms")

# %% [markdown]
# No customer waited that long. Nine waited about 40 ms, and one waited two seconds. A mean is a number that nobody saw, so services promise something else: a share of requests under a limit.

# %% [markdown]
# ## 3. One answer, four outcomes
#
# As `TODO` stands for a value, `...` stands for the body of a function. Both run without an error, and a check knows that you have not begun.
#
# Write `slow_share`. On the way, meet each outcome of a check once:
#
# 1. Run the answer cell and the check below it as they are. The check is grey: **not attempted**. That is never an error, and a notebook with open answers still runs to its end.
# 2. Put `return sum(t > limit_ms for t in times_ms)` in place of the `...` and run both cells again. The check is orange: **not yet**. It shows your own value and what is wrong with it, but never the right value.
# 3. Add a cell (Esc, B), and run `checks.slow_share.hint()` in it. Hints come one at a time; each leads one step further.
# 4. Misspell a name on purpose: write `time_ms` for `times_ms` and run both cells. The check is red: **your code raised an error**. It shows the error and your own line.
# 5. Repair it until the check is green: **passed**.


# %% answer="slow_share"
def slow_share(times_ms: list[float], limit_ms: float) -> float:
    """Return the share of requests that took longer than a limit.

    Args:
        times_ms: Response times in milliseconds, a list that may be empty.
        limit_ms: The limit in milliseconds. A request that takes exactly as long
            is still in time.

    Returns:
        A number from 0 to 1; 0 if there were no requests.
    """
    ### BEGIN SOLUTION
    if not times_ms:
        return 0.0
    return sum(time > limit_ms for time in times_ms) / len(times_ms)
    ### END SOLUTION


# %% test="slow_share" points=1
### BEGIN HIDDEN TESTS
from mlcourse.checks import expect


@checks.slow_share.hidden(
    "It is right for other times and another limit.", hint="count"
)
def _(slow_share, rng):
    times = rng.gamma(2.0, 40.0, size=400).tolist()
    limit = sum(sorted(times)[299:301]) / 2
    value = slow_share(times, limit)
    expect(abs(value - 0.25) < 1e-9, got=value)


@checks.slow_share.hidden(
    "A request that takes exactly the limit is in time.", hint="limit"
)
def _(slow_share):
    value = slow_share([99, 100, 101, 100], 100)
    expect(abs(value - 0.25) < 1e-9, got=value)


@checks.slow_share.hidden("Without requests the share is 0.", hint="empty")
def _(slow_share):
    value = slow_share([], 100)
    expect(value == 0, got=value)


@checks.slow_share.hidden("One request is 0 or 1.", hint="count")
def _(slow_share):
    values = slow_share([250], 100), slow_share([50], 100)
    expect(values == (1, 0), got=values)


### END HIDDEN TESTS

# %% [markdown]
# A green check here means that the visible tests pass. The grader's copy of this cell also holds hidden tests: the same idea on other data. Whoever reads the docstring twice passes those too.

# %% needs="slow_share"
print(f"{slow_share(times_ms, 500):.0%} of requests took longer than 500 ms.")

# %% [markdown]
# The last cell waited until you had written `slow_share`. Its number is the one for Mira: one customer in ten waited too long, and nobody else noticed anything.

# %% [markdown]
# ## Words
#
# Words of the trade carry their meaning with them. Rest the pointer on {term}`latency` and on {term}`percentile latency`: that is what they look like in every lab, and a click opens the glossary. In a terminal, `mlcourse term latency` looks a word up.

# %% [markdown]
# ## Flashcards
#
# Say the answer aloud before you open it.
#
# <details><summary>Ten requests: nine take 40 ms, one takes 2,000 ms. Why is the mean a poor summary?</summary>
#
# It describes none of them. The typical request is five times faster, and the slow one is eight times slower. Report the share over a limit, or the median together with a high percentile.
# </details>
#
# <details><summary>Your check is green. Do you have full points?</summary>
#
# Not for certain. The hidden tests try the same idea on other data: an empty list, a value exactly at the limit. They run when the notebook is graded.
# </details>

# %% [markdown]
# ## 4. Send it in
#
# Save the notebook (Ctrl+S, or Cmd+S on a Mac). Open a terminal (File, New, Terminal) and type:
#
# ```
# mlcourse submit 00
# ```
#
# It runs the notebook from the top, as the grader will, shows the points of the visible checks, and puts a copy for your instructor in `submitted/`. You can submit again as often as you like; the newest counts. `mlcourse status` shows where you are.
#
# Then open the next lab in the list of files on the left.
