"""Wakes the engine when the next thing is due, by a clock that may jump, stand or run fast."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from bot.tools import Clock


class Alarm:
    """One thread, asleep until the earliest moment; `ring` is called in it."""

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock, self._ring = clock, ring
        self._changed = threading.Condition()
        self._moment: datetime | None = None
        self._open = True
        self._thread = threading.Thread(target=self._run, name="alarm", daemon=True)
        clock.on_change(self._wake)

    def start(self) -> None:
        self._thread.start()

    def set(self, moment: datetime | None) -> None:
        with self._changed:
            if moment != self._moment:
                self._moment = moment
                self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        while self._sleep():
            self._ring()

    def _sleep(self) -> bool:
        """True when the moment has come, False when the engine stops."""
        with self._changed:
            while self._open:
                moment = self._moment
                seconds = None if moment is None else self._clock.seconds_until(moment)
                if seconds is not None and seconds <= 0:
                    self._moment = None
                    return True
                self._changed.wait(seconds)
            return False
