"""Gaps and answers: what a card needs a sentence to hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.folding import contains, fold, phrases, plural
from mlcourse.glossary.rules.context import Context, Rule, fault

__all__ = ["SENTENCES"]

MARKED = re.compile(r"\[\[(.*?)\]\]")
GAP = "[[?]]"
SPOKEN_WORDS = 40
BEGINNING = 5


def example_holds_the_term_once(entry: Entry, _: Context) -> Iterator[Fault]:
    """An example holds the term, or an inflection of it, once and in [[ ]]."""
    forms = {fold(form) for form in entry.forms()}
    if entry.part_of_speech in ("noun", "name"):
        forms |= {plural(form) for form in forms}
    for at, example in enumerate(entry.examples):
        marked = MARKED.findall(example.text)
        outside = MARKED.sub(" … ", example.text)
        problem = ""
        if len(marked) != 1 or "[[" in outside or "]]" in outside:
            problem = f"has {len(marked)} gaps in [[ ]], must have 1"
            fix = "mark the term once"
        elif fold(marked[0]) not in forms:
            problem = f"marks {marked[0]!r}, which is no form of {entry.term!r}"
            fix = "mark the term, or add the form to inflections"
        elif forms & phrases(outside).keys():
            problem = "says the term outside of [[ ]] too"
            fix = "say it once, or the gap gives itself away"
        if problem:
            yield fault(
                entry,
                example_holds_the_term_once,
                f"examples[{at}].text",
                example.text,
                problem,
                fix=fix,
            )


def collocation_holds_the_term(entry: Entry, _: Context) -> Iterator[Fault]:
    """The pattern and the example of a collocation hold the term or an inflection."""
    names = (*entry.forms(), *entry.names())
    for at, usual in enumerate(entry.collocations):
        for field, text in (("pattern", usual.pattern), ("example", usual.example)):
            if not any(contains(text, name) for name in names):
                yield fault(
                    entry,
                    collocation_holds_the_term,
                    f"collocations[{at}].{field}",
                    text,
                    f"does not hold {entry.term!r}",
                    fix="use the term in it, or add the form to inflections",
                )


def contrast_has_a_sentence_for_each_side(entry: Entry, _: Context) -> Iterator[Fault]:
    """A pair has two contrast sentences, one answered by each of its terms."""
    for at, pair in enumerate(entry.confusions):
        answers = sorted(contrast.answer for contrast in pair.contrast)
        if answers != sorted((entry.slug, pair.other)):
            yield fault(
                entry,
                contrast_has_a_sentence_for_each_side,
                f"confusions[{at}].contrast",
                answers,
                "has not one answer for each side",
                fix=f"write two sentences, answered by {entry.slug} and {pair.other}",
            )


def contrast_has_one_gap(entry: Entry, _: Context) -> Iterator[Fault]:
    """A contrast sentence holds [[?]] once, and no other brackets."""
    for at, pair in enumerate(entry.confusions):
        for which, contrast in enumerate(pair.contrast):
            if contrast.text.count(GAP) != 1 or contrast.text.count("[[") != 1:
                yield fault(
                    entry,
                    contrast_has_one_gap,
                    f"confusions[{at}].contrast[{which}].text",
                    contrast.text,
                    f"has {contrast.text.count(GAP)} gaps {GAP}, must have 1",
                    fix=f"put {GAP} where the term stood",
                )


def contrast_keeps_its_answer(entry: Entry, context: Context) -> Iterator[Fault]:
    """A contrast sentence does not say either of the two terms."""
    for at, pair in enumerate(entry.confusions):
        other = context.entries.get(pair.other)
        names = (*entry.names(), *(other.names() if other else ()))
        for which, contrast in enumerate(pair.contrast):
            said = next((n for n in names if contains(contrast.text, n)), None)
            if said:
                yield fault(
                    entry,
                    contrast_keeps_its_answer,
                    f"confusions[{at}].contrast[{which}].text",
                    contrast.text,
                    f"says {said!r}, one of the two answers",
                    fix="let the meaning decide",
                )


def model_answer_is_short(entry: Entry, _: Context) -> Iterator[Fault]:
    """A model answer has at most 40 words."""
    for at, task in enumerate(entry.say_it):
        count = len(task.model_answer.split())
        if count > SPOKEN_WORDS:
            yield fault(
                entry,
                model_answer_is_short,
                f"say_it[{at}].model_answer",
                task.model_answer,
                f"has {count} words, must have at most {SPOKEN_WORDS}",
                fix="say less",
            )


def model_answer_avoids_its_own_words(entry: Entry, _: Context) -> Iterator[Fault]:
    """A model answer does not use a word that its task tells to avoid.

    Five letters or more count as the beginning of a word: covariat, statistic.
    """
    for at, task in enumerate(entry.say_it):
        answer = f" {fold(task.model_answer)}"
        for word in task.avoid:
            begins = len(word) >= BEGINNING and f" {fold(word)}" in answer
            if begins or contains(answer, word):
                yield fault(
                    entry,
                    model_answer_avoids_its_own_words,
                    f"say_it[{at}].model_answer",
                    task.model_answer,
                    f"uses {word!r}, which the task tells to avoid",
                    fix="say it in other words",
                )


SENTENCES: tuple[Rule, ...] = (
    example_holds_the_term_once,
    collocation_holds_the_term,
    contrast_has_a_sentence_for_each_side,
    contrast_has_one_gap,
    contrast_keeps_its_answer,
    model_answer_is_short,
    model_answer_avoids_its_own_words,
)
