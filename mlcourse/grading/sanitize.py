"""HTML, SVG and Markdown of strangers, made safe to show beside a grade.

nh3 does the cleaning. What it does not know is CSS: styles are parsed by tinycss2, and
only plain properties with plain values are written out again.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Any
from xml.etree import ElementTree as ET

import nh3
import tinycss2  # type: ignore[import-untyped]
from markdown_it import MarkdownIt

__all__ = ["OWN", "POLICY", "clean_html", "clean_markdown", "clean_svg", "plain_text"]

# For a meta tag of the page: nothing runs, and nothing is fetched.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
OWN = "mf-"  # ids and classes of the page itself, which an output may not have


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _words(
    "a abbr b blockquote br caption center code col colgroup dd del details div dl dt "
    "em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp "
    "small span strong sub summary sup table tbody td tfoot th thead tr tt u ul var "
    "svg g defs path rect circle ellipse line polyline polygon text tspan title desc "
    "clipPath linearGradient radialGradient stop"
)
DROPPED = _words(
    "script style iframe object embed template noscript noembed noframes xmp plaintext "
    "foreignObject textarea select button math"
)
PAINT = _words(
    "fill fill-opacity fill-rule opacity stroke stroke-dasharray stroke-linecap "
    "stroke-linejoin stroke-opacity stroke-width font-family font-size font-weight "
    "text-anchor dominant-baseline stop-color stop-opacity clip-path"
)
DRAWN = PAINT | _words(
    "viewBox width height x y x1 x2 y1 y2 cx cy r rx ry d points transform offset dx "
    "dy preserveAspectRatio gradientUnits gradientTransform clipPathUnits"
)
PROPERTIES = PAINT | _words(
    "background background-color border border-bottom border-collapse border-color "
    "border-left border-radius border-right border-spacing border-style border-top "
    "border-width caption-side color display font font-style font-variant height "
    "line-height list-style margin margin-bottom margin-left margin-right margin-top "
    "max-width min-width padding padding-bottom padding-left padding-right padding-top "
    "text-align text-decoration text-indent text-transform vertical-align white-space "
    "width word-break overflow-wrap"
)
FUNCTIONS = _words("rgb rgba hsl hsla calc linear-gradient")
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "id", "style", "align", "role", *DRAWN},
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "details": {"open"},
}
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[\w+/=\s]*", re.ASCII)
STYLER = re.compile(r"T_\w+", re.ASCII)  # the ids of a pandas style
LOCAL = re.compile(r"url\((['\"]?)#[\w-]+\1\)", re.ASCII)
SELECTOR = re.compile(r"[\w\s#.:>()*+~-]+", re.ASCII)
BLOCKS = re.compile(r"(?i)</?(?:br|hr|p|div|li|tr|h\d|pre|table|ul|ol|summary)\b")
SVG = "http://www.w3.org/2000/svg"
ACTIVE = _words("script foreignobject iframe handler listener") | {""}


def clean_html(html: str, *, scope: str = "") -> str:
    """Return HTML without scripts, forms, frames, handlers and outside addresses.

    Tables, inline styles, pictures that the page itself holds (``data:``) and plain
    drawings stay. Style sheets, such as those of a pandas ``Styler``, stay if there is
    an element that they can be kept to.

    Args:
        html: Any text.
        scope: Id of the element that will hold the result; empty drops style sheets.

    Example:
        >>> clean_html('<b onclick="x()">1</b><script>x()</script><a href="js:x">2</a>')
        '<b>1</b><a rel="noopener noreferrer">2</a>'
    """
    cleaned = _cleaner().clean(html)
    sheets = re.findall(r"(?is)<style\b[^>]*>(.*?)</style", html) if scope else []
    css = "".join(_scoped(sheet, scope) for sheet in sheets)
    return f"<style>{css}</style>{cleaned}" if css else str(cleaned)


def clean_markdown(text: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Return Markdown as safe HTML; formulas stay as they were typed.

    Args:
        text: CommonMark with tables; it may hold HTML.
        attachments: The cell's pictures: by name, by type, base64.

    Example:
        >>> clean_markdown("**x** <img src=http://a.b/c.png alt=cat>").strip()
        '<p><strong>x</strong> <img alt="cat"></p>'
    """
    for name, kinds in (attachments or {}).items():
        if isinstance(kinds, Mapping):
            for kind, data in kinds.items():
                address = f"data:{kind};base64,{data}"
                if PICTURE.fullmatch(address):
                    joined = "".join(address.split())
                    text = text.replace(f"(attachment:{name})", f"({joined})")
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return clean_html(parser.render(text))


def clean_svg(text: str) -> str:
    """Return an SVG file as an ``img``, where no browser runs or fetches anything.

    Scripts, foreign objects, handlers and outside addresses are taken out as well.

    Args:
        text: XML.

    Raises:
        ValueError: If it is not an SVG file.

    Example:
        >>> clean_svg("<svg xmlns='http://www.w3.org/2000/svg'/>")[:36]
        '<img src="data:image/svg+xml;base64,'
    """
    try:
        if "<!ENTITY" in text:
            raise ValueError("an SVG picture with entities is not shown.")
        root = ET.fromstring(text)  # noqa: S314 - expat caps what entities may grow to
    except ET.ParseError as error:
        raise ValueError(f"an SVG picture is not XML: {error}.") from error
    if root.tag != f"{{{SVG}}}svg":
        raise ValueError(f"root == {root.tag!r}, must be an SVG picture.")
    _prune(root)
    ET.register_namespace("", SVG)
    data = base64.b64encode(ET.tostring(root)).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="drawing">'


def plain_text(html: str) -> str:
    r"""Return the text of HTML: one line a block, no markup.

    Example:
        >>> plain_text("<div>a<b>b</b></div><p>c &lt; d</p>")
        'ab\nc < d'
    """
    apart = re.sub("(?i)</span>", " ", html)
    broken = BLOCKS.sub(lambda match: f"\n{match[0]}", apart)
    bare = nh3.clean(broken, tags=set(), clean_content_tags={"script", "style"})
    lines = (" ".join(line.split()) for line in unescape(bare).splitlines())
    return "\n".join(line for line in lines if line)


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes=ATTRIBUTES,
        attribute_filter=lambda _, name, value: _attribute(name, value),
        url_schemes={"http", "https", "mailto", "data"},
    )


def _attribute(name: str, value: str) -> str | None:
    if name == "style":
        return _declarations(tinycss2.parse_blocks_contents(value)) or None
    if name == "id":
        return value if STYLER.fullmatch(value) else None
    if name == "class":
        kept = [word for word in value.split() if not word.startswith(OWN)]
        return " ".join(kept) or None
    if name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name == "href":
        return value if re.match(r"(?i)(https?:|mailto:)", value) else None
    if "url" in value.lower() and not LOCAL.fullmatch(value):
        return None if name in DRAWN else value
    return value


def _declarations(nodes: Iterable[Any]) -> str:
    kept = []
    for node in nodes:
        if node.type != "declaration" or node.lower_name not in PROPERTIES:
            continue
        value = tinycss2.serialize(node.value).strip()
        if _is_plain(node.value) and not set(value) & set("<\\@"):
            important = " !important" if node.important else ""
            kept.append(f"{node.lower_name}:{value}{important}")
    return ";".join(kept)


def _is_plain(nodes: Iterable[Any]) -> bool:
    for node in nodes:
        if node.type in ("url", "error", "bad-url"):
            return False
        if node.type == "function" and (
            node.lower_name not in FUNCTIONS or not _is_plain(node.arguments)
        ):
            return False
    return True


def _scoped(sheet: str, scope: str) -> str:
    """Return the rules of a style sheet, each kept to one element's inside."""
    kept = []
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        if rule.type != "qualified-rule":
            continue
        selectors = tinycss2.serialize(rule.prelude).split(",")
        body = _declarations(tinycss2.parse_blocks_contents(rule.content))
        if body and all(SELECTOR.fullmatch(one) for one in selectors):
            inside = ",".join(f"#{scope} {one.strip()}" for one in selectors)
            kept.append(f"{escape(inside, quote=False).replace('&gt;', '>')}{{{body}}}")
    return "\n".join(kept)


def _prune(element: ET.Element) -> None:
    for child in list(element):
        name = (
            child.tag.rpartition("}")[2].lower() if isinstance(child.tag, str) else ""
        )
        fetches = name == "style" and re.search(r"(?i)url\(|@import", child.text or "")
        if fetches or name in ACTIVE:
            element.remove(child)
        else:
            _prune(child)
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2].lower()
        outside = local in ("href", "src") and not re.match(
            r"#|data:image/(png|jpeg);base64,", value
        )
        fetched = "url(" in value.lower() and not LOCAL.search(value)
        if local.startswith("on") or outside or fetched:
            del element.attrib[name]
