"""The door of PagerDuty's REST API: the token, who is asking, errors and pages."""

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.simulation import Simulation
from sandbox.pagerduty.state import Incident, PagerDutyState, User

PER_MINUTE = 960
DEFAULT_LIMIT = 25
HIGHEST_LIMIT = 100
DEEPEST = 10_000


class Wrong(Exception):
    """A refusal, answered with PagerDuty's status, code and words."""

    def __init__(self, status: int, code: int, message: str, errors: Sequence[str] = ()):
        super().__init__(message)
        self.status = status
        error: dict[str, Any] = {"message": message, "code": code}
        if errors:
            error["errors"] = list(errors)
        self.body = {"error": error}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated call."""

    sim: Simulation
    request: Request
    body: Any

    @property
    def state(self) -> PagerDutyState:
        state: PagerDutyState = self.sim.pagerduty
        return state

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def word(self, name: str, default: str = "") -> str:
        return str(self.request.query_params.get(name, default))

    def words(self, name: str) -> list[str]:
        """A list parameter, with or without the brackets."""
        query = self.request.query_params
        return [*query.getlist(f"{name}[]"), *query.getlist(name)]

    def wrapped(self, name: str) -> dict[str, Any]:
        """The body's one object; PagerDuty insists on its wrapper."""
        found = self.body.get(name) if isinstance(self.body, dict) else None
        if not isinstance(found, dict):
            raise invalid(f"{name.capitalize()} must be an object")
        return found

    def requester(self) -> User:
        """Who acts: the From header must be the e-mail of a user of the account."""
        email = self.request.headers.get("from", "").strip().lower()
        if not email:
            raise Wrong(400, 2001, "Invalid Input Provided", ["From header is required"])
        for user in self.state.users.values():
            if user.email == email:
                return user
        raise Wrong(400, 1008, "Requester User Not Found", ["Requester User Not Found"])

    def incident(self) -> Incident:
        """By id or by number, as PagerDuty takes both."""
        wanted = self.path("id")
        for incident in self.state.incidents.values():
            if wanted in (incident.id, str(incident.number)):
                return incident
        raise not_found()


Endpoint = Callable[[Call], Any]


def invalid(*errors: str) -> Wrong:
    return Wrong(400, 2001, "Invalid Input Provided", errors)


def not_found() -> Wrong:
    return Wrong(404, 2100, "Not Found")


def route(sim: Simulation, verb_path: str, endpoint: Endpoint, name: str) -> Route:
    """A route like "PUT /incidents/{id}" to a function that returns JSON, or (JSON, status)."""
    verb, path = verb_path.split(" ")

    async def answer(request: Request) -> Response:
        headers = _limits(sim)
        try:
            call = Call(sim=sim, request=request, body=await _checked_body(sim, request))
            made = endpoint(call)
        except Wrong as wrong:
            return JSONResponse(wrong.body, wrong.status, headers)
        body, status = made if isinstance(made, tuple) else (made, 200)
        if body is None:
            return Response(status_code=status, headers=headers)
        return JSONResponse(body, status, headers)

    answered: Callable[[Request], Awaitable[Response]] = answer
    return Route(path, answered, methods=[verb], name=name)


def page(
    call: Call, name: str, items: Sequence[Any], shape: Callable[[Any], Any]
) -> dict[str, Any]:
    """Classic pagination: offset, limit, more; a total only when asked for."""
    limit, offset = _number(call, "limit", DEFAULT_LIMIT), _number(call, "offset", 0)
    limit = min(limit, HIGHEST_LIMIT)
    if offset + limit > DEEPEST:
        raise invalid("Offset plus limit must not be greater than 10000")
    shown = items[offset : offset + limit]
    return {
        name: [shape(each) for each in shown],
        "limit": limit,
        "offset": offset,
        "total": len(items) if call.word("total") == "true" else None,
        "more": offset + limit < len(items),
    }


def _number(call: Call, name: str, default: int) -> int:
    given = call.word(name)
    if not given:
        return default
    if not given.isdigit():
        raise invalid(f"{name.capitalize()} must be a number")
    return int(given)


async def _checked_body(sim: Simulation, request: Request) -> Any:
    allowed = {
        f"Token token={sim.settings.pagerduty_token}",
        f"Bearer {sim.settings.pagerduty_token}",
    }
    if request.headers.get("authorization") not in allowed:
        raise Wrong(401, 2006, "Unauthorized", ["Invalid or missing credentials"])
    if sim.settings.strict and len(sim.pagerduty.calls) > PER_MINUTE:
        raise Wrong(429, 2020, "Rate Limit Exceeded")
    raw = await request.body()
    if not raw:
        return {}
    try:
        return json.loads(raw)
    except ValueError:
        raise invalid("The request body is not valid JSON") from None


def _limits(sim: Simulation) -> dict[str, str]:
    calls, now = sim.pagerduty.calls, time.time()
    while calls and calls[0] < now - 60:
        calls.pop(0)
    calls.append(now)
    reset = 60 - (now - calls[0])
    return {
        "ratelimit-limit": str(PER_MINUTE),
        "ratelimit-remaining": str(max(0, PER_MINUTE - len(calls))),
        "ratelimit-reset": str(int(reset)),
    }
