"""The door of the simulated Argo CD: token, rights, and errors as its gateway writes them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.argocd.state import App, ArgoState
from sandbox.core.simulation import Simulation


class Code(IntEnum):
    """gRPC codes, which the body carries; the HTTP status follows from them."""

    UNKNOWN = 2
    INVALID = 3
    NOT_FOUND = 5
    DENIED = 7
    PRECONDITION = 9
    UNAUTHENTICATED = 16


STATUS = {
    Code.UNKNOWN: 500,
    Code.INVALID: 400,
    Code.NOT_FOUND: 404,
    Code.DENIED: 403,
    Code.PRECONDITION: 400,
    Code.UNAUTHENTICATED: 401,
}


class ArgoError(Exception):
    """A refusal with its gRPC code and Argo CD's own words."""

    def __init__(self, code: Code, message: str):
        super().__init__(message)
        self.code = code

    def response(self) -> JSONResponse:
        body = {"error": str(self), "code": int(self.code), "message": str(self)}
        return JSONResponse(body, status_code=STATUS[self.code])


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated request."""

    sim: Simulation
    request: Request
    body: dict[str, Any]

    @property
    def state(self) -> ArgoState:
        state: ArgoState = self.sim.argocd
        return state

    def asked(self, name: str) -> str:
        """A parameter from the body or the query."""
        return str(self.body.get(name) or self.request.query_params.get(name) or "")

    def app(self, action: str = "get") -> App:
        """The named application, if the caller may do this with it.

        Without a project a missing application looks like a forbidden one.
        """
        name, project = self.request.path_params["name"], self.asked("project")
        space = self.asked("appNamespace") or "argocd"
        found = self.state.apps.get(name)
        if found is not None and found.namespace != space:
            found = None
        if found is None or (project and found.project != project):
            if project:
                raise ArgoError(Code.NOT_FOUND, f'applications.argoproj.io "{name}" not found')
            raise ArgoError(Code.DENIED, "permission denied")
        if "get" in self.state.denied:
            raise ArgoError(Code.DENIED, "permission denied")
        self.may(action, found)
        return found

    def may(self, action: str, app: App) -> None:
        if action in self.state.denied:
            text = f"permission denied: applications, {action}, {app.project}/{app.name}"
            raise ArgoError(Code.DENIED, f"{text}, sub: {self.state.account}")


Endpoint = Callable[[Call], Awaitable[Response]]


def route(sim: Simulation, path: str, name: str, *, method: str, endpoint: Endpoint) -> Route:
    """Wraps an endpoint with authentication and error bodies."""

    async def answer(request: Request) -> Response:
        try:
            _let_in(sim, request)
            return await endpoint(Call(sim=sim, request=request, body=await _body(request)))
        except ArgoError as error:
            return error.response()

    return Route(path, answer, methods=[method], name=name)


def _let_in(sim: Simulation, request: Request) -> None:
    if request.url.path.endswith("/api/version"):
        return
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        raise ArgoError(Code.UNAUTHENTICATED, "no session information")
    if kind != "Bearer" or token != sim.settings.argocd_token:
        text = "invalid session: token contains an invalid number of segments"
        raise ArgoError(Code.UNAUTHENTICATED, text)


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ArgoError(Code.INVALID, str(error)) from None
    if not isinstance(body, dict):
        raise ArgoError(Code.INVALID, "json: cannot unmarshal into Go value")
    return body


def stamp(at: datetime) -> str:
    """Kubernetes' spelling of a time."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
