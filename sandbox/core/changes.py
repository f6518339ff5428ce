"""Tells the screens what changed, and lets one that was away catch up."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

REPLAY = 500


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changed; `seq` only grows."""

    seq: int
    topic: str
    body: Any


class Subscription:
    """One screen's queue of changes."""

    def __init__(self, *, gap: bool):
        self.gap = gap
        """True when changes were missed beyond the replay buffer: draw everything anew."""
        self._queue: asyncio.Queue[Change] = asyncio.Queue()

    def put(self, change: Change) -> None:
        self._queue.put_nowait(change)

    async def next(self, timeout: float) -> Change | None:  # noqa: ASYNC109 - a heartbeat
        """The next change, or None after `timeout` real seconds (time for a heartbeat)."""
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None


class Broadcast:
    """Publishes changes to every open subscription and keeps the last 500."""

    def __init__(self) -> None:
        self.seq = 0
        self._kept: deque[Change] = deque(maxlen=REPLAY)
        self._open: list[Subscription] = []

    def publish(self, topic: str, body: Any = None) -> int:
        self.seq += 1
        change = Change(seq=self.seq, topic=topic, body=body)
        self._kept.append(change)
        for each in self._open:
            each.put(change)
        return self.seq

    def since(self, seq: int) -> list[Change]:
        return [change for change in self._kept if change.seq > seq]

    @contextmanager
    def subscribe(self, after: int | None = None) -> Iterator[Subscription]:
        """Changes from now on, preceded by those after `after` when it is given."""
        missed = self.since(after) if after is not None else []
        oldest = self._kept[0].seq if self._kept else self.seq + 1
        gap = after is not None and (after < oldest - 1 or after > self.seq)
        subscription = Subscription(gap=gap)
        for change in missed:
            subscription.put(change)
        self._open.append(subscription)
        try:
            yield subscription
        finally:
            self._open.remove(subscription)
