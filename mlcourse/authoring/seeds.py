"""The model answers of a lab on many seeds: how often do they lose a point?

The first seed runs alone and tells which modules the lab loads. A second process loads
them once and forks a child for each other seed, so that no seed waits for an import.
Cells run in a plain IPython shell (`mlcourse.authoring.trials`), scores are nbgrader's.
"""

import contextlib
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mlcourse.authoring.source import read_lab
from mlcourse.authoring.variants import Trial, _cells, _work
from mlcourse.checks import Result
from mlcourse.paths import Course

__all__ = ["Loss", "Seeds", "try_seeds"]

SEED = "seed of the run"  # names the cell that sets it; no answer can be called so
REPORTS = "seeds.jsonl"
MODULES = "modules.json"
Fields = dict[str, Any]


class Loss(NamedTuple):
    """Something that the model answers lost.

    Args:
        seed: ``MLCOURSE_SEED`` of the run.
        check: The test that took points away; empty where a given cell failed.
        points: How many points.
        message: What it said.
    """

    seed: int
    check: str
    points: float
    message: str

    def __str__(self) -> str:
        where = f"{self.check} loses {self.points:g}: " if self.check else ""
        return f"seed {self.seed}  {where}{self.message}"


@dataclass(frozen=True, slots=True)
class Seeds:
    """What became of the model answers of a lab on some seeds.

    Args:
        lab: The name of the lab.
        tried: The seeds.
        losses: What was lost, in the order of the seeds.
        seconds: Time in cells, by seed; a seed that did not reach the end has none.

    Example:
        >>> print(Seeds("12_drift", tuple(range(200)), (), {0: 4.0}))
        12_drift: 0 of 200 seeds fail, at most 1.3 % with 95 % confidence; 4.0 s a seed
    """

    lab: str
    tried: tuple[int, ...]
    losses: tuple[Loss, ...]
    seconds: Mapping[int, float]

    @property
    def failed(self) -> list[int]:
        """The seeds on which something was lost."""
        return sorted({loss.seed for loss in self.losses})

    @property
    def upper(self) -> float:
        """Wilson's upper bound of the failure rate, one-sided, with 95 % confidence.

        Source: E. B. Wilson, Probable inference, the law of succession, and statistical
        inference, JASA 22 (1927).
        """
        from scipy.stats import binomtest  # type: ignore[import-untyped]

        test = binomtest(len(self.failed), len(self.tried), alternative="less")
        return float(test.proportion_ci(0.95, method="wilson").high)

    def __str__(self) -> str:
        middle = sorted(self.seconds.values())[len(self.seconds) // 2 :][:1]
        first = (
            f"{self.lab}: {len(self.failed)} of {len(self.tried)} seeds fail, "
            f"at most {100 * self.upper:.1f} % with 95 % confidence"
        )
        first += f"; {middle[0]:.1f} s a seed" if middle else ""
        return "\n".join([first, *(f"  {loss}" for loss in self.losses)])


def try_seeds(
    course: Course,
    lab: str,
    seeds: Sequence[int],
    *,
    timeout: float = 300.0,
    workers: int = 2,
    isolate: bool = True,
    tell: Callable[[int], object] | None = None,
) -> Seeds:
    """Run the model answers of a lab on some seeds.

    Args:
        course: Where the lab is.
        lab: Its name or number.
        seeds: Values of ``MLCOURSE_SEED``, at least one.
        timeout: Seconds for one seed.
        workers: How many seeds to run at a time.
        isolate: Whether to cut the network off.
        tell: Is told now and then how many seeds have reached the end.

    Raises:
        ValueError: If there are no seeds, a negative one, or no workers.
    """
    if not seeds or min(seeds) < 0:
        raise ValueError(f"seeds == {list(seeds)!r}, must be at least one, each >= 0.")
    if workers < 1:
        raise ValueError(f"workers == {workers!r}, must be >= 1.")
    folder = course.solutions / course.lab_name(lab)
    cells = _cells(read_lab(folder))
    trials: dict[int, Trial] = {}
    with tempfile.TemporaryDirectory(prefix="mlcourse-seeds-") as temporary:
        top = Path(temporary).resolve()

        def run(chosen: Sequence[int], *, fork: bool) -> None:
            job = {
                "cells": [
                    _cell(f"_mlcourse_seeds.load({str(top)!r})" if fork else ""),
                    _cell("", answer=SEED),
                    *cells,
                    _cell(f"_mlcourse_seeds.finish({str(top)!r})"),
                ],
                "variants": [_variant(seed) for seed in chosen],
                "timeout": timeout,
                "workers": workers,
                "fork": fork and hasattr(os, "fork"),
            }
            limit = timeout * (len(chosen) / workers + 1)
            trials.update(_work(folder, job, limit, seed=None, isolate=isolate))

        def run_all() -> None:
            run(seeds[:1], fork=False)
            if len(seeds) > 1:
                run(seeds[1:], fork=True)
            # Below a living thread, or without fork, each seed gets its own process.
            left = [seed for seed in seeds if seed not in trials]
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda seed: run([seed], fork=False), left))

        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(run_all)
            while wait([work], timeout=0.5).not_done:
                if tell is not None:
                    tell(len(_reports(top)))
            work.result()
        reports = _reports(top)
    losses = [
        loss
        for seed in seeds
        for loss in _losses(seed, trials.get(seed), reports.get(seed, {}), timeout)
    ]
    seconds = {seed: report["seconds"] for seed, report in reports.items()}
    return Seeds(folder.name, tuple(seeds), tuple(losses), seconds)


def load(top: str) -> None:
    """Load what the first seed loaded; runs in the process that forks."""
    path = Path(top, MODULES)
    for name in json.loads(path.read_text("utf-8")) if path.is_file() else ():
        # A part of a package that only its own package can load is loaded with it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def begin(seed: int) -> None:
    """Set the seed and watch the cells; runs in the process of one seed."""
    os.environ["MLCOURSE_SEED"] = str(seed)
    _watch.update(seed=seed, start=time.monotonic(), messages={}, errors=[])
    _shell().events.register("post_run_cell", _note)


def finish(top: str) -> None:
    """Write down what the cells said; runs in the process of one seed."""
    report = {
        "seed": _watch["seed"],
        "seconds": time.monotonic() - _watch["start"],
        "messages": _watch["messages"],
        "errors": _watch["errors"],
    }
    here = Path.cwd()
    modules = Path(top, MODULES)
    if not modules.exists():
        names = [
            name
            for name, module in list(sys.modules.items())
            if getattr(module, "__spec__", None) is not None
            and here not in Path(getattr(module, "__file__", None) or "/").parents
        ]
        modules.write_text(json.dumps(names), "utf-8")
    # One write of one line in append mode: two processes do not mix their lines.
    with Path(top, REPORTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(report) + "\n")


_watch: Fields = {}


def _note(done: Any) -> None:
    error = done.error_before_exec or done.error_in_exec
    if error is not None:
        line = done.info.raw_cell.strip().partition("\n")[0][:60]
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _watch["errors"].append(f"the cell {line!r} raises {text}")
    result = done.result
    if isinstance(result, Result) and float(result) < result.points:
        _watch["messages"][result.task] = _message(result)


def _message(result: Result) -> str:
    broken = [item for item in result.evidence if item.outcome != "passed"]
    parts = [
        " ".join([item.sentence, item.message, *([f"Got {item.got}"] * bool(item.got))])
        for item in broken
    ]
    if result.missing:
        parts.append(f"missing: {', '.join(result.missing)}")
    return " ".join(" | ".join(parts).split()) or result.outcome


def _losses(
    seed: int, trial: Trial | None, report: Fields, timeout: float
) -> Iterator[Loss]:
    if trial is None or trial.failure:
        failure = trial.failure if trial else f"timed out after {timeout:g} s"
        yield Loss(seed, "", 0.0, failure)
        return
    for check, points in trial.points.items():
        if trial.scores[check] < points:
            # nbgrader gives nothing for a test that writes to stderr.
            said = report.get("messages", {}).get(check, "it wrote to stderr or raised")
            yield Loss(seed, check, points - trial.scores[check], said)
    for error in report.get("errors", ["it did not reach its last cell"]):
        yield Loss(seed, "", 0.0, error)


def _reports(top: Path) -> dict[int, Fields]:
    path = top / REPORTS
    lines = path.read_text("utf-8").split("\n")[:-1] if path.is_file() else []
    return {report["seed"]: report for report in map(json.loads, lines)}


def _cell(call: str, *, answer: str = "") -> Fields:
    source = f"import {__name__} as _mlcourse_seeds\n{call}" if call else ""
    return {"answer": answer, "test": "", "points": None, "source": source}


def _variant(seed: int) -> Fields:
    # No test has this name, so the trial goes on to the last cell.
    call = _cell(f"_mlcourse_seeds.begin({seed})")["source"]
    return {"id": seed, "answer": SEED, "source": call, "tests": [SEED]}


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()
