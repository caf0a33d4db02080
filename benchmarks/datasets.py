"""Cost of a data set against plain random numbers; best of interleaved runs."""

import time

import numpy as np

from mlcourse.datasets import make_members

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5


def seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    rng = np.random.default_rng(0)
    columns = make_members(1, rng=rng).frame.shape[1]
    calls = {
        "make_members": lambda n: make_members(n, rng=rng, months=6),
        "with faults": lambda n: make_members(n, rng=rng, months=6, faults=True),
        f"{columns} normals a row": lambda n: rng.normal(size=(n, columns)),
        "one normal a row": lambda n: rng.normal(size=n),
    }
    print(
        f"{'rows':>9}  {'data':<18}{'rows/s':>12}"
        f"{'/ one normal':>14}{f'/ {columns} normals':>14}"
    )
    for n in SIZES:
        best = dict.fromkeys(calls, float("inf"))
        for _ in range(ROUNDS):
            for name, call in calls.items():
                best[name] = min(best[name], seconds(lambda c=call, n=n: c(n)))
        *_, full, one = best.values()
        for name, spent in best.items():
            print(
                f"{n:>9,}  {name:<18}{n / spent:>12,.0f}"
                f"{spent / one:>13.1f}x{spent / full:>13.1f}x"
            )


if __name__ == "__main__":
    main()
