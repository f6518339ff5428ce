"""Nodes, their pods and evictions, as the simulated API answers."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.kubernetes import job_routes
from sandbox.kubernetes.answers import Refusal, held_to, rehearsal, route
from sandbox.kubernetes.nodes import GROUP, Node, Nodes


def routes(sim: Simulation) -> list[BaseRoute]:
    eviction = "/api/v1/namespaces/{namespace}/pods/{name}/eviction"
    return [
        route(sim, "/api/v1/nodes", "nodes", listed, "GET"),
        route(sim, "/api/v1/nodes/{name}", "node", one, "GET", "PATCH"),
        route(sim, "/api/v1/pods", "all pods", pods, "GET"),
        route(sim, "/api/v1/namespaces/{namespace}/pods", "pods", pods, "GET"),
        route(sim, eviction, "eviction", evicted, "POST"),
    ]


async def listed(sim: Simulation, request: Request) -> Response:
    key, _, value = request.query_params.get("labelSelector", "").partition("=")
    known = _nodes(sim).nodes.values()
    found = [each for each in known if not key or (key == GROUP and each.group == value)]
    return JSONResponse({"kind": "NodeList", "items": [each.shown() for each in found]})


async def one(sim: Simulation, request: Request) -> Response:
    name = request.path_params["name"]
    found = _nodes(sim).nodes.get(name)
    if found is None:
        raise Refusal(404, "NotFound", f'nodes "{name}" not found')
    if request.method == "PATCH":
        _patched(request, found, await request.json())
    return JSONResponse(found.shown())


def _patched(request: Request, found: Node, asked: dict[str, Any]) -> None:
    meta, spec = asked.get("metadata") or {}, asked.get("spec") or {}
    held_to(request, "nodes", asked=meta.get("resourceVersion", ""), known=found.version)
    if rehearsal(request):
        return
    for name, value in (meta.get("annotations") or {}).items():
        if value is None:
            found.annotations.pop(name, None)
        else:
            found.annotations[name] = value
    if "unschedulable" in spec:
        found.cordoned = bool(spec["unschedulable"])
    found.version += 1


async def pods(sim: Simulation, request: Request) -> Response:
    """Of one namespace, or of all."""
    key, _, node = request.query_params.get("fieldSelector", "").partition("=")
    known, where = _nodes(sim), request.path_params.get("namespace")
    found = known.on(node) if key == "spec.nodeName" else list(known.pods.values())
    asked = request.query_params.get("labelSelector", "")
    wanted = dict(each.split("=", 1) for each in asked.split(",") if "=" in each)
    items = [
        each.shown()
        for each in found
        if where in (None, each.namespace) and wanted.items() <= each.labels.items()
    ]
    items += job_routes.pods(sim, where, wanted) if where else []
    return JSONResponse({"kind": "PodList", "items": items})


async def evicted(sim: Simulation, request: Request) -> Response:
    name = request.path_params["name"]
    found = _nodes(sim).pods.get(f"{request.path_params['namespace']}/{name}")
    if found is None:
        raise Refusal(404, "NotFound", f'pods "{name}" not found')
    if not rehearsal(request):
        _nodes(sim).move(found)
    return JSONResponse({"kind": "Status", "status": "Success"}, 201)


def _nodes(sim: Simulation) -> Nodes:
    found: Nodes = sim.kubernetes.nodes
    return found
