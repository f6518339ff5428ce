"""Where each environment's Kubernetes clusters are reached, and what switches them on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.vendors import Variables
from bot.domain.catalog import Environment
from bot.domain.clusters import KubernetesCluster, whereabouts


@dataclass(frozen=True, kw_only=True)
class KubernetesConfig:
    """By a kubeconfig and a context in it, by an address and a token, or through AWS."""

    environment: str
    variable: str
    """The one that switched it on."""
    name: str = ""
    """Of a further cluster; empty for the environment's first."""
    kubeconfig: Path | None = None
    context: str = ""
    url: str = ""
    ca_file: Path | None = None
    token: SecretStr | None = None
    eks: str = ""
    """The cluster's name in the environment's AWS account, which says the rest."""
    region: str = ""
    """Of such a cluster, where it is not the account's."""

    @property
    def where(self) -> str:
        return whereabouts(self.environment, self.name)


def kubernetes(given: Variables, place: Environment) -> Iterator[KubernetesConfig]:
    """The first, then the further ones; each is off while its variable is not set."""
    for each in place.kubernetes:
        if found := _one(given, place, each):
            yield found


def _one(given: Variables, place: Environment, one: KubernetesCluster) -> KubernetesConfig | None:
    if (variable := one.kubeconfig_variable) and (path := given.text(variable)):
        if not Path(path).is_file():
            given.wrong(variable, f"There is no file {path}.", "Write the path of a kubeconfig.")
        return KubernetesConfig(
            environment=place.name,
            name=one.name,
            variable=variable,
            kubeconfig=Path(path),
            context=one.context,
        )
    variable = one.token_variable
    if not variable or not given.text(variable):
        return _eks(given, place, one)
    return KubernetesConfig(
        environment=place.name,
        name=one.name,
        variable=variable,
        url=one.url,
        ca_file=Path(one.ca_file) if one.ca_file else None,
        token=given.secret(variable),
    )


def _eks(given: Variables, place: Environment, one: KubernetesCluster) -> KubernetesConfig | None:
    """On while the environment's AWS account is."""
    role = place.aws_role_variable
    if not one.eks or not (place.aws_role or (role and given.text(role))):
        return None
    if not one.cluster:
        given.wrong(
            role or place.name,
            f"The EKS cluster of {place.name} is not known.",
            f"Write `cluster` of {place.name} in environments.yaml.",
        )
    return KubernetesConfig(
        environment=place.name,
        name=one.name,
        variable=role or place.name,
        eks=one.cluster,
        region=one.region,
    )
