"""A run of grading: plan, execute, commit; killed at any moment, it can go on."""

import contextlib
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from datetime import UTC, datetime
from typing import Any

from mlcourse.errors import MlcourseError
from mlcourse.grading.commit import Committer, Graded, committer
from mlcourse.grading.course import Course
from mlcourse.grading.hooks import Hooks
from mlcourse.grading.job import Flag, Job, Outcome
from mlcourse.grading.journal import Journal
from mlcourse.grading.plan import plan
from mlcourse.grading.workers import Executor, Workers, run_job
from mlcourse.kernels.limits import Limits

__all__ = ["GRADER_ERROR", "grade", "pending"]

GRADER_ERROR = "grader-error"
Runner = Callable[[dict[str, Any]], dict[str, Any]]


def pending(
    course: Course,
    assignment: str,
    *,
    students: Collection[str] | None = None,
    force: bool = False,
) -> list[str]:
    """Return the students whose submissions a run would look at, in order.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
        students: Keep to these; all who handed in, if None.
        force: Grade again what is graded.
    """
    return [
        student
        for student in course.submissions(assignment)
        if students is None or student in students
        if force or not course.is_done(student, assignment)
    ]


def grade(
    course: Course,
    assignment: str,
    *,
    students: Collection[str] | None = None,
    force: bool = False,
    sandbox: bool = True,
    limits: Limits | None = None,
    cell_seconds: float | None = None,
    executor: Executor | None = None,
    workers: int = 0,
    tell: Callable[[Graded], None] = lambda _: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251
    runner: Runner = run_job,
) -> list[Graded]:
    """Grade the submissions of an assignment that need it.

    Args:
        course: The course.
        assignment: nbgrader's name of it.
        students: Keep to these; all who handed in, if None.
        force: Grade again what is graded.
        sandbox: Whether a sandbox is required.
        limits: For each notebook.
        cell_seconds: Wall time for one cell; the course's own setting if None.
        executor: Who runs jobs; processes of this machine if None.
        workers: How many of those; 0 for the number of cores.
        tell: Called with each submission once it is committed, or has failed.
        clock: Gives the time, for the journal.
        runner: What a worker does with a job.

    Returns:
        One for each submission that was looked at, in the order of their ends.

    Raises:
        MlcourseError: If the grader itself cannot work: no sandbox, a gradebook that
            fails, another grader.
        KeyboardInterrupt: After Ctrl-C, once everything that has run is committed.
    """
    course.check(assignment)
    journal = Journal(course.state / assignment)
    hooks = Hooks(course, assignment)
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(committer(course, assignment, journal))
        stop = stack.enter_context(_Stop())
        executor = executor or stack.enter_context(Workers(workers))
        journal.settle(lambda student: course.is_done(student, assignment))
        planned = plan(
            course,
            assignment,
            students=students,
            force=force,
            sandbox=sandbox,
            limits=limits,
            cell_seconds=cell_seconds,
            hooks=hooks,
        )
        run = _Run(journal, writer, executor, runner, clock)
        graded = []
        for one in run.results(planned, stop):
            if not one.outcome.failure:
                hooks.after(one.outcome.student)
            graded.append(one)
            tell(one)
        if stop.asked:
            raise KeyboardInterrupt
        return graded


class _Run:
    """Keeps the workers busy, and commits what they bring."""

    def __init__(
        self,
        journal: Journal,
        writer: Committer,
        executor: Executor,
        runner: Runner,
        clock: Callable[[], datetime],
    ) -> None:
        self._journal = journal
        self._writer = writer
        self._executor = executor
        self._runner = runner
        self._clock = clock
        self._flying: dict[Future[Any], Job] = {}
        # Jobs at whose run a worker died: each once more, and alone, so that no
        # submission is blamed for another's.
        self._suspects: deque[Job] = deque()
        self._alone: Job | None = None

    def results(
        self, planned: Iterator[Job | Outcome], stop: "_Stop"
    ) -> Iterator[Graded]:
        """Yield each submission once it is committed, or has failed."""
        while not stop.asked:
            yield from self._hand_out(planned, stop)
            if not self._flying:
                return
            stop.wait(self._flying)
            yield from self._take_in()
        yield from self._take_in()

    def _hand_out(
        self, planned: Iterator[Job | Outcome], stop: "_Stop"
    ) -> Iterator[Graded]:
        if self._suspects or self._alone:
            if not self._flying:
                self._alone = self._suspects.popleft()
                self._submit(self._alone)
            return
        # One for each worker, and one that waits, so that none is idle meanwhile.
        while len(self._flying) < 2 * self._executor.size and not stop.asked:
            job = next(planned, None)
            if job is None:
                return
            if isinstance(job, Outcome):
                yield self._writer.fail(job, now=self._clock())
            elif (outcome := self._journal.outcome(job.key)) is not None:
                yield self._commit(job, outcome)
            else:
                self._journal.planned(job, now=self._clock())
                self._submit(job)

    def _take_in(self) -> Iterator[Graded]:
        for future in [future for future in self._flying if future.done()]:
            job = self._flying.pop(future)
            was_alone = job is self._alone
            try:
                outcome = Outcome.from_json(future.result())
            except MlcourseError:
                raise
            except Exception as error:
                if not was_alone:
                    self._suspects.append(job)
                    continue
                outcome = _failed(job, error)
            finally:
                self._alone = None if was_alone else self._alone
            if not outcome.failure:
                self._journal.executed(outcome, now=self._clock())
            yield self._commit(job, outcome)

    def _commit(self, job: Job, outcome: Outcome) -> Graded:
        now = self._clock()
        if outcome.failure:
            return self._writer.fail(outcome, now=now)
        return self._writer.commit(job, outcome, now=now)

    def _submit(self, job: Job) -> None:
        self._flying[self._executor.submit(self._runner, job.as_json())] = job


def _failed(job: Job, error: Exception) -> Outcome:
    """Return what is told of a job that failed alone too: no submission should."""
    if isinstance(error, BrokenExecutor):
        why = "The worker died twice while it ran this, the second time alone."
        return Outcome(job.key, job.student, (), job.flags, why)
    why = (
        f"The run failed twice, the second time alone: {type(error).__name__}: {error}"
    )
    bug = Flag(GRADER_ERROR, "This is an error of the grader; please report it.")
    return Outcome(job.key, job.student, (), (*job.flags, bug), why)


class _Stop:
    """Ctrl-C ends the wait for workers, but not a commit that is under way."""

    def __init__(self) -> None:
        self.asked = False
        self._is_waiting = False
        self._before: Any = None

    def __enter__(self) -> "_Stop":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def wait(self, futures: Collection[Future[Any]]) -> None:
        """Wait until one is done, or until Ctrl-C."""
        self._is_waiting = True
        try:
            if not self.asked:
                wait(futures, return_when=FIRST_COMPLETED)
        except KeyboardInterrupt:
            self.asked = True
        finally:
            self._is_waiting = False

    def _hear(self, *_: object) -> None:
        self.asked = True
        if self._is_waiting:
            raise KeyboardInterrupt
