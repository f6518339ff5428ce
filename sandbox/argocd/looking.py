"""The calls that only look: revisions, resources, windows, rights, owners."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.argocd.access import ArgoError, Call, Code, stamp
from sandbox.argocd.engine import wanted
from sandbox.argocd.state import App, ApplicationSet
from sandbox.argocd.views import health, identity, is_hook, rendered, resources, rolled, uid


async def version(call: Call) -> Response:
    return JSONResponse({"Version": call.state.version})


async def userinfo(call: Call) -> Response:
    account = call.state.account
    return JSONResponse({"loggedIn": True, "username": account, "iss": "argocd"})


async def can_i(call: Call) -> Response:
    path = call.request.path_params
    known = path["resource"] in ("applications", "applicationsets", "projects", "logs")
    allowed = known and path["action"] not in call.state.denied
    return JSONResponse({"value": "yes" if allowed else "no"})


async def metadata(call: Call) -> Response:
    app, sha = call.app(), call.request.path_params["revision"]
    commit = call.sim.github.platform.commits.get(sha)
    if commit is None or not app.folder:
        raise ArgoError(Code.UNKNOWN, f"failed to get revision metadata for {sha}: not found")
    author = f"{commit.author.name} <{commit.author.email}>"
    return JSONResponse(
        {"author": author, "date": stamp(commit.at), "message": commit.message.split("\n")[0]}
    )


async def chart(call: Call) -> Response:
    app = call.app()
    text = f"no chart found for application: {app.namespace}/{app.name}"
    raise ArgoError(Code.UNKNOWN, text)


async def manifests(call: Call) -> Response:
    """What a revision would apply, rendered; without one, what git wants now."""
    app = call.app()
    sha = _revision(call, app)
    return JSONResponse(
        {
            "manifests": [json.dumps(one) for one in rendered(call.sim, app, sha)],
            "namespace": app.spec["destination"]["namespace"],
            "revision": sha,
            "sourceType": "Helm",
        }
    )


def _revision(call: Call, app: App) -> str:
    asked = call.asked("revision")
    if not asked:
        return wanted(call.sim, app).sha
    sha: str | None = call.sim.github.platform.resolve(asked)
    if sha is None or not app.folder:
        raise ArgoError(Code.UNKNOWN, f"unable to resolve '{asked}' to a commit SHA")
    return sha


async def managed(call: Call) -> Response:
    """Live and target state of each object, as text, so that a caller can compare them."""
    app = call.app()
    if not app.folder:
        return JSONResponse({"items": []})
    live = {_key(one): one for one in rendered(call.sim, app, app.live) if not is_hook(one)}
    target = rendered(call.sim, app, wanted(call.sim, app).sha)
    wanted_now = {_key(one): one for one in target if not is_hook(one)}
    items = []
    for key in dict.fromkeys([*live, *wanted_now]):
        running, desired = live.get(key), wanted_now.get(key)
        shown = running if running is not None else desired
        assert shown is not None
        items.append(
            {
                **identity(shown),
                "liveState": json.dumps(running),
                "targetState": json.dumps(desired),
                "normalizedLiveState": json.dumps(running),
                "predictedLiveState": json.dumps(desired),
                "modified": running != desired,
            }
        )
    return JSONResponse({"items": items})


def _key(manifest: dict[str, Any]) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


async def tree(call: Call) -> Response:
    app = call.app()
    if not app.folder:
        return JSONResponse({"nodes": resources(call.sim, app)})
    nodes: list[dict[str, Any]] = []
    for one in rendered(call.sim, app, app.live):
        if not is_hook(one):
            nodes.append(_node(app, one))
            if one["kind"] == "Deployment":
                nodes.extend(_pods(call, app, one))
    return JSONResponse({"nodes": nodes, "hosts": []})


def _node(app: App, manifest: dict[str, Any]) -> dict[str, Any]:
    facts = identity(manifest)
    node: dict[str, Any] = {**facts, "uid": uid(app.name, facts["kind"], facts["name"])}
    node["createdAt"] = stamp(app.created)
    if manifest["kind"] == "Deployment":
        node["health"] = health(app)
        node["images"] = [_image(manifest)]
    return node


def _pods(call: Call, app: App, deployment: dict[str, Any]) -> list[dict[str, Any]]:
    """The replica set that runs now, with at most five of its pods."""
    name, space = deployment["metadata"]["name"], deployment["metadata"]["namespace"]
    parent = {"group": "apps", "kind": "Deployment", "namespace": space, "name": name}
    replicas = deployment["spec"]["replicas"]
    ready = rolled(call.sim, app, replicas)
    own = f"{name}-{app.live[:9]}"
    info = [{"name": "Revision", "value": f"Rev:{app.history[-1].id + 1}"}]
    info.append({"name": "Replicas", "value": f"{ready}/{replicas}"})
    nodes: list[dict[str, Any]] = [
        {
            "group": "apps",
            "version": "v1",
            "kind": "ReplicaSet",
            "namespace": space,
            "name": own,
            "uid": uid(own),
            "parentRefs": [parent],
            "info": info,
            "images": [_image(deployment)],
            "health": health(app),
        }
    ]
    owner = {"group": "apps", "kind": "ReplicaSet", "namespace": space, "name": own}
    for number in range(min(replicas, 5)):
        pod = f"{own}-{uid(own, str(number))[:5]}"
        nodes.append(
            {
                "version": "v1",
                "kind": "Pod",
                "namespace": space,
                "name": pod,
                "uid": uid(pod),
                "parentRefs": [owner],
                "images": [_image(deployment)],
                "health": {"status": "Healthy" if number < ready else "Progressing"},
            }
        )
    return nodes


def _image(deployment: dict[str, Any]) -> str:
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


async def windows(call: Call) -> Response:
    app = call.app()
    if not app.knobs.window:
        return JSONResponse({"canSync": True})
    window = {"kind": "deny", "schedule": "0 13 * * 2", "duration": "4h", "manualSync": False}
    return JSONResponse({"canSync": False, "activeWindows": [window], "assignedWindows": [window]})


async def application_sets(call: Call) -> Response:
    return JSONResponse(
        {"metadata": {}, "items": [_set(call, s) for s in call.state.sets.values()]}
    )


async def application_set(call: Call) -> Response:
    name = call.request.path_params["name"]
    found = call.state.sets.get(name)
    if found is None:
        raise ArgoError(Code.NOT_FOUND, f'applicationsets.argoproj.io "{name}" not found')
    return JSONResponse(_set(call, found))


def _set(call: Call, found: ApplicationSet) -> dict[str, Any]:
    apps = [call.state.apps[name] for name in found.apps]
    spec: dict[str, Any] = {
        "goTemplate": True,
        "generators": [{"list": {"elements": [{"service": name} for name in found.apps]}}],
        "template": {
            "metadata": {"name": "{{.service}}"},
            "spec": apps[0].template if apps else {},
        },
    }
    if found.policy != "sync":
        spec["syncPolicy"] = {"applicationsSync": found.policy}
    if found.keeps_pauses:
        spec["ignoreApplicationDifferences"] = [{"jsonPointers": ["/spec/syncPolicy"]}]
    return {
        "metadata": {"name": found.name, "namespace": "argocd", "uid": uid(found.name)},
        "spec": spec,
        "status": {"conditions": [{"type": "ResourcesUpToDate", "status": "True"}]},
    }
