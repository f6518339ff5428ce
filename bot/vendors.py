"""One of each vendor that the configuration names, and the names of what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bot.code_hosts import actions_of, forge_of, tracker_of
from bot.config import Config, KubernetesConfig, Mode
from bot.integrations.argocd import ArgoCD
from bot.integrations.aws.account import Account
from bot.integrations.github import GitHub
from bot.integrations.github_actions import GitHubActions
from bot.integrations.github_issues import GitHubIssues
from bot.integrations.http import VendorHealth
from bot.integrations.jira import Jira
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.kubeconfig import Door, from_file, from_token
from bot.integrations.newrelic import NewRelic
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.postmortem_git import PostmortemRepository
from bot.integrations.registry import Login, Registries
from bot.integrations.statuspage import Statuspage
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
    deployers: tuple[tuple[str, ArgoCD], ...] = ()
    accounts: tuple[Account, ...] = ()
    registries: Registries | None = None
    clusters: tuple[tuple[str, Kubernetes], ...] = ()
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
        )
        found = [vendor.health for vendor in named if vendor is not None]
        found += [deployer.health for _environment, deployer in self.deployers]
        found += [each.health for _environment, each in self.clusters]
        found += [account.health for account in self.accounts]
        return found + (self.registries.health if self.registries else [])


def vendors(config: Config, time: Clock) -> Vendors:
    gate = Gate(observe=config.mode is Mode.OBSERVE)
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
        deployers=tuple(
            (
                each.environment,
                ArgoCD(each.url, each.token.get_secret_value(), gate=gate, clock=time),
            )
            for each in config.argocd
        ),
        accounts=accounts(config, gate, time),
        registries=Registries(logins(config), gate=gate),
        clusters=clusters(config, gate),
        off=switched_off(config),
    )


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


def clusters(config: Config, gate: Gate) -> tuple[tuple[str, Kubernetes], ...]:
    return tuple(
        (
            each.environment,
            Kubernetes(Api(environment=each.environment, open=partial(_door, each), gate=gate)),
        )
        for each in config.kubernetes
    )


def _door(place: KubernetesConfig) -> Door:
    if place.kubeconfig:
        return from_file(place.kubeconfig, place.context)
    token = place.token.get_secret_value() if place.token else ""
    return from_token(place.url, token, place.ca_file)


def switched_off(config: Config) -> tuple[str, ...]:
    missing = (
        (config.pagerduty, "PagerDuty"),
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
