"""Why pods do not run, and what the nodes of a cluster still take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.capacity import Need, Room, Space, WaitingPod, surging
from bot.domain.places import Deployment
from bot.domain.workload import WorkloadKind
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.kubernetes.kinds import (
    labels,
    metadata,
    named_in,
    place_of,
    spec,
    status,
    template,
)
from bot.integrations.kubernetes.nodes import GROUP, NODES, PODS

_OVER = ("Succeeded", "Failed")
_KEEPS_AWAY = ("NoSchedule", "NoExecute")
_TIMES = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
Json = Mapping[str, Any]


def waiting_of(api: Api, place: Deployment, *, doing: str) -> tuple[tuple[WaitingPod, ...], int]:
    """The pods of a workload that do not run yet, and how many it has."""
    kind, name = named_in(place)
    one = api.read(place_of(kind, place.namespace), name, doing=doing)
    chosen = (spec(one).get("selector") or {}).get("matchLabels") or {}
    where = Place(group="v1", plural="pods", namespace=place.namespace)
    params = {"labelSelector": ",".join(f"{key}={value}" for key, value in chosen.items())}
    pods = [
        each
        for each in (api.items(where, doing=doing, params=params) if chosen else ())
        if status(each).get("phase") not in _OVER
    ]
    found = tuple(
        WaitingPod(name=str(metadata(each).get("name")), why=_why(each))
        for each in pods
        if status(each).get("phase") == "Pending"
    )
    return found, len(pods)


def _why(pod: Object) -> str:
    """The scheduler's own words; of a pod that has a node, what its container waits for."""
    for each in status(pod).get("conditions") or ():
        if each.get("type") == "PodScheduled" and each.get("status") == "False":
            return str(each.get("message") or each.get("reason") or "it has no node")
    for each in status(pod).get("containerStatuses") or ():
        waits = (each.get("state") or {}).get("waiting") or {}
        if waits.get("reason"):
            return str(waits["reason"])
    return "it was just made"


def space_of(api: Api, place: Deployment, *, doing: str) -> Space:
    """On every node that is ready and takes pods of this workload."""
    kind, name = named_in(place)
    one = api.read(place_of(kind, place.namespace), name, doing=doing)
    pod = template(one).get("spec") or {}
    nodes = [each for each in api.items(NODES, doing=doing) if _takes(each, pod)]
    taken: dict[str, list[Need]] = {}
    for each in api.items(PODS, doing=doing):
        where = str(spec(each).get("nodeName") or "")
        if where and status(each).get("phase") not in _OVER:
            taken.setdefault(where, []).append(need_of(spec(each)))
    bound = "affinity" in pod or "topologySpreadConstraints" in pod
    return Space(
        need=need_of(pod),
        surge=_surge(one, kind),
        rooms=tuple(_room(each, taken.get(str(metadata(each).get("name")), [])) for each in nodes),
        uncounted="affinity and spread" if bound else "",
    )


def _surge(one: Object, kind: WorkloadKind) -> int:
    """Only a Deployment that rolls makes a pod before one goes; a Rollout may make all of them."""
    how = spec(one).get("strategy") or {}
    if kind is WorkloadKind.ROLLOUT:
        return _beside(how, int(spec(one).get("replicas", 1)))
    if kind is not WorkloadKind.DEPLOYMENT or how.get("type") == "Recreate":
        return 0
    most = (how.get("rollingUpdate") or {}).get("maxSurge", "25%")
    return surging(int(spec(one).get("replicas", 1)), most)


def _beside(how: Json, pods: int) -> int:
    """Both revisions stand whole where the traffic is switched or routed."""
    canary = how.get("canary") or {}
    if how.get("blueGreen") is not None or canary.get("trafficRouting"):
        return pods
    return surging(pods, canary.get("maxSurge", "25%"))


def _takes(node: Object, pod: Json) -> bool:
    ready = any(
        each.get("type") == "Ready" and each.get("status") == "True"
        for each in status(node).get("conditions") or ()
    )
    wanted = pod.get("nodeSelector") or {}
    chosen = all(labels(node).get(key) == value for key, value in wanted.items())
    away = any(
        taint.get("effect") in _KEEPS_AWAY and not _tolerated(taint, pod)
        for taint in spec(node).get("taints") or ()
    )
    return ready and chosen and not away and not spec(node).get("unschedulable")


def _tolerated(taint: Json, pod: Json) -> bool:
    for each in pod.get("tolerations") or ():
        same_key = each.get("key", taint.get("key")) == taint.get("key")
        same_effect = each.get("effect", taint.get("effect")) == taint.get("effect")
        exists = each.get("operator") == "Exists"
        same_value = exists or each.get("value", "") == taint.get("value", "")
        if same_key and same_effect and same_value:
            return True
    return False


def _room(node: Object, taken: Iterable[Need]) -> Room:
    gives = status(node).get("allocatable") or {}
    cpu, memory, pods = (
        milli(gives.get("cpu")),
        whole(gives.get("memory")),
        whole(gives.get("pods")),
    )
    held = list(taken)
    return Room(
        node=str(metadata(node).get("name")),
        group=labels(node).get(GROUP, ""),
        cpu=cpu - sum(each.cpu for each in held),
        memory=memory - sum(each.memory for each in held),
        pods=pods - len(held),
        empty_cpu=cpu,
        empty_memory=memory,
        empty_pods=pods,
    )


def need_of(pod: Json) -> Need:
    """What the scheduler counts: all containers together, or the greediest of those before them."""
    main = [_asked(each) for each in pod.get("containers") or ()]
    first = [_asked(each) for each in pod.get("initContainers") or ()]
    over = _requests(pod.get("overhead") or {})
    return Need(
        cpu=max([sum(e.cpu for e in main), *(e.cpu for e in first)]) + over.cpu,
        memory=max([sum(e.memory for e in main), *(e.memory for e in first)]) + over.memory,
    )


def _asked(container: Json) -> Need:
    """A limit without a request counts as one."""
    inside = container.get("resources") or {}
    return _requests({**(inside.get("limits") or {}), **(inside.get("requests") or {})})


def _requests(given: Json) -> Need:
    return Need(cpu=milli(given.get("cpu")), memory=whole(given.get("memory")))


def milli(quantity: object) -> int:
    """`500m` and `0.5` are both 500; rounded up, as the scheduler does."""
    return -int(-_number(quantity) * 1000 // 1)


def whole(quantity: object) -> int:
    """`1Gi` in bytes."""
    return -int(-_number(quantity) // 1)


def _number(quantity: object) -> float:
    found = re.fullmatch(r"([0-9.]+(?:[eE][0-9]+)?)(m|[kMGT]i?|Ki)?", str(quantity or "0").strip())
    if found is None:
        return 0.0
    unit = found[2] or ""
    return float(found[1]) / 1000 if unit == "m" else float(found[1]) * _TIMES[unit]
