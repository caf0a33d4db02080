"""Tasks of a lab, the properties their answers must have, and how they are tried."""

import contextlib
import inspect
import io
import reprlib
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlcourse.checks import card
from mlcourse.checks.expectation import Unmet
from mlcourse.checks.ledger import Ledger, since_reset
from mlcourse.checks.notebook import Note, in_notebook, namespace
from mlcourse.checks.result import Evidence, Result
from mlcourse.checks.todo import TODO, is_attempted
from mlcourse.seed import course_rng

__all__ = ["Checks", "Property", "Task"]

_shorten = reprlib.Repr()
_shorten.maxstring = _shorten.maxother = 300
_shorten.maxlist = _shorten.maxtuple = _shorten.maxdict = 8


@dataclass(frozen=True, slots=True)
class Property:
    """One thing that must hold for an answer.

    Args:
        sentence: What must hold, in the words the learner reads.
        hint: Key of the hint that belongs to it.
        test: Takes notebook variables by parameter name, and ``rng``.
        hidden: Whether only the grader's copy of the notebook has it.
        part: Whether it decides a share of the points, and not all of them.
    """

    sentence: str
    hint: str
    test: Callable[..., None]
    hidden: bool
    part: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The notebook variables it takes: its parameters without a default."""
        return tuple(
            name
            for name, parameter in inspect.signature(self.test).parameters.items()
            if name != "rng" and parameter.default is parameter.empty
        )


class Task:
    """A question of a lab: its hints and the properties of a right answer.

    Any visible property that does not hold leaves no points, since the learner sees it.
    The hidden ones, and visible ones that are declared as a part, then decide the
    share: three of four give three quarters.

    Args:
        name: The answer's name, a Python identifier.
        lab: Name of the lab.
        hints: Hints by key, in the order in which they are given.
    """

    def __init__(self, name: str, *, lab: str, hints: Mapping[str, str]) -> None:
        self.name = name
        self.lab = lab
        self.hints = dict(hints)
        self._properties: dict[str, Property] = {}
        self._shown: list[str] = []
        self._wanted: str | None = None

    @property
    def properties(self) -> list[Property]:
        """All properties, the visible ones first."""
        return sorted(self._properties.values(), key=lambda p: p.hidden)

    @property
    def names(self) -> tuple[str, ...]:
        """The notebook variables that the answer consists of."""
        return tuple(dict.fromkeys(n for p in self.properties for n in p.names))

    def expects(
        self, sentence: str, *, hint: str, hidden: bool = False, part: bool = False
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Declare a property; decorates the function that tries it.

        Args:
            sentence: What must hold, in the words the learner reads.
            hint: Key of the hint to give when it does not hold.
            hidden: Whether it is one of the grader's.
            part: Whether it costs its share of the points only, as the criteria of a
                text do; the hidden ones always do.

        Raises:
            ValueError: If there is no hint of that key.
        """
        if hint not in self.hints:
            known = ", ".join(self.hints) or "none"
            raise ValueError(f"hint == {hint!r}, must be one of: {known}.")

        def add(test: Callable[..., None]) -> Callable[..., None]:
            # By sentence, so that running a cell twice declares it once.
            self._properties[sentence] = Property(
                sentence, hint, test, hidden, part or hidden
            )
            return test

        return add

    def hidden(
        self, sentence: str, *, hint: str
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Declare a property that only the grader's copy of the notebook has."""
        return self.expects(sentence, hint=hint, hidden=True)

    def hint(self, *, ledger: Ledger | None = None) -> Note:
        """Give the next hint: first the one that belongs to the last failed check.

        Args:
            ledger: Knows the hints that were given before, in a terminal or an earlier
                kernel; that of the workbook around the working directory if omitted.
        """
        ledger = ledger or Ledger.here()
        events = [
            event
            for event in since_reset(ledger.events(), self.lab)
            if event.get("task") == self.name
        ]
        given = [e.get("hint") for e in events if e["event"] == "hint"]
        shown = {key for key in (*given, *self._shown) if key in self.hints}
        failed = [e.get("hint") for e in events if e["event"] == "check"]
        wanted = [key for key in (*failed, self._wanted) if key in self.hints][-1:]
        left = [key for key in (*wanted, *self.hints) if key not in shown]
        if not left:
            text = "\n".join(self.hints.values())
            return Note(
                "not attempted", f"You have seen all hints for {self.name}", text
            )
        self._shown.append(left[0])
        ledger.append("hint", lab=self.lab, task=self.name, hint=left[0])
        number = f"{len(shown) + 1} of {len(self.hints)}"
        return Note(
            "not attempted", f"Hint {number} for {self.name}", self.hints[left[0]]
        )

    def __call__(self, *, points: float = 1.0) -> Result:
        """Check the answer that stands in the caller's notebook.

        Args:
            points: The points to be had, greater than 0.

        Returns:
            The points earned, which shows itself as a card.

        Raises:
            ValueError: If ``points`` is not greater than 0.
        """
        if not points > 0:
            raise ValueError(f"points == {points!r}, must be > 0.")
        result = self._try(namespace(sys._getframe(1)), float(points))
        self._wanted = result.hint_key or self._wanted
        Ledger.here().append(
            "check",
            lab=self.lab,
            task=self.name,
            outcome=result.outcome,
            score=round(float(result), 4),
            points=result.points,
            hint=result.hint_key,
        )
        if not in_notebook():
            print(result)  # noqa: T201 - a terminal has no cards
        return result

    def _try(self, variables: Mapping[str, Any], points: float) -> Result:
        missing = tuple(
            name for name in self.names if not is_attempted(variables.get(name, TODO))
        )
        graded = any(p.hidden for p in self.properties)
        if missing:
            return Result(
                0.0,
                task=self.name,
                outcome="not attempted",
                points=points,
                missing=missing,
                graded=graded,
            )
        with _quiet() as noise:
            whole = [self._evidence(p, variables) for p in self._kind(part=False)]
            parts = (
                [self._evidence(p, variables) for p in self._kind(part=True)]
                if all(item.outcome == "passed" for item in whole)
                else []
            )
        evidence = (*whole, *parts)
        broken = [item for item in evidence if item.outcome != "passed"]
        if not broken:
            share = 1.0
        elif parts:
            share = 1 - len(broken) / len(parts)
        else:
            share = 0.0
        return Result(
            round(points * share, 4),
            task=self.name,
            outcome=broken[0].outcome if broken else "passed",
            points=points,
            evidence=evidence,
            graded=graded,
            hint=self.hints[broken[0].hint] if broken else "",
            noise=noise.getvalue().strip()[-500:],
        )

    def _kind(self, *, part: bool) -> list[Property]:
        return [p for p in self.properties if p.part is part]

    def _evidence(self, item: Property, variables: Mapping[str, Any]) -> Evidence:
        arguments = {name: variables[name] for name in item.names}
        if "rng" in inspect.signature(item.test).parameters:
            arguments["rng"] = course_rng(f"{self.lab} {self.name} {item.sentence}")
        try:
            item.test(**arguments)
        except Unmet as unmet:
            got = _quoted(unmet.got) if unmet.has_value else ""
            message = unmet.message
            return Evidence(
                item.sentence, "failed", item.hidden, got, message, item.hint
            )
        except (Exception, SystemExit) as error:
            text = f"{type(error).__name__}: {error}"[:500] + _where(error)
            return Evidence(item.sentence, "raised", item.hidden, "", text, item.hint)
        return Evidence(item.sentence, "passed", item.hidden, hint=item.hint)


class Checks:
    """All checks of a lab; each task is an attribute.

    Args:
        lab: Name of the lab, such as ``"12_data_drift"``.

    Example:
        >>> checks = Checks("99_toy")
        >>> double = checks.task("double", hints={"start": "Two times the number."})
        >>> @double.expects("It doubles a number.", hint="start")
        ... def _(double):
        ...     expect(double(2) == 4, got=double(2))
        >>> from mlcourse.checks import expect
        >>> def double(x):
        ...     return x * 3
        >>> checks.double(points=2)
        Not yet: double (0 of 2 points)
          [not yet] It doubles a number.
              Your value: 6
          checks.double.hint() gives a hint.
        0.0
    """

    def __init__(self, lab: str) -> None:
        self.lab = lab
        self.tasks: dict[str, Task] = {}

    def task(self, name: str, *, hints: Mapping[str, str]) -> Task:
        """Declare a task.

        Args:
            name: The answer's name, a Python identifier that is new in this lab.
            hints: Hints by key, in the order in which they are given.

        Raises:
            ValueError: If the name is taken or not an identifier.
        """
        if not name.isidentifier() or name in self.tasks or hasattr(type(self), name):
            raise ValueError(f"task name == {name!r}, must be a new Python identifier.")
        self.tasks[name] = Task(name, lab=self.lab, hints=hints)
        return self.tasks[name]

    def __getattr__(self, name: str) -> Task:
        try:
            return self.__dict__["tasks"][name]  # type: ignore[no-any-return]
        except KeyError:
            known = ", ".join(self.__dict__.get("tasks", ()))
            raise AttributeError(
                f"no check is called {name!r}; there are: {known}."
            ) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tasks]

    def _repr_html_(self) -> str:
        return card.frame(
            "not attempted", f"Checks of {self.lab}", ", ".join(self.tasks)
        )


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    # nbgrader gives a cell with any stderr no points, and a warning is no mistake.
    noise = io.StringIO()
    with (
        contextlib.redirect_stderr(noise),
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield noise


def _quoted(value: object) -> str:
    """Return a learner's value in short; numpy's numbers as plain ones."""
    numpy = sys.modules.get("numpy")  # not loaded: then there are none of its numbers
    with numpy.printoptions(legacy="1.25") if numpy else contextlib.nullcontext():
        return _shorten.repr(value)


def _where(error: BaseException) -> str:
    """Return the learner's own line that the error came from, if there is one."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        cell = "ipykernel_" in frame.filename or "ipython-input" in frame.filename
        if cell and frame.line:
            return f"\nin {frame.name}: {frame.line}"
    return ""
