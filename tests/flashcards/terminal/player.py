"""Who presses the keys in these tests, and looks at the screen."""

from textual.widgets import Static

TERM = ("data-drift",)


class Player:
    """The keys, and what is seen."""

    def __init__(self, app, pilot):
        self.app, self.pilot = app, pilot

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text):
        await self.press(*("space" if sign == " " else sign for sign in text), "enter")

    async def until(self, condition):
        for _ in range(100):
            if condition():
                return
            await self.pilot.pause()
        raise AssertionError("it did not come to that.")

    def text(self, name):
        widget = self.app.screen.query_one(f"#{name}", Static)
        return widget.content.plain if widget.display else ""

    @property
    def study(self):
        return self.app.screen_stack[1]


def reviews(log):
    return [event for event in log.read().events if event.kind == "review"]


def only(session, code, term="data-drift", count=1):
    cards = [card for card in session.deck.terms[term] if card.code == code]
    session._waiting = cards[:count]
    return cards[0]
