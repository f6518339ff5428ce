"""The door of the simulated GitHub: who calls, how often, and what an error looks like."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.simulation import Simulation
from sandbox.github.state import GitHubState, Place

HOURLY = 5000
WRITES_A_MINUTE = 80
DOCS = "https://docs.github.com/rest"


class GitHubError(Exception):
    """An answer other than success; `status` and GitHub's body."""

    def __init__(self, status: int, message: str, *errors: dict[str, Any]):
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "documentation_url": DOCS}
        if errors:
            self.body["errors"] = list(errors)
        self.body["status"] = str(status)
        self.headers: dict[str, str] = {}


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> GitHubError:
    """The 422 of a field that GitHub does not accept."""
    error = {"resource": resource, "field": field, "code": code}
    return GitHubError(
        422, "Validation GitHubError", error | ({"message": message} if message else {})
    )


NOT_FOUND = (404, "Not Found")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated request, with what most endpoints look at first."""

    sim: Simulation
    request: Request
    body: dict[str, Any]

    @property
    def state(self) -> GitHubState:
        state: GitHubState = self.sim.github
        return state

    @property
    def now(self) -> datetime:
        return self.sim.clock.now()

    @property
    def place(self) -> Place:
        path = self.request.path_params
        found = self.state.places.get(f"{path['owner']}/{path['repo']}")
        if found is None:
            raise GitHubError(*NOT_FOUND)
        return found

    def need(self, resource: str, field: str) -> str:
        """A body field that must be there as text."""
        value = self.body.get(field)
        if not isinstance(value, str) or not value.strip():
            raise invalid(resource, field, "missing_field")
        return value

    def asked(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def page(self, rows: list[Any]) -> list[Any]:
        """The asked page of a list."""
        size, number = self.asked("per_page", "30"), self.asked("page", "1")
        if not (size.isdigit() and number.isdigit()):
            return rows[:30]
        count = min(max(int(size), 1), 100)
        first = (max(int(number), 1) - 1) * count
        return rows[first : first + count]


Endpoint = Callable[[Call], Awaitable[Response]]


def route(sim: Simulation, path: str, name: str, *, method: str, endpoint: Endpoint) -> Route:
    """Wraps an endpoint with authentication, limits and error bodies."""

    async def answer(request: Request) -> Response:
        try:
            _let_in(sim, request)
            response = await endpoint(Call(sim=sim, request=request, body=await _body(request)))
        except GitHubError as failed:
            response = JSONResponse(failed.body, status_code=failed.status, headers=failed.headers)
        response.headers.update(_limits(sim))
        return response

    return Route(path, answer, methods=[method], name=name)


def _let_in(sim: Simulation, request: Request) -> None:
    state: GitHubState = sim.github
    state.requests += 1
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        raise GitHubError(401, "Requires authentication")
    if kind.lower() not in {"bearer", "token"} or token.strip() != sim.settings.github_token:
        raise GitHubError(401, "Bad credentials")
    if state.requests > HOURLY:
        raise GitHubError(403, "API rate limit exceeded for user.")
    if request.method in {"POST", "PUT", "PATCH"}:
        _count_write(sim, state)


def _count_write(sim: Simulation, state: GitHubState) -> None:
    now = sim.clock.now()
    state.writes = [at for at in state.writes if now - at < timedelta(minutes=1)]
    if sim.settings.strict and len(state.writes) >= WRITES_A_MINUTE:
        failed = GitHubError(403, "You have exceeded a secondary rate limit.")
        failed.headers["retry-after"] = "60"
        raise failed
    state.writes.append(now)


def _limits(sim: Simulation) -> dict[str, str]:
    used = min(sim.github.requests, HOURLY)
    return {
        "x-ratelimit-limit": str(HOURLY),
        "x-ratelimit-remaining": str(HOURLY - used),
        "x-ratelimit-used": str(used),
        "x-ratelimit-reset": str(int((sim.clock.now() + timedelta(hours=1)).timestamp())),
        "x-ratelimit-resource": "core",
        "x-github-api-version-selected": "2022-11-28",
    }


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise GitHubError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise GitHubError(400, "Body should be a JSON object")
    return body


def stamp(at: datetime) -> str:
    """GitHub's spelling of a time."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
