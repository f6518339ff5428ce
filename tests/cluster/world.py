"""A namespace of a real cluster with what a test needs in it, and who sits pods on nodes."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

MARK = f"tocsin-tests-{uuid.uuid4().hex[:8]}"
"""One run's own: what it makes outside of a namespace begins with it and bears it as a label."""
LABEL = {"tocsin.dev/tests": MARK}
KWOK = {"kwok.x-k8s.io/node": "fake"}
NODES = (f"{MARK}-a", f"{MARK}-b")
GROUP = "eks.amazonaws.com/nodegroup"
# Somebody's real kubelets have images to pull.
_PATIENCE = 180.0 if os.environ.get("TOCSIN_TEST_KUBECONFIG") else 45.0


def until(what: Callable[[], Any], why: str) -> Any:
    """What it answered when it first was true."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.15)
    raise AssertionError(f"not within {_PATIENCE:.0f} s: {why}")


@dataclass(frozen=True, kw_only=True)
class World:
    """Arranged by the cluster's admin, beside the bot."""

    admin: httpx.Client
    namespace: str

    def path(self, group: str, plural: str, name: str = "") -> str:
        root = f"/apis/{group}" if "/" in group else f"/api/{group}"
        return f"{root}/namespaces/{self.namespace}/{plural}" + (f"/{name}" if name else "")

    def create(self, group: str, plural: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return answered(self.admin.post(self.path(group, plural), json=body))

    def read(self, group: str, plural: str, name: str = "") -> dict[str, Any]:
        return answered(self.admin.get(self.path(group, plural, name)))

    def merge(self, group: str, plural: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        kind = {"Content-Type": "application/merge-patch+json"}
        path = self.path(group, plural, name)
        return answered(self.admin.patch(path, json=body, headers=kind))

    def deployment(self, name: str, image: str, **more: Any) -> dict[str, Any]:
        return self.create("apps/v1", "deployments", workload("Deployment", name, image, **more))

    def ready(self, plural: str, name: str, count: int, image: str = "") -> dict[str, Any]:
        """Waits until so many pods of it are up, all of the newest template."""

        def look() -> dict[str, Any] | None:
            now = self.read("apps/v1", plural, name)
            status = now.get("status", {})
            ready = status.get("readyReplicas", status.get("numberReady", 0))
            updated = status.get("updatedReplicas", status.get("updatedNumberScheduled", 0))
            seen = status.get("observedGeneration") == now["metadata"]["generation"]
            return now if seen and ready == updated == count else None

        found = until(look, f"{count} pods of {name} ready")
        assert isinstance(found, dict)
        return found

    def image(self, plural: str, name: str) -> str:
        found = self.read("apps/v1", plural, name)
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


def node(
    admin: httpx.Client, name: str, *, group: str = "", labels: Mapping[str, str] | None = None
) -> None:
    """One that takes pods; those of a group only such as ask for it."""
    marks = {**LABEL, **({GROUP: group} if group else {}), **(labels or {})}
    meta = {"name": name, "labels": marks, "annotations": KWOK}
    answered(
        admin.post("/api/v1/nodes", json={"apiVersion": "v1", "kind": "Node", "metadata": meta})
    )
    # No controller for a node's life runs here, which would take its first taint away.
    change_node(admin, name, {"spec": {"taints": None}})
    # What a test says of its status later must not be said over by the kubelet that is played.
    if "broken" not in marks:
        path = f"/api/v1/nodes/{name}"
        until(lambda: answered(admin.get(path))["status"].get("allocatable"), f"{name} is ready")


def change_node(
    admin: httpx.Client, name: str, body: Mapping[str, Any], *, part: str = ""
) -> dict[str, Any]:
    kind = {"Content-Type": "application/merge-patch+json"}
    return answered(admin.patch(f"/api/v1/nodes/{name}{part}", json=body, headers=kind))


def workload(kind: str, name: str, image: str, **more: Any) -> dict[str, Any]:
    """`replicas`, `env`, `paused`, `labels`, `annotations` and whatever else the spec takes."""
    labels = {"app": name}
    env = [{"name": k, "value": v} for k, v in more.pop("env", {}).items()]
    described = {key: more.pop(key) for key in ("labels", "annotations") if key in more}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, **described},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": image, "env": env}]},
            },
            **({"serviceName": name} if kind == "StatefulSet" else {}),
            **more,
        },
    }


def answered(response: httpx.Response) -> dict[str, Any]:
    assert response.is_success, response.text
    found = response.json()
    assert isinstance(found, dict)
    return found


@contextmanager
def seating(admin: httpx.Client) -> Iterator[None]:
    """In place of the scheduler: every pod of ours gets a node, a daemon's pod the one it asks for."""
    done = threading.Event()

    def loop() -> None:
        while not done.wait(0.1):
            try:
                seat(admin)
            except httpx.TransportError:
                continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(5)


def seat(admin: httpx.Client) -> None:
    free = [
        each
        for each in admin.get("/api/v1/nodes").json()["items"]
        if not each["spec"].get("unschedulable")
    ]
    waiting = admin.get("/api/v1/pods", params={"fieldSelector": "spec.nodeName="}).json()["items"]
    ours = [each for each in waiting if each["metadata"]["namespace"].startswith(MARK)]
    for number, pod in enumerate(ours):
        fitting = [each["metadata"]["name"] for each in free if _fits(each, pod)]
        node = _asked_for(pod) or (fitting[number % len(fitting)] if fitting else "")
        if node:
            meta = pod["metadata"]
            target = {"apiVersion": "v1", "kind": "Node", "name": node}
            body = {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": meta["name"]},
                "target": target,
            }
            path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/binding"
            admin.post(path, json=body)


def _fits(node: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    """Nodes of a group are for pods that ask for them; the others take the rest."""
    labels = node["metadata"].get("labels", {})
    wanted = pod["spec"].get("nodeSelector", {})
    if not wanted:
        return GROUP not in labels
    return all(labels.get(key) == value for key, value in wanted.items())


def _asked_for(pod: Mapping[str, Any]) -> str:
    affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    wanted = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    for term in wanted.get("nodeSelectorTerms", []):
        for field in term.get("matchFields", []):
            return str(field["values"][0])
    return ""
