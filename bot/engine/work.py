"""One thing to do: a row that is owed or an input, as the engine plans with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.reactions import Lane
from bot.timeline.inbox import Input
from bot.timeline.owed import Owed

Line = tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class Work:
    """Works of one line run one at a time, by `order`.

    `again` tells the reaction that an earlier run may have done something. `armed` and `urgent`
    are for boards: the newest fact to show, and whether it may wait.
    """

    name: str
    line: Line
    order: int
    lane: Lane
    due: datetime
    subject: Owed | Input | None = None
    attempts: int = 0
    again: bool = False
    armed: int = 0
    urgent: bool = False
    vendor: str = ""
    running: bool = False
    turn: int = 0

    @property
    def key(self) -> tuple[Line, int]:
        return (self.line, self.order)
