"""The cards in terminals of all sizes, light and dark."""

import pytest
from flashcards.terminal.player import TERM, only
from textual.widgets import Button, Input


@pytest.mark.parametrize("size", [(40, 12), (40, 24), (200, 60)])
def test_it_fits_the_terminal(sit, play, size):
    async def script(player):
        await player.press("space")
        width = player.app.size.width
        for button in player.study.query(Button):
            assert button.region.right <= width
            assert button.region.bottom <= player.app.size.height
            assert button.region.width >= len(str(button.label))
        card = player.study.query_one("#card").region
        assert card.right == max(
            button.region.right for button in player.study.query(Button)
        )
        assert 0 <= card.x <= width - card.right <= card.x + 1
        assert player.study.query_one("#card").virtual_size.width <= width

    play(sit(terms=TERM), script, size=size)


@pytest.mark.parametrize("size", [(40, 12), (80, 10)])
def test_line_and_verdict_are_in_sight_in_a_low_terminal(sit, play, size):
    session = sit(mode="cram", terms=TERM)
    only(session, "prod")

    async def script(player):
        card = player.study.query_one("#card")
        typed = player.study.query_one("#typed")
        verdict = player.study.query_one("#verdict")
        inside = range(card.region.y + 1, card.region.bottom - 1)
        await player.until(lambda: typed.region.y in inside)
        await player.type("concept drift")
        await player.until(lambda: verdict.region.y in inside)
        assert card.max_scroll_y > 0

    play(session, script, size=size)


def test_a_resize_keeps_card_and_answer(sit, play):
    session = sit(mode="cram", terms=TERM)
    card = only(session, "prod")

    async def script(player):
        await player.press("d", "a")
        await player.pilot.resize_terminal(40, 15)
        await player.pilot.pause()
        assert player.study.card is card
        assert player.study.query_one(Input).value == "da"
        assert player.study.query_one(Input).has_focus
        assert player.study.query_one("#card").region.right <= 40

    play(session, script)


def test_light_and_dark_change_by_a_key(sit, play):
    async def script(player):
        before = player.app.current_theme.dark
        await player.press("t")
        assert player.app.current_theme.dark is not before

    play(sit(terms=TERM), script)


def test_no_color_is_respected(sit, play, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def script(player):
        style = player.app.screen.query_one("#card").rich_style
        strips = player.app.screen._compositor.render_strips()
        assert style is not None
        assert any("What does it mean?" in strip.text for strip in strips)

    app = play(sit(terms=TERM), script)
    assert app.no_color
