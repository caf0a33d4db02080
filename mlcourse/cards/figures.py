"""The figures of a card's text: which were typed, and which say what they are."""

import re
from collections.abc import Iterator, Mapping

from mlcourse.cards.estimate import SHARE, Estimate
from mlcourse.writing.markdown import Passage
from mlcourse.writing.memo import read_memo
from mlcourse.writing.numbers import Figure, find_figures
from mlcourse.writing.phrases import phrase_pattern
from mlcourse.writing.units import unit_of

__all__ = ["shows", "stray_figures", "typed_figures"]

_FIELD = re.compile(r"\{[^{}]*\}")
_NAMING = re.compile(  # "Article 17", "version 3": a name, not a measurement
    r"\b(?:articles?|recitals?|opinion|regulation|paragraph|directive|version|lab|"
    r"section|task|level|et al\.?|gdpr|act|no\.?)\s*\(?(?:\d+/)?\Z",
    re.IGNORECASE,
)
_LEVEL = re.compile(  # "95 % interval": how sure, not what was found
    r"\s*(?:\w+\s+)?(?:interval|confidence|CI\b|credible|bootstrap)", re.IGNORECASE
)
_LEVELS = (80.0, 90.0, 95.0, 99.0)
_SMALL = 12  # up to here a bare whole number may be a word: two groups, nine sections
_YEARS = (1900.0, 2100.0)
_ALL = re.compile(r"\b(?:overall|all|whole|total|everyone|average|mean)\b", re.I)


def typed_figures(text: str) -> tuple[str, ...]:
    """Return the figures that were typed into a text with ``{fields}``.

    A figure is a number with a unit or a decimal point, or a whole number above 12
    that is no year and no name such as "Article 17". Code spans are not read.

    Args:
        text: Markdown for ``str.format_map``.

    Example:
        >>> typed_figures("Recall is {recall}, and 61 % for the young (Article 17).")
        ('61 %',)
    """
    # A word in place of each field, so that "{n} cases" is no number at all.
    bare = _FIELD.sub("FIELD", text)
    return tuple(figure.quote for _, figure in _figures(bare, ()))


def stray_figures(text: str, numbers: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield what is wrong with the figures of a filled text, one sentence each.

    A figure must be a number of the evaluation (its value, an end of its interval, its
    number of cases), and its sentence or table row must name the metric, and the slice
    where there is one.

    Args:
        text: Markdown, filled.
        numbers: The evaluation.

    Example:
        >>> recall = Estimate(metric="recall", value=0.614)
        >>> list(stray_figures("Precision is 61.4 %.", {"recall": recall}))
        ['"61.4 %" is recall, and the sentence does not say so']
    """
    slices = sorted({e.slice for e in numbers.values() if e.slice}, key=len)[::-1]
    for group, figure in _figures(text, slices):
        found = [e for e in numbers.values() if shows(figure, e)]
        if not found:
            yield f'"{figure.quote}" is no number of the evaluation'
            continue
        said = " ".join(f"{part.labels} {part.with_code}" for part in group)
        if not any(_named(estimate, said, slices) for estimate in found):
            names = dict.fromkeys(_name(estimate) for estimate in found[:3])
            what = " or ".join(names)
            yield f'"{figure.quote}" is {what}, and the sentence does not say so'


def _figures(
    text: str, labels: list[str] | tuple[str, ...]
) -> Iterator[tuple[list[Passage], Figure]]:
    for group in read_memo(text).places():
        if group[0].kind == "heading":
            continue
        for part in group:
            masked = part.text
            for label in labels:  # "18-24" in the name of a slice is no figure
                masked = re.sub(re.escape(label), "~" * len(label), masked, flags=re.I)
            for figure in find_figures(masked, labels=part.labels):
                if _is_measurement(figure, masked):
                    yield group, figure


def _is_measurement(figure: Figure, text: str) -> bool:
    if figure.value in _LEVELS and _LEVEL.match(figure.after):
        return False
    if _NAMING.search(text[: figure.start]):
        return False
    if figure.unit is not None or figure.decimals > 0:
        return True
    is_year = _YEARS[0] <= figure.value <= _YEARS[1] and "," not in figure.quote
    return figure.value > _SMALL and not is_year


def shows(figure: Figure, estimate: Estimate) -> bool:
    """Return whether a figure is an estimate: its value, an end, or its cases."""
    unit = unit_of("share" if estimate.unit == SHARE else estimate.unit)
    values = [v for v in (estimate.value, estimate.low, estimate.high) if v is not None]
    if any(figure.shows(value, unit) for value in values):
        return True
    bare = figure.unit is None and figure.decimals <= 0
    return bare and estimate.n is not None and figure.value == estimate.n


def _named(estimate: Estimate, said: str, slices: list[str]) -> bool:
    if not phrase_pattern(estimate.metric).search(said):
        return False
    # The longest name first, so that "south" is not seen in "south coast".
    seen, left = set(), said.casefold()
    for name in slices:
        if name.casefold() in left:
            seen.add(name)
            left = left.replace(name.casefold(), "~")
    if estimate.slice:
        return estimate.slice in seen
    return not seen or _ALL.search(said) is not None


def _name(estimate: Estimate) -> str:
    return (
        f"{estimate.metric} of {estimate.slice}"
        if estimate.slice
        else (estimate.metric)
    )
