"""Replaces the machines of a service on EC2 by new ones of the same make, a few at a time."""

from __future__ import annotations

import json
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.machines import Capacity, Renewal
from bot.domain.mitigation import (
    Cleared,
    Difference,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
    Waiting,
)
from bot.mitigations import group_parts as parts
from bot.mitigations.own_plan import place_of
from bot.tools import Tools

_TARGET, _STOP = "restart", "stop"


class RestartGroup:
    """`where`: the environments whose account is configured."""

    name = "restart"
    label = "Restart"
    free = ""

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        return parts.machines_here(self.where, deployment)

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        now = _now(tools, deployment)
        title = f"Replace the {now.wanted} machines of {deployment.service}, a few at a time"
        return [Offer(mitigation=self.name, target=_TARGET, title=title, label="a few at a time")]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        wanted = target.strip().lower()
        if wanted not in ("", _TARGET, _STOP, "a few at a time"):
            raise Refused(f"A restart has no target “{target}”: all machines are replaced.")
        now, stop = _now(tools, deployment), wanted == _STOP
        _refuse(deployment, now, stop=stop)
        service = deployment.service
        return Plan(
            mitigation=self.name,
            title=f"Undo: stop replacing the machines of {service}"
            if stop
            else f"Replace the machines of {service}, a few at a time",
            service=service,
            environment=deployment.environment,
            target=_STOP if stop else _TARGET,
            target_label="no more are replaced" if stop else "new machines, same version",
            live=now.seen,
            live_label="the machines as they run",
            differences=(_difference(now, stop=stop),),
            interrupts="the replacing that is under way" if stop else "",
            migrations=Migrations.IRRELEVANT,
            steps=_steps(now, stop=stop),
            risk_reasons=_worries(now, stop=stop),
            comforts=("no version and no setting changes",),
            cautions=("new machines read their settings as they are now",),
            state=json.dumps({"group": now.name}),
            system="AWS",
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        doing, stop = plan.doing, plan.target == _STOP
        place = place_of(tools, plan)
        with before_sending(doing):
            now = _now(tools, place)
        if now.seen != plan.live:
            raise moved(f"another refresh of {now.name} was started")
        if bool(now.busy) != stop:
            raise moved(now.busy or f"the refresh of {now.name} is over")
        machines = tools.cloud(plan.environment).machines
        command = "cancel-instance-refresh" if stop else "start-instance-refresh"
        by_hand = f"aws autoscaling {command} --auto-scaling-group-name {now.name}"
        send = machines.stop_renewing if stop else machines.renew
        reference = send(now, doing=doing, by_hand=by_hand)
        return Receipt(reference=reference, summary=f"AWS took it: {doing}", at=tools.clock.now())

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        """A refresh carries no mark of ours: it is known by being newer than the plan's newest."""
        newest = _newest(tools, plan)
        shows = f"the newest refresh: {newest.shown}" if newest else "there is no refresh"
        found = Receipt(reference=newest.id if newest else "", summary=shows, at=tools.clock.now())
        if plan.target == _STOP:
            ours = newest is not None and newest.id == plan.live and not newest.running
            return found if ours else Untouched(shows=shows)
        if (newest.id if newest else "") == plan.live:
            return Untouched(shows=f"{shows}; it was there before")
        return found if newest and newest.same else Unknown(shows=f"{shows}, to another version")

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        doing = f"watch the machines of {plan.service} being replaced"
        known = _renewals(tools, plan, doing)
        found = next((each for each in known if each.id == receipt.reference), None)
        if found is None or found.running:
            return TooEarly(progress=found.shown if found else "AWS shows no refresh yet")
        now = _now(tools, place_of(tools, plan))
        if not found.done and plan.target != _STOP:
            return Unhealthy(why=f"the refresh ended as {found.shown}")
        if now.ready is not None and now.ready < now.wanted:
            return TooEarly(progress=now.up)
        return Settled(evidence=f"{now.name}: {now.up}", at=found.ended or receipt.at)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        """What is under way stops; machines that were replaced stay, of the same version."""
        return self.plan(tools, place_of(tools, plan), _STOP)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a restart leaves nothing behind")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        return None


def _now(tools: Tools, deployment: Deployment) -> Capacity:
    return parts.now_at(tools, deployment, f"read the machines of {deployment.service}")


def _renewals(tools: Tools, plan: Plan, doing: str) -> tuple[Renewal, ...]:
    group = str(json.loads(plan.state)["group"])
    return tools.cloud(plan.environment).machines.renewals(group, doing=doing)


def _newest(tools: Tools, plan: Plan) -> Renewal | None:
    doing = f"see whether the machines of {plan.service} are replaced"
    return next(iter(_renewals(tools, plan, doing)), None)


def _refuse(deployment: Deployment, now: Capacity, *, stop: bool) -> None:
    if stop and not now.busy:
        raise Refused(
            f"The machines of {deployment.service} are replaced already, by ones of the same"
            " version: there is nothing to take back."
        )
    if not stop and now.busy:
        raise Refused(f"{now.name} is busy: {now.busy}. Wait for it, then plan again.")
    if not stop and now.wanted == 0:
        raise Refused(f"{now.name} has no machines: there is nothing to restart.")


def _difference(now: Capacity, *, stop: bool) -> Difference:
    if stop:
        return Difference(what="machines", before=now.busy, after="left as they are")
    return Difference(what="machines", before="as they run", after="new ones, same version")


def _steps(now: Capacity, *, stop: bool) -> tuple[str, ...]:
    if stop:
        return (f"cancel the refresh of {now.name}; what it replaced so far stays",)
    return (
        f"start an instance refresh of {now.name}: {now.wanted} machines, 90 % stay in service",
        "wait until all are replaced and in service",
    )


def _worries(now: Capacity, *, stop: bool) -> tuple[str, ...]:
    if stop:
        return ()
    found = list(parts.doubts(now))
    if now.follows:
        found.append(
            f"the group follows {now.follows}: new machines may come with another version"
        )
    if now.wanted == 1:
        found.append("it has one machine, which may be away until the new one serves")
    return tuple(found)
