import pytest

from mlcourse.writing.claims import OVERCLAIMS, claims
from mlcourse.writing.memo import read_memo


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("This proves that the new page is better.", "proves"),
        ("It was proven in March.", "proven"),
        ("We guarantee an answer within 50 ms.", "guarantee"),
        ("The answer is always right.", "always"),
        ("The answer is always useful.", "always"),
        ("It never fails.", "never fails"),
        ("The model is 100 % accurate.", "100 % accurate"),
        ("The model is 100% accurate.", "100% accurate"),
        ("There is no risk for members.", "no risk"),
        ("It is risk-free.", "risk-free"),
        ("The score is bias-free.", "bias-free"),
        ("The score is free of bias.", "free of bias"),
        ("Without a doubt this is the best page.", "Without a doubt"),
        ("This undoubtedly works.", "undoubtedly"),
        ("There is no doubt: it works.", "no doubt"),
        # a denial that belongs to something else
        ("This not only proves the point, it pays.", "proves"),
        ("We did not test on phones, but this proves the point.", "proves"),
        ("It is not slow; it always answers.", "always"),
        ("No call was lost, and this proves that retries work.", "proves"),
        ("We had no failure because the cache always answers.", "always"),
        ("It is, no doubt, proven.", "no doubt"),
        ("There is no question that it is foolproof.", "foolproof"),
        # a quotation next to it
        ('The "new" page proves the point.', "proves"),
        ("Members' calls always end.", "always"),
        # in a table, in a list
        ("| claim |\n|---|\n| it always answers |", "always"),
        ("- it is foolproof", "foolproof"),
    ],
)
def test_an_over_claim_is_found(text, quote):
    verdict = claims(read_memo(text), OVERCLAIMS)
    assert quote in [fault.quote for fault in verdict.faults]
    assert verdict.share < 1


@pytest.mark.parametrize(
    "text",
    [
        "This does not prove that the page is better.",
        "This doesn't prove it.",
        "This doesn’t always hold.",
        "We cannot guarantee an answer.",
        "There is no guarantee.",
        "Nothing here proves a cause.",
        "It is far from bias-free.",
        "It is not, in our view, risk-free.",
        "We have no evidence that the model always answers.",
        "Neither test proves anything.",
        "We do not know whether it always holds.",
        "If it always fails, call us.",
        "The test hardly proves the point.",
        "Does this prove the point?",
        # a duty, not a claim
        "Always send a key.",
        "- Always send a key.",
        "To be safe, always send a key.",
        "Read the status and always log it.",
        "You must always send a key.",
        "You should always set a timeout.",
        "You can always call again.",
        "It is almost always fast.",
        # another sense
        "The cache proved useful.",
        "That proves nothing.",
        "It may prove to be slow.",
        # quoted, or code
        'The advert said "100 % accurate" and we removed it.',
        "They wrote “it always works” in 2024.",
        "> It is foolproof.",
        "Call `always()` first.",
        "```\nguarantee = always\n```",
        # near misses
        "We approved and improved it in several ways.",
        "The accuracy is 93 %, and the risk is low.",
        "The estimator is unbiased.",
    ],
)
def test_careful_text_is_let_through(text):
    assert claims(read_memo(text), OVERCLAIMS) == (1.0, ())


def test_each_claim_takes_a_third_and_has_its_line():
    memo = read_memo("It proves it.\n\nIt is foolproof.\n\nFine.")
    verdict = claims(memo, OVERCLAIMS)
    assert verdict.share == pytest.approx(1 / 3)
    assert [fault.line for fault in verdict.faults] == [1, 3]


def test_many_claims_leave_nothing():
    memo = read_memo("It always works. " * 9)
    assert claims(memo, OVERCLAIMS).share == 0


def test_a_brief_can_add_claims_of_its_own():
    extra = OVERCLAIMS | {"best in class": "name what you compared"}
    verdict = claims(read_memo("It is best-in-class."), extra)
    assert "name what you compared" in verdict.faults[0].message
