"""Gives a service more or fewer pods, within the catalog's range and never against who else decides it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, moved
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
    Waiting,
)
from bot.domain.workload import Edit, RaiseMinimum, Workload, WorkloadKind
from bot.domain.workload import Scale as Replicas
from bot.mitigations import workload_parts as parts
from bot.mitigations.own_plan import place_of
from bot.mitigations.room import with_room
from bot.mitigations.row import elsewhere
from bot.tools import Tools

_SCALABLE = (WorkloadKind.DEPLOYMENT, WorkloadKind.STATEFULSET)
_AGAIN = parts.AGAIN


class Scale:
    """`where`: the environments whose cluster is configured."""

    name = "scale"
    label = "Scale"
    free = "number of pods"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        known = parts.in_cluster(self.where, deployment) and bool(deployment.namespace)
        return known and bool(deployment.scale) and parts.kind_of(deployment) in _SCALABLE

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        """Half as many again, and the most it may have."""
        now = _now(tools, deployment)
        _lowest, most = _range(deployment, now)
        live = _live(now)
        counts = sorted({min(live + max(1, live // 2), most), most} - {live})
        return [
            Offer(
                mitigation=self.name,
                target=str(count),
                title=f"{_what(now).capitalize()} of {deployment.service}: {live} → {count}",
                label=str(count),
            )
            for count in counts
            if count > live
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        again = target.endswith(_AGAIN)
        count = _count(target.removesuffix(_AGAIN))
        now = _now(tools, deployment)
        _refuse_owned(now)
        if not again:
            _refuse_outside(deployment, now, count)
        if count == _live(now):
            raise Refused(f"{_what(now).capitalize()} of {deployment.service} is {count} already.")
        doing = f"scale {deployment.service}"
        untried = tools.cluster(deployment.environment).rehearse(
            now, _edit(now, count), doing=doing
        )
        made = with_room(
            tools, _plan(deployment, now, count, target), deployment, added=count - now.replicas
        )
        worries = (*_worries(now, count), *filter(None, (untried,)))
        return _with(made, now, count, worries)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        now = parts.last_look(tools, plan)
        if _attempt(now) == attempt:
            return parts.receipt(tools, plan, attempt, f"{now.label} was scaled already")
        _refuse_moved(plan, now)
        _refuse_owned(now)
        count = _count(plan.target.removesuffix(_AGAIN))
        return parts.send(tools, plan, now, _edit(now, count), attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        now = parts.seen_now(tools, plan, f"see whether {plan.service} was scaled")
        if _attempt(now) == attempt:
            return parts.receipt(tools, plan, attempt, f"{_what(now)} is {_live(now)}")
        same = str(_live(now)) == plan.live
        return parts.looked(tools, plan, now, attempt, as_planned=same)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        now = parts.seen_now(tools, plan, f"watch {plan.service} being scaled")
        wanted = _count(plan.target.removesuffix(_AGAIN))
        if _live(now) != wanted:
            return TooEarly(progress=f"{_what(now)} is {_live(now)}, not {wanted}: somebody else?")
        enough = now.ready >= wanted if now.scaler else now.ready == now.replicas == wanted
        if not enough:
            return TooEarly(progress=f"{now.ready} of {max(wanted, now.replicas)} pods are ready")
        return Settled(evidence=f"{now.ready} pods are ready", at=receipt.at)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        return self.plan(tools, place_of(tools, plan), plan.live + _AGAIN)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        now = parts.seen_now(tools, plan, f"read how many pods {plan.service} has")
        shows = f"{_what(now)} of {plan.service} is {_live(now)}"
        if str(_live(now)) != plan.target_label:
            return Cleared(shows=shows)
        return StillThere(shows=shows, offer=f"Put it back to {plan.live}")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        doing = f"put {plan.service} back to {plan.live}"
        now = parts.seen_now(tools, plan, doing)
        if str(_live(now)) == plan.target_label:
            edit = _edit(now, int(plan.live))
            tools.cluster(plan.environment).edit(now, edit, "put-back", doing=doing)


def _now(tools: Tools, deployment: Deployment) -> Workload:
    doing = f"read how many pods {deployment.service} has"
    now = tools.cluster(deployment.environment).workload(deployment, doing=doing)
    if now.kind not in _SCALABLE:
        raise Refused(f"The number of pods of a {now.kind} is not ours to choose.")
    return now


def _count(text: str) -> int:
    written = text.strip()
    if written.isascii() and written.isdigit() and len(written) <= 4:
        return int(written)
    raise Refused(f"“{text}” is no number of pods.")


def _what(now: Workload) -> str:
    return "the autoscaler's minimum" if now.scaler else "the number of pods"


def _live(now: Workload) -> int:
    """An autoscaler changes the number itself; ours is its minimum."""
    return now.scaler.lowest if now.scaler else now.replicas


def _attempt(now: Workload) -> str:
    return now.scaler.attempt if now.scaler else now.attempt


def _edit(now: Workload, count: int) -> Edit:
    return RaiseMinimum(lowest=count) if now.scaler else Replicas(replicas=count)


def _range(deployment: Deployment, now: Workload) -> tuple[int, int]:
    if deployment.scale is None:
        raise Refused(
            f"The catalog does not say how many pods {deployment.service} may have"
            " (tocsin.dev/scale)."
        )
    lowest, most = deployment.scale
    if now.scaler:
        return max(lowest, now.scaler.lowest), min(most, now.scaler.highest)
    return lowest, most


def _refuse_outside(deployment: Deployment, now: Workload, count: int) -> None:
    lowest, most = _range(deployment, now)
    if now.scaler and count < now.scaler.lowest:
        raise Refused(
            f"The autoscaler {now.scaler.name} decides how many pods {deployment.service} has:"
            f" its minimum ({now.scaler.lowest}) is only raised from here."
        )
    if now.scaler and count > now.scaler.highest:
        raise Refused(
            f"The autoscaler {now.scaler.name} goes no higher than {now.scaler.highest}:"
            " its minimum cannot be raised above that."
        )
    if not lowest <= count <= most:
        raise Refused(
            f"The catalog lets {deployment.service} have {lowest} to {most} pods, not {count}."
        )


def _refuse_owned(now: Workload) -> None:
    if now.scaler and now.scaler.owner:
        raise Refused(
            f"{now.scaler.owner} owns the number of pods of {now.name} and would put it back:"
            " raise its minReplicaCount by hand."
        )
    if not now.scaler and (why := parts.self_heal(now, "the number of pods")):
        raise Refused(why)


def _refuse_moved(plan: Plan, now: Workload) -> None:
    state = parts.held_in(plan)
    if now.uid != state.uid:
        raise moved(f"{now.label} was deleted and made anew")
    if (now.scaler is None) != (state.lowest is None):
        raise moved(f"an autoscaler of {now.label} came or went")
    if str(_live(now)) != plan.live:
        raise moved(f"{_what(now)} was {plan.live}, now it is {_live(now)}")


def _plan(deployment: Deployment, now: Workload, count: int, target: str) -> Plan:
    live, what = _live(now), _what(now)
    service = deployment.service
    undo = "Undo: put" if target.endswith(_AGAIN) else "Put"
    return Plan(
        mitigation=Scale.name,
        title=f"{undo} {what} of {service} to {count}",
        service=service,
        environment=deployment.environment,
        target=target,
        target_label=str(count),
        live=str(live),
        live_label=str(live),
        differences=(Difference(what=what, before=str(live), after=str(count)),),
        lowers=(f"{what} {live} → {count}",) if count < live else (),
        migrations=Migrations.IRRELEVANT,
        cautions=elsewhere(deployment),
        state=parts.held(now, wanted=count).inside(),
        system="Kubernetes",
    )


def _with(made: Plan, now: Workload, count: int, worries: tuple[str, ...]) -> Plan:
    from_here = f"patch {now.scaler.name if now.scaler else now.label} in {now.namespace}"
    left = (
        ()
        if made.target.endswith(_AGAIN)
        else (f"{_what(now)} is {count} instead of {_live(now)}",)
    )
    return replace(
        made,
        steps=(from_here, "wait until the pods are ready"),
        risk_reasons=worries,
        comforts=("more pods of what runs already",),
        leftovers=left,
    )


def _worries(now: Workload, count: int) -> tuple[str, ...]:
    found = list(parts.later_back(now, "the number of pods"))
    if count < _live(now):
        found.append("fewer pods than now")
    if count == 0:
        found.append("nothing of it runs then")
    if now.ready < now.replicas:
        found.append(f"only {now.ready} of its {now.replicas} pods are ready now")
    return tuple(found)
