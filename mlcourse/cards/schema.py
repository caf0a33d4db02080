"""The nine sections of a model card, and a card that holds their texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["SECTIONS", "Card", "Section", "read_card"]


class Section(NamedTuple):
    """A section of the card.

    Args:
        name: Its key.
        heading: Its heading.
        asks: What a reader looks for there.
    """

    name: str
    heading: str
    asks: str


# Mitchell et al. 2019, Model Cards for Model Reporting, FAT* '19, section 4.
SECTIONS: tuple[Section, ...] = (
    Section("details", "Model details", "who made it, when, which version, how"),
    Section("use", "Intended use", "for what, by whom, and what is out of scope"),
    Section("factors", "Factors", "groups, instruments and settings that matter"),
    Section("metrics", "Metrics", "which measures, thresholds and intervals, and why"),
    Section("evaluation", "Evaluation data", "which data, why, how prepared"),
    Section("training", "Training data", "which data, how it differs"),
    Section("analyses", "Quantitative analyses", "results by factor, and crossed"),
    Section("ethics", "Ethical considerations", "sensitive data, harms, mitigations"),
    Section("caveats", "Caveats and recommendations", "what is not known, what next"),
)
_HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Card:
    """A model card: its title, and Markdown by the key of a section.

    Args:
        title: Name of the model, for people.
        texts: Markdown below each heading; sections that are missing are empty.

    Raises:
        ValueError: If a key is no section.

    Example:
        >>> Card("Fraud score", {"use": "For payments."}).missing[:2]
        ('Model details', 'Factors')
    """

    title: str
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = {section.name for section in SECTIONS}
        for name in self.texts:
            if name not in names:
                known = ", ".join(section.name for section in SECTIONS)
                raise ValueError(f"texts[{name!r}] is no section, use: {known}.")
        kept = MappingProxyType({k: v.strip() for k, v in self.texts.items()})
        object.__setattr__(self, "texts", kept)

    @property
    def missing(self) -> tuple[str, ...]:
        """Headings of the sections that hold nothing."""
        return tuple(s.heading for s in SECTIONS if not self.texts.get(s.name))

    @property
    def body(self) -> str:
        """The card in Markdown, without front matter; empty sections are left out."""
        parts = [f"# {self.title}"]
        for section in SECTIONS:
            if text := self.texts.get(section.name):
                parts.append(f"## {section.heading}\n\n{text}")
        return "\n\n".join(parts) + "\n"


def read_card(text: str, *, title: str) -> Card:
    r"""Read a card from Markdown: what stands below each heading of level two.

    Headings are compared by their words, in any case; others are refused, so that no
    text of a card gets lost.

    Args:
        text: Markdown; what stands before the first heading is left out.
        title: Name of the model, for people.

    Raises:
        ValueError: If a heading is no section, or stands there twice.

    Example:
        >>> dict(read_card("## Intended use\nFor payments.", title="Fraud").texts)
        {'use': 'For payments.'}
    """
    known = {section.heading.casefold(): section.name for section in SECTIONS}
    parts = _HEADING.split(text)[1:]
    texts: dict[str, str] = {}
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        name = known.get(" ".join(heading.split()).casefold())
        if name is None or name in texts:
            what = "stands there twice" if name else "is no section"
            headings = ", ".join(section.heading for section in SECTIONS)
            raise ValueError(f"heading == {heading!r} {what}, use once: {headings}.")
        texts[name] = body
    return Card(title, texts)
