"""Change tracking of the simulated New Relic: what was marked, and the NRQL that reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation

QUERY = re.compile(
    r"FROM ChangeTrackingEvent, Deployment SELECT \* WHERE entity\.name IN \((?P<apps>'[^)]*')\) "
    r"SINCE (?P<since>\d{13}) UNTIL (?P<until>\d{13}) LIMIT (?P<limit>\d{1,4})"
)
MOST = 5000


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A change that somebody marked; `said` are its attributes, as NRQL names them."""

    id: str
    app: str
    at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """An old deployment marker has another id than a change tracking event."""
        key = "changeTrackingId" if "category" in self.said else "deploymentId"
        return {
            "timestamp": int(self.at.timestamp() * 1000),
            "entity.name": self.app,
            key: self.id,
            **self.said,
        }


def mark(sim: Simulation, app: str, said: Mapping[str, Any], at: datetime | None = None) -> Marker:
    """Now, unless it says when."""
    number = sim.serial("newrelic change")
    made = Marker(id=f"8f2c1d5e-{number:012d}", app=app, at=at or sim.clock.now(), said=dict(said))
    sim.newrelic.markers.append(made)
    return made


def rows(sim: Simulation, text: str) -> list[dict[str, Any]] | None:
    """Newest first; None for another query."""
    match = QUERY.fullmatch(text)
    if match is None:
        return None
    apps = {each.strip().strip("'") for each in match["apps"].split(",")}
    since, until = (datetime.fromtimestamp(int(match[k]) / 1000, UTC) for k in ("since", "until"))
    found = [
        each for each in sim.newrelic.markers if each.app in apps and since <= each.at < until
    ]
    found.sort(key=lambda each: each.at, reverse=True)
    return [each.row() for each in found[: min(MOST, int(match["limit"]))]]


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /newrelic/change {app, at?, and attributes by any name}."""

    async def change(request: Request) -> JSONResponse:
        said = dict(await request.json())
        app, at = said.pop("app", ""), said.pop("at", None)
        if not app:
            return JSONResponse({"error": "`app` is required"}, 400)
        made = mark(sim, str(app), said, datetime.fromisoformat(at) if at else None)
        return JSONResponse(made.row())

    return [Route("/newrelic/change", change, methods=["POST"])]
