"""The time of the simulated cloud, which a test moves on, and what becomes due in it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(kw_only=True)
class Moment:
    """Real time plus what it was moved on; what is due happens before the next request."""

    ahead: timedelta = timedelta(0)
    due: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def become(self, now: datetime) -> None:
        """The demo world's own time, which is the real one nowhere."""
        self.ahead = now - datetime.now(UTC)
        self.happen()

    def advance(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)
        self.happen()

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        with self.lock:
            self.due.append((self.now() + timedelta(seconds=seconds), what))

    def happen(self) -> None:
        with self.lock:
            ripe = [each for each in self.due if each[0] <= self.now()]
            self.due = [each for each in self.due if each not in ripe]
        for _, what in sorted(ripe, key=lambda each: each[0]):
            what()

    def clear(self) -> None:
        with self.lock:
            self.ahead, self.due = timedelta(0), []


MOMENT = Moment()
