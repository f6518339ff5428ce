"""When a board is due: at once for what people wait for, calmly for chatter."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.engine.work import Line, Work
from bot.reactions import Keeper, Lane, Later, Reaction
from bot.timeline.owed import Owed
from bot.tools import Clock

_FORGET = timedelta(minutes=10)
_MANY = 2000


class Boards:
    """Remembers when each board last ran. Lost with the process, which costs one early edit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ran: dict[Line, tuple[datetime, timedelta]] = {}

    def due(self, work: Work, answer: Reaction | Keeper | None) -> datetime:
        """For a row that was owed just now."""
        if not isinstance(answer, Keeper) or work.lane is not Lane.CHATTER:
            return work.due
        return max(work.due, self._rested(work.line))

    def arm(self, work: Work, row: Owed) -> bool:
        """A newer fact came for a board that is owed already. True when its due time moved."""
        work.armed = max(work.armed, row.armed)
        work.lane = min(work.lane, row.lane)
        calm = row.lane is Lane.CHATTER
        work.urgent = work.urgent or not calm
        if work.running or work.attempts:
            return False
        due = self._rested(work.line) if calm else row.due
        if due >= work.due:
            return False
        work.due = due
        return True

    def next(self, work: Work, later: Later | None, *, armed_again: bool) -> datetime:
        """After a run that was overtaken by a fact, or that asked to run again."""
        now = self._clock.now()
        moments = []
        if later is not None:
            moments.append(now + later.after)
        if armed_again:
            moments.append(now if work.urgent else self._rested(work.line))
        return min(moments, default=now)

    def began(self, work: Work, answer: Reaction | Keeper | None) -> None:
        if isinstance(answer, Keeper):
            now = self._clock.now()
            self._ran[work.line] = (now, answer.board.calm)
            if len(self._ran) > _MANY:
                self._ran = {
                    line: (at, calm)
                    for line, (at, calm) in self._ran.items()
                    if now - at < max(calm, _FORGET)
                }

    def _rested(self, line: Line) -> datetime:
        now = self._clock.now()
        if line not in self._ran:
            return now
        at, calm = self._ran[line]
        return max(now, at + calm)
