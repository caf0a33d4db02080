"""A sitting in the terminal, driven by the keys that a learner presses."""

import pytest
from flashcards.terminal.player import TERM, only, reviews
from textual.widgets import Button, Input, OptionList, Static

from mlcourse.flashcards import LogError, replay
from mlcourse.flashcards.terminal.dialogs import FlagScreen, HelpScreen
from mlcourse.flashcards.terminal.speech import Speech


def test_a_whole_sitting_by_keyboard(sit, play, log):
    async def script(player):
        assert "What does it mean?" in player.text("front")
        assert player.text("back") == ""
        await player.press("space")
        assert player.text("back").startswith("Meaning")
        await player.press("3")
        assert "1 of 2, 1 right" in player.text("place")
        await player.press("enter", "1")
        await player.press("space", "3")
        assert "The end for now" in player.text("front")
        assert "3 answers, 2 right" in player.text("front")
        assert "Tomorrow: " in player.text("front")
        await player.press("q")

    app = play(sit(new=2), script)
    assert app.return_code == 0
    assert [event.data["rating"] for event in reviews(log)] == [3, 1, 3]
    assert all(event.data["ms"] > 0 for event in reviews(log))


def test_a_review_is_on_disk_before_the_next_card_shows(sit, play, log):
    async def script(player):
        first = player.study.card
        await player.press("space", "3")
        assert player.study.card is not first
        assert [event.data["card"] for event in reviews(log)] == [first.id]

    play(sit(new=2), script)


def test_grades_show_when_each_would_bring_the_card_back(sit, play):
    async def script(player):
        await player.press("space")
        labels = [str(button.label) for button in player.study.query(Button)]
        assert labels == ["1 forgotten, in 10 minutes", "3 remembered, in 2 days"]

    play(sit(terms=TERM), script)


def test_a_grade_can_be_clicked(sit, play, log):
    async def script(player):
        await player.press("space")
        await player.pilot.click("#grade-1")
        await player.pilot.pause()

    play(sit(terms=TERM), script)
    assert reviews(log)[0].data["rating"] == 1


def test_a_grade_before_the_card_is_turned_does_nothing(sit, play, log):
    async def script(player):
        await player.press("3")

    play(sit(terms=TERM), script)
    assert reviews(log) == []


def test_a_right_answer_is_said_in_words(sit, play, log):
    session = sit(mode="cram", terms=TERM)
    only(session, "prod")

    async def script(player):
        await player.type("data drift")
        assert player.text("verdict") == "Right."
        assert "Answer  data drift" in player.text("back")
        await player.press("enter")
        assert player.study.phase == "end"

    play(session, script)
    assert reviews(log)[0].data["answer"] == "data drift"


def test_a_near_miss_shows_its_letters(sit, play, log):
    session = sit(mode="cram", terms=TERM)
    only(session, "prod")

    async def script(player):
        await player.type("data drfit")
        shown = player.study.query_one("#verdict", Static).content
        assert "Check the spelling" in shown.plain
        styles = " ".join(str(span.style) for span in shown.spans)
        assert "strike" in styles
        assert "underline" in styles
        assert "Letters: " in shown.plain

    play(session, script)
    assert reviews(log)[0].data["match"] == "typo"


def test_a_wrong_answer_can_be_overridden(sit, play, log):
    session = sit(mode="cram", terms=TERM)
    only(session, "prod")

    async def script(player):
        await player.type("concept drift")
        assert player.text("verdict").startswith("Wrong. That is another term")
        await player.press("i")
        assert player.text("verdict") == "Counted as right."
        await player.press("i", "enter")

    play(session, script)
    assert [event.data["by"] for event in reviews(log)] == ["auto", "override"]


def test_letters_are_letters_while_a_line_is_typed(sit, play, log):
    session = sit(mode="cram", terms=TERM)
    only(session, "prod")

    async def script(player):
        await player.press("u", "f", "s", "q", "1")
        assert player.study.query_one(Input).value == "ufsq1"
        await player.press("escape", "s")
        assert player.study.phase == "end"

    play(session, script)
    assert replay(log.read().events).suspended == {"data-drift:prod"}


def test_undo_shows_the_last_card_again(sit, play, log):
    async def script(player):
        first = player.study.card
        await player.press("space", "1", "u")
        assert player.study.card is first
        assert player.text("back") == ""
        await player.press("space", "3")

    play(sit(new=2), script)
    counted = replay(log.read().events).memories
    assert [memory.lapses for memory in counted.values()] == [0]
    assert [event.kind for event in log.read().events] == ["review", "void", "review"]


def test_undo_works_at_the_very_end(sit, play):
    async def script(player):
        await player.press("space", "3")
        assert player.study.phase == "end"
        await player.press("u")
        assert player.study.phase == "front"

    play(sit(terms=TERM), script)


def test_a_suspended_card_does_not_come_again(sit, play, log):
    async def script(player):
        await player.press("s")
        assert player.study.phase == "end"

    play(sit(terms=TERM), script)
    assert replay(log.read().events).suspended == {"data-drift:rec"}


def test_a_flag_keeps_its_note(sit, play, log):
    async def script(player):
        await player.press("f")
        assert isinstance(player.app.screen, FlagScreen)
        await player.type("stress is wrong")
        await player.until(lambda: player.app.screen is player.study)
        await player.until(lambda: log.read().events)

    play(sit(terms=TERM), script)
    assert replay(log.read().events).flags == {"data-drift:rec": "stress is wrong"}


def test_a_flag_that_is_called_off_writes_nothing(sit, play, log):
    async def script(player):
        await player.press("f", "x", "escape")
        await player.until(lambda: player.app.screen is player.study)

    play(sit(terms=TERM), script)
    assert log.read().events == ()


def test_help_opens_and_closes(sit, play):
    async def script(player):
        await player.press("question_mark")
        assert isinstance(player.app.screen, HelpScreen)
        await player.press("escape")
        await player.until(lambda: player.app.screen is player.study)

    play(sit(terms=TERM), script)


def test_cram_leaves_the_schedule(sit, play, log):
    async def script(player):
        await player.press("space")
        labels = [str(button.label) for button in player.study.query(Button)]
        assert labels == ["1 forgotten", "3 remembered"]
        await player.press("3")

    session = sit(mode="cram", terms=TERM)
    only(session, "rec")
    play(session, script)
    assert len(reviews(log)) == 1
    assert replay(log.read().events).memories == {}


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_quitting_midway_loses_nothing(sit, play, log, key):
    async def script(player):
        await player.press("space", "3", "space", key)

    app = play(sit(new=3), script)
    assert app.return_code == 0
    assert len(reviews(log)) == 1


def test_ctrl_c_ends_it_from_within_a_line(sit, play):
    session = sit(mode="cram", terms=TERM)
    only(session, "prod")

    async def script(player):
        await player.press("d", "ctrl+c")

    assert play(session, script).return_code == 0


def test_a_choice_is_made_by_its_number_or_by_arrows(sit, play, log):
    session = sit(mode="confusables", terms=TERM, limit=2)
    wanted = [card.front.choices.index(card.back.answer) for card in session._waiting]

    async def script(player):
        await player.press(str(wanted[0] + 1))
        assert player.text("verdict") == "Right."
        await player.press("enter")
        assert player.study.query_one(OptionList).has_focus
        await player.press(*["down"] * (wanted[1] + 1), "enter")
        assert player.text("verdict") == "Right."

    play(session, script)
    assert [event.data["rating"] for event in reviews(log)] == [3, 3]


def test_terms_and_meanings_are_matched(sit, play, log):
    session = sit(mode="match", limit=3)
    meanings = sorted(card.back.answer for card in session._waiting)
    first = meanings.index(session._waiting[0].back.answer)

    async def script(player):
        await player.press(str(first + 1))
        assert player.text("verdict") == "Right."
        await player.press("enter", str(first + 1))
        assert player.text("verdict").startswith("Wrong. It is: ")

    play(session, script)
    assert [event.data["rating"] for event in reviews(log)] == [3, 1]


def test_a_task_to_say_is_marked_and_graded(sit, play, log):
    session = sit(mode="say-it")
    only(session, "say", "alert-fatigue")

    async def script(player):
        assert "head of marketing" in player.text("front")
        assert player.study.query_one(Speech).has_focus
        await player.type("Nobody reads forty alert messages.")
        assert "Words to avoid: alert." in player.text("verdict")
        assert player.text("back").startswith("Model answer")
        await player.press("3")

    play(session, script)
    assert reviews(log)[0].data["answer"] == "Nobody reads forty alert messages."


def test_browsing_writes_nothing(sit, play, log):
    async def script(player):
        await player.press("space", "space", "enter", "enter")
        assert player.study.phase == "end"

    play(sit(mode="browse", limit=2), script)
    assert log.read().events == ()


def test_an_answer_that_cannot_be_saved_stays(sit, play, log, monkeypatch):
    session, append, fail = sit(terms=TERM), type(log).append, [True]

    def full(self, kind, **fields):
        if fail:
            fail.pop()
            raise LogError("the disk is full.")
        return append(self, kind, **fields)

    monkeypatch.setattr(type(log), "append", full)

    async def script(player):
        await player.press("space", "3")
        assert player.study.phase == "back"
        assert any("disk is full" in note.message for note in player.app._notifications)
        await player.press("3")
        assert player.study.phase == "end"

    play(session, script)
    assert len(reviews(log)) == 1


def test_the_file_of_a_term_is_opened(sit, play):
    opened = []

    async def script(player):
        await player.press("e")

    def edit(slug):
        opened.append(slug)
        return f"The file is [{slug}]"

    play(sit(terms=TERM), script, edit=edit)
    assert opened == ["data-drift"]


def test_nothing_due_is_said(sit, play):
    async def script(player):
        assert "Nothing is due." in player.text("front")
        await player.press("enter")

    assert play(sit(mode="review"), script).return_code == 0
