"""Where each environment's Kubernetes cluster is reached, and what switches it on."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.vendors import Variables
from bot.domain.catalog import Environment


@dataclass(frozen=True, kw_only=True)
class KubernetesConfig:
    """By a kubeconfig and a context in it, by an address and a token, or through AWS."""

    environment: str
    variable: str
    """The one that switched it on."""
    kubeconfig: Path | None = None
    context: str = ""
    url: str = ""
    ca_file: Path | None = None
    token: SecretStr | None = None
    eks: str = ""
    """The cluster's name in the environment's AWS account, which says the rest."""


def kubernetes(given: Variables, place: Environment) -> KubernetesConfig | None:
    """Off while its variable is not set."""
    if (variable := place.kubeconfig_variable) and (path := given.text(variable)):
        if not Path(path).is_file():
            given.wrong(variable, f"There is no file {path}.", "Write the path of a kubeconfig.")
        return KubernetesConfig(
            environment=place.name,
            variable=variable,
            kubeconfig=Path(path),
            context=place.kube_context,
        )
    variable = place.kubernetes_token_variable
    if not variable or not given.text(variable):
        return _eks(given, place)
    return KubernetesConfig(
        environment=place.name,
        variable=variable,
        url=place.kubernetes_url,
        ca_file=Path(place.kubernetes_ca_file) if place.kubernetes_ca_file else None,
        token=given.secret(variable),
    )


def _eks(given: Variables, place: Environment) -> KubernetesConfig | None:
    """On while the environment's AWS account is."""
    role = place.aws_role_variable
    if not place.kubernetes_eks or not (place.aws_role or (role and given.text(role))):
        return None
    if not place.cluster:
        given.wrong(
            role or place.name,
            f"The EKS cluster of {place.name} is not known.",
            f"Write `cluster` of {place.name} in environments.yaml.",
        )
    return KubernetesConfig(environment=place.name, variable=role or place.name, eks=place.cluster)
