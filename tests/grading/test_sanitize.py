"""What strangers wrote is shown, and nothing of it runs or fetches."""

import base64
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcourse.checks.result import Evidence, Result
from mlcourse.grading.sanitize import clean_html, clean_markdown, clean_svg, plain_text

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//a.b/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml;base64,AAAA#x'/></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' jAvA\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<iframe src='https://a.b'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action='https://a.b'><input name=password><button>ok</button></form>",
    "<base href='https://a.b/'><meta http-equiv=refresh content='0;url=//a.b'>",
    "<link rel=stylesheet href='https://a.b/x.css'>",
    "<style>@import url(https://a.b/x.css); p { background: url(//a.b/x) }</style>",
    "<style>*{color:red}</style><style></style><img src=x onerror=alert(1)></style>",
    "<p style='background:url(https://a.b/x.png)'>x</p>",
    "<p style='background:u\\72l(https://a.b/x.png)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x</p>",
    "<img src='https://a.b/pixel.png'><img srcset='https://a.b/p.png 1x'>",
    "<img src='data:image/svg+xml;base64,PHN2Zy8+'>",
    "<video src='https://a.b/x'></video><audio src='//a.b/x' autoplay></audio>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<div class='mf-total' id='mf-0'>100 of 100 points</div>",
    "<svg><rect fill='url(https://a.b/x#y)'/></svg>",
    "<table background='https://a.b/x.png'><tr><td>1</td></tr></table>",
]
TAGS = re.compile(
    "script|iframe|object|embed|form|input|button|base|meta|link|video|audio|use|"
    "template|foreignobject|animate|math|noscript|textarea"
)
VALUES = re.compile(
    r"(?i)javascript:|vbscript:|//a\.b|expression|position|data:text|svg\+xml|^mf-"
)


class Page(HTMLParser):
    """What a browser would find that runs, or that it would fetch."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found += [tag] * bool(TAGS.fullmatch(tag))
        for name, value in attributes:
            bad = name.startswith("on") or name in ("srcdoc", "srcset", "background")
            if bad or (name != "alt" and VALUES.search(re.sub(r"\s", "", value or ""))):
                self.found.append((tag, name, value))

    def handle_data(self, data):
        if self.lasttag == "style" and re.search(r"url\(|@import|<", data):
            self.found.append(data)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_or_is_fetched(attack):
    assert not Page(clean_html(attack, scope="x")).found
    assert not Page(clean_markdown(attack)).found


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_would_do_something(attack):
    assert Page(attack).found or "<style" in attack


@given(st.lists(st.sampled_from([*ATTACKS, "<b>", "</b>", "x", "<!--", "-->", "<"])))
def test_no_mixture_of_attacks_runs(parts):
    assert not Page(clean_html("".join(parts), scope="x")).found


@given(st.text())
def test_any_text_is_cleaned_and_cleaning_again_changes_nothing(text):
    once = clean_html(text)
    assert clean_html(once) == once


def test_a_table_of_pandas_stays_a_table():
    html = (
        '<table border="1" class="dataframe"><tr style="text-align: right;">'
        '<th colspan="2">a</th></tr><tr><td>1</td></tr></table>'
    )
    clean = clean_html(html)
    assert 'class="dataframe"' in clean
    assert 'style="text-align:right"' in clean
    assert 'colspan="2"' in clean


def test_a_style_of_pandas_is_kept_to_its_output():
    html = (
        '<style type="text/css">#T_ab_row0_col0, #T_ab th { background-color: #023858; '
        "position: fixed }</style>"
        '<table id="T_ab"><tr><td id="T_ab_row0_col0">1</td></tr></table>'
    )
    clean = clean_html(html, scope="here")
    assert "#here #T_ab_row0_col0,#here #T_ab th{background-color:#023858}" in clean
    assert 'id="T_ab_row0_col0"' in clean
    assert "<style" not in clean_html(html)


def test_a_style_sheet_cannot_reach_beyond_its_output():
    clean = clean_html("<style>body, .total { display: none }</style>x", scope="here")
    assert "#here body,#here .total{display:none}" in clean


def test_a_style_sheet_cannot_close_itself():
    sheet = "<style>p { color: red } </sty/**/le> a<b { color: blue }</style>"
    clean = clean_html(sheet + "<style>p{color:re}d}</style>", scope="here")
    assert clean.count("</style>") == 1
    assert "<b" not in clean


def test_an_inline_picture_stays_and_another_is_named_by_its_text():
    picture = "data:image/png;base64,iVBORw0KGgo="
    assert picture in clean_html(f'<img src="{picture}">')
    assert (
        clean_html('<img src="https://x.org/cat.png" alt="cat">') == '<img alt="cat">'
    )


def test_the_card_of_a_check_stays_readable():
    evidence = Evidence("It is < 1.", "failed", got="<3>", message="Too much.")
    result = Result(0, task="psi", outcome="failed", points=2, evidence=(evidence,))
    clean = clean_html(result._repr_html_())
    assert "border-left:5px solid #c77d0a" in clean
    assert "background:rgba(128,128,128,0.09)" in clean
    assert plain_text(clean) == plain_text(result._repr_html_())
    assert "not yet It is < 1." in plain_text(clean)


def test_an_attached_picture_of_a_text_is_shown():
    text = clean_markdown(
        "![cat](attachment:c.png)", {"c.png": {"image/png": "iVBO\nRw0K"}}
    )
    assert '<img src="data:image/png;base64,iVBORw0K" alt="cat">' in text


def test_an_attachment_that_is_no_picture_is_not():
    page = {"c.png": {"text/html": "PHNjcmlwdD4="}}
    assert "src" not in clean_markdown("![cat](attachment:c.png)", page)


def test_a_drawing_is_an_image_without_scripts_or_addresses():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"><script>x()</script>'
        '<foreignObject><p>x</p></foreignObject><style>@import "//a.b"</style>'
        '<image href="https://a.b/p.png"/><use xlink:href="#line"/>'
        '<path id="line" d="M0 0L1 1" style="fill:url(https://a.b)"/></svg>'
    )
    html = clean_svg(svg)
    inner = base64.b64decode(html.split("base64,")[1].split('"')[0]).decode()
    assert 'd="M0 0L1 1"' in inner
    assert '"#line"' in inner
    assert not re.search("script|foreign|a\\.b|onload|import", inner)


@pytest.mark.parametrize(
    "text",
    [
        "<svg",
        "<p/>",
        "",
        '<!DOCTYPE x [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
)
def test_what_is_no_drawing_is_refused(text):
    with pytest.raises(ValueError, match="SVG"):
        clean_svg(text)


def test_matplotlib_draws_svg_that_is_shown():
    import io

    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2])
    file = io.StringIO()
    figure.savefig(file, format="svg")
    assert len(clean_svg(file.getvalue())) > 5000
