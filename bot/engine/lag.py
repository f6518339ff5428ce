"""Watches the event loop: while it lags, fewer reactions run, so that acknowledgements keep pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_EVERY = 0.1
_TOO_LATE = 0.020
_CALM_AGAIN = 2


class LoopWatch:
    """Run `watch` as a task of the loop. `seconds` is the newest measured delay."""

    def __init__(self, limit: Callable[[int], None], *, usual: int = 24, few: int = 4) -> None:
        self._limit, self._usual, self._few = limit, usual, few
        self._now, self._calm = usual, 0
        self.seconds = 0.0

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            await asyncio.sleep(_EVERY)
            self.measured(loop.time() - asked - _EVERY)

    def measured(self, late: float) -> None:
        """Halves at each late wake-up and doubles at each second calm one: most reactions wait
        for a vendor, and holding them all back for one hiccup makes everybody wait."""
        self.seconds = max(0.0, late)
        if late > _TOO_LATE:
            self._calm = 0
            self._set(max(self._now // 2, self._few))
            return
        self._calm += 1
        if self._calm >= _CALM_AGAIN:
            self._calm = 0
            self._set(min(self._now * 2, self._usual))

    def _set(self, limit: int) -> None:
        if limit != self._now:
            self._now = limit
            self._limit(limit)
