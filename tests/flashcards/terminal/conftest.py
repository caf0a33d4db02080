import asyncio
from datetime import datetime, timedelta

import pytest
from flashcards.terminal.player import Player

from mlcourse.flashcards.terminal import CardsApp

NOON = datetime.fromisoformat("2026-11-21T12:00+01:00")


@pytest.fixture
def play():
    """Run a script of keys against a sitting."""

    def run(session, script, *, size=(80, 24), day=0, **options):
        ticks = (NOON + timedelta(days=day, seconds=n) for n in range(100_000))
        app = CardsApp(session, clock=ticks.__next__, **options)

        async def go():
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                await script(Player(app, pilot))

        asyncio.run(go())
        return app

    return run
