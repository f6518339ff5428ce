"""What every part of the simulated Kubernetes API shares: who may come in, and how a refusal looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.simulation import Simulation

Answer = Callable[[Simulation, Request], Awaitable[Response]]
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


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
            if not _let_in(sim, request):
                raise Refusal(401, "Unauthorized", "Unauthorized")
            return await answer(sim, request)
        except Refusal as refusal:
            return refusal.answer()

    return Route(path, answering, methods=list(methods), name=name)


def _let_in(sim: Simulation, request: Request) -> bool:
    shown = request.headers.get("authorization")
    if shown is None:
        # Go's client sends no token without TLS, and the demo world has none:
        # https://github.com/kubernetes/client-go/blob/v0.34.2/tools/clientcmd/client_config.go#L231
        return request.headers.get("user-agent", "").startswith("Helm/")
    return shown == f"Bearer {sim.settings.kubernetes_token}"


def held_to(request: Request, kind: str, *, asked: str, known: int) -> None:
    """A patch of an older state is refused, as is one that is no merge patch."""
    sort = sort_of(request)
    if sort != MERGE:
        raise Refusal(415, "UnsupportedMediaType", f"only {MERGE} is played here, not {sort}")
    if asked and asked != str(known):
        said = "the object has been modified; please apply your changes to the latest version"
        raise Refusal(409, "Conflict", f"Operation cannot be fulfilled on {kind}: {said}")


def sort_of(request: Request) -> str:
    """The content type, without what follows it."""
    return request.headers.get("content-type", "").partition(";")[0]


def rehearsal(request: Request) -> bool:
    return request.query_params.get("dryRun") == "All"
