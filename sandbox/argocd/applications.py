"""The calls that change an application: patch, rollback, sync, terminate; and reading it."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.argocd.access import ArgoError, Call, Code
from sandbox.argocd.engine import begin, reconcile, spec_changed, terminate, wanted
from sandbox.argocd.patching import BadPatch, merged, patched
from sandbox.argocd.state import App
from sandbox.argocd.views import application

BUSY = "rpc error: code = FailedPrecondition desc = another operation is already in progress"


async def listed(call: Call) -> Response:
    query = call.request.query_params
    projects = query.getlist("projects") + query.getlist("project")
    wanted_labels = [part.split("=", 1) for part in query.get("selector", "").split(",") if part]
    rows = [
        application(call.sim, app)
        for app in call.state.apps.values()
        if (not projects or app.project in projects)
        and query.get("name", app.name) == app.name
        and query.get("appNamespace", app.namespace) == app.namespace
        and query.get("repo", app.spec["source"]["repoURL"]) == app.spec["source"]["repoURL"]
        and all(app.labels.get(pair[0]) == pair[-1] for pair in wanted_labels)
    ]
    if "get" in call.state.denied:
        rows = []
    return JSONResponse({"metadata": {"resourceVersion": "1"}, "items": rows or None})


async def one(call: Call) -> Response:
    app = call.app()
    refresh = call.request.query_params.get("refresh")
    if refresh in ("normal", "hard"):
        reconcile(call.sim, app)
    return JSONResponse(application(call.sim, app))


async def patch(call: Call) -> Response:
    """Only spec, labels and annotations are taken from the result, as the real server does."""
    app = call.app("update")
    after = _after_patch(call, application(call.sim, app))
    spec = after.get("spec")
    if not isinstance(spec, dict) or "source" not in spec or "project" not in spec:
        raise ArgoError(Code.INVALID, f"application spec for {app.name} is invalid")
    _known_fields(call, spec)
    app.spec = spec
    app.labels = dict(after["metadata"].get("labels") or {})
    app.annotations = dict(after["metadata"].get("annotations") or {})
    spec_changed(call.sim, app)
    return JSONResponse(application(call.sim, app))


def _after_patch(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    kind, text = call.asked("patchType"), str(call.body.get("patch") or "")
    if kind not in ("", "json", "merge"):
        raise ArgoError(Code.INVALID, f"Patch type '{kind}' is not supported")
    try:
        said = json.loads(text)
        after: dict[str, Any] = merged(before, said) if kind == "merge" else patched(before, said)
    except json.JSONDecodeError as error:
        raise ArgoError(Code.UNKNOWN, f"error decoding json patch: {error}") from None
    except BadPatch as error:
        raise ArgoError(Code.UNKNOWN, f"error applying patch: {error}") from None
    return after


def _known_fields(call: Call, spec: dict[str, Any]) -> None:
    """A server before v3.1 does not know `automated.enabled` and drops it without a word."""
    automated = (spec.get("syncPolicy") or {}).get("automated")
    if automated is not None and call.state.minor < (3, 1):
        automated.pop("enabled", None)


_BLOCKED = "Sync operation blocked by sync window"


async def rollback(call: Call) -> Response:
    """The checks in the order of the real server; sync windows are not among them.

    They are the controller's: what it may not do now it takes up, and leaves it waiting.
    """
    app = call.app("sync")
    _not_deleting(app)
    if app.automated:
        text = "rollback cannot be initiated when auto-sync is enabled"
        raise ArgoError(Code.PRECONDITION, text)
    number = _history_id(call)
    target = next((entry for entry in app.history if entry.id == number), None)
    if target is None:
        text = f"application {app.namespace}/{app.name} does not have deployment with id {number}"
        raise ArgoError(Code.INVALID, text)
    _not_busy(app)
    begin(
        call.sim,
        app,
        target.sha,
        by=call.state.account,
        rollback=True,
        hangs=app.knobs.window,
        message=_BLOCKED if app.knobs.window else "",
        dry_run=call.body.get("dryRun") is True,
        prune=call.body.get("prune") is True,
    )
    return JSONResponse(application(call.sim, app))


def _history_id(call: Call) -> int:
    """An absent id is 0, as in every protobuf message: it means the entry with id 0."""
    try:
        return int(call.body.get("id") or 0)
    except (TypeError, ValueError):
        text = "json: cannot unmarshal into Go struct field ApplicationRollbackRequest.id"
        raise ArgoError(Code.INVALID, text) from None


async def sync(call: Call) -> Response:
    app = call.app("sync")
    if app.knobs.window:
        raise ArgoError(Code.DENIED, "cannot sync: blocked by sync window")
    target = app.spec["source"].get("targetRevision") or "HEAD"
    revision = str(call.body.get("revision") or "")
    dry_run = call.body.get("dryRun") is True
    if app.automated and not dry_run and revision not in ("", target):
        text = f"Cannot sync to {revision}: auto-sync currently set to {target}"
        raise ArgoError(Code.PRECONDITION, text)
    _not_deleting(app)
    sha = wanted(call.sim, app).sha
    if revision not in ("", target, "HEAD"):
        found = call.sim.github.platform.resolve(revision)
        if found is None:
            raise ArgoError(Code.UNKNOWN, f"unable to resolve '{revision}' to a commit SHA")
        sha = found
    _not_busy(app)
    prune = call.body.get("prune") is True
    begin(call.sim, app, sha, by=call.state.account, dry_run=dry_run, prune=prune)
    return JSONResponse(application(call.sim, app))


async def stop(call: Call) -> Response:
    app = call.app("sync")
    if app.operation is None:
        text = "Unable to terminate operation. No operation is in progress"
        raise ArgoError(Code.INVALID, text)
    terminate(call.sim, app)
    return JSONResponse({})


def _not_deleting(app: App) -> None:
    if app.deleting:
        raise ArgoError(Code.PRECONDITION, "application is deleting")


def _not_busy(app: App) -> None:
    if app.operation is not None:
        raise ArgoError(Code.PRECONDITION, f"error setting app operation: {BUSY}")
