"""The simulated New Relic's counts of events, over months: metrics, and transactions by duration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sandbox import history
from sandbox.core.simulation import Simulation
from sandbox.newrelic_minutes import APP, WINDOW, Unsupported, moment, seen
from sandbox.world.flows import Flow, of_app, of_cdn, of_slow
from sandbox.world.past import REACH

MOST = 366
"""Buckets of a TIMESERIES."""
DISTRIBUTION = "E0DEMOPROD"
_STEP = r"(?: TIMESERIES (?P<width>\d+) (?P<unit>minute|hour)s?)?"
_OF = rf"WHERE {APP}(?: AND transactionName LIKE '%(?P<like>[\w/-]+)%')?"
_CDN = rf"FROM Metric WHERE `aws\.cloudfront\.DistributionId` = '{DISTRIBUTION}' {WINDOW}{_STEP}"
_REQUESTS = r"sum\(`aws\.cloudfront\.Requests`\)"
_TOTAL = re.compile(
    rf"SELECT count\(apm\.service\.transaction\.duration\) FROM Metric {_OF} {WINDOW}{_STEP}"
)
_BAD = re.compile(
    rf"SELECT count\(apm\.service\.transaction\.error\.count\) FROM Metric {_OF} {WINDOW}{_STEP}"
)
_FAST = re.compile(
    rf"SELECT count\(\*\) FROM Transaction WHERE {APP}"
    rf"(?: AND duration < (?P<limit>\d+(?:\.\d+)?))? {WINDOW}{_STEP}"
)
_P99 = re.compile(
    rf"SELECT percentile\(duration, 99\) FROM Transaction WHERE {APP} {WINDOW}{_STEP}"
)
_CDN_TOTAL = re.compile(rf"SELECT {_REQUESTS} {_CDN}")
_CDN_BAD = re.compile(
    rf"SELECT average\(`aws\.cloudfront\.5xxErrorRate`\) / 100 \* {_REQUESTS} {_CDN}"
)
Value = Callable[[datetime, datetime], Any]


def rows(sim: Simulation, text: str) -> list[dict[str, Any]] | None:
    """The results of one of these queries; None for any other."""
    if match := _TOTAL.fullmatch(text) or _BAD.fullmatch(text):
        flow = of_app(match["app"], match["like"] or "")
        bad = "error.count" in text
        return _answered(match, "count", _count(sim, flow, bad=bad))
    if match := _FAST.fullmatch(text):
        return _answered(match, "count", _fast(sim, match["app"], match["limit"]))
    if match := _P99.fullmatch(text):
        return _answered(match, "percentile.duration", _percentile(sim, match["app"]))
    if match := _CDN_TOTAL.fullmatch(text):
        return _answered(match, "sum.aws.cloudfront.Requests", _count(sim, of_cdn(), bad=False))
    if match := _CDN_BAD.fullmatch(text):
        return _answered(match, "result", _count(sim, of_cdn(), bad=True))
    return None


def _count(sim: Simulation, flow: Flow, *, bad: bool) -> Value:
    def value(since: datetime, until: datetime) -> int:
        found = history.counted(sim, flow, since=since, until=seen(sim, flow.app, until))
        return found.bad if bad else found.total

    return value


def _fast(sim: Simulation, app: str, limit: str | None) -> Value:
    if limit is None:
        return _count(sim, of_app(app), bad=False)
    slow = of_slow(app, float(limit))

    def value(since: datetime, until: datetime) -> int:
        found = history.counted(sim, slow, since=since, until=seen(sim, app, until))
        return found.total - found.bad

    return value


def _percentile(sim: Simulation, app: str) -> Value:
    def value(since: datetime, until: datetime) -> dict[str, float | None]:
        return {"99": history.slowest(sim, app, since=since, until=seen(sim, app, until))}

    return value


def _answered(match: re.Match[str], key: str, value: Value) -> list[dict[str, Any]]:
    since, until = moment(match["since"]), moment(match["until"])
    if not timedelta() < until - since <= REACH:
        raise Unsupported("unsupported query: the window must be positive and at most 13 months")
    if match["width"] is None:
        return [{key: value(since, until)}]
    step = int(match["width"]) * timedelta(**{f"{match['unit']}s": 1})
    count = -((since - until) // step)
    if not 0 < count <= MOST:
        raise Unsupported(f"TIMESERIES: {count} buckets are more than the maximum of {MOST}")
    return [
        {
            "beginTimeSeconds": int(begin.timestamp()),
            "endTimeSeconds": int(end.timestamp()),
            key: value(begin, end),
        }
        for begin, end in _buckets(since, until, step)
    ]


def _buckets(
    since: datetime, until: datetime, step: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        end = min(since + step, until)
        yield since, end
        since = end
