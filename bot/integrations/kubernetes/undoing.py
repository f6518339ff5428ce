"""Rolls back what plain manifests deployed, as `kubectl rollout undo` does, with exactly one request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from bot.domain.catalog import Deployment, Driver
from bot.domain.change import Change
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.mitigation import (
    Cleared,
    Look,
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
from bot.domain.workload import WorkloadKind
from bot.integrations.kubernetes.api import Api, Object, Patch, Write, rehearsed
from bot.integrations.kubernetes.kinds import (
    ATTEMPT,
    annotated,
    mark,
    metadata,
    place_of,
    template,
)
from bot.integrations.kubernetes.revisions import History, Revision
from bot.integrations.kubernetes.rollout import rollout_of
from bot.integrations.kubernetes.undo_plan import Scene, offers_of, plan_of, scene
from bot.tools import Clock

REHEARSAL = "rehearsal"


@dataclass(frozen=True, kw_only=True)
class UndoState:
    """Kept as JSON in `Plan.state`; a newer field has a default, an unknown one is ignored."""

    kind: str
    namespace: str
    name: str
    uid: str
    target: str
    target_mark: str
    live_mark: str

    def inside(self) -> str:
        return json.dumps({"kubernetes": asdict(self)}, sort_keys=True)


def _state(plan: Plan) -> UndoState:
    stored = json.loads(plan.state)["kubernetes"]
    known = {each.name for each in fields(UndoState)}
    return UndoState(**{name: value for name, value in stored.items() if name in known})


class Undoing:
    """The deployer of plain Kubernetes; one per environment."""

    name = "Kubernetes"

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api, self._clock = api, clock

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        return offers_of(scene(self._api, deployment), before=before)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        plain = (each for each in places if each.driver is Driver.KUBERNETES)
        found = [change_of(scene(self._api, each), since) for each in plain]
        return [each for each in found if each is not None and each.at <= until]

    def plan_rollback(self, deployment: Deployment, target: str) -> Plan:
        now = scene(self._api, deployment)
        made, revision = plan_of(now, target)
        state = UndoState(
            kind=now.kind,
            namespace=deployment.namespace,
            name=now.name,
            uid=str(metadata(now.one).get("uid")),
            target=revision.name,
            target_mark=revision.mark,
            live_mark=now.history.live.mark,
        )
        write = _write(state, now.one, revision, REHEARSAL, doing=_doing(made))
        untried = rehearsed(self._api, write)
        worries = (*made.risk_reasons, *filter(None, (untried,)))
        return replace(made, state=state.inside(), risk_reasons=worries)

    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def roll_back(self, plan: Plan, attempt: str) -> Receipt:
        state, doing = _state(plan), _doing(plan)
        with before_sending(doing):
            one, history = self._read(state, doing)
        if annotated(one).get(ATTEMPT) == attempt:
            return self._receipt(plan, attempt, f"{plan.service} was rolled back already")
        _refuse_moved(plan, state, one)
        revision = history.find(state.target)
        if revision is None or revision.mark != state.target_mark:
            raise Refused(
                f"{plan.target_label} has dropped out of the history of {state.name}."
                " Nothing was sent; choose another revision."
            )
        self._api.send(_write(state, one, revision, attempt, doing=doing))
        summary = f"Kubernetes took the rollback of {plan.service} to {plan.target_label}"
        return self._receipt(plan, attempt, summary)

    def look(self, plan: Plan, attempt: str) -> Look:
        state = _state(plan)
        one, _history = self._read(state, f"see what became of the rollback of {plan.service}")
        shows = f"{state.name} runs {_running(plan, state, one)}"
        if annotated(one).get(ATTEMPT) == attempt:
            return self._receipt(plan, attempt, shows)
        return Untouched(shows=shows) if _mark(one) == state.live_mark else Unknown(shows=shows)

    def progress(self, plan: Plan, receipt: Receipt) -> Seen:
        state = _state(plan)
        one, _history = self._read(state, f"watch the rollback of {plan.service}")
        if _mark(one) != state.target_mark:
            return Unhealthy(why=f"another template was deployed over {plan.target_label}")
        rollout = rollout_of(one)
        if rollout.broken:
            return Unhealthy(why=rollout.broken)
        if not rollout.done:
            return TooEarly(progress=rollout.progress)
        since = max(filter(None, (receipt.at, rollout.at)))
        return Settled(evidence=rollout.progress, at=since)

    def leftover(self, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a rollback leaves nothing behind")

    def restore(self, plan: Plan) -> None:
        return None

    def _read(self, state: UndoState, doing: str) -> tuple[Object, History]:
        now = scene(self._api, _place(state), doing=doing)
        return now.one, now.history

    def _receipt(self, plan: Plan, attempt: str, summary: str) -> Receipt:
        return Receipt(reference=attempt, summary=summary, at=self._clock.now())


def _place(state: UndoState) -> Deployment:
    return Deployment(
        service=state.name,
        environment="",
        namespace=state.namespace,
        workload=f"{state.kind}/{state.name}",
    )


def _doing(plan: Plan) -> str:
    return f"roll {plan.service} back"


def _mark(one: Object) -> str:
    return mark(template(one))


def _running(plan: Plan, state: UndoState, one: Object) -> str:
    names = {state.target_mark: plan.target_label, state.live_mark: plan.live_label}
    return names.get(_mark(one), "something else")


def _refuse_moved(plan: Plan, state: UndoState, one: Object) -> None:
    again = str(metadata(one).get("uid")) != state.uid
    if again or _mark(one) != state.live_mark:
        what = "it was deleted and made anew" if again else "it was deployed"
        raise moved(f"{plan.service} ran {plan.live_label}, and {what}")


def _write(
    state: UndoState, one: Object, revision: Revision, attempt: str, *, doing: str
) -> Write:
    kind = WorkloadKind(state.kind)
    by_number = f" --to-revision={revision.number}" if revision.number else ""
    where = f"{state.kind}/{state.name} -n {state.namespace}{by_number}"
    version = "" if attempt == REHEARSAL else str(metadata(one).get("resourceVersion"))
    given = kind is WorkloadKind.DEPLOYMENT
    return Write(
        path=place_of(kind, state.namespace).path(state.name),
        body=replacing(one, revision, attempt, version)
        if given
        else _leading_back(revision, attempt, version),
        how=Patch.JSON if given else Patch.STRATEGIC,
        doing=doing,
        by_hand=f"By hand: `kubectl rollout undo {where}`",
    )


def replacing(one: Object, revision: Revision, attempt: str, version: str) -> list[dict[str, Any]]:
    """Replaced as a whole: merged, it would keep what the bad revision added."""
    noted = {**annotated(one), ATTEMPT: attempt}
    # Another version than the stored one makes this a 409.
    held = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
    return [
        *([held] if version else []),
        {"op": "add", "path": "/metadata/annotations", "value": noted},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
    ]


def _leading_back(revision: Revision, attempt: str, version: str) -> dict[str, Any]:
    held = {"resourceVersion": version} if version else {}
    return {
        **(revision.data or {}),
        "metadata": {**held, "annotations": {ATTEMPT: attempt}},
    }


def change_of(now: Scene, since: datetime) -> Change | None:
    """What is live, where it came lately; an old revision that is gone back to keeps its old time."""
    live = now.history.live
    if live.made_at is None or live.made_at < since:
        return None
    earlier = now.history.earlier[0] if now.history.earlier else None
    place = now.deployment
    return Change(
        id=f"kubernetes:{place.where}/{place.namespace}/{live.name}",
        source=Undoing.name,
        service=place.service,
        environment=place.environment,
        at=live.made_at,
        before=earlier.label if earlier else "",
        after=live.label,
        message=live.cause,
        reversible_by="rollback" if earlier else "",
        target=earlier.name if earlier else "",
    )
