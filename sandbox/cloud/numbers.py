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

Number = Callable[[datetime], float | None]
_SIDE = re.compile(r"targetgroup/(?P<service>[\w-]+)-(?P<side>ec2|eks)/")
_AVERAGE_OF_P95 = 0.6
"""A mean latency is well below the 95th percentile."""
_PLAIN = {
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"): "redis.memory_pct",
    ("AWS/ElastiCache", "Evictions"): "redis.evictions_per_min",
    ("AWS/RDS", "DatabaseConnections"): "rds.connections",
}
_MOST = 1440


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /aws/numbers {queries, since, until}: minutes in seconds, as the simulated AWS asks."""

    async def numbers(request: Request) -> JSONResponse:
        asked = await request.json()
        return JSONResponse({"series": [_series(sim, asked, each) for each in asked["queries"]]})

    return [Route("/aws/numbers", numbers, methods=["POST"])]


def _series(sim: Simulation, asked: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    number = _number(sim, query)
    step = timedelta(seconds=max(60, int(query["period"])))
    at = datetime.fromtimestamp(asked["since"] // 60 * 60, UTC)
    until = min(datetime.fromtimestamp(asked["until"], UTC), sim.clock.now())
    summed = query["stat"] == "Sum"
    times: list[float] = []
    values: list[float] = []
    while number is not None and at < until and len(times) < _MOST:
        # The minute that is running has a point too, of what was counted so far.
        part = min(step, until - at)
        value = number(at + part / 2)
        if value is not None:
            times.append(at.timestamp())
            values.append(round(value * (part / timedelta(minutes=1) if summed else 1), 4))
        at += step
    return {"id": query["id"], "at": times, "values": values}


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
    if namespace == "AWS/ApplicationELB" and side is not None:
        return _of_side(sim, metric, side["service"], side["side"])
    if namespace == "AWS/ApplicationELB":
        return _of_balancer(sim, metric)
    return None


def _of_firewall(sim: Simulation, metric: str) -> Number | None:
    """One rule alone ever blocks here; what is let in is what the services get."""
    if metric == "BlockedRequests":
        return lambda at: sim.world.metric("edge.blocked_per_min", at)
    if metric != "AllowedRequests":
        return None
    served = [n for n in sim.world.metric_names() if n.endswith(".requests_per_min")]
    return lambda at: sum(sim.world.metric(name, at) for name in served)


def _of_balancer(sim: Simulation, metric: str) -> Number | None:
    """Both sides of every service that it splits."""
    sides = [
        _of_side(sim, metric, service, side)
        for service in sim.world.get("traffic", {})
        for side in ("ec2", "eks")
    ]
    known = [each for each in sides if each is not None]
    if not known or metric == "TargetResponseTime":
        return None
    return lambda at: sum(each(at) or 0 for each in known)


def _of_side(sim: Simulation, metric: str, service: str, side: str) -> Number | None:
    def named(kind: str, at: datetime) -> float | None:
        known = sim.world.metric_names()
        for name in (f"{service}.{side}.{kind}", f"{service}.{kind}"):
            if name in known:
                return sim.world.metric(name, at)
        return None

    def requests(at: datetime) -> float | None:
        every = named("requests_per_min", at)
        share = float(sim.world.get(f"traffic.{service}", 100))
        part = share if side == "eks" else 100 - share
        return None if every is None or not part else every * part / 100

    def errors(at: datetime) -> float | None:
        count, percent = requests(at), named("error_pct", at)
        return None if count is None or percent is None else round(count * percent / 100) or None

    def latency(at: datetime) -> float | None:
        p95 = named("p95_ms", at)
        return None if p95 is None or requests(at) is None else p95 / 1000 * _AVERAGE_OF_P95

    known = {
        "RequestCount": requests,
        "HTTPCode_Target_5XX_Count": errors,
        "TargetResponseTime": latency,
    }
    return known.get(metric)
