"""The IPA of an entry: broad English, between slashes, stressed where it must be.

The stress rule. A word is what stands between spaces. No word has two primary stresses
(ˈ). A word of two or more syllables has one primary stress, or a secondary one (ˌ)
where another word of the term carries the primary: /ˈdeɪtə ˌpaɪplaɪn/. A word of one
syllable may go without a mark: /ˈdeɪtə drɪft/. A term of two or more syllables has at
least one primary stress in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlcourse.glossary.entry import Entry
from mlcourse.glossary.fault import Fault
from mlcourse.glossary.rules.context import Context, Rule, fault

__all__ = ["PRONUNCIATION", "syllables"]

CONSONANTS = "bdfhjklmnprstvwxzðŋɡʃʒθ"
VOWELS = "aeiouæɑɒɔəɛɜɪʊʌɚɝ"
SYLLABIC = "\u0329"  # the stroke below n̩ and l̩
ALPHABET = frozenset(CONSONANTS + VOWELS + SYLLABIC + "ˈˌː. ()")
LOOKALIKES = {
    "'": "ˈ",
    "’": "ˈ",  # noqa: RUF001
    ",": "ˌ",
    ":": "ː",
    "g": "ɡ",
    "ε": "ɛ",
    "ɹ": "r",
    "ʤ": "dʒ",
    "ʧ": "tʃ",
    "ǝ": "ə",
    "ɘ": "ə",
    "ɫ": "l",
    "ɾ": "t",
    "\u0361": "nothing: tʃ and dʒ need no tie",
}
# A vowel or diphthong; or a consonant that is a syllable, marked so or after another
# one and before no vowel, as in ˈmɒdl and ˈsteɪʃn.
SYLLABLE = re.compile(
    rf"aɪə|aʊə|[ae]ɪ|ɔɪ|[oə]ʊ|aʊ|[ɪeɛʊ]ə|[{VOWELS}]ː?|[nlmr]{SYLLABIC}"
    rf"|(?<=[pbtdkɡfvszʃʒθð])[nlm](?![{VOWELS}(ˈˌjwr{SYLLABIC}])"
)
# What marks a transcription as the other accent's.
NOT_US = re.compile(r"əʊ|ɒ|[ɪeɛʊ]ə(?=$|[ .ˈˌ])(?<!iə)")
NOT_UK = re.compile(r"oʊ|[ɚɝ]")
UK_LOOSE_R = re.compile(rf"r(?![ː]?[{VOWELS}()ˈˌ.]|[nlm]{SYLLABIC})")
US_LOST_R = re.compile(r"ɜː?(?!ː?r)")


def ipa_stands_between_slashes(entry: Entry, _: Context) -> Iterator[Fault]:
    """A transcription begins and ends with a slash, and has no other."""
    for field, ipa in _accents(entry):
        if not re.fullmatch(r"/[^/]+/", ipa):
            yield fault(
                entry,
                ipa_stands_between_slashes,
                field,
                ipa,
                "is not one transcription between slashes",
                fix="write /…/ once, and another way to say it in pronunciation.note",
            )


def ipa_keeps_to_the_alphabet(entry: Entry, _: Context) -> Iterator[Fault]:
    """A transcription holds only the symbols of broad English IPA."""
    for field, ipa in _accents(entry):
        for letter in dict.fromkeys(ipa.strip("/")):
            if letter not in ALPHABET:
                fix = LOOKALIKES.get(letter, "a symbol of broad English IPA")
                yield fault(
                    entry,
                    ipa_keeps_to_the_alphabet,
                    field,
                    ipa,
                    f"holds {letter!r} (U+{ord(letter):04X})",
                    fix=f"write {fix}",
                )


def ipa_is_stressed(entry: Entry, _: Context) -> Iterator[Fault]:
    """Each word, and the whole, is stressed as the rule of this module says."""
    for field, ipa in _accents(entry):
        for problem, fix in _stress_problems(ipa.strip("/")):
            yield fault(entry, ipa_is_stressed, field, ipa, problem, fix=fix)


def ipa_is_of_its_accent(entry: Entry, _: Context) -> Iterator[Fault]:
    """The US transcription is rhotic with /oʊ/, the UK one non-rhotic with /əʊ/."""
    us, uk = (ipa.strip("/") for _, ipa in _accents(entry))
    for field, ipa, pattern, problem, fix in (
        ("us", us, NOT_US, "has a UK vowel", "oʊ, ɑː, ɪr, er, ʊr"),
        ("us", us, US_LOST_R, "loses the r after ɜ", "ɜːr"),
        ("uk", uk, NOT_UK, "has a US vowel", "əʊ, ɜː, ə"),
        ("uk", uk, UK_LOOSE_R, "says an r that no vowel follows", "it without that r"),
    ):
        found = pattern.search(ipa)
        if found:
            yield fault(
                entry,
                ipa_is_of_its_accent,
                f"pronunciation.{field}",
                f"/{ipa}/",
                f"{problem} ({found[0]!r} at {found.start() + 1})",
                fix=f"write {fix}",
            )


def syllables(ipa: str) -> int:
    """Return how many syllables a transcription has.

    Example:
        >>> syllables("ˈdeɪtə drɪft"), syllables("ˌmɒnɪtərɪŋ")
        (3, 4)
    """
    return len(SYLLABLE.findall(ipa))


def _accents(entry: Entry) -> tuple[tuple[str, str], tuple[str, str]]:
    said = entry.pronunciation
    return ("pronunciation.us", said.us), ("pronunciation.uk", said.uk)


def _stress_problems(ipa: str) -> Iterator[tuple[str, str]]:
    if re.search(r"[ˈˌ](?:$|[ ˈˌ])", ipa):
        yield "has a stress mark before nothing", "put it before its syllable"
    if "ˈ" not in ipa and syllables(ipa) > 1:
        yield "has no primary stress", "put ˈ before the strongest syllable"
    for word in ipa.split():
        if word.count("ˈ") > 1:
            yield (
                f"has two primary stresses in {word!r}",
                "keep the stronger, make the other ˌ",
            )
        if syllables(word) > 1 and not set("ˈˌ") & set(word):
            yield f"has no stress in {word!r}", "mark it ˈ, or ˌ if another has ˈ"


PRONUNCIATION: tuple[Rule, ...] = (
    ipa_stands_between_slashes,
    ipa_keeps_to_the_alphabet,
    ipa_is_stressed,
    ipa_is_of_its_accent,
)
