"""A sitting by lines, as a screen reader says it or a pipe sends it."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mlcourse.flashcards import LogError, replay
from mlcourse.flashcards.simple import study

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")
TERM = ("data-drift",)


@pytest.fixture
def hold():
    """Lead a sitting with lines, and return what was said."""

    def run(session, lines, day=0, **options):
        given, said = iter(lines), []
        ticks = (NOON + timedelta(days=day, seconds=n) for n in range(10_000))

        def ask():
            line = next(given, EOFError)
            if isinstance(line, type):
                raise line
            return line

        study(session, clock=ticks.__next__, ask=ask, say=said.append, **options)
        return said

    return run


def reviews(log):
    return [event for event in log.read().events if event.kind == "review"]


def typed_card(session, code="prod", term="data-drift"):
    card = next(c for c in session.deck.terms[term] if c.code == code)
    session._waiting = [card]
    return card


def test_a_card_is_shown_turned_and_graded_by_lines(sit, hold, log):
    said = hold(sit(terms=TERM), ["", "3"])
    assert "What does it mean?" in said
    assert "data drift" in said
    assert any(line.startswith("Meaning: ") for line in said)
    assert (
        "Enter 1 forgotten, comes in 10 minutes, or 3 remembered, comes in 2 days."
        in said
    )
    (event,) = reviews(log)
    assert event.data["rating"] == 3
    assert event.data["ms"] > 0


def test_each_line_is_complete_in_itself(sit, hold):
    said = hold(sit(new=2), ["", "1", "", "3", "", "3", "", "3"])
    assert not [line for line in said if {"\n", "\r", "\x1b", "\b"} & set(line)]
    assert said[-1].startswith("Tomorrow: ")


def test_a_right_answer_and_a_wrong_one_are_said_in_words(sit, hold):
    session = sit(mode="cram", terms=TERM)
    card = typed_card(session)
    said = hold(session, ["concept drift", "", "data drift", ""])
    assert any(line.startswith("Wrong. That is another term: ") for line in said)
    assert "Right." in said
    assert card.back.answer == "data drift"


def test_a_slip_is_right_and_its_letters_are_named(sit, hold):
    session = sit(mode="cram", terms=TERM)
    typed_card(session)
    said = hold(session, ["data drfit"])
    assert "Right. Check the spelling: data drift." in said
    assert any(line.startswith("You typed 'data drfit'. Letters: ") for line in said)


def test_a_learner_may_say_that_a_wrong_answer_was_right(sit, hold, log):
    session = sit(mode="cram", terms=TERM)
    typed_card(session)
    said = hold(session, ["the data moved", "i"])
    assert "Counted as right." in said
    assert [event.data["by"] for event in reviews(log)] == ["auto", "override"]
    assert "1 answer, 1 right (100%), all saved." in said


def test_i_after_a_right_answer_overrides_nothing(sit, hold, log):
    session = sit(mode="cram", terms=TERM)
    typed_card(session)
    hold(session, ["data drift", "i"])
    assert [event.data["by"] for event in reviews(log)] == ["auto"]


def test_undo_shows_the_last_card_again(sit, hold, log):
    said = hold(sit(new=2), ["", "1", "u", "", "3"])
    assert "The last answer was taken back." in said
    first, voided, again = (event for event in log.read().events)
    assert voided.data["of"] == [first.id]
    assert (again.data["card"], again.data["rating"]) == (first.data["card"], 3)


def test_undo_before_any_answer_says_so(sit, hold):
    assert "There is nothing to take back." in hold(sit(terms=TERM), ["u"])


def test_undo_right_after_a_verdict_asks_again(sit, hold, log):
    session = sit(mode="cram", terms=TERM)
    typed_card(session)
    hold(session, ["wrong", "u", "data drift"])
    state = [event.data.get("rating") for event in log.read().events]
    assert state == [1, None, 3]


def test_a_flag_keeps_its_note_and_the_card(sit, hold, log):
    session = sit(terms=TERM)
    said = hold(session, ["f", "the stress is wrong", "", "3"])
    assert "Flagged." in said
    (id_,) = replay(log.read().events).flags
    assert replay(log.read().events).flags[id_] == "the stress is wrong"
    assert len(reviews(log)) == 1


def test_a_suspended_card_does_not_come_again(sit, hold, log):
    hold(sit(terms=TERM), ["s"])
    assert replay(log.read().events).suspended == {"data-drift:rec"}
    assert sit(terms=TERM).next(now=NOON) is None


def test_an_answered_card_cannot_be_put_away(sit, hold, log):
    session = sit(mode="cram", terms=TERM)
    typed_card(session)
    said = hold(session, ["data drift", "s"])
    assert "Only a card that is not answered yet can be put away." in said
    assert replay(log.read().events).suspended == set()


def test_the_file_of_a_term_is_opened_by_its_slug(sit, hold):
    said = hold(sit(terms=TERM), ["e"], edit=lambda slug: f"opened {slug}")
    assert "opened data-drift" in said


def test_help_names_every_letter(sit, hold):
    said = hold(sit(terms=TERM), ["?"])
    assert {line[:2] for line in said} >= {"u ", "f ", "s ", "e ", "q "}


def test_what_does_not_fit_is_asked_again(sit, hold, log):
    said = hold(sit(terms=TERM), ["", "5", "good", "4"])
    assert sum(line.startswith("Enter 1 forgotten") for line in said) == 3
    assert reviews(log)[0].data["rating"] == 4


@pytest.mark.parametrize("end", ["q", EOFError, KeyboardInterrupt])
def test_an_end_midway_loses_nothing(sit, hold, log, end):
    said = hold(sit(new=3), ["", "3", "", end])
    assert "1 answer, 1 right (100%), all saved." in said
    assert "2 cards left for later." in said
    assert len(reviews(log)) == 1


def test_a_choice_is_made_by_its_number(sit, hold, log):
    session = sit(mode="confusables", terms=TERM, limit=1)
    card = session._waiting[0]
    number = card.front.choices.index(card.back.answer) + 1
    said = hold(session, [str(number), ""])
    assert f"{number}: {card.back.answer}" in said
    assert "Right." in said
    assert reviews(log)[0].data["answer"] == card.back.answer


def test_terms_and_meanings_are_matched_by_number(sit, hold, log):
    session = sit(mode="match", limit=2)
    first = session._waiting[0]
    meanings = sorted(card.back.answer for card in session._waiting)
    right = meanings.index(first.back.answer) + 1
    said = hold(session, [str(right), "", str(right), ""])
    assert "Right." in said
    assert any(line.startswith("Wrong. It is: ") for line in said)
    events = reviews(log)
    assert [event.data["rating"] for event in events] == [3, 1]
    spent = sum(event.data["ms"] for event in events) / 1000
    assert f"{spent:.0f} s, {spent / 2:.1f} s a pair." in said


def test_a_task_to_say_is_marked_in_words(sit, hold, log):
    session = sit(mode="say-it")
    typed_card(session, "say", "alert-fatigue")
    text = "Nobody would read forty alert messages a week."
    said = hold(session, [text, "3"])
    assert "You speak to: head of marketing." in said
    assert "8 words, at most 40." in said
    assert "Words to avoid: alert." in said
    assert "Check: what would happen" in said
    assert reviews(log)[0].data["answer"] == text


def test_browsing_writes_nothing(sit, hold, log):
    said = hold(sit(mode="browse", limit=2), ["", "", "", ""])
    assert sum(line.startswith("Meaning: ") for line in said) == 2
    assert log.read().events == ()


def test_cram_leaves_the_schedule(sit, hold, log):
    session = sit(mode="cram", terms=TERM, limit=2)
    said = hold(session, ["", "3", "", "3"])
    assert "This does not change when cards come back." in said
    assert replay(log.read().events).memories == {}


def test_nothing_due_is_said(sit, hold):
    assert "Nothing is due." in hold(sit(mode="review"), [])


def test_an_answer_that_cannot_be_saved_is_asked_for_again(sit, hold, log, monkeypatch):
    session, fail = sit(terms=TERM), [True]
    append = type(log).append

    def full(self, kind, **fields):
        if fail.pop() if fail else False:
            raise LogError("the disk is full.")
        return append(self, kind, **fields)

    monkeypatch.setattr(type(log), "append", full)
    said = hold(session, ["", "3", "", "3"])
    assert any(line.startswith("Not saved: the disk is full.") for line in said)
    assert len(reviews(log)) == 1


def test_torn_lines_of_the_log_are_told(deck, log, hold):
    from mlcourse.flashcards import Plan, Session, State
    from mlcourse.flashcards.log import Torn

    torn = (Torn("laptop.jsonl", 3, "{"),)
    session = Session(deck, log, State(), Plan(terms=TERM), now=NOON, torn=torn)
    said = hold(session, [])
    assert any(line.startswith("1 line of the log could not be read") for line in said)


def test_no_name_of_a_term_is_one_of_the_letters(deck):
    assert not {"u", "f", "s", "e", "q", "i"} & set(deck.matcher._labels)


def test_lines_come_through_a_pipe_without_textual(tmp_path):
    code = (
        "import sys\n"
        "from mlcourse.cli import main\n"
        "sys.argv[1:] = ['cards', '--simple', '--lab', '06']\n"
        "try:\n    main()\nfinally:\n"
        "    print('textual' in sys.modules, 'rich' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="\n3\n",
        capture_output=True,
        text=True,
        env={"MLCOURSE_DATA": str(tmp_path), "PATH": ""},
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False False"
    assert "1 answer, 1 right (100%), all saved." in done.stdout
