"""The lab card: what a lab is, said once, in the header of its source."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Card", "read_card", "write_card"]

FENCE = "# ---"


@dataclass(frozen=True, slots=True)
class Card:
    """What a lab is, as the header of its source says.

    Args:
        title: The name of the lab for a reader.
        minutes: How long a learner needs.
        needs: The labs that come before it.
        goals: What a learner can do afterwards.
        leaves_out: What a reader might expect and will not find.
        defines: Slugs of the terms that the lab introduces.
        requires: Slugs of the terms that it uses without saying what they mean.
    """

    title: str = ""
    minutes: int = 0
    needs: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the card as it stands in a header and in a notebook's metadata."""
        return {
            "title": self.title,
            "minutes": self.minutes,
            "needs": list(self.needs),
            "goals": list(self.goals),
            "leaves_out": list(self.leaves_out),
            "terms": {"defines": list(self.defines), "requires": list(self.requires)},
        }


def card_from(fields: Any) -> Card:
    """Return the card that a mapping of fields describes.

    Args:
        fields: What stands under ``mlcourse``; a field may be missing.

    Raises:
        TypeError: If a field is of the wrong type.
        ValueError: If a field is unknown or holds something else.

    Example:
        >>> card_from({"title": "Serve a model", "minutes": 90}).minutes
        90
    """
    if not isinstance(fields, dict):
        raise TypeError(f"the lab card == {fields!r}, must be a mapping of its fields")
    for key in fields:
        if key not in Card().as_dict():
            known = ", ".join(Card().as_dict())
            raise ValueError(
                f"unknown field {key!r} in the card, must be one of: {known}"
            )
    terms = fields.get("terms") or {}
    if not isinstance(terms, dict) or set(terms) - {"defines", "requires"}:
        raise ValueError(f"terms == {terms!r}, must hold 'defines' and 'requires'")
    lists = {key: fields.get(key) or [] for key in ("needs", "goals", "leaves_out")}
    lists |= {key: terms.get(key) or [] for key in ("defines", "requires")}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise ValueError(f"{key} == {value!r}, must be a list of texts")
    title, minutes = fields.get("title", ""), fields.get("minutes", 0)
    if not isinstance(title, str):
        raise TypeError(f"title == {title!r}, must be a text")
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        raise TypeError(f"minutes == {minutes!r}, must be a whole number")
    return Card(title, minutes, **{key: tuple(value) for key, value in lists.items()})


def read_card(header: str) -> Card:
    """Read the card from the header of a source.

    Args:
        header: Commented YAML between two lines ``# ---``, as jupytext writes it.

    Raises:
        TypeError: If a field is of the wrong type.
        ValueError: If it is not YAML, or not a card.
    """
    import yaml

    lines = header.strip("\n").split("\n")[1:-1]
    try:
        parsed = yaml.safe_load("\n".join(line.removeprefix("# ") for line in lines))
    except yaml.YAMLError as error:
        message = " ".join(str(error).split())
        raise ValueError(f"the header is not YAML, repair it: {message}") from None
    for key in ("jupyter", "mlcourse"):
        parsed = (parsed.get(key) if isinstance(parsed, dict) else None) or {}
    return card_from(parsed)


def write_card(card: Card) -> str:
    """Write a card as the header of a source, without a newline at the end."""
    import yaml

    fields = {"jupyter": {"mlcourse": card.as_dict()}}
    text = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=1000)
    return "\n".join([FENCE, *(f"# {line}" for line in text.splitlines()), FENCE])
