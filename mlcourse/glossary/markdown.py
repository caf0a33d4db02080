"""An entry as Markdown: safe in GitHub and in JupyterLab, with an anchor that stays.

GitHub makes the id of a heading of its text in lower case, without punctuation,
JupyterLab of the text as it is; both put a hyphen for each space. So the heading
``data drift`` is reached by ``#data-drift`` in both, and ``A/B testing`` is not. Both
follow a link to ``<a id>``: GitHub puts a prefix before the id and looks for it,
JupyterLab renames it ``data-jupyter-id`` and looks for that. Such an anchor stands
before each heading whose own id is not the slug, and for each former slug.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from mlcourse.glossary.entry import Entry, SayIt

__all__ = ["anchors", "escape", "full", "short"]

SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
MARKED = re.compile(r"\\\[\\\[(.+?)\\\]\\\]")  # [[ ]] after escaping
BOLD = r"**\1**"
ORDINARY_REGISTER = "neutral-professional"
RETIRED = "This term is retired: we no longer teach it."

Link = Callable[[str], str | None]


def escape(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    A dollar sign becomes an entity, since two of them are a formula in JupyterLab.

    Example:
        >>> escape("p_95 < $5")
        'p\\_95 \\< &#36;5'
    """
    return SPECIAL.sub(r"\\\1", text.replace("&", "&amp;")).replace("$", "&#36;")


def anchors(entry: Entry) -> str:
    """Return the anchors that the heading of an entry does not make by itself.

    Args:
        entry: The entry.
    """
    own = () if entry.term.replace(" ", "-") == entry.slug else (entry.slug,)
    return "".join(f'<a id="{slug}"></a>\n' for slug in (*own, *entry.renamed_from))


def short(entry: Entry, *, link: Link, labs: Iterable[str], more: str) -> str:
    """Return what a reader who follows a link from a lab needs first.

    Args:
        entry: The entry.
        link: Turns a slug into a link, or into None where there is no such entry.
        labs: Names of the labs that use the term.
        more: Address of the full entry.
    """
    if entry.status == "retired":
        return _paragraphs(*_head(entry), RETIRED, _see(entry, link))
    return _paragraphs(
        *_head(entry),
        _plain(entry),
        _quotes(entry),
        " ".join(
            filter(None, (_see(entry, link), _labs(labs), f"[Full entry]({more})"))
        ),
    )


def full(entry: Entry, *, link: Link, labs: Iterable[str]) -> str:
    """Return the whole entry.

    Args:
        entry: The entry, with the confusions of both sides.
        link: Turns a slug into a link, or into None where there is no such entry.
        labs: Names of the labs that use the term.
    """
    if entry.status == "retired":
        return _paragraphs(*_head(entry), RETIRED, _see(entry, link))
    return _paragraphs(
        *_head(entry),
        _plain(entry),
        _quotes(entry),
        _forms(entry),
        _list(
            "Goes with",
            (f"{escape(c.pattern)}: *{escape(c.example)}*" for c in entry.collocations),
        ),
        _list(
            "Do not confuse with",
            (
                f"{link(c.other) or c.other.replace('-', ' ')}: {escape(c.difference)}"
                for c in entry.confusions
            ),
        ),
        _list(
            "Common errors",
            (
                f"Not: *{escape(g.wrong)}* But: *{escape(g.right)}* {escape(g.why)}"
                for g in entry.grammar
            ),
        ),
        _list(
            "False friends",
            (
                f"{f.lang}: *{escape(f.word)}*, {escape(f.trap)}"
                for f in entry.false_friends
            ),
        ),
        *(_task(task) for task in entry.say_it),
        " ".join(filter(None, (_see(entry, link), _labs(labs)))),
    )


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(entry: Entry) -> tuple[str, str, str]:
    anchor = anchors(entry)
    said = entry.pronunciation
    kinds = (entry.part_of_speech, entry.countable, entry.register_)
    kind = ", ".join(k for k in kinds if k and k != ORDINARY_REGISTER)
    sounds = said.us if said.us == said.uk else f"US {said.us} · UK {said.uk}"
    return (
        (f"{anchor}\n" if anchor else "") + f"### {escape(entry.term)}",
        f"*{kind}* · {sounds}",
        escape(entry.definition),
    )


def _plain(entry: Entry) -> str:
    return f"**In plain words:** {escape(entry.plain)}"


def _quotes(entry: Entry) -> str:
    return "\n>\n".join(
        f"> {MARKED.sub(BOLD, escape(example.text))} ({example.audience})"
        for example in entry.examples
    )


def _forms(entry: Entry) -> str:
    forms = [
        f"{title}: {escape(', '.join(words))}."
        for title, words in (
            ("Forms", entry.inflections),
            ("Also", entry.labels.alt),
            ("Avoid", entry.labels.avoid),
        )
        if words
    ]
    if entry.pronunciation.note:
        forms.append(escape(entry.pronunciation.note))
    return " ".join(forms)


def _list(title: str, items: Iterable[str]) -> str:
    lines = [f"- {item}" for item in items]
    return "\n".join((f"**{title}**\n", *lines)) if lines else ""


def _task(task: SayIt) -> str:
    avoid = f" Without: {escape(', '.join(task.avoid))}." if task.avoid else ""
    return (
        f"**Say it** to: {escape(task.audience)}. {escape(task.situation)} "
        f"Mention: {escape(', '.join(task.must_mention))}.{avoid}\n\n"
        "<details><summary>One good answer</summary>\n\n"
        f"{escape(task.model_answer)}\n\n</details>"
    )


def _see(entry: Entry, link: Link) -> str:
    slugs = dict.fromkeys((*entry.broader, *entry.related))
    links = [found for slug in slugs if (found := link(slug))]
    return f"See also: {', '.join(links)}." if links else ""


def _labs(labs: Iterable[str]) -> str:
    links = [f"[{escape(lab)}](../{lab}/{lab}.ipynb)" for lab in sorted(labs)]
    return f"Labs: {', '.join(links)}." if links else ""
