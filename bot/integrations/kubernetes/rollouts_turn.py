"""What a plan remembers of a Rollout that is taken back, and the one request that does it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.domain.catalog import Driver
from bot.domain.mitigation import Plan
from bot.domain.progressive import Way
from bot.domain.workload import WorkloadKind
from bot.integrations.kubernetes.api import Patch, Write
from bot.integrations.kubernetes.kinds import metadata, place_of
from bot.integrations.kubernetes.revisions import Revision
from bot.integrations.kubernetes.undo_plan import Scene
from bot.integrations.kubernetes.undoing import REHEARSAL, replacing


@dataclass(frozen=True, kw_only=True)
class TurnState:
    """Kept as JSON in `Plan.state`; a newer field has a default, an unknown one is ignored."""

    way: str
    namespace: str
    name: str
    uid: str
    content: str
    """What it was to run when this was planned."""
    current: str
    """The hash of that, where Argo Rollouts had seen it."""
    stable: str
    """The hash of what was promoted last."""
    target: str
    target_hash: str
    target_mark: str
    driver: str = Driver.KUBERNETES.value
    app: str = ""
    app_namespace: str = ""

    def inside(self) -> str:
        return json.dumps({"rollout": asdict(self)}, sort_keys=True)


def is_turn(plan: Plan) -> bool:
    return "rollout" in json.loads(plan.state)


def state_in(plan: Plan) -> TurnState:
    stored = json.loads(plan.state)["rollout"]
    known = {each.name for each in fields(TurnState)}
    return TurnState(**{name: value for name, value in stored.items() if name in known})


def write_of(
    state: TurnState, now: Scene, revision: Revision, attempt: str, *, doing: str
) -> Write:
    where = place_of(WorkloadKind.ROLLOUT, state.namespace)
    version = "" if attempt == REHEARSAL else str(metadata(now.one).get("resourceVersion"))
    way, at = Way(state.way), f"{state.name} -n {state.namespace}"
    if way is Way.UNDO:
        number = f" --to-revision={revision.number}" if revision.number else ""
        return Write(
            path=where.path(state.name),
            body=replacing(now.one, revision, attempt, version),
            how=Patch.JSON,
            doing=doing,
            by_hand=f"By hand: `kubectl argo rollouts undo {at}{number}`",
        )
    # As the plugin does it; held to what was read, where the plugin is not.
    held: dict[str, Any] = {"metadata": {"resourceVersion": version}} if version else {}
    said = f"abort {at}" if way is Way.ABORT else f"retry rollout {at}"
    return Write(
        path=where.path(state.name, "status"),
        body={**held, "status": {"abort": way is Way.ABORT}},
        how=Patch.MERGE,
        doing=doing,
        by_hand=f"By hand: `kubectl argo rollouts {said}`",
    )
