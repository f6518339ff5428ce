"""One real control plane for all tests here; they are skipped, with the reason, where it cannot be."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cluster.bots import Bots, House, cluster_role, roles
from tests.cluster.control_plane import ControlPlane, missing, running
from tests.cluster.logs import keeping
from tests.cluster.whose import NotThere, header, named, namespace, reached, settled_in
from tests.cluster.world import MARK, NODES, World, change_node, node, seating

HERE = Path(__file__).parent
_ONLY_READING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "view-secrets"},
    "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}],
}


def pytest_report_header() -> str:
    try:
        return header()
    except NotThere as why:
        return f"cluster: {why}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ExitStack() as stack:
        work = tmp_path_factory.mktemp("cluster")
        try:
            theirs = named()
            found = reached(theirs, work) if theirs else None
        except NotThere as why:
            pytest.exit(str(why), returncode=4)
        if found is None:
            _built()
            found = stack.enter_context(running(work))
        yield stack.enter_context(settled_in(found))


def _built() -> None:
    if absent := missing():
        if os.environ.get("TOCSIN_NO_SKIPS"):
            pytest.fail(f"no real Kubernetes API here: {absent} is missing")
        pytest.skip(f"no real Kubernetes API here: {absent} is not built; run make cluster-tools")


@pytest.fixture(scope="session")
def admin(plane: ControlPlane) -> Iterator[httpx.Client]:
    with ExitStack() as stack:
        client = stack.enter_context(plane.client())
        if plane.played:
            stack.enter_context(seating(client))
            for name in NODES:
                node(client, name)
        if plane.own and plane.ca:
            port = stack.enter_context(keeping(client, plane.ca.parent))
            for name in NODES:
                kubelet = {"kubeletEndpoint": {"Port": port}}
                here = [{"type": "InternalIP", "address": "127.0.0.1"}]
                status = {"addresses": here, "daemonEndpoints": kubelet}
                change_node(client, name, {"status": status}, part="/status")
        yield client


@pytest.fixture(autouse=True)
def _played(request: pytest.FixtureRequest, plane: ControlPlane) -> None:
    asked = request.node.get_closest_marker("played")
    if asked and not plane.played:
        pytest.skip(f"{asked.args[0]}: not on somebody's cluster, only on one of kwok")
    asked = request.node.get_closest_marker("own")
    if asked and not plane.own:
        pytest.skip(f"{asked.args[0]}: only on a control plane of our own")


@pytest.fixture
def world(admin: httpx.Client) -> Iterator[World]:
    name = f"{MARK}-{uuid.uuid4().hex[:8]}"
    namespace(admin, name)
    yield World(admin=admin, namespace=name)
    admin.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session", autouse=True)
def documented_roles(request: pytest.FixtureRequest) -> None:
    admin = request.getfixturevalue("admin")
    for role in [*roles(), _ONLY_READING]:
        cluster_role(admin, role)


@pytest.fixture
def bots(plane: ControlPlane) -> Iterator[Bots]:
    made = Bots(plane)
    yield made
    made.close()


@pytest.fixture
def house() -> House:
    return House()
