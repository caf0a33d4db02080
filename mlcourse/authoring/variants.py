"""Try many other answers of a lab quickly: run the lab once, fork at the answer.

The cells run in a process of their own (`mlcourse.authoring.trials`), in a plain
IPython shell. Where forking is not safe (a thread is alive, or the system has no fork)
each answer gets a process of its own. Scores are nbgrader's; the proof of a lab is a
run by papermill all the same (`mlcourse.authoring.run`).
"""

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcourse.authoring.lab import Lab
from mlcourse.authoring.network import offline
from mlcourse.authoring.notebook import submission
from mlcourse.authoring.run import copy_files
from mlcourse.authoring.source import read_lab
from mlcourse.authoring.wrong_answers import WrongAnswer, read_wrong_answers
from mlcourse.errors import SourceError

__all__ = ["Trial", "Verdict", "judge_wrong_answers", "try_answers"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the tests said of one other answer.

    Args:
        scores: Points earned, by name of the tests that ran.
        points: Points to be had, by name of the tests that ran.
        hints: Key of the hint that each test gave, if any.
        failure: Why it did not reach the end, such as a timeout; else empty.
    """

    scores: dict[str, float]
    points: dict[str, float]
    hints: dict[str, str | None]
    failure: str = ""

    @property
    def is_caught(self) -> bool:
        """Whether a test took points away."""
        return bool(self.failure) or any(
            self.scores[name] < self.points[name] for name in self.scores
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a planted wrong answer lost its points and led to its hint.

    Args:
        wrong: The planted answer.
        trial: What the tests said of it.
    """

    wrong: WrongAnswer
    trial: Trial

    @property
    def loses(self) -> bool:
        """Whether it lost points at the test that must notice."""
        name = self.wrong.judged_by
        return name in self.trial.scores and (
            self.trial.scores[name] < self.trial.points[name]
        )

    @property
    def hint(self) -> str | None:
        """The hint that the learner was led to."""
        return self.trial.hints.get(self.wrong.judged_by)

    @property
    def is_right(self) -> bool:
        """Whether it lost its points and led to its hint."""
        return self.loses and self.hint == self.wrong.hint

    def __str__(self) -> str:
        found = f"{self.wrong.answer}: {self.wrong.mistake}: "
        if self.trial.failure:
            return found + self.trial.failure
        if not self.loses:
            return found + f"the test {self.wrong.judged_by!r} does not notice"
        if self.hint != self.wrong.hint:
            return found + f"hint == {self.hint!r}, must be {self.wrong.hint!r}"
        return found + "noticed"


def judge_wrong_answers(
    folder: Path,
    *,
    seed: int | None = None,
    timeout: float = 60.0,
    workers: int = 2,
    isolate: bool = True,
) -> list[Verdict]:
    """Try the planted wrong answers of a lab.

    Args:
        folder: ``solutions/NN_slug``.
        seed: ``MLCOURSE_SEED`` of the run; that of this process if omitted.
        timeout: Seconds for one answer.
        workers: How many answers to try at a time.
        isolate: Whether to cut the network off.

    Raises:
        SourceError: If a wrong answer names an answer or test that is not there.
    """
    lab = read_lab(folder)
    wrongs = read_wrong_answers(folder)
    for wrong in wrongs:
        lab.find(wrong.judged_by, "test")
    trials = try_answers(
        folder,
        [(wrong.answer, wrong.code, (wrong.judged_by,)) for wrong in wrongs],
        seed=seed,
        timeout=timeout,
        workers=workers,
        isolate=isolate,
    )
    return [Verdict(wrong, trial) for wrong, trial in zip(wrongs, trials, strict=True)]


def try_answers(
    folder: Path,
    answers: Sequence[tuple[str, str, tuple[str, ...]]],
    *,
    seed: int | None = None,
    timeout: float = 60.0,
    workers: int = 2,
    isolate: bool = True,
) -> list[Trial]:
    """Run a lab with one answer replaced, many times over.

    Args:
        folder: ``solutions/NN_slug``.
        answers: For each trial the name of the answer, the content of its solution
            region, and the tests after which to stop; no tests means: until the first
            test that takes points away.
        seed: ``MLCOURSE_SEED`` of the run; that of this process if omitted.
        timeout: Seconds for one answer, and for the lab itself.
        workers: How many answers to try at a time.
        isolate: Whether to cut the network off.

    Returns:
        A trial for each answer, in the same order.

    Raises:
        SourceError: If the lab itself does not run.
    """
    lab = read_lab(folder)
    variants = [
        {
            "id": number,
            "answer": lab.find(name, "answer", "memo").name,
            "source": _replaced(lab, name, code),
            "tests": list(tests),
        }
        for number, (name, code, tests) in enumerate(answers)
    ]
    job = {
        "cells": _cells(lab),
        "variants": variants,
        "timeout": timeout,
        "workers": workers,
        "fork": hasattr(os, "fork"),
    }
    work = functools.partial(_work, folder, seed=seed, isolate=isolate)
    found = work(job, timeout * (len(variants) / workers + 2))
    left = [variant for variant in variants if variant["id"] not in found]
    jobs = [job | {"variants": [variant], "fork": False} for variant in left]
    with ThreadPoolExecutor(workers) as pool:
        for result in pool.map(work, jobs, [2 * timeout] * len(jobs)):
            found |= result
    lost = Trial({}, {}, {}, f"timed out after {timeout:g} s")
    return [found.get(number, lost) for number in range(len(variants))]


def _cells(lab: Lab) -> list[dict[str, Any]]:
    return [
        {
            "answer": cell.id if _is_answer(cell) else "",
            "test": cell.id.removeprefix("test_")
            if cell.id.startswith("test_")
            else "",
            "points": cell.metadata.get("nbgrader", {}).get("points"),
            "source": cell.source,
        }
        for cell in submission(lab).cells
        if cell.cell_type == "code"
    ]


def _is_answer(cell: Any) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _replaced(lab: Lab, name: str, code: str) -> str:
    notebook = submission(lab, {name: code})
    return next(str(cell.source) for cell in notebook.cells if cell.id == name)


def _work(
    folder: Path, job: dict[str, Any], limit: float, *, seed: int | None, isolate: bool
) -> dict[int, Trial]:
    with tempfile.TemporaryDirectory(prefix="mlcourse-try-") as temporary:
        top = Path(temporary).resolve()
        place = copy_files(folder, top / "lab")
        (top / "job.json").write_text(json.dumps(job), encoding="utf-8")
        env = os.environ | {
            "IPYTHONDIR": str(top / "ipython"),
            "MPLBACKEND": "agg",
            # A child that forks after OpenMP has threads waits for them for ever.
            "OMP_NUM_THREADS": "1",
        }
        if seed is not None:
            env["MLCOURSE_SEED"] = str(seed)
        worker = [sys.executable, "-m", "mlcourse.authoring.trials", str(top)]
        start = offline(worker, env=env, folder=top / "guard", isolate=isolate)
        with (top / "log").open("w+") as log:
            process = subprocess.Popen(
                start.command,
                env=start.env,
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=hasattr(os, "setsid"),
            )
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                code = 0
            finally:
                _end(process)
            log.seek(0)
            said = log.read().strip()
        if code:
            last = said.rpartition("\n")[2]
            raise SourceError(f"{folder.name}: its cells do not run: {last}.")
        return dict(_results(top / "results.jsonl"))


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _results(path: Path) -> Iterable[tuple[int, Trial]]:
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            yield fields.pop("id"), Trial(**fields)
