"""The door of the simulated status page: key, one request a second, error bodies."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.simulation import Simulation
from sandbox.statuspage.state import Incident, StatuspageState

WINDOW = timedelta(seconds=60)


class PageError(Exception):
    """An answer other than success, with Statuspage's body."""

    def __init__(self, status: int, *errors: str):
        super().__init__(", ".join(errors))
        shown: Any = list(errors) if status == 422 else errors[0]
        self.response = JSONResponse({"error": shown}, status_code=status)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated request."""

    sim: Simulation
    request: Request
    body: dict[str, Any]

    @property
    def state(self) -> StatuspageState:
        state: StatuspageState = self.sim.statuspage
        return state

    def part(self, name: str) -> dict[str, Any]:
        found = self.body.get(name)
        if not isinstance(found, dict):
            raise PageError(400, f"{name} is missing")
        return found

    @property
    def incident(self) -> Incident:
        found = self.state.incidents.get(self.request.path_params["incident"])
        if found is None:
            raise PageError(404, "Not found")
        return found


Endpoint = Callable[[Call], Awaitable[Response]]


def route(sim: Simulation, path: str, name: str, *, method: str, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        try:
            _let_in(sim, request)
            return await endpoint(Call(sim=sim, request=request, body=await _body(request)))
        except PageError as error:
            return error.response

    return Route(path, answer, methods=[method], name=name)


def _let_in(sim: Simulation, request: Request) -> None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind != "OAuth" or key != sim.settings.statuspage_key:
        raise PageError(401, "Could not authenticate")
    if request.path_params["page"] != sim.settings.statuspage_page:
        raise PageError(404, "Not found")
    state, now = sim.statuspage, sim.clock.now()
    state.calls = [at for at in state.calls if now - at < WINDOW]
    if sim.settings.strict and len(state.calls) >= WINDOW.total_seconds():
        raise PageError(420, "Rate limit exceeded: 1 request per second over 60 seconds")
    state.calls.append(now)


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise PageError(400, "The body is not JSON") from None
    return body if isinstance(body, dict) else {}
