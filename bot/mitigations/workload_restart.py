"""Restarts a service pod by pod, as `kubectl rollout restart` does, and says what that costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import Refused
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
    StillThere,
    Waiting,
)
from bot.domain.workload import Restart as Stamp
from bot.domain.workload import Workload, WorkloadKind
from bot.mitigations import workload_parts as parts
from bot.mitigations.own_plan import place_of
from bot.mitigations.room import with_room
from bot.mitigations.row import elsewhere, one_after_the_other
from bot.tools import Tools

_TARGET = "restart"
_NOT_POD_BY_POD = (WorkloadKind.CRONJOB, WorkloadKind.ROLLOUT)
"""Another pod template would begin a new update of a Rollout."""
_BACK = "before "
"""Begins the target of an undo: the time of restart that stood there before."""


class Restart:
    """`where`: the environments whose cluster is configured."""

    name = "restart"
    label = "Restart"
    free = ""

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        known = parts.in_cluster(self.where, deployment) and bool(deployment.namespace)
        return known and parts.kind_of(deployment) not in _NOT_POD_BY_POD

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        now = _now(tools, deployment)
        title = f"Restart {deployment.service}: {_pods(now)}"
        one = Offer(mitigation=self.name, target=_TARGET, title=title, label="pod by pod")
        if not _in_several(deployment):
            return [one]
        alone = [
            replace(
                one,
                target=f"{each.called}:{_TARGET}",
                title=f"Restart {deployment.service} in {each.called} alone",
                label=f"{each.called}:{_TARGET}",
            )
            for each in deployment.everywhere
        ]
        every = f"{title}, cluster by cluster"
        return [replace(one, title=every, suggested=True), *alone]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        """In every cluster that it runs in, one after the other, or in the one that is named."""
        if not _in_several(deployment):
            made = self._one(tools, deployment, target)
            return replace(made, cautions=(*made.cautions, *elsewhere(deployment)))
        place, wanted = deployment.named(target)
        if place is not None:
            made = self._marked(tools, place, wanted)
            return replace(made, title=f"{made.title} in {place.called}")
        return one_after_the_other(
            tools,
            self._one(tools, deployment, wanted),
            deployment.everywhere[1:],
            lambda each: self._marked(tools, each, wanted),
            lambda names: f"restart {names} pod by pod",
        )

    def _marked(self, tools: Tools, place: Deployment, target: str) -> Plan:
        made = self._one(tools, place, target)
        return replace(made, target=f"{place.called}:{made.target}")

    def _one(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        back = target.startswith(_BACK)
        if not back and target.strip().lower() not in ("", _TARGET, "pod by pod"):
            raise Refused(f"A restart has no target “{target}”: all pods are restarted.")
        now = _now(tools, deployment)
        _refuse(now)
        doing = f"restart {deployment.service}"
        untried = tools.cluster(deployment.where).rehearse(
            now, Stamp(stamp="2000-01-01T00:00:00Z"), doing=doing
        )
        made = Plan(
            mitigation=self.name,
            title=f"Undo: stop the restart of {deployment.service}"
            if back
            else f"Restart {deployment.service} pod by pod",
            service=deployment.service,
            environment=deployment.environment,
            target=target if back else _TARGET,
            target_label="the pods from before" if back else "new pods, same image",
            live=now.template,
            live_label="the pods as they run",
            differences=(_difference(back=back),),
            migrations=Migrations.IRRELEVANT,
            steps=_steps(now, back=back),
            risk_reasons=(*_worries(now), *filter(None, (untried,))),
            comforts=("no code and no setting changes",),
            cautions=_cautions(now),
            state=parts.held(now).inside(),
            system="Kubernetes",
            cluster=deployment.site,
        )
        return with_room(tools, made, deployment)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        now = parts.last_look(tools, plan)
        if now.attempt != attempt:
            parts.refuse_other(plan, now)
            _refuse(now)
        _mark, back, before = plan.target.partition(_BACK)
        stamp = before if back else tools.clock.now().isoformat()
        return parts.send(tools, plan, now, Stamp(stamp=stamp), attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        now = parts.seen_now(tools, plan, f"see whether {plan.service} was restarted")
        same = now.template == parts.held_in(plan).template
        return parts.looked(tools, plan, now, attempt, as_planned=same)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        now = parts.seen_now(tools, plan, f"watch the restart of {plan.service}")
        return parts.rolled_out(plan, now, receipt)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        """The pod template as it was: pods not yet restarted stay, the others are made from it."""
        stood = parts.held_in(plan).restarted
        place = place_of(tools, plan)
        return self.plan(
            tools, place, f"{place.called}:{_BACK}{stood}" if _in_several(place) else _BACK + stood
        )

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a restart leaves nothing behind")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        return None


def _in_several(deployment: Deployment) -> bool:
    """Which cluster another application of Argo CD is in nobody says."""
    return bool(deployment.more) and deployment.driver is not Driver.ARGOCD


def _now(tools: Tools, deployment: Deployment) -> Workload:
    doing = f"read what runs of {deployment.service}"
    return tools.cluster(deployment.where).workload(deployment, doing=doing)


def _pods(now: Workload) -> str:
    return f"{now.replicas} pod{'' if now.replicas == 1 else 's'}, one after another"


def _refuse(now: Workload) -> None:
    if now.kind is WorkloadKind.CRONJOB:
        raise Refused(f"{now.label} runs by its schedule: there is nothing to restart.")
    if now.paused:
        raise Refused(
            f"{now.label} is paused: a restart would not begin before somebody resumes it"
            f" (`kubectl rollout resume {now.kind}/{now.name} -n {now.namespace}`)."
        )
    if now.strategy == "OnDelete":
        raise Refused(
            f"{now.label} renews a pod only when somebody deletes it (OnDelete):"
            " delete its pods one after another by hand."
        )
    if now.replicas == 0:
        raise Refused(f"{now.label} has no pods: there is nothing to restart.")


def _difference(*, back: bool) -> Difference:
    if back:
        return Difference(what="pods", before="restarted", after="from before the restart")
    return Difference(what="pods", before="as they run", after="new ones, from the same image")


def _steps(now: Workload, *, back: bool) -> tuple[str, ...]:
    how = {
        "Recreate": "all pods are stopped, then new ones start",
        "RollingUpdate": "a new pod is ready before the next old one goes, as far as it allows",
    }.get(now.strategy, "pod by pod")
    where = f"{now.label} in {now.namespace}"
    first = (
        f"take the time of restart back from {where}"
        if back
        else f"write the time of restart into the pod template of {where}"
    )
    return (first, how, "wait until all pods are ready")


def _worries(now: Workload) -> tuple[str, ...]:
    found = []
    if now.strategy == "Recreate":
        found.append("all pods stop before the first new one starts")
    alone = now.replicas == 1 and now.kind is not WorkloadKind.DEPLOYMENT
    if alone:
        found.append("it has one pod, which is away for as long as it takes to start")
    if not now.rollout.done:
        found.append(f"a rollout is under way already: {now.rollout.progress}")
    found += [
        f"the disruption budget {each.name} lets no pod go now, and a restart does not ask it"
        for each in now.budgets
        if each.allowed == 0
    ]
    return tuple(found)


def _cautions(now: Workload) -> tuple[str, ...]:
    """What pods read at their start alone would be read anew."""
    return ("new pods read settings and secrets as they are now",)
