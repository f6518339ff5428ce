"""Something that changed before the trouble began: a suspect, never a cause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Change:
    """A deploy (or any change) of one service in one environment."""

    id: str
    source: str
    service: str
    environment: str
    at: datetime
    before: str = ""
    after: str = ""
    author: str = ""
    message: str = ""
    address: str = ""
    distance: int = 0
    reversible_by: str = ""
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A change with the reasons for which it is suspected, best first."""

    change: Change
    score: float
    reasons: tuple[str, ...]


_NEAR = {0: 1.0, 1: 0.6, 2: 0.35}


def rank(
    changes: tuple[Change, ...], *, start: datetime, title: str = "", limit: int = 5
) -> tuple[Suspect, ...]:
    """Newest before the start first, weighed by how near the changed service is.

    Half of the weight is gone with each 30 minutes before the estimated impact start; what came
    after the start counts a quarter, for 15 minutes.
    """
    found = [_weighed(change, start, title) for change in changes]
    worth = sorted((s for s in found if s.score > 0.01), key=lambda s: -s.score)
    return tuple(worth[:limit])


def _weighed(change: Change, start: datetime, title: str) -> Suspect:
    gap = start - change.at
    if gap >= timedelta(0):
        weight = 0.5 ** (gap / timedelta(minutes=30))
        when = f"deployed {_minutes(gap)} before the first bad minute"
    elif -gap <= timedelta(minutes=15):
        weight = 0.25 * 0.5 ** (-gap / timedelta(minutes=10))
        when = f"deployed {_minutes(-gap)} after the first bad minute"
    else:
        return Suspect(change=change, score=0.0, reasons=())
    near = _NEAR.get(change.distance, 0.2)
    where = (
        "the failing service itself"
        if change.distance == 0
        else f"a dependency, {change.distance} step{'s' if change.distance > 1 else ''} away"
    )
    reasons = [when, where]
    if change.after and re.search(rf"(?<![\w-]){re.escape(change.after)}(?![\w-])", title, re.I):
        weight = min(1.0, weight * 1.2)
        reasons.append("named in the page")
    return Suspect(change=change, score=round(weight * near, 3), reasons=tuple(reasons))


def _minutes(gap: timedelta) -> str:
    minutes = round(gap.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h"
