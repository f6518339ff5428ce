"""Where each environment's Kubernetes cluster is reached, and what switches it on."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.vendors import Variables
from bot.domain.catalog import Environment


@dataclass(frozen=True, kw_only=True)
class KubernetesConfig:
    """By a kubeconfig and a context in it, or by an address and a token."""

    environment: str
    variable: str
    """The one that switched it on."""
    kubeconfig: Path | None = None
    context: str = ""
    url: str = ""
    ca_file: Path | None = None
    token: SecretStr | None = None


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
        return None
    return KubernetesConfig(
        environment=place.name,
        variable=variable,
        url=place.kubernetes_url,
        ca_file=Path(place.kubernetes_ca_file) if place.kubernetes_ca_file else None,
        token=given.secret(variable),
    )
