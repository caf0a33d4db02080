"""The rules an entry is held to, one function each, its name the rule in words.

A rule takes an entry and its :class:`~mlcourse.glossary.rules.context.Context`, and
yields a :class:`~mlcourse.glossary.fault.Fault` for each place that breaks it.
"""

from mlcourse.glossary.rules.completeness import COMPLETENESS
from mlcourse.glossary.rules.context import Context, Rule
from mlcourse.glossary.rules.names import NAMES
from mlcourse.glossary.rules.pronunciation import PRONUNCIATION
from mlcourse.glossary.rules.sentences import SENTENCES
from mlcourse.glossary.rules.wording import WORDING

__all__ = ["RULES", "Context", "Rule"]

RULES: tuple[Rule, ...] = (
    *COMPLETENESS,
    *NAMES,
    *PRONUNCIATION,
    *SENTENCES,
    *WORDING,
)
