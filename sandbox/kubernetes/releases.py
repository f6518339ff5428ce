"""What Helm installed in the simulated cluster: its releases, as it keeps them in Secrets."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import yaml

from sandbox.github.services import SERVICES, START, Service
from sandbox.kubernetes.nodes import REQUESTS

TYPE = "helm.sh/release.v1"
MANAGED = {"app.kubernetes.io/managed-by": "Helm"}
_PARTNER_API = {"r48": "v3"}
"""What a release tells the service of its partner's interface; v2 where it is not named."""
_CHARTS = {"r46": "3.7.1", "r47": "3.7.2", "r48": "3.8.0"}


@dataclass(kw_only=True)
class Secret:
    """`labels` as Helm writes them; `release` as it lies in `data`."""

    name: str
    namespace: str
    labels: dict[str, str]
    release: str
    kind: str = TYPE
    version: int = 5000

    def shown(self) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": self.kind,
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "resourceVersion": str(self.version),
                "labels": dict(self.labels),
            },
            "data": {"release": self.release},
        }


@dataclass(kw_only=True)
class Releases:
    """By `namespace/name`: Helm's Secrets, and the ConfigMaps of its charts."""

    secrets: dict[str, Secret] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, namespace: str) -> list[Secret]:
        """Oldest first."""
        found = [each for each in self.secrets.values() if each.namespace == namespace]
        return sorted(found, key=lambda each: int(each.labels["version"]))

    def view(self) -> list[dict[str, str]]:
        return [{"name": key, **each.labels} for key, each in self.secrets.items()]


def by_helm() -> list[Service]:
    return [each for each in SERVICES if each.by_helm]


def releases() -> Releases:
    """As the pipeline's `helm upgrade` left them, one revision for each release in git."""
    made = Releases()
    for service in by_helm():
        for each in service.releases:
            upgraded(made, service, each.tag, START - each.age + timedelta(minutes=3))
    return made


def upgraded(known: Releases, service: Service, tag: str, at: datetime) -> None:
    """`helm upgrade --install` ran to its end, at once."""
    before = known.of(service.name)
    for each in before:
        if each.labels["status"] == "deployed":
            told = {**opened(each.release), "info": {**opened(each.release)["info"]}}
            told["info"]["status"] = each.labels["status"] = "superseded"
            each.release = packed(told)
            each.version += 1
    number = int(before[-1].labels["version"]) + 1 if before else 1
    labels = {"name": service.name, "owner": "helm", "status": "deployed", "version": str(number)}
    name = f"sh.helm.release.v1.{service.name}.v{number}"
    content = _release(service, tag, number, at)
    known.secrets[f"{service.name}/{name}"] = Secret(
        name=name, namespace=service.name, labels=labels, release=packed(content)
    )
    known.settings[f"{service.name}/{service.name}"] = settings(tag)


def in_world_time(release: str, stored: str, now: datetime) -> str:
    """Helm reads this machine's clock, and the world has its own: a revision keeps its first moment."""
    told = opened(release)
    first = opened(stored)["info"]["last_deployed"] if stored else now.isoformat()
    told["info"]["last_deployed"] = first
    return packed(told)


def packed(told: Mapping[str, Any]) -> str:
    """Base64 by Helm, and once more by the API."""
    inner = base64.b64encode(gzip.compress(json.dumps(told).encode(), mtime=0))
    return base64.b64encode(inner).decode()


def opened(release: str) -> dict[str, Any]:
    inner = base64.b64decode(base64.b64decode(release))
    found: dict[str, Any] = json.loads(gzip.decompress(inner))
    return found


def settings(tag: str) -> dict[str, str]:
    return {"PARTNER_API": _PARTNER_API.get(tag, "v2"), "EXAM_MINUTES_GRACE": "5"}


def _release(service: Service, tag: str, number: int, at: datetime) -> dict[str, Any]:
    chart = {
        "apiVersion": "v2",
        "name": service.name,
        "version": _CHARTS.get(tag, "3.8.1"),
        "appVersion": tag,
    }
    done = "Install complete" if number == 1 else "Upgrade complete"
    return {
        "name": service.name,
        "namespace": service.name,
        "version": number,
        "info": {
            "first_deployed": at.isoformat(),
            "last_deployed": at.isoformat(),
            "deleted": "",
            "description": done,
            "status": "deployed",
        },
        "chart": {"metadata": chart, "templates": [], "values": {}, "schema": None, "files": []},
        "config": {"image": {"tag": tag}},
        "manifest": _manifest(service, tag),
    }


def _manifest(service: Service, tag: str) -> str:
    name = service.name
    labels = {"app.kubernetes.io/name": name}
    image = f"{service.repository}:{tag}"
    container = {"name": "web", "image": image, "resources": {"requests": REQUESTS}}
    configured = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels},
        "data": settings(tag),
    }
    web = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": service.replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    return "".join(f"---\n{yaml.safe_dump(each)}" for each in (configured, web))
