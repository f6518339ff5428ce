"""One of each vendor that the configuration names, and the names of what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.code_hosts import actions_of, forge_of, tracker_of
from bot.config import ArgoCdConfig, Config, KubernetesConfig, Mode
from bot.integrations.argocd import ArgoCD
from bot.integrations.aws.account import Account
from bot.integrations.aws.eks import Eks
from bot.integrations.github import GitHub
from bot.integrations.github_actions import GitHubActions
from bot.integrations.github_issues import GitHubIssues
from bot.integrations.http import VendorHealth
from bot.integrations.jira import Jira
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.applications import Applications
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.kubeconfig import Door, from_authority, from_file, from_token
from bot.integrations.newrelic import NewRelic
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.postmortem_git import PostmortemRepository
from bot.integrations.registry import Login, Registries
from bot.integrations.slack_sign_in import App, SlackSignIn
from bot.integrations.statuspage import Statuspage
from bot.integrations.terraform_git import TerraformRepository
from bot.tools import Clock, Gate


@dataclass(frozen=True, kw_only=True)
class Vendors:
    """One of each that is configured; `off` names the features that are missing without it."""

    gate: Gate
    pager: PagerDuty | None = None
    metrics: NewRelic | None = None
    status_page: Statuspage | None = None
    tracker: Jira | GitHubIssues | None = None
    forge: GitHub | None = None
    actions: GitHubActions | None = None
    archive: PostmortemRepository | None = None
    terraform: TerraformRepository | None = None
    deployers: tuple[tuple[str, ArgoCD], ...] = ()
    accounts: tuple[Account, ...] = ()
    registries: Registries | None = None
    clusters: tuple[tuple[str, Kubernetes], ...] = ()
    introducer: SlackSignIn | None = None
    off: tuple[str, ...] = ()

    def health(self) -> list[VendorHealth]:
        named = (
            self.pager,
            self.metrics,
            self.status_page,
            self.tracker,
            self.forge,
            self.actions,
            self.archive,
            self.terraform,
            self.introducer,
        )
        found = [vendor.health for vendor in named if vendor is not None]
        found += [deployer.health for _environment, deployer in self.deployers]
        found += [each.health for _environment, each in self.clusters]
        found += [account.health for account in self.accounts]
        return found + (self.registries.health if self.registries else [])


def vendors(config: Config, time: Clock) -> Vendors:
    gate = Gate(observe=config.mode is Mode.OBSERVE)
    known = accounts(config, gate, time)
    reached = clusters(config, gate, known)
    pd, sp, nr = config.pagerduty, config.statuspage, config.newrelic
    return Vendors(
        gate=gate,
        pager=PagerDuty(pd.api_url, pd.api_token.get_secret_value(), gate=gate) if pd else None,
        metrics=NewRelic(
            nr.api_url, nr.api_key.get_secret_value(), account=nr.account_id, clock=time
        )
        if nr
        else None,
        status_page=Statuspage(
            sp.api_url, sp.api_key.get_secret_value(), page=sp.page_id, gate=gate
        )
        if sp
        else None,
        tracker=tracker_of(config, gate),
        forge=forge_of(config, gate),
        actions=actions_of(config, gate),
        archive=PostmortemRepository(
            config.postmortem_repo, config.data_dir / "postmortems", gate=gate
        )
        if config.postmortem_repo
        else None,
        terraform=_terraform(config),
        deployers=deployers(config, gate, time, reached),
        accounts=known,
        registries=Registries(logins(config), gate=gate),
        clusters=reached,
        introducer=_introducer(config, gate),
        off=switched_off(config),
    )


def deployers(
    config: Config, gate: Gate, time: Clock, reached: Sequence[tuple[str, Kubernetes]]
) -> tuple[tuple[str, ArgoCD], ...]:
    """Each with the cluster that it runs in, for when its server is down."""
    objects = {environment: Applications(cluster.api) for environment, cluster in reached}

    def made(place: ArgoCdConfig) -> ArgoCD:
        token = place.token.get_secret_value()
        found = objects.get(place.environment)
        return ArgoCD(place.url, token, gate=gate, clock=time, objects=found)

    return tuple((each.environment, made(each)) for each in config.argocd)


def _terraform(config: Config) -> TerraformRepository | None:
    if not config.terraform_repo:
        return None
    kept = config.data_dir / "terraform"
    return TerraformRepository(config.terraform_repo, kept, config.catalog)


def _introducer(config: Config, gate: Gate) -> SlackSignIn | None:
    place = config.sign_in
    if place is None:
        return None
    app = App(
        client_id=place.client_id,
        client_secret=place.client_secret.get_secret_value(),
        callback=place.callback,
    )
    return SlackSignIn(place.api_url, app, gate=gate)


def logins(config: Config) -> list[Login]:
    return [
        Login(
            host=each.host,
            url=each.url,
            username=each.username,
            password=each.password.get_secret_value() if each.password else "",
        )
        for each in config.registries
    ]


def accounts(config: Config, gate: Gate, time: Clock) -> tuple[Account, ...]:
    return tuple(
        Account(
            each.environment,
            each.role_arn,
            each.region,
            gate=gate,
            clock=time,
            endpoint=each.endpoint,
        )
        for each in config.aws
    )


def clusters(
    config: Config, gate: Gate, known: Sequence[Account]
) -> tuple[tuple[str, Kubernetes], ...]:
    """By where they are. `known`: the accounts, through which an EKS cluster is reached."""
    by_place = {account.environment: account for account in known}

    def opened(place: KubernetesConfig) -> Api:
        door = partial(_door, place, by_place.get(place.environment))
        return Api(environment=place.where, open=door, gate=gate, further=bool(place.name))

    return tuple((each.where, Kubernetes(opened(each))) for each in config.kubernetes)


def _door(place: KubernetesConfig, account: Account | None) -> Door:
    if place.eks and account is not None:
        cluster = Eks(account, place.eks, region=place.region)
        where = cluster.address()
        return from_authority(where.url, where.authority, cluster.token)
    if place.kubeconfig:
        return from_file(place.kubeconfig, place.context)
    token = place.token.get_secret_value() if place.token else ""
    return from_token(place.url, token, place.ca_file)


def switched_off(config: Config) -> tuple[str, ...]:
    missing = (
        (config.pagerduty, "PagerDuty"),
        (config.change_secrets, "change webhook"),
        (config.newrelic, "New Relic"),
        (config.statuspage, "Statuspage"),
        (config.jira or config.github, "tickets"),
        (config.github, "pull requests"),
        (config.postmortem_repo, "postmortem repository"),
        (config.argocd, "Argo CD"),
        (config.kubernetes, "Kubernetes"),
        (config.aws, "AWS"),
    )
    return tuple(name for found, name in missing if not found)
