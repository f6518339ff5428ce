"""Finds who writes an application's spec again, because such an owner would undo a rollback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.domain.errors import VendorRejected
from bot.integrations.argocd_api import Api
from bot.integrations.argocd_history import Application, application

_POLICY = "/spec/syncPolicy"
_TRACKING = "argocd.argoproj.io/tracking-id"
_INSTANCES = ("argocd.argoproj.io/instance", "app.kubernetes.io/instance")
_RESPECTS = "RespectIgnoreDifferences=true"
_NEVER_UPDATES = ("create-only", "create-delete")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """`undoes` says why auto-sync would be switched on again; "" where it would not."""

    kind: str
    name: str
    undoes: str = ""

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


def owner_of(api: Api, app: Application) -> Owner | None:
    """The ApplicationSet or the parent application, one call where there is one."""
    metadata = app.raw.get("metadata") or {}
    for each in metadata.get("ownerReferences") or ():
        if each.get("kind") == "ApplicationSet":
            return _generated(api, app, str(each.get("name", "")))
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    tracked = str(annotations.get(_TRACKING, "")).partition(":")[0]
    if tracked and tracked != app.name:
        return _child(api, app, tracked, sure=True)
    for name in _INSTANCES:
        parent = str(annotations.get(name) or labels.get(name) or "")
        if parent and parent != app.name:
            return _child(api, app, parent, sure=False)
    return None


def _generated(api: Api, app: Application, name: str) -> Owner:
    kind = "ApplicationSet"
    try:
        found = api.parent(
            "applicationsets", name, namespace=app.namespace, doing=f"read {kind} {name}"
        )
    except VendorRejected as error:
        why = f"whether it leaves {_POLICY} alone could not be read ({error.why})"
        return Owner(kind=kind, name=name, undoes=why)
    spec = found.get("spec") or {}
    if (spec.get("syncPolicy") or {}).get("applicationsSync") in _NEVER_UPDATES:
        return Owner(kind=kind, name=name)
    rules = spec.get("ignoreApplicationDifferences") or ()
    mine = [each for each in rules if not each.get("name") or each.get("name") == app.name]
    if _ignored(mine):
        return Owner(kind=kind, name=name)
    why = f"it does not ignore {_POLICY}, so it would switch auto-sync on again"
    return Owner(kind=kind, name=name, undoes=why)


def _child(api: Api, app: Application, name: str, *, sure: bool) -> Owner | None:
    """An app of apps. A label may also be the chart's own: then there is no such application."""
    kind = "App of apps"
    try:
        found = api.parent(
            "applications", name, namespace=app.namespace, doing=f"read application {name}"
        )
    except VendorRejected as error:
        if not sure:
            return None
        why = f"whether it leaves {_POLICY} alone could not be read ({error.why})"
        return Owner(kind=kind, name=name, undoes=why)
    parent = application(found)
    # Who is synced by hand writes nothing until somebody syncs.
    return Owner(kind=kind, name=name, undoes=_overwrites(parent, app) if parent.auto_sync else "")


def _overwrites(parent: Application, app: Application) -> str:
    rules = (parent.raw.get("spec") or {}).get("ignoreDifferences") or ()
    if not _ignored(each for each in rules if _about(each, app)):
        return (
            f"it does not ignore {_POLICY} of its applications,"
            " so it would switch auto-sync on again"
        )
    if _RESPECTS not in (parent.sync_policy.get("syncOptions") or ()):
        # https://argo-cd.readthedocs.io/en/stable/operator-manual/cluster-bootstrapping/
        return (
            f"it ignores {_POLICY} only when it compares: its next sync would switch auto-sync"
            f" on again ({_RESPECTS} is missing)"
        )
    return ""


def _about(rule: Mapping[str, Any], app: Application) -> bool:
    """As Argo CD matches it: a missing group is the core group, and no Application is in that."""
    return (
        fnmatchcase("argoproj.io", str(rule.get("group") or ""))
        and fnmatchcase("Application", str(rule.get("kind") or ""))
        and rule.get("name") in (None, "", app.name)
        and rule.get("namespace") in (None, "", app.namespace)
    )


def _ignored(rules: Iterable[Mapping[str, Any]]) -> bool:
    for rule in rules:
        pointers = [str(each).rstrip("/") for each in rule.get("jsonPointers") or ()]
        paths = [str(each) for each in rule.get("jqPathExpressions") or ()]
        if any(each in (_POLICY, f"{_POLICY}/automated") for each in pointers):
            return True
        if any(each in (".spec.syncPolicy", ".spec.syncPolicy.automated") for each in paths):
            return True
    return False
