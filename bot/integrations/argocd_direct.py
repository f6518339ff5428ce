"""Argo CD without its server: the Application object itself is read, and patched once, where the server is down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.integrations.argocd_history import Application, Release

WORRY = (
    "Argo CD's server does not answer, so its application is patched in the cluster itself:"
    " its own rights, sync windows and audit log are passed by"
)
SYSTEM = "Argo CD's controller"
_BY = "tocsin"


class Objects(Protocol):
    """Argo CD's own objects in the cluster that it runs in."""

    def read(self, plural: str, name: str, *, namespace: str, doing: str) -> Mapping[str, Any]: ...
    def patch(
        self,
        name: str,
        operations: Sequence[Mapping[str, Any]],
        *,
        namespace: str,
        doing: str,
        by_hand: str,
    ) -> None:
        """One JSON patch of an application; NotSent, and may pass, where a test in it fails."""
        ...

    def merge(self, name: str, body: Mapping[str, Any], *, namespace: str, doing: str) -> None: ...


def rollback_patch(app: Application, release: Release, attempt: str) -> list[Mapping[str, Any]]:
    """What Argo CD's server does for a rollback, in one write held to what was read.

    As `SetAppOperation` and `Server.Rollback` (argo-cd, util/argo/argo.go and
    server/application/application.go): refused where an operation waits, strategy apply, no prune.
    Auto-sync goes as a whole: a switch of its own is not known to every version's definition.
    """
    version = str((app.raw.get("metadata") or {}).get("resourceVersion", ""))
    steps: list[Mapping[str, Any]] = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": version}
    ]
    if app.automated is not None:
        steps.append({"op": "remove", "path": "/spec/syncPolicy/automated"})
    if (app.raw.get("status") or {}).get("operationState"):
        steps.append({"op": "remove", "path": "/status/operationState"})
    return [
        *steps,
        {"op": "add", "path": "/operation", "value": _operation(app, release, attempt)},
    ]


def _operation(app: Application, release: Release, attempt: str) -> Mapping[str, Any]:
    several = bool((app.raw.get("spec") or {}).get("sources"))
    if several:
        what: dict[str, Any] = {
            "sources": [dict(each) for each in release.sources],
            "revisions": list(release.revisions),
        }
    else:
        what = {"source": dict(release.sources[0]), "revision": release.revisions[0]}
    return {
        "initiatedBy": {"username": _BY},
        "info": [{"name": "attempt", "value": attempt}],
        "sync": {
            **what,
            "prune": False,
            "dryRun": False,
            "syncOptions": list(app.sync_policy.get("syncOptions") or ()),
            "syncStrategy": {"apply": {}},
        },
    }
