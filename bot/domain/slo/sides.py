"""The sides of what is counted together: during a migration EC2 and EKS, each with its own share of good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.slo.counts import Bucket, Counts, between
from bot.domain.slo.objective import Indicator, Query, Ratio

LATELY = (timedelta(hours=1), timedelta(hours=6))
"""What is told of each side: the last hour, and the last hours."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """`counts` are by LATELY, the shorter one first. `since` is the first minute that is known."""

    name: str
    counts: tuple[Counts, Counts]
    since: datetime | None

    @property
    def events(self) -> float:
        return self.counts[1].total


def told_apart(indicator: Indicator) -> tuple[str, ...]:
    """The names of the sides; none where a query does not say which side it counts."""
    if not isinstance(indicator, Ratio):
        return ()
    names = tuple(dict.fromkeys(each.part for each in indicator.total))
    others = {each.part for each in (*indicator.bad, *indicator.good)}
    whole = "" not in names and others <= set(names)
    return names if whole and len(names) > 1 else ()


def series(objective: str, side: str) -> str:
    """The name under which the counts of a side are kept; no objective can be called so."""
    return f"{objective}#{side}"


def of_side(queries: Sequence[Query], side: str) -> list[int]:
    """The places of those that count this side."""
    return [place for place, each in enumerate(queries) if each.part == side]


def side(name: str, minutes: Sequence[Bucket], until: datetime) -> Side:
    """`minutes` are the oldest first; what lies before the longest window is left out."""
    known = [each for each in minutes if each.counts and each.at >= until - LATELY[1]]
    short, long = (between(known, until - width, until) for width in LATELY)
    return Side(name=name, counts=(short, long), since=known[0].at if known else None)
