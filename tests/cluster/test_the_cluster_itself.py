"""The real control plane does what the other tests here rely on."""

from __future__ import annotations

import base64

import httpx
import pytest

from bot.domain.errors import VendorRejected
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.kubeconfig import from_authority, from_file
from bot.tools import Gate
from tests.cluster.bots import Bots, deployment
from tests.cluster.control_plane import BOT, ControlPlane
from tests.cluster.world import MARK, World, answered, until


def test_a_deployment_rolls_out(world: World) -> None:
    world.deployment("web", "registry.k8s.io/pause:3.9", replicas=2)

    world.ready("deployments", "web", 2)


def test_a_pod_of_a_broken_image_never_becomes_ready(world: World) -> None:
    world.deployment("web", "registry.k8s.io/pause:3.9-broken", replicas=1)
    until(
        lambda: world.read("apps/v1", "deployments", "web")["status"].get("unavailableReplicas"),
        "the broken pod is counted",
    )

    assert "readyReplicas" not in world.read("apps/v1", "deployments", "web")["status"]


def test_by_its_kubeconfig_the_cluster_knows_us(plane: ControlPlane, admin: httpx.Client) -> None:
    itself = answered(admin.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", json={}))
    api = Api(
        environment="production",
        open=lambda: from_file(plane.kubeconfig, plane.context),
        gate=Gate(observe=True),
    )
    cluster = Kubernetes(api)
    try:
        assert cluster.who() == itself["status"]["userInfo"]["username"]
    finally:
        cluster.close()


def test_a_certificate_in_no_file_and_a_token_asked_for_each_time_are_enough(
    plane: ControlPlane,
) -> None:
    assert plane.ca is not None
    authority = base64.b64encode(plane.ca.read_bytes()).decode()
    bot = plane.tokens[BOT]
    tokens = iter(["", "stale", bot, bot])
    api = Api(
        environment="production",
        open=lambda: from_authority(plane.url, authority, lambda: next(tokens)),
        gate=Gate(observe=True),
    )
    cluster = Kubernetes(api)
    try:
        with pytest.raises(VendorRejected):
            cluster.who()
        with pytest.raises(VendorRejected):
            cluster.who()
        assert cluster.who() == f"system:serviceaccount:{MARK}:{BOT}"
    finally:
        cluster.close()


def test_a_token_of_another_cluster_is_told(bots: Bots, world: World) -> None:
    place = deployment(world)
    with pytest.raises(VendorRejected, match="refused our credentials"):
        bots.tools(place, "nobody").cluster("production").workload(place, doing="read it")
