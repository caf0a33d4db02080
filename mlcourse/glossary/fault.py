"""What is wrong with an entry, and what to do about it."""

from dataclasses import dataclass

__all__ = ["Fault"]

SHOWN = 90


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule in one field of one file.

    Args:
        file: Name of the file, such as ``data-drift.yaml``.
        field: Where in it, such as ``labels.alt[0]``.
        value: What stands there.
        problem: What is wrong with it.
        fix: What to do.
        rule: Name of the rule.
        warning: Whether work may go on with it.

    Example:
        >>> print(Fault("psi.yaml", "term", "", "is empty", "write the term", "type"))
        psi.yaml: term == '' is empty: write the term.
    """

    file: str
    field: str
    value: object
    problem: str
    fix: str
    rule: str
    warning: bool = False

    def __str__(self) -> str:
        value = repr(self.value)
        if len(value) > SHOWN:
            value = value[: SHOWN - 1] + "…"
        mark = "warning: " if self.warning else ""
        return f"{mark}{self.file}: {self.field} == {value} {self.problem}: {self.fix}."
