"""What CloudWatch shows in the demo world: the world's own metrics under AWS's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.aws.fleet import BUCKETS
from sandbox.cloud.steady import STEADY
from sandbox.core.simulation import Simulation
from sandbox.history import counted
from sandbox.world import applications
from sandbox.world.applications import MINUTE, names_of
from sandbox.world.flows import Flow, of_cdn, of_side
from sandbox.world.past import NOTHING

Number = Callable[[datetime], float | None]
"""At a moment, by the minute."""
Point = Callable[[datetime, datetime], float | None]
"""Of a step, from its beginning to its end."""
_SIDE = re.compile(r"targetgroup/(?P<service>[\w-]+)-(?P<side>ec2|eks)/")
_AVERAGE_OF_P95 = 0.6
"""A mean latency is well below the 95th percentile."""
_PLAIN = {
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"): "redis.memory_pct",
    ("AWS/ElastiCache", "Evictions"): "redis.evictions_per_min",
    ("AWS/RDS", "DatabaseConnections"): "rds.connections",
}
_MOST = 100_800
_COUNTS = ("RequestCount", "HTTPCode_Target_5XX_Count")


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /aws/numbers {queries, since, until}: minutes in seconds, as the simulated AWS asks."""

    async def numbers(request: Request) -> JSONResponse:
        asked = await request.json()
        return JSONResponse({"series": [_series(sim, asked, each) for each in asked["queries"]]})

    return [Route("/aws/numbers", numbers, methods=["POST"])]


def _series(sim: Simulation, asked: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    point = _events(sim, query) or _point(sim, query)
    step = timedelta(seconds=max(60, int(query["period"])))
    at = datetime.fromtimestamp(asked["since"] // 60 * 60, UTC)
    until = min(datetime.fromtimestamp(asked["until"], UTC), sim.clock.now())
    times: list[float] = []
    values: list[float] = []
    while point is not None and at < until and len(times) < _MOST:
        # The minute that is running has a point too, of what was counted so far.
        value = point(at, min(at + step, until))
        if value is not None:
            times.append(at.timestamp())
            values.append(round(value, 6))
        at += step
    return {"id": query["id"], "at": times, "values": values}


def _point(sim: Simulation, query: Mapping[str, Any]) -> Point | None:
    """Of what has a value at any moment."""
    number, summed = _number(sim, query), query["stat"] == "Sum"
    if number is None:
        return None

    def point(begin: datetime, end: datetime) -> float | None:
        value = number(begin + (end - begin) / 2)
        return None if value is None else value * ((end - begin) / MINUTE if summed else 1)

    return point


def _events(sim: Simulation, query: Mapping[str, Any]) -> Point | None:
    """Of what is counted: as CloudWatch has it, no events have no point."""
    metric, flows = query["metric"], _flows(sim, query)
    if not flows:
        return None

    def point(begin: datetime, end: datetime) -> float | None:
        every = (counted(sim, each, since=begin, until=end) for each in flows)
        found = sum(every, NOTHING)
        if metric == "5xxErrorRate":
            return 100 * found.bad / found.total if found.total else None
        return (found.bad if metric == _COUNTS[1] else found.total) or None

    return point


def _flows(sim: Simulation, query: Mapping[str, Any]) -> list[Flow]:
    namespace, metric, of = query["namespace"], query["metric"], query["of"]
    if namespace == "AWS/CloudFront" and metric in ("Requests", "5xxErrorRate"):
        return [of_cdn()]
    if namespace != "AWS/ApplicationELB" or metric not in _COUNTS:
        return []
    side = _SIDE.search(str(of.get("TargetGroup", "")))
    if side is not None:
        return [_flow(sim, side["service"], side["side"])]
    # The balancer itself: both sides of every service that it splits.
    splits = sim.world.get("traffic", {})
    return [_flow(sim, service, each) for service in splits for each in ("ec2", "eks")]


def _flow(sim: Simulation, service: str, side: str) -> Flow:
    """A service that is not split has one side, which gets everything."""
    share = sim.world.get(f"traffic.{service}")
    if share is None:
        return of_side(service, side, 100)
    return of_side(service, side, float(share) if side == "eks" else 100 - float(share))


def _number(sim: Simulation, query: Mapping[str, Any]) -> Number | None:
    """By the minute; None for what the world knows nothing of."""
    namespace, metric, of = query["namespace"], query["metric"], query["of"]
    if plain := _PLAIN.get((namespace, metric)):
        return lambda at: sim.world.metric(plain, at)
    if (namespace, metric) in STEADY and of.get("BucketName", BUCKETS[0]) in BUCKETS:
        return lambda _at: STEADY[namespace, metric]
    if namespace == "AWS/WAFV2":
        return _of_firewall(sim, metric)
    side = _SIDE.search(str(of.get("TargetGroup", "")))
    if metric == "TargetResponseTime" and side is not None:
        return _latency(sim, side["service"], side["side"])
    return None


def _of_firewall(sim: Simulation, metric: str) -> Number | None:
    """One rule alone ever blocks here; what is let in is what the services get."""
    if metric == "BlockedRequests":
        return lambda at: sim.world.metric("edge.blocked_per_min", at)
    if metric != "AllowedRequests":
        return None
    served = [n for n in sim.world.metric_names() if n.endswith(".requests_per_min")]
    return lambda at: sum(sim.world.metric(name, at) for name in served)


def _latency(sim: Simulation, service: str, side: str) -> Number | None:
    names = (f"{service}.{side}", *names_of(service))
    if (
        _flow(sim, service, side).share == 0
        or applications.named(sim.world, names, "p95_ms") is None
    ):
        return None
    return lambda at: applications.metric(sim.world, names, "p95_ms", at) / 1000 * _AVERAGE_OF_P95
