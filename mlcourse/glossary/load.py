"""Reading the entries: file by file with every fault, or all at once or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from pydantic import ValidationError

from mlcourse.errors import MlcourseError
from mlcourse.glossary.entry import Confusion, Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.folding import fold

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # pragma: no cover - PyYAML without libyaml, ten times slower
    from yaml import SafeLoader  # type: ignore[assignment]

__all__ = ["Glossary", "GlossaryError", "Name", "Reading", "build", "load", "read"]

TRAPS = {
    bool: "is what YAML makes of yes, no, on, off, true or false",
    int: "is what YAML makes of digits, also of 1:30",
    float: "is what YAML makes of a number",
    type(None): "is what YAML makes of nothing, ~ or null",
}


class GlossaryError(MlcourseError):
    """The glossary cannot be read as it stands."""


class Name(NamedTuple):
    """One name of a term.

    Args:
        slug: The term.
        text: The name as it is written.
        kind: ``term``, ``alt``, ``inflection``, ``hidden`` or ``avoid``.
    """

    slug: str
    text: str
    kind: str


class Reading(NamedTuple):
    """What stands in a folder of entries.

    Args:
        entries: Every entry that could be read, as written, in the order of the files.
        faults: What is wrong with the others.
    """

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Glossary:
    """All entries, with each confusion in both entries of the pair.

    Args:
        entries: By slug, in the order of the alphabet.
        names: By folded text, what is called so; the best kind first.

    Example:
        >>> build([]).entries
        mappingproxy({})
    """

    entries: Mapping[str, Entry]
    names: Mapping[str, tuple[Name, ...]]


class _Loader(SafeLoader):
    """Safe, and refuses a key that is written twice, where YAML takes the last."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} is written twice",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read(terms_dir: Path) -> Reading:
    """Read every entry of a folder, and say what is wrong with those that fail.

    Args:
        terms_dir: The folder of the ``<slug>.yaml`` files.
    """
    entries: list[Entry] = []
    faults: list[Fault] = []
    for path in sorted(terms_dir.glob("*.yaml")):
        found = _read_file(path)
        if isinstance(found, Entry):
            entries.append(found)
        else:
            faults += found
    return Reading(tuple(entries), tuple(faults))


def load(terms_dir: Path) -> Glossary:
    """Load the glossary of a folder.

    Args:
        terms_dir: The folder of the ``<slug>.yaml`` files.

    Raises:
        GlossaryError: If there is no entry, or one cannot be read, or a pair of
            confusions is written in both of its entries.
    """
    entries, faults = read(terms_dir)
    if faults:
        raise GlossaryError("\n".join(map(str, faults)))
    if not entries:
        raise GlossaryError(f"no entry in {terms_dir}: the glossary is not there yet.")
    return build(entries)


def build(entries: Iterable[Entry]) -> Glossary:
    """Make a glossary of entries: mirror the confusions, index the names.

    Args:
        entries: As written, each slug once.

    Raises:
        GlossaryError: If a pair is written in both of its entries.
    """
    ordered = {e.slug: e for e in sorted(entries, key=lambda e: (fold(e.term), e.slug))}
    names: dict[str, list[Name]] = {}
    for entry in ordered.values():
        if entry.status != "retired":
            for name in _names(entry):
                names.setdefault(fold(name.text), []).append(name)
    kinds = ("term", "alt", "inflection", "hidden", "avoid")
    return Glossary(
        MappingProxyType(_mirrored(ordered)),
        MappingProxyType(
            {
                folded: tuple(sorted(same, key=lambda name: kinds.index(name.kind)))
                for folded, same in names.items()
            }
        ),
    )


def _names(entry: Entry) -> list[Name]:
    return [
        Name(entry.slug, text, kind)
        for kind, texts in (
            ("term", (entry.term,)),
            ("alt", entry.labels.alt),
            ("inflection", entry.inflections),
            ("hidden", entry.labels.hidden),
            ("avoid", entry.labels.avoid),
        )
        for text in texts
    ]


def _mirrored(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    mirrored = dict(entries)
    for slug, entry in entries.items():
        for pair in entry.confusions:
            other = mirrored.get(pair.other)
            if other is None:
                continue
            if any(back.other == slug for back in entries[pair.other].confusions):
                raise GlossaryError(
                    f"the pair {slug} and {pair.other} is written in both entries: "
                    "keep it in the one whose slug sorts first."
                )
            back = Confusion(
                other=slug, difference=pair.difference, contrast=pair.contrast
            )
            mirrored[pair.other] = other.model_copy(
                update={"confusions": (*other.confusions, back)}
            )
    return mirrored


def _read_file(path: Path) -> Entry | list[Fault]:
    try:
        # The loader is the safe one: it makes no objects.
        data = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506
        entry = Entry.model_validate(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}" if where else "the file"
        what = getattr(error, "problem", None) or str(error)
        return [
            Fault(path.name, line, what, "is no YAML that we read", "repair it", "yaml")
        ]
    except ValidationError as error:
        return _schema_faults(path, error.errors(include_url=False))
    if entry.slug != path.stem:
        return [
            Fault(
                path.name,
                "slug",
                entry.slug,
                "is not the name of the file",
                f"write slug: {path.stem}, or rename the file",
                "slug_is_the_file_name",
            )
        ]
    return entry


def _schema_faults(path: Path, errors: list[ErrorDetails]) -> list[Fault]:
    faults = []
    deepest = {error["loc"] for error in errors}
    for error in errors:
        loc, value = error["loc"], error["input"]
        # A list whose every item is refused is also "too short": say it once.
        if any(len(other) > len(loc) and other[: len(loc)] == loc for other in deepest):
            continue
        field = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc)
        problem, fix = _explain(error["type"], value, error["msg"])
        if error["type"] == "missing":
            value = None
        faults.append(
            Fault(path.name, field.lstrip(".") or "entry", value, problem, fix, "type")
        )
    return faults


def _explain(kind: str, value: object, message: str) -> tuple[str, str]:
    if kind == "missing":
        return "is missing", "write it"
    if kind == "extra_forbidden":
        return "is no field of an entry", "correct the name, or remove it"
    if kind == "string_pattern_mismatch":
        return "has another form", message.replace("String should", "it must")
    if kind in ("string_type", "literal_error") and not isinstance(value, str):
        trap = TRAPS.get(type(value), f"is a {type(value).__name__}")
        return f"{trap}, not text", "put it in quotes"
    if kind == "tuple_type":
        return "is no list", "write [ ] around it, or one line with - for each"
    return "is not allowed", message[0].lower() + message[1:]
