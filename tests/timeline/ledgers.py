"""A tiny incident for the tests of the machinery: a few facts and what they add up to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.events.staff import ChannelOpened
from bot.domain.facts import Entry, Fact
from bot.domain.incident.ledger import Ledger

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Opened(Fact, stored="test-opened"):
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Said(Fact, stored="test-said"):
    text: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Counted(Fact, stored="test-counted", chatter=True):
    number: int


@dataclass(frozen=True, kw_only=True)
class Filed(Fact, stored="test-filed", bookkeeping=True):
    where: str


@dataclass(kw_only=True)
class Small(Ledger):
    """Everything that was said, in order."""

    said: tuple[str, ...] = ()
    count: int = 0
    channel: str = ""

    def apply(self, entry: Entry) -> None:
        match entry.fact:
            case Said(text=text):
                self.said = (*self.said, text)
            case Counted(number=number):
                self.count += number
            case ChannelOpened(channel=channel):
                self.channel = channel


def small(incident_id: str) -> Small:
    return Small(id=incident_id)


class HandClock:
    """Stands until it is moved."""

    def __init__(self, moment: datetime = NOON) -> None:
        self._moment = moment
        self._callbacks: list[Callable[[], None]] = []
        self._guard = threading.Lock()

    def now(self) -> datetime:
        with self._guard:
            return self._moment

    def on_change(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def seconds_until(self, moment: datetime) -> float | None:
        return 0.0 if moment <= self.now() else None

    def forward(self, by: timedelta) -> None:
        with self._guard:
            self._moment += by
        for callback in self._callbacks:
            callback()
