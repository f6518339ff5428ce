"""What the simulated registry remembers, and which images it has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.core.simulation import Simulation
from sandbox.github.seed import tag_at
from sandbox.github.services import SERVICES

HOST = "registry.demo.example"
AUTHS = ("bearer", "basic", "none")
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
NAMES = {
    OCI_INDEX: ("OCI index", "OCI indexes"),
    OCI_MANIFEST: ("OCI manifest", "OCI manifests"),
    DOCKER_LIST: ("Manifest list", "manifest lists"),
    DOCKER_MANIFEST: ("Manifest", "manifests of schema 2"),
}
"""As the refusal of a caller who does not accept them calls them."""
TYPES = {"lms": OCI_INDEX, "cms": DOCKER_LIST, "ecommerce": OCI_MANIFEST}
"""Every kind there is, so that a caller who forgets one is found out."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands behind a tag."""

    tag: str
    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a bearer of it may read, and for how long."""

    scopes: tuple[str, ...]
    expires: datetime


@dataclass(kw_only=True)
class RegistryState:
    """Images come from what git ever deployed; `removed` are gone all the same."""

    removed: set[str] = field(default_factory=set)
    """`lms:r141`, or `lms` for the whole repository."""
    denied: set[str] = field(default_factory=set)
    """Repositories that the account may not read."""
    auth: str = "bearer"
    tokens: dict[str, Token] = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        return {
            "host": HOST,
            "auth": self.auth,
            "removed": sorted(self.removed),
            "denied": sorted(self.denied),
        }


def state() -> RegistryState:
    """Everything that was ever deployed is there."""
    return RegistryState()


def manifests(sim: Simulation, name: str) -> list[Manifest] | None:
    """What a repository holds; None when there is no such repository."""
    state: RegistryState = sim.registry
    folders = [one.path for one in SERVICES if (one.image or one.name) == name]
    if not folders or name in state.removed:
        return None
    code = sim.github.platform
    tags = {
        tag_at(code, commit.sha, folder)
        for commit in code.commits.values()
        for folder in folders
        if f"{folder}/values.yaml" in commit.changes
    }
    return [_manifest(name, tag) for tag in sorted(tags) if f"{name}:{tag}" not in state.removed]


def _manifest(name: str, tag: str) -> Manifest:
    """Made up, and the same every time: a digest has to be found again."""
    kind = TYPES.get(name, DOCKER_MANIFEST)
    layer = hashlib.sha256(f"{name}:{tag}".encode()).hexdigest()
    part = {"mediaType": kind, "digest": f"sha256:{layer}", "size": 1234}
    parts = "manifests" if kind in (OCI_INDEX, DOCKER_LIST) else "layers"
    body = {"schemaVersion": 2, "mediaType": kind, parts: [part]}
    return Manifest(tag=tag, media_type=kind, body=json.dumps(body, sort_keys=True).encode())
