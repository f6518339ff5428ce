"""Jobs made from a CronJob, their pods and what they said, as the simulated API answers."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.kubernetes.answers import Refusal, rehearsal, route
from sandbox.kubernetes.jobs import TEMPLATES, Job, template

_BATCH = "/apis/batch/v1/namespaces/{namespace}"
_PODS = "/api/v1/namespaces/{namespace}/pods"
_LABEL = "batch.kubernetes.io/job-name"


def routes(sim: Simulation) -> list[BaseRoute]:
    return [
        route(sim, f"{_BATCH}/cronjobs/{{name}}", "cronjob", cronjob, "GET"),
        route(sim, f"{_BATCH}/jobs", "jobs", made, "POST"),
        route(sim, f"{_BATCH}/jobs/{{name}}", "job", one, "GET"),
        route(sim, f"{_PODS}/{{name}}/log", "log", log, "GET"),
    ]


async def cronjob(sim: Simulation, request: Request) -> Response:
    found = template("{namespace}/{name}".format(**request.path_params))
    if found is None:
        name = request.path_params["name"]
        raise Refusal(404, "NotFound", f'cronjobs.batch "{name}" not found')
    return JSONResponse(found)


async def made(sim: Simulation, request: Request) -> Response:
    body = await request.json()
    namespace, name = request.path_params["namespace"], body["metadata"]["name"]
    key = f"{namespace}/{name}"
    if key in sim.kubernetes.jobs:
        raise Refusal(409, "AlreadyExists", f'jobs.batch "{name}" already exists')
    owners = body["metadata"].get("ownerReferences") or [{}]
    says = TEMPLATES.get(f"{namespace}/{owners[0].get('name')}", ("", ""))[1]
    if not rehearsal(request):
        sim.kubernetes.jobs[key] = Job(body=body, at=sim.clock.now(), says=says)
    return JSONResponse(body, 201)


async def one(sim: Simulation, request: Request) -> Response:
    return JSONResponse(_found(sim, request).shown(sim.clock.now()))


def pods(sim: Simulation, namespace: str, wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Of one Job, where that is asked for."""
    job = wanted.get(_LABEL, "")
    return (
        [{"metadata": {"name": f"{job}-0"}}] if f"{namespace}/{job}" in sim.kubernetes.jobs else []
    )


async def log(sim: Simulation, request: Request) -> Response:
    request.path_params["name"] = request.path_params["name"].removesuffix("-0")
    return PlainTextResponse(_found(sim, request).says + "\n")


def _found(sim: Simulation, request: Request) -> Job:
    found: Job | None = sim.kubernetes.jobs.get("{namespace}/{name}".format(**request.path_params))
    if found is None:
        name = request.path_params["name"]
        raise Refusal(404, "NotFound", f'jobs.batch "{name}" not found')
    return found
