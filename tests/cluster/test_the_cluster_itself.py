"""The real control plane does what the other tests here rely on."""

from __future__ import annotations

from tests.cluster.world import World, until


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
