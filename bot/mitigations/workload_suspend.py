"""Stops what makes work: a CronJob makes no more runs, a worker has no pods, until it is put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.catalog import Deployment, Kind
from bot.domain.cron import cron
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
from bot.domain.workload import Edit, Runs, Scale, Suspend, Workload, WorkloadKind
from bot.mitigations import workload_parts as parts
from bot.mitigations import workload_queue as queue
from bot.mitigations import workload_runs as runs
from bot.mitigations.own_plan import place_of
from bot.mitigations.row import elsewhere
from bot.tools import Tools

_STOP, _GO = "suspend", "resume"
_AHEAD = timedelta(hours=6)


class SuspendJob:
    """`where`: the environments whose cluster is configured."""

    name = "suspend_job"
    label = "Suspend"
    free = ""

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        if not parts.in_cluster(self.where, deployment) or not deployment.namespace:
            return False
        worker = deployment.component is Kind.WORKER
        kind = parts.kind_of(deployment)
        return kind == WorkloadKind.CRONJOB or (worker and kind in _WITH_REPLICAS)

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        now = _now(tools, deployment)
        if _stopped(now):
            return []
        kinds = {_STOP: _what(now)}
        if now.runs and now.runs.running:
            kinds[f"{_STOP}{runs.WITH_RUNS}"] = f"{_what(now)}, and stop what runs now"
        return [
            Offer(
                mitigation=self.name,
                target=target,
                title=f"Suspend {deployment.service}: {label}",
                label=label,
            )
            for target, label in kinds.items()
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        """`resume 12` is the way back: to so many pods, or to making runs again."""
        wanted = target.strip() or _STOP
        back = wanted.startswith(_GO)
        if not back and wanted.removesuffix(runs.WITH_RUNS) != _STOP:
            raise Refused(f"“{target}” is no way to suspend: it is suspended, or it is not.")
        now = _now(tools, deployment)
        _refuse(now, deployment, back=back)
        edit = _edit(now, wanted)
        doing = f"suspend {deployment.service}"
        cluster = tools.cluster(deployment.environment)
        untried = cluster.rehearse(now, edit, doing=doing)
        service = deployment.service
        made = _plan(now, edit, wanted, service=service, environment=deployment.environment)
        cautions = (*_cautions(now, tools.clock.now(), wanted), *elsewhere(deployment))
        made = replace(
            made, cautions=cautions, risk_reasons=(*_worries(now), *filter(None, (untried,)))
        )
        made = _with_runs(tools, made, now) if runs.asked_for(wanted) else made
        return queue.planned(tools, deployment, made)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        now = parts.last_look(tools, plan)
        if now.attempt != attempt:
            if now.uid != parts.held_in(plan).uid:
                raise moved(f"{now.label} was deleted and made anew")
            if _live(now) != plan.live:
                raise moved(f"{now.label} was {plan.live}, now it is {_live(now)}")
            if why := parts.self_heal(now, _field(now)):
                raise Refused(why)
        taken = parts.send(tools, plan, now, _edit(now, plan.target), attempt)
        return replace(taken, state=queue.started(tools, plan))

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        now = parts.seen_now(tools, plan, f"see whether {plan.service} is suspended")
        return parts.looked(tools, plan, now, attempt, as_planned=_live(now) == plan.live)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        """Whether it helped is for the users' numbers to say."""
        now = parts.seen_now(tools, plan, f"watch {plan.service}")
        back = plan.target.startswith(_GO)
        if _stopped(now) is not back and runs.asked_for(plan.target):
            late = runs.follow(tools, plan, now, receipt.reference, back=back)
            if late:
                return TooEarly(progress=late)
        if back:
            up = now.ready >= now.replicas
            if _stopped(now) or not up:
                return TooEarly(progress=f"{now.ready} of {now.replicas} pods are ready")
            return _settled(tools, plan, receipt, f"{now.label} works again")
        if not _stopped(now):
            return TooEarly(progress=f"{now.label} is {_live(now)}: somebody resumed it?")
        if now.ready:
            return TooEarly(progress=f"{now.ready} pods are still stopping")
        return _settled(tools, plan, receipt, f"{now.label} is suspended")

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        stood = parts.held_in(plan).replicas
        also = runs.WITH_RUNS if runs.asked_for(plan.target) else ""
        return self.plan(tools, place_of(tools, plan), f"{_GO} {stood}{also}")

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        now = parts.seen_now(tools, plan, f"read whether {plan.service} is suspended")
        if not _stopped(now):
            return Cleared(shows=f"{now.label} is {_live(now)}")
        return StillThere(shows=f"{now.label} is suspended", offer="Resume it")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        doing = f"resume {plan.service}"
        now = parts.seen_now(tools, plan, doing)
        if _stopped(now):
            edit = _edit(now, f"{_GO} {parts.held_in(plan).replicas}")
            tools.cluster(plan.environment).edit(now, edit, "put-back", doing=doing)
        runs.go_on(tools, plan, now, doing)


def _settled(tools: Tools, plan: Plan, receipt: Receipt, evidence: str) -> Settled:
    """What waits for it is told whatever the users' numbers say."""
    waits = queue.since(tools, plan, receipt)
    if waits and not plan.target.startswith(_GO):
        waits += f"; {plan.service} takes nothing from it while it is suspended"
    told = "; ".join(filter(None, (evidence, waits)))
    return Settled(evidence=told, at=receipt.at, said=waits)


def _plan(now: Workload, edit: Edit, wanted: str, *, service: str, environment: str) -> Plan:
    back = wanted.startswith(_GO)
    return Plan(
        mitigation=SuspendJob.name,
        title=f"Undo: resume {service}" if back else f"Suspend {service}",
        service=service,
        environment=environment,
        target=wanted,
        target_label="resumed" if back else "suspended",
        live=_live(now),
        live_label=_live(now),
        differences=(_difference(now, edit),),
        migrations=Migrations.IRRELEVANT,
        steps=(f"patch {now.label} in {now.namespace}",),
        comforts=("nothing that users wait for runs in it",),
        leftovers=() if back else (f"{now.label} is suspended ({_what(now)})",),
        state=parts.held(now).inside(),
        system="Kubernetes",
    )


def _with_runs(tools: Tools, made: Plan, now: Workload) -> Plan:
    """The approval is for exactly the runs that it names."""
    back = made.target.startswith(_GO)
    found = runs.meant(tools, made.environment, now, back=back)
    if not found and not back:
        raise Refused(f"Nothing of {made.service} runs now: suspend it alone.")
    cluster, doing = tools.cluster(made.environment), made.doing
    untried = [cluster.rehearse_stop(now, each.name, doing=doing) for each in found]
    held = replace(parts.held(now), runs=tuple(each.name for each in found))
    names = _listed([each.name for each in found])
    lost = "what a run that is stopped had done so far is done anew when it goes on"
    return replace(
        made,
        differences=(*made.differences, *runs.differences(found, back=back)),
        steps=(*made.steps, f"{'let go on' if back else 'stop'}: {names or 'no run'}"),
        risk_reasons=(
            *(() if back else (lost,)),
            *made.risk_reasons,
            *filter(None, untried[:1]),
        ),
        state=held.inside(),
    )


_WITH_REPLICAS = (WorkloadKind.DEPLOYMENT, WorkloadKind.STATEFULSET)


def _now(tools: Tools, deployment: Deployment) -> Workload:
    doing = f"read what {deployment.service} does"
    return tools.cluster(deployment.environment).workload(deployment, doing=doing)


def _stopped(now: Workload) -> bool:
    return now.runs.suspended if now.runs else now.replicas == 0


def _live(now: Workload) -> str:
    if now.runs:
        return "suspended" if now.runs.suspended else "running by its schedule"
    return f"at {now.replicas} pods"


def _what(now: Workload) -> str:
    return "no more runs" if now.runs else "no pods"


def _field(now: Workload) -> str:
    return "whether it is suspended" if now.runs else "the number of pods"


def _edit(now: Workload, target: str) -> Edit:
    back = target.startswith(_GO)
    if now.runs:
        return Suspend(suspended=not back)
    count = target.removeprefix(_GO).removesuffix(runs.WITH_RUNS).strip()
    return Scale(replicas=int(count or "0") if back else 0)


def _difference(now: Workload, edit: Edit) -> Difference:
    match edit:
        case Scale(replicas=count):
            return Difference(what="pods", before=str(now.replicas), after=str(count))
        case _:
            on, off = "by its schedule", "none"
            before, after = (off, on) if _stopped(now) else (on, off)
            return Difference(what="runs", before=before, after=after)


def _refuse(now: Workload, deployment: Deployment, *, back: bool) -> None:
    service = deployment.service
    if not back and _stopped(now):
        raise Refused(f"{service} is suspended already.")
    if back and not _stopped(now):
        raise Refused(f"{service} is not suspended: it is {_live(now)}.")
    if not now.runs and deployment.component is not Kind.WORKER:
        raise Refused(f"{service} is no job and no worker: users wait for it.")
    if now.scaler and now.scaler.owner:
        raise Refused(
            f"{now.scaler.owner} owns the number of pods of {now.name} and would start them"
            " again: pause it by hand (annotation autoscaling.keda.sh/paused-replicas)."
        )
    if why := parts.self_heal(now, _field(now)):
        raise Refused(why)


def _worries(now: Workload) -> tuple[str, ...]:
    return parts.later_back(now, _field(now))


def _cautions(now: Workload, at: datetime, wanted: str) -> tuple[str, ...]:
    if wanted.startswith(_GO):
        return ()
    if now.runs is None:
        scaled = ("its autoscaler rests while it has no pods",) if now.scaler else ()
        return ("what it would have done waits in its queue", *scaled)
    told = [_missed(now.runs, at), _resumed(now.runs)]
    if (names := now.runs.running) and not runs.asked_for(wanted):
        told.append(f"what runs now goes on to its end: {_listed(names)}")
    return tuple(filter(None, told))


def _missed(runs: Runs, at: datetime) -> str:
    known = cron(runs.schedule)
    try:
        zone = ZoneInfo(runs.zone)
    except (ZoneInfoNotFoundError, ValueError):
        known = None
    if known is None:
        return f"how many runs are missed is not known: its schedule is {runs.schedule}"
    start = at.astimezone(zone)
    ahead = known.runs(start, start + _AHEAD)
    hours = round(_AHEAD.total_seconds() / 3600)
    if not ahead:
        return f"no run falls into the next {hours} hours ({runs.schedule})"
    many = "1 run is" if len(ahead) == 1 else f"{len(ahead)} runs are"
    return f"{many} missed within {hours} hours, the next at {ahead[0]:%H:%M} {runs.zone}"


def _resumed(runs: Runs) -> str:
    beside = {
        "Forbid": "unless the one before still runs (concurrencyPolicy Forbid)",
        "Replace": "in place of one that still runs (concurrencyPolicy Replace)",
    }.get(runs.concurrency, "even beside one that still runs (concurrencyPolicy Allow)")
    when = "once, at once"
    if runs.deadline_seconds is not None:
        when = f"once, at once, if that is at most {runs.deadline_seconds} s late"
    return f"when it is resumed, the last missed run is made up for {when}, {beside}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
