"""Renders a commit's chart into the Kubernetes objects that Argo CD compares and applies."""

from __future__ import annotations

from typing import Any

from sandbox.github.repository import Repository
from sandbox.github.seed import parsed

HOOK = "argocd.argoproj.io/hook"


def values_at(code: Repository, sha: str, folder: str) -> dict[str, Any]:
    """The chart's values in one commit."""
    return parsed(code.trees[sha][f"{folder}/values.yaml"])


def chart_at(code: Repository, sha: str, folder: str) -> str:
    """Name and version of the chart in one commit, as its label spells them."""
    chart = parsed(code.trees[sha][f"{folder}/Chart.yaml"])
    return f"{chart['name']}-{chart['version']}"


def image_at(code: Repository, sha: str, folder: str) -> str:
    image = values_at(code, sha, folder)["image"]
    return f"{image['repository']}:{image['tag']}"


def manifests(code: Repository, sha: str, folder: str, *, name: str) -> list[dict[str, Any]]:
    """Every object of a release: web and worker, service, and the migration hook."""
    values, chart = values_at(code, sha, folder), chart_at(code, sha, folder)
    labels = {"app.kubernetes.io/instance": name, "helm.sh/chart": chart}
    found = [_deployment(f"{name}-web", values, labels, replicas=values["replicas"])]
    if workers := values["worker"]["replicas"]:
        found.append(_deployment(f"{name}-worker", values, labels, replicas=workers))
    found.append(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": f"{name}-web", "namespace": name, "labels": labels},
            "spec": {"ports": [{"port": 80}], "selector": {"app": f"{name}-web"}},
        }
    )
    if values["migrations"]["enabled"]:
        found.append(_migration(name, values, labels))
    return found


def _deployment(
    name: str, values: dict[str, Any], labels: dict[str, str], *, replicas: int
) -> dict[str, Any]:
    space = labels["app.kubernetes.io/instance"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": space, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [_container(name.rsplit("-", 1)[-1], values)]},
            },
        },
    }


def _container(name: str, values: dict[str, Any]) -> dict[str, Any]:
    image = values["image"]
    return {
        "name": name,
        "image": f"{image['repository']}:{image['tag']}",
        "env": [{"name": key, "value": str(value)} for key, value in values["env"].items()],
        "resources": values["resources"],
    }


def _migration(name: str, values: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    container = {**_container("migrate", values), "args": ["manage.py", "migrate", "--noinput"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{name}-migrate",
            "namespace": name,
            "labels": labels,
            "annotations": {HOOK: "PreSync", f"{HOOK}-delete-policy": "BeforeHookCreation"},
        },
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    }
