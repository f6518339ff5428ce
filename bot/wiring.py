"""The only file that knows everybody: picks integrations, collects parts, builds Tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.code_hosts import forge_of, tracker_of
from bot.config import Config, KubernetesConfig, Mode
from bot.domain.catalog import Driver
from bot.engine.sidebyside import SideBySide
from bot.flow import (
    aftercare,
    alert,
    carry_out,
    communicate,
    guessing,
    measuring,
    mitigate,
    news,
    reminding,
    resolve,
    review,
    staff,
    triage,
)
from bot.integrations.argocd import ArgoCD
from bot.integrations.aws.account import Account
from bot.integrations.aws.cloud import cloud
from bot.integrations.aws.refreshing import Refreshing
from bot.integrations.clock import SandboxClock, SystemClock
from bot.integrations.github import GitHub
from bot.integrations.github_issues import GitHubIssues
from bot.integrations.http import VendorHealth
from bot.integrations.jira import Jira
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.helm import HelmReleases
from bot.integrations.kubernetes.helm_program import Helm
from bot.integrations.kubernetes.kubeconfig import Door, from_file, from_token
from bot.integrations.kubernetes.undoing import Undoing
from bot.integrations.newrelic import NewRelic
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.postmortem_git import PostmortemRepository
from bot.integrations.registry import Login, Registries
from bot.integrations.runbook_library import RunbookLibrary
from bot.integrations.statuspage import Statuspage
from bot.integrations.templates import JinjaTemplates
from bot.mitigations.block_requests import BlockRequests
from bot.mitigations.failover_database import FailoverDatabase
from bot.mitigations.purge_cache import PurgeCache
from bot.mitigations.rollback import Rollback
from bot.mitigations.set_flag import SetFlag
from bot.mitigations.shift_traffic import ShiftTraffic
from bot.mitigations.workload_restart import Restart
from bot.mitigations.workload_scale import Scale
from bot.mitigations.workload_suspend import SuspendJob
from bot.reactions import Keeper, Reaction, collect
from bot.roles import ChangeSource
from bot.slack.announcer import Announcer
from bot.slack.channel import Opening
from bot.slack.directory import CatalogDirectory, SlackDirectory
from bot.slack.gateway import Gateway
from bot.slack.people import People
from bot.slack.posting import Posting
from bot.slack.posts import Posts
from bot.slack.rooms import Rooms
from bot.slack.settling import Settling
from bot.tools import (
    Clock,
    Deployer,
    Directory,
    Gate,
    Mitigation,
    Timeline,
    Tools,
    Tracker,
)

CHAPTERS = (
    aftercare,
    alert,
    carry_out,
    communicate,
    guessing,
    measuring,
    mitigate,
    news,
    reminding,
    resolve,
    review,
    staff,
    triage,
)

IN_CLUSTERS = (Restart, Scale, SuspendJob)
IN_ACCOUNTS = (ShiftTraffic, FailoverDatabase, BlockRequests, PurgeCache, SetFlag)
KINDS = (Rollback, *IN_CLUSTERS, *IN_ACCOUNTS)


@dataclass(frozen=True, kw_only=True)
class Vendors:
    """One of each that is configured; `off` names the features that are missing without it."""

    gate: Gate
    pager: PagerDuty | None = None
    metrics: NewRelic | None = None
    status_page: Statuspage | None = None
    tracker: Jira | GitHubIssues | None = None
    forge: GitHub | None = None
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
            self.archive,
        )
        found = [vendor.health for vendor in named if vendor is not None]
        found += [deployer.health for _environment, deployer in self.deployers]
        found += [each.health for _environment, each in self.clusters]
        found += [account.health for account in self.accounts]
        return found + (self.registries.health if self.registries else [])


def clock(config: Config) -> SystemClock | SandboxClock:
    if config.clock_url is None:
        return SystemClock()
    followed = SandboxClock(config.clock_url)
    followed.start()
    return followed


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


def tools(
    config: Config,
    found: Vendors,
    timeline: Timeline,
    *,
    time: Clock,
    directory: Directory,
) -> Tools:
    tracker: Tracker | None = found.tracker
    deploying = deployers(found, time)
    return Tools(
        clock=time,
        timeline=timeline,
        catalog=config.catalog,
        policy=config.policy,
        gate=found.gate,
        beside=SideBySide(),
        runbooks=RunbookLibrary([config.runbooks_dir]),
        templates=JinjaTemplates(config.templates_dir),
        directory=directory,
        mitigations={each.name: each for each in mitigations(found)},
        deployers=deploying,
        clusters=dict(found.clusters),
        clouds={each.environment: cloud(each) for each in found.accounts},
        change_sources=_change_sources(deploying),
        pager=found.pager,
        metrics=found.metrics,
        status_page=found.status_page,
        tracker=tracker,
        forge=found.forge,
        archive=found.archive,
        registry=found.registries,
        command=config.command,
        switched_off=found.off,
    )


def deployers(found: Vendors, time: Clock) -> dict[tuple[str, Driver], Deployer]:
    known: dict[tuple[str, Driver], Deployer] = {}
    for place, argo in found.deployers:
        known[place, Driver.ARGOCD] = argo
    for place, each in found.clusters:
        known[place, Driver.KUBERNETES] = Undoing(each.api, time)
        known[place, Driver.HELM] = HelmReleases(each.api, Helm(), time)
    for account in found.accounts:
        known[account.environment, Driver.ASG] = Refreshing(account)
    return known


def mitigations(found: Vendors) -> list[Mitigation]:
    """What could be carried out by what is configured; the rest is not offered."""
    clusters = frozenset(environment for environment, _cluster in found.clusters)
    accounts = frozenset(account.environment for account in found.accounts)
    return [
        Rollback(),
        *(kind(where=clusters) for kind in IN_CLUSTERS if clusters),
        *(kind(where=accounts) for kind in IN_ACCOUNTS if accounts),
    ]


def _change_sources(
    known: Mapping[tuple[str, Driver], Deployer],
) -> dict[str, list[ChangeSource]]:
    """By environment: whoever deploys there knows what was deployed."""
    sources: dict[str, list[ChangeSource]] = {}
    for (place, _driver), each in known.items():
        if isinstance(each, ArgoCD | Undoing | HelmReleases | Refreshing):
            sources.setdefault(place, []).append(each)
    return sources


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who we are in Slack, by `auth.test`."""

    team_id: str
    bot_user: str
    bot_id: str


@dataclass(frozen=True, kw_only=True)
class SlackParts:
    gateway: Gateway
    people: People
    identity: Identity
    answers: tuple[Reaction | Keeper, ...]


def slack_parts(config: Config, gateway: Gateway, identity: Identity) -> SlackParts:
    people = People(gateway=gateway, team_id=identity.team_id)
    posting = Posting(gateway, Rooms(gateway, identity.bot_user))
    announcer = Announcer(gateway, posting, config.announcements)
    opening = Opening(gateway, posting, announcer)
    posts = Posts(gateway, posting, config.announcements)
    return SlackParts(
        gateway=gateway,
        people=people,
        identity=identity,
        answers=tuple(collect(announcer, opening, posts, Settling(posting))),
    )


def directory(config: Config, slack: SlackParts | None) -> Directory:
    if slack is None:
        return CatalogDirectory(config.catalog)
    return SlackDirectory(config.catalog, slack.people)


def answers(slack: SlackParts | None) -> Sequence[Reaction | Keeper]:
    """Everything that answers a fact: each flow chapter, and Slack where it is configured."""
    return (*collect(*CHAPTERS), *(slack.answers if slack else ()))
