"""Claims that are bigger than data can carry."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from mlcourse.writing.markdown import CODE
from mlcourse.writing.memo import Memo
from mlcourse.writing.phrases import phrase_pattern
from mlcourse.writing.review import Fault, Verdict
from mlcourse.writing.terms import TOLERATED

__all__ = ["OVERCLAIMS", "claims"]

_SEEN = "say what you saw, on which data, and how sure you are"
_LIMITS = "say how often it holds, and when it does not"
_RATE = "give the measured rate and its interval"
_RISK = "name the risk that is left and what limits it"
_GROUPS = "say which groups you compared and what difference is left"

OVERCLAIMS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        ("prove", "proof that", "undeniable", "undeniably", "without a doubt")
        + ("without doubt", "no doubt", "undoubtedly", "certainly", "definitely")
        + ("obviously", "clearly the best"),
        _SEEN,
    )
    | dict.fromkeys(
        ("guarantee", "always", "never fail", "never wrong", "never make mistake")
        + ("cannot fail", "can not fail", "in every case", "in all cases")
        + ("under any circumstance", "works for everyone"),
        _LIMITS,
    )
    | dict.fromkeys(
        ("100 % accurate", "100 % accuracy", "100 % correct", "100 % reliable")
        + ("100 % safe", "100 % available", "100 % uptime", "100 % certain")
        + ("100 % sure", "perfectly accurate", "perfect accuracy", "error-free")
        + ("flawless", "flawlessly", "infallible", "foolproof", "bulletproof"),
        _RATE,
    )
    | dict.fromkeys(
        ("no risk", "zero risk", "risk-free", "completely safe", "totally safe")
        + ("completely secure", "perfectly safe"),
        _RISK,
    )
    | dict.fromkeys(
        ("bias-free", "free of bias", "free from bias", "has no bias", "zero bias")
        + ("completely fair", "perfectly fair", "completely unbiased"),
        _GROUPS,
    )
)

# The same clause goes on: no full stop can stand here, a sentence is read at a time.
_SAME_CLAUSE = (
    r"(?:(?![;:]|,?\s+(?:but|however|yet|because|since|which|while)\b"
    r"|,?\s+(?:and|so)\s+(?:it|this|that|we|they|the|so)\b)[^;:]){0,80}?"
)
_DENIED = re.compile(
    r"(?:\b(?:not|no|never|cannot|neither|nor|nothing|none|nobody|no\s+one|without|"
    r"hardly|rarely|scarcely|seldom|unable|far\s+from|fails?\s+to|instead\s+of|"
    r"rather\s+than|refus\w+|doubt\w*|whether|if|unless|too\s+early)\b|n['’]t\b)"
    r"(?!\s+(?:only|just|merely|(?:a\s+)?doubt|question)\b)"
    rf"(?P<between>{_SAME_CLAUSE})\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 120  # characters
_WITHIN = 7  # words between a denial and the claim it denies
_DUTY = re.compile(
    r"\b(?:must|should|shall|please|(?:have|has|needs?|ought)\s+to|almost|nearly)\s+\Z",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(  # or a mere possibility: "you can always call again"
    r"(?:\A|[,:;(]|\b(?:and|or|then|so|can|could|to))\W*\Z", re.IGNORECASE
)
_WEAKENED = re.compile(  # "proves nothing", "proved useful"
    r"\s+(?:nothing|little|neither)\b|(?<=prove|roved|roves|roven)\s+(?:to\s+be|useful|"
    r"helpful|difficult|hard|costly|right|wrong|too)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\"[^\"]{0,300}\"|“[^”]{0,300}”|„[^“”]{0,300}[“”]|«[^»]{0,300}»"
    r"|‘[^’]{0,300}’(?!\w)|(?<!\w)'[^']{0,300}'(?!\w)"
)


def claims(memo: Memo, phrases: Mapping[str, str]) -> Verdict:
    """Judge whether the memo claims no more than its data can carry.

    What is denied ("does not prove"), asked, made a condition or a duty ("must
    always", "Always send a key"), softened ("almost always") or quoted is no claim.
    Each claim takes a third.

    Args:
        memo: The memo.
        phrases: Over-claim in its plainest form, and what to do instead.
    """
    faults: list[tuple[int, Fault]] = []
    for part in memo.passages:
        if part.quoted or part.text.rstrip().endswith("?"):
            continue
        text = _QUOTED.sub(lambda quoted: CODE * len(quoted[0]), part.text)
        for phrase, instead in phrases.items():
            for found in phrase_pattern(phrase).finditer(text):
                if _is_no_claim(text, found):
                    continue
                quote = " ".join(found[0].split())
                message = f'"{quote}" claims more than your data can carry: {instead}.'
                line = part.line_at(found.start())
                faults.append((line, Fault(message, line, quote)))
    faults.sort(key=lambda item: item[0])
    share = 1 - len(faults) / TOLERATED
    return Verdict(max(0.0, share), tuple(fault for _, fault in faults))


def _is_no_claim(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - _LOOK_BACK) : found.start()]
    if _DUTY.search(before) or _WEAKENED.match(text, found.end()):
        return True
    if found[0].casefold() == "always" and _IMPERATIVE.search(before):
        return True
    denied = _DENIED.search(before)
    return denied is not None and len(denied["between"].split()) < _WITHIN
