from html.parser import HTMLParser

import pytest

from mlcourse.writing import Brief, Finding, Number, Review

REVIEW = Review(
    score=0.996,
    by_criterion={"length": 1.0, "claims": 0.996, "terms": 0.0},
    findings=(Finding("claims", 0.996, '"<b>proves</b>" & more.', 3, "<b>proves</b>"),),
    words=120,
    grade=7.25,
)


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], "", set()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def page(review):
    parsed = Page()
    parsed.feed(review._repr_html_())
    parsed.close()
    assert parsed.open == []
    return parsed


def test_plain_text_says_score_criteria_and_findings():
    assert str(REVIEW).splitlines() == [
        "Memo: 99 % (120 words, grade 7.2)",
        "  100 %  Length",
        "   99 %  No over-claims",
        "    0 %  Terms",
        '1. No over-claims (line 3): "<b>proves</b>" & more.',
    ]


def test_only_a_full_score_reads_100_percent():
    shares = {"length": 0.999, "terms": 0.001}
    text = str(Review(1.0, shares, (), 5))
    assert text.startswith("Memo: 100 % (5 words)")
    assert "99 %  Length" in text
    assert "1 %  Terms" in text


def test_html_escapes_the_learners_words():
    parsed = page(REVIEW)
    assert '"<b>proves</b>" & more.' in parsed.text
    assert "line 3" in parsed.text


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", '<img src=x onerror="x">']
)
def test_html_from_a_memo_is_shown_not_run(attack):
    heading = f"# {attack} `{attack}`\n\n"
    text = f"{heading}It `{attack}` guarantees 45 ms &lt;script&gt; for all of us.\n"
    brief = Brief(
        sections=("alert", "img", "script"),
        numbers={"p95": Number("ms")},
        strict_units=("ms",),
        avoid={"script": "say <script>"},
    )
    parsed = page(brief.review(text, values={"p95": 1.23}))
    assert parsed.tags <= {"div", "b", "table", "tr", "td", "ol", "li"}
    assert "<script>" in parsed.text


def test_html_takes_its_colours_from_the_page():
    html = REVIEW._repr_html_()
    assert "currentColor" in html
    assert "color:#" not in html.replace("border-left:4px solid #888", "")


def test_a_full_score_has_no_list_of_findings():
    parsed = page(Review(1.0, {"length": 1.0}, (), 9))
    assert "ol" not in parsed.tags
    assert "100 %" in parsed.text
