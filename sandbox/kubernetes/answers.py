"""What every part of the simulated Kubernetes API shares: who may come in, and how a refusal looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.simulation import Simulation

Answer = Callable[[Simulation, Request], Awaitable[Response]]
MERGE = "application/merge-patch+json"


class Refusal(Exception):
    """A Status, as the API answers with it."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message

    def answer(self) -> Response:
        said = {"reason": self.reason, "message": self.message, "code": self.code}
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", **said}
        return JSONResponse(body, self.code)


def route(sim: Simulation, path: str, name: str, answer: Answer, *methods: str) -> Route:
    async def answering(request: Request) -> Response:
        try:
            if request.headers.get("authorization") != f"Bearer {sim.settings.kubernetes_token}":
                raise Refusal(401, "Unauthorized", "Unauthorized")
            return await answer(sim, request)
        except Refusal as refusal:
            return refusal.answer()

    return Route(path, answering, methods=list(methods), name=name)


def held_to(request: Request, kind: str, *, asked: str, known: int) -> None:
    """A patch of an older state is refused, as is one that is no merge patch."""
    sort = request.headers.get("content-type", "")
    if sort.partition(";")[0] != MERGE:
        raise Refusal(415, "UnsupportedMediaType", f"only {MERGE} is played here, not {sort}")
    if asked and asked != str(known):
        said = "the object has been modified; please apply your changes to the latest version"
        raise Refusal(409, "Conflict", f"Operation cannot be fulfilled on {kind}: {said}")


def rehearsal(request: Request) -> bool:
    return request.query_params.get("dryRun") == "All"
