"""Reads a workload with what bears on changing it: its rollout, budgets, autoscaler and owner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.catalog import Deployment
from bot.domain.workload import Budget, Runs, Workload, WorkloadKind
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.kubernetes.kinds import (
    ATTEMPT,
    RESTARTED,
    annotated,
    images,
    mark,
    metadata,
    named_in,
    place_of,
    selects,
    spec,
    status,
    template,
)
from bot.integrations.kubernetes.owners import keeper, owner_of, scaler_of
from bot.integrations.kubernetes.rollout import rollout_of


def workload_of(api: Api, place: Deployment, *, doing: str) -> Workload:
    kind, name = named_in(place)
    one = api.read(place_of(kind, place.namespace), name, doing=doing)
    cron = kind is WorkloadKind.CRONJOB
    scales = kind in (WorkloadKind.DEPLOYMENT, WorkloadKind.STATEFULSET)
    return Workload(
        kind=kind,
        namespace=place.namespace,
        name=name,
        uid=str(metadata(one).get("uid", "")),
        version=str(metadata(one).get("resourceVersion", "")),
        template=mark(template(one)),
        images=images(template(one)),
        attempt=annotated(one).get(ATTEMPT, ""),
        replicas=_wanted(one, kind),
        ready=int(status(one).get("readyReplicas", status(one).get("numberReady", 0))),
        paused=bool(spec(one).get("paused")),
        strategy=_strategy(one),
        rollout=rollout_of(one),
        budgets=() if cron else _budgets(api, one, place.namespace),
        scaler=scaler_of(api, kind, name, place.namespace) if scales else None,
        owner=owner_of(api, one, place),
        restarted=_restarted(one),
        kept_by=keeper(one, "suspend" if cron else "replicas"),
        runs=_runs(api, one, place.namespace) if cron else None,
    )


def _restarted(one: Object) -> str:
    found = (template(one).get("metadata") or {}).get("annotations") or {}
    return str(found.get(RESTARTED, ""))


def _wanted(one: Object, kind: WorkloadKind) -> int:
    match kind:
        case WorkloadKind.DAEMONSET:
            return int(status(one).get("desiredNumberScheduled", 0))
        case WorkloadKind.CRONJOB:
            return 0
        case _:
            return int(spec(one).get("replicas", 1))


def _strategy(one: Object) -> str:
    found = spec(one).get("strategy") or spec(one).get("updateStrategy") or {}
    return str(found.get("type", ""))


def _budgets(api: Api, one: Object, namespace: str) -> tuple[Budget, ...]:
    where = Place(group="policy/v1", plural="poddisruptionbudgets", namespace=namespace)
    of = (template(one).get("metadata") or {}).get("labels") or {}
    return tuple(
        Budget(
            name=str(metadata(each).get("name")),
            allowed=int(status(each).get("disruptionsAllowed", 0)),
        )
        for each in api.items(where, doing="read the disruption budgets")
        if selects(spec(each).get("selector"), of)
    )


def _runs(api: Api, one: Object, namespace: str) -> Runs:
    active: list[dict[str, Any]] = list(status(one).get("active") or ())
    last = status(one).get("lastScheduleTime")
    deadline = spec(one).get("startingDeadlineSeconds")
    return Runs(
        schedule=str(spec(one).get("schedule", "")),
        zone=str(spec(one).get("timeZone") or "UTC"),
        concurrency=str(spec(one).get("concurrencyPolicy") or "Allow"),
        deadline_seconds=int(deadline) if deadline is not None else None,
        suspended=bool(spec(one).get("suspend")),
        running=tuple(str(each.get("name")) for each in active),
        last=datetime.fromisoformat(last) if last else None,
    )
