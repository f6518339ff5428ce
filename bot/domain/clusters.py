"""The Kubernetes clusters of an environment: how each is reached, and by what name it is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KubernetesCluster:
    """A kubeconfig and a token by the names of their variables, never by their content."""

    name: str = ""
    """Of a further one; the first of an environment needs none."""
    kubeconfig_variable: str = ""
    """Names the variable with the path of a kubeconfig; `context` is the context in it."""
    context: str = ""
    url: str = ""
    ca_file: str = ""
    token_variable: str = ""
    eks: bool = False
    """Reached through the environment's AWS account, where no kubeconfig and no token are given."""
    cluster: str = ""
    """What EKS calls it."""
    region: str = ""
    """Where it is not the account's."""
    written: str = ""
    """The file and the line that name it."""


def whereabouts(environment: str, cluster: str = "") -> str:
    """By what a cluster is found: `production`, and a further one of it as `production/eu`."""
    return f"{environment}/{cluster}" if cluster else environment


def environment_of(where: str) -> str:
    return where.partition("/")[0]


def further_of(where: str) -> str:
    """The further cluster's own name; empty for the first of an environment."""
    return where.partition("/")[2]
