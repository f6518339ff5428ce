"""How a budget went over its window: the line of the chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from bot.domain.slo.counts import Bucket, Counts, allowed, budget_left, summed

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
    inside = [each for each in buckets if since <= each.at < until]
    whole = summed(inside).total * allowed(target)
    line: list[Remaining] = []
    spent, known = 0.0, False
    for each in inside:
        spent += each.counts.bad if each.counts else 0.0
        known = known or each.counts is not None
        left = 1 - spent / whole if known and whole > 0 else None
        line.append(Remaining(min(each.until, until), left))
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
    line: list[Remaining] = []
    for each, counts in zip(buckets, _over(buckets, window), strict=True):
        if since <= each.at < until:
            known = buckets[0].at <= each.until - window
            left = budget_left(counts, target) if known else None
            line.append(Remaining(min(each.until, until), left))
    return line


def _over(buckets: Sequence[Bucket], window: timedelta) -> Iterator[Counts]:
    """Of the window that ends with each bucket, in one pass.

    Sums are only added up, never taken off again: what a subtraction leaves of nothing is not
    nothing, and a rate of it is anything.
    """
    behind: list[Counts] = []
    ahead, start = Counts(), 0
    for place, each in enumerate(buckets):
        ahead += each.counts or Counts()
        while start <= place and buckets[start].at < each.until - window:
            if not behind:
                behind = _from_each(buckets[start : place + 1])
                ahead = Counts()
            behind.pop()
            start += 1
        yield behind[-1] + ahead if behind else ahead


def _from_each(buckets: Sequence[Bucket]) -> list[Counts]:
    """The sum from each of them to the end; that of the first is the last in the list."""
    return list(accumulate(each.counts or Counts() for each in reversed(buckets)))
