"""The only file that knows everybody: picks integrations, collects parts, builds Tools."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.config import Config
from bot.domain.catalog import Catalog, Driver
from bot.domain.clusters import environment_of
from bot.domain.slo import Through
from bot.domain.workflow import By
from bot.engine.sidebyside import SideBySide
from bot.flow import (
    aftercare,
    alert,
    budgets,
    carry_out,
    communicate,
    continuing,
    guessing,
    keeping,
    latecomers,
    measuring,
    mitigate,
    news,
    reminding,
    resolve,
    review,
    sampling,
    staff,
    triage,
)
from bot.integrations.argocd import ArgoCD
from bot.integrations.aws.automations import Automations
from bot.integrations.aws.cloud import cloud
from bot.integrations.aws.counts import CloudWatchMeter
from bot.integrations.aws.refreshing import Refreshing
from bot.integrations.aws.rollouts import FlagRollouts
from bot.integrations.aws.trail import CloudTrail
from bot.integrations.change_notices import ToldChanges
from bot.integrations.charts import Charts
from bot.integrations.charts import available as charts_available
from bot.integrations.clock import SandboxClock, SystemClock
from bot.integrations.kubernetes.deploying import Deploying
from bot.integrations.kubernetes.elsewhere import InFurther
from bot.integrations.kubernetes.flag_changes import ListedFlags, stores
from bot.integrations.kubernetes.helm import HelmReleases
from bot.integrations.kubernetes.helm_program import Helm
from bot.integrations.kubernetes.jobs import Jobs
from bot.integrations.newrelic_changes import ChangeTracking
from bot.integrations.newrelic_counts import NewRelicMeter
from bot.integrations.pagerduty_changes import ChangeEvents
from bot.integrations.runbook_library import RunbookLibrary
from bot.integrations.templates import JinjaTemplates
from bot.meters import Meter
from bot.mitigations.block_requests import BlockRequests
from bot.mitigations.by_place import by_name
from bot.mitigations.drain_node import DrainNode
from bot.mitigations.failover_database import FailoverDatabase
from bot.mitigations.group_restart import RestartGroup
from bot.mitigations.group_scale import ScaleGroup
from bot.mitigations.purge_cache import PurgeCache
from bot.mitigations.rollback import Rollback
from bot.mitigations.run_workflow import RunWorkflow
from bot.mitigations.set_flag import SetFlag
from bot.mitigations.set_waffle_flag import SetWaffleFlag
from bot.mitigations.shift_traffic import ShiftTraffic
from bot.mitigations.workload_restart import Restart
from bot.mitigations.workload_scale import Scale
from bot.mitigations.workload_suspend import SuspendJob
from bot.reactions import Keeper, Reaction, collect
from bot.roles import ChangeSource, Runner, Tracker
from bot.slack.announcer import Announcer
from bot.slack.channel import Opening
from bot.slack.directory import CatalogDirectory, SlackDirectory
from bot.slack.gateway import Gateway
from bot.slack.membership import Memberships
from bot.slack.people import People
from bot.slack.pictures import Pictures
from bot.slack.posting import Posting
from bot.slack.posts import Posts
from bot.slack.rooms import Rooms
from bot.slack.settling import Settling
from bot.tools import Clock, Deployer, Directory, Mitigation, Timeline, Tools
from bot.vendors import Vendors
from bot.web.porch import Porch
from bot.web.sessions import Sessions

CHAPTERS = (
    aftercare,
    alert,
    budgets,
    carry_out,
    communicate,
    continuing,
    guessing,
    keeping,
    latecomers,
    measuring,
    mitigate,
    news,
    reminding,
    resolve,
    review,
    sampling,
    staff,
    triage,
)

IN_CLUSTERS = (Restart, Scale, SuspendJob, DrainNode, SetWaffleFlag)
IN_ACCOUNTS = (
    ShiftTraffic,
    FailoverDatabase,
    BlockRequests,
    PurgeCache,
    SetFlag,
    RestartGroup,
    ScaleGroup,
)
KINDS = (Rollback, *IN_CLUSTERS, *IN_ACCOUNTS, RunWorkflow)


def clock(config: Config) -> SystemClock | SandboxClock:
    if config.clock_url is None:
        return SystemClock()
    followed = SandboxClock(config.clock_url)
    followed.start()
    return followed


def tools(
    config: Config,
    found: Vendors,
    timeline: Timeline,
    *,
    time: Clock,
    directory: Directory,
) -> Tools:
    tracker: Tracker | None = found.tracker
    deploying, running = deployers(found, time), runners(found, config.catalog)
    told = _told_of_changes(config, found, timeline)
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
        mitigations={each.name: each for each in mitigations(found, config.catalog, running)},
        runners=running,
        deployers=deploying,
        clusters=dict(found.clusters),
        clouds={each.environment: cloud(each) for each in found.accounts},
        change_sources=_change_sources(config, found, deploying, told),
        pager=found.pager,
        metrics=found.metrics,
        status_page=found.status_page,
        tracker=tracker,
        forge=found.forge,
        archive=found.archive,
        registry=found.registries,
        meters=_meters(config, found, time),
        painter=Charts() if charts_available() else None,
        command=config.command,
        switched_off=found.off,
    )


def deployers(found: Vendors, time: Clock) -> dict[tuple[str, Driver], Deployer]:
    known: dict[tuple[str, Driver], Deployer] = {}
    for place, argo in found.deployers:
        known[place, Driver.ARGOCD] = argo
    for place, each in found.clusters:
        known[place, Driver.KUBERNETES] = Deploying(each.api, time)
        known[place, Driver.HELM] = HelmReleases(each.api, Helm(), time)
    for account in found.accounts:
        known[account.environment, Driver.ASG] = Refreshing(account)
    return known


def runners(found: Vendors, catalog: Catalog) -> dict[tuple[str, By], Runner]:
    """What runs a team's own workflows, by environment."""
    known: dict[tuple[str, By], Runner] = {}
    for place, each in found.clusters:
        if not each.api.further:
            known[place, By.JOB] = Jobs(each.api)
    if found.actions:
        known |= {(each.name, By.GITHUB): found.actions for each in catalog.environments}
    for account in found.accounts:
        known[account.environment, By.SSM] = Automations(account)
    return known


def mitigations(
    found: Vendors, catalog: Catalog, running: Collection[tuple[str, By]]
) -> list[Mitigation]:
    """What could be carried out by what is configured; the rest is not offered."""
    clusters = frozenset(environment for environment, _cluster in found.clusters)
    accounts = frozenset(account.environment for account in found.accounts)
    ways: list[Mitigation] = [
        Rollback(),
        *(kind(where=clusters) for kind in IN_CLUSTERS if clusters),
        *(kind(where=accounts) for kind in IN_ACCOUNTS if accounts),
        RunWorkflow(workflows=catalog.workflows, where=frozenset(running)),
    ]
    return by_name(ways)


def _meters(config: Config, found: Vendors, time: Clock) -> dict[tuple[str, Through], Meter]:
    """CloudWatch by account; New Relic's one account sees every environment."""
    known: dict[tuple[str, Through], Meter] = {
        (account.environment, Through.CLOUDWATCH): CloudWatchMeter(account)
        for account in found.accounts
    }
    if found.metrics is not None:
        meter = NewRelicMeter(found.metrics.graph, clock=time)
        for each in config.catalog.environments:
            known[each.name, Through.NEW_RELIC] = meter
    return known


def _change_sources(
    config: Config,
    found: Vendors,
    known: Mapping[tuple[str, Driver], Deployer],
    told: Sequence[ChangeSource],
) -> dict[str, list[ChangeSource]]:
    """By environment: whoever deploys there knows what was deployed; others saw the rest."""
    sources: dict[str, list[ChangeSource]] = {}
    for (place, _driver), each in known.items():
        if isinstance(each, ArgoCD | Deploying | HelmReleases | Refreshing):
            environment = environment_of(place)
            source = each if place == environment else InFurther(each, place)
            sources.setdefault(environment, []).append(source)
    for place, cluster in found.clusters:
        if not cluster.api.further and stores(config.catalog, place):
            listed = ListedFlags(cluster.api, place, config.catalog)
            sources.setdefault(place, []).append(listed)
    for account in found.accounts:
        trail, flags = CloudTrail(account, config.catalog), FlagRollouts(account, config.catalog)
        sources.setdefault(account.environment, []).extend((trail, flags))
    if found.terraform is not None:
        for written in {name for each in config.catalog.modules for name in each.environments}:
            sources.setdefault(written, []).append(found.terraform)
    for every in config.catalog.environments if told else ():
        sources.setdefault(every.name, []).extend(told)
    return sources


def _told_of_changes(config: Config, found: Vendors, timeline: Timeline) -> list[ChangeSource]:
    """Whoever is told of changes by others, whatever environment they are in."""
    sources: list[ChangeSource] = []
    if config.change_secrets:
        sources.append(ToldChanges(timeline, config.catalog))
    if found.pager is not None:
        sources.append(ChangeEvents(found.pager.calls, config.catalog))
    if found.metrics is not None:
        sources.append(ChangeTracking(found.metrics.graph, config.catalog))
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
    settling, pictures = Settling(posting), Pictures(gateway)
    return SlackParts(
        gateway=gateway,
        people=people,
        identity=identity,
        answers=tuple(collect(announcer, opening, posts, settling, pictures)),
    )


def directory(config: Config, slack: SlackParts | None) -> Directory:
    if slack is None:
        return CatalogDirectory(config.catalog)
    return SlackDirectory(config.catalog, slack.people)


def answers(slack: SlackParts | None) -> Sequence[Reaction | Keeper]:
    """Everything that answers a fact: each flow chapter, and Slack where it is configured."""
    return (*collect(*CHAPTERS), *(slack.answers if slack else ()))


def porch(config: Config, found: Vendors, slack: SlackParts | None) -> Porch | None:
    """Where people sign in; None where that is not configured."""
    place = config.sign_in
    if place is None or found.introducer is None or slack is None:
        return None
    return Porch(
        url=place.url,
        team=slack.identity.team_id,
        sessions=Sessions([each.get_secret_value() for each in place.session_secrets]),
        introducer=found.introducer,
        membership=Memberships(slack.gateway),
    )
