import pytest

from mlcourse.glossary.rules import pronunciation as rules
from mlcourse.glossary.rules.pronunciation import syllables


def said(us=None, uk=None):
    return {"pronunciation": {"us": us or uk, "uk": uk or us}}


def problems(judge, make_entry, rule, **accents):
    return [fault.problem for fault in judge(rule, make_entry(**said(**accents)))]


@pytest.mark.parametrize(
    ("ipa", "count"),
    [
        ("drɪft", 1),
        ("ˈdeɪtə", 2),
        ("ˈfaɪə", 1),
        ("ˈmɒnɪtərɪŋ", 4),
        ("ˈləʊkəl", 2),
        ("ˈbʌtn̩", 2),
        ("ˈmɒdl", 2),
        ("kəmˈpærɪsnz", 4),
        ("ˈbɑːtlnek", 3),
        ("splɪt snæp", 2),
        ("ˌeɪ piː ˈaɪ", 3),
        ("rɪˌlaɪəˈbɪləti", 5),
    ],
)
def test_syllables_are_counted_by_their_vowels(ipa, count):
    assert syllables(ipa) == count


@pytest.mark.parametrize(
    ("ipa", "good"),
    [
        ("/ˈdeɪtə drɪft/", True),
        ("ˈdeɪtə drɪft", False),
        ("/ˈdeɪtə/, /ˈdætə/", False),
        ("[ˈdeɪtə]", False),
        ("//", False),
    ],
)
def test_ipa_stands_between_slashes(make_entry, judge, ipa, good):
    found = problems(judge, make_entry, rules.ipa_stands_between_slashes, us=ipa)
    assert (found == []) is good


@pytest.mark.parametrize("ipa", ["/ˈlɪt(ə)l/", "/ˈbʌtn̩/", "/tʃ dʒ θ ð ʃ ʒ ŋ ɡ/"])
def test_the_alphabet_of_broad_english_is_accepted(make_entry, judge, ipa):
    assert not problems(judge, make_entry, rules.ipa_keeps_to_the_alphabet, us=ipa)


@pytest.mark.parametrize(
    ("ipa", "fix"),
    [
        ("/'deɪtə/", "write ˈ"),
        ("/ˈmi:tɪŋ/", "write ː"),
        ("/ˈlɒgɪŋ/", "write ɡ"),
        ("/ˈɹeɪt/", "write r"),
        ("/t͡ʃek/", "write nothing"),
        ("/ˈdeɪtə-drɪft/", "write a symbol of broad English IPA"),
    ],
)
def test_another_symbol_is_named_with_the_right_one(make_entry, judge, ipa, fix):
    entry = make_entry(**said(us="/x/", uk=ipa))
    found = judge(rules.ipa_keeps_to_the_alphabet, entry)
    assert [fault.field for fault in found] == ["pronunciation.uk"]
    assert found[0].fix.startswith(fix)


@pytest.mark.parametrize(
    "ipa",
    [
        "/drɪft/",
        "/ˈlɪft/",
        "/ˈdeɪtə drɪft/",
        "/ˈfiːtʃə ˌstɔː/",
        "/ˌkɒnfɪˈɡreɪʃən/",
        "/ˌeɪ ˈbiː ˈtestɪŋ/",
        "/ˌeɪpiːˈaɪ/",
        "/prəˈməʊt tə prəˈdʌkʃən/",
        "/ˈdeɪtə ˌpaɪplaɪn/",
    ],
)
def test_a_stressed_term_passes(make_entry, judge, ipa):
    assert not problems(judge, make_entry, rules.ipa_is_stressed, us=ipa)


@pytest.mark.parametrize(
    ("ipa", "problem"),
    [
        ("/deɪtə drɪft/", "has no primary stress"),
        ("/ˌdeɪtə drɪft/", "has no primary stress"),
        ("/ˈdeɪˈtə drɪft/", "has two primary stresses in 'ˈdeɪˈtə'"),
        ("/ˈdeɪtə paɪplaɪn/", "has no stress in 'paɪplaɪn'"),
        ("/ˈdeɪtə ˈ drɪft/", "has a stress mark before nothing"),
        ("/ˈˌdeɪtə/", "has a stress mark before nothing"),
    ],
)
def test_a_wrong_stress_is_named(make_entry, judge, ipa, problem):
    found = problems(judge, make_entry, rules.ipa_is_stressed, us=ipa, uk="/drɪft/")
    assert problem in found


@pytest.mark.parametrize(
    ("us", "uk"),
    [
        ("/ˈmɑːnɪtərɪŋ/", "/ˈmɒnɪtərɪŋ/"),
        ("/ˈsɜːrvər/", "/ˈsɜːvə/"),
        ("/ˈroʊlbæk/", "/ˈrəʊlbæk/"),
        ("/ˈpɪriəd/", "/ˈpɪəriəd/"),
        ("/aɪˈdiːə/", "/aɪˈdɪə/"),
        ("/ˈerə/", "/ˈerə/"),
        ("/ˈmɪrər ˈerər/", "/ˈmɪrə(r) ˈerə/"),
    ],
)
def test_each_accent_is_its_own(make_entry, judge, us, uk):
    assert not problems(judge, make_entry, rules.ipa_is_of_its_accent, us=us, uk=uk)


@pytest.mark.parametrize(
    ("us", "uk", "problem"),
    [
        ("/ˈrəʊlbæk/", "/ˈrəʊlbæk/", "has a UK vowel"),
        ("/ˈmɒdəl/", "/ˈmɒdəl/", "has a UK vowel"),
        ("/ˈsɜːvər/", "/ˈsɜːvə/", "loses the r after ɜ"),
        ("/ˈroʊlbæk/", "/ˈroʊlbæk/", "has a US vowel"),
        ("/ˈsɜːrvɚ/", "/ˈsɜːvɚ/", "has a US vowel"),
        ("/ˈsɜːrvər/", "/ˈsɜːrvə/", "says an r that no vowel follows"),
        ("/stɔːr/", "/stɔːr/", "says an r that no vowel follows"),
    ],
)
def test_the_other_accent_is_noticed(make_entry, judge, us, uk, problem):
    found = problems(judge, make_entry, rules.ipa_is_of_its_accent, us=us, uk=uk)
    assert any(text.startswith(problem) for text in found)
