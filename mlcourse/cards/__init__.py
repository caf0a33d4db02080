"""A model card: nine sections, every number from the evaluation, checked and rendered.

The sections are those of Mitchell et al. 2019. An :class:`Estimate` is one number of an
evaluation; a card's text names it by its key and is filled by ``str.format_map``, so
that nobody types a number. :func:`review_card` reads the filled card as an auditor
would: are the sections there, does each number belong to what the sentence says, is
the worst slice named, does a claim bring its number.
"""

from mlcourse.cards.estimate import Estimate, worst_of
from mlcourse.cards.figures import stray_figures, typed_figures
from mlcourse.cards.markdown import describe_lineage, to_markdown
from mlcourse.cards.page import to_html
from mlcourse.cards.review import CardReview, Fault, review_card
from mlcourse.cards.schema import SECTIONS, Card, Section, read_card

__all__ = [
    "SECTIONS",
    "Card",
    "CardReview",
    "Estimate",
    "Fault",
    "Section",
    "describe_lineage",
    "read_card",
    "review_card",
    "stray_figures",
    "to_html",
    "to_markdown",
    "typed_figures",
    "worst_of",
]
