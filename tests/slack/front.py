"""People at the bot's front door: they say, press, open and submit without Slack's envelopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.people import Person
from bot.slack.blocks import View
from bot.slack.handling import Answer, Ask, Handles, Kind, ReadMessage
from bot.slack.registry import book
from tests.doubles.house import House
from tests.doubles.people import ANA

Fields = Mapping[str, str | tuple[str, ...]]


class Front:
    """Finds the handler as reception does, and asks it."""

    def __init__(self, house: House) -> None:
        self.house, self.book = house, book()
        self.asked = 0

    def say(self, text: str, incident: str = "", *, by: Person = ANA, **more: Any) -> Answer:
        name, _, rest = text.partition(" ")
        return self._run(Kind.COMMAND, name, incident, by=by, text=rest, **more)

    def press(
        self, act: str, incident: str, value: str = "", *, by: Person = ANA, **more: Any
    ) -> Answer:
        return self._run(Kind.BUTTON, act, incident, by=by, value=value, **more)

    def submit(
        self, act: str, incident: str, fields: Fields, *, by: Person = ANA, value: str = ""
    ) -> Answer:
        return self._run(Kind.FORM, act, incident, by=by, value=value, fields=fields)

    def happens(self, name: str, incident: str, event: Any, *, by: Person = ANA) -> Answer:
        return self._run(Kind.EVENT, name, incident, by=by, event=event)

    def reads(
        self, name: str, incident: str, event: Any, read: ReadMessage, *, by: Person = ANA
    ) -> Answer:
        """An event whose handler reads the message that it is about."""
        more = {"event": event, "read_message": read, "channel": f"C{incident}"}
        return self._run(Kind.EVENT, name, incident, by=by, **more)

    def opens(
        self, act: str, incident: str = "", value: str = "", *, by: Person = ANA, **more: Any
    ) -> View:
        """The form as the person sees it in the end: filled, where it had to be."""
        view = self.opener(act, incident, value, by=by, **more)
        assert view is not None, f"{act} opens nothing here"
        return view.fill() if view.fill is not None else view

    def opener(
        self, act: str, incident: str = "", value: str = "", *, by: Person = ANA, **more: Any
    ) -> View | None:
        handled = self._handles(Kind.OPENER, act)
        view: View | None = handled.run(
            self.house.tools, self._ask(incident, by=by, value=value, **more)
        )
        return view

    def _run(self, kind: Kind, name: str, incident: str, *, by: Person, **more: Any) -> Answer:
        handled = self._handles(kind, name)
        said: Answer = handled.run(self.house.tools, self._ask(incident, by=by, **more))
        return said

    def _handles(self, kind: Kind, name: str) -> Handles:
        found = self.book.find(kind, name)
        assert found is not None, f"nobody answers to the {kind} {name}"
        return found

    def _ask(self, incident: str, *, by: Person, **more: Any) -> Ask:
        self.asked += 1
        return Ask(
            person=by,
            key=str(self.asked),
            incident=incident,
            commands=self.book.commands(),
            **{"channel": f"C{incident}" if incident else "C0GENERAL", **more},
        )
