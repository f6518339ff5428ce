"""Lets the standby of a database or cache take over: it breaks every connection once, and has no undo."""

from __future__ import annotations

import json
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.datastore import BEHIND, TOO_FAR_BEHIND, Datastore, Standby, StoreEvent
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.mitigation import (
    Cleared,
    Difference,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    Settled,
    StillThere,
    TooEarly,
    Unknown,
    Untouched,
    Waiting,
)
from bot.tools import Tools

_KINDS = ("rds", "aurora", "elasticache")
_BREAKS = {
    "rds": (
        "reads and writes fail for 1 to 2 minutes, longer with much to recover",
        "clients reconnect to the same name; those that keep the old address need a restart",
    ),
    "aurora": (
        "writes fail for about 30 s; reads on the promoted reader break once",
        "clients reconnect to the cluster's name; those that keep the old address need a restart",
    ),
    "elasticache": (
        "writes to the shard fail for up to a minute; what was written last may be lost",
        "clients reconnect by themselves; sessions of the last second may have to sign in again",
    ),
}


class FailoverDatabase:
    """`where`: the environments whose account is configured."""

    name = "failover_database"
    label = "Fail over"
    free = ""

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        known = deployment.environment in self.where
        return known and deployment.kind in _KINDS and bool(deployment.identifier)

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        store = _store(tools, deployment.service, deployment.environment)
        _refuse_alone(store)
        return [
            Offer(
                mitigation=self.name,
                target=each.target,
                title=f"Fail {store.name} over: {each.label} takes over",
                label=each.label,
                message=_condition(each),
                suggested=place == 0 and each.healthy,
            )
            for place, each in enumerate(store.standbys)
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        store = _store(tools, deployment.service, deployment.environment)
        _refuse_alone(store)
        standby = store.standby(target)
        if standby is None:
            raise Refused(f"“{target}” could not take over for {store.name}: nothing changed.")
        if not store.ready:
            raise Refused(f"{store.name} is {store.status}: AWS takes a failover only when idle.")
        _refuse_behind(store, standby)
        breaks, reconnects = _BREAKS[store.kind]
        return Plan(
            mitigation=self.name,
            title=f"Fail {store.name} over: {standby.label} takes over",
            service=deployment.service,
            environment=deployment.environment,
            target=standby.target,
            target_label=standby.label,
            live=store.active,
            live_label=store.active_label,
            differences=(
                Difference(what="who writes", before=store.active_label, after=standby.label),
            ),
            migrations=Migrations.IRRELEVANT,
            steps=(f"{standby.label}: {_condition(standby)}", breaks, reconnects),
            interrupts=f"every open connection to {store.name}",
            risk_reasons=(breaks, *_doubts(standby)),
            undoable=False,
            state=json.dumps({"at": tools.clock.now().isoformat()}),
            system="AWS",
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        doing = f"fail {plan.service} over"
        with before_sending(doing):
            store = _store(tools, plan.service, plan.environment)
        if store.active != plan.live:
            raise moved(f"it was {plan.live_label}, now {store.active_label}")
        if not store.ready:
            raise Refused(f"{store.name} is {store.status} now. Nothing was sent.")
        reference = tools.cloud(plan.environment).datastores.fail_over(
            store, plan.target, doing=doing, by_hand=_by_hand(store, plan)
        )
        summary = f"AWS took the failover of {store.name}"
        return Receipt(reference=reference, summary=summary, at=tools.clock.now())

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        """By who is active, by the state it is in, and by what AWS wrote down about it."""
        store = _store(tools, plan.service, plan.environment)
        since = datetime.fromisoformat(json.loads(plan.state)["at"])
        told = _told(tools, plan, store, since)
        shows = f"{store.name} is {store.status}, {store.active_label}"
        if store.active != plan.live or told:
            at = told.at if told else tools.clock.now()
            return Receipt(reference=store.name, summary=shows + _saying(told), at=at)
        return Untouched(shows=shows) if store.ready else Unknown(shows=shows)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        store = _store(tools, plan.service, plan.environment)
        told = _told(tools, plan, store, receipt.at)
        said = _saying(told)
        if not store.ready:
            return TooEarly(progress=f"{store.name} is {store.status}{said}")
        if store.active == plan.live:
            return TooEarly(progress=f"{store.name} is still {store.active_label}{said}")
        evidence = f"{store.name} is {store.active_label}{said}"
        return Settled(evidence=evidence, at=told.at if told else receipt.at)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        raise Refused(
            "A failover has no undo: going back is another failover, which breaks every"
            " connection again. Propose one when that is worth it."
        )

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a failover leaves nothing behind")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("A failover leaves nothing behind that could be put back.")


def _store(tools: Tools, service: str, environment: str) -> Datastore:
    known = tools.catalog.deployment(service, environment)
    if known is None:
        raise Refused(f"{service} is not in the catalog any more.")
    return tools.cloud(environment).datastores.store(known)


def _refuse_alone(store: Datastore) -> None:
    if store.why_not:
        raise Refused(f"{store.name} cannot be failed over: {store.why_not}.")


def _refuse_behind(store: Datastore, standby: Standby) -> None:
    if not standby.healthy:
        raise Refused(f"{standby.label} is not healthy: {store.name} is not failed over to it.")
    if standby.lag is not None and standby.lag > TOO_FAR_BEHIND:
        raise Refused(
            f"{standby.label} is {_seconds(standby)} behind: what was written since then would be"
            " lost. Wait, or fail over by hand if that is what you want."
        )


def _doubts(standby: Standby) -> tuple[str, ...]:
    if standby.synchronous:
        return ()
    if standby.lag is None:
        return ("how far the replica is behind could not be read",)
    return (f"the replica is {_seconds(standby)} behind",) if standby.lag > BEHIND else ()


def _condition(standby: Standby) -> str:
    well = "healthy" if standby.healthy else "not healthy"
    if standby.synchronous:
        return f"{well}, written to synchronously"
    behind = "lag unknown" if standby.lag is None else f"{_seconds(standby)} behind"
    return f"{well}, {behind}, in {standby.zone}" if standby.zone else f"{well}, {behind}"


def _seconds(standby: Standby) -> str:
    return f"{standby.lag.total_seconds():.0f} s" if standby.lag is not None else "? s"


def _told(tools: Tools, plan: Plan, store: Datastore, since: datetime) -> StoreEvent | None:
    """The newest word of a failover since then."""
    found = tools.cloud(plan.environment).datastores.events(store, since)
    said = [each for each in found if "failover" in each.message.lower()]
    return said[-1] if said else None


def _saying(told: StoreEvent | None) -> str:
    return f"; AWS says “{told.message.rstrip('.')}”" if told else ""


def _by_hand(store: Datastore, plan: Plan) -> str:
    match store.kind:
        case "rds":
            way = f"rds reboot-db-instance --force-failover --db-instance-identifier {store.name}"
        case "aurora":
            way = (
                f"rds failover-db-cluster --db-cluster-identifier {store.name}"
                f" --target-db-instance-identifier {plan.target}"
            )
        case _:
            way = (
                f"elasticache test-failover --replication-group-id {store.name}"
                f" --node-group-id {plan.target}"
            )
    return f"aws {way}"
