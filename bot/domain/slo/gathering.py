"""What is still to be read of an objective, and how the answers add up to its buckets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.slo.counts import Bucket, Counts, minute_of
from bot.domain.slo.objective import Ratio
from bot.domain.slo.status import CURRENT

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_LATE = 5 * MINUTE
"""What arrived after we read: so much of the end is read again."""
_BACK = 2
"""Windows that are read at first: the rolling line needs the one before."""
_BUSY = 5.0
"""Events a minute; a source with fewer leaves gaps by itself."""
_SILENCE = 3


@dataclass(frozen=True, kw_only=True)
class Span:
    """`since` and `until` lie on whole steps."""

    since: datetime
    until: datetime
    step: timedelta


Values = Mapping[datetime, float]


def spans(until: datetime | None, end: datetime, *, window: timedelta) -> list[Span]:
    """Hours for what lies over a day back, minutes since; only the tail where that is known."""
    end = minute_of(end)
    edge = hour_of(end - CURRENT)
    if until is not None and until - _LATE >= edge:
        return [Span(since=minute_of(until - _LATE), until=end, step=MINUTE)]
    begin = hour_of(end - _BACK * window if until is None else until)
    return [
        Span(since=begin, until=edge, step=HOUR),
        Span(since=edge, until=end, step=MINUTE),
    ]


def buckets(
    span: Span, ratio: Ratio, total: Sequence[Values], side: Sequence[Values]
) -> list[Bucket]:
    """A missing bad is none; a missing total is no data, never a success.

    `side` are the answers of `bad`, or of `good` where that is what is counted.
    """
    found: list[Bucket] = []
    at = span.since
    while at < span.until:
        found.append(Bucket(at=at, step=span.step, counts=_counts(ratio, at, total, side)))
        at += span.step
    return found


def heard(minutes: Sequence[Bucket], end: datetime, before: datetime | None) -> datetime:
    """Until when the source spoke: a busy one that says nothing for minutes has fallen silent.

    `before` is what an earlier look said; a whole day without a word brings nothing newer.
    """
    known = [each for each in minutes if each.counts]
    if not known and before is not None and end - before >= CURRENT:
        return before
    if not known or end - known[-1].until < _SILENCE * MINUTE:
        return end
    busy = sum(each.counts.total for each in known if each.counts) / len(known) >= _BUSY
    return known[-1].until if busy else end


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _counts(
    ratio: Ratio, at: datetime, total: Sequence[Values], side: Sequence[Values]
) -> Counts | None:
    came = [each[at] for each in total if at in each]
    if not came:
        return None
    every = max(0.0, sum(came))
    counted = min(every, max(0.0, sum(each.get(at, 0.0) for each in side)))
    return Counts(every, every - counted if ratio.good else counted)
