"""The simulated New Relic's events of an application by the minute: errors, durations, classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import history
from sandbox.core.simulation import Simulation
from sandbox.world.applications import MINUTE, NORMAL, dice_of, metric, names_of, whole

LONGEST = timedelta(days=8)
WINDOW = r"SINCE (?P<since>\d{13}) UNTIL (?P<until>\d{13})"
APP = r"appName ?= ?'(?P<app>[\w-]+)'"
SERIES = r"(?P<series> TIMESERIES 1 minute)?"
ERRORS = re.compile(
    r"SELECT count\(\*\) AS total, filter\(count\(\*\), WHERE error IS true\) AS bad "
    rf"FROM Transaction WHERE {APP} {WINDOW}{SERIES}"
)
P95 = re.compile(
    rf"SELECT percentile\(duration, 95\) AS p95 FROM Transaction WHERE {APP} {WINDOW}{SERIES}"
)
CLASSES = re.compile(
    rf"SELECT count\(\*\) FROM TransactionError WHERE {APP} "
    rf"FACET error\.class, error\.message {WINDOW} LIMIT (?P<limit>\d+)"
)


class Unsupported(ValueError):
    """A query outside the catalogue; the text is what NerdGraph's errors[] carries."""


@dataclass(frozen=True, kw_only=True)
class Minute:
    """What one bucket saw; p95 in seconds, None without requests."""

    begin: datetime
    end: datetime
    total: int
    bad: int
    p95: float | None


def rows(sim: Simulation, text: str) -> list[dict[str, Any]] | None:
    """The results of one of these queries; None for any other."""
    if match := ERRORS.fullmatch(text):
        return _error_rows(_minutes(sim, match), series=bool(match["series"]))
    if match := P95.fullmatch(text):
        return _p95_rows(_minutes(sim, match), series=bool(match["series"]))
    if match := CLASSES.fullmatch(text):
        return _class_rows(sim, match)
    return None


def seen(sim: Simulation, app: str, until: datetime) -> datetime:
    """Until when New Relic heard of an application: not the future, and not after it fell silent."""
    silent = sim.newrelic.silent.get(app, sim.newrelic.silent.get("*"))
    return min([until, sim.clock.now(), *([silent] if silent else [])])


def _error_rows(minutes: list[Minute], *, series: bool) -> list[dict[str, Any]]:
    if series:
        return [_timed(m) | {"total": m.total, "bad": m.bad} for m in minutes]
    return [{"total": sum(m.total for m in minutes), "bad": sum(m.bad for m in minutes)}]


def _p95_rows(minutes: list[Minute], *, series: bool) -> list[dict[str, Any]]:
    if series:
        return [_timed(m) | {"p95": {"95": m.p95}} for m in minutes]
    seen = [(m.p95, m.total) for m in minutes if m.p95 is not None]
    weight = sum(total for _, total in seen)
    value = round(sum(p95 * total for p95, total in seen) / weight, 4) if weight else None
    return [{"p95": {"95": value}}]


def _class_rows(sim: Simulation, match: re.Match[str]) -> list[dict[str, Any]]:
    """The scenario's own error first, as far as it is above the usual noise."""
    minutes = _minutes(sim, match)
    bad, total = sum(m.bad for m in minutes), sum(m.total for m in minutes)
    usual = min(bad, round(total * NORMAL["error_pct"] / 100))
    rows: list[tuple[str, str, int]] = [("TimeoutError", "upstream timed out", usual)]
    for log in sim.world.evidence("logs"):
        if str(log.get("service", "")).removesuffix("-web") == match["app"]:
            name, _, text = str(log.get("text", "")).partition(": ")
            rows.insert(0, (name, text, bad - usual))
            break
    return [
        {"facet": [name, text], "error.class": name, "error.message": text, "count": count}
        for name, text, count in rows[: int(match["limit"])]
        if count > 0
    ]


def _timed(minute: Minute) -> dict[str, Any]:
    return {
        "beginTimeSeconds": int(minute.begin.timestamp()),
        "endTimeSeconds": int(minute.end.timestamp()),
    }


def _minutes(sim: Simulation, match: re.Match[str]) -> list[Minute]:
    """The window cut into minutes from its beginning; the future saw nothing."""
    since, until = (moment(match[key]) for key in ("since", "until"))
    if not timedelta() < until - since <= LONGEST:
        raise Unsupported("unsupported query: the window must be positive and at most 8 days")
    found: list[Minute] = []
    while since < until:
        end = min(since + MINUTE, until)
        found.append(_minute(sim, match["app"], begin=since, end=end))
        since = end
    return found


def moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _minute(sim: Simulation, app: str, *, begin: datetime, end: datetime) -> Minute:
    heard = max(begin, seen(sim, app, end))
    middle = begin + (heard - begin) / 2
    names, dice = names_of(app), dice_of(sim.world, app, begin)
    total = history.requests(sim, app, names, begin, heard)
    dice.random()
    bad = min(total, whole(total * metric(sim.world, names, "error_pct", middle) / 100, dice))
    latency = metric(sim.world, names, "p95_ms", middle) / 1000
    return Minute(
        begin=begin, end=end, total=total, bad=bad, p95=round(latency, 4) if total else None
    )
