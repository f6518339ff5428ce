"""One real control plane for all tests here; they are skipped, with the reason, where it cannot be."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cluster.bots import Bots, House, roles
from tests.cluster.control_plane import ADMIN, ControlPlane, missing, running
from tests.cluster.logs import keeping
from tests.cluster.world import NODES, World, answered, change_node, node, seating

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    if absent := missing():
        if os.environ.get("TOCSIN_NO_SKIPS"):
            pytest.fail(f"no real Kubernetes API here: {absent} is missing")
        pytest.skip(f"no real Kubernetes API here: {absent} is not built; run make cluster-tools")
    with running(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="session")
def admin(plane: ControlPlane) -> Iterator[httpx.Client]:
    with (
        plane.client(ADMIN) as client,
        seating(client),
        keeping(client, plane.ca.parent) as port,
    ):
        for name in NODES:
            node(client, name)
            kubelet = {"kubeletEndpoint": {"Port": port}}
            here = [{"type": "InternalIP", "address": "127.0.0.1"}]
            status = {"addresses": here, "daemonEndpoints": kubelet}
            change_node(client, name, {"status": status}, part="/status")
        yield client


@pytest.fixture
def world(admin: httpx.Client) -> Iterator[World]:
    name = f"t-{uuid.uuid4().hex[:8]}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    answered(admin.post("/api/v1/namespaces", json=body))
    yield World(admin=admin, namespace=name)
    admin.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session", autouse=True)
def documented_roles(request: pytest.FixtureRequest) -> None:
    admin = request.getfixturevalue("admin")
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
    only_reading = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "view-secrets"},
        "rules": [rule],
    }
    for role in [*roles(), only_reading]:
        answered(admin.post("/apis/rbac.authorization.k8s.io/v1/clusterroles", json=role))


@pytest.fixture
def bots(plane: ControlPlane) -> Iterator[Bots]:
    made = Bots(plane)
    yield made
    made.close()


@pytest.fixture
def house() -> House:
    return House()
