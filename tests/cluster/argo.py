"""Argo CD as far as a cluster shows it: its applications, and its hand on a field."""

from __future__ import annotations

import httpx

from tests.cluster.world import LABEL, World, answered, until

_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "applications.argoproj.io", "labels": LABEL},
    "spec": {
        "group": "argoproj.io",
        "scope": "Namespaced",
        "names": {"kind": "Application", "plural": "applications", "singular": "application"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}


def define(admin: httpx.Client) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    if admin.get(f"{path}/applications.argoproj.io").status_code == 404:
        answered(admin.post(path, json=_DEFINITION))


def application(world: World, *, self_heal: bool, made_by: str = "") -> None:
    define(world.admin)
    until(
        lambda: world.admin.get(world.path("argoproj.io/v1alpha1", "applications")).is_success,
        "applications are known",
    )
    above = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "name": made_by,
        "uid": "1",
    }
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "ownerReferences": [above] if made_by else []},
        "spec": {"syncPolicy": {"automated": {"selfHeal": self_heal}}},
    }
    world.create("argoproj.io/v1alpha1", "applications", body)


def written_by(world: World, manager: str) -> None:
    """The number of pods, by this field manager."""
    answered(
        world.admin.patch(
            world.path("apps/v1", "deployments", "web"),
            params={"fieldManager": manager, "force": "true"},
            json={
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web"},
                "spec": {"replicas": 2},
            },
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
    )
