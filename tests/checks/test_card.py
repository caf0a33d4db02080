from html.parser import HTMLParser

import pytest
from IPython.core.formatters import DisplayFormatter

from mlcourse.checks import Evidence, Result


def result(**changes):
    fields = {
        "task": "psi",
        "outcome": "failed",
        "points": 3.0,
        "evidence": (
            Evidence("Equal samples give zero.", "passed"),
            Evidence("It <grows>.", "failed", got="'<script>'", message="It fell."),
        ),
    }
    return Result(0.0, **(fields | changes))


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_grader_reads_a_plain_number():
    data, _ = DisplayFormatter().format(
        Result(2.5, task="psi", outcome="passed", points=3)
    )
    assert data["text/plain"] == "2.5"
    assert "Passed" in data["text/html"]


def test_html_is_balanced_and_escapes_what_the_learner_made():
    html = Tags(result()._repr_html_())
    assert html.open == []
    assert "script" not in html.seen
    assert "'<script>'" in html.text
    assert "It <grows>." in html.text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("passed", "Passed: psi (3 points, if the hidden tests agree)"),
        ("failed", "Not yet: psi (0 of 3 points)"),
        ("raised", "Your code raised an error: psi (0 of 3 points)"),
        ("not attempted", "Not attempted: psi (3 points)"),
    ],
)
def test_each_outcome_says_its_name_in_words(outcome, words):
    card = result(outcome=outcome, missing=("psi",))
    assert str(card).splitlines()[0] == words
    assert words in Tags(card._repr_html_()).text


def test_not_attempted_is_never_red():
    html = result(outcome="not attempted", evidence=())._repr_html_()
    assert "#8a8f98" in html
    assert "#d0583f" not in html


def test_colours_are_readable_on_white_and_on_dark():
    from mlcourse.checks.card import COLOURS

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a, b):
        high, low = sorted([luminance(a), luminance(b)], reverse=True)
        return (high + 0.05) / (low + 0.05)

    for colour in COLOURS.values():
        assert contrast(colour, "#ffffff") >= 3
        assert contrast(colour, "#111111") >= 3


def test_the_learner_can_ask_for_a_hint_and_the_graded_copy_shows_it():
    assert "checks.psi.hint() gives a hint." in str(result())
    graded = str(result(graded=True, hint="Look at empty bins."))
    assert "Hint: Look at empty bins." in graded
    assert "checks.psi.hint()" not in graded
