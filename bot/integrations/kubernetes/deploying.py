"""The deployer of plain Kubernetes: each workload is taken back in the way of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.catalog import Deployment, Driver
from bot.domain.change import Change
from bot.domain.mitigation import (
    Cleared,
    Look,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    StillThere,
    Waiting,
)
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.rollouts import Rollouts, is_rollout
from bot.integrations.kubernetes.rollouts_turn import is_turn
from bot.integrations.kubernetes.undoing import Undoing
from bot.tools import Clock

_IN_CLUSTERS = (Driver.ARGOCD, Driver.HELM, Driver.KUBERNETES)


class Deploying:
    """One per environment."""

    name = Undoing.name

    def __init__(self, api: Api, clock: Clock) -> None:
        self._undoing, self._rollouts = Undoing(api, clock), Rollouts(api, clock)

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        return self._of(deployment).offers(deployment, before=before)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """Also how far the update of a Rollout is that somebody else deployed."""
        known = [each for each in places if each.driver in _IN_CLUSTERS]
        turning = [each for each in known if each.namespace and is_rollout(each)]
        plain = [each for each in known if each not in turning]
        return [
            *self._undoing.changes(plain, since=since, until=until),
            *self._rollouts.changes(turning, since=since, until=until),
        ]

    def plan_rollback(self, deployment: Deployment, target: str) -> Plan:
        return self._of(deployment).plan_rollback(deployment, target)

    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting:
        return self._by(plan).prepare_rollback(plan, attempt)

    def roll_back(self, plan: Plan, attempt: str) -> Receipt:
        return self._by(plan).roll_back(plan, attempt)

    def look(self, plan: Plan, attempt: str) -> Look:
        return self._by(plan).look(plan, attempt)

    def progress(self, plan: Plan, receipt: Receipt) -> Seen:
        return self._by(plan).progress(plan, receipt)

    def leftover(self, plan: Plan) -> Cleared | StillThere:
        return self._by(plan).leftover(plan)

    def restore(self, plan: Plan) -> None:
        self._by(plan).restore(plan)

    def _of(self, deployment: Deployment) -> Undoing | Rollouts:
        return self._rollouts if is_rollout(deployment) else self._undoing

    def _by(self, plan: Plan) -> Undoing | Rollouts:
        return self._rollouts if is_turn(plan) else self._undoing
