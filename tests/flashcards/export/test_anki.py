"""Anki itself takes our packages: imported, studied, edited and imported again."""

import hashlib
import io
import os
import subprocess
import tempfile
import zipfile

from anki.sound import TTSTag
from genanki import guid_for

from mlcourse.flashcards.cards import CODES
from mlcourse.flashcards.export import note_type
from mlcourse.flashcards.export.anki import content_time, to_anki
from mlcourse.flashcards.export.note_type import FIELDS, MODEL_ID, SLOTS
from mlcourse.flashcards.export.selection import cards_of, select

THEN, LATER = 1_760_000_000, 1_760_000_060
TERMS = ["data-drift", "recall", "regression-model", "mlflow"]


def history(collection):
    return collection.db.all("select id, cid, ease, ivl from revlog order by id")


def note(collection, entry_id):
    return collection.get_note(collection.find_notes(f"Id:{entry_id}")[0])


def inner(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read("collection.anki2")


def test_each_term_becomes_a_note_with_its_cards(glossary, collection, take):
    log = take(to_anki(glossary, timestamp=THEN, codes=CODES))
    entries = select(glossary)
    cards = cards_of(entries, glossary, codes=CODES)
    assert len(log.new) == len(entries) == collection.note_count()
    assert collection.card_count() == sum(map(len, cards))
    assert collection.fix_integrity() == ("Database rebuilt and optimized.", True)


def test_a_card_stands_in_the_slot_that_its_note_names(glossary, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=TERMS, codes=CODES))
    entries = select(glossary, slugs=TERMS)
    for entry, cards in zip(
        entries, cards_of(entries, glossary, codes=CODES), strict=True
    ):
        found = note(collection, entry.id)
        ids = found["Cards"].split()
        assert len(ids) == len(SLOTS)
        assert {ids[card.ord] for card in found.cards()} == {card.id for card in cards}
        for card in found.cards():
            assert SLOTS[card.ord].code == ids[card.ord].split(":")[1]


def test_a_front_asks_and_a_back_answers(glossary, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=["data-drift"], codes=CODES))
    shown = {c.template()["name"]: c for c in note(collection, "data-drift").cards()}
    assert "[[type:Produce answer]]" in shown["Produce"].question()
    assert "data drift" not in shown["Produce"].question()
    assert "data drift" in shown["Produce"].answer()
    assert "data drift / domain shift" in shown["Choose 1"].question()
    assert "We have a data drift." in shown["Spot 1"].question()
    assert "We have data drift." in shown["Spot 1"].answer()
    assert "To: product manager." in shown["Say 1"].question()


def test_a_bracket_that_tells_two_meanings_apart_need_not_be_typed(
    glossary, collection, take
):
    take(to_anki(glossary, timestamp=THEN, slugs=["regression-model"]))
    found = note(collection, "regression-model")
    assert (found["Term"], found["Produce answer"]) == (
        "regression (model)",
        "regression",
    )


def test_the_term_is_spoken_only_where_it_is_seen(glossary, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=["data-drift"], codes=CODES))
    for card in note(collection, "data-drift").cards():
        asked, answered = card.question_av_tags(), card.answer_av_tags()
        assert len(asked) == (card.template()["name"] == "Recognise")
        for tag in (*asked, *answered):
            assert isinstance(tag, TTSTag)
            assert (tag.field_text, tag.lang) == ("data drift", "en_US")
        assert answered


def test_a_category_is_a_deck_and_a_lab_is_a_tag(glossary, collection, take):
    labs = {"data-drift": ["12_data_drift"]}
    take(to_anki(glossary, timestamp=THEN, slugs=TERMS, labs=labs))
    decks = {deck.name for deck in collection.decks.all_names_and_ids()}
    assert decks == {
        "Default",
        "ML Glossary",
        "ML Glossary::Foundations",
        "ML Glossary::Monitoring and reliability",
        "ML Glossary::Tools",
    }
    tags = set(note(collection, "data-drift").tags)
    assert tags == {"deck::core", "lab::12_data_drift", "level::B2"}
    assert collection.find_notes("tag:lab::*") == [note(collection, "data-drift").id]


def test_tools_are_only_recognised(glossary, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=["mlflow"], codes=CODES))
    names = [card.template()["name"] for card in note(collection, "mlflow").cards()]
    assert names == ["Recognise"]


def test_new_cards_come_in_the_order_of_the_slugs(glossary, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=["recall", "data-drift"]))
    positions = [
        note(collection, slug).cards()[0].due for slug in ("recall", "data-drift")
    ]
    assert positions == sorted(positions)
    assert len(set(positions)) == 2


def test_an_edited_text_arrives_and_the_history_stays(
    glossary, edited, collection, take, study
):
    take(to_anki(glossary, timestamp=THEN, slugs=TERMS))
    before = study(5)
    assert len(before) == 5
    cards = collection.card_count()
    changed = edited("data-drift", definition="The inputs move, and the model stays.")
    log = take(to_anki(changed, timestamp=LATER, slugs=TERMS))
    assert (len(log.new), len(log.conflicting)) == (0, 0)
    assert note(collection, "data-drift")["Definition"].startswith("The inputs move")
    assert history(collection) == before
    assert (collection.note_count(), collection.card_count()) == (len(TERMS), cards)
    reviewed = collection.db.scalar("select count() from cards where reps > 0")
    assert reviewed == len({row[1] for row in before})


def test_a_term_may_get_another_name_and_file(
    glossary, edited, collection, take, study
):
    take(to_anki(glossary, timestamp=THEN, slugs=["recall"]))
    before = study(1)
    changed = edited("recall", term="sensitivity")
    log = take(to_anki(changed, timestamp=LATER, slugs=["recall"]))
    assert len(log.updated) == 1
    assert note(collection, "recall")["Term"] == "sensitivity"
    assert (collection.note_count(), history(collection)) == (1, before)


def test_anki_keeps_its_text_unless_ours_is_newer(glossary, edited, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=TERMS))
    changed = edited("recall", definition="Another one.")
    log = take(to_anki(changed, timestamp=THEN, slugs=TERMS))
    assert len(log.duplicate) == len(TERMS)
    assert note(collection, "recall")["Definition"] != "Another one."


def test_a_changed_template_arrives_and_the_history_stays(
    glossary, collection, take, study, monkeypatch
):
    take(to_anki(glossary, timestamp=THEN, slugs=TERMS))
    before = study(3)
    monkeypatch.setattr(note_type, "CSS", note_type.CSS + ".new { color: teal; }")
    monkeypatch.setattr(note_type, "SHOWN", (("Plain words", "Simply"),))
    log = take(to_anki(glossary, timestamp=LATER, slugs=TERMS))
    assert (len(log.new), len(log.conflicting)) == (0, 0)
    model = collection.models.get(MODEL_ID)
    assert ".new { color: teal; }" in model["css"]
    assert "Simply" in note(collection, "recall").cards()[0].answer()
    ours = [m.name for m in collection.models.all_names_and_ids() if "ML" in m.name]
    assert ours == ["ML Glossary v1"]
    assert history(collection) == before
    assert collection.note_count() == len(TERMS)


def test_more_types_of_cards_join_the_notes_that_are_there(
    glossary, collection, take, study
):
    take(to_anki(glossary, timestamp=THEN, slugs=["data-drift"], codes=["rec"]))
    before = study(1)
    assert collection.card_count() == 1
    take(to_anki(glossary, timestamp=LATER, slugs=["data-drift"], codes=CODES))
    entries = select(glossary, slugs=["data-drift"])
    assert collection.card_count() == len(cards_of(entries, glossary, codes=CODES)[0])
    assert (collection.note_count(), history(collection)) == (1, before)


def test_the_deck_of_a_lab_and_of_a_category_share_their_notes(
    glossary, collection, take
):
    take(to_anki(glossary, timestamp=THEN, slugs=TERMS))
    log = take(
        to_anki(glossary, timestamp=THEN, categories=["monitoring-and-reliability"])
    )
    assert len(log.duplicate) == 1
    assert len(collection.find_notes("Id:data-drift")) == 1


def test_the_guid_hangs_on_the_id_alone(glossary, collection, take):
    take(to_anki(glossary, timestamp=THEN, slugs=["recall"]))
    assert note(collection, "recall").guid == guid_for("mlgloss", "recall")


def test_texts_are_escaped(edited, collection, take):
    text = "If p < 0.05 & <script>x</script> [sound:a.mp3] [[recall]]."
    changed = edited("recall", definition=text)
    take(to_anki(changed, timestamp=THEN, slugs=["recall"], codes=["rec"]))
    card = note(collection, "recall").cards()[0]
    shown = card.answer()
    assert "p &lt; 0.05 &amp; &lt;script&gt;x&lt;/script&gt; &#91;sound:a.mp3]" in shown
    assert "<b>recall</b>" in shown
    assert all(isinstance(tag, TTSTag) for tag in card.answer_av_tags())


def test_the_same_content_gives_the_same_bytes_and_leaves_no_file(
    glossary, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = to_anki(glossary, timestamp=THEN, slugs=TERMS)
    assert to_anki(glossary, timestamp=THEN, slugs=TERMS) == first
    assert inner(first) != inner(to_anki(glossary, timestamp=LATER, slugs=TERMS))
    assert list(tmp_path.iterdir()) == []


def test_the_note_type_is_the_one_that_learners_have():
    names = "\n".join((*FIELDS, *(slot.name for slot in SLOTS)))
    digest = hashlib.sha256(names.encode()).hexdigest()[:16]
    # Another field or slot makes Anki refuse to update notes: give it a spare one.
    assert (MODEL_ID, digest) == (1_763_700_001, "7492b0b85626f404")
    assert len([name for name in FIELDS if name.startswith("Spare")]) == 6


def git(folder, *words, at=THEN):
    said = {"NAME": "A", "EMAIL": "a@example.org", "DATE": f"{at} +0000"}
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in said.items()
    }
    subprocess.run(
        ["git", "-C", folder, "-c", "commit.gpgsign=false", *words],
        env=os.environ | who,
        check=True,
        capture_output=True,
    )


def test_content_is_as_old_as_its_newest_commit(tmp_path):
    terms, code = tmp_path / "terms", tmp_path / "code.py"
    terms.mkdir()
    (terms / "a.yaml").write_text("a")
    code.write_text("b")
    git(tmp_path, "init")
    git(tmp_path, "add", "terms")
    git(tmp_path, "commit", "-m", "a", at=THEN)
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "-m", "b", at=LATER)
    os.utime(terms / "a.yaml", (1, 1))
    assert content_time(terms) == THEN
    assert content_time(code) == LATER
    assert content_time(terms, code) == LATER


def test_an_edit_that_is_not_committed_counts(tmp_path):
    (tmp_path / "a.yaml").write_text("a")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "a")
    (tmp_path / "a.yaml").write_text("b")
    os.utime(tmp_path / "a.yaml", (LATER, LATER))
    os.utime(tmp_path / ".git", (1, 1))
    assert content_time(tmp_path / "a.yaml") == LATER


def test_content_without_git_is_as_old_as_its_newest_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, seconds in (("a", THEN), ("b", LATER)):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (seconds, seconds))
    assert content_time(tmp_path) == LATER
