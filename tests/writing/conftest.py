import pytest

from mlcourse.writing import Brief, Number

GOOD = """\
# Calling the churn service

The churn service tells you how likely a member is to leave next month. This guide
is for the team that builds the member page. It says how to call the service, what
comes back, and what to do when something goes wrong.

## Access

Ask the platform team for a token and send it with each call. A token lasts for
90 days, and a new one can be made before the old one ends. Keep it out of your code.

## Making a call

Send one member as JSON to `POST /predict`. Put an idempotency key in the header of
each call: if the line drops, you can send the same call again and get the same answer.

```python
httpx.post(url, json=member, timeout=0.5)  # the last call took 45 ms
```

## Errors

| status | what it means | what to do |
|---|---|---|
| 422 | a field is wrong, and the body names it | mend the field |
| 413 | the batch is too large | send fewer members |
| 503 | the model is not loaded yet | wait, then retry |

Please retry a 503 three times at most, and wait longer each time. Any other error
will come back in the same way, so a retry of the same call does not help.

## Speed

We tested the service with eight callers at once on one small machine. The middle
call took 6.2 ms, and 95 % of calls ended within 12.3 ms. Out of all the calls,
1.3 % failed (95 % interval: 0.9 % to 1.8 %). We do not guarantee these times: a
busy day may be slower. Set a timeout on your side and show the page without a score
when it runs out.
"""


@pytest.fixture
def brief():
    return Brief(
        sections=("Access", ("Making a call", "Request"), "Errors", "Speed"),
        words=(200, 400),
        numbers={
            "p50": Number("ms"),
            "p95": Number("ms"),
            "error_rate": Number("%", interval=True),
        },
        strict_units=("ms",),
        terms=("idempotency key", "retry", ("timeout", "time limit")),
        avoid={
            "percentile": "say how many calls in a hundred",
            "endpoint": "say address, or name the call",
            "payload": "say what is sent",
        },
        max_grade=8.0,
        given=(
            "Write a guide for the team that builds the member page. Say how fast.",
        ),
    )


@pytest.fixture
def values():
    return {"p50": 6.2134, "p95": 12.3456, "error_rate": (0.91, 1.3, 1.84), "n": 8}


@pytest.fixture
def good():
    return GOOD
