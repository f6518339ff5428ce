"""Helm as a deployer: history from its Secrets, the helm program for the act, rollouts watched by us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.catalog import Deployment, Driver
from bot.domain.change import Change
from bot.domain.errors import NotSent, VendorDown, before_sending, moved
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
from bot.domain.workload import Rollout, WorkloadKind
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.helm_plan import (
    LIVELY,
    HelmState,
    Scene,
    offers_of,
    plan_of,
    scene,
    state_in,
)
from bot.integrations.kubernetes.helm_program import Ended, Helm
from bot.integrations.kubernetes.helm_release import HELM, History, Release, history_of
from bot.integrations.kubernetes.kinds import metadata, place_of
from bot.integrations.kubernetes.rollout import rollout_of
from bot.tools import Clock

_ROLLING = {
    "Deployment": WorkloadKind.DEPLOYMENT,
    "StatefulSet": WorkloadKind.STATEFULSET,
    "DaemonSet": WorkloadKind.DAEMONSET,
    "Rollout": WorkloadKind.ROLLOUT,
}


class HelmReleases:
    """One per environment."""

    name = HELM

    def __init__(self, api: Api, helm: Helm, clock: Clock) -> None:
        self._api, self._helm, self._clock = api, helm, clock

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        return offers_of(self._scene(deployment), before=before)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        found = [_changes(self._scene(each), since) for each in _speakers(places)]
        return [change for several in found for change in several if change.at <= until]

    def plan_rollback(self, deployment: Deployment, target: str) -> Plan:
        made = plan_of(self._api, self._scene(deployment), target)
        self._helm.refuse_missing(self._api.by_hand(_by_hand(state_in(made))))
        return made

    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def roll_back(self, plan: Plan, attempt: str) -> Receipt:
        state, doing = state_in(plan), f"roll {plan.service} back"
        with before_sending(doing):
            history = self._history(state, doing)
        current = history.current
        if (current.number, current.status) != (state.last, state.status):
            raise moved(
                f"{state.release} was at revision {state.last} ({state.status}), now it is at"
                f" {current.number} ({current.status})"
            )
        ended = self._helm.roll_back(
            self._api, state.release, state.target, namespace=state.namespace, doing=doing
        )
        if not ended.well:
            raise self._went_wrong(state, ended, doing)
        summary = f"Helm rolled {state.release} back to revision {state.target}"
        return self._receipt(attempt, summary)

    def look(self, plan: Plan, attempt: str) -> Look:
        state = state_in(plan)
        history = self._history(state, f"see what became of the rollback of {plan.service}")
        current, shows = history.current, _shows(history)
        if ours := _ours(history, state):
            stuck = ours.pending and self._clock.now() - ours.at > LIVELY
            if ours.pending and not stuck:
                return Unknown(shows=f"{shows}: Helm may still be at it, or was ended on the way")
            return self._receipt(attempt, shows)
        if (current.number, current.status) == (state.last, state.status):
            return Untouched(shows=shows)
        return Unknown(shows=shows)

    def progress(self, plan: Plan, receipt: Receipt) -> Seen:
        state = state_in(plan)
        doing = f"watch the rollback of {plan.service}"
        history = self._history(state, doing)
        ours, current = _ours(history, state), history.current
        if ours is None:
            return TooEarly(progress=f"waiting for Helm: {_shows(history)}")
        if current.number != ours.number:
            return Unhealthy(why=f"revision {current.number} was installed over it")
        if ours.pending:
            if self._clock.now() - ours.at > LIVELY:
                return Unhealthy(why=f"the release is stuck: {_shows(history)}")
            return TooEarly(progress=_shows(history))
        if ours.status != "deployed":
            return Unhealthy(why=f"Helm could not finish it: {ours.description}")
        return self._rolled_out(state, ours, doing)

    def leftover(self, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a rollback leaves nothing behind")

    def restore(self, plan: Plan) -> None:
        return None

    def _rolled_out(self, state: HelmState, ours: Release, doing: str) -> Seen:
        seen = self._rollouts(state, ours, doing)
        broken = [f"{name}: {each.broken}" for name, each in seen.items() if each.broken]
        if broken:
            return Unhealthy(why="; ".join(broken))
        busy = [f"{name}: {each.progress}" for name, each in seen.items() if not each.done]
        if busy:
            return TooEarly(progress="; ".join(busy))
        since = max(filter(None, (ours.at, *(each.at for each in seen.values()))))
        return Settled(evidence=f"Helm says deployed, {len(seen)} workloads are out", at=since)

    def _rollouts(self, state: HelmState, ours: Release, doing: str) -> dict[str, Rollout]:
        found = {}
        for each in ours.objects:
            kind = _ROLLING.get(str(each.get("kind")))
            if kind is None:
                continue
            name = str(metadata(each).get("name"))
            where = place_of(kind, str(metadata(each).get("namespace") or state.namespace))
            found[name] = rollout_of(self._api.read(where, name, doing=doing))
        return found

    def _went_wrong(self, state: HelmState, ended: Ended, doing: str) -> VendorDown | NotSent:
        """Whether it left a trace decides: without one it is certain that nothing happened."""
        by_hand = self._api.by_hand(_by_hand(state))
        if ended.late:
            seconds = round(self._helm.patience.total_seconds())
            why = f"it did not end within {seconds} s and was ended; the release may be pending"
            return VendorDown(HELM, doing, why, by_hand=by_hand)
        if _ours(self._history(state, doing), state) is None:
            return NotSent(HELM, doing, ended.said, by_hand=by_hand, may_pass=False)
        return VendorDown(HELM, doing, ended.said, by_hand=by_hand)

    def _scene(self, deployment: Deployment) -> Scene:
        return scene(self._api, deployment, at=self._clock.now())

    def _history(self, state: HelmState, doing: str) -> History:
        return history_of(
            self._api, state.release, state.namespace, service=state.release, image="", doing=doing
        )

    def _receipt(self, attempt: str, summary: str) -> Receipt:
        return Receipt(reference=attempt, summary=summary, at=self._clock.now())


def _ours(history: History, state: HelmState) -> Release | None:
    """A rollback that is newer than the plan, to our revision where it says to which."""
    for each in history.releases:
        if each.number > state.last and each.is_rollback:
            return each if each.back_to in (None, state.target) else None
    return None


def _shows(history: History) -> str:
    current = history.current
    return f"{history.name} is at revision {current.number}, {current.status}"


def _by_hand(state: HelmState) -> str:
    return f"By hand: `helm rollback {state.release} {state.target} -n {state.namespace}`"


def _speakers(places: Sequence[Deployment]) -> list[Deployment]:
    """One for each release; where several components share one, its namesake speaks, else the nearest."""
    found: dict[tuple[str, str], Deployment] = {}
    for each in places:
        place = (each.namespace, each.app)
        first = place not in found or each.service == each.app
        if each.driver is Driver.HELM and each.app and first:
            found[place] = each
    return list(found.values())


def _changes(now: Scene, since: datetime) -> list[Change]:
    place, releases = now.deployment, now.history.releases
    found = []
    for newer, older in zip(releases, (*releases[1:], None), strict=True):
        if newer.at < since or newer.status == "failed":
            continue
        found.append(
            Change(
                id=f"helm:{place.where}/{place.namespace}/{place.app}#{newer.number}",
                source=HELM,
                service=place.service,
                environment=place.environment,
                at=newer.at,
                before=older.label if older else "",
                after=newer.label,
                message=newer.description,
                reversible_by="rollback" if older else "",
                target=str(older.number) if older else "",
            )
        )
    return found
