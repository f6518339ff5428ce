"""A production that can be rolled back, and counts how often it was; the way there can fail."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.domain.mitigation import (
    Cleared,
    Healthy,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    StillThere,
    TooEarly,
    Unknown,
    Untouched,
    Verdict,
    Waiting,
)
from bot.tools import Tools
from tests.timeline.ledgers import HandClock

LANDS_AFTER = timedelta(seconds=6)


class SimulatedCrash(BaseException):
    """The process is gone: nothing after this line runs."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One change that production really saw."""

    attempt: str
    plan: Plan
    at: datetime
    live_before: str


@dataclass(kw_only=True)
class Production:
    """What runs, what was done to it, and how the next calls go (`fine` when nothing is said)."""

    clock: HandClock
    live: str = "r142"
    effects: list[Effect] = field(default_factory=list)
    on_prepare: deque[str] = field(default_factory=deque)
    on_execute: deque[str] = field(default_factory=deque)
    on_look: deque[str] = field(default_factory=deque)
    verdict: Verdict = field(default_factory=lambda: TooEarly(progress="rolling out"))
    left: Cleared | StillThere = field(default_factory=lambda: Cleared(shows="auto-sync on"))
    in_flight: list[tuple[datetime, Effect]] = field(default_factory=list)
    put_back: int = 0
    missing: tuple[str, ...] = ()
    """What a registry would say is gone."""

    def land(self) -> None:
        """Requests that were still on their way arrive, whoever sent them."""
        now = self.clock.now()
        for moment, effect in list(self.in_flight):
            if moment <= now:
                self.in_flight.remove((moment, effect))
                self._apply(effect)

    def send(self, plan: Plan, attempt: str) -> Receipt:
        effect = Effect(attempt=attempt, plan=plan, at=self.clock.now(), live_before=self.live)
        match self.on_execute.popleft() if self.on_execute else "fine":
            case "crash before":
                raise SimulatedCrash
            case "refused":
                raise Refused("Somebody else deployed meanwhile.")
            case "rejected":
                raise VendorRejected("Argo CD", "roll back", "permission denied", by_hand="Ask.")
            case "not sent":
                raise NotSent("Argo CD", "roll back", "connection refused")
            case "not sent for good":
                raise NotSent("Argo CD", "roll back", "no such project", may_pass=False)
            case "unanswered":
                raise VendorDown("Argo CD", "roll back", "no answer")
            case "lost answer":
                self._apply(effect)
                raise VendorDown("Argo CD", "roll back", "no answer")
            case "crash after":
                self._apply(effect)
                raise SimulatedCrash
            case "crash in flight":
                self.in_flight.append((self.clock.now() + LANDS_AFTER, effect))
                raise SimulatedCrash
        self._apply(effect)
        return self._receipt(attempt)

    def seen(self, attempt: str) -> Look:
        match self.on_look.popleft() if self.on_look else "fine":
            case "crash":
                raise SimulatedCrash
            case "down":
                raise VendorDown("Argo CD", "look", "no answer")
            case "unknown":
                return Unknown(shows="the history is empty")
        self.land()
        if any(effect.attempt == attempt for effect in self.effects):
            return self._receipt(attempt)
        return Untouched(shows=f"it runs {self.live}")

    def _apply(self, effect: Effect) -> None:
        self.effects.append(effect)
        self.live = effect.plan.target

    def _receipt(self, attempt: str) -> Receipt:
        return Receipt(reference=attempt, summary=f"rolled back ({attempt})", at=self.clock.now())


@dataclass(frozen=True)
class Rollback:
    """The Protocol `Mitigation` over that production. `r100` is far back: a high risk."""

    production: Production
    name: str = "rollback"
    label: str = "Roll back"
    free: str = ""

    def fits(self, deployment: Deployment) -> bool:
        return True

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        return [
            Offer(mitigation=self.name, target=target, title=target, label=target, suggested=first)
            for target, first in (("r141", True), ("r140", False))
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        live = self.production.live
        if target == live:
            raise Refused(f"It runs {target} already.")
        high = target in {"r100", "r99"}
        return Plan(
            mitigation=self.name,
            title=f"Roll {deployment.service} back to {target}",
            service=deployment.service,
            environment=deployment.environment,
            target=target,
            target_label=target,
            live=live,
            live_label=live,
            migrations=Migrations.UNKNOWN if high else Migrations.NONE,
            risk_reasons=("it ran long ago",) if high else (),
            leftovers=("auto-sync is off",),
            missing=self.production.missing,
            undoable=target != "r99",
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        match self.production.on_prepare.popleft() if self.production.on_prepare else "fine":
            case "crash":
                raise SimulatedCrash
            case "down":
                raise VendorDown("Argo CD", "switch auto-sync off", "no answer")
            case "waiting":
                return Waiting(why="a running sync has to end first")
            case "refused":
                raise Refused("An ApplicationSet would put it back.")
        return Ready(done=("auto-sync switched off",))

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        if self.production.live != plan.live:
            raise Refused(f"It runs {self.production.live} now, not {plan.live}.")
        return self.production.send(plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        return self.production.seen(attempt)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Verdict:
        return self.production.verdict

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        deployment = Deployment(service=plan.service, environment=plan.environment)
        made = self.plan(tools, deployment, plan.live)
        again = (f"{plan.live} is what was just left",)
        return replace(made, title=f"Undo: back to {plan.live}", risk_reasons=again)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return self.production.left

    def put_back(self, tools: Tools, plan: Plan) -> None:
        self.production.put_back += 1
        self.production.left = Cleared(shows="auto-sync on")


HEALTHY = Healthy(evidence="11.4% → 0.2%, stable 10 min")
