"""The routes: webhooks, Slack, health and metrics."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.changes import changes
from bot.web.dashboard.routes import routes as dashboard
from bot.web.health import healthz, metrics, readyz
from bot.web.house import House
from bot.web.webhooks import pagerduty

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


async def slack_events(request: Request) -> Response:
    """Commands, interactions and events alike; Bolt checks the signature over the raw body."""
    house: House = request.app.state.house
    house.tally.slack_requests += 1
    app = house.slack
    if app is None:
        return PlainTextResponse("still starting", status_code=503)
    body = await request.body()
    answer = await app.async_dispatch(to_async_bolt_request(request, body))
    return to_starlette_response(answer)


def build(house: House, lifespan: Lifespan) -> Starlette:
    app = Starlette(
        routes=[
            Route("/webhooks/pagerduty", pagerduty, methods=["POST"]),
            Route("/webhooks/changes", changes, methods=["POST"]),
            Route("/slack/events", slack_events, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *dashboard(house),
        ],
        lifespan=lifespan,
    )
    app.state.house = house
    return app
