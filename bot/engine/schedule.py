"""Who is next: lines keep order, lanes keep rank, and nobody waits in a low lane for ever."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from bot.engine.work import Line, Work
from bot.reactions import Lane

_RISES = timedelta(minutes=1)


class Schedule:
    """Not thread-safe: the engine holds its lock around every call."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.running = 0
        self._lines: dict[Line, list[Work]] = {}
        self._timers: list[tuple[datetime, int, int, Work]] = []
        self._ready: dict[Lane, deque[tuple[int, Work]]] = {lane: deque() for lane in Lane}
        self._number = count()

    def add(self, work: Work) -> None:
        """Takes its place in its line by `order`, never before what is running."""
        line = self._lines.setdefault(work.line, [])
        place = len(line)
        while place and line[place - 1].order > work.order and not line[place - 1].running:
            place -= 1
        line.insert(place, work)
        if place == 0:
            if len(line) > 1:
                line[1].turn += 1
            self._plan(work)

    def finished(self, work: Work) -> None:
        """Gone from its line; the next one of the line has its turn."""
        self._stopped(work)
        line = self._lines[work.line]
        line.remove(work)
        if line:
            self._plan(line[0])
        else:
            del self._lines[work.line]

    def postponed(self, work: Work, due: datetime) -> None:
        """Still first in its line, and the line waits with it."""
        self._stopped(work)
        work.due = due
        self._plan(work)

    def moved(self, work: Work, due: datetime) -> None:
        """Another due time for what does not run now."""
        work.due = due
        if self._lines[work.line][0] is work:
            self._plan(work)

    def advance(self, now: datetime) -> None:
        """What has become due may run."""
        while self._timers and self._timers[0][0] <= now:
            _due, _number, turn, work = heapq.heappop(self._timers)
            if turn == work.turn and not work.running:
                self._ready[work.lane].append((turn, work))

    def take(self, now: datetime) -> Work | None:
        """The next to run, or None when nothing is due or the limit is reached."""
        if self.running >= self.limit:
            return None
        best: Work | None = None
        # A board may have been armed for a higher lane while it waited: it still stands where it was put.
        stands = Lane.CHATTER
        for lane in Lane:
            first = self._first(lane)
            if first is not None and (best is None or _rank(first, now) < _rank(best, now)):
                best, stands = first, lane
        if best is not None:
            self._ready[stands].popleft()
            best.running = True
            best.turn += 1
            self.running += 1
        return best

    def next_due(self) -> datetime | None:
        while self._timers and self._timers[0][2] != self._timers[0][3].turn:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def waiting(self) -> Iterator[Work]:
        """Everything that is not running, due or not."""
        for line in self._lines.values():
            yield from (work for work in line if not work.running)

    def ready(self) -> int:
        return sum(turn == work.turn for queue in self._ready.values() for turn, work in queue)

    def oldest(self) -> datetime | None:
        """Since when the longest-waiting ready work has been due."""
        heads = [head for lane in Lane if (head := self._first(lane)) is not None]
        return min((work.due for work in heads), default=None)

    def _plan(self, work: Work) -> None:
        work.turn += 1
        heapq.heappush(self._timers, (work.due, next(self._number), work.turn, work))

    def _stopped(self, work: Work) -> None:
        if work.running:
            work.running = False
            self.running -= 1

    def _first(self, lane: Lane) -> Work | None:
        queue = self._ready[lane]
        while queue and queue[0][0] != queue[0][1].turn:
            queue.popleft()
        return queue[0][1] if queue else None


def _rank(work: Work, now: datetime) -> tuple[int, datetime]:
    return (work.lane - (now - work.due) // _RISES, work.due)
