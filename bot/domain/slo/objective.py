"""What users are promised, and where it is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

MONTH = timedelta(days=30)


class Through(StrEnum):
    """Who is asked for a number."""

    CLOUDWATCH = "CloudWatch"
    NEW_RELIC = "New Relic"


@dataclass(frozen=True, kw_only=True)
class NewRelicQuery:
    """`nrql` selects one number, without SINCE, UNTIL or TIMESERIES: those are added per question."""

    nrql: str
    part: str = ""
    """What it counts where several are summed ("EC2 side")."""


@dataclass(frozen=True, kw_only=True)
class CloudWatchQuery:
    """One metric of one resource. `percent_of`: the metric is a percentage of that count."""

    namespace: str
    metric: str
    of: Mapping[str, str] = field(default_factory=dict)
    """Its dimensions."""
    stat: str = "Sum"
    region: str = ""
    """Empty: the region of the environment."""
    percent_of: CloudWatchQuery | None = None
    part: str = ""


Query = NewRelicQuery | CloudWatchQuery


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Events: the queries of a side are summed. Exactly one of `bad` and `good` is there."""

    total: tuple[Query, ...]
    bad: tuple[Query, ...] = ()
    good: tuple[Query, ...] = ()

    @property
    def queries(self) -> tuple[Query, ...]:
        """The total's first."""
        return (*self.total, *self.bad, *self.good)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A percentile that stays below a limit; read in one query, for percentiles do not average."""

    query: Query
    below: float
    unit: str = "ms"
    percentile: str = "P99"
    scale: float = 1.0
    """What the source says times this is in `unit` (1000 where it says seconds)."""

    @property
    def queries(self) -> tuple[Query, ...]:
        return (self.query,)


Indicator = Ratio | Threshold


def through(indicator: Indicator) -> Through:
    """Who is asked: both sides of a ratio ask the same."""
    first = indicator.queries[0]
    return Through.CLOUDWATCH if isinstance(first, CloudWatchQuery) else Through.NEW_RELIC


@dataclass(frozen=True, kw_only=True)
class BurnRule:
    """Fires where both windows burn at `threshold` or faster."""

    threshold: float
    long: timedelta
    short: timedelta
    pages: bool

    @property
    def name(self) -> str:
        hours = round(self.long / timedelta(hours=1))
        return f"{self.threshold:g}x over {hours} h"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """`name` is the SLO's own, `service` what it is of: a service, a resource or a journey."""

    name: str
    service: str
    title: str = ""
    environment: str = ""
    target: float | None = None
    """Fraction of good events, 0.999; None for a threshold on a percentile, which has no budget."""
    indicator: Indicator
    instead: Indicator | None = None
    """Another way to the same number, where who measures it is not configured."""
    window: timedelta = MONTH
    rules: tuple[BurnRule, ...] = ()

    @property
    def label(self) -> str:
        return self.title or self.name

    @property
    def ways(self) -> tuple[Indicator, ...]:
        """How it can be measured, the better one first."""
        return (self.indicator,) if self.instead is None else (self.indicator, self.instead)

    @property
    def has_budget(self) -> bool:
        return self.target is not None
