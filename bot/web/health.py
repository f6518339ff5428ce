"""What the bot says of itself: alive, ready, and in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.web.house import House

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


async def healthz(_request: Request) -> Response:
    """The process answers; nothing more is promised."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """503 with the reasons while it cannot do its work; warnings never make it unready."""
    house: House = request.app.state.house
    unready = house.unready()
    body = {
        "ready": not unready,
        "not_ready": unready,
        "warnings": house.warnings(),
        **house.app_info(),
    }
    return JSONResponse(body, status_code=503 if unready else 200)


async def metrics(request: Request) -> Response:
    house: House = request.app.state.house
    registry = CollectorRegistry()
    registry.register(_Numbers(house))
    return Response(generate_latest(registry), media_type=_TEXT)


class _Numbers(Collector):
    """Reads the house at the moment it is asked: nothing is counted twice."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        doors = CounterMetricFamily(
            "tocsin_inputs", "What came to the doors, by outcome", labels=["outcome"]
        )
        tally = asdict(self._house.tally)
        tally.pop("problems")
        for outcome, count in tally.items():
            doors.add_metric([outcome], count)
        yield doors
        yield from self._engine()
        yield from self._vendors()

    def _engine(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("tocsin_ready", "1 when it can do its work")
        ready.add_metric([], 0 if self._house.unready() else 1)
        yield ready
        status = self._house.status()
        if status is None:
            return
        owed = GaugeMetricFamily("tocsin_owed", "Work by state", labels=["state"])
        owed.add_metric(["due"], status.due)
        owed.add_metric(["running"], status.running)
        owed.add_metric(["later"], status.later)
        owed.add_metric(["parked"], len(status.parked))
        owed.add_metric(["unanswered"], len(status.unanswered))
        owed.add_metric(["unreadable"], status.unreadable)
        yield owed
        lag = GaugeMetricFamily("tocsin_lag_seconds", "How long the oldest due work has waited")
        lag.add_metric([], status.lag.total_seconds())
        yield lag

    def _vendors(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "tocsin_vendor_calls", "Calls by vendor and outcome", labels=["vendor", "outcome"]
        )
        for reading in self._house.vendors():
            calls.add_metric([reading.vendor, "ok"], reading.ok)
            calls.add_metric([reading.vendor, "failed"], reading.failed)
        yield calls
        slack = CounterMetricFamily(
            "tocsin_slack_calls", "Slack Web API calls", labels=["method", "outcome"]
        )
        for method, (made, failed) in self._house.slack_calls().items():
            slack.add_metric([method, "made"], made)
            slack.add_metric([method, "failed"], failed)
        yield slack
