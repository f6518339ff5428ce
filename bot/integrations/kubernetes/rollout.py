"""Whether a workload's newest template is out everywhere, judged as `kubectl rollout status` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.progressive import Progressive
from bot.domain.workload import Rollout
from bot.integrations.kubernetes.api import Object
from bot.integrations.kubernetes.kinds import metadata, spec, status
from bot.integrations.kubernetes.progressive import progressive_of

_NOT_SEEN = Rollout(done=False, progress="waiting for Kubernetes to see the change")


def rollout_of(one: Object) -> Rollout:
    if one.get("kind") == "CronJob":
        return Rollout(done=True, progress="")
    if one.get("kind") == "Rollout":
        return _progressive(progressive_of(one))
    if status(one).get("observedGeneration", 0) < metadata(one).get("generation", 0):
        return _NOT_SEEN
    match one.get("kind"):
        case "StatefulSet":
            return _stateful(spec(one), status(one))
        case "DaemonSet":
            return _daemon(spec(one), status(one))
        case _:
            return _deployment(spec(one), status(one))


def _deployment(wanted: Mapping[str, Any], now: Mapping[str, Any]) -> Rollout:
    count = int(wanted.get("replicas", 1))
    updated, all_of_them = int(now.get("updatedReplicas", 0)), int(now.get("replicas", 0))
    available = int(now.get("availableReplicas", 0))
    for each in now.get("conditions") or ():
        if each.get("type") == "Progressing" and each.get("reason") == "ProgressDeadlineExceeded":
            why = f"it made no progress for too long ({available} of {count} pods are up)"
            return Rollout(done=False, progress=_rolled(updated, count), broken=why)
    if updated < count or all_of_them > updated or available < updated:
        return Rollout(done=False, progress=_rolled(min(updated, available), count))
    return Rollout(done=True, progress=_rolled(updated, count), at=_through(now))


def _through(now: Mapping[str, Any]) -> datetime | None:
    for each in now.get("conditions") or ():
        if each.get("reason") == "NewReplicaSetAvailable" and each.get("lastUpdateTime"):
            return datetime.fromisoformat(each["lastUpdateTime"])
    return None


def _stateful(wanted: Mapping[str, Any], now: Mapping[str, Any]) -> Rollout:
    count, strategy = int(wanted.get("replicas", 1)), wanted.get("updateStrategy") or {}
    updated, ready = int(now.get("updatedReplicas", 0)), int(now.get("readyReplicas", 0))
    if now.get("updateRevision") == now.get("currentRevision"):
        # Through once; Kubernetes then no longer counts the pods as updated.
        updated = count
    if strategy.get("type") == "OnDelete":
        return Rollout(done=True, progress="pods change when they are deleted (OnDelete)")
    held = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    if updated < count - held or ready < count:
        return Rollout(done=False, progress=_rolled(min(updated, ready), count - held))
    return Rollout(done=True, progress=_rolled(updated, count - held))


def _daemon(wanted: Mapping[str, Any], now: Mapping[str, Any]) -> Rollout:
    count = int(now.get("desiredNumberScheduled", 0))
    updated = int(now.get("updatedNumberScheduled", 0))
    available = int(now.get("numberAvailable", 0))
    if (wanted.get("updateStrategy") or {}).get("type") == "OnDelete":
        return Rollout(done=True, progress="pods change when they are deleted (OnDelete)")
    if updated < count or available < count:
        return Rollout(done=False, progress=_rolled(min(updated, available), count))
    return Rollout(done=True, progress=_rolled(updated, count))


def _progressive(now: Progressive) -> Rollout:
    if now.aborted or (now.seen and now.broken):
        return Rollout(done=False, progress=now.words, broken=now.broken or now.words)
    out = min(now.updated, now.available)
    if not now.promoted or out < now.pods:
        return Rollout(done=False, progress=_rolled(out, now.pods) if now.promoted else now.words)
    return Rollout(done=True, progress=_rolled(out, now.pods))


def _rolled(done: int, of: int) -> str:
    return f"{done} of {of} pods are new and ready"
