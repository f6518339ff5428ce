"""How incidents go: how long until they are noticed, answered, mitigated and over, and whom they wake."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.incident.summary import Summary

Pair = tuple[datetime | None, datetime | None]
ENOUGH = 10
"""With fewer a median says more of chance than of us."""
NIGHT = (22, 7)
"""From which hour to which, UTC."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """`median` and `p90` are None where `n` is below ENOUGH."""

    name: str
    explains: str
    n: int
    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Nights:
    """Of one service: how many of its incidents began while people sleep."""

    service: str
    nights: int
    every: int


def spreads(found: Sequence[Summary]) -> list[Spread]:
    """Of incidents that are over and were more than a flap."""
    over = [each for each in found if each.resolved_at and not each.flapped]
    return [
        _spread("Detect", "from the first bad minute to the page", _spans(over, _detect)),
        _spread("Acknowledge", "from the page to the first answer", _spans(over, _acknowledge)),
        _spread(
            "Mitigate", "from the first bad minute until users were well", _spans(over, _mend)
        ),
        _spread("Resolve", "from the first bad minute to the end", _spans(over, _resolve)),
    ]


def nights(found: Iterable[Summary]) -> list[Nights]:
    """The services that wake people most, first."""
    every: Counter[str] = Counter()
    woken: Counter[str] = Counter()
    for each in found:
        name = each.service or "unknown"
        every[name] += 1
        begin, end = NIGHT
        woken[name] += each.opened_at.hour >= begin or each.opened_at.hour < end
    rows = [Nights(service=n, nights=woken[n], every=every[n]) for n in every if woken[n]]
    return sorted(rows, key=lambda row: (-row.nights, row.service))


def _spread(name: str, explains: str, spans: Sequence[timedelta]) -> Spread:
    if len(spans) < ENOUGH:
        return Spread(name=name, explains=explains, n=len(spans))
    seconds = sorted(each.total_seconds() for each in spans)
    return Spread(
        name=name,
        explains=explains,
        n=len(spans),
        median=timedelta(seconds=statistics.median(seconds)),
        p90=timedelta(seconds=statistics.quantiles(seconds, n=10, method="inclusive")[-1]),
    )


def _spans(found: Iterable[Summary], ends: Callable[[Summary], Pair]) -> list[timedelta]:
    """Those whose beginning and end are known; a clock that went back makes none."""
    pairs = (ends(each) for each in found)
    return [end - start for start, end in pairs if start and end and end >= start]


def _detect(found: Summary) -> Pair:
    return found.started_at, found.opened_at


def _acknowledge(found: Summary) -> Pair:
    return found.opened_at, found.acknowledged_at


def _mend(found: Summary) -> Pair:
    return found.started_at or found.opened_at, found.mitigated_at


def _resolve(found: Summary) -> Pair:
    return found.started_at or found.opened_at, found.resolved_at
