"""One environment's cluster: what runs there, and each change to it with exactly one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.capacity import Space, WaitingPod
from bot.domain.catalog import Deployment
from bot.domain.workload import (
    Edit,
    RaiseMinimum,
    Restart,
    Scale,
    Suspend,
    Workload,
)
from bot.integrations.http import VendorHealth
from bot.integrations.kubernetes.api import Api, Place, Write, rehearsed
from bot.integrations.kubernetes.flag_jobs import FlagJobs
from bot.integrations.kubernetes.job_runs import JobRuns
from bot.integrations.kubernetes.kinds import ATTEMPT, RESTARTED, place_of
from bot.integrations.kubernetes.nodes import Nodes
from bot.integrations.kubernetes.scheduling import space_of, waiting_of
from bot.integrations.kubernetes.workloads import workload_of

_MYSELF = Place(group="authentication.k8s.io/v1", plural="selfsubjectreviews")


class Kubernetes(Nodes, JobRuns, FlagJobs):
    """One per environment."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)

    @property
    def health(self) -> VendorHealth:
        return self.api.health

    @property
    def name(self) -> str:
        return self.api.name

    def close(self) -> None:
        self.api.close()

    def who(self) -> str:
        """As whom the cluster knows us."""
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = self.api.send(
            Write(path=_MYSELF.path(), body=asked, doing="sign in", how=None, rehearsal=True)
        )
        user = (answer.json().get("status") or {}).get("userInfo") or {}
        return str(user.get("username", "somebody"))

    def workload(self, place: Deployment, *, doing: str) -> Workload:
        return workload_of(self.api, place, doing=doing)

    def waiting(self, place: Deployment, *, doing: str) -> tuple[tuple[WaitingPod, ...], int]:
        return waiting_of(self.api, place, doing=doing)

    def space(self, place: Deployment, *, doing: str) -> Space:
        return space_of(self.api, place, doing=doing)

    def edit(self, workload: Workload, edit: Edit, attempt: str, *, doing: str) -> None:
        self.api.send(_write(workload, edit, attempt, doing=doing))

    def rehearse(self, workload: Workload, edit: Edit, *, doing: str) -> str:
        return rehearsed(
            self.api, _write(workload, edit, "rehearsal", doing=doing, rehearsal=True)
        )


def _write(
    workload: Workload, edit: Edit, attempt: str, *, doing: str, rehearsal: bool = False
) -> Write:
    where, name, version = _target(workload, edit)
    meta: dict[str, Any] = {"annotations": {ATTEMPT: attempt}}
    if not rehearsal:
        # A change since it was read makes this a 409: nothing is overwritten unseen.
        meta["resourceVersion"] = version
    body = {"metadata": meta, "spec": _spec(edit)}
    return Write(
        path=where.path(name),
        body=body,
        doing=doing,
        by_hand=_by_hand(workload, edit),
        rehearsal=rehearsal,
    )


def _target(workload: Workload, edit: Edit) -> tuple[Place, str, str]:
    if isinstance(edit, RaiseMinimum) and workload.scaler:
        where = Place(
            group="autoscaling/v2",
            plural="horizontalpodautoscalers",
            namespace=workload.namespace,
        )
        return where, workload.scaler.name, workload.scaler.version
    where = place_of(workload.kind, workload.namespace)
    return where, workload.name, workload.version


def _spec(edit: Edit) -> Mapping[str, Any]:
    match edit:
        case Restart(stamp=stamp):
            return {"template": {"metadata": {"annotations": {RESTARTED: stamp or None}}}}
        case Scale(replicas=count):
            return {"replicas": count}
        case RaiseMinimum(lowest=lowest):
            return {"minReplicas": lowest}
        case Suspend(suspended=suspended):
            return {"suspend": suspended}


def _by_hand(workload: Workload, edit: Edit) -> str:
    where = f"-n {workload.namespace}"
    match edit:
        case Restart():
            said = f"kubectl rollout restart {workload.kind}/{workload.name} {where}"
        case Scale(replicas=count):
            said = f"kubectl scale {workload.kind}/{workload.name} {where} --replicas={count}"
        case RaiseMinimum(lowest=lowest):
            name = workload.scaler.name if workload.scaler else workload.name
            patch = f'{{"spec":{{"minReplicas":{lowest}}}}}'
            said = f"kubectl patch hpa {name} {where} --type merge -p '{patch}'"
        case Suspend(suspended=suspended):
            patch = f'{{"spec":{{"suspend":{str(suspended).lower()}}}}}'
            said = f"kubectl patch cronjob {workload.name} {where} -p '{patch}'"
    return f"By hand: `{said}`"
