"""The handful of Argo CD calls that we make, each with what a person would do instead."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.errors import Refused, VendorDown, VendorError, VendorRejected
from bot.integrations.argocd_direct import Objects, rollback_patch
from bot.integrations.argocd_history import Application, Release, application
from bot.integrations.argocd_revisions import Revisions
from bot.integrations.argocd_state import RollbackState
from bot.integrations.argocd_words import words
from bot.integrations.http import Access, Asked, Vendor
from bot.tools import Gate

VENDOR = "Argo CD"
_SWITCH_SINCE = (3, 1)


class Api:
    """One Argo CD."""

    def __init__(self, url: str, token: str, gate: Gate, objects: Objects | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        access = Access(vendor=VENDOR, url=url, headers=headers, words=words)
        self.url = url.rstrip("/")
        self.vendor = Vendor(access, gate)
        self.objects = objects
        """The cluster's own view, for when the server is down."""
        self.revisions = Revisions(self.vendor)
        self._switchable: bool | None = None

    def application(
        self, name: str, *, namespace: str, project: str, doing: str = "", fresh: bool = False
    ) -> Application:
        """`fresh` has Argo CD compare with git first."""
        # With `project`, a missing application is "not found" and not "permission denied".
        params = {"appNamespace": namespace, "project": project}
        if fresh:
            params["refresh"] = "normal"
        doing = doing or f"read {name}"
        try:
            found = self.vendor.read(
                f"api/v1/applications/{name}",
                doing=doing,
                by_hand=self.by_hand(name, namespace),
                params=params,
            )
        except VendorDown as down:
            kept = self._kept("applications", name, namespace, doing=doing)
            if kept is None:
                raise down
            return replace(application(kept), direct=True)
        return application(found or {})

    def parent(self, plural: str, name: str, *, namespace: str, doing: str) -> Mapping[str, Any]:
        """An application above, or an ApplicationSet."""
        inside = "appsetNamespace" if plural == "applicationsets" else "appNamespace"
        try:
            found = self.vendor.read(
                f"api/v1/{plural}/{name}", doing=doing, params={inside: namespace}
            )
        except VendorDown as down:
            found = self._kept(plural, name, namespace, doing=doing)
            if found is None:
                raise down
        return found or {}

    def _kept(
        self, plural: str, name: str, namespace: str, *, doing: str
    ) -> Mapping[str, Any] | None:
        """From the cluster itself: only where the server is certainly away, and not just slow."""
        if self.objects is None or self._answers():
            return None
        try:
            return self.objects.read(plural, name, namespace=namespace, doing=doing)
        except VendorError:
            return None

    def _answers(self) -> bool:
        try:
            self.vendor.read("api/version", doing="see whether it answers at all")
        except VendorRejected:
            return True
        except VendorError:
            return False
        return True

    def planned(self, state: RollbackState, *, doing: str, fresh: bool = False) -> Application:
        """The application that a plan is about, as it is now."""
        return self.application(
            state.app, namespace=state.namespace, project=state.project, doing=doing, fresh=fresh
        )

    def active_windows(
        self, name: str, *, namespace: str, project: str, doing: str
    ) -> tuple[str, ...]:
        """The sync windows that forbid a sync now, as their project writes them down.

        Example: "deny 0 13 * * 2 for 4h". Empty where none does, or where that cannot be read:
        nothing hangs on it.
        """
        params = {"appNamespace": namespace, "project": project}
        path = f"api/v1/applications/{name}/syncwindows"
        try:
            found = self.vendor.read(path, doing=doing, params=params) or {}
        except VendorError:
            return ()
        if found.get("canSync"):
            return ()
        shown = ("kind", "schedule", "duration")
        return tuple(
            "{} {} for {}".format(*(each.get(part, "?") for part in shown))
            for each in found.get("activeWindows") or ()
        )

    def applications(self, projects: Sequence[str]) -> list[Application]:
        found = self.vendor.read(
            "api/v1/applications",
            doing="list the applications",
            params={"projects": sorted(set(projects))},
        )
        return [application(each) for each in (found or {}).get("items") or ()]

    def switchable(self) -> bool:
        """Whether auto-sync has a switch of its own, asked once."""
        if self._switchable is None:
            found = self.vendor.read("api/version", doing="read Argo CD's version") or {}
            number = re.match(r"v?(\d+)\.(\d+)", str(found.get("Version", "")))
            self._switchable = bool(number) and _pair(number) >= _SWITCH_SINCE
        return self._switchable

    def patch_automated(
        self, state: RollbackState, automated: Mapping[str, Any] | None, *, doing: str
    ) -> None:
        """A merge patch: what is None goes away, what is not named stays."""
        patch = {"spec": {"syncPolicy": {"automated": automated}}}
        if state.direct and self.objects is not None and not self._answers():
            self.objects.merge(state.app, patch, namespace=state.namespace, doing=doing)
            return
        body = {
            "name": state.app,
            "patch": json.dumps(patch),
            "patchType": "merge",
            "project": state.project,
            "appNamespace": state.namespace,
        }
        self._write("PATCH", f"api/v1/applications/{state.app}", state, doing=doing, body=body)

    def terminate(self, state: RollbackState, *, doing: str) -> None:
        path = f"api/v1/applications/{state.app}/operation"
        self._write("DELETE", path, state, doing=doing)

    def rollback(self, state: RollbackState, history_id: int, *, doing: str) -> None:
        """The one request that changes production."""
        body = {
            "name": state.app,
            "id": history_id,
            "prune": False,
            "dryRun": False,
            "project": state.project,
            "appNamespace": state.namespace,
        }
        path = f"api/v1/applications/{state.app}/rollback"
        self._write("POST", path, state, doing=doing, body=body)

    def patch_operation(
        self, app: Application, release: Release, state: RollbackState, attempt: str, *, doing: str
    ) -> None:
        """The one request, where the server is down: auto-sync off and the rollback in one write."""
        if self.objects is None:
            raise Refused("No cluster is connected any more. Nothing was sent; make a new plan.")
        self.objects.patch(
            state.app,
            rollback_patch(app, release, attempt),
            namespace=state.namespace,
            doing=doing,
            by_hand=f"kubectl -n {state.namespace} edit application {state.app}",
        )

    def address(self, name: str, namespace: str) -> str:
        return f"{self.url}/applications/{namespace}/{name}"

    def by_hand(self, name: str, namespace: str) -> str:
        return f"Open {name} in Argo CD: {self.address(name, namespace)}"

    def _write(
        self, method: str, path: str, state: RollbackState, *, doing: str, body: Any = None
    ) -> None:
        scope = {"project": state.project, "appNamespace": state.namespace}
        self.vendor.send(
            Asked(
                path=path,
                doing=doing,
                method=method,
                by_hand=self.by_hand(state.app, state.namespace),
                params=scope if body is None else None,
                body=body,
                writes=True,
                sent_once=method == "POST",
            )
        )


def _pair(found: re.Match[str] | None) -> tuple[int, int]:
    return (int(found[1]), int(found[2])) if found else (0, 0)
