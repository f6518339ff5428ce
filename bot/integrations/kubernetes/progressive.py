"""Reads how an update of Argo Rollouts stands from the Rollout's own status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.progressive import Progressive, Step, Strategy
from bot.integrations.kubernetes.api import Object
from bot.integrations.kubernetes.kinds import metadata, spec, status

Json = Mapping[str, Any]
_ABORTED, _LATE = "RolloutAborted", "ProgressDeadlineExceeded"


def progressive_of(one: Object) -> Progressive:
    how, now = spec(one).get("strategy") or {}, status(one)
    blue = how.get("blueGreen")
    pods = int(spec(one).get("replicas", 1))
    canary = how.get("canary") or {}
    steps = tuple(_step(each) for each in canary.get("steps") or ())
    at = now.get("currentStepIndex")
    updated = int(now.get("updatedReplicas", 0))
    return Progressive(
        strategy=Strategy.CANARY if blue is None else Strategy.BLUE_GREEN,
        current=str(now.get("currentPodHash", "")),
        stable=str(now.get("stableRS", "")),
        seen=_seen(one),
        aborted=bool(now.get("abort")),
        aborted_at=_aborted_at(now),
        broken=_broken(now),
        pauses=tuple(str(each.get("reason")) for each in now.get("pauseConditions") or ()),
        held=bool(spec(one).get("paused")),
        promoting=bool(now.get("promoteFull")),
        weight=_weight(canary, now, updated),
        step=int(at) if at is not None else len(steps),
        steps=steps,
        routed=bool(canary.get("trafficRouting")),
        active=str((now.get("blueGreen") or {}).get("activeSelector", "")),
        auto=(blue or {}).get("autoPromotionEnabled") is not False,
        pods=pods,
        updated=updated,
        available=int(now.get("availableReplicas", 0)),
        window=int((spec(one).get("rollbackWindow") or {}).get("revisions") or 0),
        borrowed=_borrowed(spec(one).get("workloadRef") or {}),
    )


def _seen(one: Object) -> bool:
    """Its observed generation is a string; what is no number is of a version before 0.10."""
    seen = str(status(one).get("observedGeneration", "0"))
    return not seen.isdigit() or int(seen) >= int(metadata(one).get("generation", 0))


def _aborted_at(now: Json) -> datetime | None:
    if not now.get("abort"):
        return None
    said = (
        each.get("lastUpdateTime")
        for each in now.get("conditions") or ()
        if each.get("reason") == _ABORTED
    )
    at = now.get("abortedAt") or next(said, None)
    return datetime.fromisoformat(at) if at else None


def _broken(now: Json) -> str:
    for each in now.get("conditions") or ():
        if each.get("reason") == _LATE and each.get("status") == "False":
            return "it made no progress for too long"
    said = str(now.get("message") or "it is degraded")
    # After a retry it says so until Argo Rollouts has looked again.
    stale = said.startswith(_ABORTED) and not now.get("abort")
    return said if now.get("phase") == "Degraded" and not stale else ""


def _weight(canary: Json, now: Json, updated: int) -> int:
    """Without a router the pods share the traffic evenly."""
    if canary.get("trafficRouting"):
        split = ((now.get("canary") or {}).get("weights") or {}).get("canary") or {}
        return int(split.get("weight", 0))
    return round(100 * updated / max(1, int(now.get("replicas", 0)), updated))


def _step(one: Json) -> Step:
    match one:
        case {"setWeight": weight}:
            return Step(text=f"{weight} % of the traffic")
        case {"pause": {"duration": duration}}:
            unit = " s" if str(duration).isdigit() else ""
            return Step(text=f"a pause of {duration}{unit}")
        case {"pause": _}:
            return Step(text="a pause until a person promotes it", waits=True)
        case {"setCanaryScale": _}:
            return Step(text="another number of pods")
        case {"analysis": _}:
            return Step(text="an analysis")
        case {"experiment": _}:
            return Step(text="an experiment")
        case {"setHeaderRoute": _} | {"setMirrorRoute": _}:
            return Step(text="another route")
        case _:
            return Step(text="a step of a plugin")


def _borrowed(reference: Json) -> str:
    if not reference:
        return ""
    return f"{reference.get('kind', 'Deployment')} {reference.get('name', '')}"
