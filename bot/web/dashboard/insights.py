"""What the last months tell: how long incidents take, whom they wake, and what they left to be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.incident import Summary
from bot.domain.insights import ENOUGH, nights, spreads
from bot.flow.figures import age
from bot.flow.shown import lasting
from bot.tools import Tools
from bot.web.dashboard.eyes import ANYBODY, Eyes
from bot.web.dashboard.incidents import visible
from bot.web.dashboard.response import Item
from bot.web.dashboard.words import address, plain

DAYS = 90
_LOOKED_AT = 5_000
_LISTED = 30


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A row of the table, in words."""

    name: str
    explains: str
    median: str
    p90: str
    n: int


def every(tools: Tools, eyes: Eyes = ANYBODY) -> list[Summary]:
    """Newest first; private ones for their members alone."""
    return visible(tools, open_only=False, limit=_LOOKED_AT, eyes=eyes)


def lately(found: Sequence[Summary], now: datetime) -> list[Summary]:
    return [each for each in found if each.opened_at >= now - timedelta(days=DAYS)]


def durations(found: Sequence[Summary]) -> list[Measured]:
    return [
        Measured(
            name=each.name,
            explains=each.explains,
            median=lasting(each.median)
            if each.median is not None
            else f"under {ENOUGH} incidents",
            p90=lasting(each.p90) if each.p90 is not None else "",
            n=each.n,
        )
        for each in spreads(found)
    ]


def sleepless(tools: Tools, found: Sequence[Summary]) -> list[Item]:
    return [
        Item(title=tools.catalog.label(each.service), state=f"{each.nights} of {each.every}")
        for each in nights(found)[:_LISTED]
    ]


def standing(tools: Tools, found: Sequence[Summary]) -> list[Item]:
    """What is still as an incident left it, the oldest first, however long that is ago."""
    now, catalog = tools.clock.now(), tools.catalog
    known = sorted(
        ((left, each) for each in found for left in each.left), key=lambda one: one[0].since
    )
    return [
        Item(
            title=plain(left.text, catalog),
            state=f"for {age(now - left.since)}, since {left.since:%d %b %Y}",
            about=(
                f"{left.team or 'nobody in particular'} · from “{plain(each.title, catalog)}”",
            ),
            link=f"/incidents/{each.id}",
        )
        for left, each in known
    ]


def to_do(tools: Tools, found: Sequence[Summary], today: date) -> list[Item]:
    """By date; whether a ticket was closed is known where it is."""
    known = sorted(
        (work for each in found for work in each.follow_ups),
        key=lambda work: (work.due is None, work.due or today),
    )
    return [
        Item(
            title=plain(work.title, tools.catalog),
            state=_due(work.due, today),
            about=(work.owner or "nobody yet",),
            link=address(work.ticket),
        )
        for work in known[:_LISTED]
    ]


def overdue(found: Sequence[Summary], today: date) -> int:
    return sum(1 for due in _dates(found) if due < today)


def _dates(found: Sequence[Summary]) -> Iterator[date]:
    for each in found:
        yield from (work.due for work in each.follow_ups if work.due is not None)


def _due(due: date | None, today: date) -> str:
    if due is None:
        return "no date"
    return f"{'was due' if due < today else 'due'} {due:%d %b %Y}"
