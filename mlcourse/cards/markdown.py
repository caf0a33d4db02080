"""A card as Markdown with the front matter that Hugging Face reads."""

from typing import TYPE_CHECKING

from mlcourse.cards.schema import Card

if TYPE_CHECKING:
    from huggingface_hub import ModelCardData

    from mlcourse.registry import Lineage

__all__ = ["describe_lineage", "to_markdown"]

DIGITS = 12  # of a digest: enough to find it, short enough to read


def to_markdown(card: Card, data: "ModelCardData") -> str:
    """Return a card as Markdown with YAML front matter.

    Args:
        card: The card, filled.
        data: The metadata; its ``eval_results`` become the ``model-index``.

    Returns:
        The text of a ``README.md`` that ``huggingface_hub.ModelCard`` reads.

    Example:
        >>> from huggingface_hub import ModelCardData
        >>> card = Card("Fraud score", {"use": "For payments."})
        >>> to_markdown(card, ModelCardData(tags=["fraud"])).splitlines()[:3]
        ['---', 'tags:', '- fraud']
    """
    return f"---\n{data.to_yaml()}\n---\n\n{card.body}"


def describe_lineage(lineage: "Lineage") -> str:
    """Return where a model came from, as a Markdown list for the card's details.

    Digests are code spans, cut to 12 digits. What the registry does not hold is said.

    Args:
        lineage: As ``mlcourse.registry.read_lineage`` gives it.
    """
    aliases = ", ".join(f"`{alias}`" for alias in lineage.aliases) or "none"
    parameters = ", ".join(f"`{k}={v}`" for k, v in sorted(lineage.parameters.items()))
    rows = {
        "Registered as": f"`{lineage.name}`, version {lineage.version}",
        "Aliases": aliases,
        "Registered on": f"{lineage.created:%Y-%m-%d}",
        "Run": _cut(lineage.run_id),
        "Training data": _cut(lineage.data_hash),
        "Code": _cut(lineage.code_version),
        "Parameters": parameters or "not recorded",
    }
    return "\n".join(f"- {name}: {value}" for name, value in rows.items())


def _cut(digest: str) -> str:
    return f"`{digest[:DIGITS]}`" if digest else "not recorded"
