"""New Relic as the bot's metrics: requests and errors by the minute, from NRQL over NerdGraph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.domain.mitigation import Measure
from bot.integrations.http import VendorHealth
from bot.integrations.newrelic_nerdgraph import VENDOR, NerdGraph, millis, quoted
from bot.tools import Clock, Gate

MINUTE = timedelta(minutes=1)
LAG = timedelta(seconds=30)
"""What is younger has not all arrived yet."""
_USUAL = timedelta(hours=1)
_USUAL_ENDS = timedelta(minutes=15)
_SILENCE = 3
"""So many empty minutes at the end, after minutes with traffic, are a silence."""
_BAD = 0.05
_DOING = "read the error rate"
_COUNTS = "SELECT count(*) AS total, filter(count(*), WHERE error IS true) AS bad FROM Transaction"


@dataclass(frozen=True, kw_only=True)
class Minute:
    """One minute of an application."""

    at: datetime
    total: int
    bad: int

    @property
    def ratio(self) -> float:
        return self.bad / self.total if self.total else 0.0


class NewRelic:
    """Reads only. `app` is the name of an APM application."""

    def __init__(
        self, url: str, key: str, *, account: int, clock: Clock, gate: Gate | None = None
    ) -> None:
        self.graph = NerdGraph(url, key, account=account, gate=gate)
        self._clock = clock

    @property
    def health(self) -> VendorHealth:
        return self.graph.health

    def close(self) -> None:
        self.graph.close()

    def measure(self, app: str, *, since: datetime, until: datetime) -> Measure:
        """Over whole minutes only; says blind when the application fell silent."""
        end = min(_floor(until), self._complete())
        start = min(_floor(since), end - MINUTE)
        # A little before the window shows whether no traffic is unusual.
        minutes = self._minutes(app, start - 10 * MINUTE, end)
        if not any(each.total for each in minutes):
            minutes = self._minutes(app, end - _USUAL, end)
        window = [each for each in minutes if start <= each.at < end]
        if silent := _silent_since(minutes):
            return Measure(
                source=VENDOR, at=end, blind=f"{VENDOR} silent since {silent:%H:%M} UTC"
            )
        total, bad = sum(each.total for each in window), sum(each.bad for each in window)
        ratio = bad / total if total else None
        rate = total / len(window) if window else None
        return Measure(source=VENDOR, at=end, error_ratio=ratio, requests=total, per_minute=rate)

    def normal(self, app: str, *, before: datetime) -> Measure:
        end = min(_floor(before - _USUAL_ENDS), self._complete())
        found = self.graph.results(
            _DOING,
            f"{_COUNTS} WHERE appName = {quoted(app)}"
            f" SINCE {millis(end - _USUAL)} UNTIL {millis(end)}",
        )
        total, bad = (int((found[0] if found else {}).get(part) or 0) for part in ("total", "bad"))
        if not total:
            return Measure(source=VENDOR, at=end, blind=f"{VENDOR} has no requests of {app} then")
        rate = total / (_USUAL / MINUTE)
        return Measure(
            source=VENDOR, at=end, error_ratio=bad / total, requests=total, per_minute=rate
        )

    def first_bad_minute(self, app: str, *, since: datetime, until: datetime) -> datetime | None:
        """The first of at least two bad minutes; bad is over twice the usual and over 5 %."""
        minutes = self._minutes(app, _floor(since), min(_floor(until), self._complete()))
        quiet = sorted(each.ratio for each in minutes if each.total)
        if not quiet:
            return None
        limit = max(_BAD, 2 * quiet[len(quiet) // 4])
        for one, following in pairwise(minutes):
            if one.ratio > limit and following.ratio > limit:
                return one.at
        return None

    def sparkline(self, app: str, *, since: datetime, until: datetime) -> tuple[float, ...]:
        """The error ratio of each whole minute."""
        minutes = self._minutes(app, _floor(since), min(_floor(until), self._complete()))
        return tuple(each.ratio for each in minutes)

    def top_errors(self, app: str, *, since: datetime, until: datetime) -> tuple[str, ...]:
        found = self.graph.results(
            _DOING,
            "SELECT count(*) FROM TransactionError"
            f" WHERE appName = {quoted(app)} FACET error.class, error.message"
            f" SINCE {millis(since)} UNTIL {millis(until)} LIMIT 5",
        )
        return tuple(
            f"{each.get('error.class')}: {each.get('error.message')} ({each.get('count')}×)"
            for each in found
        )

    def _minutes(self, app: str, since: datetime, until: datetime) -> list[Minute]:
        if until <= since:
            return []
        found = self.graph.results(
            _DOING,
            f"{_COUNTS} WHERE appName = {quoted(app)}"
            f" SINCE {millis(since)} UNTIL {millis(until)} TIMESERIES 1 minute",
        )
        return [_minute(each) for each in found]

    def _complete(self) -> datetime:
        """The end of the last minute that is over and has arrived."""
        return _floor(self._clock.now() - LAG)


def _silent_since(minutes: list[Minute]) -> datetime | None:
    """Since when nothing came, if something did come before."""
    with_traffic = [each for each in minutes if each.total]
    if not with_traffic or len(minutes) - 1 - minutes.index(with_traffic[-1]) < _SILENCE:
        return None
    # Two or three requests a minute leave gaps by themselves; a busy application does not.
    if sum(each.total for each in with_traffic) / len(with_traffic) < 5:
        return None
    return with_traffic[-1].at + MINUTE


def _minute(found: Mapping[str, Any]) -> Minute:
    return Minute(
        at=datetime.fromtimestamp(int(found["beginTimeSeconds"]), UTC),
        total=int(found.get("total") or 0),
        bad=int(found.get("bad") or 0),
    )


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
