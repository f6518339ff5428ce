"""What all changes of one workload share: what a plan remembers of it, whether it moved, what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import before_sending, moved
from bot.domain.mitigation import (
    Look,
    Plan,
    Receipt,
    Seen,
    Settled,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.domain.workload import Edit, Workload, WorkloadKind
from bot.mitigations.own_plan import place_of
from bot.tools import Tools

IN_CLUSTERS = (Driver.ARGOCD, Driver.HELM, Driver.KUBERNETES)
AGAIN = " again"
"""Ends the target of an undo, which may go where nobody else may."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """Kept as JSON in `Plan.state`; a newer field has a default, an unknown one is ignored."""

    uid: str
    template: str
    images: tuple[str, ...] = ()
    replicas: int = 0
    lowest: int | None = None
    """Of its autoscaler; None where it has none."""
    suspended: bool = False
    restarted: str = ""
    wanted: int | None = None
    runs: tuple[str, ...] = ()
    """Of a CronJob, those under way that are stopped with it."""

    def inside(self) -> str:
        return json.dumps({"workload": asdict(self)}, sort_keys=True)


def held(now: Workload, *, wanted: int | None = None) -> Held:
    return Held(
        uid=now.uid,
        template=now.template,
        images=now.images,
        replicas=now.replicas,
        lowest=now.scaler.lowest if now.scaler else None,
        suspended=now.runs.suspended if now.runs else False,
        restarted=now.restarted,
        wanted=wanted,
    )


def held_in(plan: Plan) -> Held:
    stored = json.loads(plan.state)["workload"]
    known = {each.name for each in fields(Held)}
    told = {name: value for name, value in stored.items() if name in known}
    listed = {name: tuple(told.get(name) or ()) for name in ("images", "runs")}
    return Held(**{**told, **listed})


def in_cluster(where: frozenset[str], deployment: Deployment) -> bool:
    """Runs in a cluster that is configured."""
    return deployment.driver in IN_CLUSTERS and deployment.environment in where


def kind_of(deployment: Deployment) -> str:
    """By the catalog alone; a Deployment where it is silent."""
    return deployment.workload.partition("/")[0].lower() or WorkloadKind.DEPLOYMENT


def seen_now(tools: Tools, plan: Plan, doing: str) -> Workload:
    return tools.cluster(plan.where).workload(place_of(tools, plan), doing=doing)


def refuse_other(plan: Plan, now: Workload) -> None:
    """Deleted and made anew under the same name, or put into other content since."""
    state = held_in(plan)
    if now.uid != state.uid:
        raise moved(f"{now.label} was deleted and made anew")
    if now.template != state.template:
        raise moved(f"{now.label} was deployed")


def send(tools: Tools, plan: Plan, now: Workload, edit: Edit, attempt: str) -> Receipt:
    """The one request; the caller has looked whether the world still fits the plan."""
    doing = plan.doing
    if now.attempt != attempt:
        tools.cluster(plan.where).edit(now, edit, attempt, doing=doing)
    return receipt(tools, plan, attempt, f"Kubernetes took it: {doing}")


def last_look(tools: Tools, plan: Plan) -> Workload:
    doing = plan.doing
    with before_sending(doing):
        return seen_now(tools, plan, doing)


def receipt(tools: Tools, plan: Plan, attempt: str, summary: str) -> Receipt:
    return Receipt(reference=attempt, summary=summary, at=tools.clock.now())


def looked(tools: Tools, plan: Plan, now: Workload, attempt: str, *, as_planned: bool) -> Look:
    """By the attempt's own annotation; `as_planned` says whether all is as before the change."""
    shows = f"{now.label}: {now.rollout.progress or 'unchanged'}"
    if attempt == now.attempt:
        return receipt(tools, plan, attempt, f"{now.label} carries the change")
    return Untouched(shows=shows) if as_planned else Unknown(shows=shows)


def rolled_out(plan: Plan, now: Workload, done: Receipt) -> Seen:
    if now.images != held_in(plan).images:
        return Unhealthy(why=f"{', '.join(now.images)} was deployed over it")
    if now.rollout.broken:
        return Unhealthy(why=now.rollout.broken)
    if not now.rollout.done:
        return TooEarly(progress=now.rollout.progress)
    since = max(filter(None, (done.at, now.rollout.at)))
    return Settled(evidence=now.rollout.progress, at=since)


def self_heal(now: Workload, what: str) -> str:
    """Who would put this field back at once; empty where nobody would."""
    if now.owner and now.owner.holds and now.kept_by:
        return (
            f"{now.owner.name} writes {what} down and {now.owner.holds}: it would be put back"
            " within seconds. Change it in git, or switch auto-sync off first."
        )
    return ""


def later_back(now: Workload, what: str) -> tuple[str, ...]:
    """Who would put it back some time, as worries."""
    found = []
    if now.kept_by and now.owner and not now.owner.holds:
        found.append(f"{now.owner.name} writes {what} down: its next sync or upgrade puts it back")
    if now.owner and now.owner.unclear:
        found.append(f"not known of {now.owner.name}: {now.owner.unclear}")
    return tuple(found)
