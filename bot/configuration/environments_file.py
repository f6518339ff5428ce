"""environments.yaml: the stages of the platform, and the registries that its images come from."""

import re
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from bot.configuration.lines import Document
from bot.configuration.problem import Problem
from bot.configuration.validation import Strict, validated
from bot.domain.catalog import Environment, ImageRegistry
from bot.domain.clusters import KubernetesCluster

_LOCAL = ("127.0.0.1", "localhost", "::1")
ROLE = re.compile(r"arn:aws(?:-[a-z-]+)?:iam::(\d{12}):role/[\w+=,.@/-]+")
_HOST = re.compile(r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(
            f"`{text}` is not a host; write what stands before the first slash of an image's name"
        )
    return text


def _address(text: str) -> str:
    """As for an address in a variable: in full, encrypted, without a password."""
    parts = urlsplit(text)
    if not text:
        return text
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"`{text}` is not an address; write it in full, like https://host")
    if parts.username or parts.password:
        raise ValueError("the address holds a password; remove everything before the @")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise ValueError("secrets would travel unencrypted; write https:// instead")
    return text.rstrip("/")


def _region(text: str) -> str:
    if text and not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", text):
        raise ValueError(f"`{text}` is not a region, like us-east-1")
    return text


def _cluster_name(text: str) -> str:
    """It stands before a revision (`eu:r41`), and in the name of nothing else."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", text) or text == "together":
        raise ValueError(f"`{text}` is no name for a cluster; write one like eu or prod-2")
    return text


class ArgoCdPart(Strict):
    url: str = ""
    url_variable: str = ""
    token_variable: str = ""
    namespace: str = "argocd"
    project: str = "default"


class ClusterPart(Strict):
    """One way to one cluster."""

    kubeconfig_variable: str = ""
    url: Annotated[str, AfterValidator(_address)] = ""
    ca_file: str = ""
    token_variable: str = ""
    eks: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.kubeconfig_variable and self.token_variable:
            raise ValueError("`kubeconfig_variable` and `token_variable` are two ways; keep one")
        if self.token_variable and not self.url:
            raise ValueError("a token needs the address of the cluster; write `url` too")
        return self

    @property
    def reached(self) -> bool:
        return bool(self.kubeconfig_variable or self.token_variable or self.eks)


class FurtherPart(ClusterPart):
    """A cluster beside the first: what the environment itself says of its own."""

    kube_context: str = ""
    cluster: str = ""
    region: Annotated[str, AfterValidator(_region)] = ""

    @model_validator(mode="after")
    def _all_of_it(self) -> Self:
        if not self.reached:
            raise ValueError(
                "nothing says how it is reached;"
                " write `kubeconfig_variable`, `token_variable` with `url`, or `eks`"
            )
        if self.eks and not self.cluster:
            raise ValueError("EKS has to know which cluster; write `cluster` too")
        return self


class KubernetesPart(ClusterPart):
    """The first cluster, and further ones by the names that components give them."""

    more: dict[Annotated[str, AfterValidator(_cluster_name)], FurtherPart] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _first(self) -> Self:
        if self.more and not self.reached:
            raise ValueError("`more` comes after a first cluster; write how that is reached too")
        return self


def _role(text: str) -> str:
    if text and not ROLE.fullmatch(text):
        raise ValueError(f"`{text}` is not the ARN of a role (arn:aws:iam::<account>:role/<name>)")
    return text


class AwsPart(Strict):
    role_arn: Annotated[str, AfterValidator(_role)] = ""
    role_variable: str = ""
    region: Annotated[str, AfterValidator(_region)] = ""
    endpoint_variable: str = ""


class EnvironmentPart(Strict):
    title: str = ""
    production: bool = False
    cluster: str = ""
    region: str = ""
    account: str = ""
    kube_context: str = ""
    argocd: ArgoCdPart = ArgoCdPart()
    kubernetes: KubernetesPart = KubernetesPart()
    aws: AwsPart = AwsPart()


class RegistryPart(Strict):
    host: Annotated[str, AfterValidator(_host)]
    url: Annotated[str, AfterValidator(_address)] = ""
    url_variable: str = ""
    username: str = ""
    password_variable: str = ""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.username) != bool(self.password_variable):
            raise ValueError("`username` and `password_variable` belong together; write both")
        return self


class EnvironmentsFile(Strict):
    environments: dict[str, EnvironmentPart]
    registries: tuple[RegistryPart, ...] = ()


def read(
    document: Document, problems: list[Problem]
) -> tuple[tuple[Environment, ...], tuple[ImageRegistry, ...]]:
    file = validated(EnvironmentsFile, document, problems)
    if file is None:
        return (), ()
    problems += _twice(document, file) + _other_accounts(document, file)
    problems += _same_name(document, file)
    return (
        tuple(_environment(document, name, part) for name, part in file.environments.items()),
        tuple(ImageRegistry(**part.model_dump()) for part in file.registries),
    )


def _environment(document: Document, name: str, part: EnvironmentPart) -> Environment:
    return Environment(
        name=name,
        title=part.title or name.capitalize(),
        production=part.production,
        cluster=part.cluster,
        region=part.region,
        account=part.account,
        argocd_url=part.argocd.url,
        argocd_url_variable=part.argocd.url_variable,
        argocd_token_variable=part.argocd.token_variable,
        argocd_namespace=part.argocd.namespace,
        argocd_project=part.argocd.project,
        kubernetes=_clusters(document, name, part),
        aws_role=part.aws.role_arn,
        aws_role_variable=part.aws.role_variable,
        aws_region=part.aws.region or part.region,
        aws_endpoint_variable=part.aws.endpoint_variable,
    )


def _clusters(
    document: Document, name: str, part: EnvironmentPart
) -> tuple[KubernetesCluster, ...]:
    place = ("environments", name, "kubernetes")
    first = KubernetesCluster(
        context=part.kube_context,
        cluster=part.cluster,
        written=document.where(*place),
        **_way(part.kubernetes),
    )
    return (
        first,
        *(
            KubernetesCluster(
                name=called,
                context=each.kube_context,
                cluster=each.cluster,
                region=each.region,
                written=document.where(*place, "more", called),
                **_way(each),
            )
            for called, each in part.kubernetes.more.items()
        ),
    )


def _way(part: ClusterPart) -> dict[str, Any]:
    return part.model_dump(include=set(ClusterPart.model_fields))


def _twice(document: Document, file: EnvironmentsFile) -> list[Problem]:
    """Of two with one host nobody could say whose password goes there."""
    hosts = [part.host for part in file.registries]
    return [
        Problem(
            where=document.where("registries", place, "host"),
            what=f"The registry {host} is in this file already.",
            fix="Keep one of them.",
        )
        for place, host in enumerate(hosts)
        if host in hosts[:place]
    ]


def _other_accounts(document: Document, file: EnvironmentsFile) -> list[Problem]:
    """A role of another account than the one named beside it would act on the wrong stage."""
    return [
        Problem(
            where=document.where("environments", name, "aws", "role_arn"),
            what=f"The role of {name} belongs to the account {found[1]}, not to {part.account}.",
            fix="Write the role of this environment's own account.",
        )
        for name, part in file.environments.items()
        if (found := ROLE.fullmatch(part.aws.role_arn)) and part.account not in ("", found[1])
    ]


def _same_name(document: Document, file: EnvironmentsFile) -> list[Problem]:
    """`prod-1:r41` has to mean one cluster."""
    return [
        Problem(
            where=document.where("environments", name, "kubernetes", "more", first),
            what=f"{first} is the first cluster of {name} already.",
            fix="Give the further one another name.",
        )
        for name, part in file.environments.items()
        if (first := part.cluster or name) in part.kubernetes.more
    ]
