"""Holds calls to a rate of ours where AWS gives few of them and everybody in the account shares those."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta


class Pace:
    """One call each `gap`. Who would have to wait past its own end does not wait at all."""

    def __init__(
        self,
        gap: timedelta,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap, self._now, self._sleep = gap.total_seconds(), now, sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now()

    def turn(self, *, until: float) -> bool:
        """Waits for its turn; False, at once, where that would come after `until`."""
        with self._lock:
            at = max(self._next, self._now())
            if at > until:
                return False
            self._next = at + self._gap
        if (wait := at - self._now()) > 0:
            self._sleep(wait)
        return True
