"""What the helm program asks the simulated API: which kinds there are, its Secrets, its charts' ConfigMaps."""

from __future__ import annotations

from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.kubernetes.answers import (
    APPLY,
    MERGE,
    STRATEGIC,
    Refusal,
    rehearsal,
    route,
    sort_of,
)
from sandbox.kubernetes.releases import MANAGED, Releases, Secret, in_world_time
from sandbox.kubernetes.secrets import Unreadable, secret

_SECRETS = "/api/v1/namespaces/{namespace}/secrets"
_VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.2", "platform": "linux/amd64"}
_KINDS = {
    "v1": {"secrets": "Secret", "configmaps": "ConfigMap", "pods": "Pod", "nodes": "Node"},
    "apps/v1": {"deployments": "Deployment"},
    "batch/v1": {"cronjobs": "CronJob", "jobs": "Job"},
}
_CLUSTER_WIDE = ("nodes",)
_VERBS = ["create", "delete", "get", "list", "patch", "update"]


def routes(sim: Simulation) -> list[BaseRoute]:
    configured = "/api/v1/namespaces/{namespace}/configmaps/{name}"
    return [
        route(sim, "/version", "version", version, "GET"),
        route(sim, "/api", "api", core, "GET"),
        route(sim, "/apis", "apis", groups, "GET"),
        route(sim, "/api/{version}", "kinds", kinds, "GET"),
        route(sim, "/apis/{group}/{version}", "kinds", kinds, "GET"),
        route(sim, _SECRETS, "secrets", secrets, "GET", "POST"),
        route(sim, f"{_SECRETS}/{{name}}", "secret", one, "GET", "PUT", "DELETE"),
        route(sim, configured, "configmap", settings, "GET", "PATCH"),
    ]


async def version(sim: Simulation, request: Request) -> Response:
    return JSONResponse(_VERSION)


async def core(sim: Simulation, request: Request) -> Response:
    return JSONResponse({"kind": "APIVersions", "versions": ["v1"]})


async def groups(sim: Simulation, request: Request) -> Response:
    found = []
    for each in _KINDS:
        name, _, number = each.rpartition("/")
        offered = {"groupVersion": each, "version": number}
        if name:
            found.append({"name": name, "versions": [offered], "preferredVersion": offered})
    return JSONResponse({"kind": "APIGroupList", "apiVersion": "v1", "groups": found})


async def kinds(sim: Simulation, request: Request) -> Response:
    group, number = request.path_params.get("group", ""), request.path_params["version"]
    wanted = f"{group}/{number}" if group else number
    if wanted not in _KINDS:
        raise Refusal(404, "NotFound", "the server could not find the requested resource")
    listed = [
        {
            "name": plural,
            "singularName": kind.lower(),
            "namespaced": plural not in _CLUSTER_WIDE,
            "kind": kind,
            "verbs": _VERBS,
        }
        for plural, kind in _KINDS[wanted].items()
    ]
    body = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": wanted}
    return JSONResponse({**body, "resources": listed})


async def secrets(sim: Simulation, request: Request) -> Response:
    if request.method == "POST":
        return JSONResponse(await _created(sim, request), 201)
    asked = request.query_params.get("labelSelector", "")
    wanted = dict(each.split("=", 1) for each in asked.split(",") if "=" in each)
    found = _releases(sim).of(request.path_params["namespace"])
    items = [each.shown() for each in found if wanted.items() <= each.labels.items()]
    return JSONResponse({"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": items})


async def one(sim: Simulation, request: Request) -> Response:
    key = "{namespace}/{name}".format(**request.path_params)
    found = _releases(sim).secrets.get(key)
    if found is None:
        name = request.path_params["name"]
        raise Refusal(404, "NotFound", f'secrets "{name}" not found')
    if request.method == "DELETE":
        del _releases(sim).secrets[key]
    elif request.method == "PUT":
        given = await _given(request)
        found.labels = dict(given["metadata"].get("labels") or {})
        found.release = in_world_time(_held(given), found.release, sim.clock.now())
        found.version += 1
    return JSONResponse(found.shown())


async def settings(sim: Simulation, request: Request) -> Response:
    key = "{namespace}/{name}".format(**request.path_params)
    found = _releases(sim).settings.get(key)
    if found is None:
        name = request.path_params["name"]
        raise Refusal(404, "NotFound", f'configmaps "{name}" not found')
    held = dict(found)
    if request.method == "PATCH":
        patch = await read(request)
        held = _laid_over(held, patch, whole=sort_of(request) == APPLY)
        if not rehearsal(request):
            _releases(sim).settings[key] = held
    return JSONResponse(_configmap(*key.split("/"), held))


async def read(request: Request) -> dict[str, Any]:
    """A patch as Helm 3, Helm 4 or anybody else sends it."""
    if sort_of(request) not in (APPLY, MERGE, STRATEGIC):
        raise Refusal(415, "UnsupportedMediaType", f"{sort_of(request)} is not played here")
    # JSON is YAML too.
    found = yaml.safe_load(await request.body())
    if not isinstance(found, dict):
        raise Refusal(400, "BadRequest", "the patch is no object")
    return found


def _laid_over(held: dict[str, str], patch: dict[str, Any], *, whole: bool) -> dict[str, str]:
    """`whole`: what an application leaves out, its manager takes away."""
    given: dict[str, str | None] = patch.get("data") or {}
    merged = {**({} if whole else held), **given}
    return {key: value for key, value in merged.items() if value is not None}


def _configmap(namespace: str, name: str, held: dict[str, str]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name, **MANAGED}
    notes = {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace}
    meta = {"name": name, "namespace": namespace, "labels": labels, "annotations": notes}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": held}


async def _created(sim: Simulation, request: Request) -> dict[str, Any]:
    given, namespace = await _given(request), request.path_params["namespace"]
    name = given["metadata"]["name"]
    if f"{namespace}/{name}" in _releases(sim).secrets:
        raise Refusal(409, "AlreadyExists", f'secrets "{name}" already exists')
    made = Secret(
        name=name,
        namespace=namespace,
        labels=dict(given["metadata"].get("labels") or {}),
        release=in_world_time(_held(given), "", sim.clock.now()),
        kind=str(given.get("type", "")),
    )
    _releases(sim).secrets[f"{namespace}/{name}"] = made
    return made.shown()


async def _given(request: Request) -> dict[str, Any]:
    try:
        return secret(await request.body(), request.headers.get("content-type", ""))
    except Unreadable as error:
        raise Refusal(400, "BadRequest", str(error)) from error


def _held(given: dict[str, Any]) -> str:
    found = (given.get("data") or {}).get("release")
    if not found:
        raise Refusal(422, "Invalid", "only Helm's own Secrets are played here")
    return str(found)


def _releases(sim: Simulation) -> Releases:
    found: Releases = sim.kubernetes.releases
    return found
