"""The table of contents of the simulated Argo CD, and the knobs that make it misbehave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.argocd import applications, looking
from sandbox.argocd.access import Endpoint, route
from sandbox.argocd.engine import begin, follow_world, publish, wanted
from sandbox.argocd.state import App, ApplicationSet, ArgoState, Knobs, Owner
from sandbox.core.simulation import Simulation

APPS = "/api/v1/applications"
APP = APPS + "/{name}"

TABLE: list[tuple[str, str, str, Endpoint]] = [
    ("GET", "/api/version", "version", looking.version),
    ("GET", "/api/v1/session/userinfo", "session.userinfo", looking.userinfo),
    (
        "GET",
        "/api/v1/account/can-i/{resource}/{action}/{subresource:path}",
        "account.can-i",
        looking.can_i,
    ),
    ("GET", APPS, "applications.list", applications.listed),
    ("GET", APP, "applications.get", applications.one),
    ("PATCH", APP, "applications.patch", applications.patch),
    ("POST", APP + "/rollback", "applications.rollback", applications.rollback),
    ("POST", APP + "/sync", "applications.sync", applications.sync),
    ("DELETE", APP + "/operation", "applications.terminate", applications.stop),
    ("GET", APP + "/resource-tree", "applications.tree", looking.tree),
    ("GET", APP + "/managed-resources", "applications.managed", looking.managed),
    ("GET", APP + "/manifests", "applications.manifests", looking.manifests),
    ("GET", APP + "/syncwindows", "applications.windows", looking.windows),
    ("GET", APP + "/revisions/{revision}/metadata", "revisions.metadata", looking.metadata),
    ("GET", APP + "/revisions/{revision}/chartdetails", "revisions.chart", looking.chart),
    ("GET", "/api/v1/applicationsets", "applicationsets.list", looking.application_sets),
    ("GET", "/api/v1/applicationsets/{name}", "applicationsets.get", looking.application_set),
]


def routes(sim: Simulation) -> list[BaseRoute]:
    """Every endpoint; from now on the applications also follow the world."""
    follow_world(sim)
    return [
        route(sim, path, name, method=method, endpoint=endpoint)
        for method, path, name, endpoint in TABLE
    ]


FOR_ALL = {"version", "denied", "keeps_pauses", "set_policy", "set_at_once"}
FOR_ONE = {"stuck_operation", "fails", "degraded", "window"}
RESPECTS = "RespectIgnoreDifferences=true"
ACTS = {"running_sync", "deleting", "owner", "automated"}


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /argocd/knobs: `version`, `denied`, `keeps_pauses`, how ApplicationSets update
    (`set_policy`, `set_at_once`); with `app` those of one app."""

    async def knobs(request: Request) -> JSONResponse:
        said: dict[str, Any] = await request.json()
        state: ArgoState = sim.argocd
        if unknown := sorted(set(said) - FOR_ALL - FOR_ONE - ACTS - {"app"}):
            return JSONResponse({"error": f"unknown: {', '.join(unknown)}"}, status_code=422)
        app = state.apps.get(str(said.get("app", "lms")))
        if app is None:
            return JSONResponse({"error": "no such application"}, status_code=404)
        state.version = str(said.get("version", state.version))
        state.denied = set(said.get("denied", state.denied))
        if "keeps_pauses" in said:
            _keep_pauses(state, keep=said["keeps_pauses"] is True)
        for one in state.sets.values():
            one.policy = str(said.get("set_policy", one.policy))
            one.at_once = said.get("set_at_once", one.at_once) is True
        app.knobs = replace(app.knobs, **{k: said[k] for k in FOR_ONE & set(said)})
        _act(sim, app, said)
        publish(sim, app)
        return JSONResponse(_knobs_json(state, app))

    return [Route("/argocd/knobs", knobs, methods=["POST"])]


def _act(sim: Simulation, app: App, said: dict[str, Any]) -> None:
    if "automated" in said:
        app.spec["syncPolicy"]["automated"] = {"prune": True, "selfHeal": True}
        if said["automated"] is not True:
            app.spec["syncPolicy"]["automated"]["enabled"] = False
    app.deleting = bool(said.get("deleting", app.deleting))
    if "owner" in said:
        _own(sim.argocd, app, said["owner"])
    if said.get("running_sync") is True:
        text = "waiting for completion of hook batch/Job/" + f"{app.name}-migrate"
        begin(sim, app, wanted(sim, app).sha, steps=False, hangs=True, message=text)
    elif said.get("running_sync") is False:
        app.operation = None


def _own(state: ArgoState, app: App, said: dict[str, Any] | None) -> None:
    """Gives the application an owner, or none; an ApplicationSet is made when it is new."""
    app.owner = Owner(kind=said["kind"], name=said["name"]) if said else None
    if app.owner is not None and app.owner.kind == "ApplicationSet":
        found = state.sets.setdefault(app.owner.name, ApplicationSet(name=app.owner.name, apps=[]))
        if app.name not in found.apps:
            found.apps.append(app.name)


def _keep_pauses(state: ArgoState, *, keep: bool) -> None:
    """Every owner leaves /spec/syncPolicy alone, or none does."""
    for one in state.sets.values():
        one.keeps_pauses = keep
    rule = {"group": "argoproj.io", "kind": "Application", "jsonPointers": ["/spec/syncPolicy"]}
    parent = state.apps["platform-apps"].spec
    parent["ignoreDifferences"] = [rule] if keep else []
    options = [each for each in parent["syncPolicy"]["syncOptions"] if each != RESPECTS]
    parent["syncPolicy"]["syncOptions"] = [*options, RESPECTS] if keep else options


def _knobs_json(state: ArgoState, app: App) -> dict[str, Any]:
    knobs: Knobs = app.knobs
    return {
        "version": state.version,
        "denied": sorted(state.denied),
        "app": app.name,
        "deleting": app.deleting,
        "automated": app.automated,
        **vars(knobs),
    }
