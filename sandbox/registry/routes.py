"""The calls of the distribution API that a puller makes first, and the knobs that lose an image."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation
from sandbox.registry.access import VERSION, RegistryError, let_in, token
from sandbox.registry.state import AUTHS, NAMES, Manifest, RegistryState, manifests

NAME = re.compile(r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

Answer = Callable[[Simulation, Request], Awaitable[Response]]


def routes(sim: Simulation) -> list[BaseRoute]:
    """Reading only: whoever writes is told that it is not supported."""
    return [
        _route(sim, "/v2/", "base", base),
        _route(sim, "/v2/{name:path}/manifests/{reference}", "manifests", manifest),
        _route(sim, "/token", "token", tokens),
    ]


def _route(sim: Simulation, path: str, name: str, answer: Answer) -> Route:
    async def answering(request: Request) -> Response:
        try:
            if request.method not in ("GET", "HEAD"):
                raise RegistryError(405, "UNSUPPORTED", "The operation is unsupported.")
            return await answer(sim, request)
        except RegistryError as error:
            return error.response(body=request.method != "HEAD")

    methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]
    return Route(path, answering, methods=methods, name=name)


async def base(sim: Simulation, request: Request) -> Response:
    let_in(sim, request)
    return JSONResponse({}, headers=VERSION)


async def tokens(sim: Simulation, request: Request) -> Response:
    return token(sim, request)


async def manifest(sim: Simulation, request: Request) -> Response:
    name, reference = request.path_params["name"], request.path_params["reference"]
    if not NAME.fullmatch(name):
        raise RegistryError(400, "NAME_INVALID", "invalid repository name")
    let_in(sim, request, name)
    found = _found(sim, name, reference)
    _accepted(request, found)
    headers = {
        **VERSION,
        "Content-Type": found.media_type,
        "Docker-Content-Digest": found.digest,
    }
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(len(found.body))})
    return Response(found.body, headers=headers)


def _found(sim: Simulation, name: str, reference: str) -> Manifest:
    held = manifests(sim, name)
    if held is None:
        raise RegistryError(404, "NAME_UNKNOWN", "repository name not known to registry")
    if ":" in reference and not DIGEST.fullmatch(reference):
        raise RegistryError(400, "DIGEST_INVALID", "provided digest did not match")
    if ":" not in reference and not TAG.fullmatch(reference):
        raise RegistryError(400, "TAG_INVALID", "manifest tag did not match URI")
    for each in held:
        if reference in (each.tag, each.digest):
            return each
    raise RegistryError(404, "MANIFEST_UNKNOWN", "manifest unknown")


def _accepted(request: Request, found: Manifest) -> None:
    """Who names other types only is told that there is nothing, as the real one does."""
    named = ",".join(request.headers.getlist("accept"))
    types = {each.partition(";")[0].strip() for each in named.split(",")}
    if found.media_type not in types:
        one, several = NAMES[found.media_type]
        text = f"{one} found, but accept header does not support {several}"
        raise RegistryError(404, "MANIFEST_UNKNOWN", text)


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /registry/knobs: `remove`, `restore` (`lms:r141` or `lms`), `denied`, `auth`."""

    async def knobs(request: Request) -> JSONResponse:
        said: dict[str, Any] = await request.json()
        state: RegistryState = sim.registry
        if unknown := sorted(set(said) - {"remove", "restore", "denied", "auth"}):
            return JSONResponse({"error": f"unknown: {', '.join(unknown)}"}, status_code=422)
        if said.get("auth", state.auth) not in AUTHS:
            error = f"`auth` is one of {', '.join(AUTHS)}"
            return JSONResponse({"error": error}, status_code=422)
        state.auth = str(said.get("auth", state.auth))
        state.denied = set(said.get("denied", state.denied))
        state.removed |= _several(said.get("remove"))
        state.removed -= _several(said.get("restore"))
        sim.changes.publish("registry", state.view())
        return JSONResponse(state.view())

    return [Route("/registry/knobs", knobs, methods=["POST"])]


def _several(said: Any) -> set[str]:
    return {said} if isinstance(said, str) else set(said or ())
