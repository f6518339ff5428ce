"""The door of the simulated Jira: Basic authentication and its error bodies."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.simulation import Simulation
from sandbox.jira.state import JiraState, Ticket


class JiraError(Exception):
    """A refusal with Jira's body: messages, and errors by field."""

    def __init__(self, status: int, *messages: str, **errors: str):
        super().__init__(", ".join(messages) or str(errors))
        body = {"errorMessages": list(messages), "errors": errors}
        self.response = JSONResponse(body, status_code=status)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated request."""

    sim: Simulation
    request: Request
    body: dict[str, Any]

    @property
    def state(self) -> JiraState:
        state: JiraState = self.sim.jira
        return state

    @property
    def ticket(self) -> Ticket:
        found = self.state.tickets.get(self.request.path_params["key"])
        if found is None:
            text = "Issue does not exist or you do not have permission to see it."
            raise JiraError(404, text)
        return found

    def changed(self, ticket: Ticket) -> None:
        ticket.updated = self.sim.clock.now()
        self.sim.changes.publish("jira", {"key": ticket.key, "status": ticket.status})


Endpoint = Callable[[Call], Awaitable[Response]]


def route(sim: Simulation, path: str, name: str, *, method: str, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        try:
            _let_in(sim, request)
            return await endpoint(Call(sim=sim, request=request, body=await _body(request)))
        except JiraError as error:
            return error.response

    return Route(path, answer, methods=[method], name=name)


def _let_in(sim: Simulation, request: Request) -> None:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        who = base64.b64decode(given, validate=True).decode() if kind == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        who = ""
    if who != f"{sim.settings.jira_email}:{sim.settings.jira_token}":
        text = "Client must be authenticated to access this resource."
        raise JiraError(401, text)


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise JiraError(400, "There was an error parsing JSON.") from None
    return body if isinstance(body, dict) else {}
