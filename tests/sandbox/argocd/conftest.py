"""Argo CD's API of a running demo world, with the demo's token."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest


@dataclass(frozen=True, kw_only=True)
class Argo:
    """What the tests say to Argo CD, and to the world around it."""

    demo: Any

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": "Bearer argo-demo-token"}
        return self.demo.http.request(method, f"/argocd/api{path}", headers=headers, **options)

    def app(self, name: str = "lms") -> dict[str, Any]:
        return self.call("GET", f"/v1/applications/{name}").json()

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.call("POST", f"/v1/applications/{path}", json=body)

    def merge(self, name: str, **spec: Any) -> httpx.Response:
        body = {"patch": json.dumps({"spec": spec}), "patchType": "merge"}
        return self.call("PATCH", f"/v1/applications/{name}", json=body)

    def pause(self, name: str = "lms") -> dict[str, Any]:
        return self.merge(name, syncPolicy={"automated": {"enabled": False}}).json()

    def knobs(self, **said: Any) -> Any:
        return self.demo.post("/argocd/knobs", **said)

    def advance(self, seconds: float) -> None:
        self.demo.post("/clock", advance=seconds)

    def bring_r142(self) -> None:
        self.demo.post("/world", set={"lms-web.revision": "r142"})

    @property
    def revision(self) -> str:
        return self.demo.sim.world["lms-web.revision"]

    def phase(self, name: str = "lms") -> tuple[str, str]:
        status = self.app(name)["status"]
        return status["operationState"]["phase"], status["health"]["status"]


@pytest.fixture
def argo(demo: Any) -> Argo:
    return Argo(demo=demo)
