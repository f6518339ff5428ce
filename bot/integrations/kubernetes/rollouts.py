"""Takes a workload of Argo Rollouts back: aborts what is in progress, or undoes what was promoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment, Driver
from bot.domain.change import Change, ChangeStatus
from bot.domain.errors import Refused, before_sending
from bot.domain.mitigation import (
    Cleared,
    Look,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    StillThere,
    Unknown,
    Untouched,
    Waiting,
)
from bot.domain.progressive import ABORT, Way
from bot.domain.workload import WorkloadKind
from bot.integrations.kubernetes.api import Api, rehearsed
from bot.integrations.kubernetes.kinds import metadata, named_in
from bot.integrations.kubernetes.progressive import progressive_of
from bot.integrations.kubernetes.rollouts_plan import (
    SYSTEM,
    abortable,
    content_of,
    stable_of,
    turn_of,
    turns_of,
)
from bot.integrations.kubernetes.rollouts_turn import TurnState, state_in, write_of
from bot.integrations.kubernetes.rollouts_watch import (
    aborted,
    elsewhere,
    refuse_moved,
    shown,
    taken,
    updated,
)
from bot.integrations.kubernetes.undo_plan import Scene, scene
from bot.integrations.kubernetes.undoing import REHEARSAL, change_of
from bot.tools import Clock

_PUT_BACK = "put-back"


class Rollouts:
    """The deployer of what Argo Rollouts updates; one per environment."""

    name = SYSTEM

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api, self._clock = api, clock

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        return turns_of(scene(self._api, deployment), before=before)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """Who else deploys it tells of the deploy; how far its update is, only this knows."""
        found = [_change(scene(self._api, each), since) for each in places]
        return [each for each in found if each is not None and each.at <= until]

    def plan_rollback(self, deployment: Deployment, target: str) -> Plan:
        now = scene(self._api, deployment)
        turn, stands = turn_of(now, target), progressive_of(now.one)
        state = TurnState(
            way=turn.way.value,
            namespace=deployment.namespace,
            name=now.name,
            uid=str(metadata(now.one).get("uid")),
            content=content_of(now),
            current=stands.current,
            stable=stands.stable,
            target=turn.revision.name,
            target_hash=turn.revision.hash,
            target_mark=turn.revision.mark,
            driver=deployment.driver.value,
            app=deployment.app,
            app_namespace=deployment.app_namespace,
        )
        write = write_of(state, now, turn.revision, REHEARSAL, doing=turn.plan.doing)
        untried = rehearsed(self._api, write)
        worries = (*turn.plan.risk_reasons, *filter(None, (untried,)))
        return replace(turn.plan, state=state.inside(), risk_reasons=worries)

    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def roll_back(self, plan: Plan, attempt: str) -> Receipt:
        state, doing = state_in(plan), plan.doing
        with before_sending(doing):
            now = self._scene(state, doing)
        if taken(state, now, attempt):
            return self._receipt(attempt, f"{plan.service}: {shown(now)}, already")
        refuse_moved(plan, state, now)
        revision = now.history.find(state.target)
        if revision is None:
            raise Refused(
                f"{plan.target_label} has dropped out of the history of {state.name}."
                " Nothing was sent; choose another revision."
            )
        self._api.send(write_of(state, now, revision, attempt, doing=doing))
        return self._receipt(attempt, f"Kubernetes took it: {doing}")

    def look(self, plan: Plan, attempt: str) -> Look:
        state = state_in(plan)
        now = self._scene(state, f"see what became of “{plan.title}”")
        shows = f"{state.name}: {shown(now)}"
        if taken(state, now, attempt):
            return self._receipt(attempt, shows)
        return Unknown(shows=shows) if elsewhere(state, now) else Untouched(shows=shows)

    def progress(self, plan: Plan, receipt: Receipt) -> Seen:
        state = state_in(plan)
        now = self._scene(state, f"watch “{plan.title}”")
        if Way(state.way) is Way.ABORT:
            return aborted(plan, state, now, receipt)
        return updated(plan, state, now, receipt)

    def leftover(self, plan: Plan) -> Cleared | StillThere:
        state = state_in(plan)
        if Way(state.way) is not Way.ABORT:
            return Cleared(shows="it leaves nothing behind")
        now = self._scene(state, f"read what the pod template of {state.name} says")
        stands = progressive_of(now.one)
        if content_of(now) != state.content:
            return Cleared(shows=f"another revision is in the pod template of {state.name}")
        if stands.promoted or (stands.seen and not stands.aborted):
            return Cleared(shows=f"{state.name} is no longer aborted: {shown(now)}")
        shows = f"{state.name} is aborted, and its pod template still says {plan.live_label}"
        if blocked := _written_elsewhere(state, now, plan):
            return StillThere(shows=shows, blocked=blocked)
        return StillThere(shows=shows, offer=f"Put {plan.target_label} into the pod template")

    def restore(self, plan: Plan) -> None:
        """The stable revision back into the pod template: no pod changes, and no step is gone through."""
        match self.leftover(plan):
            case StillThere(blocked=why) if why:
                raise Refused(f"{plan.live_label} stays in the pod template: {why}.")
            case StillThere():
                state = replace(state_in(plan), way=Way.UNDO.value)
                doing = f"put {plan.target_label} into the pod template of {state.name}"
                now = self._scene(state, doing)
                stable = stable_of(now)
                if stable is not None:
                    self._api.send(write_of(state, now, stable, _PUT_BACK, doing=doing))
            case Cleared():
                return

    def _scene(self, state: TurnState, doing: str) -> Scene:
        place = Deployment(
            service=state.name,
            environment="",
            namespace=state.namespace,
            workload=f"{WorkloadKind.ROLLOUT}/{state.name}",
            driver=Driver(state.driver),
            app=state.app,
            app_namespace=state.app_namespace,
        )
        return scene(self._api, place, doing=doing)

    def _receipt(self, attempt: str, summary: str) -> Receipt:
        return Receipt(reference=attempt, summary=summary, at=self._clock.now())


def is_rollout(deployment: Deployment) -> bool:
    return bool(deployment.workload) and named_in(deployment)[0] is WorkloadKind.ROLLOUT


def _written_elsewhere(state: TurnState, now: Scene, plan: Plan) -> str:
    """Who deploys it would put the bad revision there again."""
    stands = progressive_of(now.one)
    if stands.borrowed:
        return f"the {stands.borrowed} holds it: put {plan.target_label} there"
    if now.owner and (now.owner.holds or now.owner.helm or state.driver != Driver.KUBERNETES):
        return f"{now.owner.name} writes it down: revert {plan.live_label} there"
    if state.driver != Driver.KUBERNETES:
        return f"{state.driver} deploys it: revert {plan.live_label} there"
    return ""


def _change(now: Scene, since: datetime) -> Change | None:
    found, stands = change_of(now, since), progressive_of(now.one)
    stable, back = stable_of(now), abortable(now)
    between = stable is not None
    if found is None or (now.deployment.driver is not Driver.KUBERNETES and not between):
        return None
    status = ChangeStatus.RUNNING if between else ChangeStatus.DONE
    if stands.aborted or stands.broken:
        status = ChangeStatus.FAILED
    said = replace(found, status=status, notes=(stands.words,) if between else ())
    if stable is None:
        return said
    target = f"{ABORT} {back.name}" if back else ""
    by = "rollback" if back else ""
    return replace(said, before=stable.label, reversible_by=by, target=target)
