"""How much waits for a worker: the number before, the number now, and why there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Depth:
    """`waiting` is None where it could not be read, and `unread` says why."""

    waiting: int | None = None
    unread: str = ""

    @property
    def words(self) -> str:
        if self.waiting is None:
            return f"cannot be read: {self.unread}"
        return f"{self.waiting:,} waiting"

    def beside(self, state: str) -> str:
        """The state of a plan or a receipt, with the number in it."""
        return json.dumps({**json.loads(state), "waiting": self.waiting})


def moved(now: Depth, *, at_start: int | None, planned: int | None) -> str:
    """From before to now; nothing of before where nobody could read it then."""
    if at_start is not None:
        return f"queue: {now.words}, was {at_start:,} at the start"
    if planned is not None:
        return f"queue: {now.words}, was {planned:,} when it was planned"
    return f"queue: {now.words}, not known from before"


def kept(state: str) -> int | None:
    """The number inside a state that may hold none."""
    found = json.loads(state).get("waiting")
    return found if isinstance(found, int) else None
