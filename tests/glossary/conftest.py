"""A complete entry, and ways to change it."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.rules import Context, Rule

EXAMPLE = Path(__file__).with_name("example.yaml")


@pytest.fixture
def fields() -> dict[str, Any]:
    """The example of the format, as YAML reads it."""
    return yaml.safe_load(EXAMPLE.read_text("utf-8"))


@pytest.fixture
def make_entry(fields) -> Callable[..., Entry]:
    """Return the example with other fields; None removes a field.

    A key with a double underscore goes into a part: ``labels__alt=["x"]``.
    """

    def make(**changes: Any) -> Entry:
        changed = copy.deepcopy(fields)
        for key, value in changes.items():
            part, _, inner = key.partition("__")
            target = changed[part] if inner else changed
            if value is None:
                del target[inner or part]
            else:
                target[inner or part] = value
        if "slug" in changes:
            changed.setdefault("id", changed["slug"])
        return Entry.model_validate(changed)

    return make


@pytest.fixture
def plain_entry(make_entry) -> Callable[..., Entry]:
    """Return another entry that shares no name and no link with the example."""

    def make(slug: str, term: str | None = None, **changes: Any) -> Entry:
        nothing: Mapping[str, Any] = {
            "labels": {},
            "inflections": [],
            "confusions": [],
            "related": [],
            "broader": [],
        }
        name = term or slug.replace("-", " ")
        return make_entry(
            **{"id": slug, "slug": slug, "term": name, **nothing, **changes}
        )

    return make


@pytest.fixture
def judge() -> Callable[..., list[Fault]]:
    """Return the faults that one rule finds in the first of some entries."""

    def judged(rule: Rule, *entries: Entry, **lists: Any) -> list[Fault]:
        found = list(rule(entries[0], Context.of(entries, **lists)))
        assert all(fault.rule == rule.__name__ for fault in found)
        assert all(fault.file == f"{entries[0].slug}.yaml" for fault in found)
        assert all(fault.fix and fault.problem for fault in found)
        return found

    return judged
