"""Writes applications as Argo CD's API shows them."""

from __future__ import annotations

import copy
import uuid
from datetime import timedelta
from typing import Any

from sandbox.argocd.access import stamp
from sandbox.argocd.engine import HEALTHY, PROGRESSING, synced, wanted
from sandbox.argocd.rendering import HOOK, image_at, manifests
from sandbox.argocd.state import App, Entry, Operation
from sandbox.core.simulation import Simulation

TAKEN_UP = timedelta(seconds=1)
SPACE = uuid.UUID("7d0ad7f4-2f06-4c1d-9f0e-3f3f5f1f7a11")


def application(sim: Simulation, app: App) -> dict[str, Any]:
    """The whole Application object."""
    body: dict[str, Any] = {
        "metadata": _metadata(app),
        "spec": copy.deepcopy(app.spec),
        "status": _status(sim, app),
    }
    if app.operation is not None:
        body["operation"] = _asked_for(app, app.operation)
    return body


def uid(*parts: str) -> str:
    """A stable uid for an object of the simulated cluster."""
    return str(uuid.uuid5(SPACE, "/".join(parts)))


def _metadata(app: App) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": app.name,
        "namespace": app.namespace,
        "uid": uid(app.name),
        "resourceVersion": str(app.version),
        "generation": app.version - 999,
        "creationTimestamp": stamp(app.created),
        "labels": dict(app.labels),
        "annotations": dict(app.annotations),
    }
    if app.owner is not None and app.owner.kind == "ApplicationSet":
        found["ownerReferences"] = [
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "ApplicationSet",
                "name": app.owner.name,
                "uid": uid(app.owner.name),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]
    if app.deleting:
        found["deletionTimestamp"] = stamp(app.reconciled)
        found["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    return found


def _status(sim: Simulation, app: App) -> dict[str, Any]:
    inside = synced(sim, app)
    status: dict[str, Any] = {
        "history": [_entry(app, one) for one in app.history],
        "sync": {
            "status": "Synced" if inside else "OutOfSync",
            "revision": wanted(sim, app).sha,
            "comparedTo": {
                "source": app.spec["source"],
                "destination": app.spec["destination"],
            },
        },
        "health": health(app),
        "reconciledAt": stamp(app.reconciled),
        "sourceType": "Helm",
        "summary": {},
        "resources": resources(sim, app),
    }
    if app.folder:
        status["summary"] = {"images": [image_at(sim.github.platform, app.live, app.folder)]}
    operation = app.operation or app.last
    if operation is not None and not _waiting(sim, app):
        status["operationState"] = _operation_state(sim, app, operation)
    return status


def _waiting(sim: Simulation, app: App) -> bool:
    """Asked for, but not yet taken up by the controller: the old state is gone already."""
    operation = app.operation
    return operation is not None and sim.clock.now() - operation.started < TAKEN_UP


def health(app: App) -> dict[str, str]:
    found = {"status": app.health, "lastTransitionTime": stamp(app.health_since)}
    if app.health_message:
        found["message"] = app.health_message
    return found


def rolled(sim: Simulation, app: App, replicas: int) -> int:
    """How many pods of a rollout run the new release by now."""
    if app.rolling_since is None:
        return replicas
    passed = sim.clock.now() - app.rolling_since
    return min(replicas, max(0, int(replicas * passed / (HEALTHY - PROGRESSING))))


def resources(sim: Simulation, app: App) -> list[dict[str, Any]]:
    """Status of each managed object; hooks are not among them."""
    if not app.folder:
        children = [a for a in sim.argocd.apps.values() if a.owner and a.owner.name == app.name]
        return [
            {
                "group": "argoproj.io",
                "version": "v1alpha1",
                "kind": "Application",
                "namespace": child.namespace,
                "name": child.name,
                "status": "Synced",
            }
            for child in children
        ]
    state = "Synced" if synced(sim, app) else "OutOfSync"
    return [
        {
            **identity(one),
            "status": state if one["kind"] == "Deployment" else "Synced",
            "health": health(app) if one["kind"] == "Deployment" else {"status": "Healthy"},
        }
        for one in rendered(sim, app, app.live)
        if not is_hook(one)
    ]


def rendered(sim: Simulation, app: App, sha: str) -> list[dict[str, Any]]:
    """The objects that a commit would apply for this application."""
    return manifests(
        sim.github.platform, sha, app.folder, name=app.spec["destination"]["namespace"]
    )


def is_hook(manifest: dict[str, Any]) -> bool:
    return HOOK in manifest["metadata"].get("annotations", {})


def identity(manifest: dict[str, Any]) -> dict[str, str]:
    """Group, version, kind, namespace and name of an object."""
    group, slash, version = manifest["apiVersion"].rpartition("/")
    facts = {"version": version, "kind": manifest["kind"]}
    if slash:
        facts["group"] = group
    return facts | {key: manifest["metadata"][key] for key in ("namespace", "name")}


def _entry(app: App, one: Entry) -> dict[str, Any]:
    by: dict[str, Any] = {"username": one.by} if one.by else {"automated": True}
    return {
        "id": one.id,
        "revision": one.sha,
        "deployStartedAt": stamp(one.started),
        "deployedAt": stamp(one.deployed),
        "source": app.spec["source"],
        "initiatedBy": by,
    }


def _asked_for(app: App, operation: Operation) -> dict[str, Any]:
    # A rollback applies without hooks; a sync by the controller runs them.
    strategy: dict[str, Any] = {"apply": {}} if operation.rollback else {"hook": {}}
    sync: dict[str, Any] = {
        "revision": operation.sha,
        "source": app.spec["source"],
        "syncStrategy": strategy,
        "syncOptions": (app.spec.get("syncPolicy") or {}).get("syncOptions", []),
    }
    if operation.prune:
        sync["prune"] = True
    if operation.dry_run:
        sync["dryRun"] = True
    by = {"username": operation.by} if operation.by else {"automated": True}
    return {"sync": sync, "initiatedBy": by, "retry": {} if operation.rollback else {"limit": 3}}


def _operation_state(sim: Simulation, app: App, operation: Operation) -> dict[str, Any]:
    state: dict[str, Any] = {
        "operation": _asked_for(app, operation),
        "phase": str(operation.phase),
        "message": operation.message,
        "startedAt": stamp(operation.started),
        "syncResult": {
            "revision": operation.sha,
            "source": app.spec["source"],
            "resources": _results(sim, app, operation),
        },
    }
    if operation.finished is not None:
        state["finishedAt"] = stamp(operation.finished)
    return state


def _results(sim: Simulation, app: App, operation: Operation) -> list[dict[str, Any]]:
    if not app.folder:
        return []
    found = []
    for one in rendered(sim, app, operation.sha):
        if is_hook(one):
            if operation.rollback:
                continue
            found.append({**identity(one), "hookType": "PreSync", "hookPhase": "Succeeded"})
            if operation.hangs:
                found[-1]["hookPhase"] = "Running"
                break
            continue
        image = one["spec"].get("template", {}).get("spec", {}).get("containers", [{}])[0]
        result: dict[str, Any] = {**identity(one), "status": "Synced", "syncPhase": "Sync"}
        result["message"] = f"{one['kind'].lower()}/{one['metadata']['name']} configured"
        if "image" in image:
            result["images"] = [image["image"]]
        found.append(result)
    # Hooks of the PreSync phase come first, whatever the order in the chart.
    return sorted(found, key=lambda one: "hookType" not in one)
