"""The nouns of the catalog: what runs, where it runs, who owns it and what pages for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.clusters import KubernetesCluster, whereabouts
from bot.domain.migration import MigrationStage


class Kind(StrEnum):
    """What sort of component a service is; only the first and the last ever take user traffic."""

    SERVICE = "service"
    WEBSITE = "website"
    WORKER = "worker"
    JOB = "job"
    LEGACY = "legacy"


class Driver(StrEnum):
    """By what a deployment is changed; each has its own mitigations."""

    ARGOCD = "argocd"
    HELM = "helm"
    KUBERNETES = "kubernetes"
    """Plain manifests: nobody but Kubernetes itself remembers what ran before."""
    ASG = "asg"
    MANAGED = "managed"
    """A resource that the cloud runs: a database, a cache, the edge."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One stage of the platform. `argocd_token_variable` names the variable, never the token."""

    name: str
    production: bool = False
    title: str = ""
    cluster: str = ""
    region: str = ""
    account: str = ""
    argocd_url: str = ""
    argocd_url_variable: str = ""
    """A variable that wins over the address in the file."""
    argocd_token_variable: str = ""
    argocd_namespace: str = "argocd"
    argocd_project: str = "default"
    kubernetes: tuple[KubernetesCluster, ...] = ()
    """First the one in which everything runs that does not say otherwise."""
    aws_role: str = ""
    aws_role_variable: str = ""
    """A variable that wins over the role in the file."""
    aws_region: str = ""
    aws_endpoint_variable: str = ""
    """Names the variable with another address for all of AWS: a test or the demo world."""


@dataclass(frozen=True, kw_only=True)
class ImageRegistry:
    """Where images are kept. `password_variable` names the variable, never the password."""

    host: str
    """As it stands at the beginning of an image's name."""
    url: str = ""
    """Where it is reached, if not at `https://` and its host."""
    url_variable: str = ""
    """A variable that wins over the address in the file."""
    username: str = ""
    password_variable: str = ""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What a worker or a job takes its work from, as CloudWatch counts what waits there."""

    namespace: str
    metric: str
    of: tuple[tuple[str, str], ...] = ()
    """The metric's dimensions."""

    @property
    def label(self) -> str:
        return " ".join((self.metric, *(f"{name}={value}" for name, value in self.of)))


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A service in one environment. `workload` is set where several components share an app."""

    service: str
    environment: str
    driver: Driver = Driver.ARGOCD
    app: str = ""
    more: tuple[str, ...] = ()
    """What runs the same, in the order in which it follows: applications of Argo CD, else clusters."""
    site: str = ""
    """The further cluster that this is in; empty for the environment's first."""
    app_namespace: str = "argocd"
    project: str = "default"
    namespace: str = ""
    cluster: str = ""
    image: str = ""
    workload: str = ""
    replicas: int | None = None
    asg: str = ""
    target_groups: tuple[str, ...] = ()
    """Of a service on its way to EKS: EC2's first, then EKS's."""
    record: str = ""
    """`<zone id>/<name>` where traffic is split by DNS."""
    scale: tuple[int, int] | None = None
    """How few and how many pods it may be given; None where nobody said."""
    queue: Queue | None = None
    """What feeds a worker or a job; None where nobody said."""
    component: Kind = Kind.SERVICE
    kind: str = ""
    """Of a resource: rds, elasticache, waf, …"""
    identifier: str = ""
    """What the cloud calls that resource here."""
    spec: tuple[tuple[str, str], ...] = ()
    """Of a resource: what the catalog says about it."""

    def option(self, name: str) -> str:
        return dict(self.spec).get(name, "")

    @property
    def everywhere(self) -> tuple[Deployment, ...]:
        """Once for each application or cluster that runs it, its own first."""
        if self.driver is Driver.ARGOCD:
            return (self, *(replace(self, app=app) for app in self.more))
        return (self, *(replace(self, site=site) for site in self.more))

    @property
    def called(self) -> str:
        """Among those that run it: by its application, else by its cluster."""
        return (
            self.app
            if self.driver is Driver.ARGOCD
            else self.site or self.cluster or self.environment
        )

    def named(self, target: str) -> tuple[Deployment | None, str]:
        """`eu:<target>` names one of several; without it None: every one of them is meant."""
        mark, colon, rest = target.partition(":")
        for place in self.everywhere if colon and self.more else ():
            if place.called == mark.strip():
                return place, rest
        return None, target

    @property
    def where(self) -> str:
        """Its cluster: `production`, or `production/eu`."""
        return whereabouts(self.environment, self.site)

    @property
    def ref(self) -> str:
        """How people and claims write it: `production/lms`."""
        return f"{self.environment}/{self.service}"


@dataclass(frozen=True, kw_only=True)
class Service:
    """Anything that can page, be a suspect or be rolled back: services, workers and jobs alike."""

    name: str
    title: str = ""
    description: str = ""
    kind: Kind = Kind.SERVICE
    owner: str = ""
    tier: int = 3
    lifecycle: str = "production"
    part_of: str = ""
    """The service this component ships with; a worker rolls back with its parent."""
    depends_on: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    pagerduty: tuple[tuple[str, str], ...] = ()
    """(environment, PagerDuty service id) pairs."""
    new_relic_app: str = ""
    status_components: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Put on every ticket about this service."""
    jira_component: str = ""
    repository: str = ""
    schedule: str = ""
    """The cron line of a job."""
    migration: MigrationStage | None = None
    terraform_module: str = ""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return self.title or self.name

    def pagerduty_in(self, environment: str) -> str | None:
        return dict(self.pagerduty).get(environment)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Something services stand on: a data store, a node group, a piece of the edge."""

    name: str
    title: str = ""
    description: str = ""
    kind: str = ""
    """rds, elasticache, elasticsearch, s3, eks-cluster, nodegroup, route53, cloudfront, waf, …"""
    owner: str = ""
    tier: int = 1
    environments: tuple[str, ...] = ()
    spec: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    """(environment, what the vendor calls it there) pairs."""
    depends_on: tuple[str, ...] = ()
    pagerduty: tuple[tuple[str, str], ...] = ()
    runbooks: tuple[str, ...] = ()
    status_components: tuple[str, ...] = ()
    terraform_module: str = ""

    @property
    def label(self) -> str:
        return self.title or self.name


@dataclass(frozen=True, kw_only=True)
class DeclaredFlag:
    """A feature flag that may be set from chat. `store` is the resource that keeps it."""

    name: str
    store: str
    title: str = ""
    owner: str = ""
    services: tuple[str, ...] = ()
    """Those that read it."""
    values: tuple[str, ...] = ()
    """`on`, `off`, `25%`: what it may be set to; empty where that is anything."""

    @property
    def label(self) -> str:
        return self.title or self.name


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What a learner does, across services and edge; its objective is what users feel."""

    name: str
    title: str = ""
    members: tuple[str, ...] = ()
    objective: str = ""
    target: float | None = None
    """Fraction of good events, 0.999; None for a threshold on a percentile."""
    core: bool = True

    @property
    def label(self) -> str:
        return self.title or self.name


@dataclass(frozen=True, kw_only=True)
class TerraformModule:
    """Where a resource is written down, and where Terraform will put it back."""

    name: str
    area: str
    path: str
    environments: tuple[str, ...] = ()

    def called(self, environment: str) -> str:
        """As an owner: "Terraform load-balancer in production"."""
        return f"Terraform {self.name} in {environment}"

    def folders(self, environment: str) -> tuple[str, ...]:
        """Where the code of this environment lies, and that of no other."""
        alone = (self.path.strip("/"),) if self.environments == (environment,) else ()
        return (*homes(environment), *filter(None, alone))


def homes(environment: str) -> tuple[str, ...]:
    """Where Terraform's code of an environment may lie, by its name."""
    return (f"environments/{environment}", f"envs/{environment}", environment)


@dataclass(frozen=True, kw_only=True)
class Team:
    name: str
    title: str = ""
    slack_channel: str = ""
    usergroup: str = ""
    """Slack's user group id."""
    escalation_policy: str = ""
    """PagerDuty's escalation policy id."""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class KnownPerson:
    """A human across vendors, by people.yaml. A `pagerduty` id there wins over the e-mail."""

    slack: str
    name: str
    handle: str = ""
    email: str = ""
    pagerduty: str = ""
    team: str = ""
    title: str = ""
    slack_team: str = ""
    github: str = ""
    guest: bool = False


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A regular expression over one field of an alert, found anywhere, case ignored."""

    field: str
    expression: str


@dataclass(frozen=True, kw_only=True)
class PagingRule:
    """Which pages belong to which service and environment. Every given condition must hold."""

    name: str
    service: str
    environment: str
    pagerduty_service: str = ""
    patterns: tuple[Pattern, ...] = ()
