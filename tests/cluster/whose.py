"""The cluster that the tests run on: one of our own or, where a variable says so, somebody else's."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.integrations.kubernetes.kubeconfig import from_file
from tests.cluster.control_plane import BOT, READER, ControlPlane
from tests.cluster.world import KWOK, LABEL, MARK, answered, until

KUBECONFIG, CONTEXT = "TOCSIN_TEST_KUBECONFIG", "TOCSIN_TEST_CONTEXT"
PRODUCTION, IS_KWOK = "TOCSIN_TEST_PRODUCTION", "TOCSIN_TEST_KWOK"
_LOOKS_LIKE_PRODUCTION = re.compile(r"prod|prd|\blive\b", re.IGNORECASE)
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_SWEPT = (
    f"{_RBAC}/clusterrolebindings",
    f"{_RBAC}/clusterroles",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/api/v1/nodes",
    "/api/v1/namespaces",
)


class NotThere(Exception):
    """The variables name no cluster that the tests may use; the text is for whoever set them."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a kubeconfig says of one context."""

    file: Path
    context: str
    cluster: str
    server: str
    authority: bytes

    def __str__(self) -> str:
        return f"context {self.context} of {self.file} ({self.server})"


def named(environment: Mapping[str, str] = os.environ) -> Named | None:
    """None where the variable is not set: then the tests start their own. Touches no cluster."""
    if not (given := environment.get(KUBECONFIG, "")):
        return None
    file = Path(given).expanduser()
    if not file.is_file():
        raise NotThere(f"{KUBECONFIG}: there is no file {file}.")
    found = _read(file, environment.get(CONTEXT, ""))
    told = " ".join((found.context, found.cluster, found.server))
    if _LOOKS_LIKE_PRODUCTION.search(told) and environment.get(PRODUCTION) != found.context:
        raise NotThere(
            f"The {found} looks like production, and these tests make and change things there."
            f" If it is none, say so: {PRODUCTION}={found.context}"
        )
    return found


def header(environment: Mapping[str, str] = os.environ) -> str:
    """Which cluster the run is going to use, in a sentence."""
    if found := named(environment):
        return f"cluster: {found}; all that is made there begins with {MARK} and is removed"
    if ambient := environment.get("KUBECONFIG"):
        unused = f"KUBECONFIG is not used; {KUBECONFIG}={ambient} would"
        return f"cluster: our own, on loopback ({unused})"
    return "cluster: our own, on loopback"


def reached(found: Named, work: Path, environment: Mapping[str, str] = os.environ) -> ControlPlane:
    """Somebody's cluster, after it has answered once. `work` is a folder of ours."""
    ca = work / "their-ca.crt"
    ca.write_bytes(found.authority)
    plane = ControlPlane(
        url=from_file(found.file, found.context).url,
        ca=ca if found.authority else None,
        kubeconfig=found.file,
        context=found.context,
        played=bool(environment.get(IS_KWOK)),
    )
    with plane.client() as client:
        try:
            nodes = answered(client.get("/api/v1/nodes"))["items"]
        except httpx.TransportError as error:
            raise NotThere(f"The {found} does not answer: {error}") from error
    return replace(plane, played=plane.played or _all_of_kwok(nodes))


@contextmanager
def settled_in(plane: ControlPlane) -> Iterator[ControlPlane]:
    """With accounts of ours; whatever bears our mark is removed in the end."""
    with ExitStack() as stack:
        client = stack.enter_context(plane.client())
        stack.callback(_sweep, client, wait=not plane.own)
        namespace(client, MARK)
        yield replace(plane, tokens={who: _account(client, who) for who in (BOT, READER)})


def namespace(client: httpx.Client, name: str) -> None:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": LABEL}}
    answered(client.post("/api/v1/namespaces", json=body))


def _account(client: httpx.Client, who: str) -> str:
    """Its token."""
    path = f"/api/v1/namespaces/{MARK}/serviceaccounts"
    answered(client.post(path, json={"metadata": {"name": who}}))
    asked = {"spec": {"audiences": [], "expirationSeconds": 7200}}
    return str(answered(client.post(f"{path}/{who}/token", json=asked))["status"]["token"])


def _sweep(client: httpx.Client, *, wait: bool) -> None:
    chosen = {"labelSelector": ",".join(f"{key}={value}" for key, value in LABEL.items())}

    def left() -> list[str]:
        found = []
        for path in _SWEPT:
            items = answered(client.get(path, params=chosen))["items"]
            found += [f"{path}/{each['metadata']['name']}" for each in items]
        return found

    for each in left():
        client.delete(each)
    if wait:
        until(lambda: not left(), f"everything that bears the mark {MARK} is gone")


def _all_of_kwok(nodes: list[dict[str, Any]]) -> bool:
    """One real kubelet among them, and nothing here may be taken for played."""
    return bool(nodes) and all(
        set(KWOK) <= set(each["metadata"].get("annotations") or {}) for each in nodes
    )


def _read(file: Path, context: str) -> Named:
    config = yaml.safe_load(file.read_text())
    chosen = context or str(config.get("current-context") or "")
    place = _part(config, "contexts", chosen)
    if place is None:
        known = ", ".join(each["name"] for each in config.get("contexts") or ())
        raise NotThere(f"{file} has no context {chosen or 'chosen'}; {CONTEXT} names one: {known}")
    cluster = str(place["context"]["cluster"])
    of = (_part(config, "clusters", cluster) or {}).get("cluster", {})
    authority = base64.b64decode(of.get("certificate-authority-data", ""))
    if written := of.get("certificate-authority"):
        authority = authority or (file.parent / written).read_bytes()
    return Named(
        file=file,
        context=chosen,
        cluster=cluster,
        server=str(of.get("server", "")),
        authority=authority,
    )


def _part(config: Mapping[str, Any], part: str, name: str) -> dict[str, Any] | None:
    return next((each for each in config.get(part) or () if each["name"] == name), None)
