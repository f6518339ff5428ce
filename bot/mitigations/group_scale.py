"""Gives a service on EC2, or a node group, more or fewer machines, within the group's own limits."""

from __future__ import annotations

import json
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.machines import Capacity
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
from bot.domain.written import Setting
from bot.mitigations import group_parts as parts
from bot.mitigations.own_plan import place_of
from bot.tools import Tools

_AGAIN = " again"
"""Ends the target of an undo, which may go where nobody else may."""


class ScaleGroup:
    """`where`: the environments whose account is configured."""

    name = "scale"
    label = "Scale"
    free = "number of machines"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        nodes = deployment.kind == parts.NODEGROUP and deployment.environment in self.where
        return nodes or parts.machines_here(self.where, deployment)

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        """Half as many again, and the most it may have."""
        now = _now(tools, deployment)
        live, most = now.ours, _range(deployment, now)[1]
        counts = sorted({min(live + max(1, live // 2), most), most})
        return [
            Offer(
                mitigation=self.name,
                target=str(count),
                title=f"{now.number.capitalize()} of {deployment.service}: {live} → {count}",
                label=str(count),
            )
            for count in counts
            if count > live
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        count = _count(target)
        now = _now(tools, deployment)
        back = target.endswith(_AGAIN)
        if not back:
            _refuse_outside(deployment, now, count)
        if count == now.ours:
            raise Refused(f"{now.number.capitalize()} of {deployment.service} is {count} already.")
        if now.busy:
            raise Refused(f"{now.name} is busy: {now.busy}. Wait for it, then plan again.")
        live, service = now.ours, deployment.service
        return Plan(
            mitigation=self.name,
            title=f"{'Undo: put' if back else 'Put'} {now.number} of {service} to {count}",
            service=service,
            environment=deployment.environment,
            target=target,
            target_label=str(count),
            live=str(live),
            live_label=str(live),
            differences=(Difference(what=now.number, before=str(live), after=str(count)),),
            lowers=(f"{now.number} {live} → {count}",) if count < live else (),
            migrations=Migrations.IRRELEVANT,
            steps=_steps(now, count),
            risk_reasons=_worries(now, count),
            comforts=("more machines of what runs already",),
            cautions=("new machines take minutes to start and to warm up",),
            leftovers=() if back else (f"{now.number} is {count} instead of {live}",),
            state=json.dumps({"group": now.name, "decider": now.decider}),
            system="AWS",
            owned_by=tools.catalog.written_in(service, deployment.environment),
            written=_written(now, service, count),
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        doing, count = plan.doing, _count(plan.target)
        with before_sending(doing):
            now = _now(tools, place_of(tools, plan))
        _refuse_moved(plan, now)
        tools.cloud(plan.environment).machines.resize(
            now,
            count,
            attempt,
            doing=doing,
            by_hand=f"Set {now.number} of {now.name} to {count} in the AWS console.",
        )
        return Receipt(reference=attempt, summary=f"AWS took it: {doing}", at=tools.clock.now())

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        """The group carries no mark of ours: it is known by its number."""
        now = _now(tools, place_of(tools, plan))
        shows = f"{now.number} of {plan.service} is {now.ours}"
        if now.ours == _count(plan.target):
            return Receipt(reference=attempt, summary=shows, at=tools.clock.now())
        return Untouched(shows=shows) if str(now.ours) == plan.live else Unknown(shows=shows)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        now, count = _now(tools, place_of(tools, plan)), _count(plan.target)
        if now.ours != count:
            return Unhealthy(why=f"{now.number} is {now.ours}, not {count}: somebody changed it")
        if now.busy or (now.ready is not None and now.ready < max(count, now.wanted)):
            more = f" ({now.trouble})" if now.trouble else ""
            return TooEarly(progress=f"{now.busy or now.up}{more}")
        return Settled(evidence=now.up, at=tools.clock.now())

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        return self.plan(tools, place_of(tools, plan), plan.live + _AGAIN)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        now = _now(tools, place_of(tools, plan))
        shows = f"{now.number} of {plan.service} is {now.ours}"
        if str(now.ours) != plan.target_label:
            return Cleared(shows=shows)
        return StillThere(shows=shows, blocked="putting it back is a change of its own: undo it")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("Putting the machines back is a change of its own: undo the mitigation.")


def _now(tools: Tools, deployment: Deployment) -> Capacity:
    return parts.now_at(tools, deployment, f"read how many machines {deployment.service} has")


def _written(now: Capacity, service: str, count: int) -> tuple[Setting, ...]:
    wanted = "desired_size" if now.cluster else "desired_capacity"
    return (
        Setting(
            attribute="min_size" if now.decider else wanted,
            before=str(now.ours),
            after=str(count),
            names=(now.name, service),
        ),
    )


def _count(target: str) -> int:
    written = target.removesuffix(_AGAIN).strip()
    if written.isascii() and written.isdigit() and len(written) <= 4:
        return int(written)
    raise Refused(f"“{target}” is no number of machines.")


def _range(deployment: Deployment, now: Capacity) -> tuple[int, int]:
    """The group's own limits, and the catalog's where it says more."""
    lowest, most = deployment.scale or (now.lowest, now.highest)
    return max(lowest, now.lowest), min(most, now.highest)


def _refuse_outside(deployment: Deployment, now: Capacity, count: int) -> None:
    lowest, most = _range(deployment, now)
    if now.decider and count < now.ours:
        raise Refused(
            f"{now.decider.capitalize()} decides how many machines {deployment.service} has:"
            f" the minimum ({now.ours}) is only raised from here."
        )
    if not lowest <= count <= most:
        raise Refused(
            f"{now.name} may have {lowest} to {most} machines by its own limits and the"
            f" catalog's, not {count}."
        )


def _refuse_moved(plan: Plan, now: Capacity) -> None:
    if now.decider != json.loads(plan.state)["decider"]:
        raise moved(f"who decides the size of {now.name} changed")
    if str(now.ours) != plan.live:
        raise moved(f"{now.number} was {plan.live}, now it is {now.ours}")
    if now.busy:
        raise moved(now.busy)


def _steps(now: Capacity, count: int) -> tuple[str, ...]:
    if now.decider:
        first = f"raise the minimum of {now.name}: {now.decider} decides above it"
        return (first, "wait until so many machines are in service")
    return (f"set {now.number} of {now.name}", "wait until so many machines are in service")


def _worries(now: Capacity, count: int) -> tuple[str, ...]:
    found = list(parts.doubts(now))
    if count < now.ours:
        found.append("fewer machines than now")
    if count == 0:
        found.append("nothing of it runs then")
    return tuple(found)
