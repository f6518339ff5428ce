"""The part of the Kubernetes API that is played: deployments, their owners, nodes, jobs, and empty lists else."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from sandbox.argocd.views import application
from sandbox.core.simulation import Simulation
from sandbox.kubernetes import helm_routes, job_routes, node_routes
from sandbox.kubernetes.answers import (
    APPLY,
    STRATEGIC,
    Refusal,
    held_to,
    rehearsal,
    route,
    sort_of,
)
from sandbox.kubernetes.nodes import REQUESTS
from sandbox.kubernetes.rollouts import resize, roll
from sandbox.kubernetes.state import Deployment

_NAMESPACED = "/apis/apps/v1/namespaces/{namespace}/deployments"
_EMPTY = ("replicasets", "controllerrevisions", "poddisruptionbudgets", "horizontalpodautoscalers")


def routes(sim: Simulation) -> list[BaseRoute]:
    review = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    argo = "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications/{name}"
    return [
        route(sim, review, "who", who, "POST"),
        route(sim, f"{_NAMESPACED}/{{name}}", "deployment", one, "GET", "PATCH"),
        route(sim, _NAMESPACED, "deployments", listed, "GET"),
        route(sim, argo, "application", owner, "GET"),
        *node_routes.routes(sim),
        *job_routes.routes(sim),
        *helm_routes.routes(sim),
        route(sim, "/{rest:path}", "other", other, "GET", "POST", "PATCH", "PUT", "DELETE"),
    ]


async def who(sim: Simulation, request: Request) -> Response:
    user = {"username": "system:serviceaccount:tocsin:tocsin"}
    return JSONResponse({"kind": "SelfSubjectReview", "status": {"userInfo": user}}, 201)


async def one(sim: Simulation, request: Request) -> Response:
    found = _found(sim, request)
    if request.method == "PATCH":
        await _patched(sim, request, found)
    return JSONResponse(shown(found))


async def listed(sim: Simulation, request: Request) -> Response:
    where = request.path_params["namespace"]
    known = sim.kubernetes.deployments.values()
    items = [shown(each) for each in known if each.namespace == where]
    return JSONResponse({"kind": "DeploymentList", "apiVersion": "apps/v1", "items": items})


async def owner(sim: Simulation, request: Request) -> Response:
    app = sim.argocd.apps.get(request.path_params["name"])
    if app is None or app.namespace != request.path_params["namespace"]:
        raise Refusal(404, "NotFound", f'applications "{request.path_params["name"]}" not found')
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    return JSONResponse({**body, **application(sim, app)})


async def other(sim: Simulation, request: Request) -> Response:
    """Nothing of the other kinds exists here."""
    last = request.path_params["rest"].rpartition("/")[2]
    if request.method == "GET" and last in _EMPTY:
        return JSONResponse({"kind": "List", "apiVersion": "v1", "items": []})
    raise Refusal(404, "NotFound", "the server could not find the requested resource")


def _found(sim: Simulation, request: Request) -> Deployment:
    where = "{namespace}/{name}".format(**request.path_params)
    found: Deployment | None = sim.kubernetes.deployments.get(where)
    if found is None:
        name = request.path_params["name"]
        raise Refusal(404, "NotFound", f'deployments.apps "{name}" not found')
    return found


async def _patched(sim: Simulation, request: Request, found: Deployment) -> None:
    asked, by_helm = await helm_routes.read(request), sort_of(request) in (APPLY, STRATEGIC)
    meta, spec = asked.get("metadata") or {}, asked.get("spec") or {}
    if not by_helm:
        kind = f'deployments.apps "{found.name}"'
        held_to(request, kind, asked=meta.get("resourceVersion", ""), known=found.version)
    known = {"replicas", "template"} | ({"selector", "strategy"} if by_helm else set())
    if unknown := sorted(set(spec) - known):
        raise Refusal(422, "Invalid", f"not played here: spec.{unknown[0]}")
    image = _image(spec) or found.image
    if rehearsal(request):
        return
    found.touch()
    _merged(found.annotations, meta.get("annotations") or {})
    inner = ((spec.get("template") or {}).get("metadata") or {}).get("annotations") or {}
    if _merged(found.template_annotations, inner) or image != found.image:
        found.image = image
        found.generation += 1
        roll(sim, found)
    if "replicas" in spec and spec["replicas"] != found.replicas:
        found.generation += 1
        resize(sim, found, int(spec["replicas"]))


def _image(spec: dict[str, Any]) -> str:
    """Of the one container that there is; empty where the patch leaves it alone."""
    inside = (spec.get("template") or {}).get("spec") or {}
    containers = inside.get("containers") or []
    if unknown := sorted({str(each.get("name")) for each in containers} - {"web"}):
        raise Refusal(422, "Invalid", f"not played here: the container {unknown[0]}")
    return str(containers[0].get("image") or "") if containers else ""


def _merged(into: dict[str, str], given: dict[str, str | None]) -> bool:
    before = dict(into)
    for name, value in given.items():
        if value is None:
            into.pop(name, None)
        else:
            into[name] = value
    return into != before


def shown(one: Deployment) -> dict[str, Any]:
    """As the API shows it."""
    pods = {"app.kubernetes.io/name": one.name}
    through = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    through["lastUpdateTime"] = one.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    rolling = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}
    container = {"name": "web", "image": one.image, "resources": {"requests": REQUESTS}}
    template = {
        "metadata": {"labels": pods, "annotations": dict(one.template_annotations)},
        "spec": {"containers": [container]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": one.name,
            "namespace": one.namespace,
            "uid": one.uid,
            "resourceVersion": str(one.version),
            "generation": one.generation,
            "labels": one.labels,
            "annotations": dict(one.annotations),
        },
        "spec": {
            "replicas": one.replicas,
            "selector": {"matchLabels": pods},
            "strategy": {"type": "RollingUpdate"},
            "template": template,
        },
        "status": {
            "observedGeneration": one.generation,
            "replicas": one.replicas,
            "updatedReplicas": one.updated,
            "readyReplicas": one.replicas,
            "availableReplicas": one.updated if not one.done else one.replicas,
            "conditions": [through if one.done else rolling],
        },
    }
