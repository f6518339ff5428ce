"""The door of AWS in the demo world: what comes in goes on to moto, at the world's own time."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.cloud.following import look
from sandbox.core.simulation import Simulation

_BEGINS = 40.0
# What each hop says for itself; moto is asked without compression.
_OWN = {
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "host",
    "server",
    "transfer-encoding",
}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def routes(sim: Simulation) -> list[BaseRoute]:
    async def forward(request: Request) -> Response:
        if sim.moto is None:
            return JSONResponse({"message": "AWS is not played here: make demo-aws plays it"}, 503)
        try:
            await asyncio.wait_for(sim.moto.ready.wait(), _BEGINS)
        except TimeoutError:
            return JSONResponse({"message": "moto is not up yet"}, 503)
        return await _forwarded(sim, request)

    return [Route("/{path:path}", forward, methods=_METHODS, name="aws")]


async def _forwarded(sim: Simulation, request: Request) -> Response:
    headers = {name: value for name, value in request.headers.items() if name not in _OWN}
    headers["X-Demo-Now"] = str(sim.clock.now().timestamp())
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    address = f"{sim.moto.address}{path or '/'}"
    query = request.url.query
    async with sim.moto.http.request(
        request.method,
        f"{address}?{query}" if query else address,
        headers=headers,
        data=await request.body(),
    ) as answer:
        body = await answer.read()
        kept = {n: v for n, v in answer.headers.items() if n.lower() not in _OWN}
    if answer.headers.get("X-Demo-Wrote"):
        sim.aws.written_at = sim.clock.now()
        sim.spawn(look(sim), "aws looks")
    return Response(body, answer.status, kept)
