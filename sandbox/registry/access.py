"""The door of the simulated registry: challenges, tokens by scope, and errors in its own form."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.core.simulation import Simulation
from sandbox.registry.state import HOST, RegistryState, Token

VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
LASTS = timedelta(minutes=5)
SCOPE = re.compile(r"repository:(?P<name>[a-z0-9][a-z0-9._/-]*):(?P<actions>[a-z,*]+)")


class RegistryError(Exception):
    """A refusal with the code that the distribution API gives it."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ):
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}

    def response(self, *, body: bool) -> Response:
        """An answer to HEAD says nothing but its status and its headers."""
        headers = {**VERSION, **self.headers}
        if not body:
            return Response(status_code=self.status, headers=headers)
        error: dict[str, Any] = {"code": self.code, "message": str(self), "detail": None}
        return JSONResponse({"errors": [error]}, self.status, headers)


def let_in(sim: Simulation, request: Request, name: str = "") -> None:
    """Without a name it is enough to be somebody."""
    state: RegistryState = sim.registry
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if state.auth == "none":
        return
    if state.auth == "basic":
        # As ECR does it: no token service, the password itself each time.
        if kind != "Basic" or not known(sim, given):
            realm = f'Basic realm="{sim.settings.url}/registry/",service="ecr.amazonaws.com"'
            raise _unauthorized(realm)
    else:
        _bearer(sim, kind, given, name)
    if name in state.denied:
        raise RegistryError(403, "DENIED", "requested access to the resource is denied")


def _bearer(sim: Simulation, kind: str, given: str, name: str) -> None:
    scope = f"repository:{name}:pull" if name else ""
    challenge = f'Bearer realm="{sim.settings.url}/registry/token",service="{HOST}"'
    challenge += f',scope="{scope}"' if scope else ""
    token = sim.registry.tokens.get(given) if kind == "Bearer" else None
    if token is None or token.expires <= sim.clock.now():
        raise _unauthorized(challenge)
    if scope and scope not in token.scopes:
        raise _unauthorized(challenge + ',error="insufficient_scope"')


def known(sim: Simulation, given: str) -> bool:
    try:
        who = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return who == f"{sim.settings.registry_user}:{sim.settings.registry_password}"


def token(sim: Simulation, request: Request) -> Response:
    """For a stranger a token that opens nothing: to ask for too much is no error here."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if given and (kind != "Basic" or not known(sim, given)):
        raise RegistryError(401, "UNAUTHORIZED", "incorrect username or password")
    if request.query_params.get("service") != HOST:
        raise RegistryError(400, "UNKNOWN", "unknown service")
    asked = [SCOPE.fullmatch(each) for each in request.query_params.getlist("scope")]
    if not all(asked):
        raise RegistryError(400, "UNKNOWN", "malformed scope")
    mine = [
        f"repository:{each['name']}:pull" for each in asked if each and "pull" in each["actions"]
    ]
    made = f"demo-registry-token-{sim.serial('registry token')}"
    now = sim.clock.now()
    sim.registry.tokens = {k: t for k, t in sim.registry.tokens.items() if t.expires > now}
    sim.registry.tokens[made] = Token(scopes=tuple(mine) if given else (), expires=now + LASTS)
    body = {"token": made, "expires_in": int(LASTS.total_seconds()), "issued_at": now.isoformat()}
    return JSONResponse(body)


def _unauthorized(challenge: str) -> RegistryError:
    return RegistryError(
        401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": challenge}
    )
