"""A source of counts whose past and future a test writes down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.errors import VendorDown
from bot.domain.slo import NewRelicQuery, Objective, Query, Ratio, Threshold, rules
from bot.meters import Ask, Point, Series, Unread

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Meter:
    """A hundred requests a minute; so many of a hundred are bad from a moment on."""

    lag = timedelta(minutes=2)

    def __init__(self) -> None:
        self.bad_since: datetime | None = None
        self.bad_until: datetime | None = None
        self.percent = 0.0
        self.worse_since: datetime | None = None
        self.worse_percent = 0.0
        self.silent_since: datetime | None = None
        self.down = ""
        self.reading: float | None = 0.342
        self.asked: list[Ask] = []

    def goes_bad(self, since: datetime, percent: float, until: datetime | None = None) -> None:
        self.bad_since, self.bad_until, self.percent = since, until, percent

    def goes_worse(self, since: datetime, percent: float) -> None:
        self.worse_since, self.worse_percent = since, percent

    def series(self, asks: Sequence[Ask]) -> list[Series | Unread]:
        self.asked += asks
        if self.down:
            return [Unread(self.down) for _ in asks]
        return [self._series(ask) for ask in asks]

    def value(self, query: Query, *, since: datetime, until: datetime) -> float | None:
        if self.down:
            raise VendorDown("New Relic", "read the counts", self.down)
        return self.reading

    def _series(self, ask: Ask) -> Series:
        assert isinstance(ask.query, NewRelicQuery)
        count = self._total if ask.query.nrql == "total" else self._bad
        found: list[Point] = []
        at = ask.since
        while at < ask.until:
            value = sum(count(at + MINUTE * minute) for minute in range(int(ask.step / MINUTE)))
            if value:
                found.append(Point(at, value))
            at += ask.step
        return tuple(found)

    def _total(self, at: datetime) -> float:
        return 0.0 if self.silent_since and at >= self.silent_since else 100.0

    def _bad(self, at: datetime) -> float:
        begun = self.bad_since is not None and at >= self.bad_since
        over = self.bad_until is not None and at >= self.bad_until
        worse = self.worse_since is not None and at >= self.worse_since
        percent = self.worse_percent if worse else self.percent
        return percent if begun and not over and self._total(at) else 0.0


def available(name: str = "lms-availability", service: str = "lms", **more: object) -> Objective:
    """99.9% of what the meter counts."""
    asked: dict[str, object] = {
        "name": name,
        "service": service,
        "title": "LMS availability",
        "environment": "production",
        "target": 0.999,
        "rules": rules(0.999),
        "indicator": Ratio(total=(NewRelicQuery(nrql="total"),), bad=(NewRelicQuery(nrql="bad"),)),
    }
    return Objective(**{**asked, **more})  # type: ignore[arg-type]


def migrating(name: str = "discovery-availability", service: str = "lms") -> Objective:
    """Half of it on EC2 and half on EKS, where alone anything goes bad."""
    sides = ("EC2 side", "EKS side")
    ratio = Ratio(
        total=tuple(NewRelicQuery(nrql="total", part=each) for each in sides),
        bad=(NewRelicQuery(nrql="bad", part="EKS side"),),
    )
    return available(name, service, title="Discovery availability", indicator=ratio)


def fast(name: str = "api-latency", service: str = "lms") -> Objective:
    """P99 under 500 ms; the meter says seconds."""
    query = NewRelicQuery(nrql="p99")
    return Objective(
        name=name,
        service=service,
        environment="production",
        indicator=Threshold(query=query, below=500, scale=1000),
    )
