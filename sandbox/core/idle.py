"""Knows whether anything is under way, so that a test waits for quiet instead of sleeping."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Idle:
    """Counts what is under way, by name."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._last = time.monotonic()

    @contextmanager
    def work(self, what: str) -> Iterator[None]:
        self.begin(what)
        try:
            yield
        finally:
            self.end(what)

    def begin(self, what: str) -> None:
        self._under_way[what] += 1
        self._last = time.monotonic()

    def end(self, what: str) -> None:
        self._under_way[what] -= 1
        self._under_way += Counter()
        self._last = time.monotonic()

    @property
    def under_way(self) -> list[str]:
        return sorted(self._under_way.elements())

    async def wait(self, timeout: float, quiet: float = 0.25) -> bool:  # noqa: ASYNC109 - a poll
        """True once nothing has been under way for `quiet` real seconds."""
        deadline = time.monotonic() + timeout
        while True:
            now = time.monotonic()
            if not self._under_way and now - self._last >= quiet:
                return True
            if now >= deadline:
                return False
            await asyncio.sleep(min(0.02, max(0.001, deadline - now)))
