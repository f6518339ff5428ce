"""Argo CD as the bot's deployer: reads deployments, and rolls one back with exactly one request."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.change import Change
from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected, moved
from bot.domain.mitigation import (
    Cleared,
    Look,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    StillThere,
    TooEarly,
    Waiting,
)
from bot.integrations.argocd_api import VENDOR, Api
from bot.integrations.argocd_auto_sync import back, judged, off
from bot.integrations.argocd_changes import changes_of
from bot.integrations.argocd_direct import Objects
from bot.integrations.argocd_history import Application
from bot.integrations.argocd_planning import Scene, offers_of, plan_of, scene
from bot.integrations.argocd_revisions import short
from bot.integrations.argocd_state import RollbackState, state_in
from bot.integrations.argocd_watch import (
    found_after,
    named,
    not_started,
    progress_of,
    receipt_for,
    shows,
)
from bot.integrations.argocd_words import no_operation
from bot.integrations.http import VendorHealth
from bot.tools import Clock, Gate

PATIENCE = timedelta(seconds=60)
"""How long a termination may take before a person has to look."""


SLOW_START = timedelta(seconds=30)
"""From then on it is said what an operation waits for."""


class ArgoCD:
    """One per environment."""

    name = VENDOR

    def __init__(
        self,
        url: str,
        token: str,
        *,
        gate: Gate,
        clock: Clock,
        objects: Objects | None = None,
    ) -> None:
        """`objects`: the cluster that it runs in, for when its server is what is down."""
        self._api = Api(url, token, gate, objects)
        self._clock = clock
        self._stopping: dict[str, datetime] = {}
        self._switched: set[str] = set()
        self._lock = threading.Lock()

    @property
    def health(self) -> VendorHealth:
        return self._api.vendor.health

    def close(self) -> None:
        self._api.vendor.close()

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        return offers_of(self._scene(deployment), before=before)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        return changes_of(self._api, places, since=since, until=until)

    def plan_rollback(self, deployment: Deployment, target: str) -> Plan:
        return plan_of(self._scene(deployment), target)

    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting:
        """Auto-sync off first, so that a sync we stop is not started again."""
        state = state_in(plan.state)
        app = self._api.planned(state, doing=f"prepare {plan.service}")
        if self._there(app, state):
            return Ready(done=(f"{plan.service} already runs {plan.target_label}",))
        self._refuse_drift(app, plan, state)
        if state.direct:
            # All of it is in the one write.
            return Ready()
        done = self._switch_off(app, plan, state, attempt)
        waiting = self._stop(app, plan, state, attempt)
        return waiting or Ready(done=done)

    def roll_back(self, plan: Plan, attempt: str) -> Receipt:
        state = state_in(plan.state)
        doing = f"roll {plan.service} back"
        app = self._read_before(plan, state, doing)
        now = self._clock.now()
        if self._there(app, state):
            label = plan.target_label
            return receipt_for(app, plan, f"{plan.service} already ran {label}", now)
        self._refuse_drift(app, plan, state)
        if app.auto_sync and not state.direct:
            raise Refused(_put_back(app))
        if app.running:
            running = named(plan, state, app.running.key)
            raise Refused(f"A sync of {running} is running in Argo CD. Nothing was sent.")
        number = _history_id(app, plan, state)
        if state.direct:
            release = next(each for each in app.releases if each.id == number)
            self._api.patch_operation(app, release, state, attempt, doing=doing)
        else:
            self._api.rollback(state, number, doing=doing)
        summary = f"Argo CD took the rollback of {plan.service} to {plan.target_label}"
        return receipt_for(app, plan, summary, now)

    def look(self, plan: Plan, attempt: str) -> Look:
        state = state_in(plan.state)
        app = self._api.planned(state, doing=f"see what became of the rollback of {plan.service}")
        return found_after(app, plan, state, self._clock.now())

    def progress(self, plan: Plan, receipt: Receipt) -> Seen:
        state = state_in(plan.state)
        app = self._api.planned(state, doing=f"watch the rollback of {plan.service}")
        seen = progress_of(app, plan, state, self._clock.now())
        waited = self._clock.now() - receipt.at
        if isinstance(seen, TooEarly) and waited > SLOW_START and not_started(app, state):
            return TooEarly(
                progress=f"not started after {waited.seconds} s: {self._kept_by(state)}"
            )
        return seen

    def _kept_by(self, state: RollbackState) -> str:
        found = self._api.active_windows(
            state.app,
            namespace=state.namespace,
            project=state.project,
            doing=f"read the sync windows of {state.app}",
        )
        if not found:
            return "Argo CD's application controller has not taken it up"
        named = " and ".join(f"“{each}”" for each in found)
        return (
            f"the sync window {named} keeps it waiting; allow manual syncs in the project"
            f" {state.project}, or wait until it ends"
        )

    def leftover(self, plan: Plan) -> Cleared | StillThere:
        state = state_in(plan.state)
        doing = f"read whether auto-sync of {plan.service} is on"
        return judged(self._api, self._api.planned(state, doing=doing, fresh=True), plan, state)

    def restore(self, plan: Plan) -> None:
        state = state_in(plan.state)
        doing = f"turn auto-sync of {plan.service} back on"
        app = self._api.planned(state, doing=doing, fresh=True)
        match judged(self._api, app, plan, state):
            case Cleared():
                return
            case StillThere(blocked=why) if why:
                raise Refused(
                    f"Auto-sync of {plan.service} stays off: {why}, and it would come back within"
                    " seconds. Merge a revert first: a pull request is offered."
                )
            case StillThere():
                self._api.patch_automated(state, back(state, app), doing=doing)

    def _scene(self, deployment: Deployment) -> Scene:
        return scene(self._api, deployment, at=self._clock.now())

    def _there(self, app: Application, state: RollbackState) -> bool:
        """Already at the target, all of it, with nothing under way that would leave it."""
        settled = not app.running and app.queued is None and app.half_done is None
        return app.live == state.target and settled

    def _read_before(self, plan: Plan, state: RollbackState, doing: str) -> Application:
        try:
            return self._api.planned(state, doing=doing)
        except VendorDown as error:
            # Only a look so far: the request itself was certainly not sent.
            raise NotSent(
                VENDOR, doing, error.why, by_hand=error.by_hand, retry_after=error.retry_after
            ) from error

    def _refuse_drift(self, app: Application, plan: Plan, state: RollbackState) -> None:
        if app.live != state.live:
            now = shows(app, plan, state)
            raise moved(f"{plan.service} ran {plan.live_label}, now {now}")
        if app.running and app.running.key != state.interrupts:
            running = named(plan, state, app.running.key)
            raise Refused(
                f"A sync of {running} was started since this plan was made."
                " Nothing was sent; make a new plan."
            )

    def _switch_off(
        self, app: Application, plan: Plan, state: RollbackState, attempt: str
    ) -> tuple[str, ...]:
        """What was done for it. Read again afterwards: an owner may have put it back already."""
        if not app.auto_sync:
            return ()
        with self._lock:
            again = attempt in self._switched
        if again or not state.auto_sync:
            raise Refused(_put_back(app))
        doing = f"switch auto-sync of {plan.service} off"
        self._api.patch_automated(state, off(state), doing=doing)
        with self._lock:
            self._switched.add(attempt)
        after = self._api.planned(state, doing="read auto-sync again")
        if after.auto_sync:
            raise Refused(_put_back(after))
        return (f"auto-sync of {app.name} is off",)

    def _stop(
        self, app: Application, plan: Plan, state: RollbackState, attempt: str
    ) -> Waiting | None:
        """Ends the running sync; the caller comes back until it is gone."""
        running = app.running
        if running is None:
            return None
        label, now = named(plan, state, running.key), self._clock.now()
        with self._lock:
            told = attempt in self._stopping
            since = self._stopping.setdefault(attempt, now)
        if now - since > PATIENCE:
            raise VendorRejected(
                VENDOR,
                f"stop the running sync of {label}",
                f"it still says {running.phase} {round(PATIENCE.total_seconds())} s after it"
                " was told to stop",
                by_hand=self._api.by_hand(state.app, state.namespace),
            )
        # Told once; told again where it took no notice, because to tell it twice is harmless.
        if running.phase == "Running" and (not told or now - since > PATIENCE / 4):
            self._terminate(state, doing=f"stop the running sync of {label}")
        return Waiting(why=f"waiting for the sync of {label} to stop")

    def _terminate(self, state: RollbackState, *, doing: str) -> None:
        try:
            self._api.terminate(state, doing=doing)
        except VendorRejected as error:
            if not no_operation(error.why):
                raise


def _put_back(app: Application) -> str:
    return (
        f"Somebody or something switched auto-sync of {app.name} on again after it was switched"
        " off. The rollback was not sent: it would be undone within seconds."
        " Find the owner of the application, or merge a revert."
    )


def _history_id(app: Application, plan: Plan, state: RollbackState) -> int:
    """The planned entry; another of the same revision if that one dropped out of the history."""
    same = [each.id for each in app.releases if each.key == state.target]
    if state.history_id in same:
        return state.history_id
    if same:
        return max(same)
    raise Refused(
        f"{plan.target_label} ({short(state.target)}) has dropped out of Argo CD's history of"
        f" {app.name}. Nothing was sent; choose another revision."
    )
