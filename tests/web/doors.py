"""A bot that is only its doors: the real timeline behind the dashboard, and figures made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.domain.catalog import Catalog, Journey
from bot.domain.events import Declared, SeveritySet, Visibility
from bot.domain.severity import Severity
from bot.domain.slo import (
    Bucket,
    Counts,
    Figures,
    NewRelicQuery,
    Objective,
    Ratio,
    Read,
    Threshold,
    reckon,
)
from bot.domain.slo.sides import series
from bot.tools import Tools
from bot.web.app import build
from bot.web.house import Tally
from bot.web.porch import Porch
from tests.doubles.house import House
from tests.doubles.people import ANA, CATALOG
from tests.timeline.ledgers import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
COUNT = NewRelicQuery(nrql="SELECT count(*) FROM Transaction")


@dataclass
class Measured:
    """Samples in memory; `hours` and `known` are what a test put there."""

    hours: dict[str, list[Bucket]] = field(default_factory=dict)
    known: dict[str, Figures] = field(default_factory=dict)
    minutes: dict[str, list[Bucket]] = field(default_factory=dict)

    def figures(self) -> Mapping[str, Figures]:
        return self.known

    def read(self, objective: str, *, since: datetime, minutes_since: datetime) -> Read:
        return Read(
            hours=[each for each in self.hours.get(objective, []) if each.at >= since],
            minutes=[each for each in self.minutes.get(objective, []) if each.at >= minutes_since],
        )

    def follow(self, objective: str, definition: str) -> None: ...
    def keep(self, objective: str, read: Read) -> None: ...
    def failed(self, objective: str, why: str) -> None: ...
    def reckoned(self, objective: str, numbers: Figures) -> None: ...
    def purge(self, *, minutes_before: datetime, hours_before: datetime) -> int:
        del minutes_before, hours_before
        return 0


@dataclass
class Doors:
    """`tools` is None while the bot starts."""

    tools: Tools | None
    dashboard: bool = True
    members_only: bool = False
    porch: Porch | None = None
    api_tokens: Sequence[str] = ()
    webhook_secrets: Sequence[str] = ()
    change_secrets: Sequence[str] = ()
    changes: None = None
    inbox: None = None
    slack: None = None
    catalog: Catalog = CATALOG
    tally: Tally = field(default_factory=Tally)

    def status(self) -> None:
        return None

    def unready(self) -> list[str]:
        return [] if self.tools else ["opening the database"]

    def warnings(self) -> list[str]:
        return []

    def vendors(self) -> list[Any]:
        return []

    def slack_calls(self) -> dict[str, tuple[int, int]]:
        return {}

    def app_info(self) -> dict[str, Any]:
        return {}

    def app(self) -> Starlette:
        return build(self, None)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Reader:
    """Somebody with a browser that runs nothing."""

    app: Starlette

    def get(self, path: str, **headers: str | bytes) -> httpx.Response:
        return asyncio.run(self._got(path, headers))

    async def _got(self, path: str, headers: Mapping[str, Any]) -> httpx.Response:
        door = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=door, base_url="http://tocsin.example") as client:
            return await client.get(path, headers=headers)


def ratio(name: str, title: str, target: float, *, service: str = "") -> Objective:
    return Objective(
        name=name,
        service=service or name,
        title=title,
        target=target,
        indicator=Ratio(total=(COUNT,), bad=(COUNT,)),
    )


LMS = ratio("lms-availability", "LMS availability", 0.999)
LATENCY = Objective(
    name="api-latency",
    service="api-latency",
    title="API latency P99",
    indicator=Threshold(query=COUNT, below=500),
)
VIDEO = ratio("video-delivery", "Video delivery", 0.9995)
AUTH = ratio("authentication", "Authentication", 0.9999)
ENROLLMENT = ratio("enrollment", "Course enrollment", 0.999)
FORUMS = ratio("forums-availability", "Forums availability", 0.99, service="forums")
FIVE = (LMS, LATENCY, VIDEO, AUTH, ENROLLMENT)
MEMBERS = {
    "lms-availability": ("lms",),
    "api-latency": ("lms",),
    "video-delivery": ("lms",),
    "authentication": ("auth",),
    "enrollment": ("lms",),
}
PLATFORM = replace(
    CATALOG,
    journeys=tuple(Journey(name=name, members=members) for name, members in MEMBERS.items()),
    objectives=(FORUMS, *FIVE),
)


def figures(**more: Any) -> Figures:
    asked: dict[str, Any] = {"until": NOON - timedelta(minutes=2), "source": "CloudWatch"}
    return Figures(**{**asked, **more})


def month(objective: Objective, left: float, *, now: datetime = NOON) -> list[Bucket]:
    """Sixty days of hours, with bad ones in places; the last thirty leave exactly `left`."""
    target = objective.target or 0.0
    start = now - 60 * DAY
    hours = range(60 * 24)
    per_hour, spikes = 10_000.0, {40: 6.0, 300: 3.0, 800: 9.0, 1000: 4.0, 1240: 14.0, 1400: 2.0}
    weights = [0.12 + sum(w for at, w in spikes.items() if 0 <= n - at < 5) for n in hours]
    allowed = (1 - target) * per_hour * 30 * 24
    share = (1 - left) * allowed / sum(weights[30 * 24 :])
    return [
        Bucket(at=start + n * HOUR, step=HOUR, counts=Counts(per_hour, weights[n] * share))
        for n in hours
    ]


def of_month(objective: Objective, left: float, current: Counts) -> tuple[list[Bucket], Figures]:
    """What the sampler would have kept: the hours, and the row of the table that follows."""
    hours = month(objective, left)
    made = reckon(objective, Read(hours=hours, until=NOON, source="CloudWatch"))
    return hours, replace(made, current=current)


def measured() -> Measured:
    """The platform's table: every cell of it is in `platform.md`."""
    kept = Measured()
    for objective, left, bad in (
        (LMS, 0.72, 600),
        (VIDEO, 0.84, 300),
        (AUTH, 0.95, 50),
        (ENROLLMENT, 0.43, 1300),
        (FORUMS, -0.12, 20_000),
    ):
        hours, row = of_month(objective, left, Counts(1_000_000, bad))
        kept.hours[objective.name], kept.known[objective.name] = hours, row
    kept.known[LATENCY.name] = figures(reading=342.0, source="New Relic")
    return kept


def migrating(kept: Measured, objective: Objective = FORUMS, *, minutes: int = 360) -> Objective:
    """The same in two sides: EC2 answers well nine times as much as EKS, which fails once in ten."""
    sides = ("EC2 side", "EKS side")
    queries = tuple(NewRelicQuery(nrql="SELECT count(*) FROM T", part=each) for each in sides)
    for name, counts in zip(sides, (Counts(90, 0), Counts(10, 1)), strict=True):
        kept.minutes[series(objective.name, name)] = [
            Bucket(at=NOON - n * MINUTE, step=MINUTE, counts=counts) for n in range(minutes, 0, -1)
        ]
    return replace(objective, indicator=Ratio(total=queries, bad=queries))


def tools_of(house: House, *, samples: Measured | None = None) -> Tools:
    return replace(house.tools, catalog=PLATFORM, samples=samples or measured())


def declare(house: House, incident: str, title: str, **more: Any) -> None:
    """An incident of the LMS that somebody declared."""
    severity = more.pop("severity", Severity.SEV2)
    asked = {"channel_name": f"inc-{incident}", "service": "lms", "by": ANA, **more}
    with house.store.desk() as desk:
        desk.declare(incident).record(Declared(title=title, **asked))
    house.record(incident, SeveritySet(severity=severity, by=ANA, reason=""))


PRIVATE = Visibility.PRIVATE
