"""Watches the event loop: while it lags, fewer reactions run, so that acknowledgements keep pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_EVERY = 0.1
_TOO_LATE = 0.020
_CALM_AGAIN = 10


class LoopWatch:
    """Run `watch` as a task of the loop. `seconds` is the newest measured delay."""

    def __init__(self, limit: Callable[[int], None], *, usual: int = 24, few: int = 4) -> None:
        self._limit, self._usual, self._few = limit, usual, few
        self._calm = _CALM_AGAIN
        self.seconds = 0.0

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            await asyncio.sleep(_EVERY)
            self.measured(loop.time() - asked - _EVERY)

    def measured(self, late: float) -> None:
        """Cut at once; give back only after a second without a late wake-up."""
        self.seconds = max(0.0, late)
        if late > _TOO_LATE:
            if self._calm >= _CALM_AGAIN:
                self._limit(self._few)
            self._calm = 0
        elif self._calm < _CALM_AGAIN:
            self._calm += 1
            if self._calm == _CALM_AGAIN:
                self._limit(self._usual)
