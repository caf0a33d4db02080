"""Predict first: a guess is committed before the number is shown."""

from numbers import Real
from pathlib import Path

from mlcourse.checks.ledger import Ledger
from mlcourse.checks.notebook import Note
from mlcourse.checks.todo import is_attempted

__all__ = ["predict", "reveal"]

Guess = float | str | bool

_guesses: dict[str, Guess] = {}


def _first_guess(name: str) -> Guess | None:
    """Return the guess committed first, in this kernel or an earlier one."""
    if name not in _guesses:
        lab = Path.cwd().name
        for event in Ledger.here().events():
            if (event["event"], event.get("lab"), event.get("name")) == (
                "prediction",
                lab,
                name,
            ):
                _guesses.setdefault(name, event["guess"])
    return _guesses.get(name)


def predict(name: str, guess: object, *, unit: str = "") -> Note:
    """Commit a guess; the first one counts.

    Args:
        name: What is guessed; the key for `reveal`.
        guess: A number, a word or a truth value; ``TODO`` commits nothing.
        unit: The unit of a number.

    Returns:
        A card that repeats the guess.

    Raises:
        TypeError: If the guess is of another type.

    Example:
        >>> predict("slowest request", 40, unit="ms")
        Your guess is kept
          slowest request: 40 ms
    """
    if not is_attempted(guess):
        return Note("not attempted", "Predict first", f"Commit a guess for: {name}.")
    if not isinstance(guess, (Real, str)):
        kind = type(guess).__name__
        raise TypeError(f"guess for {name!r} is a {kind}, must be a number or a word.")
    now = guess if isinstance(guess, (str, bool)) else float(guess)
    first = _first_guess(name)
    if first is None:
        _guesses[name] = first = now
        lab = Path.cwd().name
        Ledger.here().append("prediction", lab=lab, name=name, guess=now, unit=unit)
    kept = f"{name}: {_show(first, unit)}"
    if first != now:
        kept += f" (the first guess counts; you now say {_show(now, unit)})"
    return Note("passed", "Your guess is kept", kept)


def reveal(name: str, value: float | str | bool, *, unit: str = "") -> Note:
    """Show a number beside the guess, or ask for the guess first.

    Args:
        name: The name given to `predict`.
        value: What it turned out to be.
        unit: The unit of a number.

    Example:
        >>> _ = predict("p99 over p50", 3)
        >>> reveal("p99 over p50", 7.25)
        You guessed 3
          p99 over p50: 7.25. Your guess was 2.4 times too low.
    """
    guess = _first_guess(name)
    if guess is None:
        text = f"Commit a guess for: {name}. Then run this cell again."
        return Note("not attempted", "Predict first", text)
    text = f"{name}: {_show(value, unit)}. {_compare(guess, value)}".strip()
    return Note("passed", f"You guessed {_show(guess, unit)}", text)


def _show(value: Guess, unit: str) -> str:
    plain = isinstance(value, (str, bool))
    return f"{value if plain else f'{value:.4g}'} {unit}".strip()


def _compare(guess: Guess, value: Guess) -> str:
    if isinstance(guess, (str, bool)) or isinstance(value, (str, bool)):
        return "You were right." if guess == value else ""
    if guess <= 0 or value <= 0:
        return f"Your guess was off by {abs(value - guess):.4g}."
    ratio = max(value / guess, guess / value)
    if ratio < 1.1:
        return "That is close."
    return f"Your guess was {ratio:.1f} times too {'low' if guess < value else 'high'}."
