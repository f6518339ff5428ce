"""The world's true counts of an objective, for a test that compares the bot's numbers with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation
from sandbox.history import counted, slowest
from sandbox.world.flows import Flow, of_app, of_cdn, of_side, of_slow

LATENCY = "api-latency"
SHOWN = ("lms-availability", LATENCY, "video-delivery", "authentication", "enrollment")
"""The rows of the platform's table."""
_AVAILABILITY = "-availability"


def control(sim: Simulation) -> list[BaseRoute]:
    """GET /objectives?since&until&name: ISO times, the last 24 h without; any name of the catalog."""

    async def objectives(request: Request) -> JSONResponse:
        asked = request.query_params
        try:
            until = datetime.fromisoformat(asked.get("until") or sim.clock.now().isoformat())
            day = (until - timedelta(days=1)).isoformat()
            since = datetime.fromisoformat(asked.get("since") or day)
            names = asked.getlist("name") or SHOWN
            told = {each: _told(sim, each, since, until) for each in names}
        except (ValueError, TypeError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        window = {"since": since.isoformat(), "until": until.isoformat()}
        return JSONResponse({**window, "objectives": told})

    return [Route("/objectives", objectives, methods=["GET"])]


def _told(sim: Simulation, name: str, since: datetime, until: datetime) -> dict[str, Any]:
    if name == LATENCY:
        return {"p99": slowest(sim, "api-gateway", since=since, until=until)}
    found = counted(sim, _flow(name), since=since, until=until)
    return {"total": found.total, "bad": found.bad}


def _flow(name: str) -> Flow:
    match name:
        case "authentication":
            return of_app("identity", "login")
        case "enrollment":
            return of_app("lms", "enroll")
        case "video-delivery":
            return of_cdn()
        case "lms-speed":
            return of_slow("lms", 0.5)
        case "legacy-reports-availability":
            return of_side("reports", "ec2", 100)
        case _ if name.endswith(_AVAILABILITY):
            return of_app(name.removesuffix(_AVAILABILITY))
    raise ValueError(f"nothing counts for {name} here")
