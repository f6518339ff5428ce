"""How a budget went over its window: the line of the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.slo.counts import Bucket, Counts, budget_left, summed

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Remaining:
    """The budget left at the end of a bucket; None where nothing is known yet."""

    at: datetime
    left: float | None


def burn_down(
    buckets: Sequence[Bucket], target: float, *, since: datetime, until: datetime
) -> list[Remaining]:
    """Cumulative over one window: it only falls, and its last point is what the table says.

    remaining(t) = 1 - bad(since..t) / ((1 - target) * total(since..until))
    """
    inside = [each for each in buckets if since <= each.at and each.until <= until]
    allowed = (1 - target) * summed(inside).total
    line: list[Remaining] = []
    spent = 0.0
    for each in inside:
        spent += each.counts.bad if each.counts else 0.0
        line.append(Remaining(each.until, 1 - spent / allowed if allowed > 0 else None))
    return line


def rolling(
    buckets: Sequence[Bucket],
    target: float,
    *,
    window: timedelta,
    since: datetime,
    until: datetime,
) -> list[Remaining]:
    """What the table would have said at each moment: it rises when bad hours leave the window.

    Only where the whole window is known: a shorter one would look better or worse than it was.
    """
    if not buckets:
        return []
    first, start, counts = buckets[0].at, 0, Counts()
    line: list[Remaining] = []
    for place, each in enumerate(buckets):
        counts += each.counts or Counts()
        while buckets[start].at < each.until - window:
            gone = buckets[start].counts or Counts()
            counts = Counts(counts.total - gone.total, counts.bad - gone.bad)
            start += 1
        if each.at < since or each.until > until or start > place:
            continue
        known = first <= each.until - window
        line.append(Remaining(each.until, budget_left(counts, target) if known else None))
    return line
